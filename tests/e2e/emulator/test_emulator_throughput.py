"""The emulator is fast enough not to limit a benchmark."""

from __future__ import annotations

import multiprocessing
import time
from typing import Any

from emulator.process import EmulatorProcess
from plain_client import MANAGER, connect

GOAL = 300
WORKERS, EACH = 2, 400


def _load(emulator_url: str, key: str, worker: int, answers: Any) -> None:
    emulator = EmulatorProcess()
    emulator.url = emulator_url
    connection = connect(emulator)
    begun = time.monotonic()
    for number in range(EACH):
        offset = (worker * EACH + number) * 37 % 40_000
        path = f"{MANAGER}/sessions/webui?limit=100&offset={offset}"
        connection.request("GET", path, headers={"apiKey": key})
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == 200
        assert len(body) > 10_000
    answers.put((begun, time.monotonic()))


def _rate(emulator: EmulatorProcess) -> float:
    """Requests per second of all workers together."""
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    workers = [
        context.Process(target=_load, args=(emulator.url, emulator.admin_key, worker, answers))
        for worker in range(WORKERS)
    ]
    for worker in workers:
        worker.start()
    times = [answers.get(timeout=60) for _worker in workers]
    for worker in workers:
        worker.join()
    begun, ended = (float(bound) for bound in (min(pair[0] for pair in times), max(pair[1] for pair in times)))
    return WORKERS * EACH / (ended - begun)


def test_pages_of_100_from_100_000_sessions(start: Any) -> None:
    begun = time.monotonic()
    emulator = start(sessions=100_000)
    ready = time.monotonic() - begun
    best = 0.0
    for _round in range(3):  # other work on the machine slows some rounds
        best = max(best, _rate(emulator))
        if best >= GOAL:
            break
    print(f"\nready after {ready:.1f} s; {best:.0f} requests/s on pages of 100 of 100,000 sessions")
    assert best >= GOAL

"""A plain HTTP client for these tests: one request, one connection, no retries."""

from __future__ import annotations

import http.client
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from emulator.process import EmulatorProcess
from timing import PATIENCE, cost

MANAGER = "/pro/session-manager/v1"
TASKS = "/pro-api/v2"


@dataclass
class Answer:
    """A complete answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


def connect(emulator: EmulatorProcess, timeout: float = PATIENCE) -> http.client.HTTPConnection:
    """A new connection."""
    parts = urlsplit(emulator.url)
    return http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=timeout)


def ask(
    emulator: EmulatorProcess,
    method: str,
    path: str,
    *,
    key: str | None = None,
    query: dict[str, Any] | None = None,
    body: Any = None,
    headers: dict[str, str] | None = None,
    connection: http.client.HTTPConnection | None = None,
    timeout: float = PATIENCE,
) -> Answer:
    """Send one request. Without a ``connection`` it uses a new one."""
    used = connection or connect(emulator, timeout)
    try:
        target = f"{path}?{urlencode(query)}" if query else path
        shown = emulator.admin_key if key is None else key
        data = None if body is None else json.dumps(body)
        used.request(method, target, body=data, headers={**({"apiKey": shown} if shown else {}), **(headers or {})})
        answer = used.getresponse()
        received = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, received, answer.read())
    finally:
        if connection is None:
            used.close()


def processor_seconds(emulator: EmulatorProcess) -> float:
    """Processor time that the emulator has used so far. Linux only."""
    fields = Path(f"/proc/{emulator.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def cost_of_pages(emulator: EmulatorProcess, targets: Sequence[str]) -> float:
    """Processor time of the emulator for these pages, in times what it costs to read and write their JSON.

    They are fetched on one connection. The least of three rounds counts, as the first one may order a list.
    """
    connection, best = connect(emulator), float("inf")
    for _round in range(3):
        before = processor_seconds(emulator)
        answers = [ask(emulator, "GET", target, connection=connection) for target in targets]
        used = processor_seconds(emulator) - before
        assert {answer.status for answer in answers} == {200}
        best = min(best, used / cost(lambda: [json.dumps(answer.json()) for answer in answers]))  # noqa: B023  at once
    return best


def sessions(emulator: EmulatorProcess, kind: str, **options: Any) -> Answer:
    """One page of sessions."""
    return ask(emulator, "GET", f"{MANAGER}/sessions/{kind}", **options)

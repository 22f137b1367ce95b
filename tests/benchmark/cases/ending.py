"""End 100 and 1,000 sessions. Each run has an account of its own, because sessions can be ended only once."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from typing import Callable

from ...emulator.process import EmulatorProcess
from ..bench import Bench, Task, connected, host, noop
from ..measure import Contender, Measured
from ..peers import Run, curl_at_once, curl_loop, script, uri
from ..servers import all_ended, counted, end_address, filled
from ..stopwatch import Sample

WORKERS = 16
Make = Callable[[EmulatorProcess, Sequence[str]], Run]


def ending(count: int, workers: int = WORKERS) -> Task:
    """A task that ends all sessions older than a day, and fails unless the end of each was confirmed."""
    options = {"kinds": ["webui"], "older_than": "24h", "max_sessions": count, "concurrency": workers}
    ended = "done.sessions | selectattr('result', 'eq', 'terminated') | length"
    return {
        "name": "End them",
        "aimms.cloud.aimms_session_terminate": connected(**options),
        "register": "done",
        "failed_when": f"done is failed or {ended} != {count}",
    }


def ending_named(ids: Sequence[str], workers: int = WORKERS) -> Task:
    """A task that ends these sessions, and fails unless the end of each was confirmed."""
    task = ending(len(ids), workers)
    options = {"kinds": ["webui"], "session_ids": list(ids), "max_sessions": len(ids), "concurrency": workers}
    return {**task, "aimms.cloud.aimms_session_terminate": connected(**options)}


def emptied(bench: Bench, count: int, make: Make, **options: float) -> Callable[[], Sample]:
    """A run on a new account with ``count`` sessions. All of them must have ended afterwards."""
    settings = {name: options.pop(name) for name in ("rate_limit", "rate_burst") if name in options}

    def run() -> Sample:
        with ExitStack() as stack:
            account = bench.emulator(stack, **options)
            ids = filled(account, count)
            play = make(account, [end_address(account, session_id) for session_id in ids])
            account.set(**settings)
            sample = counted(account, play)
            all_ended(account)
            return sample

    return run


def run(bench: Bench) -> Measured:
    """Goal 4."""
    latency = bench.pick(5.0, 50.0)
    few, many, named = bench.pick((4, 8, 8), (100, 1_000, 300))
    numbers = {"few": few, "many": many, "named": named, "page": 100}
    measured = Measured("end", {"latency": latency / 1000, "workers": WORKERS, **numbers})

    def one(key: str, title: str, count: int, make: Make) -> Contender:
        return Contender(key, f"{title}, {count:,}", emptied(bench, count, make, latency_ms=latency))

    def module(count: int) -> Make:
        return lambda account, _addresses: bench.play(ending(count), hosts={"one": host(account)})

    def by_id(account: EmulatorProcess, addresses: Sequence[str]) -> Run:
        ids = [address.split("/")[-2] for address in addresses]
        return bench.play(ending_named(ids), hosts={"one": host(account)})

    contenders: list[Contender | None] = [noop(bench)]
    contenders += [
        one("end named", "aimms_session_terminate by id", named, by_id),
        one("end few", "aimms_session_terminate", few, module(few)),
        one("end many", "aimms_session_terminate", many, module(many)),
        one("uri few", "uri loop of PATCHes", few, lambda account, urls: uri(bench, account, urls, "PATCH")),
        one("script few", "requests", few, lambda account, urls: script(bench, account, urls, "PATCH")),
        one(
            "script many", "requests, 16 threads", many, lambda account, urls: script(bench, account, urls, "PATCH", 16)
        ),
    ]
    if bench.curl:
        contenders += [
            one("curl few", "curl loop", few, lambda account, urls: curl_loop(bench, account, urls, "PATCH")),
            one("xargs few", "xargs -P16 curl", few, lambda account, urls: curl_at_once(bench, account, urls, "PATCH")),
            one(
                "xargs many", "xargs -P16 curl", many, lambda account, urls: curl_at_once(bench, account, urls, "PATCH")
            ),
        ]
    return bench.measure(measured, contenders)

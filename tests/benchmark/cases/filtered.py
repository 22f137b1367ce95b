"""A plan of the stale sessions among 25,000 records of which 1,000 run, with and without a filter by state."""

from __future__ import annotations

from contextlib import ExitStack
from math import ceil
from typing import Any

from ..bench import Bench, Task, connected, host, noop, on
from ..measure import Contender, Measured
from ..servers import STALE, filled

_FILTER = {"server_filters": {"state_in": "running"}}


def _plan(**options: Any) -> Task:
    """The task that would end the running sessions of a week ago; it must have seen all pages that it asked for."""
    given = {**STALE, "kinds": ["webui"], "max_sessions": 100_000, **options}
    return {
        "name": "Plan",
        "aimms.cloud.aimms_session_terminate": connected(**given),
        "check_mode": True,
        "register": "plan",
        "failed_when": "plan is failed or not plan.complete",
    }


def run(bench: Bench) -> Measured:
    """Goal 9."""
    page, latency = bench.pick(10, 100), bench.pick(5.0, 20.0)
    running, count = bench.pick((20, 200), (1_000, 25_000))
    numbers = {"running": running, "pages": ceil(count / page), "pages running": ceil(running / page)}
    measured = Measured("filtered", {"page": page, "latency": latency / 1000, **numbers})
    with ExitStack() as stack:
        account = bench.emulator(stack, latency_ms=latency, page_cap=page)
        filled(account, running)
        filled(account, count - running, state="terminated")
        contenders: list[Contender | None] = [noop(bench)]
        for key, title, options in (("all", "without a filter", {}), ("filtered", "with server_filters", _FILTER)):
            play = bench.play(_plan(**options), hosts={"one": host(account)})
            contenders.append(on(account, key, f"a plan of {count:,} {title}", play))
        return bench.measure(measured, contenders)

"""Plan the active ones of 25,000 sessions: on a server that can list them alone, and on one that cannot."""

from __future__ import annotations

from contextlib import ExitStack

from ..bench import Bench, Task, connected, host, noop, on
from ..measure import Measured
from ..servers import filled

DAYS = 10.0


def planning(count: int) -> Task:
    """A task that plans the end of the sessions older than a day, and fails if their number is wrong."""
    options = {"kinds": ["webui"], "older_than": "24h", "max_sessions": count, "naive_timezone": "UTC"}
    return {
        "name": "Plan",
        "aimms.cloud.aimms_session_terminate": connected(**options),
        "check_mode": True,
        "register": "planned",
        "failed_when": f"planned is failed or planned.sessions | length != {count} or not planned.complete",
    }


def run(bench: Bench) -> Measured:
    """Goal 9."""
    page, latency = bench.pick(10, 100), bench.pick(5.0, 20.0)
    active, ended = bench.pick((20, 280), (500, 24_500))
    numbers = {"page": page, "latency": latency / 1000, "active": active, "sessions": active + ended}
    contenders = [noop(bench)]
    with ExitStack() as stack:
        for key, dialect in (("all", "current"), ("active", "current-states")):
            account = bench.emulator(stack, dialect=dialect, latency_ms=latency, page_cap=page)
            account.add_session(kind="webui", count=ended, age=DAYS * 86400, state="terminated")
            filled(account, active, days=DAYS)
            play = bench.play(planning(active), hosts={"one": host(account)})
            contenders.append(on(account, key, f"aimms_session_terminate in check mode, {dialect}", play))
        return bench.measure(Measured("plan", numbers), contenders)

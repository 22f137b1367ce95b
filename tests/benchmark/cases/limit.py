"""A server with a limit of 20 requests per second (429)."""

from __future__ import annotations

from ..bench import Bench, host, noop
from ..measure import Contender, Measured
from .ending import WORKERS, emptied, ending

RATE, BURST = 20.0, 5


def run(bench: Bench) -> Measured:
    """Goal 7."""
    count, latency = bench.pick(5, 200), 10.0
    numbers = {
        "sessions": count,
        "latency": latency / 1000,
        "workers": WORKERS,
        "rate": RATE,
        "burst": BURST,
        "page": 100,
    }
    module = emptied(
        bench, count, lambda account, _addresses: bench.play(ending(count), hosts={"one": host(account)}),
        latency_ms=latency, rate_limit=RATE, rate_burst=BURST,
    )  # fmt: skip
    title = f"aimms_session_terminate, {count}"
    return bench.measure(Measured("limit", dict(numbers)), [noop(bench), Contender("end", title, module)])

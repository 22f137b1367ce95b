"""The benchmark's small run: every case in a tiny size, whether it runs to its end and its figures can be true."""

from __future__ import annotations

from .checks import Bench
from .schedule import Gate, Log
from .workspace import BUILD


def benchmark(bench: Bench, lane: str) -> Gate:
    """The gate. What it measures says nothing of speed: other gates run beside it."""

    def run(log: Log) -> None:
        figures = BUILD / "figures/benchmark"
        bench.run(log, "python", "-B", "-m", "tests.benchmark", "--quick", "--json", figures)
        log.show(*(f"  {line}" for line in log.lines() if " missed; " in line))

    return Gate(f"benchmark, small, on ansible-core {lane}", "bench", f"campaigns {lane}", run, needs=lane)

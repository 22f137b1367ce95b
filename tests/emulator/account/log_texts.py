"""What a download is filled up with: lines of a solver, JSON lines, or prose. Always the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from random import Random

SOLVER = "solver"
_WORDS = (
    "the of and to a in for is on that by this with it not or be are from at as your all have new more an was we will "
    "can us about if my has but our one other do no they he up may what which their out use any there see only so his "
    "when here who also now get been would how were me some these its like than find back people list over year day "
    "into two world next used work last most make them should plan model case week truck stock factory cost report "
    "planner scenario demand checked network warehouse"
).split()
_REMARKS = ("The token expired", "She asked for a new password", "Two keys were handed over", "All tests passed")
_EVENTS = (
    "Solver progress", "Request handled", "Case saved", "Heartbeat sent", "Procedure finished", "Slow query",
    "Page opened", "Token renewed", "Worker back in the pool", "Network check passed",
)  # fmt: skip


def _solver(rng: Random, stamp: str) -> str:
    """A line of a branch and bound, of a message, or of a summary."""
    node, gap = rng.randint(1, 99_999), rng.randint(1, 9_999) / 100
    bound = rng.uniform(1e3, 1e7)
    if rng.random() < 0.8:
        return f"{node:>9}{node // 3:>7}  {bound:>14.4f}{rng.randint(0, 900):>6}  {bound * 1.02:>14.4f}{gap:>8.2f}%"
    texts = (
        f"{stamp} info Solver progress: iteration {node}, gap {gap} %",
        f"{stamp} info Elapsed time = {gap:.2f} sec. ({bound:.2f} ticks, tree = {gap:.2f} MB, solutions = {node % 90})",
        f"{stamp} warn Row 'Capacity(Week-{node % 53},Truck-{node % 71})' infeasible, all entries at implied bounds.",
    )
    return rng.choice(texts)


def _json(rng: Random, stamp: str) -> str:
    """An event of a service."""
    number = rng.randint(1, 99_999)
    return json.dumps({
        "timestamp": stamp.replace(" ", "T") + "Z", "level": rng.choice(("INFO", "INFO", "DEBUG", "WARN")),
        "logger": f"com.acme.network.Worker{number % 7}", "message": f"{rng.choice(_EVENTS)}: step {number}",
        "context": {"requestId": f"{rng.getrandbits(64):016x}", "path": f"/api/v2/cases/{number}", "ms": number % 977},
    })  # fmt: skip


def _prose(rng: Random, stamp: str) -> str:
    """A few sentences."""
    sentence = " ".join(rng.choices(_WORDS, k=rng.randint(6, 24))).capitalize()
    last = rng.choice(_REMARKS) if rng.random() < 0.02 else " ".join(rng.choices(_WORDS, k=8)).capitalize()
    return f"{stamp} {sentence}. {last}."


TEXTS: dict[str, Callable[[Random, str], str]] = {SOLVER: _solver, "json": _json, "prose": _prose}


@lru_cache(maxsize=len(TEXTS))
def filler(kind: str, length: int) -> bytes:
    """Whole lines of one of ``TEXTS``, as many as ``length`` bytes hold."""
    lines: list[bytes] = []
    rng, left = Random(kind), length
    while True:
        second = len(lines)
        stamp = f"2025-07-24 {second // 3600 % 24:02}:{second // 60 % 60:02}:{second % 60:02}.306"
        line = TEXTS[kind](rng, stamp).encode() + b"\n"
        left -= len(line)
        if left < 0:
            return b"".join(lines)
        lines.append(line)

"""Races and clocks: sessions change between listing and acting, clocks disagree, lists move while they are read.

Each figure has its like from the same simulation without the guard, which must go wrong: so the simulation bites.

Proves rules 16, 19 and 20.
"""

from __future__ import annotations

from ..figures import Report
from . import clocks, dialects, lists, memory, plays, sockets


def run(report: Report) -> None:
    """All parts."""
    for part in (memory, sockets, clocks, dialects, lists, plays):
        part.run(report)

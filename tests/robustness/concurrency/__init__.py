"""Concurrency: sessions change between list and request, clocks differ, and lists change while they are read.

Each simulation is repeated without the guard that it tests, and must then count errors: it can detect them.

Proves rules 16, 19 and 20.
"""

from __future__ import annotations

from ..figures import Report
from . import clocks, dialects, lists, memory, plays, sockets


def run(report: Report) -> None:
    """Run all parts."""
    for part in (memory, sockets, clocks, dialects, lists, plays):
        part.run(report)

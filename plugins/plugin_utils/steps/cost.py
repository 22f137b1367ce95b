# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What sessions cost, from the figures of the service: rows for a table, and what ending them has stopped. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Optional

Record = Mapping[str, Any]

GROUPS = {"by_app": "app", "by_owner": "owner", "by_environment": "environment", "by_month": "month"}
COLUMNS = ("group", "name", "gb_hours", "sessions")
_HOUR = 3600


def stopped(ended: Iterable[Record]) -> dict[str, Any]:
    """The GbHour that the ended sessions used in an hour, on average over their run.

    Both figures are the service's: GbHour and the run time. ``gb_hours_per_hour`` is None where no session tells both;
    ``sessions``: of how many it is the sum; ``of``: how many ended.
    """
    every = list(ended)
    rates = [rate for rate in map(_rate, every) if rate is not None]
    return {"gb_hours_per_hour": round(sum(rates), 6) if rates else None, "sessions": len(rates), "of": len(every)}


def _rate(record: Record) -> Optional[float]:
    used, run = record.get("gb_hours"), record.get("run_seconds")
    if isinstance(used, (int, float)) and isinstance(run, (int, float)) and run > 0:
        return used * _HOUR / run
    return None


def cost_rows(costs: Optional[Record]) -> list[dict[str, Any]]:
    """All sums as rows with ``COLUMNS``: the whole first."""
    if not costs:
        return []
    groups = [{"group": group, **one} for name, group in GROUPS.items() for one in costs[name]]
    return [{"group": "all", "name": None, "gb_hours": costs["gb_hours"], "sessions": costs["sessions"]}, *groups]


def path_of_costs(path: str) -> str:
    """The file for these rows, beside the one of the sessions. No host has a ``+`` in the names of its files."""
    return f"{path[: -len('.csv')]}+costs.csv"


def stopped_lines(found: Record) -> list[str]:
    """A line on what was stopped; none where the service does not tell."""
    if found["gb_hours_per_hour"] is None:
        return []
    return [f"{found['gb_hours_per_hour']:.2f} GbHour per hour freed (known for {found['sessions']} of {found['of']})"]


def cost_lines(costs: Optional[Record]) -> list[str]:
    """A line on what was used; none where the service does not tell."""
    if not costs or costs["gb_hours"] is None:
        return []
    return [f"{costs['gb_hours']:.2f} GbHour used, known for {costs['sessions']} of {costs['of']} sessions"]


def queue_lines(queue: Record) -> list[str]:
    """A line on what waits; none if nothing does."""
    if not queue["sessions"]:
        return []
    longest = queue["longest_wait_seconds"]
    return [f"{queue['sessions']} wait in the queue" + ("" if longest is None else f", the longest for {longest} s")]

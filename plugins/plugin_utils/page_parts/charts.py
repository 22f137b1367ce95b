# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The charts of the report page: bars with widths in percent, and lines as SVG paths. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Optional

from ansible_collections.aimms.cloud.plugins.plugin_utils import labels

Row = Mapping[str, Any]

MAX_LINES = 200  # of the table of a chart
WIDTH, HEIGHT = 1000, 100  # of the area that lines are drawn in
_MAX_BARS = 8
_TITLES = {"by_app": "By app", "by_owner": "By owner", "by_age": "By age"}
_LINES = (("Sessions", ("running", "stale", "ended")), ("GbHour per hour that was freed", ("freed",)))


def bar_charts(report: Row) -> list[dict[str, Any]]:
    """A chart for each grouping of the sessions of a page."""
    return [_bar_chart(name, report[name], in_order=name == "by_age") for name in _TITLES]


def _bar_chart(name: str, groups: Sequence[Row], *, in_order: bool) -> dict[str, Any]:
    """Bars with widths in percent of the longest. If there are too many, the last bar is the rest of them."""
    named = [{**one, "name": labels.clean(one["name"], labels.MAX_NAME)} for one in groups]
    shown = named if in_order or len(named) <= _MAX_BARS else named[: _MAX_BARS - 1]
    bars = [{field: one[field] for field in ("name", "running", "stale")} for one in shown]
    others = named[len(shown) :]
    if others:
        sums = {field: sum(one[field] for one in others) for field in ("running", "stale")}
        bars.append({"name": f"{len(others)} others", **sums})
    most = max((one["running"] for one in bars), default=0) or 1
    for one in bars:
        one.update(width=round(100 * one["running"] / most, 2), stale_width=round(100 * one["stale"] / most, 2))
    return {
        "key": name.replace("_", "-"),
        "title": _TITLES[name],
        "bars": bars,
        "names": [one["name"] for one in shown] + ([None] if others else []),  # of each bar; None: the rest
        "numbers": named[:MAX_LINES],
        "all": len(named),
    }


def line_charts(runs: Sequence[Row]) -> list[dict[str, Any]]:
    """A chart for each unit that at least two runs tell a number in.

    :param runs: see ``history``. Their times are valid, and each is later than the one before.
    """
    charts = [_line_chart(title, names, runs) for title, names in _LINES]
    return [one for one in charts if one is not None]


def _line_chart(title: str, names: Sequence[str], runs: Sequence[Row]) -> Optional[dict[str, Any]]:
    told = [run for run in runs if any(run[name] is not None for name in names)]
    if len(told) < 2:
        return None
    most = max(run[name] for run in told for name in names if run[name] is not None)
    lines = [{"name": name, "path": _path(told, name, most or 1), "last": told[-1][name]} for name in names]
    key = "lines-" + names[0]
    return {"key": key, "title": title, "lines": lines, "most": most, "begin": told[0]["at"], "end": told[-1]["at"]}


def _path(runs: Sequence[Row], name: str, most: float) -> str:
    """The line through all runs in a row that tell the number. One between two gaps is a dot."""
    first, last = (_seconds(runs[place]["at"]) for place in (0, -1))
    pieces: list[list[str]] = [[]]
    for run in runs:
        if run[name] is None:
            pieces.append([])
            continue
        x = WIDTH * (_seconds(run["at"]) - first) / (last - first)
        pieces[-1].append(f"{x:.1f} {HEIGHT * (1 - run[name] / most):.1f}")
    return " ".join(_piece(points) for points in pieces if points)


def _piece(points: Sequence[str]) -> str:
    rest: Iterable[str] = points[1:] or points
    return f"M{points[0]}" + "".join(f"L{point}" for point in rest)


def _seconds(at: str) -> float:
    return datetime.fromisoformat(f"{at[:-1]}+00:00").timestamp()

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as one HTML page that needs nothing else. Every text is escaped by the template engine."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.plugin_utils import labels

_FOLDER = Path(__file__).parent / "page_parts"
_NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'"
_BARS, _LINES, _ROWS = 8, 200, 100
_NEEDED = (
    *("host", "written_at", "running", "stale", "stale_after"),
    *("by_kind", "by_app", "by_owner", "by_age", "oldest", "sessions"),
)
_IN_SCRIPT = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}

Row = Mapping[str, Any]


def page(report: Any) -> str:
    """The HTML of a report.

    :param report: an overview (see ``overview``), with ``host`` and ``written_at``; perhaps ``remarks``, sentences that
        the reader should know, and ``files``, the names of the JSON and the CSV file beside the page.
    :raises OptionError: for what is no such report.
    """
    if not isinstance(report, Mapping) or [name for name in _NEEDED if name not in report]:
        raise OptionError(f"This is no report of sessions: it has {', '.join(_NEEDED)}.")
    style, script = _text("page.css"), _text("page.js")
    return _template().render(
        report=report,
        charts=_charts(report),
        rows=[row(one) for one in report["sessions"][:_ROWS]],
        every_row=_embedded([row(one) for one in report["sessions"]] if len(report["sessions"]) > 1 else []),
        most_lines=_LINES,
        most_rows=_ROWS,
        style=Markup(style),  # noqa: S704  the text of page.css beside this file, nothing of a server
        script=Markup(script),  # noqa: S704  the text of page.js beside this file, nothing of a server
        policy=f"{_NOTHING}; style-src {_hash(style)}; script-src {_hash(script)}",
    )


def row(record: Row) -> list[Any]:
    """What the table shows of a session; the last two are its age in seconds and whether it is stale."""
    longest = {"app_version": 40, "kind": 20, "state": 20}
    names = ("app_name", "app_version", "owner", "kind", "state", "id")
    texts = [labels.clean(record.get(name), longest.get(name, 200)) for name in names]
    began = labels.moment(record.get("created_at"))
    seconds = record.get("age_seconds")
    return [*texts, began, labels.age(seconds), labels.fate(record.get("cleanup")), seconds, bool(record.get("stale"))]


def _charts(report: Row) -> list[dict[str, Any]]:
    titles = {"by_app": "By app", "by_owner": "By owner", "by_age": "By age"}
    return [_chart(name, title, report[name], in_order=name == "by_age") for name, title in titles.items()]


def _chart(key: str, title: str, groups: Sequence[Row], *, in_order: bool) -> dict[str, Any]:
    """Bars with their widths in percent of the longest; where there are many, all others are a line without a bar."""
    named = [{**one, "name": labels.clean(one["name"])} for one in groups]
    shown = named if in_order or len(named) <= _BARS else named[: _BARS - 1]
    most = max((one["running"] for one in shown), default=0) or 1
    bars = [
        {**one, "width": round(100 * one["running"] / most, 2), "stale_width": round(100 * one["stale"] / most, 2)}
        for one in shown
    ]
    others = named[len(shown) :]
    if others:
        sums = {field: sum(one[field] for one in others) for field in ("running", "stale")}
        bars.append({"name": f"{len(others)} others", **sums, "width": None})
    return {"key": key.replace("_", "-"), "title": title, "bars": bars, "numbers": named[:_LINES], "all": len(named)}


def _embedded(value: Any) -> Markup:
    """JSON that may stand within a script element."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    return Markup(text.translate(_IN_SCRIPT))  # noqa: S704  JSON in ASCII, with <, > and & escaped: it cannot end the element


def _hash(text: str) -> str:
    """The word of a Content-Security-Policy that lets exactly this text in."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _text(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def _template() -> Template:
    loader = FileSystemLoader(_FOLDER)
    engine = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    engine.filters.update(
        age=labels.age, moment=labels.moment, clean=labels.clean, reason=labels.reason, result=labels.result, row=row
    )
    engine.filters["number"] = lambda value: f"{value:,}"
    return engine.get_template("page.html.j2")

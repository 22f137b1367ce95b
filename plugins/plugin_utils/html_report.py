# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as one self-contained HTML page. The template engine escapes every text."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.plugin_utils import labels

_FOLDER = Path(__file__).parent / "page_parts"
_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'"
_MAX_BARS, _MAX_LINES, _MAX_ROWS = 8, 200, 100  # of a chart, of its table and the clean-up's, of the table of sessions
_REQUIRED = (
    *("host", "written_at", "running", "stale", "stale_after"),
    *("by_kind", "by_app", "by_owner", "by_age", "oldest", "sessions"),
)
_SCRIPT_ESCAPES = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}

Row = Mapping[str, Any]


def page(report: Any) -> str:
    """A report as HTML.

    :param report: the result of ``overview`` with ``host`` and ``written_at``. Optional: ``remarks``, a list of
        sentences to show at the top, ``files``, the names of the JSON and CSV files in the same folder, ``account``,
        the account's own name, and ``listed``: False if the sessions of the account were not listed. Then only what
        the clean-up did is shown.
    :raises OptionError: if it is not such a report.
    """
    if not isinstance(report, Mapping) or [name for name in _REQUIRED if name not in report]:
        raise OptionError(f"This is no report of sessions: it has {', '.join(_REQUIRED)}.")
    style, script = _text("page.css"), _text("page.js")
    return _template().render(
        report=report,
        charts=_charts(report),
        # A name cannot be a scheme, as in javascript:, or another host.
        files={kind: quote(str(name).lstrip("/")) for kind, name in (report.get("files") or {}).items() if name},
        rows=[row(one) for one in report["sessions"][:_MAX_ROWS]],
        every_row=_script_json([row(one) for one in report["sessions"]] if len(report["sessions"]) > 1 else []),
        most_lines=_MAX_LINES,
        most_rows=_MAX_ROWS,
        style=Markup(style),  # noqa: S704  the text of page.css beside this file, nothing of a server
        script=Markup(script),  # noqa: S704  the text of page.js beside this file, nothing of a server
        policy=f"{_POLICY}; style-src {_hash(style)}; script-src {_hash(script)}",
    )


def row(record: Row) -> list[Any]:
    """The cells of a session in the table; then, to sort and filter, its age in seconds and whether it is stale."""
    max_length = {"app_version": 40, "kind": 20, "state": 20}
    names = ("app_name", "app_version", "owner", "kind", "state", "id")
    texts = [labels.clean(record.get(name), max_length.get(name, 200)) for name in names]
    created = labels.utc_time(record.get("created_at"))
    seconds = record.get("age_seconds")
    note = labels.cleanup_note(record.get("cleanup"))
    return [*texts, created, labels.age(seconds), note, seconds, bool(record.get("stale"))]


def _charts(report: Row) -> list[dict[str, Any]]:
    titles = {"by_app": "By app", "by_owner": "By owner", "by_age": "By age"}
    return [_chart(name, title, report[name], in_order=name == "by_age") for name, title in titles.items()]


def _chart(key: str, title: str, groups: Sequence[Row], *, in_order: bool) -> dict[str, Any]:
    """A chart: bars with widths in percent of the longest. If there are too many, the rest is one line, no bar."""
    named = [{**one, "name": labels.clean(one["name"])} for one in groups]
    shown = named if in_order or len(named) <= _MAX_BARS else named[: _MAX_BARS - 1]
    most = max((one["running"] for one in shown), default=0) or 1
    bars = [
        {**one, "width": round(100 * one["running"] / most, 2), "stale_width": round(100 * one["stale"] / most, 2)}
        for one in shown
    ]
    others = named[len(shown) :]
    if others:
        sums = {field: sum(one[field] for one in others) for field in ("running", "stale")}
        bars.append({"name": f"{len(others)} others", **sums, "width": None})
    numbers = named[:_MAX_LINES]
    return {"key": key.replace("_", "-"), "title": title, "bars": bars, "numbers": numbers, "all": len(named)}


def _script_json(value: Any) -> Markup:
    """JSON that is safe inside a script element."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    return Markup(text.translate(_SCRIPT_ESCAPES))  # noqa: S704  JSON in ASCII, with <, > and & escaped: it cannot end the element


def _hash(text: str) -> str:
    """The Content-Security-Policy source that allows exactly this text."""
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
        age=labels.age,
        utc_time=labels.utc_time,
        clean=labels.clean,
        reason=labels.reason,
        result=labels.result,
        row=row,
    )
    engine.filters["number"] = lambda value: f"{value:,}"
    return engine.get_template("page.html.j2")

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as one self-contained HTML page. The template engine escapes every text."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Optional
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.plugin_utils import labels
from ansible_collections.aimms.cloud.plugins.plugin_utils.overview import age_group
from ansible_collections.aimms.cloud.plugins.plugin_utils.page_parts import charts, history

_FOLDER = Path(__file__).parent / "page_parts"
_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'"
_LARGEST = 1e15
_MAX_ROWS = 100  # of the table of sessions
_LINK = re.compile(r"https://[A-Za-z0-9.:-]+/[A-Za-z0-9._~/#!=-]{1,300}", re.ASCII)  # no query: it may hold a token
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
        the account's own name, ``listed``: False if the sessions of the account were not listed, so that only what
        the cleanup did is shown, and ``history``, the runs up to this one (see ``page_parts/history``).
    :raises OptionError: if it is not such a report.
    """
    if not isinstance(report, Mapping) or [name for name in _REQUIRED if name not in report]:
        raise OptionError(f"This is no report of sessions: it has {', '.join(_REQUIRED)}.")
    rows = [row(one, report.get("portal")) for one in report["sessions"]]
    bars, runs = charts.bar_charts(report), history.checked_runs(report.get("history"))
    return render(
        "page.html.j2",
        _text("page.js"),
        report=report,
        charts=bars,
        lines=charts.line_charts(runs),
        runs=runs,
        # A name cannot be a scheme, as in javascript:, or another host.
        files={kind: quote(str(name).lstrip("/")) for kind, name in (report.get("files") or {}).items() if name},
        rows=rows[:_MAX_ROWS],
        with_costs=any(one[12] is not None for one in rows),
        every_row=_script_json(rows if len(rows) > 1 else []),
        bars=_script_json([chart["names"] for chart in bars]),
        most_lines=charts.MAX_LINES,
        most_rows=_MAX_ROWS,
    )


def render(template: str, script: str = "", **values: Any) -> str:
    """A page of ``page_parts``: only its own style and ``script`` may run in it."""
    style = _text("page.css")
    allowed = f"script-src {_hash(script)}" if script else "script-src 'none'"
    return (
        _engine()
        .get_template(template)
        .render(
            style=Markup(style),  # noqa: S704  the text of page.css beside this file, nothing of a server
            script=Markup(script),  # noqa: S704  the text of page.js beside this file, nothing of a server
            policy=f"{_POLICY}; style-src {_hash(style)}; {allowed}",
            **values,
        )
    )


def row(record: Row, portal: Any = None) -> list[Any]:
    """The cells of a session in the table; then, to sort and filter, its age in seconds, whether it is stale, the group
    of its age, its GbHour and its link.

    :param portal: the host that a link may lead to; None: there is no link.
    """
    max_length = {"app_version": 40, "kind": 20, "state": 20}
    names = ("app_name", "app_version", "owner", "kind", "state", "id")
    texts = [labels.clean(record.get(name), max_length.get(name, labels.MAX_NAME)) for name in names]
    created = labels.utc_time(record.get("created_at")).removesuffix(" UTC")
    seconds, used = (record.get(name) for name in ("age_seconds", "gb_hours"))
    texts += [created, labels.age(seconds), labels.cleanup_note(record.get("cleanup"))]
    used = used if isinstance(used, (int, float)) and abs(used) < _LARGEST else None  # JSON has no infinity
    return [*texts, seconds, bool(record.get("stale")), age_group(record), used, _link(record.get("link"), portal)]


def _link(address: Any, portal: Any) -> Optional[str]:
    """The link of a session, if it leads to the account's own host and is nothing but an address there."""
    text = str(address or "")
    return text if portal and _LINK.fullmatch(text) and text.startswith(f"https://{portal}/") else None


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
def _engine() -> Environment:
    loader = FileSystemLoader(_FOLDER)
    engine = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    names = ("age", "utc_time", "clean", "reason", "result", "short", "amount")
    engine.filters.update({name: getattr(labels, name) for name in names}, row=row)
    engine.filters["number"] = lambda value: f"{value:,}"
    return engine

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions as CSV, safe from formula injection in spreadsheets. Pure."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.aimms.cloud.plugins.module_utils.errors import printable

COLUMNS = (
    "kind",
    "id",
    "state",
    "app_name",
    "app_version",
    "owner",
    "created_at",
    "started_at",
    "ended_at",
    "age_seconds",
    "stale",
    "cleanup",
    "cleanup_why",
    "message",
    "user_name",
    "environment",
    "description",
    "queue_seconds",
    "launch_seconds",
    "run_seconds",
    "gb_hours",
    "peak_memory_mib",
    "peak_cpu_millicores",
    "scheduled_for",
    "cleanup_policy",
    "link",
)
# At the beginning, or after what some spreadsheets take for the end of a cell. The last four signs are full-width.
_FORMULA = re.compile(r"(^|[;,|])(\s*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])")


def as_csv(sessions: Iterable[Mapping[str, Any]], columns: Iterable[str] = COLUMNS) -> str:
    """A header line and one line for each session, by RFC 4180 (lines end with CR LF).

    The column ``cleanup`` is the list of the last cleanup's report that has the session (``kept``, ``failed`` or
    ``planned``), ``cleanup_why`` is the reason there, ``cleanup_policy`` the rule that decided.

    :raises AttributeError, TypeError: if ``sessions`` is not an iterable of mappings.
    """
    names = list(columns)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(names)
    for one in sessions:
        entry = one.get("cleanup") or {}
        values = {**one, "cleanup": entry.get("list"), "cleanup_why": entry.get("why")}
        values["cleanup_policy"] = entry.get("policy")
        writer.writerow([cell(values.get(name)) for name in names])
    return text.getvalue()


def cell(value: Any) -> Any:
    """The value of a cell. Numbers are unchanged; what begins like a formula gets an apostrophe in front."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return value
    text = printable(str(value))
    return _FORMULA.sub(r"\1'\2", text)

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions as CSV that no spreadsheet takes for formulas. Pure."""

from __future__ import annotations

import csv
import io
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
)
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # the last four are full-width


def as_csv(sessions: Iterable[Mapping[str, Any]], columns: Iterable[str] = COLUMNS) -> str:
    """One line a session under a line of names, as RFC 4180 has it.

    ``cleanup`` is what the last clean-up did with it (``kept``, ``failed``, ``planned``), ``cleanup_why`` the reason.
    """
    names = list(columns)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(names)
    for one in sessions:
        fate = one.get("cleanup") or {}
        values = {**one, "cleanup": fate.get("list"), "cleanup_why": fate.get("why")}
        writer.writerow([cell(values.get(name)) for name in names])
    return text.getvalue()


def cell(value: Any) -> Any:
    """A value of one cell: numbers as they are, a text that begins like a formula behind an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return value
    text = printable(str(value))
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text

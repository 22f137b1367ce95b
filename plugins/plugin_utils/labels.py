# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a page for people says: ages, times, reasons and results in words, and foreign text without tricks. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.errors import printable

REASONS = {
    "protected": "protected: its owner, app or id is on the list of what is never ended",
    "too_young": "too young: not older than the limit",
    "not_selected": "not selected: another owner, app, kind or state than asked for",
    "recent_log": "still at work: its log has a line newer than allowed, or could not be read",
    "no_reliable_time": "its age is in doubt: the time is missing, odd, or the clocks do not agree",
    "max_active": "not needed: few enough are active without ending it",
}
RESULTS = {
    "interrupted": "by interrupt: its task was stopped and ended by itself",
    "terminated": "by force",
    "failed": "could not be ended",
    "unknown": "nobody knows whether it ended",
    "not_tried": "not tried",
    "already_ended": "had ended by itself",
    "not_found": "was gone",
    "changed_since": "had become another session",
}
UNKNOWN = "not known"

_UNITS = (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))


def clean(value: Any, longest: int = 300) -> str:
    """Foreign text on one line: no control characters, none that turn the direction of writing, and not endless."""
    text = printable(UNKNOWN if value in (None, "") else str(value)).strip()
    return text if len(text) <= longest else f"{text[:longest]}…"


def age(seconds: Optional[float]) -> str:
    """``seconds`` in its two largest units, such as '2 days 3 hours'."""
    if not isinstance(seconds, (int, float)) or seconds < 0:
        return UNKNOWN
    rest, parts = int(seconds), []
    for name, size in _UNITS:
        number, rest = divmod(rest, size)
        if number:
            parts.append(f"{number} {name}{'' if number == 1 else 's'}")
        elif parts:
            break
    return " ".join(parts[:2]) or "0 seconds"


def moment(value: Any) -> str:
    """A UTC time as the modules write it, such as '2026-01-31 08:15 UTC'."""
    text = str(value or "")
    return f"{text[:10]} {text[11:16]} UTC" if len(text) == 20 and text.endswith("Z") else clean(value)


def reason(name: Any) -> str:
    """Why a session was kept."""
    return REASONS.get(str(name), clean(name).replace("_", " "))


def result(record: Mapping[str, Any]) -> str:
    """What became of a session, with what the record says about it."""
    name = record.get("result")
    return _with(RESULTS.get(str(name), clean(name).replace("_", " ")), record.get("msg"))


def fate(found: Optional[Mapping[str, Any]]) -> str:
    """What the last clean-up said of a session that still runs."""
    if not found:
        return "not seen by it"
    if found["list"] == "kept":
        return f"kept, {_with(reason(found['why']), found['msg'])}"
    if found["list"] == "planned":
        return "planned to be ended"
    return result({"result": found["why"], "msg": found["msg"]})


def _with(text: str, more: Any) -> str:
    return f"{text}. {clean(more)}" if more else text

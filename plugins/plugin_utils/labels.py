# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts of the report page: ages, times, reasons and results in words, and untrusted text made harmless. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.errors import printable
from ansible_collections.aimms.cloud.plugins.module_utils.models.states import KINDS_WITH_TASKS

REASONS = {
    "protected": "protected: its owner, app or id is on the list of what is never ended",
    "too_young": "too young: not older than the limit",
    "not_selected": "not selected: another owner, app, kind or state than asked for",
    "recent_log": "still at work: its log has a line newer than allowed, or could not be read",
    "busy": "at work: one of its tasks is younger than the limit, or none is seen",
    "no_reliable_time": "its age is not certain: its time is missing or not plausible, or the clocks do not agree",
    "scheduled": "waits on purpose: it is scheduled for later",
    "unknown_kind": "of an unknown type, which is never changed",
    "policy": "a policy keeps it",
    "announced": "announced: its owner was told, and the notice is not over",
    "max_active": "not needed: few enough are active without ending it",
    "max_seats": "the seat of its owner is not needed, or not all sessions of its owner may be ended",
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
SEATS = {
    "would_free": "to be ended",
    "freed": "seat freed",
    "left": "had left",
    "kept": "left alone",
    "failed": "could not be ended",
    "not_tried": "not tried",
}
UNKNOWN = "not known"
NO_NUMBER = "\u2013"
MAX_NAME = 200  # characters of a name of the server on the page
_SHORT, _TAIL = 26, 11  # characters of a name in a table, and how many of its end are kept
_WITH_TASKS = " or ".join(sorted(KINDS_WITH_TASKS))

_UNITS = (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))


def clean(value: Any, max_length: int = 300) -> str:
    """Untrusted text on one line of limited length, without control characters or changes of the writing direction."""
    text = printable(UNKNOWN if value in (None, "") else str(value)).strip()
    return text if len(text) <= max_length else f"{text[:max_length]}…"


def short(text: str, longest: int = _SHORT) -> str:
    """A name that is too long for a table without its middle: names differ at the end too, as by their environment."""
    return text if len(text) <= longest else f"{text[: longest - _TAIL - 1]}…{text[-_TAIL:]}"


def amount(value: Any, digits: int = 2) -> str:
    """A number with so many digits after the point, or a dash."""
    return NO_NUMBER if value is None else f"{value:,.{digits}f}"


def age(seconds: Optional[float]) -> str:
    """``seconds`` in the two largest units, such as '2 days 3 hours'."""
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


def utc_time(value: Any) -> str:
    """A time of the modules (``2026-01-31T08:15:59Z``) as '2026-01-31 08:15 UTC'. Others are cleaned and cut."""
    text = str(value or "")
    return f"{text[:10]} {text[11:16]} UTC" if len(text) == 20 and text.endswith("Z") else clean(value, 20)


def account(told: Mapping[str, Any]) -> str:
    """The line on whose account it is. :param told: settings, or a report."""
    return f"account {clean(told['account'] or told['host'], 60)}"


def reason(name: Any) -> str:
    """The reason why a session was kept, in words."""
    return REASONS.get(str(name), clean(name).replace("_", " "))


def result(record: Mapping[str, Any], interrupt_tasks: Any = None) -> str:
    """The result of a session, or the reason why it was kept, in words, with the message of its record.

    :param interrupt_tasks: that of the cleanup, to tell why a session was ended by force; None if it is not known.
    """
    name = record.get("result")
    if name is None and record.get("reason"):
        return _with_message(_by_policy(reason(record["reason"]), record), record.get("msg"))
    told = RESULTS.get(str(name), clean(name).replace("_", " "))
    why = str(record.get("msg") or "").removeprefix("It was ended by force. ")
    if name == "terminated":
        why = why or _why_forced(record, interrupt_tasks)
    return _with_message(_by_policy(told, record), why)


def _why_forced(record: Mapping[str, Any], interrupt_tasks: Any) -> str:
    """Why the tasks of a session were not interrupted, where its record does not tell; empty if it is not known."""
    if record.get("policy"):  # which may interrupt in another way
        return ""
    if interrupt_tasks == "never":
        return "This cleanup does not interrupt tasks (interrupt_tasks: never)."
    if interrupt_tasks and record.get("kind") not in KINDS_WITH_TASKS:
        return f"Only sessions of kind {_WITH_TASKS} have tasks to interrupt."
    return "No task was seen that could be interrupted." if interrupt_tasks else ""


def seat(person: Mapping[str, Any]) -> str:
    """What became of a person with a seat, in words."""
    return SEATS.get(str(person["result"]), clean(person["result"]).replace("_", " "))


def cleanup_note(entry: Optional[Mapping[str, Any]]) -> str:
    """What the last cleanup reported about a session that still runs, from ``cleanup`` in ``overview``'s record."""
    if not entry:
        return "not listed by it"
    if entry["list"] == "kept":
        return f"kept, {_with_message(_by_policy(reason(entry['why']), entry), entry['msg'])}"
    if entry["list"] == "planned":
        return _by_policy("planned to be ended", entry)
    return result({**entry, "result": entry["why"]})


def _by_policy(text: str, entry: Mapping[str, Any]) -> str:
    """The text with the name of the rule that decided."""
    return f"{text} (policy {clean(entry['policy'], 64)})" if entry.get("policy") else text


def _with_message(text: str, message: Any) -> str:
    return f"{text}. {clean(message)}" if message else text


def short_age(seconds: Any) -> str:
    """``seconds`` for a narrow column, such as ``2d03h``; ``?`` if they are not known."""
    if not isinstance(seconds, (int, float)):
        return "?"
    minutes, hours, days = int(seconds) // 60, int(seconds) // 3600, int(seconds) // 86400
    if not hours:
        return f"{minutes}m"
    return f"{days}d{hours % 24:02}h" if days else f"{hours}h{minutes % 60:02}m"

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Count running sessions by kind, app, owner and age, and add the results of the last cleanup. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.module_utils.times.duration import parse_duration
from ansible_collections.aimms.cloud.plugins.plugin_utils.steps.cost import stopped

Record = Mapping[str, Any]

_HOUR, _DAY = 3600, 86400
AGES: tuple[tuple[str, int], ...] = (
    ("under 1 hour", 0),
    ("1 to 8 hours", _HOUR),
    ("8 to 24 hours", 8 * _HOUR),
    ("1 to 2 days", _DAY),
    ("2 to 7 days", 2 * _DAY),
    ("over 7 days", 7 * _DAY),
)
"""Age groups: name and lower bound in seconds."""

NO_AGE = "not known"
ASSUMED = 12 * _HOUR
"""Tolerance in seconds for times without a zone, the same as in the modules."""

_LISTS = ("planned", "terminated", "kept", "failed", "skipped")
_GROUPS = {"by_kind": "kind", "by_app": "app_name", "by_owner": "owner", "by_environment": "environment"}
_MAX_OLDEST = 10


def overview(
    sessions: Any,
    stale_after: str = "24h",
    assumed: bool = False,
    cleanup: Any = None,
    age_from: str = "created",
    selected: Collection[tuple[str, str]] = (),
) -> dict[str, Any]:
    """Counts of ``sessions``, and the sessions themselves, oldest first, each with ``stale`` and ``cleanup``.

    :param sessions: records as the modules return them. :param stale_after: a duration; older sessions are stale.
    :param assumed: whether their times have no zone; then ``ASSUMED`` is added to ``stale_after``.
    :param cleanup: the JSON report of the last cleanup, or None.
    :param age_from: ``started``: what has no known start is not stale, and the others from then on.
    :param selected: kind and id of the sessions that a module selected as stale, by its own clock and zones.
    :raises OptionError: for an invalid duration, for other values than session records, or for another report.
    """
    limit = parse_duration(stale_after, "stale_after") + (ASSUMED if assumed else 0)
    summary = None if cleanup is None else _cleanup_summary(cleanup)
    entries = _cleanup_entries(cleanup)
    records = []
    for one in _distinct(sessions):
        key, time = (one["kind"], one["id"]), _age(one) if age_from == "created" else _run_time(one)
        stale = key in selected or (time is not None and time > limit and not _waits(one))
        records.append({**one, "stale": stale, "cleanup": entries.get(key)})
    records.sort(key=lambda one: (_age(one) is None, -(_age(one) or 0), one["id"]))
    return {
        "running": len(records),
        "stale": sum(one["stale"] for one in records),
        "stale_after": stale_after,
        "oldest_age_seconds": _age(records[0]) if records else None,
        **_used(records),
        **{name: _grouped(records, field) for name, field in _GROUPS.items()},
        "by_age": _by_age(records),
        "queue": _queue(records),
        "oldest": [one for one in records[:_MAX_OLDEST] if _age(one) is not None],
        "cleanup": summary,
        "sessions": records,
    }


def _distinct(sessions: Iterable[Any]) -> list[Record]:
    """The records without duplicates. Raises OptionError for a value that is not a record."""
    found: dict[tuple[Any, Any], Record] = {}
    for one in sessions:
        record = dict(one.items()) if isinstance(one, Mapping) else {}
        if not isinstance(record.get("id"), str) or "kind" not in record:
            raise OptionError("These are no records of sessions: each has at least an id and a kind.")
        found.setdefault((record["kind"], record["id"]), record)
    return list(found.values())


def _age(record: Record) -> Any:
    """Seconds since the creation; None if unknown or in the future."""
    age = record.get("age_seconds")
    return age if isinstance(age, (int, float)) and age >= 0 else None


def age_group(record: Record) -> str:
    """The name of its group in ``by_age``."""
    age = _age(record)
    return NO_AGE if age is None else [label for label, begin in AGES if age >= begin][-1]


def _waits(record: Record) -> bool:
    """Whether the session waits on purpose, for a time that has not come."""
    due, waited = _seconds_between(record, "created_at", "scheduled_for"), _age(record)
    return record.get("state") in ("created", "queued") and None not in (due, waited) and due > waited


def _run_time(record: Record) -> Any:
    """Seconds since the start; None if unknown."""
    age, waited = _age(record), _seconds_between(record, "created_at", "started_at")
    return None if age is None or waited is None else age - waited


def _seconds_between(record: Record, begin: str, end: str) -> Any:
    times = [str(record.get(name) or "")[:19] for name in (begin, end)]
    if not all(times):
        return None
    first, second = (datetime.fromisoformat(text) for text in times)
    return (second - first).total_seconds()


def _grouped(records: Sequence[Record], field: str) -> list[dict[str, Any]]:
    """Counts for each value of ``field``, largest first. ``name`` is None for records without a value.

    ``gb_hours``: the sum of what is told, of ``gb_hours_of`` sessions; None where nothing is.
    """
    running = Counter(one.get(field) for one in records)
    stale = Counter(one.get(field) for one in records if one["stale"])
    used: dict[Any, list[float]] = {}
    for one in records:
        if isinstance(one.get("gb_hours"), (int, float)):
            used.setdefault(one.get(field), []).append(one["gb_hours"])
    sums = {name: {"gb_hours": round(sum(each), 6), "gb_hours_of": len(each)} for name, each in used.items()}
    nothing = {"gb_hours": None, "gb_hours_of": 0}
    rows = [
        {"name": name, "running": number, "stale": stale[name], **sums.get(name, nothing)}
        for name, number in running.items()
    ]
    return sorted(rows, key=lambda row: (-row["running"], str(row["name"])))


def _used(records: Sequence[Record]) -> dict[str, Any]:
    """The sums of the ages, in hours, and of the GbHour; each with the number of sessions that it is of.

    A sum is None where no session tells a number.
    """
    ages = [age for age in map(_age, records) if age is not None]
    used = [one["gb_hours"] for one in records if isinstance(one.get("gb_hours"), (int, float))]
    return {
        "hours": round(sum(ages) / _HOUR, 1) if ages else None,
        "hours_of": len(ages),
        "gb_hours": round(sum(used), 6) if used else None,
        "gb_hours_of": len(used),
    }


def _by_age(records: Sequence[Record]) -> list[dict[str, Any]]:
    """Counts for each age group, youngest first. Sessions without an age are the last group, if there are any."""
    running = Counter(map(age_group, records))
    stale = Counter(age_group(one) for one in records if one["stale"])
    names = [label for label, _begin in AGES] + ([NO_AGE] if running[NO_AGE] else [])
    return [{"name": label, "running": running[label], "stale": stale[label]} for label in names]


def _queue(records: Iterable[Record]) -> dict[str, Any]:
    """How many sessions wait in the queue, not on purpose, and how long the longest: None if that is not known."""
    queued = [one for one in records if one.get("state") == "queued" and not _waits(one)]
    waits = [_since_due(one) for one in queued if _age(one) is not None]
    return {"sessions": len(queued), "longest_wait_seconds": max(waits, default=None)}


def _since_due(record: Record) -> int:
    """Seconds since the creation, or since the time that it was scheduled for."""
    return int(_age(record) - max(0, _seconds_between(record, "created_at", "scheduled_for") or 0))


def _cleanup_summary(cleanup: Any) -> dict[str, Any]:
    """Counts and lists of a cleanup's report. Raises OptionError if it is another report."""
    if not isinstance(cleanup, Mapping) or not all(_is_record_list(cleanup.get(name)) for name in _LISTS):
        raise OptionError(
            "cleanup: this is no report of the role stale_session_cleanup.",
            f"Such a report has the lists {', '.join(_LISTS)}.",
        )
    results = Counter(one.get("result") for one in cleanup["terminated"])
    reasons = Counter(one.get("reason") for one in cleanup["kept"])
    copied = ("host", "written_at", "applied", "refused", "followed_a_plan", "cutoff", "unmatched_protections")
    noticed = ("announced", "due") if cleanup.get("notice") else ()
    return {
        **{name: cleanup.get(name) for name in (*copied, "notice")},
        "counts": {
            "planned": len(cleanup["planned"]),
            "interrupted": results["interrupted"],
            "forced": len(cleanup["terminated"]) - results["interrupted"],
            "failed": len(cleanup["failed"]),
            "skipped": len(cleanup["skipped"]),
            "kept": len(cleanup["kept"]),
            **{name: len(cleanup[name]) for name in noticed},
        },
        "stopped": stopped(cleanup["terminated"]),
        "ended": _used(cleanup["terminated"]),
        "interrupt_tasks": cleanup.get("interrupt_tasks"),
        "all_ended": bool(cleanup["planned"]) and len(cleanup["terminated"]) == len(cleanup["planned"]),
        "kept_by_reason": [{"name": name, "sessions": number} for name, number in reasons.most_common()],
        "policies": list(cleanup.get("policies") or ()),
        **{name: list(cleanup[name]) for name in _LISTS},
    }


def _is_record_list(value: Any) -> bool:
    is_list = isinstance(value, Sequence) and not isinstance(value, str)
    return is_list and all(isinstance(one, Mapping) and "id" in one and "kind" in one for one in value)


def _cleanup_entries(cleanup: Any) -> dict[tuple[Any, Any], dict[str, Any]]:
    """The entry of each session that the cleanup did not end (planned, kept or failed), by kind and id."""
    found = {}
    for name in ("planned", "kept", "failed") if cleanup else ():
        for one in cleanup[name]:
            why = one.get("reason") if name == "kept" else one.get("result")
            policy = {"policy": one["policy"]} if one.get("policy") else {}
            found[one["kind"], one["id"]] = {"list": name, "why": why, "msg": one.get("msg") or "", **policy}
    return found

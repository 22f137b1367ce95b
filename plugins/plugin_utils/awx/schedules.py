# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Schedules of AWX: when they begin, and what of them is kept as somebody set it there. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any, Optional
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError, shown
from ansible_collections.aimms.cloud.plugins.plugin_utils.awx.variables import PREFIX, Values, known_keys, meant, wrong

KEYS = ("start", "rule", "enabled", "answers")
_HOUR = re.compile(r"\A([01]\d|2[0-3]):?([0-5]\d)(?::?([0-5]\d))?\Z")
_DAY_AND_HOUR = re.compile(r"\A\d{8}T([01]\d|2[0-3])[0-5]\d[0-5]\d\Z")
_RULE = re.compile(r"\ADTSTART;TZID=([^:]+):(?P<day>\d{8})T(\d{6})\s+RRULE:(\S+)\Z")
_FORMER_DAYS = ("20270101", "20270103")
"""The days on which the schedules of 1.0.0 begin: a schedule that still waits for one begins now instead."""


def check(values: Values, shipped: Mapping[str, Any]) -> None:
    """:raises OptionError: for a schedule or a part of one that there is not.

    :param shipped: the schedules of the collection, by name.
    """
    for name in (*values["enabled_schedules"], *values["schedules"]):
        if name not in shipped:
            raise OptionError(f"There is no schedule '{shown(name)}'.", meant(name, shipped))
    for name, own in values["schedules"].items():
        option = f"{PREFIX}schedules: {name}"
        if not isinstance(own, Mapping):
            raise wrong(option, f"a mapping with {', '.join(KEYS)}", own)
        known_keys(own, KEYS, option)
        if not isinstance(own.get("enabled", True), bool):
            raise wrong(f"{option}: enabled", "true or false", own["enabled"])
        if not isinstance(own.get("answers") or {}, Mapping):
            raise wrong(f"{option}: answers", "a mapping", own["answers"])


def rule(
    made: Mapping[str, Any], values: Values, there: Optional[Mapping[str, Any]], now: datetime
) -> tuple[str, list[str]]:
    """The rule of a schedule for AWX, and sentences about what is kept.

    The first run of a new one is at the next time that fits. One that AWX has keeps its day of begin.

    :param made: the shipped schedule. :param there: the schedule that AWX has. :param now: with a zone.
    """
    own = values["schedules"].get(made["name"], {})
    start, repeat = str(own.get("start", made["start"])), str(own.get("rule", made["rule"]))
    zone = values["timezone"]
    hour = _hour(start, zone, made["name"])
    wanted = f"{hour} {repeat} {zone}"
    has = str((there or {}).get("rrule", ""))
    parts = _RULE.match(has)
    is_same = parts is not None and f"{parts[3]} {parts[4]} {parts[1]}" == wanted
    if parts and is_same and parts["day"] in _FORMER_DAYS and parts["day"] > now.strftime("%Y%m%d"):
        has = ""
    if has and is_same and not _DAY_AND_HOUR.match(start):
        return has, []
    is_explicit = bool({"start", "rule"} & set(own)) or "timezone" in values["explicit"]
    if has and values["by_hand"] == "keep" and not is_explicit:
        return has, [] if is_same else [f"its rule is '{shown(has, 200)}', not '{wanted}'"]
    day = start.partition("T")[0] if _DAY_AND_HOUR.match(start) else _day(hour, zone, now)
    return f"DTSTART;TZID={zone}:{day}T{hour} RRULE:{repeat}", []


def _hour(start: str, zone: str, name: str) -> str:
    """HHMMSS."""
    found, whole = _HOUR.match(start), _DAY_AND_HOUR.match(start)
    if not found and not whole:
        wanted = "an hour such as 04:30, or a day and an hour such as 20270101T043000"
        raise wrong(f"{PREFIX}schedules: {name}: start", wanted, start)
    hour = start.partition("T")[2] if whole else "".join(part or "00" for part in (found.groups() if found else ()))
    if hour.startswith("02") and zone.upper() not in ("UTC", "ETC/UTC"):
        wanted = "outside of 02:00 to 03:00, which a day of the year lacks in many zones"
        raise wrong(f"{PREFIX}schedules: {name}: start", wanted, start)
    return hour


def _day(hour: str, name: str, now: datetime) -> str:
    """The next day, today included, at which that hour is still to come in the zone."""
    zone: tzinfo
    try:
        zone = ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):  # unknown here: AWX decides; yesterday is never too late
        zone, now = timezone.utc, now - timedelta(days=2)
    local = now.astimezone(zone)
    passed = local.strftime("%H%M%S") >= hour
    return (local + timedelta(days=1 if passed else 0)).strftime("%Y%m%d")


def enabled(made: Mapping[str, Any], values: Values, there: Optional[Mapping[str, Any]]) -> tuple[bool, list[str]]:
    """Whether a schedule is switched on, and sentences about what is kept."""
    own = values["schedules"].get(made["name"], {})
    wanted = bool(own.get("enabled", made["enabled"] or made["name"] in values["enabled_schedules"]))
    is_explicit = "enabled" in own or made["name"] in values["enabled_schedules"]
    if there is None or is_explicit or values["by_hand"] != "keep" or there["enabled"] == wanted:
        return wanted, []
    return bool(there["enabled"]), [f"it is switched {'on' if there['enabled'] else 'off'}"]

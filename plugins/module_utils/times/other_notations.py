# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Notations of times that are less usual, and can mean only one time. Pure."""

from __future__ import annotations

import re
from datetime import date

# ISO 8601 without separators, with slashes or by week; RFC 1123.
_OTHER_ISO = re.compile(
    r"\A(\d{4})([-/]?)(?:(\d{2})\2(\d{2})|W(\d{2})\2([1-7]))[Tt ](\d{2})(:?)(\d{2})\8(\d{2})(\D.*)?\Z", re.ASCII
)
_RFC_1123 = re.compile(
    r"\A(?:(?:mon|tue|wed|thu|fri|sat|sun), ?)?(\d{1,2}) (jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec) (\d{4}) "
    r"(\d{2}:\d{2}(?::\d{2})?) (?:(UTC?|GMT|Z)|([+-]\d{4}))\Z",
    re.ASCII | re.IGNORECASE,
)
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()


def as_usual(text: str) -> str:
    """The time as ``YYYY-MM-DDTHH:MM:SS`` and what follows; empty for a text that is in none of the notations."""
    if same := _OTHER_ISO.match(text):
        year, _dash, month, day, week, weekday, hours, _colon, minutes, seconds, rest = same.groups()
        date_ = f"{year}-{month}-{day}" if month else _date_of_week(int(year), int(week), int(weekday))
        return f"{date_}T{hours}:{minutes}:{seconds}{rest or ''}"
    if same := _RFC_1123.match(text):
        day, month, year, clock, utc, offset = same.groups()
        return f"{year}-{_MONTHS.index(month.lower()) + 1:02}-{int(day):02}T{clock}{'Z' if utc else offset}"
    return ""


def _date_of_week(year: int, week: int, weekday: int) -> str:
    """The date of a day of an ISO week; empty for a week that the year does not have."""
    try:
        return date.fromisocalendar(year, week, weekday).isoformat()
    except ValueError:
        return ""

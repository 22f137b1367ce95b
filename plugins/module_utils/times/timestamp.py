# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times in the notations of services, and ages by two clocks. Pure: the clocks are arguments."""

from __future__ import annotations

import math
import re
from datetime import date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import NamedTuple, Optional

_TEN_YEARS = 10 * 366 * 86400
YEAR_1, YEAR_10000 = -62135596800, 253402300800
_LAST = YEAR_10000 - 0.001
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
NAIVE_MARGIN = 12 * 3600
"""Seconds by which a time without a zone may be wrong when it is read as UTC."""

_ISO = re.compile(
    r"\A(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2})(?::(\d{2})(?:[.,](\d{1,12}))?)?"
    r"\s?(?:(?:(?:[+-]00:?00)?([Zz]|UTC|GMT)|([+-](?:[01]\d|2[0-3])):?([0-5]\d)?)(?:\[[A-Za-z][\w/+-]*\])?)?\Z",
    re.ASCII,
)
_NUMBER = re.compile(r"\A\d{10,19}(?:\.\d{1,9})?\Z", re.ASCII)
_DOTNET = re.compile(r"\A/Date\((-?\d{1,15})(?:[+-]\d{4})?\)/\Z", re.ASCII)  # its offset does not change the time
_LONGEST = 64


class Instant(NamedTuple):
    """A time in the years 1 to 9999: seconds since 1970 in UTC, and whether UTC was assumed because it has no zone."""

    seconds: float
    assumed_utc: bool = False

    @property
    def margin(self) -> int:
        """Seconds by which it may be wrong."""
        return NAIVE_MARGIN if self.assumed_utc else 0

    def iso(self) -> Optional[str]:
        """The time as ``YYYY-MM-DDTHH:MM:SSZ``, without fractions; see ``iso``."""
        return iso(self.seconds)


class Clock(NamedTuple):
    """The present time in seconds since 1970, by the server (``Date`` header; None without one) and by this machine."""

    server: Optional[float]
    local: float

    @property
    def earliest(self) -> float:
        """The earlier of the two times: ages are shorter by it."""
        return self.local if self.server is None else min(self.server, self.local)

    @property
    def latest(self) -> float:
        """The later of the two times: ages are longer by it."""
        return self.local if self.server is None else max(self.server, self.local)

    def reliable(self, instant: Optional[Instant]) -> bool:
        """Whether an age can be computed: the time is known, not in the future, and at most ten years ago.

        Never without the server's clock: an age counts only if both clocks agree.
        """
        if instant is None or self.server is None:
            return False
        return self.latest - _TEN_YEARS <= instant.seconds <= self.latest

    def older(self, instant: Optional[Instant], limit: int) -> bool:
        """Whether, by both clocks, ``instant`` is more than ``limit`` seconds ago (12 h more if UTC was assumed)."""
        if instant is None or not self.reliable(instant):
            return False
        return instant.seconds + instant.margin < self.earliest - limit

    def newer(self, instant: Optional[Instant], limit: int) -> bool:
        """Whether, by both clocks, ``instant`` is less than ``limit`` seconds ago (12 h less if UTC was assumed)."""
        if instant is None or not self.reliable(instant):
            return False
        return instant.seconds - instant.margin > self.latest - limit


def iso(seconds: float) -> Optional[str]:
    """Seconds since 1970 as ``YYYY-MM-DDTHH:MM:SSZ``; None outside of the years 1 to 9999. Raises nothing."""
    if not YEAR_1 <= seconds < YEAR_10000:
        return None
    return (EPOCH + timedelta(seconds=math.floor(seconds))).replace(tzinfo=None).isoformat() + "Z"


def parse_instant(value: object, zone: Optional[tzinfo] = None) -> Optional[Instant]:
    """A time from ISO 8601, RFC 1123, ``/Date(…)/``, or seconds, milli-, micro- or nanoseconds since 1970 as number or
    text; None for others, and for those that can mean several times.

    :param zone: the zone of a time without one; None: UTC is assumed, and the result marked so.
    """
    if isinstance(value, str):
        if len(value) > _LONGEST:
            return None
        text = value.strip()
        if match := _ISO.match(text):
            return _from_iso(match, zone)
        return _from_epoch(float(text)) if _NUMBER.match(text) else _from_other(text, zone)
    return _from_epoch(value) if isinstance(value, (int, float)) else None


def _from_epoch(number: float) -> Optional[Instant]:
    """The unit follows from the size of the number: 1e9 is seconds, 1e12 milli-, 1e15 micro-, 1e18 nanoseconds."""
    if not 10**9 <= number < 10**20:
        return None
    scaled = (number / scale for scale in (1, 10**3, 10**6, 10**9))
    return next((Instant(seconds) for seconds in scaled if 10**9 <= seconds < 10**11), None)


def _from_iso(match: re.Match[str], zone: Optional[tzinfo]) -> Optional[Instant]:
    """Without ``datetime``, and days are cached: many times faster."""
    day, clock, second, fraction, utc, offset_hours, offset_minutes = match.groups()
    midnight = _midnight(day)
    hours, minutes, seconds = int(clock[:2]), int(clock[3:]), int(second or 0)
    if midnight is None or hours > 23 or minutes > 59 or seconds > 60:  # a leap second is the one after it
        return None
    since = midnight + hours * 3600 + minutes * 60 + seconds
    if offset_hours:
        sign = -1 if offset_hours[0] == "-" else 1
        since -= sign * (abs(int(offset_hours)) * 3600 + int(offset_minutes or 0) * 60)
    elif zone is not None and not utc:
        since = _latest(since, zone)
    if not YEAR_1 <= since < YEAR_10000:
        return None
    # More digits than six would round .9999999 up to the next second.
    precise = min(since + float(f"0.{fraction[:6]}"), _LAST) if fraction else float(since)
    return Instant(precise, not utc and not offset_hours and zone is None)


def _from_other(text: str, zone: Optional[tzinfo]) -> Optional[Instant]:
    """A time in one of the notations that are less usual."""
    if milliseconds := _DOTNET.match(text):
        seconds = int(milliseconds.group(1)) / 1000
        return Instant(seconds) if YEAR_1 <= seconds <= _LAST else None
    from ansible_collections.aimms.cloud.plugins.module_utils.times.other_notations import (
        as_usual,  # few services use them
    )

    match = _ISO.match(as_usual(text))
    return _from_iso(match, zone) if match else None


@lru_cache(maxsize=4096)
def _midnight(day: str) -> Optional[int]:
    """The beginning of a day in UTC, in seconds since 1970; None for an invalid date."""
    try:
        return (date.fromisoformat(day) - date(1970, 1, 1)).days * 86400
    except ValueError:
        return None


def _latest(wall: int, zone: tzinfo) -> int:
    """The latest time that a wall-clock time can mean: of an hour that occurs twice, the second one.

    :param wall: seconds since 1970 in ``zone``. At the ends of the calendar the result is beyond them.
    """
    hour = wall - wall % 3600
    first, end = _converted(hour, zone), _converted(hour + 3600, zone)
    return first + wall - hour if end - first == 3600 else _converted(wall, zone)  # else the clocks change in it


@lru_cache(maxsize=4096)
def _converted(wall: int, zone: tzinfo) -> int:
    try:
        moment = (EPOCH + timedelta(seconds=wall)).replace(tzinfo=zone)
        latest = max(moment.replace(fold=fold).astimezone(timezone.utc) for fold in (0, 1))
    except (ValueError, OverflowError):
        return YEAR_10000
    return math.floor((latest - EPOCH).total_seconds())

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times in the notations of services, and ages by two clocks. Pure: the clocks are arguments."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import NamedTuple, Optional

_TEN_YEARS = 10 * 366 * 86400
YEAR_1, YEAR_10000 = -62135596800, 253402300800
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
NAIVE_MARGIN = 12 * 3600
"""Seconds by which a time without a zone may be wrong when it is read as UTC."""

_ISO = re.compile(
    r"\A(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2})(?::(\d{2})(?:[.,](\d{1,12}))?)?"
    r"\s?(?:([Zz]|UTC|GMT)|([+-](?:[01]\d|2[0-3])):?([0-5]\d)?)?\Z",
    re.ASCII,
)
_NUMBER = re.compile(r"\A\d{10,19}(?:\.\d{1,9})?\Z", re.ASCII)


class Instant(NamedTuple):
    """A time: seconds since 1970 in UTC, and whether UTC was assumed because it has no zone."""

    seconds: float
    assumed_utc: bool = False

    def iso(self) -> str:
        """The time as ``YYYY-MM-DDTHH:MM:SSZ``, without fractions."""
        return iso(self.seconds)


@dataclass(frozen=True)
class Clock:
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
        margin = NAIVE_MARGIN if instant.assumed_utc else 0
        return instant.seconds + margin < self.earliest - limit

    def newer(self, instant: Optional[Instant], limit: int) -> bool:
        """Whether, by both clocks, ``instant`` is less than ``limit`` seconds ago (12 h less if UTC was assumed)."""
        if instant is None or not self.reliable(instant):
            return False
        margin = NAIVE_MARGIN if instant.assumed_utc else 0
        return instant.seconds - margin > self.latest - limit


def iso(seconds: float) -> str:
    """Seconds since 1970 as ``YYYY-MM-DDTHH:MM:SSZ``."""
    return (EPOCH + timedelta(seconds=int(seconds))).replace(tzinfo=None).isoformat() + "Z"


def parse_instant(value: object, zone: Optional[tzinfo] = None) -> Optional[Instant]:
    """A time from ISO 8601, or from epoch seconds, milli-, micro- or nanoseconds as number or text; None for others.

    :param zone: the zone of a time without one; None: UTC is assumed, and the result marked so.
    """
    if isinstance(value, str):
        text = value.strip()
        if len(value) > 64:
            return None
        match = _ISO.match(text)
        if match:
            return _from_iso(match, zone)
        return _from_epoch(float(text)) if _NUMBER.match(text) else None
    return _from_epoch(value) if isinstance(value, (int, float)) else None


def _from_epoch(number: float) -> Optional[Instant]:
    """The unit follows from the size of the number: 1e9 is seconds, 1e12 milli-, 1e15 micro-, 1e18 nanoseconds."""
    if not 10**9 <= number < 10**20:
        return None
    for scale in (1, 10**3, 10**6, 10**9):
        if 10**9 <= number / scale < 10**11:
            return Instant(number / scale)
    return None


def _from_iso(match: re.Match[str], zone: Optional[tzinfo]) -> Optional[Instant]:
    day, hour_minute, second, fraction, utc, offset_hours, offset_minutes = match.groups()
    if utc:
        return _from_utc(day, hour_minute, int(second or 0), float(f"0.{fraction}") if fraction else 0.0)
    try:
        moment = datetime.fromisoformat(f"{day}T{hour_minute}:{second or '00'}")
        if offset_hours:
            sign = -1 if offset_hours[0] == "-" else 1
            offset = timedelta(minutes=sign * (abs(int(offset_hours)) * 60 + int(offset_minutes or 0)))
            aware = moment.replace(tzinfo=timezone(offset))
        else:
            aware = _latest(moment, zone or timezone.utc)
        seconds = (aware - EPOCH).total_seconds()
    except (ValueError, OverflowError):
        return None
    if not YEAR_1 <= seconds < YEAR_10000:
        return None
    assumed = not offset_hours and zone is None
    return Instant(seconds + float(f"0.{fraction or 0}"), assumed)


def _from_utc(day: str, hour_minute: str, seconds: int, fraction: float) -> Optional[Instant]:
    """The instant of a time in UTC. Many times faster than ``datetime``, because days are cached."""
    midnight = _midnight(day)
    hours, minutes = int(hour_minute[:2]), int(hour_minute[3:])
    if midnight is None or hours > 23 or minutes > 59 or seconds > 59:
        return None
    return Instant(midnight + hours * 3600 + minutes * 60 + seconds + fraction)


@lru_cache(maxsize=4096)
def _midnight(day: str) -> Optional[int]:
    """The beginning of a day in UTC, in seconds since 1970; None for an invalid date."""
    try:
        return (date.fromisoformat(day) - date(1970, 1, 1)).days * 86400
    except ValueError:
        return None


def _latest(moment: datetime, zone: tzinfo) -> datetime:
    """The latest time that a wall-clock time can mean: of an hour that occurs twice, the second one."""
    return max(moment.replace(tzinfo=zone, fold=fold).astimezone(timezone.utc) for fold in (0, 1))

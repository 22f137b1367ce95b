"""The emulator's clock, which tests can set, move and stop, and conversions of times. Times are POSIX seconds."""

from __future__ import annotations

import re
import time
from datetime import datetime, timedelta, timezone
from email.utils import formatdate

_RFC3339 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)?\Z", re.ASCII
)
DAY = 86400.0
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


class Clock:
    """The time in the emulated account."""

    def __init__(self, start: float | None = None) -> None:
        self.begin = time.time() if start is None else start  # the time at the start, for seeding
        self._base = self.begin
        self._mono = time.monotonic()
        self._frozen: float | None = None

    def now(self) -> float:
        """The emulated time in POSIX seconds."""
        if self._frozen is not None:
            return self._frozen
        return self._base + time.monotonic() - self._mono

    def tick(self, seconds: float) -> None:
        """Move the clock forward."""
        self._base += seconds
        if self._frozen is not None:
            self._frozen += seconds

    def freeze(self, frozen: bool) -> None:
        """Stop the clock, or let it run again from where it stopped."""
        if frozen:
            self._frozen = self.now()
        elif self._frozen is not None:
            self._base, self._mono, self._frozen = self._frozen, time.monotonic(), None


def parse_time(text: str) -> float:
    """Parse RFC 3339; without a zone it is UTC. Returns POSIX seconds. Raises ValueError."""
    match = _RFC3339.match(text)
    if match is None:
        raise ValueError(f"not a date-time: {text!r}")
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    zone = match[8] or "Z"
    moment = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=timezone.utc)
    shift = 0
    if zone not in "Zz":
        shift = int(zone[0] + "1") * (int(zone[1:3]) * 3600 + int(zone[4:6]) * 60)
    fraction = float("0." + (match[7] or "0"))
    return (moment - _EPOCH).total_seconds() + fraction - shift


def parse_date(text: str) -> float:
    """Parse YYYY-MM-DD. Returns the start of that day in UTC as POSIX seconds. Raises ValueError."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        raise ValueError(f"not a date: {text!r}")
    return parse_time(f"{text}T00:00:00Z")


def to_datetime(seconds: float) -> datetime:
    """POSIX seconds as an aware datetime in UTC."""
    return _EPOCH + timedelta(seconds=seconds)


def iso(seconds: float | None) -> str | None:
    """Format as `YYYY-MM-DDTHH:MM:SS.mmmZ`; None stays None."""
    if seconds is None:
        return None
    return to_datetime(seconds).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def http_date(seconds: float) -> str:
    """Format as in an HTTP Date header."""
    return formatdate(seconds, usegmt=True)

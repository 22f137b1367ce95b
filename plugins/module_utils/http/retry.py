# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pauses before retries; the loop is in ``http/client``. Pure: clocks and random numbers are arguments."""

from __future__ import annotations

from datetime import timezone
from email.utils import parsedate_to_datetime
from typing import Callable, Optional

_LONGEST_PAUSE = 20.0


def backoff(attempt: int, uniform: Callable[[float, float], float]) -> float:
    """Seconds to wait after failed attempt ``attempt`` (from 0): full jitter up to ``min(20, 0.5 * 2**attempt)``."""
    return uniform(0.0, min(_LONGEST_PAUSE, 0.5 * 2 ** min(attempt, 10)))


def retry_after(header: Optional[str], now: float) -> Optional[float]:
    """The seconds in a ``Retry-After`` header, a number or a date; None when missing or malformed."""
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return float(text) if len(text) < 12 else float("inf")
    moment = http_date(text)
    return None if moment is None else max(0.0, moment - now)


def http_date(header: Optional[str]) -> Optional[float]:
    """Seconds since 1970 of an HTTP date; None when missing or malformed."""
    if not header:
        return None
    try:
        moment = parsedate_to_datetime(header)
        return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()
    except (TypeError, ValueError, IndexError, OverflowError):
        return None

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Limits the rate of requests: no limit until the first 429, then about the rate that the server accepts.

How long to wait before a request is sent again after a 429 is not decided here, but in ``http/retry``.
"""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Callable, Optional

_LOWEST = 1.0  # requests a second
_SECOND = 1.0
_DOUBLED_IN, _DOUBLED_LATER_IN = 0.7, 4.0  # seconds
_LIMITED = 429
_REMEMBERED = 1000
_MOST_DOUBLINGS = 20.0


class ClientRateLimiter:
    """Limits the rate of the requests to one server. Safe to use from several threads.

    The first 429 shows that the rate was too high, but not what the limit is. The rate is then set to that of the
    second before, and doubles every 0.7 s until a 429 arrives a second or more after the last one. From then on the
    limit is known, and the rate grows slowly, in case the server has removed it: after a 429 by 4 % in one second, to
    twice the rate in four seconds.
    """

    def __init__(self, monotonic: Callable[[], float], sleep: Callable[[float], None]) -> None:
        """:param monotonic: seconds on a clock that never goes back. :param sleep: waits for seconds."""
        self._monotonic, self._sleep = monotonic, sleep
        self._lock = threading.Lock()
        self._base: Optional[float] = None
        self._searching = False
        self._limited_at = float("-inf")
        self._free_at = float("-inf")
        self._waiting_changes = 0
        self._passed: deque[float] = deque(maxlen=_REMEMBERED)

    def begin(self, *, change: bool, patience: float) -> float:
        """Wait until the request may be sent, at most ``patience`` seconds. Returns the time of ``monotonic`` then.

        Changes are sent before all waiting reads: a change must follow soon after the read that allows it.
        """
        until = self._monotonic() + patience
        with self._waiting(change):
            while True:
                now = self._monotonic()
                seconds = min(self.seconds_to_wait(now, change=change), until - now)
                if seconds <= 0:
                    return now
                self._sleep(seconds)

    @contextmanager
    def _waiting(self, change: bool) -> Iterator[None]:
        with self._lock:
            self._waiting_changes += change
        try:
            yield
        finally:
            with self._lock:
                self._waiting_changes -= change

    def seconds_to_wait(self, now: float, *, change: bool) -> float:
        """Seconds until the next call of this; 0: send the request now."""
        with self._lock:
            if self._base is None:
                return 0.0
            gap = 1 / (self._base * self._growth(now))
            if now < self._free_at:
                return self._free_at - now
            if self._waiting_changes and not change:
                return gap
            self._free_at = now + gap
            return 0.0

    def end(self, begun: float, status: int) -> None:
        """Count a response. :param begun: the result of ``begin`` for its request."""
        with self._lock:
            now = self._monotonic()
            if status == _LIMITED:
                self._slow_down(now, begun)
                return
            self._passed.append(now)

    def _slow_down(self, now: float, begun: float) -> None:
        if begun <= self._limited_at:  # sent at the rate before the last limit: nothing new
            return
        self._searching = self._base is None or (self._searching and now - self._limited_at < _SECOND)
        intervals = sum(moment > now - _SECOND for moment in self._passed) - 1
        self._base = max(_LOWEST, intervals)
        self._limited_at = now

    def _growth(self, now: float) -> float:
        """The present rate as a multiple of the rate that was accepted before the last limit."""
        since = now - self._limited_at
        exponent = since / _DOUBLED_IN if self._searching else (since / _DOUBLED_LATER_IN) ** 2
        return math.pow(2.0, min(exponent, _MOST_DOUBLINGS))

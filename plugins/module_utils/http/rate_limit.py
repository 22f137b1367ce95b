# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast requests may follow one another: as fast as they can, until the server limits their rate (429).

From then on they are spaced at the rate that the server was seen to take, and go a little faster each second for as
long as it takes them all. How long a request that was put off waits is not decided here: that is the server's word.
"""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Callable, Optional

_LOWEST = 1.0
_SECOND = 1.0
_DOUBLED_IN, _DOUBLED_LATER_IN = 0.7, 4.0
_LIMITED = 429
_REMEMBERED = 1000
_MOST_DOUBLINGS = 20.0


class ClientRateLimiter:
    """The rate of one server's requests. Safe to use from several threads.

    The first limit only tells that the rate was too high: from what was taken before it, the rate doubles every 0.7 s
    until the next one. After that the server's rate is known. It is gone beyond by a twentieth in the first second, and
    doubled in four, so that a limit that is lifted is soon forgotten.
    """

    def __init__(self, monotonic: Callable[[], float], sleep: Callable[[float], None]) -> None:
        """:param monotonic: seconds on a clock that is never set. :param sleep: waits so many seconds."""
        self._monotonic, self._sleep = monotonic, sleep
        self._lock = threading.Lock()
        self._base: Optional[float] = None
        self._searching = False
        self._limited_at = float("-inf")
        self._free_at = float("-inf")
        self._changes = 0
        self._passed: deque[float] = deque(maxlen=_REMEMBERED)
        self._taken_at = dict.fromkeys((False, True), float("-inf"))

    def begin(self, *, change: bool, patience: float) -> float:
        """Wait until a request may go out, at most ``patience`` seconds; the moment when it does.

        A change goes before all reads that wait, as it is to follow closely the read that allows it.
        """
        until = self._monotonic() + patience
        with self._waiting(change):
            while True:
                now = self._monotonic()
                seconds = min(self.turn(now, change=change), until - now)
                if seconds <= 0:
                    return now
                self._sleep(seconds)

    @contextmanager
    def _waiting(self, change: bool) -> Iterator[None]:
        with self._lock:
            self._changes += change
        try:
            yield
        finally:
            with self._lock:
                self._changes -= change

    def turn(self, now: float, *, change: bool) -> float:
        """Seconds until a request may ask again whether it may go out; 0: it goes out now."""
        with self._lock:
            if self._base is None:
                return 0.0
            gap = 1 / (self._base * self._growth(now))
            if now < self._free_at:
                return self._free_at - now
            if self._changes and not change:
                return gap
            self._free_at = now + gap
            return 0.0

    def end(self, begun: float, status: int, *, change: bool) -> None:
        """Take note of an answer. Those to requests from before the last limit say nothing new about the rate.

        :param begun: what ``begin`` returned.
        """
        with self._lock:
            now = self._monotonic()
            if status == _LIMITED:
                self._slow_down(now, begun)
                return
            self._passed.append(now)
            if status < 500:
                self._taken_at[change] = now

    def taken_at(self, *, change: bool) -> float:
        """When the server last took a change, or answered a read, of anybody's; minus infinity: never."""
        return self._taken_at[change]

    def _slow_down(self, now: float, begun: float) -> None:
        if begun <= self._limited_at:
            return
        self._searching = self._base is None or (self._searching and now - self._limited_at < _SECOND)
        intervals = sum(moment > now - _SECOND for moment in self._passed) - 1
        self._base = max(_LOWEST, intervals)
        self._limited_at = now

    def _growth(self, now: float) -> float:
        """How many times as many requests a second as were taken when the server last limited them."""
        since = now - self._limited_at
        exponent = since / _DOUBLED_IN if self._searching else (since / _DOUBLED_LATER_IN) ** 2
        return math.pow(2.0, min(exponent, _MOST_DOUBLINGS))

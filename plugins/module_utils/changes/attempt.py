# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of the work on one target of a bulk change; only the executor and its helpers use it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.changes.change import FAILED, NOT_TRIED, Outcome, T


@dataclass
class Attempt(Generic[T]):
    """The work on one target. Times are on the monotonic clock.

    ``outcome``: the result, when it is known. ``begun``: it was not left for later by the circuit breaker.
    ``asked``: the server may have got a request; ``taken``: it said that it took it; ``sends``: requests that it did
    not take. ``may_send_at``: when the next request may go out. ``limited_until``: the end of putting it off (429).
    ``since``: the wait counts from here. ``look_began``, ``looked_at``: the last read, of several tries; ``failures``:
    reads that failed since the last successful one. ``error``: what the server said last.
    """

    target: T
    outcome: Optional[Outcome[T]] = None
    begun: bool = False
    asked: bool = False
    taken: bool = False
    sends: int = 0
    may_send_at: float = 0.0
    limited_until: float = 0.0
    since: float = 0.0
    look_began: float = 0.0
    looked_at: float = 0.0
    failures: int = 0
    error: str = ""

    def settle(self, result: str, msg: str = "", *, unread: bool = False) -> None:
        """Set the result."""
        changed = self.taken or (self.asked and result not in (NOT_TRIED, FAILED))
        self.outcome = Outcome(self.target, result, msg, changed, unread)

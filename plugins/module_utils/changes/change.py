# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The interface of a change to sessions or tasks, and its possible results. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Callable, Generic, Optional, Protocol, TypeVar

from ansible_collections.aimms.cloud.plugins.module_utils.http.connection import Connection
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session

NOT_FOUND = "not_found"
ALREADY_ENDED = "already_ended"
CHANGED_SINCE = "changed_since"
REQUESTED = "requested"
FAILED = "failed"
UNKNOWN = "unknown"
NOT_TRIED = "not_tried"
PENDING = "pending"
BAD_RESULTS = (FAILED, UNKNOWN, NOT_TRIED)


class Target(Protocol):
    """A session or a task, as it was read."""

    @property
    def id(self) -> str:
        """The id."""

    @property
    def state(self) -> str:
        """The state, in lower case."""

    @property
    def active(self) -> bool:
        """Whether it runs or waits."""

    @property
    def ended(self) -> bool:
        """Whether it has ended; False for an unknown state."""

    @property
    def identity(self) -> tuple[Any, ...]:
        """Equal for two reads of the same one. An id alone may be used again."""


T = TypeVar("T", bound=Target)


@dataclass
class Outcome(Generic[T]):
    """The result for one session or task, and the state of the work on it. Times are on the monotonic clock.

    ``sent``: a change was sent and may have been made; ``accepted``: the server accepted it.
    ``late``: a request timed out, so the server may still work on it. ``sends``: requests with an unclear outcome.
    ``limited``: 429 in a row, the first at ``limited_since``, the last at ``limited_at``.
    ``unanswered``: failed reads in a row, the last at ``unanswered_at``. ``read_at``: the last successful read.
    ``since``: the last request for the change.
    """

    target: T
    result: str
    msg: str = ""
    sent: bool = False
    accepted: bool = False
    late: bool = False
    sends: int = 0
    limited: int = 0
    unanswered: int = 0
    unanswered_at: float = 0.0
    read_at: float = 0.0
    since: float = 0.0
    limited_since: float = 0.0
    limited_at: float = 0.0

    @property
    def asked(self) -> bool:
        """Whether the server may have received a request for the change."""
        return self.sent or self.accepted


class Change(Protocol[T]):
    """One kind of change.

    ``done``: the result after a read showed the change, ``already_done``: when it was not needed any more.
    ``verb`` and ``thing``: words for messages.
    """

    done: str
    already_done: str
    verb: str
    thing: str

    @property
    def connection(self) -> Connection:
        """The connection options."""

    def read(self, target: T, attempts: Optional[int], fresh: bool) -> Optional[T]:
        """The target as it is now; None if the server no longer has it."""

    def is_done(self, live: T) -> bool:
        """Whether a read shows that the change is made."""

    def precondition_failure(self, live: T) -> Optional[tuple[str, str]]:
        """Why the change must not be made: result and message. None: it may be made."""

    def send(self, live: T, reread: Callable[[], Optional[T]]) -> None:
        """Send the change, once. ``reread`` reads the target again."""

    def answers(self) -> bool:
        """Whether the server responds: one read that is not about a target."""

    def answered_at(self, *, of_change: bool) -> float:
        """When the server last answered a change, or any read, with anything but 429 or 5xx (monotonic clock)."""

    def list_cost(self, targets: Sequence[T]) -> Optional[int]:
        """How many requests a list that contains ``targets`` takes; None: there is no such list."""

    def listed(self, targets: Sequence[T]) -> Optional[Mapping[tuple[Any, ...], T]]:
        """The current list that contains ``targets``, by identity; None: it is incomplete, or there is none."""


Fits = Callable[[Session], bool]


class SessionChange(Change[Session], Protocol):
    """A change to sessions. ``fits``: whether a session, as it is now, is still selected."""

    fits: Fits

    def is_eligible(self, session: Session) -> bool:
        """Whether the change can be made to sessions in this state."""


def settle(change: Change[T], outcome: Outcome[T], live: Optional[T]) -> bool:
    """Set the result if a read decides it: gone, another one, done, or in an unknown state. Returns whether it does."""
    planned, asked = outcome.target, outcome.asked
    done = (change.done, "")
    if live is None:
        result, msg = done if asked else (NOT_FOUND, f"The server has no such {change.thing}.")
    elif live.identity != planned.identity:
        result = change.done if asked else CHANGED_SINCE
        msg = f"The id now belongs to another {change.thing}." + ("" if asked else " Nothing was sent.")
    elif change.is_done(live):
        result, msg = done if asked else (ALREADY_ENDED, "It had ended before.")
    elif not live.active and not live.ended and not asked:
        result, msg = UNKNOWN, f"Its state '{live.state}' is neither active nor ended; nothing was sent."
    else:
        return False
    if live is not None and live.identity == planned.identity:
        outcome.target = live
    outcome.result, outcome.msg = result, msg
    return True

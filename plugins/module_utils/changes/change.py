# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A change to sessions or tasks, its results, and what a single read says of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Callable, Generic, Optional, Protocol, TypeVar

from ansible_collections.aimms.cloud.plugins.module_utils.http.connection import Connection
from ansible_collections.aimms.cloud.plugins.module_utils.models.identity import Identified, comparable, difference

NOT_FOUND = "not_found"
ALREADY_ENDED = "already_ended"
CHANGED_SINCE = "changed_since"
REQUESTED = "requested"
FAILED = "failed"
UNKNOWN = "unknown"
NOT_TRIED = "not_tried"
BAD_RESULTS = (FAILED, UNKNOWN, NOT_TRIED)


T = TypeVar("T", bound="Target")


class Target(Identified, Protocol):
    """A session or a task, as it was read."""

    @property
    def state(self) -> str:
        """The state, in lower case."""

    @property
    def active(self) -> bool:
        """Whether it runs, waits, or is about to end."""

    @property
    def ending(self) -> bool:
        """Whether it is about to end."""

    @property
    def ended(self) -> bool:
        """Whether it has ended; False for an unknown state."""

    def completed(self: T, earlier: T) -> T:
        """With what only an earlier read of the same one told."""


@dataclass(frozen=True)
class Outcome(Generic[T]):
    """The result for one session or task.

    ``changed``: a request for the change was, or may have been, carried out. ``unread``: it failed because the target
    could not be read; nothing was sent.
    """

    target: T
    result: str
    msg: str = ""
    changed: bool = False
    unread: bool = False


@dataclass
class Attempt(Generic[T]):
    """The work on one target, for the executor and its helpers. Times are on the monotonic clock.

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


class Service(Protocol):
    """The server of a change."""

    @property
    def connection(self) -> Connection:
        """The connection options."""

    def answers(self) -> bool:
        """Whether it responds: one read that is not about a target."""


class Change(Generic[T]):
    """One kind of change; the base of all.

    ``done``: the result after a read showed the change, ``already_done``: when it was not needed any more.
    ``verb`` and ``thing``: words for messages. ``awaits``: whether the end of one that is about to end is the change.
    ``one_at_a_time``: whether, for now, no target may be changed before the change to the one before it is settled.
    """

    done: str
    already_done = ALREADY_ENDED
    verb: str
    thing: str
    awaits = True

    def __init__(self, service: Service) -> None:
        self.service = service

    @property
    def one_at_a_time(self) -> bool:
        """Whether no further target may be begun while one is."""
        return False

    def read(self, target: T, *, fresh: bool) -> Optional[T]:
        """The target as it is now, read once; None if the server no longer has it.

        :param fresh: whether to read on a new connection.
        """
        raise NotImplementedError  # each kind of change has its own

    def send(self, live: T, reread: Callable[[], Optional[T]]) -> None:
        """Send the request for the change, once. ``reread`` reads the target again."""
        raise NotImplementedError  # each kind of change has its own

    def precondition_failure(self, live: T) -> Optional[tuple[str, str]]:
        """Why the change must not be made: result and message. None: it may be made."""
        raise NotImplementedError  # each kind of change has its own

    def is_done(self, live: T) -> bool:
        """Whether a read shows that the change is made."""
        return live.ended

    def list_cost(self, _targets: Sequence[T]) -> Optional[int]:
        """How many requests a list that contains the targets takes; None: there is no such list."""
        return None

    def listed(self, _targets: Sequence[T]) -> Optional[Mapping[str, Optional[T]]]:
        """The current list that contains the targets, by reference; None: it is incomplete, or there is none.

        A target that is None is gone by the word of the list.
        """
        return None


def verdict(change: Change[T], planned: T, live: Optional[T], *, asked: bool) -> Optional[Outcome[T]]:
    """The outcome that a read decides: gone, another one, done, or in an unknown state. None: it decides nothing.

    :param planned: as read before. :param live: as read now; None: the server no longer has it.
    :param asked: whether the server may have got a request for the change.
    """
    if live is None:
        if asked:
            return Outcome(planned, change.done, changed=True)
        return Outcome(planned, NOT_FOUND, f"The server has no such {change.thing}.")
    differs = difference(planned, live)
    if differs:
        text = f"The id now belongs to another {change.thing}: {differs}."
        if asked:
            return Outcome(planned, change.done, text, changed=True)
        return Outcome(planned, CHANGED_SINCE, f"{text} Nothing was sent.")
    if not comparable(planned, live, asked=asked):
        text = "Only the id tells that it is the same: there is no app, owner or created_at to compare."
        return None if asked else Outcome(planned, FAILED, f"{text} Nothing was sent.")
    live = live.completed(planned)
    if change.is_done(live):
        return (
            Outcome(live, change.done, changed=True) if asked else Outcome(live, ALREADY_ENDED, "It had ended before.")
        )
    if not live.active and not live.ended and not asked:
        return Outcome(live, UNKNOWN, f"Its state '{live.state}' is neither active nor ended; nothing was sent.")
    return None

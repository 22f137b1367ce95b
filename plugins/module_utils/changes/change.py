# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a change to a session or a task is, and what can become of it. Pure: what is done is done by others."""

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
    """What a change is made to: a session or a task, as it was read."""

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
        """Whether it has surely ended."""

    @property
    def identity(self) -> tuple[Any, ...]:
        """What must be the same for it to be the same one."""


T = TypeVar("T", bound=Target)


@dataclass
class Outcome(Generic[T]):
    """What became of one session or task.

    ``sent`` says whether a change was sent that may have been carried out, ``accepted`` that the server took it.
    ``late`` says that the server may still be at work on one of the requests: it gave no answer in time.
    ``sends`` counts the requests with an unclear outcome, ``limited`` those in a row that the server put off (429),
    ``limited_since`` and ``limited_at`` are when it first and last did.
    ``silent`` counts the reads in a row that the server did not answer, ``silent_at`` is when the last one failed,
    ``read_at`` when one last succeeded, ``since`` when the last request went out.
    """

    target: T
    result: str
    msg: str = ""
    sent: bool = False
    accepted: bool = False
    late: bool = False
    sends: int = 0
    limited: int = 0
    silent: int = 0
    silent_at: float = 0.0
    read_at: float = 0.0
    since: float = 0.0
    limited_since: float = 0.0
    limited_at: float = 0.0

    @property
    def asked(self) -> bool:
        """Whether the server may have been told to do it."""
        return self.sent or self.accepted


class Change(Protocol[T]):
    """One kind of change.

    ``done`` is the result of one that was seen to be done, ``already_done`` the result where somebody was faster,
    ``verb`` and ``thing`` name what is done to what.
    """

    done: str
    already_done: str
    verb: str
    thing: str

    @property
    def connection(self) -> Connection:
        """The connection options."""

    def read(self, target: T, attempts: Optional[int], fresh: bool) -> Optional[T]:
        """The target as it is now, None when the server has it no more."""

    def is_done(self, live: T) -> bool:
        """Whether there is nothing left to do for one that the server still has."""

    def precondition_failure(self, live: T) -> Optional[tuple[str, str]]:
        """Why the change must not be made to it: result and message. None: it may."""

    def send(self, live: T, reread: Callable[[], Optional[T]]) -> None:
        """Ask the server for the change, once. ``reread`` reads the target again."""

    def answers(self) -> bool:
        """Whether the server answers at all: one read that belongs to no target."""

    def taken_at(self, *, of_change: bool) -> float:
        """When the server last took any change, or answered any read (on the monotonic clock)."""

    def list_cost(self, targets: Sequence[T]) -> Optional[int]:
        """How many requests a list of all that may be among ``targets`` will take; None: there is no such list."""

    def listed(self, targets: Sequence[T]) -> Optional[Mapping[tuple[Any, ...], T]]:
        """All that the server lists now which may be among ``targets``, by identity; None: the list is not whole."""


Fits = Callable[[Session], bool]


class SessionChange(Change[Session], Protocol):
    """A change to sessions in certain states. ``fits`` says whether one, as it is now, is still selected."""

    fits: Fits

    def is_eligible(self, session: Session) -> bool:
        """Whether it is for sessions in this state."""


def settle(change: Change[T], outcome: Outcome[T], live: Optional[T]) -> bool:
    """Whether a read decides the outcome: gone, another one, done, or in a state nobody knows."""
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

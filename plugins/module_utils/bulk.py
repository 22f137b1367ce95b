# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many sessions at once: each one read, changed and read back, with bounded concurrency and every result accounted for.

A change follows a read that shows the same session, still active and still selected. It is never blindly repeated:
after an unclear outcome the session is read again on a new connection. 'terminated' is said only after a read
showed it.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Callable, Optional, TypeVar, Union

from ansible_collections.aimms.cloud.plugins.module_utils import retry
from ansible_collections.aimms.cloud.plugins.module_utils.errors import (
    AimmsError,
    AnswerError,
    HttpError,
    RedirectError,
    TlsError,
    TransportError,
)
from ansible_collections.aimms.cloud.plugins.module_utils.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.session_manager import SessionManager

TERMINATED = "terminated"
WOULD_TERMINATE = "would_terminate"
REQUESTED = "requested"
ALREADY_ENDED = "already_ended"
NOT_FOUND = "not_found"
CHANGED_SINCE = "changed_since"
FAILED = "failed"
UNKNOWN = "unknown"
NOT_TRIED = "not_tried"
BAD_RESULTS = (FAILED, UNKNOWN, NOT_TRIED)

_PENDING = "pending"
_MOST_SENDS = 3
_MOST_READS = 4
_READS_AFTER_DOUBT = 3
_MOST_SILENT = 8
_ALIKE = 5
_NOT_TRIED = f"Not tried: {_ALIKE} sessions in a row failed alike before it."
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 3.0

Item = TypeVar("Item")
Made = TypeVar("Made")


@dataclass
class Outcome:
    """What became of one session.

    ``sent`` says whether a change was sent that may have been carried out, ``accepted`` that the server took it.
    ``silent`` counts the reads in a row that the server did not answer, ``silent_at`` is when the last one failed,
    ``read_at`` when one last succeeded, ``since`` when the last request went out.
    """

    session: Session
    result: str
    msg: str = ""
    sent: bool = False
    accepted: bool = False
    sends: int = 0
    silent: int = 0
    silent_at: float = 0.0
    read_at: float = 0.0
    since: float = 0.0


def each(function: Callable[[Item], Made], items: Iterable[Item], concurrency: int) -> list[Made]:
    """``function`` of each item, at most ``concurrency`` at once, the results in the order of the items."""
    with ThreadPoolExecutor(max_workers=max(1, concurrency)) as pool:
        return list(pool.map(function, items))


def read_patiently(manager: SessionManager, outcome: Outcome, tries: int) -> Optional[Session]:
    """The outcome's session as it is now; None when the server has it no more.

    Anything that may pass is tried again on a new connection: here also answers that are none, as a page of a proxy's.
    ``outcome`` remembers how many tries in a row failed.
    """
    session = outcome.session
    end = time.monotonic() + manager.connection.max_time
    while True:
        try:
            live = manager.get(session.kind, session.id, attempts=1, fresh=outcome.sent or outcome.silent > 0)
        except (HttpError, TransportError) as error:
            limited = isinstance(error, HttpError) and error.status == 429
            outcome.silent += not limited
            outcome.silent_at = time.monotonic()
            tries -= not limited
            pause = retry.backoff(0, random.uniform) if error.retry_after is None else error.retry_after
            if tries < 1 or not (error.passing or isinstance(error, AnswerError)) or outcome.silent_at + pause > end:
                raise
            time.sleep(pause)
        else:
            outcome.silent, outcome.read_at = 0, time.monotonic()
            return live


def read_each(
    manager: SessionManager, wanted: Sequence[Session], concurrency: int, *, identified: bool
) -> list[Union[Session, Outcome]]:
    """Each wanted session as it is now, or the outcome where that read alone decides; in their order.

    :param identified: whether ``wanted`` are whole records to compare with, not only kinds and ids.
    """
    alike = _Alike()

    def read(planned: Session) -> Union[Session, Outcome]:
        outcome = Outcome(planned, NOT_TRIED, _NOT_TRIED)
        if alike.stopped:
            return outcome
        try:
            live = read_patiently(manager, outcome, _MOST_READS)
        except AimmsError as error:
            alike.note(error.signature)
            return Outcome(planned, FAILED, str(error))
        alike.note("")
        if live is not None and not identified:
            outcome.session = live
        return outcome if _settle(outcome, live) or live is None else live

    return each(read, wanted, concurrency)


@dataclass(frozen=True)
class Pace:
    """How many at once, and how long to wait for the end to show (seconds; None: not at all)."""

    concurrency: int = 8
    wait: Optional[int] = 120


class Ender:
    """Ends sessions of one server."""

    def __init__(self, manager: SessionManager, fits: Callable[[Session], bool], pace: Pace) -> None:
        """:param fits: whether a session, as it is now, is still selected."""
        self._manager = manager
        self._fits = fits
        self._pace = pace
        self._alike = _Alike()
        self._answered_at = 0.0

    def end(self, planned: Sequence[Session]) -> list[Outcome]:
        """End all of ``planned``; one outcome each, in their order. After five alike failures in a row it stops."""
        outcomes = [Outcome(session, _PENDING, since=time.monotonic()) for session in planned]
        each(self._first, outcomes, self._pace.concurrency)
        pause = _FIRST_PAUSE
        while True:
            if any(map(self._worth_asking_again, outcomes)) and self._manager.answers():
                self._answered_at = time.monotonic()
            for outcome in outcomes:
                self._give_up(outcome)
            pending = [outcome for outcome in outcomes if outcome.result == _PENDING]
            if not pending:
                return outcomes
            time.sleep(pause)
            pause = min(_LONGEST_PAUSE, pause * 1.5)
            each(self._guarded, pending, self._pace.concurrency)

    def _first(self, outcome: Outcome) -> None:
        """The first step of one session, unless too many before it failed alike."""
        if self._alike.stopped:
            outcome.result, outcome.msg = NOT_TRIED, _NOT_TRIED
        else:
            self._alike.note(self._guarded(outcome))

    def _guarded(self, outcome: Outcome) -> str:
        """One step of one session; whatever happens, its outcome says so. Returns what failed, or nothing."""
        try:
            self._step(outcome)
        except AimmsError as error:
            outcome.msg = str(error)
            passing = isinstance(error, AnswerError) or getattr(error, "passing", False)
            if not passing:
                outcome.result = UNKNOWN if outcome.sent or outcome.accepted else FAILED
            return error.signature
        except Exception as error:  # a defect must not lose the other results
            outcome.result = UNKNOWN if outcome.sent or outcome.accepted else FAILED
            outcome.msg = f"Unexpected {type(error).__name__}."
            return type(error).__name__
        return ""

    def _step(self, outcome: Outcome) -> None:
        """Read the session and, unless that settles it or the server took the request before, ask to end it."""
        limited = 0
        while True:
            fresh_start = not (outcome.sent or outcome.accepted)
            live = read_patiently(self._manager, outcome, _MOST_READS if fresh_start else _READS_AFTER_DOUBT)
            self._answered_at = time.monotonic()
            if _settle(outcome, live) or not self._may_send(outcome, live):
                return
            try:
                self._send(outcome)
            except (HttpError, TransportError) as error:
                if self._refused(outcome, error):
                    return
                limited += isinstance(error, HttpError) and error.status == 429
                if limited > self._manager.connection.retries or outcome.sends >= _MOST_SENDS:
                    raise
                self._pause(error)
            else:
                outcome.accepted, outcome.since, outcome.msg = True, time.monotonic(), ""
                if self._pace.wait is None:
                    outcome.result = REQUESTED
                return

    def _may_send(self, outcome: Outcome, live: Optional[Session]) -> bool:
        """Whether a request to end the session may go out now; if not, the outcome says why or stays pending."""
        if live is not None:
            outcome.session = live
        if outcome.accepted or outcome.sends >= _MOST_SENDS:
            return False
        if live is None or not live.active or not self._fits(live):
            if not outcome.sent:
                outcome.result, outcome.msg = CHANGED_SINCE, "It no longer fits the selection; nothing was sent."
            return False
        if self._alike.stopped and not outcome.sent:
            outcome.result, outcome.msg = NOT_TRIED, _NOT_TRIED
            return False
        return True

    def _send(self, outcome: Outcome) -> None:
        """Send once. Without a document, a terminate route that is not there means the legacy generation's DELETE."""
        session = outcome.session
        try:
            self._manager.terminate(session)
        except HttpError as error:
            if not (self._manager.probing and error.status in (404, 405)):
                raise
            again = read_patiently(self._manager, outcome, _READS_AFTER_DOUBT)
            if again is None or again.identity != session.identity or not again.active or not self._fits(again):
                raise
            self._manager.terminate_as_legacy(again)

    def _refused(self, outcome: Outcome, error: Union[HttpError, TransportError]) -> bool:
        """Whether the server clearly said no; the outcome then is settled, or pending after an earlier request.

        'Not found' and 'conflict' are no failure where the session has ended: somebody was faster.
        Otherwise the request may have been carried out, or may pass another time: it counts as one that was sent.
        """
        clear = isinstance(error, HttpError) and not error.passing
        if not clear:
            outcome.sends += not (isinstance(error, HttpError) and error.status == 429)
            outcome.sent = outcome.sent or (isinstance(error, HttpError) and error.status >= 500)
            outcome.sent = outcome.sent or (isinstance(error, TransportError) and error.sent)
            outcome.msg, outcome.since = str(error), time.monotonic()
            if isinstance(error, (RedirectError, TlsError)):
                raise error
            return False
        if not (isinstance(error, HttpError) and error.status in (404, 409, 410)):
            raise error
        if outcome.sent:
            return True
        session = outcome.session
        live = read_patiently(self._manager, outcome, _READS_AFTER_DOUBT)
        if live is not None and live.identity == session.identity and not live.ended:
            raise error
        outcome.result, outcome.msg = ALREADY_ENDED, "It ended before the request arrived."
        outcome.session = live if live and live.identity == session.identity else session
        return True

    def _pause(self, error: Union[HttpError, TransportError]) -> None:
        """Wait before a change is sent again."""
        seconds = retry.backoff(0, random.uniform) if error.retry_after is None else error.retry_after
        if seconds > self._manager.connection.max_time:
            raise error
        time.sleep(seconds)

    def _unheard(self, outcome: Outcome) -> bool:
        """Whether the server has gone silent on a session, and has answered nobody since."""
        silent = outcome.silent >= _READS_AFTER_DOUBT and self._answered_at <= outcome.silent_at
        return outcome.result == _PENDING and silent

    def _worth_asking_again(self, outcome: Outcome) -> bool:
        """Whether a session that was asked to end deserves more reads than those that stayed without an answer."""
        asked = outcome.sent or outcome.accepted
        return asked and self._unheard(outcome) and outcome.silent < _MOST_SILENT and not self._alike.stopped

    def _give_up(self, outcome: Outcome) -> None:
        """Settle an outcome whose time is over, or whose server has gone silent: it answers nobody any more."""
        if outcome.result != _PENDING:
            return
        looked = outcome.read_at > outcome.since or outcome.silent > 0
        over = looked and time.monotonic() - outcome.since >= (self._pace.wait or 0)
        asked = outcome.sent or outcome.accepted
        enough = outcome.silent >= (_MOST_SILENT if asked else _READS_AFTER_DOUBT)
        if not (over or enough or self._unheard(outcome)):
            return
        state = outcome.session.state
        if not asked:
            outcome.result = FAILED
        elif outcome.silent:
            outcome.result = UNKNOWN
            outcome.msg = f"A request to end it was sent, but it could not be read back: {outcome.msg}"
        elif outcome.accepted:
            outcome.result = UNKNOWN
            outcome.msg = f"The request was accepted, but after {self._pace.wait} s it is still {state}."
        else:
            outcome.result = FAILED
            outcome.msg = f"It is still {state}. {outcome.msg}"


def _settle(outcome: Outcome, live: Optional[Session]) -> bool:
    """Whether a read decides the outcome: gone, another session, ended, or in a state nobody knows."""
    planned = outcome.session
    asked = outcome.sent or outcome.accepted
    if live is None:
        result, msg = (TERMINATED, "") if asked else (NOT_FOUND, "The server has no such session.")
    elif live.identity != planned.identity:
        result = TERMINATED if asked else CHANGED_SINCE
        msg = "The id now belongs to another session." + ("" if asked else " Nothing was sent.")
    elif live.ended:
        result, msg = (TERMINATED, "") if asked else (ALREADY_ENDED, "It had ended before.")
    elif not live.active and not asked:
        result, msg = UNKNOWN, f"Its state '{live.state}' is neither active nor ended; nothing was sent."
    else:
        return False
    if live is not None and live.identity == planned.identity:
        outcome.session = live
    outcome.result, outcome.msg = result, msg
    return True


class _Alike:
    """Notices when sessions in a row fail alike."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = ""
        self._row = 0
        self.stopped = False

    def note(self, signature: str) -> None:
        """Count one finished session; an empty signature is no failure."""
        with self._lock:
            self._row = self._row + 1 if signature and signature == self._last else int(bool(signature))
            self._last = signature
            self.stopped = self.stopped or self._row >= _ALIKE

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
from ansible_collections.aimms.cloud.plugins.module_utils.errors import AimmsError, HttpError, TransportError
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
_READS_AFTER_DOUBT = 2
_SILENT_READS = 3
_ALIKE = 5
_NOT_TRIED = f"Not tried: {_ALIKE} sessions in a row failed alike before it."
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 3.0

Item = TypeVar("Item")
Made = TypeVar("Made")


@dataclass
class Outcome:
    """What became of one session. ``sent`` says whether a change was sent that may have been carried out."""

    session: Session
    result: str
    msg: str = ""
    sent: bool = False
    accepted: bool = False
    since: float = 0.0
    silent: int = 0
    signature: str = ""


def each(function: Callable[[Item], Made], items: Iterable[Item], concurrency: int) -> list[Made]:
    """``function`` of each item, at most ``concurrency`` at once, the results in the order of the items."""
    with ThreadPoolExecutor(max_workers=max(1, concurrency)) as pool:
        return list(pool.map(function, items))


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
            live = manager.get(planned.kind, planned.id, attempts=_MOST_READS)
        except AimmsError as error:
            alike.note(error.signature)
            return Outcome(planned, FAILED, str(error), signature=error.signature)
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

    def end(self, planned: Sequence[Session]) -> list[Outcome]:
        """End all of ``planned``; one outcome each, in their order. After five alike failures in a row it stops."""
        outcomes = each(self._guarded, planned, self._pace.concurrency)
        self._await([outcome for outcome in outcomes if outcome.result == _PENDING])
        return outcomes

    def _guarded(self, planned: Session) -> Outcome:
        """One session; whatever happens, it has an outcome."""
        outcome = Outcome(planned, NOT_TRIED, _NOT_TRIED)
        if self._alike.stopped:
            return outcome
        try:
            self._request(outcome)
        except AimmsError as error:
            outcome.result, outcome.signature = (_PENDING if outcome.sent else FAILED), error.signature
            outcome.msg = str(error)
        except Exception as error:  # a defect must not lose the other results
            outcome.result = UNKNOWN if outcome.sent else FAILED
            outcome.msg, outcome.signature = f"Unexpected {type(error).__name__}.", type(error).__name__
        self._alike.note(outcome.signature)
        return outcome

    def _request(self, outcome: Outcome) -> None:
        """Read, then ask the server to end it, until that is clearly accepted or refused; at most three times."""
        for number in range(_MOST_SENDS + self._manager.connection.retries):
            if not self._ready(outcome):
                return
            try:
                self._send(outcome)
            except HttpError as error:
                if error.status < 500 and error.status != 429:
                    self._refused(outcome, error)
                    return
                self._unclear(outcome, error, error.status >= 500)
                limited = error.status == 429
            except TransportError as error:
                if error.final:
                    outcome.sent = outcome.sent or error.sent
                    raise
                self._unclear(outcome, error, error.sent)
                limited = False
            else:
                outcome.result, outcome.accepted, outcome.signature = _PENDING, True, ""
                outcome.since = time.monotonic()
                return
            if not limited and number + 1 >= _MOST_SENDS:
                return

    def _ready(self, outcome: Outcome) -> bool:
        """Read the session; whether to send now. If not, the outcome says why."""
        planned = outcome.session
        reads = _READS_AFTER_DOUBT if outcome.sent else _MOST_READS
        live = self._manager.get(planned.kind, planned.id, attempts=reads, fresh=outcome.sent)
        if _settle(outcome, live):
            return False
        if live is None or not live.active or not self._fits(live):
            outcome.result = _PENDING if outcome.sent else CHANGED_SINCE
            outcome.msg = outcome.msg if outcome.sent else "It no longer fits the selection; nothing was sent."
            return False
        outcome.session = live
        return outcome.sent or not self._alike.stopped

    def _send(self, outcome: Outcome) -> None:
        """Send once. Without a document, a terminate route that is not there means the legacy generation's DELETE."""
        session = outcome.session
        try:
            self._manager.terminate(session)
        except HttpError as error:
            if not (self._manager.probing and error.status in (404, 405)):
                raise
            again = self._manager.get(session.kind, session.id, attempts=_READS_AFTER_DOUBT)
            if again is None or again.identity != session.identity or not again.active or not self._fits(again):
                raise
            self._manager.terminate_as_legacy(again)

    def _refused(self, outcome: Outcome, error: HttpError) -> None:
        """A clear no. 'Not found' and 'conflict' are no failure where the session has ended: somebody was faster."""
        if error.status in (404, 409, 410):
            if outcome.sent:
                outcome.result = _PENDING
                return
            session = outcome.session
            live = self._manager.get(session.kind, session.id, attempts=_READS_AFTER_DOUBT)
            if live is None or live.identity != session.identity or live.ended:
                outcome.result, outcome.msg = ALREADY_ENDED, "It ended before the request arrived."
                outcome.session = live if live and live.identity == session.identity else session
                return
        raise error

    def _unclear(self, outcome: Outcome, error: AimmsError, sent: bool) -> None:
        """Remember a try that was not clearly accepted, and pause before the next."""
        outcome.sent = outcome.sent or sent
        outcome.result = _PENDING if outcome.sent else FAILED
        outcome.msg, outcome.signature = str(error), error.signature
        outcome.since = time.monotonic()
        asked = error.retry_after if isinstance(error, HttpError) else None
        pause = retry.backoff(0, random.uniform) if asked is None else asked
        if pause > self._manager.connection.max_time:
            raise error
        time.sleep(pause)

    def _await(self, pending: list[Outcome]) -> None:
        """Read back until each has ended, its time is over, or the server has gone silent."""
        pause = _FIRST_PAUSE
        if self._pace.wait is None:
            for outcome in pending:
                if outcome.accepted:
                    outcome.result = REQUESTED
            pending = [outcome for outcome in pending if outcome.result == _PENDING]
        while pending:
            answered = each(self._look, pending, self._pace.concurrency)
            for outcome in pending:
                self._give_up(outcome, any(answered))
            pending = [outcome for outcome in pending if outcome.result == _PENDING]
            if pending:
                time.sleep(pause)
                pause = min(_LONGEST_PAUSE, pause * 1.5)

    def _look(self, outcome: Outcome) -> bool:
        """Read one pending session back; whether the server answered."""
        session = outcome.session
        after_change = Outcome(session, _PENDING, outcome.msg, sent=True)
        try:
            live = self._manager.get(session.kind, session.id, attempts=1, fresh=outcome.silent > 0)
        except AimmsError as error:
            limited = isinstance(error, HttpError) and error.status == 429
            outcome.silent += 0 if limited else 1
            outcome.msg = str(error)
            return limited
        outcome.silent = 0
        if _settle(after_change, live):
            outcome.session, outcome.result, outcome.msg = after_change.session, TERMINATED, after_change.msg
        elif live is not None:
            outcome.session = live
        return True

    def _give_up(self, outcome: Outcome, server_answers: bool) -> None:
        """Settle an outcome whose time is over, or whose server no longer answers anybody."""
        over = time.monotonic() - outcome.since >= (self._pace.wait or 0)
        silent = outcome.silent >= _SILENT_READS and not server_answers
        if outcome.result != _PENDING or not (over or silent):
            return
        if outcome.silent:
            outcome.result = UNKNOWN
            outcome.msg = f"A request to end it was sent, but it could not be read back: {outcome.msg}"
        elif outcome.accepted:
            outcome.result = UNKNOWN
            outcome.msg = (
                f"The request was accepted, but after {self._pace.wait} s it is still {outcome.session.state}."
            )
        else:
            outcome.result = FAILED
            outcome.msg = f"It is still {outcome.session.state}. {outcome.msg}"


def _settle(outcome: Outcome, live: Optional[Session]) -> bool:
    """Whether a read decides the outcome: gone, another session, ended, or in a state nobody knows."""
    planned = outcome.session
    if live is None:
        result, msg = (TERMINATED, "") if outcome.sent else (NOT_FOUND, "The server has no such session.")
    elif live.identity != planned.identity:
        result = TERMINATED if outcome.sent else CHANGED_SINCE
        msg = "The id now belongs to another session." + ("" if outcome.sent else " Nothing was sent.")
    elif live.ended:
        result, msg = (TERMINATED, "") if outcome.sent else (ALREADY_ENDED, "It had ended before.")
    elif not live.active and not outcome.sent:
        result, msg = UNKNOWN, f"Its state '{live.state}' is neither active nor ended; nothing was sent."
    else:
        return False
    if live is not None and live.identity == planned.identity:
        outcome.session = live
    outcome.result, outcome.msg, outcome.signature = result, msg, ""
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

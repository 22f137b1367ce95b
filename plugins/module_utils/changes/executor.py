# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many sessions or tasks at once: each read, changed and read back, every result accounted for.

A change follows a read that shows the same one, still selected and in the right state. It is never blindly repeated:
after an unclear outcome it is read again on a new connection. That it was done is said only after a read showed it.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Optional, Union

from ansible_collections.aimms.cloud.plugins.module_utils.changes.change import (
    FAILED,
    NOT_TRIED,
    PENDING,
    REQUESTED,
    UNKNOWN,
    Change,
    Outcome,
    T,
    settle,
)
from ansible_collections.aimms.cloud.plugins.module_utils.changes.circuit_breaker import NOT_TRIED_MSG, CircuitBreaker
from ansible_collections.aimms.cloud.plugins.module_utils.changes.list_polling import ListPoller
from ansible_collections.aimms.cloud.plugins.module_utils.changes.reads import (
    FIRST_PAUSE,
    MOST_READS,
    READS_AFTER_DOUBT,
    read_patiently,
)
from ansible_collections.aimms.cloud.plugins.module_utils.errors import (
    AimmsError,
    AnswerError,
    HttpError,
    RedirectError,
    TlsError,
    TransportError,
)
from ansible_collections.aimms.cloud.plugins.module_utils.http import retry
from ansible_collections.aimms.cloud.plugins.module_utils.workers import WorkerPool

_MOST_SENDS = 3
_MOST_UNANSWERED = 8
_LONGEST_PAUSE = 3.0
_LONGEST_DOUBT = 5
_UNDER_WAY = "closing"  # the state of a session that is about to end


@dataclass(frozen=True)
class ExecutionOptions:
    """How long to wait for the end to show (seconds; None: not at all).

    ``doubt`` is how long at most where the server neither said nor shows that it took the request.
    """

    wait: Optional[int] = 120
    doubt: int = _LONGEST_DOUBT


class BulkExecutor(Generic[T]):
    """Makes one change to many targets of one server."""

    def __init__(self, change: Change[T], options: ExecutionOptions, workers: WorkerPool) -> None:
        self._change = change
        self._options = options
        self._workers = workers
        self._breaker = CircuitBreaker()
        self._poller = ListPoller(change)
        self._answered_at = 0.0

    def make(self, planned: Sequence[T]) -> list[Outcome[T]]:
        """Make it to all of ``planned``; one outcome each, in order. After five alike failures in a row it stops."""
        outcomes = [Outcome(target, PENDING, since=time.monotonic()) for target in planned]
        self._workers.map(self._first, outcomes)
        self._await(outcomes)
        return outcomes

    def _await(self, outcomes: Sequence[Outcome[T]]) -> None:
        """Look again and again at those that are not settled, by one list where that is cheaper than reading each."""
        pause = FIRST_PAUSE
        while True:
            if any(map(self._worth_asking_again, outcomes)) and self._answers():
                self._answered_at = time.monotonic()
            for outcome in outcomes:
                self._give_up(outcome)
            pending = [outcome for outcome in outcomes if outcome.result == PENDING]
            if not pending:
                return
            time.sleep(pause)
            pause = min(_LONGEST_PAUSE, pause * 1.5)
            self._workers.map(self._guarded, self._unlisted(list(filter(self._due, pending))))

    def _unlisted(self, due: Sequence[Outcome[T]]) -> Sequence[Outcome[T]]:
        """Those of ``due`` that are to be read one by one, after a list settled others or showed that they live on.

        No list has the last word: whose time is over is read by itself, and so is what is in doubt.
        """
        awaited = [one for one in due if one.accepted and not one.unanswered and not self._over(one)]
        listed = self._poller.poll(awaited)
        return [outcome for outcome in due if id(outcome) not in listed]

    def _answers(self) -> bool:
        """Whether the server answers at all; a defect must not lose the results."""
        try:
            return self._change.answers()
        except Exception:
            return False

    def _first(self, outcome: Outcome[T]) -> None:
        """The first step of one target, unless too many before it failed alike."""
        if self._breaker.stopped:
            outcome.result, outcome.msg = NOT_TRIED, NOT_TRIED_MSG
        else:
            self._breaker.note(self._guarded(outcome))

    def _guarded(self, outcome: Outcome[T]) -> str:
        """One step of one target; whatever happens, its outcome says so. Returns what failed, or nothing."""
        try:
            self._step(outcome)
        except AimmsError as error:
            outcome.msg = str(error)
            unclear = outcome.sent and isinstance(error, HttpError) and error.status >= 500
            if not (unclear or isinstance(error, AnswerError) or getattr(error, "retryable", False)):
                outcome.result = UNKNOWN if outcome.asked else FAILED
            return error.signature
        except Exception as error:  # a defect must not lose the other results
            outcome.result = UNKNOWN if outcome.asked else FAILED
            outcome.msg = f"Unexpected {type(error).__name__}."
            return type(error).__name__
        return ""

    def _step(self, outcome: Outcome[T]) -> None:
        """Read the target and, unless that settles it or the server took the request before, ask for the change."""
        while True:
            live = read_patiently(self._change, outcome, READS_AFTER_DOUBT if outcome.asked else MOST_READS)
            self._answered_at = time.monotonic()
            if settle(self._change, outcome, live) or not self._may_send(outcome, live):
                return
            try:
                self._send(outcome)
            except (HttpError, TransportError) as error:
                if self._refused(outcome, error):
                    return
                if self._spent(outcome):
                    raise
                self._pause(outcome, error)
            else:
                outcome.accepted, outcome.since, outcome.msg = True, time.monotonic(), ""
                if self._options.wait is None:
                    outcome.result = REQUESTED
                return

    def _send(self, outcome: Outcome[T]) -> None:
        """Ask for the change, once; after an unforeseen error nobody knows whether the request went out."""
        try:
            self._change.send(outcome.target, lambda: read_patiently(self._change, outcome, READS_AFTER_DOUBT))
        except AimmsError:
            raise
        except Exception:
            outcome.sent = True
            raise

    def _may_send(self, outcome: Outcome[T], live: Optional[T]) -> bool:
        """Whether the request may go out now; if not, the outcome says why or stays pending."""
        if live is None:
            return False
        before, outcome.target = outcome.target, live
        if outcome.sent and not outcome.accepted and live.state == _UNDER_WAY != before.state:
            outcome.accepted, outcome.since, outcome.msg = True, time.monotonic(), ""  # an unclear request was taken
        if outcome.accepted or self._spent(outcome):
            return False
        failure = self._change.precondition_failure(live)
        if failure:
            if not outcome.sent:
                outcome.result, outcome.msg = failure
            return False
        if self._breaker.stopped and not outcome.sent:
            outcome.result, outcome.msg = NOT_TRIED, NOT_TRIED_MSG
            return False
        return True

    def _refused(self, outcome: Outcome[T], error: Union[HttpError, TransportError]) -> bool:
        """Whether the server clearly said no; the outcome then is settled, or pending after an earlier request.

        'Not found' and 'conflict' are no failure where nothing is left to do: somebody was faster.
        Otherwise the request may have been carried out, or may pass another time: it counts as one that was sent.
        """
        clear = isinstance(error, HttpError) and error.status < 500 and not error.retryable
        if not clear:
            if isinstance(error, HttpError) and error.status == 429:
                self._put_off(outcome)
            else:
                outcome.sends += 1
            outcome.sent = outcome.sent or (isinstance(error, HttpError) and error.status >= 500)
            outcome.sent = outcome.sent or (isinstance(error, TransportError) and error.sent)
            outcome.late = outcome.late or (isinstance(error, TransportError) and error.late)
            outcome.msg, outcome.since = str(error), time.monotonic()
            if isinstance(error, (RedirectError, TlsError)):
                raise error
            return False
        if not (isinstance(error, HttpError) and error.status in (404, 409, 410)):
            raise error
        if outcome.sent:  # an earlier request was taken, as it seems: it is only waited for
            outcome.accepted, outcome.since = True, time.monotonic()
            return True
        target = outcome.target
        live = read_patiently(self._change, outcome, READS_AFTER_DOUBT)
        same = live is not None and live.identity == target.identity
        if live is not None and same and not self._change.is_done(live):
            raise error
        outcome.result = self._change.already_done
        outcome.msg = "There was nothing left to do when the request arrived."
        outcome.target = live if live is not None and same else target
        return True

    def _put_off(self, outcome: Outcome[T]) -> None:
        """Count a 429 to a change; anew where the server took another one since, as the limit is for all together."""
        taken = self._change.answered_at(of_change=True) > outcome.limited_at
        outcome.limited = 1 if taken else outcome.limited + 1
        outcome.limited_at = time.monotonic()
        outcome.limited_since = outcome.limited_since or outcome.limited_at

    def _pause(self, outcome: Outcome[T], error: Union[HttpError, TransportError]) -> None:
        """Wait before a change is sent again; where that would be too long, it is not."""
        seconds = retry.backoff(0, random.uniform) if error.retry_after is None else error.retry_after
        most = self._change.connection.max_time
        if seconds > most:
            outcome.sends = _MOST_SENDS
            raise TransportError(f"{error} It asks to wait {seconds:.0f} s, and max_time is {most} s.", sent=False)
        time.sleep(seconds)

    def _spent(self, outcome: Outcome[T]) -> bool:
        """Whether no further request may be sent for it."""
        options = self._change.connection
        for_long = outcome.limited_at - outcome.limited_since > options.max_time
        return outcome.sends >= _MOST_SENDS or outcome.limited > options.retries or for_long

    def _patience(self, outcome: Outcome[T]) -> int:
        """Seconds after the last request until it is given up: few where the server shows that it took none."""
        wait = self._options.wait or 0
        return wait if outcome.accepted or outcome.late or outcome.unanswered else min(wait, self._options.doubt)

    def _over(self, outcome: Outcome[T]) -> bool:
        """Whether the time to wait for it is over."""
        return time.monotonic() - outcome.since >= self._patience(outcome)

    def _due(self, outcome: Outcome[T]) -> bool:
        """Whether a pending one is to be read now. One in doubt that shows no change is read once more, at the end."""
        in_doubt = self._spent(outcome) and not outcome.accepted and not outcome.unanswered
        return not in_doubt or self._over(outcome)

    def _unresponsive(self, outcome: Outcome[T]) -> bool:
        """Whether the server did not answer the last reads of a target, nor any other request since."""
        unanswered = outcome.unanswered >= READS_AFTER_DOUBT and self._answered_at <= outcome.unanswered_at
        return outcome.result == PENDING and unanswered

    def _worth_asking_again(self, outcome: Outcome[T]) -> bool:
        """Whether a target that was asked for deserves more reads than those that stayed without an answer."""
        enough = outcome.unanswered >= _MOST_UNANSWERED or self._breaker.stopped
        return outcome.asked and self._unresponsive(outcome) and not enough

    def _give_up(self, outcome: Outcome[T]) -> None:
        """Set a final result if the wait timed out or the server no longer responds."""
        if outcome.result != PENDING:
            return
        patience = self._patience(outcome)
        looked = outcome.unanswered > 0 or outcome.read_at > outcome.since + (0 if outcome.accepted else patience)
        over = looked and self._over(outcome)
        enough = outcome.unanswered >= (_MOST_UNANSWERED if outcome.asked else READS_AFTER_DOUBT)
        refused = self._spent(outcome) and not outcome.asked
        if not (over or enough or refused or self._unresponsive(outcome)):
            return
        state = outcome.target.state
        if not outcome.asked:
            outcome.result = FAILED
        elif outcome.unanswered:
            outcome.result = UNKNOWN
            outcome.msg = f"A request to {self._change.verb} it was sent, but it could not be read back: {outcome.msg}"
        elif outcome.accepted:
            outcome.result = UNKNOWN
            outcome.msg = f"The request was accepted, but after {self._options.wait} s it is still {state}."
        else:
            outcome.result = FAILED
            outcome.msg = f"It is still {state}. {outcome.msg}"

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many sessions or tasks at once: each read, changed and read back, every result accounted for.

A change follows a read that shows the same one, still selected and in the right state. What the server took (2xx) is
never sent again. After a clear no (4xx) it is read, then spoken. After anything else it is open until the wait is over;
it is sent again, at most twice, after a read on a new connection. That it was done is said only after a read showed it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Generic, Optional, Union

from ansible_collections.aimms.cloud.plugins.module_utils.changes import reads
from ansible_collections.aimms.cloud.plugins.module_utils.changes.change import (
    ALREADY_ENDED,
    BAD_RESULTS,
    FAILED,
    NOT_TRIED,
    REQUESTED,
    UNKNOWN,
    Attempt,
    Change,
    Outcome,
    T,
    verdict,
)
from ansible_collections.aimms.cloud.plugins.module_utils.changes.circuit_breaker import CircuitBreaker
from ansible_collections.aimms.cloud.plugins.module_utils.changes.list_polling import ListPoller
from ansible_collections.aimms.cloud.plugins.module_utils.changes.reads import READS_AFTER_DOUBT, Timing, read_patiently
from ansible_collections.aimms.cloud.plugins.module_utils.errors import (
    AimmsError,
    HttpError,
    RedirectError,
    StoppedError,
    TlsError,
    TransportError,
    TurnError,
    UnseenError,
)
from ansible_collections.aimms.cloud.plugins.module_utils.http import retry
from ansible_collections.aimms.cloud.plugins.module_utils.workers import WorkerPool

_MOST_SENDS = 3
_LONGEST_PAUSE = 3.0  # seconds between two looks
_MANY = 10  # of so many that the server took one is looked at without a pause: a read more for ten is not many
_LONGEST_BEFORE_REPEAT = 10.0  # seconds, before the first one; twice as long before the second
_OPEN_WITHOUT_WAIT = 5.0  # seconds for which an unclear request is open where nothing is to be waited for
_NEVER = float("inf")
_DENIED = (401, 403)
_LATE = 408  # the request did not arrive in time, so it says: another part of it may have
_UNDER_WAY = re.compile(r"\b(?:already|being|pending|in progress|under ?way)\b", re.IGNORECASE)
Refusal = Union[HttpError, TransportError]


class BulkExecutor(Generic[T]):
    """Makes one change to many targets of one server."""

    def __init__(
        self, change: Change[T], wait: Optional[int], workers: WorkerPool, timing: Optional[Timing] = None
    ) -> None:
        """:param wait: seconds to wait for the end to show; None: not at all."""
        self._change = change
        self._wait = wait
        self._workers = workers
        self._timing = timing or reads.TIMING
        self._now = self._timing.monotonic
        self._breaker = CircuitBreaker()
        self._poller = ListPoller(change)
        self._answered_at = 0.0

    def make(self, planned: Sequence[T]) -> list[Outcome[T]]:
        """Make the change to all of them. Returns one outcome for each, in the same order; raises nothing."""
        attempts = [Attempt(target) for target in planned]
        pause = reads.SHORTEST_PAUSE
        while True:
            left = [one for one in attempts if not one.begun]
            self._begin_each([*left])
            self._give_up(attempts)
            waiting = [one for one in attempts if one.outcome is None]
            if not any(one.begun for one in waiting):
                break
            if not self._ends_at_once([one for one in left if one.taken and one.outcome is None]):
                self._sleep(waiting, pause)
                pause = min(_LONGEST_PAUSE, pause * 1.5)
            open_ones = (one for one in waiting if one.begun and one.outcome is None)
            self._workers.map(self._guarded, self._unlisted([one for one in open_ones if self._due(one)]))
        for one in waiting:
            one.settle(NOT_TRIED, self._breaker.reason)
        return [one.outcome or Outcome(one.target, UNKNOWN) for one in attempts]

    def _begin_each(self, left: list[Attempt[T]]) -> None:
        """The first step of these; of one only, while the change to it is to show first what it does."""
        while left and self._change.one_at_a_time:
            first = left.pop(0)
            self._begin(first)
            if first.outcome is None:
                return
        self._workers.map(self._begin, left)

    def _ends_at_once(self, taken: Sequence[Attempt[T]]) -> bool:
        """Whether the first of many that the server just took has ended by now: the others need no pause then."""
        if len(taken) < _MANY:
            return False
        first = min(taken, key=lambda one: one.since)
        self._guarded(first)
        return first.outcome is not None

    def _begin(self, attempt: Attempt[T]) -> None:
        """The first step, unless too many before it failed alike; those that are in doubt may still show otherwise."""
        if not self._breaker.stopped:
            attempt.begun, attempt.since = True, self._now()
            self._guarded(attempt)

    def _guarded(self, attempt: Attempt[T]) -> None:
        """One step of one target; whatever happens, its result says so."""
        first = not attempt.looked_at
        in_doubt = attempt.sends > 0
        try:
            signature = self._step(attempt)
        except StoppedError as error:
            signature = ""
            self._breaker.stop(str(error))
            attempt.asked = attempt.asked or error.sent
            attempt.settle(UNKNOWN if attempt.asked else NOT_TRIED, str(error))
        except Exception as error:  # a defect must not lose the other results
            signature = type(error).__name__
            attempt.settle(UNKNOWN if attempt.asked else FAILED, f"Unexpected {signature}.")
        if attempt.outcome is not None and attempt.outcome.result not in (*BAD_RESULTS, REQUESTED):
            signature = ""
        if first or (in_doubt and not signature and (attempt.taken or attempt.outcome)):
            self._breaker.note(signature, in_doubt=attempt.outcome is None)

    def _step(self, attempt: Attempt[T]) -> str:
        """Read the target and, unless that settles it or the server took the request before, ask for the change.

        :return: the signature of what failed, or nothing.
        """
        while True:
            try:
                live = self._read(attempt, READS_AFTER_DOUBT if attempt.asked else reads.MOST_READS)
            except StoppedError:
                raise
            except AimmsError as error:
                attempt.error = str(error)
                if not attempt.asked:
                    attempt.settle(FAILED, attempt.error, unread=True)
                return error.signature
            if self._decided(attempt, live) or not self._may_send(attempt):
                return ""
            signature = self._ask(attempt)
            if signature is not None:
                return signature

    def _ask(self, attempt: Attempt[T]) -> Optional[str]:
        """Ask for the change. Returns the signature of what failed, or nothing; None: it was put off."""
        since, signature, remark = self._now(), "", ""
        try:
            self._send(attempt)
            since = self._now()
        except UnseenError as error:  # taken; it has been waited for
            signature, remark = error.signature, str(error)
        except TurnError:
            return None
        except (HttpError, TransportError) as error:
            if self._put_off(attempt, error):
                return None
            self._not_taken(attempt, error)
            return error.signature
        except StoppedError:
            raise
        except AimmsError as error:  # nothing was sent
            attempt.error, attempt.may_send_at = str(error), _NEVER
            if not attempt.asked:
                attempt.settle(FAILED, attempt.error)
            return error.signature
        attempt.asked = attempt.taken = True
        attempt.since = since
        if self._wait is None:
            attempt.settle(REQUESTED, remark)
        return signature

    def _read(self, attempt: Attempt[T], tries: int = READS_AFTER_DOUBT) -> Optional[T]:
        """Read the target; count what fails. On a new connection where the last request or read was in doubt."""
        tries = 1 if attempt.failures and not self._over(attempt) else tries
        fresh = attempt.sends > 0 or attempt.failures > 0
        attempt.look_began = self._now()
        try:
            live = read_patiently(self._change, attempt.target, tries, fresh=fresh, timing=self._timing)
        except AimmsError:
            attempt.failures += 1
            raise
        finally:
            attempt.looked_at = self._now()
        attempt.failures = 0
        self._answered_at = attempt.looked_at
        return live

    def _decided(self, attempt: Attempt[T], live: Optional[T]) -> bool:
        """Whether a read settles it; if not, ``live`` is what the next step is about."""
        attempt.outcome = verdict(self._change, attempt.target, live, asked=attempt.asked)
        if attempt.outcome is None and live is not None:
            attempt.target = live.completed(attempt.target)
        return attempt.outcome is not None

    def _may_send(self, attempt: Attempt[T]) -> bool:
        """Whether the request may go out now; if not, the result says why, or it is waited for."""
        live, now = attempt.target, self._now()
        if attempt.taken or attempt.sends >= _MOST_SENDS or now < attempt.may_send_at:
            return False
        if attempt.asked and self._over(attempt):
            return False
        if live.ending and self._change.awaits:  # the request was taken, or somebody else's before
            if self._wait is None and not attempt.asked:
                attempt.settle(ALREADY_ENDED, f"It is about to end ({live.state}); nothing was sent.")
            if attempt.asked or self._wait is None or now - attempt.since < self._wait / 2:
                return False
        failure = self._change.precondition_failure(live)
        if failure:
            if not attempt.asked:
                attempt.settle(*failure)
            return False
        attempt.begun = attempt.asked or not self._breaker.stopped
        return attempt.begun

    def _send(self, attempt: Attempt[T]) -> None:
        """Ask for the change, once; after an unforeseen error nobody knows whether the request went out."""

        def reread() -> Optional[T]:
            return read_patiently(self._change, attempt.target, READS_AFTER_DOUBT, timing=self._timing)

        try:
            self._change.send(attempt.target, reread)
        except AimmsError:
            raise
        except Exception:
            attempt.asked = True
            raise

    def _put_off(self, attempt: Attempt[T], error: Refusal) -> bool:
        """Wait after a 429, which is no answer yet; False for any other one, and when ``max_time`` is over."""
        if not isinstance(error, HttpError) or error.status != 429:
            return False
        now = self._now()
        attempt.limited_until = attempt.limited_until or now + self._change.service.connection.max_time
        seconds = retry.backoff(1, self._timing.uniform) if error.retry_after is None else error.retry_after
        if now + seconds > attempt.limited_until:
            return False
        self._timing.sleep(max(seconds, reads.LIMITED_PAUSE))
        return True

    def _not_taken(self, attempt: Attempt[T], error: Refusal) -> None:
        """After a request that the server did not take: read after a clear no; after all else it is open."""
        attempt.error = str(error)
        if isinstance(error, HttpError) and error.status < 500 and error.status != _LATE:
            attempt.may_send_at = _NEVER
            if not attempt.asked:
                self._explain_refusal(attempt, error)
            return
        attempt.sends += 1
        sent = isinstance(error, (HttpError, RedirectError)) or error.sent  # a redirect may come after the act
        if sent and not attempt.asked:
            attempt.asked, attempt.since = True, self._now()
        if isinstance(error, (RedirectError, TlsError)) or attempt.sends >= _MOST_SENDS:
            attempt.may_send_at = _NEVER
            if not attempt.asked:
                attempt.settle(FAILED, attempt.error)
            return
        pause = retry.backoff(attempt.sends - 1, self._timing.uniform)
        if sent:  # the server may still be about to do it
            pause = max(pause, min(_LONGEST_BEFORE_REPEAT, self._patience() / 6) * attempt.sends)
        attempt.may_send_at = self._now() + max(pause, error.retry_after or 0.0)

    def _explain_refusal(self, attempt: Attempt[T], error: HttpError) -> None:
        """After a clear no: nothing is left to do, somebody else's request is under way, or it failed."""
        try:
            live = self._read(attempt)
        except (HttpError, TransportError) as unread:
            denied = error.status in _DENIED or (isinstance(unread, HttpError) and unread.status < 500)
            text = "" if denied and error.form else f" It could not be read afterwards: {unread}"  # a page hides it
            attempt.settle(UNKNOWN if text else FAILED, f"{error}{text}")
            return
        decided = verdict(self._change, attempt.target, live, asked=True)
        if decided is not None and error.form:
            text = "There was nothing left to do when the request arrived."
            attempt.outcome = replace(decided, result=self._change.already_done, msg=text, changed=False)
        elif decided is not None:  # a page of a proxy: it may have replaced the answer of a service that did it
            attempt.outcome = replace(
                decided, msg=f"The answer was not the service's own, and yet it was done. {error}"
            )
        elif live is not None:
            attempt.target = live.completed(attempt.target)
            ending = live.ending or _UNDER_WAY.search(error.form)  # by somebody else's request
            if not (ending and self._change.awaits and self._wait is not None):
                attempt.settle(FAILED, str(error))

    def _patience(self) -> float:
        """Seconds for which each is waited for."""
        return _OPEN_WITHOUT_WAIT if self._wait is None else self._wait

    def _due(self, attempt: Attempt[T]) -> bool:
        """Whether a pending one is to be read now; one that could not be read, ever more seldom, and at the end."""
        again = attempt.looked_at + (2 ** (attempt.failures - 1) if attempt.failures else 0.0)
        return self._now() >= min(again, attempt.since + self._patience())

    def _sleep(self, waiting: Sequence[Attempt[T]], longest: float) -> None:
        """Sleep until the next look, or until a request may go out or a wait is over if that is sooner."""
        now, patience = self._now(), self._patience()
        moments = (moment for one in waiting for moment in (one.may_send_at, one.since + patience) if moment > now)
        self._timing.sleep(min(longest, min(moments, default=_NEVER) - now))

    def _unlisted(self, due: Sequence[Attempt[T]]) -> Sequence[Attempt[T]]:
        """Those of ``due`` that are to be read one by one, after a list settled others or showed that they live on.

        No list has the last word: whose time is over is read by itself, and so is what is in doubt.
        """
        silent = [one for one in due if one.failures]
        if silent and not (self._answered_at > max(one.looked_at for one in silent) or self._answers()):
            for one in silent:
                one.looked_at = one.look_began = self._now()
            due = [one for one in due if not one.failures]
        told = self._poller.poll([one for one in due if one.taken and not one.failures and not self._over(one)])
        return [one for one in due if id(one) not in told]

    def _answers(self) -> bool:
        """Whether the server answers at all; a defect must not lose the results."""
        try:
            return self._change.service.answers()
        except Exception:
            return False

    def _over(self, attempt: Attempt[T]) -> bool:
        """Whether the time to wait for it is over."""
        return self._now() >= attempt.since + self._patience()

    def _give_up(self, attempts: Sequence[Attempt[T]]) -> None:
        """Set a final result for those whose time was over when they were last looked at."""
        for one in attempts:
            if one.outcome is None and one.look_began > one.since + self._patience():
                state = one.target.state
                if one.failures:
                    text = f"A request to {self._change.verb} it was sent, but it could not be read back: {one.error}"
                elif one.taken:
                    text = f"The request was accepted, but after {self._wait} s it is still {state}."
                else:
                    text = f"It is still {state}. {one.error}"
                one.settle(UNKNOWN if one.asked else FAILED, text)

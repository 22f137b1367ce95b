# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads targets individually, one or many at once, with retries."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from typing import Callable, NamedTuple, Optional, Union

from ansible_collections.aimms.cloud.plugins.module_utils.changes.change import (
    FAILED,
    NOT_TRIED,
    Change,
    Outcome,
    T,
    verdict,
)
from ansible_collections.aimms.cloud.plugins.module_utils.changes.circuit_breaker import NOT_TRIED_MSG, CircuitBreaker
from ansible_collections.aimms.cloud.plugins.module_utils.errors import (
    AimmsError,
    AnswerError,
    HttpError,
    TransportError,
)
from ansible_collections.aimms.cloud.plugins.module_utils.http import retry
from ansible_collections.aimms.cloud.plugins.module_utils.workers import WorkerPool

MOST_READS = 4
READS_AFTER_DOUBT = 3
SHORTEST_PAUSE = 0.2  # seconds
LIMITED_PAUSE = 0.5  # seconds, at least, after a 429


class Timing(NamedTuple):
    """The clock and the chance of a run: seconds that never go back, how to wait, a random number of a range."""

    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    uniform: Callable[[float, float], float] = random.uniform


TIMING = Timing()
"""The real ones."""


def read_patiently(
    change: Change[T], target: T, tries: int, *, fresh: bool = False, timing: Optional[Timing] = None
) -> Optional[T]:
    """The target as it is now; None if the server no longer has it.

    :param tries: how often to read, after the first time on a new connection. Retried: all that may pass, and here
        AnswerErrors too. 429 is no answer: it is retried until ``max_time`` is over.
    :param fresh: whether to open a new connection for the first time too.
    :raises HttpError, TransportError: of the last try.
    """
    timing = timing or TIMING
    end = timing.monotonic() + change.service.connection.max_time
    attempt = 1
    while True:
        try:
            return change.read(target, fresh=fresh or attempt > 1)
        except (HttpError, TransportError) as error:
            limited = isinstance(error, HttpError) and error.status == 429
            seconds = retry.backoff(int(limited), timing.uniform) if error.retry_after is None else error.retry_after
            may_pass = limited or (attempt < tries and (error.retryable or isinstance(error, AnswerError)))
            if not may_pass or timing.monotonic() + seconds > end:
                raise
        attempt += not limited
        timing.sleep(max(seconds, LIMITED_PAUSE * limited))


def read_each(
    change: Change[T], wanted: Sequence[T], workers: WorkerPool, *, identified: bool
) -> list[Union[T, Outcome[T]]]:
    """For each wanted one, in this order, the target as it is now, or the outcome if the read decides it.

    :param identified: whether ``wanted`` are complete records to compare with, not only ids.
    """
    breaker = CircuitBreaker()

    def read(planned: T) -> Union[T, Outcome[T]]:
        if breaker.stopped:
            return Outcome(planned, NOT_TRIED, NOT_TRIED_MSG)
        try:
            live = read_patiently(change, planned, MOST_READS)
        except AimmsError as error:
            breaker.note(error.signature)
            return Outcome(planned, FAILED, str(error), unread=True)
        breaker.note("")
        known = planned if identified or live is None else live
        decided = verdict(change, known, live, asked=False)
        return live.completed(known) if live is not None and decided is None else decided or planned

    return workers.map(read, wanted)

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads targets individually, one or many at once, with retries."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from typing import Optional, Union

from ansible_collections.aimms.cloud.plugins.module_utils.changes.change import (
    FAILED,
    NOT_TRIED,
    Change,
    Outcome,
    T,
    settle,
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
FIRST_PAUSE = 0.2


def read_patiently(change: Change[T], outcome: Outcome[T], tries: int) -> Optional[T]:
    """The outcome's target as it is now; None if the server no longer has it.

    :param tries: how often to read. Retried on a new connection: retryable errors, and here AnswerErrors too.
    :raises HttpError, TransportError: of the last try; ``outcome`` counts the failures in a row.
    """
    end = time.monotonic() + change.connection.max_time
    limited_count = 0
    limited_at = float("inf")
    while True:
        try:
            live = change.read(outcome.target, 1, outcome.sent or outcome.unanswered > 0)
        except (HttpError, TransportError) as error:
            limited = isinstance(error, HttpError) and error.status == 429
            outcome.unanswered += not limited
            outcome.unanswered_at = time.monotonic()
            # 429 does not count as a failed read. The counter is reset when the server answers any other read,
            # because the limit is shared.
            if limited:
                limited_count = 1 if change.answered_at(of_change=False) > limited_at else limited_count + 1
                limited_at = outcome.unanswered_at
            tries -= not limited
            wait = error.retry_after
            pause = retry.backoff(limited_count, random.uniform) if wait is None else max(wait, FIRST_PAUSE * limited)
            retryable = error.retryable or isinstance(error, AnswerError)
            left = limited_count <= change.connection.retries and outcome.unanswered_at + pause <= end
            if tries < 1 or not retryable or not left:
                outcome.unanswered += READS_AFTER_DOUBT * limited
                raise
            time.sleep(pause)
        else:
            outcome.unanswered, outcome.read_at = 0, time.monotonic()
            return live


def read_each(
    change: Change[T], wanted: Sequence[T], workers: WorkerPool, *, identified: bool
) -> list[Union[T, Outcome[T]]]:
    """For each wanted one, in this order, the target as it is now, or the outcome if the read decides it.

    :param identified: whether ``wanted`` are complete records to compare with, not only ids.
    """
    breaker = CircuitBreaker()

    def read(planned: T) -> Union[T, Outcome[T]]:
        outcome = Outcome(planned, NOT_TRIED, NOT_TRIED_MSG)
        if breaker.stopped:
            return outcome
        try:
            live = read_patiently(change, outcome, MOST_READS)
        except AimmsError as error:
            breaker.note(error.signature)
            return Outcome(planned, FAILED, str(error))
        breaker.note("")
        if live is not None and not identified:
            outcome.target = live
        return outcome if settle(change, outcome, live) or live is None else live

    return workers.map(read, wanted)

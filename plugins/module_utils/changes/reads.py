# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads of single targets: tried again where that may help, one target or many at once."""

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
    """The outcome's target as it is now; None when the server has it no more.

    Anything that may pass is tried again on a new connection: here also answers that are none, as a page of a proxy's.
    ``outcome`` remembers how many tries in a row failed. A server that puts every one off (429) has not answered;
    how often it put this one off counts anew whenever it answered another read, as the limit is for all together.
    """
    end = time.monotonic() + change.connection.max_time
    put_off = 0
    put_off_at = float("inf")
    while True:
        try:
            live = change.read(outcome.target, 1, outcome.sent or outcome.silent > 0)
        except (HttpError, TransportError) as error:
            limited = isinstance(error, HttpError) and error.status == 429
            outcome.silent += not limited
            outcome.silent_at = time.monotonic()
            if limited:
                put_off = 1 if change.taken_at(of_change=False) > put_off_at else put_off + 1
                put_off_at = outcome.silent_at
            tries -= not limited
            asked = error.retry_after
            pause = retry.backoff(put_off, random.uniform) if asked is None else max(asked, FIRST_PAUSE * limited)
            passing = error.passing or isinstance(error, AnswerError)
            left = put_off <= change.connection.retries and outcome.silent_at + pause <= end
            if tries < 1 or not passing or not left:
                outcome.silent += READS_AFTER_DOUBT * limited
                raise
            time.sleep(pause)
        else:
            outcome.silent, outcome.read_at = 0, time.monotonic()
            return live


def read_each(
    change: Change[T], wanted: Sequence[T], workers: WorkerPool, *, identified: bool
) -> list[Union[T, Outcome[T]]]:
    """Each wanted one as it is now, or the outcome where that read alone decides; in their order.

    :param identified: whether ``wanted`` are whole records to compare with, not only ids.
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

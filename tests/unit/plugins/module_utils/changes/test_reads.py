# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads of single targets: tried again, compared, and many at once. Proves rules 6, 16 and 28."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.changes.change import Outcome
from ansible_collections.aimms.cloud.plugins.module_utils.changes.circuit_breaker import NOT_TRIED_MSG
from ansible_collections.aimms.cloud.plugins.module_utils.changes.reads import read_each, read_patiently
from ansible_collections.aimms.cloud.plugins.module_utils.errors import AnswerError, HttpError, RedirectError, TlsError
from ansible_collections.aimms.cloud.plugins.module_utils.workers import WorkerPool
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.scripted_change import (
    GONE,
    WHAT,
    FakeTime,
    ScriptedChange,
    Target,
    crowd,
    make,
    status,
    use_clock,
    use_longest_pauses,
)

A = Target("a")
OVER = A.as_done()
OTHER = replace(A, owner="somebody else")
FORBIDDEN = HttpError(WHAT, 403)
TOO_LONG = 86400.0
"""Asked for as a pause, it makes the next read come only in the next round."""


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """Time that passes only where the executor sleeps, and chance that always takes the longest pause."""
    fake = FakeTime()
    use_clock(monkeypatch, fake)
    use_longest_pauses(monkeypatch)
    return fake


def one(change):
    return make(change, [A])[0]


# Reads that are tried again


@pytest.mark.parametrize("failures", [0, 2])
def test_only_a_read_after_a_failure_opens_a_new_connection(failures):
    asked = []

    class Reading(ScriptedChange):
        def read(self, target, *, fresh):
            asked.append(fresh)
            return super().read(target, fresh=fresh)

    change = Reading({"a": [status(503)] * failures + [A]})
    assert read_patiently(change, A, 4) is not None
    assert asked == [False, *[True] * failures]


def test_a_read_that_failed_is_tried_four_times_half_a_second_apart(clock):
    change = ScriptedChange({"a": [status(503)]})
    assert one(change).result == "failed"
    assert (change.count("read", "a"), clock.pauses) == (4, [0.5] * 3)


def test_a_read_that_failed_is_tried_again_on_a_new_connection():
    change = ScriptedChange({"a": [status(503, 0.0), A, OVER]})
    assert one(change).result == "terminated"
    assert change.fresh == [False, True, False]


def test_the_time_that_an_answer_to_a_read_asks_for_is_waited(clock):
    change = ScriptedChange({"a": [status(503, 7.0), status(429, 8.0), A, OVER]})
    assert one(change).result == "terminated"
    assert clock.pauses == [7.0, 8.0, 0.2]


@pytest.mark.parametrize("pause", [None, 0.0, 1.0])
def test_a_read_is_put_off_for_as_long_as_one_call_may_last(pause, clock):
    change = ScriptedChange({"a": [status(429, pause)]}, max_time=20)
    assert one(change).result == "failed"
    assert 18 < clock.now - 1000 < 21
    assert min(clock.pauses) >= 0.2


def test_a_read_that_is_to_be_tried_once_only_is_put_off_too():
    assert read_patiently(ScriptedChange({"a": [status(429, 1.0), OVER]}), A, 1) == OVER


def test_a_read_that_is_put_off_is_no_read_that_failed():
    reads = [*[status(429, 1.0)] * 9, status(503), *[status(429)] * 9, status(503), A, OVER]
    change = ScriptedChange({"a": reads})
    assert one(change).result == "terminated"


@pytest.mark.parametrize("error", [HttpError(WHAT, 403), RedirectError("elsewhere"), TlsError("no"), KeyError("a")])
def test_a_read_that_cannot_succeed_is_not_repeated(error):
    change = ScriptedChange({"a": [error]})
    assert one(change).result == "failed"
    assert change.log == [("read", "a")]


def test_a_page_of_a_proxys_is_no_answer_and_is_read_again():
    assert one(ScriptedChange({"a": [AnswerError("an HTML page")] * 3 + [A, OVER]})).result == "terminated"


def test_a_read_that_must_wait_longer_than_one_call_may_last_is_not_repeated():
    change = ScriptedChange({"a": [status(503, TOO_LONG), A]})
    assert (one(change).result, change.count("read", "a")) == ("failed", 1)


# Reading what was named


def read(change, targets, *, identified):
    with WorkerPool(1) as workers:
        made = read_each(change, targets, workers, identified=identified)
    return [(item.result, item.target) if isinstance(item, Outcome) else item for item in made]


def messages(reads, targets):
    """What is said of those that could not be read; None for the others."""
    with WorkerPool(1) as workers:
        made = read_each(ScriptedChange(reads), targets, workers, identified=True)
    return [item.msg if isinstance(item, Outcome) else None for item in made]


def test_a_record_is_compared_with_what_is_there_and_an_id_is_not():
    assert read(ScriptedChange({"a": [OTHER]}), [A], identified=False) == [OTHER]
    assert read(ScriptedChange({"a": [OTHER]}), [A], identified=True) == [("changed_since", A)]
    assert read(ScriptedChange({"a": [OVER]}), [A], identified=True) == [("already_ended", OVER)]
    assert read(ScriptedChange({"a": [GONE]}), [A], identified=False) == [("not_found", A)]


def test_reading_many_stops_after_five_alike_with_four_reads_each():
    change = ScriptedChange({"*": [status(503, 0.0)]})
    made = read(change, crowd(12), identified=True)
    assert [result for result, _target in made] == ["failed"] * 5 + ["not_tried"] * 7
    assert set(Counter(change.log).values()) == {4}
    with WorkerPool(1) as workers:
        assert [one.unread for one in read_each(change, [A], workers, identified=True)] == [True]


def test_readings_that_failed_say_why_and_those_not_tried_too():
    assert messages({"*": [FORBIDDEN]}, crowd(7)) == [str(FORBIDDEN)] * 5 + [NOT_TRIED_MSG] * 2


def test_any_number_can_be_read_one_after_the_other():
    assert read(ScriptedChange({}), crowd(12), identified=True) == crowd(12)


def test_a_reading_that_succeeds_breaks_the_row_of_failures():
    said = messages({"t04": [crowd(5)[4]], "*": [FORBIDDEN]}, crowd(9))
    assert said == [str(FORBIDDEN)] * 4 + [None] + [str(FORBIDDEN)] * 4

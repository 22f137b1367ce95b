# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How often and after how long the machine of bulk changes looks and asks again. Proves rules 7 and 28."""

from __future__ import annotations

from collections import Counter
from dataclasses import FrozenInstanceError

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.changes.executor import BulkExecutor, ExecutionOptions
from ansible_collections.aimms.cloud.plugins.module_utils.errors import (
    HttpError,
    TransportError,
)
from ansible_collections.aimms.cloud.plugins.module_utils.workers import WorkerPool
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.scripted_change import (
    RESET,
    WHAT,
    FakeTime,
    ScriptedChange,
    Target,
    crowd,
    make,
    results,
    status,
    use_clock,
    use_longest_pauses,
)

A = Target("a")
OVER = A.as_done()
NEVER_LEFT = TransportError("no connection", sent=False)
TOO_LONG = 86400.0
"""Asked for as a pause, it makes the next read or request come only in the next round."""


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """Time that passes only where the machine sleeps, and chance that always takes the longest pause."""
    fake = FakeTime()
    use_clock(monkeypatch, fake)
    use_longest_pauses(monkeypatch)
    return fake


def one(change, **pace):
    return make(change, [A], **pace)[0]


def test_the_default_is_to_wait_two_minutes_and_five_seconds_in_doubt():
    assert ExecutionOptions() == ExecutionOptions(wait=120, doubt=5)
    with pytest.raises(FrozenInstanceError):
        ExecutionOptions().wait = 0


# Reads that are tried again


def test_one_that_cannot_be_read_is_given_up_while_others_are_read():
    change = ScriptedChange({"a": [status(503, 0.0)], "b": [Target("b")] * 9 + [Target("b").as_done()]})
    assert results(make(change, [A, Target("b")])) == ["failed", "terminated"]
    assert change.count("read", "a") == 4


# Requests that are sent again


def test_a_request_is_sent_again_after_half_a_second_and_looked_for_after_five(clock):
    change = ScriptedChange(sends={"a": [RESET]})
    assert one(change).result == "failed"
    assert clock.pauses[:2] == [0.5] * 2
    assert 5 <= sum(clock.pauses[2:]) < 8
    assert change.log == [("read", "a"), ("send", "a")] * 3 + [("read", "a")]


@pytest.mark.parametrize(("wait", "at_most"), [(0, 0.3), (1, 1.7), (2, 3.0)])
def test_one_in_doubt_is_not_waited_for_longer_than_one_that_was_accepted(wait, at_most, clock):
    assert one(ScriptedChange(sends={"a": [RESET]}), wait=wait).result == "failed"
    assert wait <= sum(clock.pauses[2:]) < at_most


def test_what_never_left_is_given_up_at_once(clock):
    change = ScriptedChange(sends={"a": [NEVER_LEFT]})
    assert one(change).result == "failed"
    assert change.log == [("read", "a"), ("send", "a")] * 3
    assert clock.pauses == [0.5] * 2


def test_a_pause_as_long_as_one_call_may_last_is_waited():
    change = ScriptedChange({"a": [A, A, OVER]}, {"a": [status(503, 120.0), None]}, max_time=120)
    assert one(change).result == "terminated"
    assert change.count("send", "a") == 2


def test_a_conflict_after_an_unclear_request_ends_the_asking(clock):
    change = ScriptedChange({"a": [A, A, OVER]}, {"a": [RESET, status(409)]})
    assert one(change).result == "terminated"
    assert clock.pauses == [0.5, 0.2]


@pytest.mark.parametrize("refusal", [HttpError(WHAT, 403), HttpError(WHAT, 400)])
def test_a_refusal_is_no_reason_to_read_again(refusal):
    change = ScriptedChange(sends={"a": [refusal]})
    assert one(change).result == "failed"
    assert change.log == [("read", "a"), ("send", "a")]


# Waiting for the end to show


def test_looks_for_the_end_grow_from_a_fifth_of_a_second_to_three_seconds(clock):
    one(ScriptedChange({"a": [A] * 12 + [OVER]}))
    assert clock.pauses == pytest.approx([0.2, 0.3, 0.45, 0.675, 1.0125, 1.51875, 2.278125, 3.0, 3.0, 3.0, 3.0, 3.0])


def test_with_no_time_to_wait_an_accepted_one_is_looked_at_just_once(clock):
    for last in (A, status(503, TOO_LONG)):
        change = ScriptedChange({"a": [A, last]})
        assert one(change, wait=0).result == "unknown"
        assert change.log == [("read", "a"), ("send", "a"), ("read", "a")]


def test_one_that_no_longer_fits_after_an_unclear_request_is_still_looked_at_often(clock):
    change = ScriptedChange({"a": [A, Target("a", "unfit"), OVER]}, {"a": [RESET]}, refuse=["unfit"])
    assert one(change).result == "terminated"
    assert sum(clock.pauses) < 1


@pytest.mark.parametrize("refuse", [(), ("unfit",)])
def test_one_in_doubt_gets_a_last_look_whenever_its_time_is_over(refuse):
    """The moment is moved in steps finer than the clock's, past the instant of a look."""
    for step in range(60):
        change = ScriptedChange({"a": [A, Target("a", "unfit") if refuse else A]}, {"a": [RESET]}, refuse=refuse)
        doubt = 0.499 + step * 0.00005
        with WorkerPool(1) as workers:
            (outcome,) = BulkExecutor(change, ExecutionOptions(60, doubt), workers).make([A])
        assert outcome.result == "failed"
        assert outcome.read_at >= outcome.since + doubt, step


# A server that falls silent


def test_what_was_asked_for_is_read_eight_times_more_while_the_server_lives():
    change = ScriptedChange({"a": [A, status(503, TOO_LONG)]}, alive=True)
    assert one(change).result == "unknown"
    assert (change.count("read", "a"), change.asked_whether_alive) == (1 + 8, 5)


def test_what_was_asked_for_is_read_eight_times_more_while_others_are_read():
    b = Target("b")
    change = ScriptedChange({"a": [A, status(503, TOO_LONG)], "b": [*[b] * 20, b.as_done()]})
    assert results(make(change, [A, b])) == ["unknown", "terminated"]
    assert change.count("read", "a") == 1 + 8


@pytest.mark.parametrize("alive", [False, OSError("unexpected")])
def test_what_was_asked_for_is_not_read_more_where_the_server_lives_no_longer(alive):
    change = ScriptedChange({"a": [A, status(503, 0.0)]}, alive=alive)
    assert one(change).result == "unknown"
    assert (change.count("read", "a"), change.asked_whether_alive) == (1 + 3, 1)


def test_a_silence_is_not_waited_out_longer_than_an_end(clock):
    assert one(ScriptedChange({"a": [A, status(503, TOO_LONG)]}, alive=True), wait=2).result == "unknown"
    assert 2 <= sum(clock.pauses) < 3.5


def test_a_single_silence_is_survived_although_the_server_gives_no_sign_of_life():
    assert one(ScriptedChange({"a": [A, status(503, TOO_LONG), OVER]}, alive=False)).result == "terminated"


def test_a_silence_after_the_last_request_is_looked_into_at_once(clock):
    reads = [A, *[status(503, 0.0)] * 3] * 3 + [OVER]
    change = ScriptedChange({"a": reads}, {"a": ["reread"]})
    assert one(change).result == "terminated"
    assert change.count("send", "a") == 3
    assert sum(clock.pauses) < 2


def test_an_answer_about_another_one_is_a_sign_of_life():
    b = Target("b")
    reads = {"a": [A, *[status(503, 0.0)] * 3, OVER], "b": [b, b, b, b, b.as_done()]}
    assert results(make(ScriptedChange(reads, alive=False), [A, b])) == ["terminated"] * 2


def test_one_silence_among_others_is_enough_to_ask_for_a_sign_of_life():
    b = Target("b")
    change = ScriptedChange(
        {"a": [A, status(503, TOO_LONG)], "b": [b, status(503, 0.0), status(503, 0.0), b.as_done()]}
    )
    make(change, [A, b])
    assert change.asked_whether_alive


def test_a_sign_of_life_is_asked_for_only_where_it_matters():
    for quiet in (ScriptedChange({"a": [A, A, A, OVER]}), ScriptedChange({"a": [status(503, 0.0)]})):
        one(quiet)
        assert quiet.asked_whether_alive == 0


def test_a_sign_of_life_is_not_asked_for_those_that_are_settled():
    change = ScriptedChange({"a": [A, status(503, 0.0)], "b": [Target("b"), status(503, TOO_LONG)]}, alive=False)
    assert results(make(change, [A, Target("b")])) == ["unknown"] * 2
    assert change.asked_whether_alive == 2


def test_no_sign_of_life_is_asked_for_after_a_stop():
    targets = crowd(6)
    change = ScriptedChange({"t00": [targets[0], status(503, 0.0)], "*": [HttpError(WHAT, 403)]})
    assert results(make(change, targets)) == ["unknown"] + ["failed"] * 5
    assert change.asked_whether_alive == 0
    assert Counter(change.log)[("read", "t00")] == 4

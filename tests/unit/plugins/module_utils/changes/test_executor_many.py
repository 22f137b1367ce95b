# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many targets at once in the machine behind all bulk changes. Proves rules 26 and 28."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.changes.executor import BulkExecutor
from ansible_collections.aimms.cloud.plugins.module_utils.changes.reads import Timing
from ansible_collections.aimms.cloud.plugins.module_utils.errors import HttpError, StoppedError, TransportError
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
)

A = Target("a")
OVER = A.as_done()
OTHER = replace(A, owner="somebody else")


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    """Time that passes only where the machine sleeps."""
    use_clock(monkeypatch, FakeTime())


# Many at once


@pytest.mark.parametrize("concurrency", [1, 16])
def test_the_outcomes_come_in_the_order_of_the_plan(concurrency):
    targets = crowd(40)
    reads = {target.id: [target, *[target] * (number % 3), target.as_done()] for number, target in enumerate(targets)}
    outcomes = make(ScriptedChange(reads), targets, concurrency=concurrency)
    assert [outcome.target.id for outcome in outcomes] == [target.id for target in targets]
    assert set(results(outcomes)) == {"terminated"}


def test_after_five_alike_in_a_row_the_rest_is_not_tried():
    change = ScriptedChange(sends={"*": [HttpError(WHAT, 403)]})
    assert results(make(change, crowd(12))) == ["failed"] * 5 + ["not_tried"] * 7
    assert {name for _what, name in change.log} == {f"t{number:02}" for number in range(5)}


def test_requests_that_always_fail_stop_too():
    change = ScriptedChange(sends={"*": [status(500)]})
    assert results(make(change, crowd(12))) == ["unknown"] * 5 + ["not_tried"] * 7
    counted = Counter(change.log)
    assert {counted[entry] for entry in counted if entry[0] == "send"} == {3}
    assert {name for _what, name in change.log} == {f"t{number:02}" for number in range(5)}


def test_the_others_are_tried_after_all_when_one_of_five_in_doubt_turns_out_well():
    targets = crowd(12)
    change = ScriptedChange(
        {target.id: [target, target, lambda one: one.as_done()] for target in targets},
        {target.id: [status(503)] for target in targets[:5]},
    )
    assert set(results(make(change, targets))) == {"terminated"}
    assert [name for what, name in change.log if what == "send"] == [target.id for target in targets]


def test_refusals_of_what_had_ended_are_no_row_of_failures():
    reads = {target.id: [target, target.as_done()] for target in crowd(12)}
    change = ScriptedChange(reads, {"*": [status(409)]})
    assert results(make(change, crowd(12))) == ["already_ended"] * 12


def test_a_success_or_another_failure_between_them_breaks_the_row():
    targets = crowd(12)
    sends = {target.id: [HttpError(WHAT, 403)] for target in targets}
    sends["t04"], sends["t08"] = [HttpError(WHAT, 400)], [None]
    change = ScriptedChange({"t08": [targets[8], targets[8].as_done()]}, sends)
    assert Counter(results(make(change, targets))) == {"failed": 11, "terminated": 1}


def test_what_was_accepted_before_the_stop_is_still_awaited():
    targets = crowd(12)
    reads = {target.id: [target, target, target.as_done()] for target in targets[:4]}
    sends = {target.id: [HttpError(WHAT, 403)] for target in targets[4:]}
    outcomes = make(ScriptedChange(reads, sends), targets)
    assert results(outcomes) == ["terminated"] * 4 + ["failed"] * 5 + ["not_tried"] * 3


def test_the_end_of_what_was_accepted_before_the_stop_is_no_sign_that_others_can_be_tried():
    targets = crowd(12)
    reads = {target.id: [target, target, target.as_done()] for target in targets[:4]}
    outcomes = make(ScriptedChange(reads, {target.id: [RESET] for target in targets[4:]}), targets)
    assert results(outcomes) == ["terminated"] * 4 + ["unknown"] * 5 + ["not_tried"] * 3


def test_one_that_fails_for_good_in_the_end_is_still_one_failure():
    never_left = TransportError("no connection", sent=False)
    change = ScriptedChange(sends={"*": [never_left]})
    assert results(make(change, crowd(4))) == ["failed"] * 4
    assert {change.count("send", target.id) for target in crowd(4)} == {3}


def test_five_whose_second_request_is_accepted_stop_no_others_although_they_never_end():
    targets = crowd(8)
    reads = {target.id: [target, target.as_done()] for target in targets[5:]}
    change = ScriptedChange(reads, {target.id: [RESET, None] for target in targets[:5]})
    assert results(make(change, targets, wait=20)) == ["unknown"] * 5 + ["terminated"] * 3


def test_what_was_only_requested_is_not_read_again_while_another_one_is_in_doubt():
    change = ScriptedChange({"*": [lambda target: target]}, {"t11": [RESET]})
    assert results(make(change, crowd(12), wait=None)) == ["requested"] * 11 + ["unknown"]
    assert {change.count("read", target.id) for target in crowd(11)} == {1}


@pytest.mark.parametrize("concurrency", [1, 16])
def test_no_outcome_is_lost_when_something_unexpected_is_raised(concurrency):
    targets = crowd(12)
    reads = {target.id: [target, target.as_done()] for target in targets}
    reads["t02"] = [KeyError("x")]
    reads["t05"] = [targets[5], ZeroDivisionError()]
    outcomes = make(ScriptedChange(reads), targets, concurrency=concurrency)
    found = dict(zip((outcome.target.id for outcome in outcomes), results(outcomes)))
    assert (found.pop("t02"), found.pop("t05")) == ("failed", "unknown")
    assert set(found.values()) == {"terminated"}
    assert len(found) == 10


def test_no_outcome_is_lost_when_asking_for_a_sign_of_life_fails():
    reads = {"a": [A, status(503, 0.0)], "b": [Target("b"), Target("b").as_done()]}
    change = ScriptedChange(reads, alive=OSError("unexpected"))
    assert results(make(change, [A, Target("b")])) == ["unknown", "terminated"]


# A server of which the first change must show what it does


@pytest.mark.parametrize(("sent", "result"), [(True, "unknown"), (False, "not_tried")])
@pytest.mark.parametrize("what", ["read", "send"])
def test_what_stops_a_run_stops_it_at_once(what, sent, result):
    stop = StoppedError("The record is gone.", sent=sent)
    script = {"t03": [stop]}
    change = ScriptedChange(**{f"{what}s": script})
    outcomes = make(change, crowd(12), wait=None)
    assert results(outcomes) == ["requested"] * 3 + [result] + ["not_tried"] * 8
    assert {outcome.msg for outcome in outcomes[3:]} == {"The record is gone."}
    assert outcomes[3].changed is sent


def test_a_stop_does_not_make_an_earlier_request_forgotten():
    stop = StoppedError("The record is gone.", sent=False)
    (outcome,) = make(ScriptedChange({"a": [A, stop]}, {"a": [RESET]}), [A])
    assert (outcome.result, outcome.changed) == ("unknown", True)


def test_one_after_the_other_is_changed_until_the_first_has_shown_what_it_does():
    under_way, most = [], []
    change = ScriptedChange(sends={"*": [lambda target: under_way.append(target.id)]})
    type(change).one_at_a_time = property(lambda _change: len(under_way) < 3)
    try:
        begin = change.read

        def read(target, *, fresh):
            most.append(len(under_way))
            return begin(target, fresh=fresh)

        change.read = read
        assert set(results(make(change, crowd(12), concurrency=8, wait=None))) == {"requested"}
    finally:
        del type(change).one_at_a_time
    assert most[:3] == [0, 1, 2]


@pytest.mark.parametrize("alone", [4, 3])
def test_one_that_is_not_settled_holds_the_others_back_while_one_is_changed_at_a_time(alone):
    targets = crowd(4)
    change = ScriptedChange({target.id: [target, target.as_done()] for target in targets})
    ended = []

    def is_done(live):
        if live.ended:
            ended.append(live.id)
        return live.ended

    change.is_done = is_done
    type(change).one_at_a_time = property(lambda _change: len(ended) < alone)
    try:
        assert set(results(make(change, targets))) == {"terminated"}
    finally:
        del type(change).one_at_a_time
    one_by_one = [(what, f"t{number:02}") for number in range(4) for what in ("read", "send", "read")]
    assert change.log == one_by_one


@pytest.mark.parametrize(("later", "result"), [([A, A, A, OVER], "terminated"), ([None], "not_found")])
def test_a_single_one_needs_no_other_while_one_is_changed_at_a_time(later, result):
    change = ScriptedChange({"a": later})
    type(change).one_at_a_time = property(lambda _change: True)
    try:
        assert results(make(change, [A])) == [result]
    finally:
        del type(change).one_at_a_time


@pytest.mark.parametrize(("state", "result"), [("puzzled", "unknown"), ("closing", "already_ended")])
def test_those_whose_state_forbids_a_request_are_no_row_of_failures(state, result):
    change = ScriptedChange({"*": [lambda target: replace(target, state=state, active=state == "closing")]})
    assert set(results(make(change, crowd(8), wait=None))) == {result}


def test_the_clock_that_is_handed_in_counts_for_reads_too(monkeypatch):
    ours, theirs = FakeTime(), FakeTime()
    use_clock(monkeypatch, theirs)
    reads = [A, status(503, 0.5), A, status(503, 0.0), status(503, 0.5), A, OVER]
    change = ScriptedChange({"a": reads}, {"a": ["reread"]})
    with WorkerPool(1) as workers:
        timing = Timing(ours.monotonic, ours.sleep, lambda low, _high: low)
        outcomes = BulkExecutor(change, 60, workers, timing).make([A])
    assert (results(outcomes), theirs.pauses) == (["terminated"], [])

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How often and after how long the machine of bulk changes looks and asks again. Proves rules 7 and 28."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import (
    TransportError,
)
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils import scripted_change
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.scripted_change import (
    RESET,
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


# Reads that are tried again


def test_one_that_cannot_be_read_is_given_up_while_others_are_read():
    change = ScriptedChange({"a": [status(503, 0.0)], "b": [Target("b")] * 9 + [Target("b").as_done()]})
    assert results(make(change, [A, Target("b")])) == ["failed", "terminated"]
    assert change.count("read", "a") == 4


# Requests that are sent again


@pytest.mark.parametrize(
    ("wait", "first", "second"),
    [(120, 10, 20), (60, 10, 20), (20, 3.333, 6.667), (6, 1, 2), (1, 0.5, None), (None, 0.833, 1.667)],
)
def test_a_request_is_sent_again_after_a_sixth_of_the_wait_and_after_twice_as_long(wait, first, second, clock):
    change = ScriptedChange(sends={"a": [RESET]}, time=clock)
    assert one(change, wait=wait).result == "unknown"
    times = change.sent_at
    gaps = [later - sooner for sooner, later in zip(times, times[1:])]
    assert gaps == pytest.approx([first, second] if second else [first], abs=0.01)


def test_a_time_to_put_it_off_that_just_fits_is_waited(clock, monkeypatch):
    monkeypatch.setattr(scripted_change, "TICK", 0.0)
    change = ScriptedChange({"a": [A, A, OVER]}, {"a": [status(429, 30.0), None]}, max_time=30)
    assert (one(change).result, clock.pauses[0]) == ("terminated", 30.0)


def test_a_request_that_is_put_off_without_a_time_waits_a_second_at_most(clock):
    change = ScriptedChange({"a": [A, A, OVER]}, {"a": [status(429), None]}, time=clock)
    assert one(change).result == "terminated"
    assert 1.0 <= change.sent_at[1] - change.sent_at[0] < 1.1


def test_what_never_left_is_given_up_at_once(clock):
    change = ScriptedChange(sends={"a": [NEVER_LEFT]})
    assert one(change).result == "failed"
    assert change.count("send", "a") == 3
    assert change.log[-1] == ("send", "a")
    assert 1.4 < sum(clock.pauses) < 2


def test_a_conflict_after_an_unclear_request_ends_the_asking(clock):
    change = ScriptedChange({"a": [*[A] * 8, OVER]}, {"a": [RESET, status(409)]}, time=clock)
    assert one(change, wait=20).result == "terminated"
    assert len(change.sent_at) == 2


# Waiting for the end to show


def test_looks_for_the_end_grow_from_a_fifth_of_a_second_to_three_seconds(clock):
    one(ScriptedChange({"a": [A] * 12 + [OVER]}))
    assert clock.pauses == pytest.approx([0.2, 0.3, 0.45, 0.675, 1.0125, 1.51875, 2.278125, 3.0, 3.0, 3.0, 3.0, 3.0])


@pytest.mark.parametrize("wait", [2, 60])
def test_the_last_look_is_at_the_end_of_the_wait(wait, clock):
    assert one(ScriptedChange(), wait=wait).result == "unknown"
    assert sum(clock.pauses) == pytest.approx(wait, abs=0.1)


def many(count, *later):
    """Targets, and a change whose reads of each show it as it is and then, ``later``, over or not."""
    targets = crowd(count)
    told = {True: lambda target: target.as_done(), False: lambda target: target}
    return targets, ScriptedChange({"*": [told[False], *(told[over] for over in later)]})


@pytest.mark.parametrize(("count", "pauses"), [(9, [0.2]), (10, []), (30, [])])
def test_many_that_end_at_once_are_looked_at_without_a_pause(count, pauses, clock):
    targets, change = many(count, True)
    assert set(results(make(change, targets))) == {"terminated"}
    assert clock.pauses == pytest.approx(pauses)
    assert {change.count("read", target.id) for target in targets} == {2}


def test_many_that_end_later_cost_one_read_more_and_are_waited_for_as_ever(clock):
    targets, change = many(10, False, False, True)
    assert set(results(make(change, targets))) == {"terminated"}
    assert clock.pauses == pytest.approx([0.2, 0.3, 0.45])
    assert [change.count("read", target.id) for target in targets] == [4] * 10
    assert change.log[20:22] == [("read", "t00"), ("read", "t00")]


def test_of_many_that_the_server_did_not_take_none_is_looked_at_without_a_pause(clock):
    targets, change = many(10, True)
    change._scripts["send"] = {"t00": [RESET]}
    assert set(results(make(change, targets))) == {"terminated"}
    assert clock.pauses[0] == pytest.approx(0.2)


@pytest.mark.parametrize("failure", [status(503, TOO_LONG), status(404), ValueError("a defect")])
def test_one_look_without_a_pause_that_fails_costs_no_result(failure):
    targets, change = many(10, True)
    over = [lambda target: target, failure, lambda target: target.as_done()]
    change._scripts["read"]["t00"] = over
    assert results(make(change, targets))[1:] == ["terminated"] * 9


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
def test_one_in_doubt_gets_a_last_look_when_its_time_is_over(refuse, clock):
    def late(target):
        return OVER if clock.now >= 1060 else Target("a", "unfit") if refuse else target

    change = ScriptedChange({"a": [A, late]}, {"a": [RESET]}, refuse=refuse)
    assert one(change, wait=60).result == "terminated"


# A server that falls silent


def test_what_cannot_be_read_is_read_ever_more_seldom_to_the_end_of_the_wait(clock):
    times = []

    def fail(_target):
        times.append(clock.now)
        raise status(503, TOO_LONG)

    change = ScriptedChange({"a": [A, fail]}, alive=True)
    assert one(change, wait=60).result == "unknown"
    gaps = [later - sooner for sooner, later in zip(times, times[1:])]
    assert all(2**number <= gap < 2**number + 3.01 for number, gap in enumerate(gaps[:-1]))
    assert gaps[0] < 2
    assert 60 <= times[-1] - 1000 < 64


def test_what_cannot_be_read_is_read_once_a_look_but_three_times_in_the_first_and_the_last_one(clock):
    looks = []

    def fail(_target):
        if looks and clock.now - looks[-1][-1] < 0.9:
            looks[-1].append(clock.now)
        else:
            looks.append([clock.now])
        raise status(503, 0.0)

    one(ScriptedChange({"a": [A, fail]}, alive=True), wait=60)
    assert [len(look) for look in looks] == [3, *[1] * (len(looks) - 2), 3]


def test_a_read_that_succeeds_ends_the_doubt_about_the_connection(clock):
    change = ScriptedChange({"a": [A, status(503, TOO_LONG), A, A, A, OVER]}, alive=True)
    assert one(change).result == "terminated"
    assert change.fresh == [False, False, True, False, False, False]


def test_with_a_coarse_clock_a_wait_of_nothing_is_over_at_once(clock, monkeypatch):
    monkeypatch.setattr(scripted_change, "TICK", 0.0)
    change = ScriptedChange()
    assert one(change, wait=0).result == "unknown"
    assert change.log == [("read", "a"), ("send", "a"), ("read", "a")]


@pytest.mark.parametrize("alive", [False, OSError("unexpected")])
def test_what_was_asked_for_is_not_read_more_where_the_server_lives_no_longer(alive):
    change = ScriptedChange({"a": [A, status(503, 0.0)]}, alive=alive)
    assert one(change).result == "unknown"
    assert change.count("read", "a") == 1 + 3


def test_a_server_that_comes_back_before_the_wait_is_over_is_seen(clock):
    began = clock.now
    change = ScriptedChange({"a": [A, lambda _target: OVER if clock.now > began + 30 else fail()]})
    change.service.answers = lambda: clock.now > began + 30

    def fail():
        raise status(503, TOO_LONG)

    assert one(change, wait=60).result == "terminated"
    assert change.count("read", "a") == 3


def test_a_silence_is_not_waited_out_longer_than_an_end(clock):
    assert one(ScriptedChange({"a": [A, status(503, TOO_LONG)]}, alive=True), wait=2).result == "unknown"
    assert 1.9 < sum(clock.pauses) < 3.5


def test_an_answer_about_another_one_is_a_sign_of_life():
    b = Target("b")
    reads = {"a": [A, *[status(503, 0.0)] * 3, OVER], "b": [b, b, b, b, b.as_done()]}
    assert results(make(ScriptedChange(reads, alive=False), [A, b])) == ["terminated"] * 2


def test_an_answer_before_the_last_silence_is_no_sign_of_life():
    targets = crowd(3)
    silent = status(503, TOO_LONG)
    reads = {"t00": [targets[0], silent], "t01": [targets[1], targets[1].as_done()], "t02": [targets[2], silent]}
    change = ScriptedChange(reads, alive=False)
    assert results(make(change, targets)) == ["unknown", "terminated", "unknown"]
    assert {change.count("read", one.id) for one in targets} == {2}


def test_a_sign_of_life_is_asked_for_only_where_it_matters():
    for quiet in (ScriptedChange({"a": [A, A, A, OVER]}), ScriptedChange({"a": [status(503, 0.0)]})):
        one(quiet)
        assert quiet.asked_whether_alive == 0

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a read shows after a request that nobody knows the outcome of. Proves rules 7, 23 and 25."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import HttpError, TransportError
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.scripted_change import (
    GONE,
    RESET,
    FakeTime,
    ScriptedChange,
    Target,
    make,
    status,
    use_clock,
    use_longest_pauses,
)

A = Target("a")
OVER = A.as_done()
CLOSING = Target("a", "closing")


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """Time that passes only where the machine sleeps, and chance that always takes the longest pause."""
    fake = FakeTime()
    use_clock(monkeypatch, fake)
    use_longest_pauses(monkeypatch)
    return fake


def one(change, **pace):
    return make(change, [A], **pace)[0]


def test_a_session_that_begins_to_close_after_an_unclear_request_is_waited_for(clock):
    """The server took the request: no more are sent, and its end may take longer than the doubt."""
    closing = [CLOSING] * 12
    change = ScriptedChange({"a": [A, *closing, OVER]}, {"a": [RESET]})
    assert one(change).result == "terminated"
    assert change.count("send", "a") == 1
    assert sum(clock.pauses) > 10


def test_a_session_that_closes_for_ever_after_an_unclear_request_is_unknown(clock):
    change = ScriptedChange({"a": [A, CLOSING]}, {"a": [RESET]})
    outcome = one(change, wait=20)
    assert (outcome.result, change.count("send", "a")) == ("unknown", 1)
    assert "still closing" in outcome.msg
    assert 19.9 < sum(clock.pauses) < 25


def test_a_refused_one_that_closes_for_ever_has_failed():
    """Nothing that was sent can have changed it."""
    outcome = one(ScriptedChange({"a": [A, CLOSING]}, {"a": [status(409)]}), wait=20)
    assert (outcome.result, outcome.changed) == ("failed", False)


@pytest.mark.parametrize(
    ("words", "waits"),
    [
        ("Termination of this session is already in progress", True),
        ("A termination is in progress", True),
        ("Already ending", True),
        ("A shutdown is under way", True),
        ("The server is appending to its log", False),
        ("Only human beings may end it", False),
        ("Session is being terminated", True),
        ("TERMINATION_PENDING: an operation is pending", True),
        ("The task was already interrupted", True),
        ("A shutdown is underway", True),
        ("in trouble", False),
        ("The session is locked", False),
        ("", False),
    ],
)
@pytest.mark.parametrize("number", [400, 405, 409, 422, 423])
def test_a_refusal_because_somebody_else_is_ending_it_is_waited_for(words, waits, number):
    """Its state may not show it yet."""
    refusal = HttpError("PATCH /x", number, words, form=words)
    change = ScriptedChange({"a": [A, A, A, OVER]}, {"a": [refusal]})
    outcome = one(change, wait=20)
    assert (outcome.result, outcome.changed) == ("already_ended" if waits else "failed", False)
    assert (change.count("send", "a"), change.count("read", "a")) == (1, 4 if waits else 2)
    for_ever = one(ScriptedChange(sends={"a": [refusal]}), wait=20)
    assert (for_ever.result, for_ever.msg) == ("failed", f"It is still running. {refusal}" if waits else str(refusal))


def test_a_request_is_not_sent_again_when_its_time_ran_out_during_a_read(clock):
    def slow(target):
        clock.sleep(30)
        return target

    change = ScriptedChange({"a": [A, slow]}, {"a": [RESET]})
    assert one(change, wait=20).result == "unknown"
    assert change.count("send", "a") == 1


@pytest.mark.parametrize("state", ["closing", "terminating", "TerminationRequested", "shutting down"])
def test_one_that_is_about_to_end_before_anything_was_sent_is_waited_for(state):
    """Somebody else asked for it: nothing is sent."""
    change = ScriptedChange({"a": [*[Target("a", state)] * 6, OVER]})
    outcome = one(change)
    assert (outcome.result, outcome.changed, change.count("send", "a")) == ("already_ended", False, 0)


@pytest.mark.parametrize("wait", [0, 20, 120])
def test_one_that_hangs_at_its_end_is_asked_to_end_after_half_of_the_wait(wait, clock):
    change = ScriptedChange({"a": [lambda _target: OVER if change.sent_at else CLOSING]}, time=clock)
    assert one(change, wait=wait).result == "terminated"
    assert wait / 2 <= change.sent_at[0] - 1000 < wait / 2 + 3.1


def test_one_that_is_about_to_end_is_not_asked_where_nothing_is_waited_for():
    outcome = one(ScriptedChange({"a": [CLOSING]}), wait=None)
    assert (outcome.result, outcome.changed) == ("already_ended", False)
    assert outcome.msg == "It is about to end (closing); nothing was sent."


def test_one_that_is_about_to_end_after_an_unclear_request_is_waited_for_although_nothing_else_is():
    outcome = one(ScriptedChange({"a": [A, *[CLOSING] * 5, OVER]}, {"a": [RESET]}), wait=None)
    assert (outcome.result, outcome.changed) == ("terminated", True)


def test_one_whose_end_is_not_what_is_wanted_is_not_waited_for():
    change = ScriptedChange({"a": [CLOSING, GONE]})
    change.awaits = False
    assert one(change).result == "terminated"
    assert change.count("send", "a") == 1


def test_a_request_without_an_answer_may_be_carried_out_late(clock):
    """The server may still be at work on it until the wait is over."""
    late = TransportError("no complete answer within 30 s.", sent=True)
    began = clock.now
    change = ScriptedChange(
        {"a": [lambda target: OVER if clock.now > began + 55 else target]}, {"a": [late, status(502)]}
    )
    assert one(change, wait=60).result == "terminated"


def test_a_silent_server_is_waited_for_as_long_as_was_asked(clock):
    """Others are answered meanwhile; after the doubt of five seconds it may well be heard again."""
    silent = [status(502, 2.5)] * 6
    change = ScriptedChange({"a": [A, *silent, OVER], "b": [Target("b")]}, {"a": [RESET]})
    outcome, _other = make(change, [A, Target("b")], wait=60)
    assert outcome.result == "terminated"
    assert sum(clock.pauses) > 10


@pytest.mark.parametrize("number", [501, 505, 520, 599, 999])
def test_after_any_error_of_the_server_it_is_looked_what_became_of_the_request(number):
    change = ScriptedChange({"a": [A, OVER]}, {"a": [status(number)]})
    assert one(change).result == "terminated"
    assert change.count("send", "a") == 1

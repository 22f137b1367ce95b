# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the machine of bulk changes says about each target, and about which record. Proves rules 16, 23 and 26."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import (
    AnswerError,
    HttpError,
    TransportError,
    UnseenError,
)
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.scripted_change import (
    GONE,
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
PUZZLED = replace(A, state="puzzled", active=False)
NEVER_LEFT = TransportError("no connection", sent=False)
FORBIDDEN, PAGE = HttpError(WHAT, 403, form="message"), HttpError(WHAT, 403)
TOO_LONG = 86400.0
NOT_TRIED = "Not tried: 5 in a row failed in the same way before it."


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """Time that passes only where the machine sleeps."""
    fake = FakeTime()
    use_clock(monkeypatch, fake)
    return fake


def one(change, **pace):
    return make(change, [A], **pace)[0]


@pytest.mark.parametrize(
    ("reads", "sends", "msg"),
    [
        ([GONE], [], "The server has no such session."),
        (
            [OTHER],
            [],
            "The id now belongs to another session: its owner was 'jdoe' and is 'somebody else'. Nothing was sent.",
        ),
        ([A, OTHER], [], "The id now belongs to another session: its owner was 'jdoe' and is 'somebody else'."),
        ([OVER], [], "It had ended before."),
        ([PUZZLED], [], "Its state 'puzzled' is neither active nor ended; nothing was sent."),
        ([replace(A, state="unfit")], [], "It no longer fits."),
        ([A, OVER], [], ""),
        ([A, GONE], [], ""),
        ([A, A, OVER], [RESET, None], ""),
        ([A, OVER], [status(409)], "There was nothing left to do when the request arrived."),
        ([A, OVER], [PAGE], f"The answer was not the service's own, and yet it was done. {PAGE}"),
        ([A], [], "The request was accepted, but after 60 s it is still running."),
        ([A], [RESET], "It is still running. the connection was reset"),
        ([A], [FORBIDDEN], str(FORBIDDEN)),
        ([A, RESET], [status(409)], f"{status(409)} It could not be read afterwards: {RESET}"),
        ([A, FORBIDDEN], [status(409)], str(status(409))),
        ([A, PUZZLED], [status(409)], str(status(409))),
        ([A, RESET], [FORBIDDEN], str(FORBIDDEN)),
        ([A, RESET], [PAGE], f"{PAGE} It could not be read afterwards: {RESET}"),
        ([A, FORBIDDEN], [PAGE], f"{PAGE} It could not be read afterwards: {FORBIDDEN}"),
        ([A], [NEVER_LEFT], "no connection"),
        ([A], [KeyError("x")], "Unexpected KeyError."),
        ([KeyError("x")], [], "Unexpected KeyError."),
        ([FORBIDDEN], [], str(FORBIDDEN)),
        (
            [A, AnswerError("an HTML page")],
            [],
            "A request to end it was sent, but it could not be read back: an HTML page",
        ),
        ([A], [status(429, 86400.4)], str(status(429))),
        ([A], [status(503, 121.0)], f"It is still running. {status(503)}"),
        ([replace(A, state="closing")], [status(409)], f"It is still closing. {status(409)}"),
    ],
)
def test_the_message_says_what_became_of_it(reads, sends, msg):
    assert one(ScriptedChange({"a": reads}, {"a": sends}, refuse=["unfit"])).msg == msg


def test_what_is_only_requested_has_no_message_although_it_took_two_requests():
    outcome = one(ScriptedChange(sends={"a": [RESET, None]}), wait=None)
    assert (outcome.result, outcome.msg) == ("requested", "")


def test_what_is_only_requested_says_what_could_not_be_seen():
    unseen = UnseenError("Nobody saw it end.")
    outcome = one(ScriptedChange(sends={"a": [unseen]}), wait=None)
    assert (outcome.result, outcome.changed, outcome.msg) == ("requested", True, str(unseen))


# Which record


def test_the_request_and_the_result_are_about_the_session_as_it_was_just_read():
    live, asked = replace(A, state="solving"), []
    change = ScriptedChange({"a": [live]}, {"a": [asked.append]})
    assert one(change, wait=None).target == live
    assert asked == [live]


@pytest.mark.parametrize(("then", "target"), [(OVER, OVER), (GONE, A), (OTHER, A)])
def test_somebody_faster_leaves_the_session_as_it_is_now_unless_that_is_another_one(then, target):
    outcome = one(ScriptedChange({"a": [A, then]}, {"a": [status(404)]}))
    assert (outcome.result, outcome.target) == ("already_ended", target)


def test_a_state_that_nobody_knows_is_waited_out_after_a_request():
    assert one(ScriptedChange({"a": [A, PUZZLED, OVER]})).result == "terminated"


def test_an_ended_one_can_be_changed_where_that_is_not_what_is_to_be_done():
    change = ScriptedChange({"a": [OVER, GONE]})
    change.is_done = lambda _live: False
    assert one(change).result == "terminated"
    assert change.count("send", "a") == 1


# Whether it may have been done


@pytest.mark.parametrize("first", [RESET, status(500)])
@pytest.mark.parametrize("then", [status(429, 0.1), NEVER_LEFT])
def test_a_request_that_may_have_been_carried_out_is_not_forgotten(first, then):
    outcome = one(ScriptedChange(sends={"a": [first, then]}))
    assert (outcome.result, outcome.changed) == ("unknown", True)
    assert outcome.msg.startswith("It is still running.")


def test_a_refusal_after_an_unclear_request_leaves_open_whether_it_was_done():
    assert one(ScriptedChange(sends={"a": [RESET, FORBIDDEN]})).result == "unknown"


def test_errors_of_the_server_to_every_request_leave_open_whether_one_was_carried_out():
    assert one(ScriptedChange({"a": [A, A, A, OVER]}, {"a": [status(501)]})).result == "terminated"
    assert one(ScriptedChange(sends={"a": [status(501)]})).result == "unknown"


@pytest.mark.parametrize(("sends", "result"), [([status(499)], "failed"), ([RESET, status(499)], "unknown")])
def test_a_status_below_500_is_an_answer_and_settles_it(sends, result):
    change = ScriptedChange(sends={"a": sends})
    assert one(change).result == result
    assert change.count("send", "a") == len(sends)


def test_an_error_of_the_server_to_a_read_before_any_request_settles_it():
    change = ScriptedChange({"a": [status(501)]})
    assert (one(change).result, change.log) == ("failed", [("read", "a")])


def test_one_that_was_accepted_is_not_waited_for_longer_because_it_begins_to_close(clock):
    closing = replace(A, state="closing")
    change = ScriptedChange({"a": [A] * 9 + [closing]}, {"a": [RESET, None]}, time=clock)
    outcome = one(change, wait=10)
    assert outcome.msg == "The request was accepted, but after 10 s it is still closing."
    assert clock.now - change.sent_at[-1] < 14


def test_a_request_can_read_its_target_again_and_is_as_patient_as_any_read():
    change = ScriptedChange({"a": [A, status(503, 0.0), status(503, 0.0), A, OVER]}, {"a": ["reread"]})
    assert one(change).result == "terminated"
    assert change.log == [("read", "a"), ("send", "a"), *[("read", "a")] * 4]
    assert change.reread == [A]
    failing = ScriptedChange({"a": [A, *[status(503, 0.0)] * 3, A, OVER]}, {"a": ["reread"]})
    one(failing)
    assert failing.log[:6] == [("read", "a"), ("send", "a"), *[("read", "a")] * 3, ("read", "a")]


# The stop after five alike


def test_those_that_are_not_tried_say_why():
    change = ScriptedChange({"*": [FORBIDDEN]})
    assert {outcome.msg for outcome in make(change, crowd(9))[5:]} == {NOT_TRIED}


def test_unexpected_errors_are_alike_too():
    assert results(make(ScriptedChange({"*": [KeyError("x")]}), crowd(9))) == ["failed"] * 5 + ["not_tried"] * 4


def test_one_whose_request_never_left_before_the_stop_is_not_tried_after_it():
    targets = crowd(6)
    change = ScriptedChange(sends={"t00": [NEVER_LEFT], "*": [FORBIDDEN]})
    first, *others = make(change, targets)
    assert (first.result, first.msg, results(others)) == ("not_tried", NOT_TRIED, ["failed"] * 5)
    assert change.count("send", "t00") == 1


def test_one_that_was_sent_before_the_stop_is_never_said_not_to_be_tried():
    targets = crowd(6)
    reads = {"t00": [targets[0], status(503, TOO_LONG), targets[0], targets[0].as_done()], "*": [FORBIDDEN]}
    outcomes = make(ScriptedChange(reads, {"t00": [RESET, None]}), targets)
    assert results(outcomes) == ["terminated"] + ["failed"] * 5

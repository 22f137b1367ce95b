# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The machine behind all bulk changes, against scripted servers. Proves rules 7, 16, 23, 26 and 28."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import (
    AimmsError,
    AnswerError,
    HttpError,
    RedirectError,
    RefusedError,
    TlsError,
    TransportError,
    TurnError,
    UnsupportedError,
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


REFUSED = TransportError("no connection", sent=False)


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """Time that passes only where the machine sleeps."""
    fake = FakeTime()
    use_clock(monkeypatch, fake)
    return fake


def one(change, **pace):
    return make(change, [A], **pace)[0]


# Nothing without a read that allows it


@pytest.mark.parametrize(
    ("read", "result"),
    [
        (GONE, "not_found"),
        (OVER, "already_ended"),
        (OTHER, "changed_since"),
        (replace(A, state="puzzled", active=False), "unknown"),
        (replace(A, state="unfit"), "changed_since"),
        (HttpError(WHAT, 403), "failed"),
        (AnswerError("an HTML page"), "failed"),
        (status(503), "failed"),
        (KeyError("a"), "failed"),
        (RedirectError("elsewhere"), "failed"),
    ],
)
def test_nothing_is_sent_where_the_read_before_it_does_not_allow_it(read, result):
    change = ScriptedChange({"a": [read]}, refuse=["unfit"])
    outcome = one(change)
    assert (outcome.result, outcome.changed, change.count("send", "a")) == (result, False, 0)
    assert change.count("read", "a") <= 4
    assert outcome.unread is isinstance(read, AimmsError)


def test_done_is_said_only_after_a_read_showed_it():
    change = ScriptedChange({"a": [A, A, A, OVER]})
    outcome = one(change)
    assert (outcome.result, outcome.target) == ("terminated", OVER)
    assert change.log == [("read", "a"), ("send", "a"), *[("read", "a")] * 3]


def test_one_that_is_gone_afterwards_is_done():
    assert one(ScriptedChange({"a": [A, GONE]})).result == "terminated"


def test_what_never_shows_its_end_is_unknown_when_the_time_is_over(clock):
    change = ScriptedChange()
    outcome = one(change, wait=60)
    assert outcome.result == "unknown"
    assert "after 60 s it is still running" in outcome.msg
    assert change.count("send", "a") == 1
    assert 60 <= clock.now - 1000 < 65
    assert change.count("read", "a") < 40


def test_without_waiting_what_was_accepted_is_requested_and_not_read_again():
    change = ScriptedChange()
    assert one(change, wait=None).result == "requested"
    assert change.log == [("read", "a"), ("send", "a")]


def test_with_no_time_to_wait_it_is_read_back_once():
    assert one(ScriptedChange({"a": [A, OVER]}), wait=0).result == "terminated"
    assert one(ScriptedChange(), wait=0).result == "unknown"


# Requests whose outcome is unclear


@pytest.mark.parametrize("error", [status(408), status(500), status(503, 0.0), RESET, AnswerError("an HTML page")])
@pytest.mark.parametrize("wait", [None, 8, 60])
def test_an_unclear_request_is_sent_three_times_at_most_each_after_a_read_and_open_to_the_end(error, wait, clock):
    change = ScriptedChange(sends={"a": [error]}, time=clock)
    outcome = one(change, wait=wait)
    assert (outcome.result, outcome.changed) == ("unknown", True)
    assert "still running" in outcome.msg
    asked = [place for place, entry in enumerate(change.log) if entry == ("send", "a")]
    assert len(asked) == 3
    assert all(change.log[place - 1] == ("read", "a") for place in asked)
    open_for = 5 if wait is None else wait
    assert open_for <= clock.now - change.sent_at[0] < open_for + 4
    assert change.log[-1] == ("read", "a")


def test_with_no_time_to_wait_an_unclear_request_is_not_repeated():
    change = ScriptedChange(sends={"a": [RESET]})
    assert one(change, wait=0).result == "unknown"
    assert change.log == [("read", "a"), ("send", "a"), ("read", "a")]


@pytest.mark.parametrize("error", [status(502), status(503, 1.0), status(504), RESET, AnswerError("an HTML page")])
def test_a_request_that_is_carried_out_eight_seconds_later_is_seen_and_not_repeated(error, clock):
    began = clock.now
    change = ScriptedChange({"a": [lambda target: OVER if clock.now > began + 8 else target]}, {"a": [error]})
    assert one(change, wait=60).result == "terminated"
    assert change.count("send", "a") == 1
    assert change.count("read", "a") < 12


@pytest.mark.parametrize("error", [status(500), RESET, AnswerError("an HTML page")])
def test_a_request_that_was_carried_out_although_it_failed_is_found_out_and_not_repeated(error):
    change = ScriptedChange({"a": [A, OVER]}, {"a": [error]})
    assert one(change).result == "terminated"
    assert change.count("send", "a") == 1
    assert change.fresh == [False, True]


def test_a_slow_end_is_found_out_although_every_request_failed():
    reads = [A, A, A, OVER]
    assert one(ScriptedChange({"a": reads}, {"a": [status(500)]}), wait=None).result == "terminated"


@pytest.mark.parametrize("error", [status(500), RESET])
def test_a_request_is_not_repeated_on_another_one_with_the_same_id(error):
    change = ScriptedChange({"a": [A, OTHER]}, {"a": [error]})
    outcome = one(change)
    assert change.count("send", "a") == 1
    assert (outcome.result, outcome.target) == ("terminated", A)


def test_a_request_is_not_repeated_on_one_that_no_longer_fits():
    change = ScriptedChange({"a": [A, replace(A, state="unfit")]}, {"a": [RESET]}, refuse=["unfit"])
    assert one(change).result == "unknown"
    assert change.count("send", "a") == 1


def test_a_request_that_never_left_is_no_change():
    change = ScriptedChange(sends={"a": [REFUSED]})
    outcome = one(change)
    assert (outcome.result, outcome.changed) == ("failed", False)
    assert change.count("send", "a") == 3


@pytest.mark.parametrize(
    "error", [RefusedError("no"), TlsError("no"), RedirectError("elsewhere"), RedirectError("elsewhere", sent=False)]
)
def test_what_would_fail_again_is_not_repeated(error):
    change = ScriptedChange(sends={"a": [error]})
    assert one(change).result == ("failed" if isinstance(error, RefusedError) else "unknown")
    assert change.log[:2] == [("read", "a"), ("send", "a")]
    assert change.count("send", "a") == 1


CLEAR = [400, 401, 403, 404, 405, 409, 410, 413, 422, 499]


@pytest.mark.parametrize("number", CLEAR)
def test_after_a_clear_refusal_it_is_read_before_anything_is_said(number):
    """The answer to 'Cannot terminate session in state Finished' may come as any of them."""
    for then in (OVER, GONE, OTHER):
        outcome = one(ScriptedChange({"a": [A, then]}, {"a": [status(number)]}))
        assert (outcome.result, outcome.changed) == ("already_ended", False)
    change = ScriptedChange(sends={"a": [status(number)]})
    outcome = one(change)
    assert (outcome.result, outcome.changed, outcome.msg) == ("failed", False, str(status(number)))
    assert change.log == [("read", "a"), ("send", "a"), ("read", "a")]


@pytest.mark.parametrize("number", CLEAR)
def test_after_a_clear_refusal_that_is_about_to_end_is_waited_for(number):
    change = ScriptedChange({"a": [A, replace(A, state="terminating"), OVER]}, {"a": [status(number)]})
    outcome = one(change)
    assert (outcome.result, outcome.changed, change.count("send", "a")) == ("already_ended", False, 1)


@pytest.mark.parametrize(
    ("number", "unread", "result"),
    [
        (409, status(503, 0.0), "unknown"),
        (409, status(500), "unknown"),
        (409, status(499), "failed"),
        (405, RESET, "unknown"),
        (403, RESET, "failed"),
        (401, RESET, "failed"),
        (400, status(403), "failed"),
        *((number, status(403), "page unknown") for number in (400, 401, 403, 404)),
    ],
)
def test_a_clear_refusal_after_which_nothing_can_be_read_is_no_failure_that_is_known(number, unread, result):
    refusal = HttpError("PATCH /x", number) if result.startswith("page") else status(number)
    outcome = one(ScriptedChange({"a": [A, unread]}, {"a": [refusal]}))
    assert (outcome.result, outcome.changed) == (result.rpartition(" ")[2], False)
    assert outcome.msg.startswith(str(refusal))


@pytest.mark.parametrize(("wait", "awaits"), [(None, True), (60, False)])
def test_a_refusal_is_said_at_once_where_nobody_waits_for_an_end(wait, awaits):
    change = ScriptedChange({"a": [A, replace(A, state="closing")]}, {"a": [status(409)]})
    change.awaits = awaits
    outcome = one(change, wait=wait)
    assert (outcome.result, outcome.msg, outcome.target.state) == ("failed", str(status(409)), "closing")
    assert change.log == [("read", "a"), ("send", "a"), ("read", "a")]


@pytest.mark.parametrize(("before", "result"), [([], "failed"), ([RESET], "unknown")])
def test_a_request_that_could_not_be_made_is_not_tried_again(before, result):
    unfit = UnsupportedError("The document has no such operation.")
    change = ScriptedChange(sends={"a": [*before, unfit]})
    outcome = one(change)
    assert (outcome.result, outcome.changed, change.count("send", "a")) == (result, bool(before), len(before) + 1)
    assert outcome.msg.endswith(str(unfit))
    assert before or change.log == [("read", "a"), ("send", "a")]


def test_a_conflict_after_an_unclear_request_is_its_success():
    change = ScriptedChange({"a": [A, A, A, OVER]}, {"a": [RESET, status(409)]})
    outcome = one(change)
    assert (outcome.result, outcome.changed) == ("terminated", True)


@pytest.mark.parametrize("number", CLEAR)
def test_a_refusal_after_an_unclear_request_is_no_licence_to_repeat_and_leaves_it_open(number):
    change = ScriptedChange(sends={"a": [RESET, status(number)]})
    outcome = one(change)
    assert (outcome.result, outcome.changed) == ("unknown", True)
    assert change.count("send", "a") == 2


def test_an_unexpected_error_while_sending_leaves_open_whether_it_was_done():
    change = ScriptedChange(sends={"a": [KeyError("x")]})
    outcome = one(change)
    assert (outcome.result, change.count("send", "a")) == ("unknown", 1)
    assert "Unexpected KeyError" in outcome.msg


# A server that asks to wait


@pytest.mark.parametrize("pause", [None, 0.0, 1.0])
def test_a_request_is_put_off_for_as_long_as_one_call_may_last(pause, clock):
    change = ScriptedChange(sends={"a": [status(429, pause)]}, max_time=30)
    outcome = one(change)
    assert (outcome.result, outcome.changed) == ("failed", False)
    assert "429" in outcome.msg
    assert 27 < clock.now - 1000 < 32
    assert change.log == [("read", "a"), ("send", "a")] * change.count("send", "a") + [("read", "a")]


def test_a_request_that_is_put_off_many_times_goes_out_in_the_end_each_time_after_a_read():
    change = ScriptedChange({"a": [*[A] * 26, OVER]}, {"a": [*[status(429, 1.0)] * 25, None]})
    assert one(change).result == "terminated"
    assert change.log == [("read", "a"), ("send", "a")] * 26 + [("read", "a")]


def test_one_whose_turn_had_not_come_has_not_failed_and_is_read_again():
    change = ScriptedChange({"a": [*[A] * 6, OVER]}, {"a": [*[TurnError()] * 5, None]})
    assert one(change).result == "terminated"
    assert change.log == [("read", "a"), ("send", "a")] * 6 + [("read", "a")]


def test_the_time_a_server_asks_for_is_waited(clock):
    change = ScriptedChange({"a": [A, A, OVER]}, {"a": [status(429, 17.0), None]}, time=clock)
    assert one(change).result == "terminated"
    assert change.sent_at[1] - change.sent_at[0] >= 17
    change = ScriptedChange(sends={"a": [status(503, 17.0), None]}, time=clock)
    one(change)
    assert change.sent_at[1] - change.sent_at[0] >= 17


@pytest.mark.parametrize("number", [429, 503])
def test_nothing_is_sent_again_before_a_time_that_is_too_long_to_wait(number, clock):
    change = ScriptedChange(sends={"a": [status(number, 86400.0)]}, max_time=120)
    outcome = one(change, wait=120)
    assert outcome.result == ("failed" if number == 429 else "unknown")
    assert change.count("send", "a") == 1
    assert clock.now - 1000 < 130


@pytest.mark.parametrize("pause", [0.0, 1.0, 86400.0])
@pytest.mark.parametrize("before", [0, 1])
def test_a_server_that_puts_every_read_off_is_left_in_the_end(pause, before, clock):
    change = ScriptedChange({"a": [A] * before + [status(429, pause)]}, max_time=20)
    outcome = one(change, wait=30)
    assert outcome.result == ("unknown" if before else "failed")
    assert outcome.changed == bool(before)
    assert change.count("read", "a") <= 2 * (clock.now - 1000) + 2
    assert clock.now - 1000 < 20 + 30 + 20


# A server that falls silent


@pytest.mark.parametrize("error", [status(503, 0.0), RESET, AnswerError("an HTML page")])
def test_a_silent_server_costs_four_reads_and_no_request(error):
    change = ScriptedChange({"*": [error]})
    assert results(make(change, crowd(12))) == ["failed"] * 5 + ["not_tried"] * 7
    reads = Counter(name for _what, name in change.log)
    assert reads == {f"t{number:02}": 4 for number in range(5)}


def test_what_cannot_be_read_back_is_unknown_and_the_reads_are_bounded():
    for alive in (True, False):
        change = ScriptedChange({"a": [A, status(503, 0.0)]}, alive=alive)
        outcome = one(change)
        assert (outcome.result, change.count("send", "a")) == ("unknown", 1)
        assert "could not be read back" in outcome.msg
        assert change.count("read", "a") <= (13 if alive else 4)


def test_a_passing_silence_is_survived_while_the_server_answers_others():
    reads = {"a": [A, *[status(503, 0.0)] * 6, OVER]}
    assert one(ScriptedChange(reads, alive=True)).result == "terminated"

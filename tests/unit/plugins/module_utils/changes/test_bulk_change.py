# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way of all bulk changes from options to result: refusals, limits, what is told. Proves rules 17, 18 and 26."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.changes.bulk_change import (
    changed,
    present_state_text,
    raise_failures,
    wait_from,
)
from ansible_collections.aimms.cloud.plugins.module_utils.changes.change import Outcome
from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError, PartlyFailedError, RefusedError
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import results
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.ending import five_sessions, run
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.scripted_change import FakeTime, use_clock

LIVE, OVER = Session("w1", "webui", "running"), Session("w1", "webui", "terminated")
PACE = {"concurrency": 8, "wait": True, "wait_timeout": "2m"}


@pytest.fixture(name="account")
def an_account(monkeypatch):
    """Waiting for their end takes no time."""
    use_clock(monkeypatch, FakeTime())
    with five_sessions() as account:
        yield account


def test_a_negative_breaker_is_refused_before_any_session_is_read(account):
    with pytest.raises(OptionError, match="max_sessions: must not be negative"):
        run(account, older_than="1h", max_sessions=-1)
    assert account.asked("/webui") == account.asked("/task") == account.changes() == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"max_sessions": 2}, "3 sessions are selected and max_sessions is 2"),
        ({"max_sessions": 0}, "3 sessions are selected and max_sessions is 0"),
        ({"max_percent": 60}, "3 of 4 active sessions are selected and max_percent is 60"),
        ({"max_per_owner": 1}, "2 sessions of jdoe@ROOT are selected and max_per_owner is 1"),
    ],
)
def test_a_breaker_ends_nothing_and_gives_the_figures(options, said, account):
    with pytest.raises(RefusedError, match=f"Nothing was ended: {said}.*Narrow the selection") as caught:
        run(account, older_than="24h", **options)
    assert account.changes() == []
    assert results(caught.value.result) == dict.fromkeys(["t5", "w2", "w1"], "not_tried")
    assert (caught.value.result["changed"], caught.value.result["summary"]) == (False, {"not_tried": 3})
    assert caught.value.result["sessions"][0]["msg"] == "A breaker tripped."


def test_one_that_fails_does_not_stop_the_others_and_all_are_told(account):
    account.on("PATCH", "/w1/terminate", 403)
    with pytest.raises(PartlyFailedError, match=r"1 of 3 sessions could not be ended\. PATCH .*w1.* 403") as caught:
        run(account, older_than="24h", concurrency=1)
    result = caught.value.result
    assert results(result) == {"t5": "terminated", "w2": "terminated", "w1": "failed"}
    assert (result["changed"], result["summary"]) == (True, {"terminated": 2, "failed": 1})
    assert account.state("webui", "w1") == "running"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "Without a criterion this would end every session. Give sessions, session_ids with one of kinds, or"),
        ({"kinds": ["webui"]}, "Without a criterion"),
        ({"session_ids": ["w1"]}, "session_ids needs exactly one of kinds"),
        ({"session_ids": ["w1"], "kinds": ["webui", "task"]}, "session_ids needs exactly one of kinds"),
        ({"session_ids": ["w1"], "kinds": ["webui"], "max_active": 1}, "max_active goes with a selection"),
        ({"session_ids": ["w1"], "kinds": ["webui"], "server_filters": {"state": "x"}}, "server_filters go with"),
        ({"older_than": "1h", "concurrency": 0}, "concurrency: must be from 1 to 32, not 0"),
        ({"older_than": "1h", "concurrency": 33}, "concurrency: must be from 1 to 32, not 33"),
        ({"older_than": "1h", "wait_timeout": "5"}, "wait_timeout: '5' has no unit"),
        ({"sessions": [{"id": "w1", "kind": "webui"}]}, "sessions: a record has no app_name. Each needs id, kind"),
        ({"older_than": "1h", "max_per_owner": -1}, "max_per_owner: must not be negative"),
    ],
)
@pytest.mark.parametrize("check_mode", [False, True])
def test_what_would_name_all_or_another_session_is_refused_before_anything_is_asked(options, said, check_mode, account):
    with pytest.raises(OptionError, match=said):
        run(account, check_mode, **options)
    assert account.requests == []


def test_a_record_that_comes_twice_is_acted_on_once(account):
    record = run(account, True, kinds=["webui"], session_ids=["w1"])[0]["sessions"][0]
    result, _warnings = run(account, sessions=[record, record])
    assert [one["id"] for one in result["sessions"]] == ["w1"]
    assert account.changes() == ["PATCH webui/w1/terminate"]


def test_an_empty_plan_changes_nothing(account):
    result, _warnings = run(account, sessions=[])
    assert (result["changed"], result["sessions"], account.changes()) == (False, [], [])


# Its parts


def test_how_long_is_waited_is_read_from_the_options():
    assert wait_from(PACE) == 120
    assert wait_from({**PACE, "wait": False}) is None
    assert wait_from({**PACE, "wait_timeout": "0s"}) == 0


@pytest.mark.parametrize("concurrency", [0, 33, -1])
def test_at_most_32_are_dealt_with_at_once(concurrency):
    with pytest.raises(OptionError, match=f"concurrency: must be from 1 to 32, not {concurrency}"):
        wait_from({**PACE, "concurrency": concurrency})
    assert [wait_from({**PACE, "concurrency": number}) for number in (1, 32)] == [120, 120]


@pytest.mark.parametrize(
    ("outcome", "is_change"),
    [
        (Outcome(LIVE, "would_terminate"), True),
        (Outcome(LIVE, "requested"), True),
        (Outcome(OVER, "terminated", changed=True), True),
        (Outcome(LIVE, "unknown", changed=True), True),
        (Outcome(LIVE, "unknown"), False),
        (Outcome(LIVE, "failed"), False),
        (Outcome(OVER, "already_ended"), False),
        (Outcome(LIVE, "would_delete"), False),
    ],
)
def test_what_may_have_been_carried_out_is_a_change(outcome, is_change):
    assert changed(outcome, "would_terminate") is is_change


def test_one_that_was_last_seen_active_and_one_that_has_ended_are_told_apart():
    assert present_state_text(Outcome(OVER, "interrupted")) == "it is terminated"
    assert "running" not in present_state_text(Outcome(LIVE, "interrupted"))


@pytest.mark.parametrize("bad", ["failed", "unknown", "not_tried"])
def test_each_bad_result_is_a_failure_with_all_results(bad):
    outcomes = [Outcome(LIVE, bad, "Why."), Outcome(OVER, "terminated"), Outcome(LIVE, bad, "Why.")]
    with pytest.raises(PartlyFailedError) as caught:
        raise_failures(outcomes, "ended", {"summary": 1}, "tasks")
    assert str(caught.value) == "2 of 3 tasks could not be ended. Why."
    assert caught.value.result == {"summary": 1}


def test_at_most_three_different_reasons_are_told():
    outcomes = [Outcome(LIVE, "failed", f"No. {number}.") for number in (1, 1, 2, 3, 4)]
    with pytest.raises(PartlyFailedError, match=r"ended\. No\. 1\. No\. 2\. No\. 3\.$"):
        raise_failures(outcomes, "ended", {})


def test_nothing_is_raised_where_all_went_well():
    good = ["terminated", "requested", "already_ended", "not_found", "changed_since", "interrupted", "would_delete"]
    raise_failures([Outcome(LIVE, result) for result in good], "ended", {})


@pytest.mark.parametrize(("field", "value"), [("kind", "model"), ("created_at", "lately"), ("created_at", "")])
def test_a_record_of_no_session_is_refused(field, value, account):
    record = {"id": "w1", "kind": "webui", "app_name": None, "owner": None, "created_at": None, field: value}
    with pytest.raises(OptionError, match="the record of w1 has a kind or created_at of no session"):
        run(account, sessions=[record])
    assert account.requests == []

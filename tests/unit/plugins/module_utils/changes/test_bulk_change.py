# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way of all bulk changes from options to result: refusals, limits, what is told. Proves rules 17, 18 and 26."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.api.session_manager import SessionManager
from ansible_collections.aimms.cloud.plugins.module_utils.changes.bulk_change import (
    changed,
    present_state_text,
    raise_failures,
    wait_from,
)
from ansible_collections.aimms.cloud.plugins.module_utils.changes.change import Outcome
from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError, PartlyFailedError, RefusedError
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.sessions.terminate import terminate
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import ago, results
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
    assert caught.value.result["sessions"][0]["msg"] == "A limit is exceeded."


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
        ({}, "Without a criterion this would end every session. Give sessions, session_ids, or at least one of"),
        ({"kinds": ["webui"]}, "Without a criterion"),
        ({"session_ids": []}, "Without a criterion"),
        ({"session_ids": ["../w1"]}, "cannot be a session id"),
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


# An earlier plan


def planned(account, *ids):
    """The records of a plan, of these sessions only."""
    found = run(account, True, older_than="24h")[0]["sessions"]
    return [one for one in found if one["id"] in ids] if ids else found


def test_an_id_that_no_request_can_have_fails_by_itself_and_the_others_are_ended(account):
    records = [{**planned(account, "w1")[0], "id": "webui:1"}, *planned(account, "w1", "t5")]
    with pytest.raises(
        PartlyFailedError, match=r"1 of 3 sessions could not be ended\. Its id cannot be used"
    ) as caught:
        run(account, sessions=records)
    told = results(caught.value.result)
    assert told == {"webui:1": "failed", "w1": "terminated", "t5": "terminated"}
    assert sorted(account.changes()) == ["PATCH task/t5/terminate", "PATCH webui/w1/terminate"]
    assert not any("webui:1" in request.path for request in account.requests)


@pytest.mark.parametrize(
    ("records", "said"),
    [
        ([{"id": "webui:1"}], "'webui:1' cannot be a session id"),
        ([{}, {"id": "webui:1"}], "'webui:1' cannot be a session id"),
        ([{"id": "webui:1", "created_at": "soon"}, {}], "has a kind or created_at of no session"),
        ([{"id": 7}, {}], "'7' cannot be a session id"),
        ([{"id": None}], "'None' cannot be a session id"),
    ],
    ids=str,
)
def test_what_is_no_plan_is_refused_before_anything_is_asked(records, said, account):
    (record,) = planned(account, "w1")
    asked = len(account.requests)
    given = [{**record, **one} for one in records]
    if len(given) == 2 and given[0] == record:
        given = given[1:]
    with pytest.raises(OptionError, match=said):
        run(account, sessions=given)
    assert len(account.requests) == asked


def test_the_plan_of_another_account_is_refused_before_anything_is_asked(account):
    records = planned(account)
    assert {one["url"] for one in records} == {account.url}
    asked = len(account.requests)
    records[-1]["url"] = "https://other.aimms.cloud"
    with pytest.raises(
        OptionError, match=f"sessions: they were planned for https://other.aimms.cloud, .* {account.url}"
    ):
        run(account, sessions=records)
    assert (len(account.requests), account.changes()) == (asked, [])


@pytest.mark.parametrize(
    ("planned_for", "now", "same"),
    [
        ("https://acme.aimms.cloud:443/", {"account": "ACME"}, True),
        ("https://acme.aimms.cloud", {"url": "https://acme.aimms.cloud:443"}, True),
        ("https://acme.aimms.cloud:4430", {"account": "acme"}, False),
        ("https://acme.aimms.cloud/b", {"url": "https://acme.aimms.cloud/a"}, False),
        ("http://acme.aimms.cloud", {"account": "acme"}, False),
        (7, {"account": "acme"}, False),
    ],
)
def test_an_address_is_the_same_however_it_is_written(planned_for, now, same, account, monkeypatch):
    (record,) = planned(account, "w1")

    def connect(*_given):
        raise RefusedError("connected")

    monkeypatch.setattr(SessionManager, "connect", connect)
    with pytest.raises(RefusedError if same else OptionError, match="connected" if same else "they were planned for"):
        terminate({**account.params(sessions=[{**record, "url": planned_for}]), "url": None, **now}, False, print)


@pytest.mark.parametrize("url", ["leave out", None, ""])
def test_a_plan_that_does_not_name_its_account_is_followed(url, account):
    records = planned(account, "w1")
    records = [{name: value for name, value in one.items() if name != "url"} for one in records]
    records = records if url == "leave out" else [{**one, "url": url} for one in records]
    assert results(run(account, sessions=records)[0]) == {"w1": "terminated"}


@pytest.mark.parametrize(
    ("hours", "told"), [(23.9, []), (24.1, ["1 day"]), (47.9, ["1 day"]), (48.1, ["2 days"]), (9504.1, ["396 days"])]
)
def test_the_age_of_a_plan_is_told(hours, told, account):
    """The record was made when the session was an hour old."""
    (record,) = planned(account, "t5")
    record.update(created_at=ago(hours + 1), age_seconds=3600)
    account.sessions["task", "t5"]["created_at"] = record["created_at"]
    result, warnings = run(account, True, sessions=[record])
    assert results(result) == {"t5": "would_terminate"}
    assert [text.partition(" (of 20")[0] for text in warnings] == [f"The plan is {age} old" for age in told]
    assert all(text.endswith("Z). Only what is still the same is ended.") for text in warnings)


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

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deleting records of ended sessions, and what is never deleted. Proves rules 16, 17, 21 and 22."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError, PartlyFailedError, RefusedError
from ansible_collections.aimms.cloud.plugins.module_utils.sessions.delete import delete
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import Account, ago, results
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.scripted_change import FakeTime, use_clock


@pytest.fixture(name="account")
def an_account(monkeypatch):
    """One active session, one that ended a day ago, one that ended 40 days ago."""
    use_clock(monkeypatch, FakeTime())
    with Account() as account:
        account.add("task", "t1", hours=1000)
        account.add("task", "t2", "completed", hours=1000, ended_at=ago(24))
        account.add("task", "t3", "failed", hours=1000, ended_at=ago(960))
        yield account


def run(account, check_mode=False, **options):
    """The result and the warnings."""
    warnings = []
    return delete(account.params(kinds=["task"], **options), check_mode, warnings.append), warnings


def test_records_of_sessions_that_ended_long_enough_ago_are_deleted_and_no_others(account):
    planned, _warnings = run(account, True, ended_before="30d")
    assert (results(planned), planned["changed"], account.changes()) == ({"t3": "would_delete"}, True, [])
    result, _warnings = run(account, ended_before="30d")
    assert results(result) == {"t3": "deleted"}
    assert {one["id"]: one["reason"] for one in result["kept"]} == {"t2": "too_young"}
    assert ago(1) < result["server_time"] < ago(-1)
    assert sorted(account.sessions) == [("task", "t1"), ("task", "t2")]
    assert run(account, ended_before="30d")[0]["changed"] is False


def test_protections_that_match_no_session_are_told(account):
    result, _warnings = run(account, True, ended_before="30d", protect_session_ids=["t1", "x*"])
    assert result["unmatched_protections"] == ["x*"]
    with pytest.raises(OptionError, match="Without a criterion this would delete every session"):
        run(account, ended_before="0s")


def test_an_active_session_that_is_selected_is_kept_as_active(account):
    result, _warnings = run(account, older_than="1d")
    assert results(result) == {"t2": "deleted", "t3": "deleted"}
    assert {one["id"]: one["reason"] for one in result["kept"]} == {"t1": "active"}


def test_an_active_session_is_a_failure_and_lives_on_unless_it_is_forced(account):
    still = r"It is still running: only sessions that have ended are deleted \(see force\)\."
    with pytest.raises(PartlyFailedError, match=rf"1 of 2 sessions could not be deleted\. {still}") as caught:
        run(account, session_ids=["t1", "t2"])
    assert results(caught.value.result) == {"t1": "failed", "t2": "deleted"}
    assert account.changes() == ["DELETE task/t2"]
    assert results(run(account, session_ids=["t1"], force=True)[0]) == {"t1": "deleted"}
    assert account.state("task", "t1") is None


@pytest.mark.parametrize("state", ["running", "QUEUED"])
def test_to_select_active_ones_needs_force(state, account):
    with pytest.raises(OptionError, match=f"states: sessions that are {state.lower()} have not ended.*set force: true"):
        run(account, states=[state, "solving", "completed"])
    assert account.requests == []
    account.add("task", "t4", state.lower())
    assert results(run(account, states=[state], force=True)[0])["t4"] == "deleted"


def test_a_session_whose_log_says_that_it_ran_lately_is_kept(account):
    for number, written in ((5, 1000), (6, 2)):
        account.add("task", f"w{number}", "terminated", hours=1100)
        account.logs["task", f"w{number}"] = [(ago(1050), "up"), (ago(written), "down")]
    result, _warnings = run(account, ended_before="30d", states=["terminated"])
    assert results(result) == {"w5": "deleted"}
    assert [(one["id"], one["msg"][:34]) for one in result["kept"] if one["reason"] == "recent_log"] == [
        ("w6", "The last line of its log is from 2")
    ]


def test_the_percentage_is_of_the_ended_sessions(account):
    with pytest.raises(RefusedError, match="Nothing was deleted: 1 of 2 ended sessions are selected"):
        run(account, ended_before="30d", max_percent=40)
    assert account.changes() == []


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ({"legacy": True}, "DELETE ends a session there, and no record is ever deleted"),
        ({"documented": False}, "it has no readable OpenAPI document, so DELETE might end sessions"),
        ({"legacy": True, "documented": False}, "it has no readable OpenAPI document"),
    ],
)
def test_where_a_delete_may_end_sessions_nothing_is_deleted(kind, why):
    with Account(**kind) as account:
        account.add("task", "t1", "completed")
        for options in ({"session_ids": ["t1"]}, {"states": ["completed"]}):
            for check_mode in (True, False):
                with pytest.raises(RefusedError, match=f"{why}.* Nothing was sent"):
                    run(account, check_mode, **options)
        assert account.changes() == []


def test_on_the_user_s_word_a_server_without_a_document_deletes(monkeypatch):
    use_clock(monkeypatch, FakeTime())
    with Account(documented=False) as account:
        account.add("task", "t1", "completed")
        assert results(run(account, session_ids=["t1"], api_generation="current")[0]) == {"t1": "deleted"}
        assert account.changes() == ["DELETE task/t1"]


# What makes a selection, and what a read just before the request shows


@pytest.mark.parametrize(
    "narrowing",
    [
        {"older_than": "1h"},
        {"ended_before": "1h"},
        {"quiet_for": "1h"},
        {"apps": ["Crew"]},
        {"owners": ["jdoe@*"]},
        {"states": ["failed"]},
    ],
    ids=lambda narrowing: next(iter(narrowing)),
)
def test_each_of_these_alone_is_a_selection(narrowing, account):
    account.logs["task", "t3"] = [(ago(900), "up")]
    planned, _warnings = run(account, True, protect_session_ids=["t2"], **narrowing)
    assert results(planned) == {"t3": "would_delete"}
    assert account.changes() == []


@pytest.mark.parametrize(("ended", "result"), [(960, "deleted"), (1, "changed_since")])
def test_one_that_no_longer_fits_at_its_turn_is_left_alone(ended, result, account):
    account.on("GET", "/task/t3", lambda: account.sessions["task", "t3"].update(ended_at=ago(ended)))
    deleted, _warnings = run(account, ended_before="30d")
    assert results(deleted) == {"t3": result}
    assert (account.state("task", "t3") is None) is (result == "deleted")
    if result == "changed_since":
        assert deleted["sessions"][0]["msg"] == "It no longer fits the selection; nothing was sent."


def test_a_state_that_nobody_knows_is_no_end_not_even_with_force(account):
    account.add("task", "t4", "mothballed", hours=1000)
    with pytest.raises(PartlyFailedError, match="Its state 'mothballed' is neither active nor ended; nothing was sent"):
        run(account, session_ids=["t4"], force=True)
    assert results(run(account, apps=["Crew"], force=True)[0]) == dict.fromkeys(["t1", "t2", "t3"], "deleted")
    assert account.state("task", "t4") == "mothballed"


def test_a_record_that_the_server_shows_as_deleted_is_gone(account):
    def mark():
        account.sessions["task", "t3"]["state"] = "deleted"
        return 204, None

    account.on("DELETE", "/task/t3", mark)
    result, _warnings = run(account, session_ids=["t3"])
    assert (results(result), result["changed"]) == ({"t3": "deleted"}, True)
    again, _warnings = run(account, session_ids=["t3"])
    assert (results(again), again["changed"]) == ({"t3": "already_ended"}, False)
    assert account.changes() == ["DELETE task/t3"]


def test_the_end_of_one_that_is_about_to_end_is_not_waited_for_when_its_record_is_to_go(account):
    account.add("task", "t4", "closing", hours=1000)
    assert results(run(account, session_ids=["t4"], force=True)[0]) == {"t4": "deleted"}
    assert len(account.asked("/task/t4")) == 3  # to plan, before the request, and to see that it is gone


def test_a_deletion_that_cannot_be_read_back_is_unknown_and_says_what_was_sent(account):
    def delete_and_fail():
        del account.sessions["task", "t3"]
        account.on("GET", "/task/t3", *[500] * 200)
        return 204, None

    account.on("DELETE", "/task/t3", delete_and_fail)
    with pytest.raises(
        PartlyFailedError, match="A request to delete it was sent, but it could not be read back"
    ) as caught:
        run(account, session_ids=["t3"])
    assert (results(caught.value.result), caught.value.result["changed"]) == ({"t3": "unknown"}, True)

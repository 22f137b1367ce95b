# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom a change is to act on: by selection, by id, or as an earlier plan lists them. Proves rules 16, 17 and 20."""

from __future__ import annotations

import json

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.api.session_manager import SessionManager
from ansible_collections.aimms.cloud.plugins.module_utils.changes.change import Outcome
from ansible_collections.aimms.cloud.plugins.module_utils.changes.plan import Plan, Planner, report
from ansible_collections.aimms.cloud.plugins.module_utils.changes.session_changes import Termination
from ansible_collections.aimms.cloud.plugins.module_utils.errors import RefusedError
from ansible_collections.aimms.cloud.plugins.module_utils.logs.quiet import QuietCheck
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import FIELDS, Session
from ansible_collections.aimms.cloud.plugins.module_utils.options import breakers_from, criteria_from
from ansible_collections.aimms.cloud.plugins.module_utils.selection import is_active
from ansible_collections.aimms.cloud.plugins.module_utils.sessions.delete import Deletion
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Clock, Instant
from ansible_collections.aimms.cloud.plugins.module_utils.workers import WorkerPool
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import ago, results
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.ending import five_sessions, kept, run
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.scripted_change import FakeTime, use_clock


@pytest.fixture(name="account")
def an_account(monkeypatch):
    """Waiting for their end takes no time."""
    use_clock(monkeypatch, FakeTime())
    with five_sessions() as account:
        yield account


def test_by_id_ended_and_unknown_ones_are_no_change_and_no_failure(account):
    result, _warnings = run(account, kinds=["webui"], session_ids=["w3", "w4", "nobody", "w3"])
    assert results(result) == {"w4": "already_ended", "nobody": "not_found", "w3": "terminated"}
    assert account.changes() == ["PATCH webui/w3/terminate"]
    again, _warnings = run(account, kinds=["webui"], session_ids=["w3", "w4", "nobody"])
    assert (again["changed"], len(account.changes())) == (False, 1)


def test_named_sessions_are_measured_against_all_active_ones_of_their_kind(account):
    ids = {"kinds": ["webui"], "session_ids": ["w1", "w2"]}
    with pytest.raises(RefusedError, match="2 of 3 active sessions are selected and max_percent is 50"):
        run(account, max_percent=50, **ids)
    assert account.changes() == []
    assert results(run(account, max_percent=67, **ids)[0]) == {"w1": "terminated", "w2": "terminated"}


def test_a_record_of_a_plan_is_acted_on_only_while_it_is_the_same_session(account):
    planned = run(account, True, older_than="24h")[0]["sessions"]
    account.sessions["webui", "w1"]["owner"] = "bob@ROOT"
    account.sessions["webui", "w2"]["created_at"] = ago(2)
    result, _warnings = run(account, sessions=planned + planned)
    assert results(result) == {"w2": "changed_since", "w1": "changed_since", "t5": "terminated"}
    assert account.changes() == ["PATCH task/t5/terminate"]
    assert "Nothing was sent" in result["sessions"][0]["msg"]


def test_max_active_ends_only_the_oldest_and_only_as_many_as_needed(account):
    result, _warnings = run(account, kinds=["webui"], max_active=2)
    assert results(result) == {"w2": "terminated"}
    assert kept(result) == {"w1": "max_active", "w3": "max_active"}
    assert run(account, kinds=["webui"], max_active=2)[0]["changed"] is False
    assert account.changes() == ["PATCH webui/w2/terminate"]


def test_an_id_that_no_request_can_have_is_kept_and_the_others_are_ended(account):
    account.add("webui", "webui:1", hours=90)
    account.add("webui", "webui:2", hours=2)
    result, warnings = run(account, older_than="24h", kinds=["webui"], quiet_for="1h")
    assert results(result) == {}  # no log at all shows nothing
    result, warnings = run(account, older_than="24h", kinds=["webui"])
    assert results(result) == {"w1": "terminated", "w2": "terminated"}
    assert kept(result) == {"w3": "too_young", "webui:1": "not_selected", "webui:2": "too_young"}
    assert {one["msg"] for one in result["kept"] if ":" in one["id"]} == {"Its id cannot be used in a request."}
    assert warnings == ["2 sessions are kept, as no request can have an id such as 'webui:2'."]
    assert not any(":1" in request.path or ":2" in request.path for request in account.requests)


def test_a_protected_one_whose_id_no_request_can_have_is_protected(account):
    account.add("webui", "webui:1", hours=90, owner="ann@ROOT", app_name=None)
    result, _warnings = run(account, older_than="24h", kinds=["webui"], protect_owners=["ann"])
    assert kept(result) == {"w2": "protected", "w3": "too_young", "webui:1": "protected"}


def test_an_id_that_several_kinds_have_counts_once_and_is_protected_as_one(account):
    for session_id, hours, owner in (("w1", 30, "jdoe@ROOT"), ("w2", 40, "ann@ROOT"), ("w3", 1, "jdoe@ROOT")):
        account.add("solve", session_id, hours=hours, owner=owner)
    several = {"kinds": ["webui", "solve"], "older_than": "1h", "protect_session_ids": ["w3"]}
    with pytest.raises(RefusedError, match="2 of 3 active sessions are selected and max_percent is 66"):
        run(account, max_percent=66, **several)
    with pytest.raises(RefusedError, match="2 sessions are selected and max_sessions is 1"):
        run(account, max_sessions=1, **several)
    assert run(account, True, max_per_owner=1, **several)[0]["summary"] == {"would_terminate": 4}
    result, _warnings = run(account, max_active=2, kinds=["webui", "solve"])
    assert account.state("webui", "w3") == account.state("solve", "w3") == "running"
    assert results(result) == {"w2": "terminated"}
    account.sessions["solve", "w3"]["owner"] = "svc@ROOT"
    result, _warnings = run(
        account, kinds=["webui", "solve"], older_than="0s", states=["running"], protect_owners=["svc"]
    )
    assert [(one["kind"], one["reason"]) for one in result["kept"]] == [("webui", "protected"), ("solve", "protected")]


def test_server_filters_narrow_but_the_percentage_counts_all(account):
    narrow = {"older_than": "24h", "kinds": ["webui"], "server_filters": {"owner": "ann@ROOT"}}
    with pytest.raises(RefusedError, match="1 of 3 active sessions are selected and max_percent is 30"):
        run(account, max_percent=30, **narrow)
    assert account.asked("/sessions/webui") == [{"limit": "100"}, {"owner": "ann@ROOT", "limit": "100"}]
    assert results(run(account, max_percent=40, **narrow)[0]) == {"w2": "terminated"}
    account.add("webui", "w6", hours=70, owner="ann@ROOT")
    account.add("webui", "w7", hours=70, owner="ann@ROOT")
    both = {**narrow, "session_ids": ["w7", "w1"], "max_percent": 60}
    assert results(run(account, **{**both, "kinds": ["webui", "task"]})[0]) == {"w7": "terminated"}


def test_server_filters_narrow_by_kind_and_id_where_each_kind_has_numbers_of_its_own(account):
    account.add("task", "w2", hours=70)
    narrow = {"kinds": ["webui", "task"], "older_than": "24h", "server_filters": {"owner": "ann@ROOT"}}
    result, _warnings = run(account, max_percent=90, **narrow)
    assert [(one["kind"], one["id"]) for one in result["sessions"]] == [("webui", "w2")]
    assert account.changes() == ["PATCH webui/w2/terminate"]


def test_nothing_is_changed_on_the_word_of_an_incomplete_list(account):
    account.on("GET", "/sessions/webui", *[(200, {"sessions": [account.sessions["webui", "w1"]], "total": 9})] * 100)
    with pytest.raises(RefusedError, match=r"The list of sessions is incomplete \(webui: .*\): nothing was changed"):
        run(account, older_than="1h", kinds=["webui"])
    assert account.changes() == []


# By itself


@pytest.fixture
def planner(account):
    """Makes the planner of the account with these selection options and limits."""
    with WorkerPool(4) as workers:

        def make(**options):
            params = account.params(**options)
            manager, criteria = SessionManager.connect(params), criteria_from(params)
            return Planner(manager, criteria, breakers_from(params), QuietCheck(manager, criteria), workers)

        yield make


def ending(planner):
    return Termination(planner.manager, planner.fits)


def ids(sessions):
    return [session.id for session in sessions]


def test_of_a_selection_the_oldest_comes_first_and_each_other_active_one_is_kept_with_its_reason(planner, account):
    account.add("webui", "w6", hours=70, owner="bob@ROOT")
    account.add("task", "t7", hours=35)
    made = planner(older_than="24h", protect_owners=["bob"])
    plan = made.by_selection(is_active)
    assert ids(plan.selected) == ["t5", "w2", "t7", "w1"]
    assert {session.id: reason for session, reason in plan.kept} == {"w6": "protected", "w3": "too_young"}
    assert (plan.settled, plan.out_of, account.changes()) == ((), 6, [])


def test_a_change_to_ended_ones_passes_over_the_active_ones_and_counts_only_the_ended(planner):
    made = planner(older_than="24h", kinds=["webui"])
    plan = made.by_selection(Deletion(made.manager, made.fits, force=False).is_eligible)
    assert (ids(plan.selected), plan.out_of) == (["w4"], 1)
    assert {session.id: reason for session, reason in plan.kept} == dict.fromkeys(["w1", "w2"], "active")


def test_an_incomplete_list_makes_no_plan(planner, account):
    account.on("GET", "/sessions/webui", *[(200, {"sessions": [], "total": 9})] * 100)
    made = planner(older_than="24h")
    with pytest.raises(RefusedError, match=r"The list of sessions is incomplete \(webui: .*Acting on a part"):
        made.by_selection(is_active)


def test_one_fits_while_it_is_selected_and_its_log_is_silent(planner, account):
    made = planner(older_than="24h", quiet_for="2h")
    live = {session_id: made.manager.get("webui", session_id) for session_id in ("w1", "w2", "w3")}
    account.logs["webui", "w1"] = [(ago(20), "last words")]
    account.logs["webui", "w2"] = [(ago(0.1), "at work")]
    assert {session_id: made.fits(session) for session_id, session in live.items()} == {
        "w1": True,
        "w2": False,
        "w3": False,
    }


def test_a_report_tells_what_became_of_each_and_why_others_were_kept():
    one, two, three, four, five = (Session(f"w{number}", "webui", "running") for number in range(5))
    plan = Plan(
        settled=(Outcome(one, "not_found", "It is not there."),),
        kept=((three, "recent_log"), (four, "busy"), (five, "protected")),
        vetoes={("webui", "w2"): "It is at work.", ("webui", "w3"): "It is at work too."},
    )
    told = report(plan, [Outcome(two, "terminated")], Clock(None, 0.0))
    assert [(one["id"], one["result"], one["msg"]) for one in told["sessions"]] == [
        ("w0", "not_found", "It is not there."),
        ("w1", "terminated", ""),
    ]
    assert [(one["id"], one["reason"], one["msg"]) for one in told["kept"]] == [
        ("w2", "recent_log", "It is at work."),
        ("w3", "busy", "It is at work too."),
        ("w4", "protected", ""),
    ]
    assert told["summary"] == {"not_found": 1, "terminated": 1}


HOSTILE_TIMES = [Instant(value) for value in (float("nan"), float("inf"), -float("inf"), 1e30, 253402300799.99999)]
HOSTILE_TEXTS = ["\ud800", "a" * 100_000, "\x00\n\x1b[31m", "{{ 1 }}", 10**400, float("nan"), ["nested"], {"a": None}]


@pytest.mark.parametrize("name", ["created_at", "started_at", "ended_at"])
@pytest.mark.parametrize("value", HOSTILE_TIMES)
def test_no_time_of_a_record_loses_what_was_done(name, value):
    check_report(Session("w1", "webui", "terminated", **{name: value}))


@pytest.mark.parametrize("name", ["state", "app_name", "app_version", "owner", "message"])
@pytest.mark.parametrize("value", HOSTILE_TEXTS, ids=range(len(HOSTILE_TEXTS)))
def test_no_text_of_a_record_loses_what_was_done(name, value):
    check_report(Session("w1", "webui", **{"state": "terminated", name: value}))


def check_report(hostile):
    good = Session("w2", "webui", "terminated")
    plan = Plan(kept=((hostile, "protected"),))
    outcomes = [Outcome(hostile, "terminated", "Done.", True), Outcome(good, "failed", "Why.")]
    told = report(plan, outcomes, Clock(1e9, 1e9))
    assert [(one["id"], one["kind"], one["result"], one["msg"]) for one in told["sessions"]] == [
        ("w1", "webui", "terminated", "Done."),
        ("w2", "webui", "failed", "Why."),
    ]
    assert (told["kept"][0]["id"], told["kept"][0]["reason"]) == ("w1", "protected")
    assert told["summary"] == {"terminated": 1, "failed": 1}
    assert all(set(FIELDS) <= set(one) for one in (*told["sessions"], *told["kept"]))
    json.dumps(told)

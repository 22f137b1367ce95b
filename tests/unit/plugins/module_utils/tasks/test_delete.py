# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deleting tasks: by selection, by id and by the records of a plan.

Proves rules 16-19, 21, 22, 24, 26 and 27 for tasks.
"""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.module_utils.tasks.delete import delete_tasks
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import ago
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.tasks.deleting_tasks import (
    DEFAULTS,
    Q,
    R,
    add,
    became,
    left,
    reasons,
    run,
)


def test_by_selection_what_ended_long_ago_is_deleted_and_the_rest_is_kept_with_its_reason(account):
    planned = run(account, check_mode=True, older_than="1d")
    assert became(planned) == {("older", 0): "would_delete", ("old", 0): "would_delete"}
    assert (planned["changed"], account.changes()) == (True, [])
    assert ago(25) < planned["cutoff"] < ago(23)
    assert (planned["complete"], planned["naive_timestamps"]) == (True, 0)
    result = run(account, older_than="1d")
    assert became(result) == {("older", 0): "deleted", ("old", 0): "deleted"}
    kept = {("young", 0): "too_young", ("broken", 0): "not_completed", ("busy", 0): "active"}
    assert reasons(result) == reasons(planned) == kept
    assert result["summary"] == {"deleted": 2}
    assert sorted(account.changes()) == ["DELETE old", "DELETE older"]
    assert sorted(name for name, _index in left(account)) == ["broken", "busy", "young"]
    again = run(account, older_than="1d")
    assert (again["changed"], again["tasks"], len(account.changes())) == (False, [], 2)


@pytest.mark.parametrize("stops", [False, True])
def test_runs_that_the_server_numbers_alike_are_not_numbered(account, stops):
    account.tasks.clear()
    for hours in (50, 49, 48):
        add(account, "g", hours=hours, groupIndex=0)
    result = run(account, older_than="1d", stop_schedule=stops)
    assert ([one["reason"] for one in result["kept"]], account.changes()) == (["unnumbered"] * 3, [])


def test_runs_of_a_plan_are_not_taken_for_single_tasks(account):
    """By their records alone the first runs are single tasks; the server deletes all runs where it is to delete one."""
    account.tasks.clear()
    for name in ("g", "h", "i"):
        for index in (0, 1):
            add(account, name, groupIndex=index)
    plan = run(account, check_mode=True, older_than="1d")["tasks"]
    account.on("DELETE", "/g", lambda: account.tasks.__delitem__(slice(0, 2)) or (200, None))
    assert [one["id"] for one in plan] == ["g", "h", "i"]
    result = run(account, tasks=plan)
    assert became(result) == {("g", 0): "unknown", ("h", 0): "not_tried", ("i", 0): "not_tried"}
    assert (account.changes(), len(account.tasks)) == (["DELETE g"], 4)


def test_a_schedule_that_only_a_list_tells_goes_on(account):
    account.tasks.clear()
    add(account, "g", groupIndex=0)
    listed = {"total_tasks": 1, "current_batch": [{**account.tasks[0], "scheduleInterval": "1 day"}]}
    account.on("GET", "/tasks", *[(200, listed)] * 9)
    told = run(account, check_mode=True, older_than="1d", stop_schedule=True)["tasks"]
    for how in ({"older_than": "1d"}, {"tasks": told}, {"task_ids": ["g"], "max_percent": 99}):
        result = run(account, **how)
        assert [*reasons(result).values(), *became(result).values()] in (["last_of_schedule"], ["failed"])
    assert account.changes() == []


def test_each_is_read_before_and_after_and_named_by_an_index(account):
    run(account, task_ids=["old"])
    asked = [(one.method, one.query.get("groupIndex")) for one in account.requests if one.path.endswith("/old")]
    assert asked[-3:-1] == [("GET", "0"), ("DELETE", "0")]
    assert asked[-1][0] == "GET"


RECORD = {"id": "old", "group_index": 0, "app_name": "Crew", "owner": "jdoe@ROOT", "created_at": None}
REFUSED = {
    "nothing": ({}, "would delete every task"),
    "only a limit": ({"max_tasks": 5}, "would delete every task"),
    "only newer ones": ({"created_after": "1d"}, "would delete every task"),
    "zero": ({"older_than": "0s"}, "would delete every task"),
    "all apps": ({"apps": ["*"]}, "would delete every task"),
    "all ends": ({"states": ["completed", "failed", "finished", "terminated"]}, None),
    "an active state": ({"states": ["Queued"]}, "tasks that are queued have not ended"),
    "no ids": ({"task_ids": []}, "empty"),
    "no apps": ({"apps": [], "older_than": "1d"}, "empty"),
    "blank": ({"ended_before": " ", "apps": ["Crew"]}, "empty"),
    "no unit": ({"ended_before": "30"}, "no unit"),
    "climbing": ({"task_ids": ["../x"]}, "cannot be a task id"),
    "index alone": ({"group_index": 1, "older_than": "1d"}, "group_index"),
    "negative": ({"task_ids": ["old"], "group_index": -1}, "group_index"),
    "negative limit": ({"older_than": "1d", "max_tasks": -1}, "max_tasks: must not be negative"),
    "no folder": ({"older_than": "1d", "archive_dir": " "}, "archive_dir"),
    "no record": ({"tasks": [{"id": "old"}]}, "has no group_index"),
    "no index": ({"tasks": [{**RECORD, "group_index": -1}]}, "an id, index or created_at of no task"),
    "no time": ({"tasks": [{**RECORD, "created_at": "soon"}]}, "an id, index or created_at of no task"),
    "no id": ({"tasks": [{**RECORD, "id": ".."}]}, "cannot be a task id"),
    "another account": (
        {"tasks": [{"id": "old", "url": "https://other.aimms.cloud"}]},
        "planned for https://other.aimms.cloud",
    ),
}


@pytest.mark.parametrize("name", [name for name, (_options, text) in REFUSED.items() if text])
def test_what_could_mean_too_much_is_refused_before_the_first_request(name, account):
    options, text = REFUSED[name]
    with pytest.raises(OptionError, match=text):
        delete_tasks(account.params(**{**DEFAULTS, **options}), False, [].append)
    assert account.requests == []


@pytest.mark.parametrize(
    ("limits", "text"),
    [
        ({"max_tasks": 1}, "2 tasks are selected and max_tasks is 1."),
        ({"max_tasks": 0}, "2 tasks are selected and max_tasks is 0."),
        ({"max_percent": 49}, "2 of 4 ended tasks are selected and max_percent is 49."),
        ({"max_per_owner": 0}, "1 tasks of chen@ROOT are selected and max_per_owner is 0."),
        ({"task_ids": ["old"], "older_than": None, "max_percent": 20}, "1 of 4 ended tasks are selected"),
    ],
)
@pytest.mark.parametrize("check_mode", [False, True])
def test_a_limit_stops_all_before_the_first_change(limits, text, check_mode, account):
    result = run(account, check_mode, **{"older_than": "1d", **limits})
    assert text in result["failure"]
    assert (set(became(result).values()), result["changed"], account.changes()) == ({"not_tried"}, False, [])


@pytest.mark.parametrize(
    "protection",
    [
        {"protect_task_ids": ["OLD*"]},
        {"protect_owners": ["jdoe"]},
        {"protect_owners": ["JDOE@root"]},
        {"protect_apps": ["crew"], "apps": ["Crew"]},
    ],
)
@pytest.mark.parametrize("way", [{"older_than": "1d", "owners": ["jdoe@*"]}, {"task_ids": ["old"]}])
def test_protection_beats_everything(protection, way, account):
    if "task_ids" in way:
        protection = {name: value for name, value in protection.items() if name != "apps"}
    result = run(account, **{**way, **protection})
    assert (reasons(result)["old", 0], result["changed"], account.changes()) == ("protected", False, [])


@pytest.mark.parametrize("field", ["requestedBy", "author", "assignee"])
def test_every_field_that_may_hold_the_owner_protects(field, account):
    add(account, "theirs", **{field: "vip@ROOT"})
    result = run(account, older_than="1d", protect_owners=["vip@ROOT"])
    assert reasons(result)["theirs", 0] == "protected"


def test_protections_without_a_match_are_told(account):
    warnings = []
    result = run(account, True, warnings, older_than="1d", protect_owners=["chen@ROOT", "chne@ROOT"], apps=["Crew"])
    assert result["unmatched_protections"] == ["chne@ROOT"]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"createdAt": None}, "no_reliable_time"),
        ({"createdAt": "soon"}, "no_reliable_time"),
        ({"createdAt": "2009-01-01T00:00:00Z"}, "no_reliable_time"),
        ({"createdAt": "2099-01-01T00:00:00Z"}, "no_reliable_time"),
        ({"createdAt": ago(30)[:-1]}, "too_young"),  # without a zone: 12 hours to spare
        ({"createdAt": ago(40)[:-1]}, None),
        ({"state": "ODD"}, None),
    ],
)
def test_a_time_in_doubt_makes_nothing_old(values, reason, account):
    account.tasks.clear()
    add(account, "odd")
    account.tasks[0].update(values)
    result = run(account, older_than="1d")
    assert reasons(result) == ({("odd", 0): reason} if reason else {})
    assert bool(result["tasks"]) is (reason is None and "state" not in values)


def test_ended_before_counts_from_the_end(account):
    account.tasks.clear()
    add(account, "late")
    account.tasks[0].update(endedAt=ago(2))
    assert reasons(run(account, ended_before="1d")) == {("late", 0): "too_young"}
    account.tasks[0].update(endedAt=ago(25))
    assert became(run(account, ended_before="1d")) == {("late", 0): "deleted"}


def test_created_only_narrows_and_the_session_and_the_state_select(account):
    add(account, "theirs", sessionId="other")
    assert became(run(account, True, session_ids=["other"])) == {("theirs", 0): "would_delete"}
    assert became(run(account, True, older_than="1d", created_before=ago(55))) == {("older", 0): "would_delete"}
    assert became(run(account, True, older_than="1d", created_after=ago(55), apps=["crew"])) == {
        ("old", 0): "would_delete",
        ("theirs", 0): "would_delete",
    }


def test_the_service_says_no_to_a_failed_task_that_was_asked_for_and_that_is_told(account):
    result = run(account, states=["failed"], older_than="1d")
    assert became(result) == {("broken", 0): "failed"}
    assert "answered 405" in result["tasks"][0]["msg"]
    assert "only while it is queued, or when it is completed" in result["tasks"][0]["msg"]
    assert "1 of 1 tasks could not be deleted." in result["failure"]
    assert ("broken", None) in left(account)


@pytest.mark.parametrize("state", [R, Q, "ASSIGNED", "SOLVING"])
@pytest.mark.parametrize("stop_schedule", [False, True])
def test_an_active_task_is_never_deleted(state, stop_schedule, account):
    add(account, "on", state)
    for options in ({"task_ids": ["on"]}, {"older_than": "1d"}, {"tasks": [record(account, "on")]}):
        result = run(account, stop_schedule=stop_schedule, max_tasks=99, **options)
        assert became(result).get(("on", 0)) in (None, "failed")
    assert "DELETE on" not in account.changes()


def record(account, task_id, index=0):
    """As a plan has it."""
    found = [one for one in account.tasks if one["id"] == task_id and (one["groupIndex"] or 0) == index]
    owner = f"{found[0]['userName']}@ROOT"
    told = {"app_name": "Crew", "owner": owner, "created_at": found[0]["createdAt"], "state": "completed"}
    return {"id": task_id, "group_index": index, "url": account.url, **told}


def test_by_record_only_what_is_the_same_is_deleted(account):
    plan = [record(account, name) for name in ("old", "older", "young")]
    plan[1]["created_at"], plan[2]["owner"] = ago(99), "eve@ROOT"
    plan.append({**plan[0], "id": "gone"})
    result = run(account, tasks=plan)
    assert became(result) == {
        ("old", 0): "deleted",
        ("older", 0): "changed_since",
        ("young", 0): "changed_since",
        ("gone", 0): "not_found",
    }
    assert account.changes() == ["DELETE old"]


def test_what_changed_between_the_plan_and_its_turn_is_left_alone(account):
    def other():
        account.tasks[0].update(createdAt=ago(0.1), state=R)

    account.on("GET", "/old", None, None, other)
    result = run(account, task_ids=["old"])
    assert (became(result), account.changes()) == ({("old", 0): "changed_since"}, [])


def test_one_whose_id_no_request_can_have_is_kept_and_stops_no_other(account):
    add(account, "..")
    result = run(account, older_than="1d")
    assert (reasons(result)["..", 0], set(became(result).values())) == ("not_selected", {"deleted"})
    assert [one["msg"] for one in result["kept"] if one["id"] == ".."] == ["Its id cannot be used in a request."]


def test_an_incomplete_list_deletes_nothing(account):
    account.on("GET", "/tasks", *[(200, {"total_tasks": 9, "current_batch": account.tasks})] * 9)
    result = run(account, older_than="1d")
    assert "The list of tasks is incomplete" in result["failure"]
    assert account.changes() == []

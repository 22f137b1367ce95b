# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interrupting tasks by their ids or by those of their sessions. Proves rules 15, 18, 21, 26 and 27 for tasks."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import AnswerError, OptionError, PartlyFailedError
from ansible_collections.aimms.cloud.plugins.module_utils.models.task import Task
from ansible_collections.aimms.cloud.plugins.module_utils.tasks.interrupt import interrupt
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import Account, results
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.scripted_change import FakeTime, use_clock


@pytest.fixture(name="account")
def an_account(monkeypatch):
    """A running and a completed task of one session; waiting takes no time."""
    use_clock(monkeypatch, FakeTime())
    with Account() as account:
        account.add("task", "t1")
        account.add_task("k1", "t1")
        account.add_task("k2", "t1", "COMPLETED")
        yield account


def run(account, check_mode=False, **options):
    """The result, whether or not all went well. ``session_ids`` is none of a selection here."""
    try:
        return interrupt(account.params(**{"mode": "solve", **options}), check_mode, [].append)
    except PartlyFailedError as error:
        return error.result


@pytest.mark.parametrize(("mode", "state"), [("solve", "completed"), ("execution", "failed")])
def test_a_running_task_is_interrupted_and_an_ended_or_unknown_one_is_no_failure(mode, state, account):
    result = run(account, task_ids=["k1", "k2", "nobody", "k1"], mode=mode)
    assert results(result) == {"k2": "already_ended", "nobody": "not_found", "k1": "interrupted"}
    assert (result["changed"], result["tasks"]) == (True, result["sessions"])
    assert result["summary"] == {"already_ended": 1, "not_found": 1, "interrupted": 1}
    assert result["tasks"][-1]["msg"] == f"It was interrupted ({mode}); it is {state}."
    assert account.changes() == ["PUT k1"]
    again = run(account, task_ids=["k1", "k2"], mode=mode)
    assert (again["changed"], account.changes()) == (False, ["PUT k1"])


def test_check_mode_sends_nothing(account):
    result = run(account, True, task_ids=["k1", "k2"])
    assert results(result) == {"k1": "would_interrupt", "k2": "already_ended"}
    assert (result["changed"], account.changes()) == (True, [])


def test_check_mode_says_what_the_user_of_the_key_may_not_do(account, monkeypatch):
    monkeypatch.setattr(Task, "may_not_execute", True)
    (told,) = run(account, True, task_ids=["k1"])["tasks"]
    assert (told["result"], "Read and Execute are needed" in told["msg"]) == ("would_interrupt", True)


def test_by_session_its_running_tasks_are_interrupted_and_a_session_without_any_is_told(account):
    account.add_task("k3", "t2", "FAILED")
    result = run(account, session_ids=["t1", "t2", "t9"])
    assert results(result) == {None: "not_found", "k3": "already_ended", "k1": "interrupted"}
    assert result["tasks"][0]["msg"] == "No task of session t9 is seen."
    assert (result["tasks"][0]["session_id"], account.changes()) == ("t9", ["PUT k1"])


W, S, E = "RUNNING", "QUEUED", "COMPLETED"
SKIPPED = "waits by its schedule"
RUNS = [  # states of the runs of a task; index asked for; result; runs interrupted; said
    ([W], None, "interrupted", [0], ""),
    ([W, S], None, "interrupted", [0], "Run 0 is meant, as it is at work and the last one is not."),
    ([W, S], 0, "interrupted", [0], ""),
    ([W, S], 1, "interrupted", [1], ""),
    ([E, W, S], None, "interrupted", [1], "Run 1 is meant"),
    ([W, E, S], None, "interrupted", [0], "Run 0 is meant"),
    ([W, E], None, "interrupted", [0], "Run 0 is meant"),
    ([W, W, S], None, "interrupted", [1], "Run 1 is meant"),
    ([W, W], None, "interrupted", [1], ""),
    (
        [E, S],
        None,
        "not_found",
        [],
        f"Run 1 {SKIPPED} (2099-01-01T00:00:00Z): name it with group_index",
    ),
    ([S], None, "not_found", [], f"Run 0 {SKIPPED}"),
    ([S], 0, "interrupted", [0], ""),
    ([E, E], None, "already_ended", [], ""),
    ([W, E], 1, "already_ended", [], ""),
    ([W], 3, "not_found", [], "no such task"),
]


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize(("states", "index", "became", "interrupted", "said"), RUNS)
def test_without_an_index_the_run_that_works_is_meant(states, index, became, interrupted, said, check_mode, account):
    for number, state in enumerate(states):
        later = {"scheduleFor": "2099-01-01T00:00:00Z", "scheduleInterval": "1 day"} if state == S else {}
        account.add_task("g", f"s{number}", state, groupIndex=number, **later)
    result = run(account, check_mode, task_ids=["g"], group_index=index)
    expected = "would_interrupt" if check_mode and became == "interrupted" else became
    assert results(result) == {"g": expected}
    assert said in result["tasks"][0]["msg"]
    after = [task["state"] for task in account.tasks if task["id"] == "g"]
    done = [] if check_mode else interrupted
    assert after == [E if number in done else state for number, state in enumerate(states)]
    assert [result["tasks"][0]["group_index"]] == (interrupted or [result["tasks"][0]["group_index"]])
    assert result["changed"] is (became == "interrupted")
    waits = S in states and interrupted == []
    assert (result["tasks"][0]["schedule_for"] == "2099-01-01T00:00:00Z") is waits or index is not None


@pytest.mark.parametrize(("index", "became"), [(None, {"k1": "interrupted"}), (1, {"g": "interrupted"})])
def test_by_session_what_waits_by_a_schedule_is_interrupted_only_where_it_is_named(index, became, account):
    account.add_task("g", "t1", S, groupIndex=1, scheduleFor="2099-01-01T00:00:00Z")
    assert results(run(account, session_ids=["t1"], group_index=index)) == became
    assert account.changes() == [f"PUT {name}" for name in became]


def test_a_session_in_which_only_a_scheduled_run_waits_is_left_alone(account):
    account.add_task("g", "t2", S, groupIndex=1, scheduleFor="2099-01-01T00:00:00Z")
    result = run(account, session_ids=["t2"])
    assert (results(result), account.changes()) == ({"g": "not_found"}, [])
    assert SKIPPED in result["tasks"][0]["msg"]


def test_a_run_that_waits_by_its_schedule_again_when_the_request_is_to_go_out_is_left_alone(account):
    account.add_task("g", "t2", W, groupIndex=1)
    account.on("GET", "/tasks/g", None, lambda: account.tasks[-1].update(state=S))
    result = run(account, task_ids=["g"])
    assert (results(result), account.changes()) == ({"g": "not_found"}, [])


def test_runs_that_the_server_does_not_number_do_not_collapse_and_none_is_guessed(account):
    account.add_task("g", "t2", W, createdAt="2026-01-01T00:00:00Z")
    account.add_task("g", "t3", S, createdAt="2026-01-02T00:00:00Z", scheduleFor="2099-01-01T00:00:00Z")
    result = run(account, task_ids=["g"])
    assert (results(result), account.changes()) == ({"g": "failed"}, [])
    assert result["tasks"][0]["msg"].startswith("The server does not number the runs of this task")


def test_where_the_list_is_incomplete_no_run_is_guessed(account):
    account.add_task("g", "t2", E, groupIndex=0)
    account.add_task("g", "t3", S, groupIndex=1)
    account.on("GET", "/v2/tasks", *[(200, {"total_tasks": 7, "current_batch": account.tasks[-1:]})] * 9)
    result = run(account, task_ids=["g", "k1"])
    assert results(result) == {"g": "failed", "k1": "interrupted"}
    assert "list of tasks is incomplete" in result["tasks"][0]["msg"]
    assert account.changes() == ["PUT k1"]


def test_what_is_not_seen_is_a_warning_that_names_the_permission(account):
    warnings = []
    interrupt(account.params(mode="solve", task_ids=["k1", "nobody"]), False, warnings.append)
    interrupt(account.params(mode="solve", task_ids=None, session_ids=["t9"]), False, warnings.append)
    assert len(warnings) == 2
    assert all("1 ids show no task" in text and "Read access" in text for text in warnings)
    interrupt(account.params(mode="solve", task_ids=["k1", "k2"]), False, [].append)


def test_a_schedule_without_a_time_is_told_as_such(account):
    account.add_task("g", "t2", S, scheduleInterval="1 day")
    said = run(account, task_ids=["g"])["tasks"][0]["msg"]
    assert said == ("Run 0 waits by its schedule (its time is not told): name it with group_index to interrupt it.")


def test_the_secrets_in_a_message_are_masked(account):
    account.add_task("k9", "t9", "FAILED", errorMessage="cmd --logonToken abc123def")
    assert run(account, task_ids=["k9"])["tasks"][0]["error_message"] == "cmd --logonToken ********"


@pytest.mark.parametrize("status", [400, 403, 405, 409, 422])
def test_a_refusal_of_what_has_just_ended_by_itself_is_no_failure(status, account):
    account.on("PUT", "/k1", lambda: account.tasks[0].update(state="COMPLETED") or status)
    result = run(account, task_ids=["k1"])
    assert (results(result), result["changed"]) == ({"k1": "already_ended"}, False)


def test_of_a_group_only_the_one_asked_for_is_interrupted(account):
    for index in range(3):
        account.add_task("g", "t7", groupIndex=index)
    result = run(account, session_ids=["t7"], group_index=1)
    assert [(entry["id"], entry["group_index"]) for entry in result["tasks"]] == [("g", 1)]
    assert [task["state"] for task in account.tasks if task["id"] == "g"] == ["RUNNING", "COMPLETED", "RUNNING"]
    assert account.requests[-1].query == {"groupIndex": "1"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"task_ids": []}, "name at least one task or session. Without one nothing is done"),
        ({}, "name at least one task or session"),
        ({"task_ids": ["../k1"]}, "'../k1' cannot be a task id"),
        ({"session_ids": ["t1/.."]}, "'t1/..' cannot be a session id"),
        ({"task_ids": ["k1"], "group_index": -1}, "group_index: must not be negative"),
        ({"task_ids": ["k1"], "mode": "kill"}, "mode: 'kill' is not a way to interrupt a task"),
        ({"task_ids": ["k1"], "concurrency": 99}, "concurrency: must be from 1 to 32"),
    ],
)
def test_what_cannot_be_meant_changes_nothing(options, said, account):
    try:
        message = run(account, **options)["tasks"][0]["msg"]
    except OptionError as error:
        message = str(error)
    assert said in message
    assert account.changes() == []


def test_a_task_that_runs_on_is_unknown_and_one_that_is_refused_has_failed(account):
    account.add_task("k4", "t4")
    account.on("PUT", "/k1", (200, {}))
    account.on("PUT", "/k4", 403)
    result = run(account, task_ids=["k1", "k4"], wait_timeout="20s")
    assert results(result) == {"k1": "unknown", "k4": "failed"}
    assert "after 20 s it is still running" in result["tasks"][0]["msg"]
    assert "answered 403" in result["tasks"][1]["msg"]
    assert result["changed"] is True


def test_an_answer_of_a_proxy_is_no_yes(account):
    account.on("PUT", "/k1", (200, b"<html>"))
    assert results(run(account, task_ids=["k1"])) == {"k1": "interrupted"}
    assert account.changes() == ["PUT k1"] * 2


def test_where_reads_fail_it_is_asked_whether_the_task_api_answers_at_all(account):
    account.on("PUT", "/k1", lambda: account.on("GET", "/tasks/k1", *[503] * 4))
    assert results(run(account, task_ids=["k1"])) == {"k1": "interrupted"}
    assert account.asked("/v2/tasks") == [{"limit": "1"}] * 2


def test_an_incomplete_list_of_tasks_is_an_error_before_anything_is_sent(account):
    account.on("GET", "/tasks", *[(200, {"total_tasks": 7, "current_batch": account.tasks[1:]})] * 9)
    with pytest.raises(AnswerError, match="The list of tasks is incomplete"):
        run(account, session_ids=["t1"])
    assert account.changes() == []

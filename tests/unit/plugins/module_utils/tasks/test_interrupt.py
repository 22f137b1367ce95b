# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interrupting tasks by their ids or by those of their sessions. Proves rules 15, 18, 21, 26 and 27 for tasks."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import AnswerError, OptionError, PartlyFailedError
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


def test_by_session_its_running_tasks_are_interrupted_and_a_session_without_any_is_told(account):
    account.add_task("k3", "t2", "FAILED")
    result = run(account, session_ids=["t1", "t2", "t9"])
    assert results(result) == {None: "not_found", "k3": "already_ended", "k1": "interrupted"}
    assert result["tasks"][0]["msg"] == "No task of session t9 was found."
    assert (result["tasks"][0]["session_id"], account.changes()) == ("t9", ["PUT k1"])


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

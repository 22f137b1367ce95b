# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interrupting one task: what is read, when it may be interrupted, what is sent. Proves rules 7 and 16 for tasks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.api.task_api import TaskApi
from ansible_collections.aimms.cloud.plugins.module_utils.changes.task_changes import TaskInterruption
from ansible_collections.aimms.cloud.plugins.module_utils.errors import HttpError
from ansible_collections.aimms.cloud.plugins.module_utils.models.task import Task
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import Account

RUNNING = Task("k1", session_id="t1", state="running")


@pytest.fixture(name="account")
def an_account():
    """A task, and a group of three."""
    with Account() as account:
        account.add_task("k1", "t1")
        for index in range(3):
            account.add_task("g", "t2", groupIndex=index)
        yield account


def change(account, mode="solve", group_index=None):
    return TaskInterruption(TaskApi.connect(account.params()), mode, group_index)


def read(account, target, **how):
    return change(account, **how).read(target, fresh=False)


def test_of_a_group_the_index_that_was_asked_for_is_read_where_only_an_id_is_known(account):
    assert read(account, Task("g"), group_index=1).group_index == 1
    assert account.asked("/g") == [{"groupIndex": "1"}]
    assert read(account, Task("k1")).id == "k1"
    assert account.asked("/k1") == [{}]


def test_one_that_was_read_before_is_read_again_by_its_own_index(account):
    third = read(account, Task("g"), group_index=2)
    assert read(account, third, group_index=1) == third
    assert account.asked("/g") == [{"groupIndex": "2"}] * 2


def test_one_that_the_service_has_not_is_none(account):
    assert read(account, Task("nobody")) is None


@pytest.mark.parametrize(
    ("state", "done", "allowed"),
    [("running", False, True), ("queued", False, True), ("completed", True, False), ("puzzled", False, False)],
)
def test_only_one_that_runs_or_waits_may_be_interrupted(state, done, allowed, account):
    account.tasks[0]["state"] = state
    live = read(account, RUNNING)
    assert change(account).is_done(live) is done
    refusal = change(account).precondition_failure(live)
    assert refusal is None if allowed else refusal[0] == "changed_since"


@pytest.mark.parametrize(("mode", "state"), [("solve", "COMPLETED"), ("execution", "FAILED")])
def test_the_request_is_sent_once_with_the_mode_and_to_the_one_of_its_group(mode, state, account):
    change(account, mode).send(read(account, Task("g"), group_index=1), None)
    assert account.changes() == ["PUT g"]
    assert [task["state"] for task in account.tasks if task["id"] == "g"] == ["RUNNING", state, "RUNNING"]


def test_a_refusal_is_passed_on_and_not_repeated(account):
    account.on("PUT", "/k1", 403)
    with pytest.raises(HttpError, match="lacks the Tasks scope"):
        change(account).send(RUNNING, None)
    assert account.changes() == ["PUT k1"]


def test_no_list_is_read_in_place_of_the_tasks(account):
    """A list does not tell the tasks of one group apart."""
    interruption = change(account)
    assert interruption.list_cost([RUNNING]) is None
    assert interruption.listed([RUNNING, replace(RUNNING, id="g")]) is None
    assert account.requests == []


@pytest.mark.parametrize(("status", "alive"), [(200, True), (403, True), (503, False)])
def test_any_answer_of_the_task_api_is_a_sign_of_life_but_that_it_cannot(status, alive, account):
    account.on("GET", "/tasks", (status, {"total_tasks": 0, "current_batch": []}))
    assert change(account).service.answers() is alive

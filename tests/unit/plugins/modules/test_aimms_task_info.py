# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""aimms_task_info from its arguments to the JSON it prints. It never changes anything."""

from __future__ import annotations

from importlib import import_module

import pytest
import yaml

from ansible_collections.aimms.cloud.plugins.module_utils.models.task import Task


@pytest.fixture(name="account")
def an_account_with_an_ended_task(account):
    """The account, with a second task."""
    account.add_task("k5", "t3", "COMPLETED", response={"objective": 42})
    return account


@pytest.mark.parametrize("check_mode", [False, True])
def test_what_is_asked_for_is_listed_in_check_mode_too(check_mode, run, account, warnings):
    before = str(account.tasks)
    result, failed = run(check_mode=check_mode, states=["completed"], include_response=True)
    assert (failed, result["changed"], result["count"], result["complete"]) == (False, False, 1, True)
    [task] = result["tasks"]
    assert (task["id"], task["session_id"], task["response"]) == ("k5", "t3", {"objective": 42})
    assert (account.changes(), str(account.tasks), warnings) == ([], before, [])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"task_ids": []}, "task_ids: an empty filter is refused"),
        ({"task_ids": ["../k4"]}, "'../k4' cannot be a task id"),
        ({"created_after": "8"}, "created_after: '8' is neither"),
        ({"created_after": None}, "created_after: null is refused"),
        ({"limit": -1}, "limit: must not be negative"),
        ({"owners": ["jdoe"]}, "Unsupported parameters"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_asked(options, said, run, account):
    result, failed = run(**options)
    assert failed
    assert said in result["msg"]
    assert account.requests == []


def test_a_key_without_the_scope_is_a_failure_and_never_no_tasks(run, account):
    account.on("GET", "/tasks", *[403] * 4)
    result, failed = run()
    assert failed
    assert "lacks the Tasks scope" in result["msg"]
    assert "tasks" not in result


def test_the_fields_of_a_task_are_documented_in_the_info_module():
    code = import_module("ansible_collections.aimms.cloud.plugins.modules.aimms_task_info")
    documented = list(yaml.safe_load(code.RETURN)["tasks"]["contains"])
    extra = ["last_of_group", "response", "log"]
    assert [name for name in documented if name not in extra] == list(Task("t").as_dict(raw=True))
    assert set(extra) <= set(documented)

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""aimms_task_delete from its arguments to the JSON it prints, and what the server is left with."""

from __future__ import annotations

import json

import pytest

from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import ago


def became(result):
    return {one["id"]: one["result"] for one in result["tasks"]}


@pytest.fixture(autouse=True)
def ended(account, warnings):  # a warning would stay for the modules of other tests
    account.add_task("k5", "t3", "COMPLETED", createdAt=ago(50), endedAt=ago(49))


def test_a_task_that_has_ended_is_deleted(run, account):
    planned, failed = run(check_mode=True, older_than="1d")
    assert (failed, planned["changed"], became(planned)) == (False, True, {"k5": "would_delete"})
    assert account.changes() == []
    result, failed = run(tasks=json.dumps(planned["tasks"]), older_than="1d")
    assert (failed, result["changed"], became(result)) == (False, True, {"k5": "deleted"})
    assert [task["id"] for task in account.tasks] == ["k4"]
    again, failed = run(task_ids=["k5"])
    assert (failed, again["changed"], became(again)) == (False, False, {"k5": "not_found"})


def test_an_active_task_is_a_failure_and_lives_on(run, account):
    result, failed = run(task_ids="k4, k5")
    assert (failed, became(result)) == (True, {"k4": "failed", "k5": "deleted"})
    assert "1 of 2 tasks could not be deleted. It is still running" in result["msg"]
    assert account.changes() == ["DELETE k5"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "Without a criterion this would delete every task."),
        ({"ended_before": "30"}, "ended_before: '30' has no unit."),
        *[
            ({"older_than": "1d", name: None}, f"{name}: null is refused")
            for name in "apps owners states protect_owners protect_task_ids ended_before archive_dir".split()
        ],
        ({"tasks": [], "task_ids": ["k5"]}, "parameters are mutually exclusive: tasks|task_ids"),
        ({"older_than": "1d", "protect_owners": "'vip'"}, "protect_owners"),
        ({"older_than": "1d", "concurrency": 33}, "concurrency: must be from 1 to 32"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_asked(options, said, run, account):
    result, failed = run(**options)
    assert failed
    assert said in result["msg"]
    assert account.requests == []

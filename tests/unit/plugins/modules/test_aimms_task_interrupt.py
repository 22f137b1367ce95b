# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""aimms_task_interrupt from its arguments to the JSON it prints, and what the server is left with."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import results


@pytest.mark.parametrize("named", [{"task_ids": ["k4"]}, {"session_ids": ["t4"]}])
def test_a_running_task_is_interrupted_so_that_it_is_completed(named, run, account):
    result, failed = run(**named)
    assert (failed, result["changed"], results(result)) == (False, True, {"k4": "interrupted"})
    assert [task["state"] for task in account.tasks] == ["COMPLETED"]
    assert account.changes() == ["PUT k4"]
    again, failed = run(**named)
    assert (failed, again["changed"], results(again)) == (False, False, {"k4": "already_ended"})


def test_the_mode_reaches_the_service(run, account):
    assert results(run(task_ids=["k4"], mode="execution")[0]) == {"k4": "interrupted"}
    assert [task["state"] for task in account.tasks] == ["FAILED"]


def test_check_mode_sends_nothing(run, account):
    result, failed = run(check_mode=True, task_ids=["k4"])
    assert (failed, result["changed"], results(result)) == (False, True, {"k4": "would_interrupt"})
    assert (account.changes(), [task["state"] for task in account.tasks]) == ([], ["RUNNING"])


def test_one_that_is_refused_is_a_failure_with_its_result(run, account):
    account.on("PUT", "/k4", 403)
    result, failed = run(task_ids=["k4"])
    assert (failed, result["changed"], results(result)) == (True, False, {"k4": "failed"})
    assert "lacks the Tasks scope" in result["msg"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "one of the following is required: task_ids, session_ids"),
        ({"task_ids": ["k4"], "session_ids": ["t4"]}, "parameters are mutually exclusive: task_ids|session_ids"),
        ({"task_ids": []}, "name at least one task or session"),
        ({"task_ids": ["k4"], "mode": "kill"}, "value of mode must be one of: solve, execution, got: kill"),
        ({"task_ids": ["k4"], "concurrency": 33}, "concurrency: must be from 1 to 32"),
        ({"task_ids": ["k4"], "max_sessions": 1}, "Unsupported parameters"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_asked(options, said, run, account):
    result, failed = run(**options)
    assert failed
    assert said in result["msg"]
    assert account.requests == []

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""aimms_session_terminate from its arguments to the JSON it prints, and what the server is left with."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import results


def test_what_is_selected_is_ended(run, account):
    result, failed = run(older_than="8h", kinds=["webui"])
    assert (failed, result["changed"]) == (False, True)
    assert results(result) == {"w1": "terminated"}
    assert {one["id"]: one["reason"] for one in result["kept"]} == {"w2": "too_young"}
    assert (account.state("webui", "w1"), account.state("webui", "w2")) == ("terminated", "running")
    assert account.changes() == ["PATCH webui/w1/terminate"]


def test_check_mode_names_the_same_sessions_and_changes_nothing(run, account):
    before = str(account.sessions)
    planned, failed = run(check_mode=True, older_than="8h")
    assert (failed, planned["changed"]) == (False, True)
    assert results(planned) == {"t4": "would_terminate", "w1": "would_terminate"}
    assert (account.changes(), str(account.sessions)) == ([], before)
    assert list(results(run(older_than="8h")[0])) == list(results(planned))


def test_the_task_of_a_session_is_interrupted_first(run, account):
    result, failed = run(kinds=["task"], session_ids=["t4"], interrupt_tasks="solve")
    assert (failed, results(result)) == (False, {"t4": "interrupted"})
    assert account.changes() == ["PUT k4"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "Without a criterion this would end every session."),
        ({"older_than": "8"}, "older_than: '8' has no unit."),
        ({"older_than": None}, "older_than: null is refused"),
        ({"apps": []}, "apps: an empty filter is refused"),
        ({"older_than": "8h", "max_active": None}, "max_active: null is refused"),
        ({"kinds": ["web"]}, "value of kinds must be one or more of: webui, task, solve"),
        ({"older_than": "8h", "interrupt_tasks": "gently"}, "value of interrupt_tasks must be one of: never, solve"),
        ({"sessions": [], "session_ids": ["w1"]}, "parameters are mutually exclusive: sessions|session_ids"),
        ({"older_than": "8h", "url": "http://acme.example"}, "would send the key unencrypted"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_asked(options, said, run, account):
    result, failed = run(**options)
    assert failed
    assert said in result["msg"]
    assert account.requests == []


def test_a_limit_that_is_passed_is_a_failure_with_the_plan(run, account):
    result, failed = run(older_than="8h", max_sessions=1)
    assert failed
    assert result["msg"].startswith("Nothing was ended: 2 sessions are selected and max_sessions is 1")
    assert (result["changed"], result["summary"]) == (False, {"not_tried": 2})
    assert account.changes() == []


def test_without_options_the_limits_and_the_pace_are_those_that_are_documented(run, account):
    for number in range(51):
        account.add("solve", f"s{number:02}")
    result, failed = run(kinds=["solve"], older_than="8h")
    assert failed
    assert "51 sessions are selected and max_sessions is 50" in result["msg"]
    account.deaf.add("w1")
    result, _failed = run(kinds=["webui"], session_ids=["w1"])
    assert "after 120 s it is still running" in result["msg"]

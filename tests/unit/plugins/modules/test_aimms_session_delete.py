# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""aimms_session_delete from its arguments to the JSON it prints, and what the server is left with."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import results


def test_the_record_of_a_session_that_has_ended_is_deleted(run, account):
    result, failed = run(kinds=["task"], older_than="8h")
    assert (failed, result["changed"], results(result)) == (False, True, {"t3": "deleted"})
    assert {one["id"]: one["reason"] for one in result["kept"]} == {"t4": "active"}
    assert [session_id for kind, session_id in account.sessions if kind == "task"] == ["t4"]
    assert account.changes() == ["DELETE task/t3"]
    again, failed = run(kinds=["task"], session_ids=["t3"])
    assert (failed, again["changed"], results(again)) == (False, False, {"t3": "not_found"})


def test_check_mode_deletes_nothing(run, account):
    before = str(account.sessions)
    result, failed = run(check_mode=True, kinds=["task"], older_than="8h")
    assert (failed, result["changed"], results(result)) == (False, True, {"t3": "would_delete"})
    assert (account.changes(), str(account.sessions)) == ([], before)


def test_an_active_session_is_deleted_by_force_only(run, account):
    result, failed = run(kinds=["task"], session_ids=["t4"])
    assert (failed, results(result)) == (True, {"t4": "failed"})
    assert account.state("task", "t4") == "running"
    result, failed = run(kinds=["task"], session_ids=["t4"], force=True)
    assert (failed, results(result)) == (False, {"t4": "deleted"})
    assert account.state("task", "t4") is None


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "Without a criterion this would delete every session."),
        ({"ended_before": "30"}, "ended_before: '30' has no unit."),
        ({"ended_before": None}, "ended_before: null is refused"),
        ({"states": ["running"]}, "states: sessions that are running have not ended"),
        ({"sessions": [], "session_ids": ["t3"]}, "parameters are mutually exclusive: sessions|session_ids"),
        ({"older_than": "1d", "max_active": 1}, "Unsupported parameters"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_asked(options, said, run, account):
    result, failed = run(**options)
    assert failed
    assert said in result["msg"]
    assert account.requests == []


def test_where_delete_ends_sessions_it_is_not_sent(run, account):
    account.legacy = True
    result, failed = run(kinds=["task"], session_ids=["t3"])
    assert failed
    assert "DELETE ends a session there" in result["msg"]
    assert (account.changes(), account.state("task", "t3")) == ([], "completed")

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""keep_versions: what runs in versions older than the newest ones in use. Proves rules 18, 21 and 24."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.module_utils.sessions.delete import delete
from ansible_collections.aimms.cloud.plugins.module_utils.sessions.info import session_info
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import Account, ago, results
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.ending import kept, run


@pytest.fixture(name="account")
def an_account():
    """Three versions of Crew in use, a fourth that was withdrawn, and the only version of another app."""
    with Account() as account:
        account.add("webui", "oldest", app_version="22.1.0")
        account.add("webui", "old", app_version="24.1.9")
        account.add("task", "new", app_version="24.1.10")
        account.add("webui", "withdrawn", "terminated", app_version="25.0")
        account.add("webui", "other", app_name="Network", app_version="0.1")
        yield account


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ({"keep_versions": 1}, ["old", "oldest"]),
        ({"keep_versions": 2}, ["oldest"]),
        ({"keep_versions": 3}, []),
        ({"keep_versions": 1, "protect_session_ids": ["old"]}, ["oldest"]),
        ({"keep_versions": 1, "app_versions": ["24.*"]}, ["old"]),
        ({"keep_versions": 1, "older_than": "20h"}, []),
        ({"keep_versions": 1, "apps": ["Network"]}, []),
        ({"keep_versions": 1, "session_ids": ["oldest", "other", "new"]}, ["oldest"]),
        ({"keep_versions": 1, "server_filters": {"state": "running"}}, ["old", "oldest"]),
    ],
)
def test_info_check_mode_and_run_mean_the_same_sessions(account, asked, meant):
    shown = session_info(account.params(states=["running"], **asked), pytest.fail)["sessions"]
    assert {one["id"] for one in shown} == set(meant)
    assert set(results(run(account, True, **asked)[0])) == set(meant)
    assert set(results(run(account, **asked)[0])) == set(meant)
    assert set(account.changes()) == {f"PATCH webui/{one}/terminate" for one in meant}


@pytest.mark.parametrize("newest", [24.10, 1e3])
def test_a_version_that_is_a_fraction_has_no_order(account, newest):
    account.sessions["task", "new"]["app_version"] = newest
    result, _warnings = run(account, keep_versions=1)
    assert set(results(result)) == {"oldest"}
    assert kept(result)["new"] == "not_selected"


def test_the_versions_of_the_kinds_that_are_looked_at_count(account):
    assert set(results(run(account, kinds=["webui"], keep_versions=1)[0])) == {"oldest"}


def test_named_sessions_are_measured_by_all_that_is_in_use(account):
    records = [one for one in session_info(account.params(), pytest.fail)["sessions"] if one["id"] in ("old", "new")]
    result, _warnings = run(account, sessions=records, keep_versions=1)
    assert (results(result), kept(result)) == ({"old": "terminated"}, {"new": "not_selected"})


def test_a_single_named_session_is_measured_by_those_that_are_not_named(account):
    (record,) = (one for one in session_info(account.params(), pytest.fail)["sessions"] if one["id"] == "oldest")
    assert results(run(account, sessions=[record], keep_versions=1, max_percent=None)[0]) == {"oldest": "terminated"}


def test_a_version_that_only_the_record_of_a_session_tells_is_read(account):
    account.in_lists = lambda one: {**one, "app_version": None if one["id"] == "oldest" else one["app_version"]}
    assert set(results(run(account, keep_versions=2)[0])) == {"oldest"}


def test_what_tells_no_version_is_kept(account):
    account.in_lists = account.alone = lambda one: {name: value for name, value in one.items() if name != "app_version"}
    result, _warnings = run(account, keep_versions=1)
    assert (result["sessions"], set(kept(result).values())) == ([], {"not_selected"})


def test_where_no_order_is_certain_all_sessions_of_the_app_are_kept_with_a_warning(account):
    account.add("webui", "odd", app_version="test")
    told = []
    result, warnings = run(account, keep_versions=1)
    assert session_info(account.params(keep_versions=1), told.append)["sessions"] == result["sessions"] == []
    for text in (*told, *warnings):
        assert text.startswith("keep_versions: all sessions of crew are kept, as it is not certain which is newer, ")
    assert len(told) == len(warnings) == 1


def test_a_version_that_changed_meanwhile_is_looked_at_again(account):
    def rise():
        account.sessions["webui", "oldest"]["app_version"] = "24.1.10"

    account.on("GET", "/oldest", rise)
    assert results(run(account, keep_versions=1, concurrency=1)[0]) == {"old": "terminated", "oldest": "changed_since"}


def test_records_of_versions_older_than_those_in_use_are_deleted(account):
    account.add("task", "gone", "completed", hours=1000, ended_at=ago(900), app_version="1.0")
    account.add("task", "kept", "completed", hours=1000, ended_at=ago(900), app_version="24.1.10")
    options = account.params(kinds=["task"], ended_before="1d", keep_versions=1)
    assert results(delete(options, False, pytest.fail)) == {"gone": "deleted"}


@pytest.mark.parametrize("number", [0, -1])
def test_no_version_at_all_is_refused(account, number):
    with pytest.raises(OptionError, match="keep_versions: must be at least 1"):
        run(account, keep_versions=number)
    assert account.requests == []

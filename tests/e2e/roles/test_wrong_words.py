# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""User errors with the roles: a misspelt variable, and a user's key instead of an administrator's."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from cleanup_runs import Run, add_stale


@pytest.fixture(scope="module")
def account(start_account: Callable[..., Any]) -> Any:
    """An account with stale sessions of several owners. One of them has an API key."""
    made = start_account(generation="current")
    add_stale(made, 3)
    made.add_session(age=100 * 3600, owner="jdoe@ROOT")
    return made


@pytest.fixture(scope="module")
def run(account: Any, run_cleanup: Callable[..., Run]) -> Run:
    """One run with a host for each error, and one host without an error."""
    user = SimpleNamespace(url=account.url, admin_key=account.user_key)
    hosts = {
        "misspelt": (account, {"protect_owner": "user*", "older": "2d", "apply": True}),
        "user": (user, {}),
        "right": (account, {"protect_owners": "user*"}),
    }
    return run_cleanup(hosts)


def test_a_misspelt_variable_is_an_error_that_names_those_there_are(run: Run, account: Any) -> None:
    said = run.failure("misspelt")
    assert said.startswith(
        "stale_session_cleanup_older, stale_session_cleanup_protect_owner: the role has no such variable."
    )
    assert said.endswith("Perhaps stale_session_cleanup_protect_owners is meant.")
    assert account.changes() == []


def test_right_variables_are_none(run: Run) -> None:
    assert run.failure("right") == ""
    assert [one["owner"] for one in run.result("right")["planned"]] == ["jdoe@ROOT"]


def test_a_plan_of_one_owner_only_says_that_it_may_be_the_key(run: Run) -> None:
    assert "all are of jdoe@ROOT; a user's key sees no others" in run.lines("user")
    assert not [line for line in run.lines("right") if "a user's key" in line]


@pytest.mark.once
def test_the_other_role_knows_its_variables_too(account: Any, run_retention: Callable[..., Run]) -> None:
    run = run_retention({"misspelt": (account, {"protect_app": "x", "archive_dir": "logs"})})
    assert run.failure("misspelt").startswith("session_retention_protect_app: the role has no such variable.")

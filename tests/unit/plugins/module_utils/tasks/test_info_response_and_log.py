# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The responses and logs of tasks, returned only when asked for."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import HttpError
from ansible_collections.aimms.cloud.plugins.module_utils.tasks.info import task_info
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import Account


@pytest.fixture(name="account")
def an_account():
    """A task with a response and a log, and one without."""
    with Account() as account:
        lines = ["2026-01-31 08:15:00.250 --logonToken abc123def"]
        account.add_task("k1", "t1", "COMPLETED", response={"objective": 42}, logs=lines)
        account.add_task("k2", "t2")
        yield account


def asked(account, **options):
    return task_info(account.params(task_ids=["k1", "k2"], session_ids=None, **options), [].append)["tasks"]


def test_response_and_log_come_when_asked_for_the_log_without_secrets(account):
    told = {task["id"]: task for task in asked(account, include_response=True, include_log=True)}
    assert (told["k1"]["response"], told["k2"]["response"]) == ({"objective": 42}, None)
    assert (told["k1"]["log"], told["k2"]["log"]) == (["2026-01-31 08:15:00.250 --logonToken ********"], [])
    plain = asked(account)
    assert not {"response", "log"} & set(plain[0])


def test_a_response_comes_without_secrets(account):
    account.tasks[0]["response"] = {"logonToken": "abc123def", "n": 1}
    told = {task["id"]: task for task in asked(account, include_response=True)}["k1"]["response"]
    assert told == {"logonToken": "********", "n": 1}


@pytest.mark.parametrize("end", ["/response", "/logs"])
def test_a_response_or_log_that_the_key_may_not_see_is_an_error(end, account):
    account.on("GET", end, 403)
    with pytest.raises(HttpError, match=rf"{end} answered 403.*lacks the Tasks scope"):
        asked(account, include_response=True, include_log=True)


def test_a_task_that_cannot_be_read_is_an_error(account):
    account.on("GET", "/k2", 403)
    with pytest.raises(HttpError, match=r"/tasks/k2 answered 403"):
        asked(account)

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The requests of a deletion, and what an answer to them means. Proves rules 7 and 33 for tasks."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import AnswerError, HttpError, OptionError
from ansible_collections.aimms.cloud.plugins.module_utils.models.task import Task
from ansible_collections.aimms.cloud.plugins.module_utils.tasks.service import DeletingTaskApi
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import Account


@pytest.fixture(name="account")
def an_account():
    with Account() as account:
        account.add_task("k1", "s", "COMPLETED")
        yield account


@pytest.fixture(name="api")
def an_api(account):
    return DeletingTaskApi.connect(account.params())


@pytest.mark.parametrize(("index", "query"), [(0, {"groupIndex": "0"}), (None, {})])
def test_a_deletion_is_sent_once_and_names_the_run_if_it_is_given_one(index, query, api, account):
    api.delete(Task("k1"), index)
    assert [(one.method, one.query, one.body) for one in account.requests] == [("DELETE", query, None)]
    account.on("DELETE", "/k2", 503, 200)
    with pytest.raises(HttpError):
        api.delete(Task("k2"), index)
    assert account.changes() == ["DELETE k1", "DELETE k2"]


def test_an_id_that_leads_elsewhere_is_refused_before_a_request(api, account):
    for ask in (lambda task: api.delete(task, 0), api.first_run, lambda task: api.stream(task, "response", list)):
        with pytest.raises(OptionError):
            ask(Task("../k1"))
    assert account.requests == []


def test_the_first_run_is_what_the_server_gives_for_the_index_0(api, account):
    assert api.first_run(Task("k1")).state == "completed"
    assert account.asked("/k1") == [{"groupIndex": "0"}]
    account.on("GET", "/k1", 404, 503, (200, []))
    assert api.first_run(Task("k1")) is None
    for error in (HttpError, AnswerError):
        with pytest.raises(error):
            api.first_run(Task("k1"))


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ((200, "text"), b"text"),
        ((404, {"errorCode": 404, "message": "none"}), None),
        ((409, {"errorCode": 409, "message": "not yet"}), None),
        ((404, {"message": "no route"}), HttpError),
        ((404, b"<html>"), HttpError),
        ((403, {"errorCode": 403, "message": "no"}), HttpError),
        ((200, b"<html>"), AnswerError),
    ],
)
def test_only_the_service_itself_says_that_a_task_has_no_such_part(answer, expected, api, account):
    account.on("GET", "/k1/response", answer)
    if isinstance(expected, type):
        with pytest.raises(expected):
            api.stream(Task("k1"), "response", b"".join)
    else:
        assert api.stream(Task("k1"), "response", b"".join) == expected

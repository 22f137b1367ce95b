# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a service answers at all, what hangs on its tasks, and the odd forms that its answers may have."""

from __future__ import annotations

import json

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.api.session_manager import SessionManager
from ansible_collections.aimms.cloud.plugins.module_utils.api.task_api import TaskApi
from ansible_collections.aimms.cloud.plugins.module_utils.decoding import strict_json
from ansible_collections.aimms.cloud.plugins.module_utils.errors import HttpError
from ansible_collections.aimms.cloud.plugins.module_utils.http.client import HttpClient
from ansible_collections.aimms.cloud.plugins.module_utils.models.envelope import open_list
from ansible_collections.aimms.cloud.plugins.module_utils.models.task import Task
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.document import Document, UnreadableDocument
from ansible_collections.aimms.cloud.plugins.module_utils.tasks.info import task_info
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import Account, document
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.loopback import (
    Server,
    answer,
    connection,
    hang_up,
)

DOCUMENT = answer(body=json.dumps(document(legacy=False, page=10)).encode())


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


@pytest.mark.parametrize(
    ("reply", "answers"), [(answer(200), True), (answer(404), True), (answer(503), False), (hang_up, False)]
)
def test_a_service_answers_when_it_says_anything_but_that_it_cannot(reply, answers):
    with Server(DOCUMENT, reply) as server:
        assert SessionManager(HttpClient(connection(server.url))).answers() is answers
    with Server(reply) as server:
        assert TaskApi(HttpClient(connection(server.url))).answers() is answers


def test_response_and_log_come_when_asked_for_the_log_without_secrets(account):
    told = {task["id"]: task for task in asked(account, include_response=True, include_log=True)}
    assert (told["k1"]["response"], told["k2"]["response"]) == ({"objective": 42}, None)
    assert (told["k1"]["log"], told["k2"]["log"]) == (["2026-01-31 08:15:00.250 --logonToken ********"], [])
    plain = asked(account)
    assert not {"response", "log"} & set(plain[0])


@pytest.mark.parametrize("end", ["/response", "/logs"])
def test_a_response_or_log_that_the_key_may_not_see_is_an_error(end, account):
    account.on("GET", end, 403)
    with pytest.raises(HttpError, match=rf"{end} answered 403.*lacks the Tasks scope"):
        asked(account, include_response=True, include_log=True)


def test_a_task_that_cannot_be_read_is_an_error(account):
    account.on("GET", "/k2", 403)
    with pytest.raises(HttpError, match=r"/tasks/k2 answered 403"):
        asked(account)


def test_what_a_task_says_of_itself_counts_more_than_what_is_nested_in_it():
    record = {"id": "k1", "session": {"id": "inner"}, "sessionId": "outer", "task": {"state": {"name": "x"}}}
    assert Task.from_record(record).session_id == "outer"
    assert Task.from_record({"id": "k1", "session": {"id": "inner"}}).session_id == "inner"


def test_of_several_lists_that_could_be_meant_the_usual_name_decides():
    told = {"values": [], "sessions": [], "errors": [{"id": "e"}]}
    assert open_list(told, {}).records == ()
    lines = {"hits": ["a"], "lines": ["b"]}
    assert open_list(lines, {}, lines=True).records == ("b",)
    with pytest.raises(ValueError, match="no list of records that can be told"):
        open_list({"first": [], "second": []}, {})


def test_a_total_that_is_nested_too_deeply_is_none():
    records = [{"id": "a"}]
    assert open_list({"sessions": records, "a": {"b": {"c": {"total": 5}}}}, {}).total == 5
    assert open_list({"sessions": records, "a": {"b": {"c": {"d": {"total": 5}}}}}, {}).total is None


def test_a_document_with_too_much_in_it_is_not_read(monkeypatch):
    monkeypatch.setattr(strict_json, "MOST_VALUES", 20)
    assert Document.parse(b"paths: {}").paths() == ()
    for text in (b"paths:\n" + b"  /a:\n    get:\n" * 20, b'{"paths": {' + b",".join([b'"/a": {}'] * 20) + b"}}"):
        with pytest.raises(UnreadableDocument, match="it has more than 20 values, which are too many to read at once"):
            Document.parse(text)

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operations of the session-manager: what is asked, and what an odd answer is never taken for.

Proves rules 10 and 22: an odd answer is no empty list and no missing session; DELETE is closed where it destroys.
"""

from __future__ import annotations

import json
from contextlib import suppress

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.api.session_manager import SessionManager
from ansible_collections.aimms.cloud.plugins.module_utils.api.task_api import TaskApi
from ansible_collections.aimms.cloud.plugins.module_utils.errors import (
    AimmsError,
    UnsupportedError,
)
from ansible_collections.aimms.cloud.plugins.module_utils.http.client import HttpClient
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import Account
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.loopback import Server, answer, connection, hang_up
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.odd_answers import NOT_A_LIST, ODDITIES

DOCUMENT = json.dumps(
    {
        "openapi": "3.0.0",
        "paths": {"/sessions/webui": {"get": {}}, "/sessions/webui/{id}/terminate": {"patch": {}}},
    }
).encode()


@pytest.mark.parametrize("kind", [*ODDITIES, *NOT_A_LIST])
def test_odd_list_is_never_an_empty_list(kind: str) -> None:
    odd = ODDITIES[kind] if kind in ODDITIES else answer(200, json.dumps(NOT_A_LIST[kind]).encode())
    with Server(answer(200, DOCUMENT), odd) as service:
        manager = SessionManager(HttpClient(connection(service.url)))
        with suppress(AimmsError):
            assert not manager.list(["webui"]).complete


@pytest.mark.parametrize("body", [b"[]", b'{"items": []}', b'{"data": {"sessions": []}, "meta": {"total": 0}}'])
def test_a_true_empty_list_is_one(body: bytes) -> None:
    with Server(answer(200, DOCUMENT), answer(200, body)) as service:
        listing = SessionManager(HttpClient(connection(service.url))).list(["webui"])
        assert (listing.records, listing.complete) == ([], True)


@pytest.mark.parametrize("kind", [*ODDITIES, *NOT_A_LIST])
def test_odd_record_is_never_a_missing_session(kind: str) -> None:
    odd = ODDITIES[kind] if kind in ODDITIES else answer(200, json.dumps(NOT_A_LIST[kind]).encode())
    document = DOCUMENT.replace(b'"/sessions/webui":', b'"/sessions/webui/{id}": {"get": {}}, "/sessions/webui":')
    with Server(answer(200, document), odd) as service:
        manager = SessionManager(HttpClient(connection(service.url)))
        with pytest.raises(AimmsError, match="/sessions/webui/a"):
            manager.get("webui", "a")


@pytest.fixture(name="server")
def a_server():
    """Makes an account with one session."""
    made = []

    def make(**how):
        account = Account(**how).__enter__()
        account.add("webui", "w1")
        made.append(account)
        return account

    yield make
    for account in made:
        account.__exit__()


def test_an_operation_that_the_document_does_not_offer_is_said(server):
    account = server(legacy=True)
    with pytest.raises(UnsupportedError, match="offers no 'download' for webui sessions"):
        SessionManager.connect(account.params()).download("webui", "w1", list, iter)


@pytest.mark.parametrize(
    ("reply", "answers"), [(answer(200), True), (answer(404), True), (answer(503), False), (hang_up, False)]
)
def test_a_service_answers_when_it_says_anything_but_that_it_cannot(reply, answers):
    with Server(answer(200, DOCUMENT), reply) as server:
        assert SessionManager(HttpClient(connection(server.url))).answers() is answers
    with Server(reply) as server:
        assert TaskApi(HttpClient(connection(server.url))).answers() is answers

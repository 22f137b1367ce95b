# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is kept from one question to the next: the document and the connection, of one process and one set of options.

Proves rule 12 for what is kept.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import HttpError
from ansible_collections.aimms.cloud.plugins.module_utils.sessions.info import session_info
from ansible_collections.aimms.cloud.plugins.plugin_utils import client_cache as kept_module
from ansible_collections.aimms.cloud.plugins.plugin_utils.client_cache import ClientCache
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import KEY, Account, document
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.loopback import PausedClock, Server, answer

DOCUMENT = answer(body=json.dumps(document(legacy=False, page=100)).encode())


class Service(Server):
    """Has a document and any number of sessions; the log of requests tells the connection of each."""

    ids = ("w1",)

    def _head(self, sock):
        head = super()._head(sock)
        page = {
            "sessions": [{"id": one, "kind": "webui", "state": "running"} for one in self.ids],
            "total": len(self.ids),
        }
        self.replies = [DOCUMENT if b"openapi.yaml" in head else answer(body=json.dumps(page).encode())]
        return head

    def seen(self):
        """What was asked for, and on which connection."""
        return [
            ("document" if "openapi" in request.path else "sessions", request.connection) for request in self.requests
        ]


@pytest.fixture(name="service")
def a_service():
    with Service() as service:
        yield service


@pytest.fixture(name="clock", autouse=True)
def held(monkeypatch):
    """The clock of the cache: no time passes between two questions, however busy the machine is."""
    clock = PausedClock(1000.0)
    monkeypatch.setattr(kept_module, "time", clock)
    return clock


@pytest.fixture(name="kept")
def nothing_kept():
    kept = ClientCache()
    yield kept
    kept.clear()


def asked(kept, service, **options):
    """The ids of one question."""
    params = {**Account.params(service, kinds=["webui"]), **options}
    return [session["id"] for session in session_info(params, lambda _text: None, kept.connect)["sessions"]]


def documents(service):
    return [what for what, _connection in service.seen()].count("document")


def test_the_document_is_read_once_and_one_connection_carries_all(kept, service):
    for _number in range(5):
        assert asked(kept, service) == ["w1"]
    assert service.seen() == [("document", 1), *[("sessions", 1)] * 5]


def test_never_an_answer(kept, service):
    assert asked(kept, service) == ["w1"]
    service.ids = ("w2", "w3")
    assert asked(kept, service) == ["w2", "w3"]


@pytest.mark.parametrize(
    "other",
    [
        {"api_key": "Another-key"},
        {"validate_certs": False},
        {"ca_path": str(Path(__file__).parent)},
        {"timeout": 31},
        {"retries": 1},
        {"max_time": 61},
        {"api_generation": "current"},
        {"naive_timezone": "UTC"},
    ],
    ids=str,
)
def test_another_option_is_another_connection(other, kept, service):
    for options in ({}, other, {}, other):
        assert asked(kept, service, **options) == ["w1"]
    assert service.seen() == [("document", 1), ("sessions", 1), ("document", 2), *[("sessions", n) for n in (2, 1, 2)]]
    sent = [request.headers["apikey"] for request in service.requests if request.connection == 2]
    assert set(sent) == {other.get("api_key", KEY)}


def test_another_server_is_another_connection(kept, service):
    with Service() as other:
        other.ids = ("x1",)
        assert [asked(kept, one) for one in (service, other, service, other)] == [["w1"], ["x1"], ["w1"], ["x1"]]
        assert (documents(service), documents(other)) == (1, 1)


def test_a_server_without_a_document_is_asked_for_it_each_time(kept):
    with Account(documented=False) as account:
        account.add("webui", "w1")
        assert [asked(kept, account), asked(kept, account)] == [["w1"], ["w1"]]
        account.documented = True
        assert [asked(kept, account), asked(kept, account)] == [["w1"], ["w1"]]
        assert len(account.asked("/openapi.yaml")) == 3


def test_a_connection_that_was_idle_for_more_than_a_second_is_not_trusted(kept, service, clock):
    for idle in (0.0, 1.0, 1.1, 1.0):
        clock.now += idle
        asked(kept, service)
    assert service.seen() == [("document", 1), *[("sessions", n) for n in (1, 1, 2, 2)]]


def test_a_connection_that_died_is_replaced_even_without_retries(kept, service):
    asked(kept, service)
    for sock in service._open:
        sock.shutdown(2)
    assert asked(kept, service, retries=0) == ["w1"]
    assert service.seen() == [("document", 1), ("sessions", 1), ("sessions", 2)]


def test_a_document_is_kept_for_five_minutes(kept, service, clock):
    for passed in (0.0, 299.0, 1.0, 299.0):
        clock.now += passed
        asked(kept, service)
    assert [what for what, _connection in service.seen()] == [
        *["document", "sessions", "sessions"],
        *["document", "sessions", "sessions"],
    ]


def test_not_too_many_are_kept_and_the_oldest_goes_first(kept, service, monkeypatch):
    monkeypatch.setattr(kept_module, "_MAX_CLIENTS", 2)
    for timeout in (31, 32, 33, 32, 33, 31):
        asked(kept, service, timeout=timeout)
    assert documents(service) == 4


def test_after_an_error_all_begins_anew(kept, service):
    asked(kept, service)
    kept.clear()
    asked(kept, service)
    assert service.seen() == [("document", 1), ("sessions", 1), ("document", 2), ("sessions", 2)]


def test_what_failed_is_not_kept(kept):
    with Account() as account:
        account.add("webui", "w1")
        account.on("GET", "/openapi.yaml", 401)
        account.on("GET", "/sessions/webui", 401)
        with pytest.raises(HttpError, match="401"):
            asked(kept, account)
        assert asked(kept, account) == ["w1"]
        assert len(account.asked("/openapi.yaml")) == 2


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks here")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_process_has_its_own_connection_and_leaves_its_parents_alone(kept, service):
    asked(kept, service)
    children = []
    for _number in range(2):
        child = os.fork()
        if not child:
            ids = []
            try:
                ids = asked(kept, service)
            finally:
                os._exit(0 if ids == ["w1"] else 1)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0]
    assert asked(kept, service) == ["w1"]
    seen = service.seen()
    assert [connection for _what, connection in seen].count(1) == 3
    assert sorted(seen[2:-1]) == [("document", 2), ("document", 3), ("sessions", 2), ("sessions", 3)]


def test_the_key_is_in_nothing_that_is_shown(kept, service):
    asked(kept, service)
    (key, one), *none = kept._managers.items()
    assert none == []
    assert KEY not in f"{kept!r} {key!r} {one!r} {vars(one)!r} {vars(kept)!r} {vars(one.manager)!r}"

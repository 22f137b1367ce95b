# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands in front of the service: whoever answers, nothing is called gone or ended on its word, nothing destroyed.

Rules 33 and 34 of life. A new answer, or a new document, is one line of a table.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from deleting_records import delete
from plays import Ansible, Played, info, results_of, template, terminate

pytestmark = pytest.mark.once

ONE = r"/sessions/webui/(a|e)1$"
ANSWERS = {
    "text_404": [("page", {"page": "ingress-404-text", "path": ONE})],
    "html_404": [("page", {"page": "ingress-404-html", "path": ONE})],
    "nothing_404": [("page", {"page": "ingress-404-empty", "path": ONE})],
    "kong_404": [("page", {"page": "ingress-404-json", "path": ONE})],
    "apim_404": [("page", {"page": "ingress-404-statuscode-json", "path": ONE})],
    "whole_404": [("page", {"page": "ingress-404-whole-json", "path": ONE})],
    "html_410": [("page", {"page": "ingress-410-html", "path": ONE})],
    "waf_400": [("page", {"page": "waf-400-html", "path": ONE})],
    "proxy_405": [("page", {"page": "proxy-405-html", "path": ONE})],
    "login_200": [("page", {"page": "login-200-html", "path": ONE})],
    "cache": [("cached", {"path": ONE, "age": 300})],
    "list_404": [("page", {"page": "ingress-404-html", "path": r"/sessions/webui(/(a|e)1)?$"})],
}
BELIEVED = {"not_found", "already_ended", "terminated", "deleted", "changed_since"}
LOOKUP = "query('aimms.cloud.aimms_session', 'webui', session_ids=['a1'], url=url, api_key=acme_api_key, retries=0)"


@pytest.fixture(scope="module")
def fronts(shared_ansible: Ansible, shared_serve: Any) -> tuple[dict[str, Any], Played]:
    """One play on all servers."""

    def start(name: str) -> Any:
        server = shared_serve(generation="current")
        server.add_session(id="a1", age=90000)
        server.add_session(id="e1", age=90000, state="terminated")
        for kind, values in ANSWERS[name]:
            server.fault(kind, **values)
        return server

    with ThreadPoolExecutor(4) as pool:
        servers = dict(zip(ANSWERS, pool.map(start, ANSWERS)))
    played = shared_ansible.play(
        info("by id", session_ids=["a1"], kinds=["webui"]),
        template(LOOKUP, "lookup"),
        terminate("end", session_ids=["a1"], kinds=["webui"], wait_timeout="2s"),
        delete("delete", session_ids=["e1"], kinds=["webui"], wait_timeout="2s"),
        server=servers,
        defaults={"retries": 0},
    )
    return servers, played


@pytest.mark.parametrize("name", ANSWERS)
def test_on_the_word_of_what_stands_between_nothing_is_said_and_nothing_done(name: str, fronts: Any) -> None:
    servers, played = fronts[0], fronts[1].on(name)
    state = servers[name].state()
    assert servers[name].changes() == []
    assert (state["sessions"]["a1"]["active"], state["removed"]) == (True, [])
    for task in ("by id", "lookup", "end", "delete"):
        assert played[task]["failed"], task
    for task in ("end", "delete"):
        assert not BELIEVED & set(results_of(played[task]).values())
        assert not played[task]["changed"]


DOCUMENTS: dict[str, tuple[dict[str, Any], list[tuple[str, dict[str, Any]]]]] = {
    "old": ({"document_of": "legacy"}, []),
    "stop": ({"dialect": "third-stop"}, []),
    "end": ({"dialect": "third-put-end"}, []),
    "stop_old_logs": ({"dialect": "third-stop-old-logs"}, []),
    "busy": ({}, [("page", {"page": "gateway-503-html", "path_contains": "openapi"})]),
    "limited": ({}, [("page", {"page": "captcha-429-html", "path_contains": "openapi"})]),
    "login": ({}, [("page", {"page": "login-200-html", "path_contains": "openapi"})]),
    "broken": ({"document": "broken"}, []),
    "empty": ({}, [("page", {"page": "object-200-json", "path_contains": "openapi"})]),
}
ENDING = {"old_logs": {"dialect": "current-old-logs"}, "hidden": {"document": "missing"}}


@pytest.fixture(scope="module")
def documents(shared_ansible: Ansible, shared_serve: Any) -> tuple[dict[str, Any], Played]:
    """One play on servers with all documents."""

    def start(name: str) -> Any:
        server = shared_serve(generation="current")
        for number in range(3):
            server.add_session(id=f"a{number}", age=90000)
        settings, faults = DOCUMENTS.get(name, (ENDING.get(name, {}), []))
        server.set(**settings)
        for kind, values in faults:
            server.fault(kind, **values)
        return server

    with ThreadPoolExecutor(4) as pool:
        names = [*DOCUMENTS, *ENDING]
        servers = dict(zip(names, pool.map(start, names)))
    played = shared_ansible.play(
        info("list", kinds=["webui"]),
        terminate("end", older_than="1h", kinds=["webui"]),
        server=servers,
        defaults={"retries": 0},
    )
    return servers, played


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_that_proves_nothing_changes_nothing_and_still_lists(name: str, documents: Any) -> None:
    servers, played = documents[0], documents[1].on(name)
    state = servers[name].state()
    assert servers[name].changes() == []
    assert (state["record_destroyed"], state["removed"], state["active"]) == ([], [], 3)
    assert played["end"]["failed"]
    assert not played["end"]["changed"]
    assert [len(played["list"]["sessions"]), played["list"]["failed"]] == [3, False]


@pytest.mark.parametrize("name", ENDING)
def test_what_the_document_tells_or_hides_ends_sessions_without_destroying_them(name: str, documents: Any) -> None:
    state = documents[0][name].state()
    assert set(results_of(documents[1].on(name)["end"]).values()) == {"terminated"}
    assert (state["removed"], state["active"]) == ([], 0)

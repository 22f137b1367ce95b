# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading the server's document over the wire. Proves rules 10 and 22: without a readable one nothing is assumed."""

from __future__ import annotations

import json

import pytest
import yaml

from ansible_collections.aimms.cloud.plugins.module_utils.api.discovery import discover
from ansible_collections.aimms.cloud.plugins.module_utils.decoding import strict_yaml
from ansible_collections.aimms.cloud.plugins.module_utils.errors import TransportError, UnsupportedError
from ansible_collections.aimms.cloud.plugins.module_utils.http.client import HttpClient
from ansible_collections.aimms.cloud.plugins.module_utils.http.connection import Connection
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.roots import DOCUMENT
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.loopback import KEY, Server, answer

ONE = "/pro/session-manager/v1/sessions/{kind}/{id}"
OLD_LOGS = "/pro/session-manager/v1/sessions/logs/{kind}/{id}"
LEGACY = {
    "openapi": "3.0.0",
    "paths": {
        "/pro/session-manager/v1/sessions/{kind}": {"get": {"responses": {}}},
        ONE: {"get": {"responses": {}}, "delete": {"responses": {}}},
        OLD_LOGS: {"get": {"responses": {}}},
    },
}
CURRENT = {**LEGACY, "paths": {**LEGACY["paths"], f"{ONE}/terminate": {"patch": {"responses": {}}}}}


def ask(*replies, wanted="auto"):
    """What is found on a server that gives these replies, and its requests."""
    with Server(*replies) as server:
        transport = HttpClient(Connection(server.url, KEY, retries=0, max_time=5))
        try:
            return discover(transport, wanted), server.requests
        finally:
            transport.close()


def document(tree, write=json.dumps):
    return answer(body=write(tree).encode())


@pytest.mark.parametrize("write", [json.dumps, yaml.safe_dump], ids=["JSON", "YAML"])
@pytest.mark.parametrize(("tree", "generation"), [(LEGACY, "legacy"), (CURRENT, "current")])
@pytest.mark.parametrize("asked", ["auto", "as it is"])
def test_one_request_tells_the_generation(tree, generation, write, asked):
    found, requests = ask(document(tree, write), wanted=generation if asked != "auto" else "auto")
    assert (found.generation.name, found.generation.refusal, found.routes.documented) == (generation, "", True)
    assert found.warnings == []
    assert found.routes.kinds == found.generation.kinds
    assert [(request.method, request.path) for request in requests] == [("GET", "/pro/session-manager/v1/openapi.yaml")]


@pytest.mark.parametrize(("tree", "wanted"), [(LEGACY, "current"), (CURRENT, "legacy")])
def test_a_generation_that_the_document_contradicts_is_refused(tree, wanted):
    with pytest.raises(UnsupportedError, match=f"api_generation is {wanted}.*describes the"):
        ask(document(tree), wanted=wanted)


HIDDEN = {
    status: answer(status, body)
    for status, body in [(404, b"{}"), (404, b"<html>"), (410, b""), (401, b"{}"), (403, b"no")]
}
NOW_UNREADABLE = {
    "answered 503": answer(503),
    "answered 429": answer(429),
    "answered 400": answer(400),
    "answered 405": answer(405, b"<html>"),
    "an HTML page": answer(body=b"\xef\xbb\xbf <html>Sign in</html>"),
    "not an OpenAPI document": answer(body=b""),
    "is not an OpenAPI document": answer(body=b"[1, 2]"),
    "it is not an OpenAPI document": answer(body=b"{}"),
    "no list of sessions": document({"openapi": "3.0.0", "paths": {}}),
    "it describes no list of sessions": document({"openapi": "3.0.0", "paths": {"/tasks": {"get": {"responses": {}}}}}),
    "not JSON, and it is not YAML either": document(CURRENT, lambda tree: json.dumps(tree)[:-40]),
}


@pytest.mark.parametrize("reply", HIDDEN.values(), ids=HIDDEN)
@pytest.mark.parametrize(("wanted", "generation"), [("auto", "unknown"), ("legacy", "legacy"), ("current", "current")])
def test_where_no_document_is_shown_sessions_may_be_ended_by_what_cannot_destroy(reply, wanted, generation):
    found, _requests = ask(reply, wanted=wanted)
    assert (found.generation.name, found.generation.end, found.generation.refusal) == (generation, "terminate", "")
    assert (found.generation.documented, found.routes.documented, len(found.warnings)) == (False, False, 1)


@pytest.mark.parametrize(("why", "reply"), NOW_UNREADABLE.items(), ids=NOW_UNREADABLE)
@pytest.mark.parametrize("wanted", ["auto", "legacy", "current"])
def test_a_document_that_cannot_be_read_this_time_stops_a_change_but_no_read(why, reply, wanted):
    found, _requests = ask(reply, wanted=wanted)
    assert why in found.generation.refusal
    assert why in found.warnings[0]
    assert (found.generation.name, found.routes.documented) == ("unknown", False)
    assert found.routes.route("list", "webui")


@pytest.mark.parametrize(
    "headers", [{"age": "1"}, {"age": "x"}, {"x_cache": "HIT"}, {"cf_cache_status": "HIT"}, {"cache_status": "E; hit"}]
)
def test_an_old_document_of_a_cache_is_no_evidence_of_the_legacy_generation(headers):
    found, _requests = ask(answer(200, json.dumps(LEGACY).encode(), **headers))
    assert "from a cache" in found.generation.refusal
    assert ask(answer(200, json.dumps(CURRENT).encode(), **headers))[0].generation.name == "current"


@pytest.mark.parametrize("headers", [{"age": "0"}, {"x_cache": "MISS"}, {"x_cache": "RefreshHit from cloudfront"}])
def test_a_document_that_the_service_has_just_confirmed_is(headers):
    assert ask(answer(200, json.dumps(LEGACY).encode(), **headers))[0].generation.name == "legacy"


ASKED = ["/pro/session-manager/v1/openapi.yaml", "/pro/session-manager/v1/openapi.json"]


def ask_by_form(in_yaml, in_json):
    """What is found with these answers for the two forms of the document, and the paths of the requests."""
    found, requests = ask(in_yaml, in_json)
    return found, [request.path for request in requests]


@pytest.mark.parametrize(("tree", "generation"), [(LEGACY, "legacy"), (CURRENT, "current")])
def test_a_document_only_in_json_is_found_after_a_404(tree, generation):
    found, asked = ask_by_form(answer(404, b"{}"), document(tree))
    assert (found.generation.name, found.routes.documented, found.warnings) == (generation, True, [])
    assert asked == ASKED


@pytest.mark.parametrize("status", [401, 403, 410])
def test_a_document_that_is_not_shown_is_not_looked_for_elsewhere(status):
    found, asked = ask_by_form(answer(status, b"{}"), document(CURRENT))
    assert (found.routes.documented, asked) == (False, ASKED[:1])


@pytest.mark.parametrize(("status", "stops"), [(404, False), (405, False), (403, False), (503, True), (429, True)])
def test_what_is_said_where_neither_form_can_be_read(status, stops):
    found, asked = ask_by_form(answer(404, b"{}"), answer(status, b"{}"))
    assert (bool(found.generation.refusal), found.routes.documented, asked) == (stops, False, ASKED)
    assert len(found.warnings) == 1
    assert f"the server answered {status}" in found.warnings[0]


@pytest.mark.parametrize(
    ("body", "stops"),
    [(b"<html></html>", False), (b"[]", False), (b'{"sessions": []}', False), (b'{"openapi": "3.0.0", "pat', True)],
)
def test_something_else_in_the_place_of_the_document_in_json_is_none_and_half_of_one_may_be_whole_next_time(
    body, stops
):
    found, asked = ask_by_form(answer(404, b"{}"), answer(body=body))
    assert (bool(found.generation.refusal), found.routes.documented, asked) == (stops, False, ASKED)


def test_json_beside_yaml_is_read_where_only_pyyaml_is_missing(monkeypatch):
    monkeypatch.setattr(strict_yaml, "yaml", None)
    in_yaml = document(CURRENT, yaml.safe_dump)
    found, asked = ask_by_form(in_yaml, document(CURRENT))
    assert (found.generation.name, found.routes.documented, found.warnings, asked) == ("current", True, [], ASKED)
    found, asked = ask_by_form(in_yaml, in_yaml)
    assert (found.routes.documented, len(found.warnings), asked) == (False, 1, ASKED)
    assert "PyYAML" in found.warnings[0]


def test_kinds_that_are_not_known_are_named():
    kinds = {"name": "kind", "in": "path", "schema": {"enum": ["webui", "batch"]}}
    paths = {
        "/sessions/{kind}": {"get": {"parameters": [kinds]}},
        "/sessions/grid": {"get": {}},
        "/sessions": {"get": {}},
    }
    found, _requests = ask(document({"openapi": "3.0.0", "paths": paths}))
    assert found.warnings == [
        "The server also has sessions of kinds that are not known here (batch, grid): they are left out."
    ]


def test_without_pyyaml_a_yaml_document_is_as_one_that_is_not_shown(monkeypatch):
    monkeypatch.setattr(strict_yaml, "yaml", None)
    found, _requests = ask(document(CURRENT, yaml.safe_dump))
    assert (found.generation.name, found.generation.refusal) == ("unknown", "")
    assert "PyYAML" in found.warnings[0]
    for body in (b"<html>\nopenapi: 3</html>", b"busy", b"- a"):
        assert ask(answer(body=body))[0].generation.refusal


def test_without_pyyaml_a_json_document_is_read(monkeypatch):
    monkeypatch.setattr(strict_yaml, "yaml", None)
    assert ask(document(CURRENT))[0].generation.name == "current"


@pytest.mark.parametrize("reply", [answer(302, location="https://evil.example/"), lambda sock: sock.close()])
def test_a_redirect_or_a_dead_server_is_a_failure_and_not_a_missing_document(reply):
    with pytest.raises(TransportError):
        ask(reply)


def test_a_read_that_has_begun_is_waited_for_and_not_repeated():
    with Server(document(CURRENT)) as server:
        transport = HttpClient(Connection(server.url, KEY, retries=0, max_time=5))
        found = discover(transport, begun=transport.begin(DOCUMENT))
        assert (found.generation.name, len(server.requests)) == ("current", 1)


def test_where_a_read_that_has_begun_finds_none_the_other_form_is_asked_for():
    with Server(answer(404), document(CURRENT)) as server:
        transport = HttpClient(Connection(server.url, KEY, retries=0, max_time=5))
        found = discover(transport, begun=transport.begin(DOCUMENT))
        assert found.generation.name == "current"
        assert [request.path.rpartition("/")[2] for request in server.requests] == ["openapi.yaml", "openapi.json"]

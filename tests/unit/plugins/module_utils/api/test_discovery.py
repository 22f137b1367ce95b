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
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.loopback import KEY, Server, answer

ONE = "/pro/session-manager/v1/sessions/{kind}/{id}"
LEGACY = {
    "openapi": "3.0.0",
    "paths": {
        "/pro/session-manager/v1/sessions/{kind}": {"get": {"responses": {}}},
        ONE: {"get": {"responses": {}}, "delete": {"responses": {}}},
    },
}
CURRENT = {**LEGACY, "paths": {**LEGACY["paths"], f"{ONE}/terminate": {"patch": {"responses": {}}}}}


def ask(reply, wanted="auto"):
    """The service, the warnings and the requests of a server that gives this reply."""
    with Server(reply) as server:
        transport = HttpClient(Connection(server.url, KEY, retries=0, max_time=5))
        try:
            return (*discover(transport, wanted), server.requests)
        finally:
            transport.close()


def document(tree, write=json.dumps):
    return answer(body=write(tree).encode())


@pytest.mark.parametrize("write", [json.dumps, yaml.safe_dump], ids=["JSON", "YAML"])
@pytest.mark.parametrize(("tree", "generation"), [(LEGACY, "legacy"), (CURRENT, "current")])
@pytest.mark.parametrize("asked", ["auto", "as it is"])
def test_one_request_tells_the_generation(tree, generation, write, asked):
    service, warnings, requests = ask(document(tree, write), generation if asked != "auto" else "auto")
    assert (service.generation, service.documented, warnings) == (generation, True, [])
    assert [(request.method, request.path) for request in requests] == [("GET", "/pro/session-manager/v1/openapi.yaml")]


@pytest.mark.parametrize(("tree", "wanted"), [(LEGACY, "current"), (CURRENT, "legacy")])
def test_a_generation_that_the_document_contradicts_is_refused(tree, wanted):
    with pytest.raises(UnsupportedError, match=f"api_generation is {wanted}.*describes the"):
        ask(document(tree), wanted)


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (answer(404), "answered 404"),
        (answer(401), "answered 401"),
        (answer(503), "answered 503"),
        (answer(body=b"<html>Sign in</html>"), "could not be used"),
        (answer(body=b""), "not an OpenAPI document"),
        (answer(body=b"[1, 2]"), "not an OpenAPI document"),
        (document({"openapi": "3.0.0", "paths": {}}), "no list of sessions"),
        (document({"openapi": "3.0.0", "paths": {"/tasks": {"get": {"responses": {}}}}}), "no list of sessions"),
        (document(CURRENT, lambda tree: json.dumps(tree)[:-40]), "could not be used"),
    ],
)
@pytest.mark.parametrize(("wanted", "generation"), [("auto", None), ("legacy", "legacy"), ("current", "current")])
def test_without_a_readable_document_the_option_decides_or_nothing_is_assumed(reply, why, wanted, generation):
    service, warnings, _requests = ask(reply, wanted)
    assert (service.generation, service.documented) == (generation, False)
    assert len(warnings) == 1
    assert why in warnings[0]


def test_without_pyyaml_a_yaml_document_gives_a_warning(monkeypatch):
    monkeypatch.setattr(strict_yaml, "yaml", None)
    service, warnings, _requests = ask(document(CURRENT, yaml.safe_dump))
    assert (service.generation, service.documented) == (None, False)
    assert "PyYAML" in warnings[0]


def test_without_pyyaml_a_json_document_is_read(monkeypatch):
    monkeypatch.setattr(strict_yaml, "yaml", None)
    assert ask(document(CURRENT))[0].generation == "current"


@pytest.mark.parametrize("reply", [answer(302, location="https://evil.example/"), lambda sock: sock.close()])
def test_a_redirect_or_a_dead_server_is_a_failure_and_not_a_missing_document(reply):
    with pytest.raises(TransportError):
        ask(reply)

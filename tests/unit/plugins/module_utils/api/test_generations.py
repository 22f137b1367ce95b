# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which generation a server is of, and what follows from it. Proves rule 22: DELETE is never sent on a guess."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.api.generations import (
    check_option,
    end_operation,
    generation_of,
    must_probe,
    refusal_to_delete,
)
from ansible_collections.aimms.cloud.plugins.module_utils.errors import UnsupportedError
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.document import Document
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.routes import default_routes, routes_from

BASE = "/pro/session-manager/v1"
LIST, ONE, END = "/sessions/{kind}", "/sessions/{kind}/{id}", "/sessions/{kind}/{id}/terminate"
GET = {"get": {"responses": {}}}
LEGACY = {LIST: GET, ONE: {**GET, "delete": {"responses": {}}}}
CURRENT = {**LEGACY, END: {"patch": {"responses": {}}}}


def service(paths, server=BASE):
    document = Document({"openapi": "3.0.0", "servers": [{"url": server}], "paths": paths})
    return routes_from(document, generation_of(document))


@pytest.mark.parametrize(
    ("path", "item"),
    [
        ("/sessions/{kind}/{id}/terminate", {"$ref": "./terminate.yaml"}),
        ("/sessions/{kind}/{id}/terminate", {"patch": {"$ref": "#/nowhere"}}),
        ("/sessions/{kind}/{id}/terminate", {"patch": {}}),
        ("/sessions/{kind}/{id}/terminate", {"get": {"responses": {}}}),
        ("/sessions/{kind}/{id}/Terminate/", {"patch": {"responses": {}}}),
        ("/sessions/{kind}/{id}/actions/terminate", {"patch": {"responses": {}}}),
        ("/sessions/{kind}/terminate/{id}", {"patch": {"responses": {}}}),
        ("/sessions/terminate/{kind}/{id}", {"patch": {"responses": {}}}),
        ("/sessions/{id}/terminate", {"patch": {"responses": {}}}),
        ("/sessions/{kind}/{id}:terminate", {"patch": {"responses": {}}}),
        ("/terminate/sessions/{kind}/{id}", {"patch": {"responses": {}}}),
    ],
)
def test_a_document_that_speaks_of_terminate_in_any_way_is_not_legacy(path, item):
    """On a server that can terminate, DELETE destroys the record."""
    assert service({**LEGACY, path: item}).generation != "legacy"


@pytest.mark.parametrize(
    ("paths", "generation"),
    [({LIST: GET}, "legacy"), (LEGACY, "legacy"), (CURRENT, "current"), ({LIST: GET, "/x/terminated": GET}, "current")],
)
def test_a_document_that_does_not_speak_of_terminate_is_legacy(paths, generation):
    assert generation_of(Document({"openapi": "3.0.0", "paths": paths})) == generation


@pytest.mark.parametrize("found", ["legacy", "current"])
def test_the_option_is_refused_only_where_the_document_contradicts_it(found):
    check_option("auto", found)
    check_option(found, found)
    other = {"legacy": "current", "current": "legacy"}[found]
    with pytest.raises(UnsupportedError, match=f"api_generation is {other}, but .* describes the {found} one.*destroy"):
        check_option(other, found)


SERVERS = {
    "documented legacy": service(LEGACY),
    "documented current": service(CURRENT),
    "said to be legacy": default_routes("legacy"),
    "said to be current": default_routes("current"),
    "unknown": default_routes(None),
}


def of_each(decide):
    return {name: decide(routes) for name, routes in SERVERS.items()}


def test_delete_ends_a_session_only_where_a_document_tells_the_legacy_generation():
    assert of_each(end_operation) == {**dict.fromkeys(SERVERS, "terminate"), "documented legacy": "delete"}


def test_each_session_must_show_the_generation_where_neither_document_nor_option_says_current():
    assert of_each(must_probe) == {**dict.fromkeys(SERVERS, False), "said to be legacy": True, "unknown": True}


def test_a_record_is_deleted_only_on_the_current_generation():
    refused = of_each(refusal_to_delete)
    assert {name for name, why in refused.items() if not why} == {"documented current", "said to be current"}
    assert refused["documented legacy"] == "DELETE ends a session there, and no record is ever deleted"
    assert "DELETE might end sessions" in refused["said to be legacy"]
    assert "DELETE might end sessions" in refused["unknown"]

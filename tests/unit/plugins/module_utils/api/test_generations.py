# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which generation a server is of, and what follows from it. Proves rule 22: DELETE is never sent on a guess."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.api.generations import generation_of
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.document import Document
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.routes import routes_from

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

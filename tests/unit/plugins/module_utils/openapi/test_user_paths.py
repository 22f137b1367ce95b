# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The paths of a user-manager, as its document has them."""

from __future__ import annotations

import json

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.openapi.document import Document
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.user_paths import (
    BASE,
    INFO,
    OWN_INFO,
    OWN_KEYS,
    PATHS,
    documented_paths,
)


def paths(*listed, servers=BASE, method="get", **operation):
    tree = {"openapi": "3.0.3", "servers": [{"url": servers}], "paths": {path: {method: operation} for path in listed}}
    return documented_paths(Document.parse(json.dumps(tree).encode()))


def test_the_vendors_sample_is_found_where_it_is():
    own = [path[len(BASE) :] for path in PATHS.values()]
    assert paths("/user", *own, "/user/{account}", "/environment/{account}/{environment}") == PATHS


@pytest.mark.parametrize(
    ("path", "what", "found"),
    [
        ("/users/me", OWN_INFO, "/users/me"),
        ("/user/@current", OWN_INFO, "/user/@current"),
        ("/me/profile", OWN_INFO, "/me/profile"),
        ("/users/current/api_keys", OWN_KEYS, "/users/current/api_keys"),
        ("/me/keys", OWN_KEYS, "/me/keys"),
        ("/users/{accountName}/{env}/{userName}", INFO, "/users/{account}/{environment}/{user}"),
        ("/user/{environment_name}/{user_name}/info", INFO, "/user/{environment}/{user}/info"),
        ("/environment/{environment}/user/{name}", INFO, "/environment/{environment}/user/{user}"),
    ],
)
def test_other_names_for_the_same_are_understood(path, what, found):
    assert paths(path) == {what: f"{BASE}{found}"}


@pytest.mark.parametrize("servers", [BASE, f"https://acme.aimms.cloud{BASE}", "/", f"/proxy{BASE}"])
def test_the_root_is_always_that_of_the_service(servers):
    assert paths("/me", servers=servers) == {OWN_INFO: f"{BASE}/me"}


def test_of_several_the_shortest_counts():
    assert paths("/user/@current/info", "/me") == {OWN_INFO: f"{BASE}/me"}


@pytest.mark.parametrize(
    "path",
    [
        "/user/@current/api-key/{name}",
        "/user/@current/password",
        "/user/{account}/{environment}/{user}/api-key",
        "/user/{account}/{environment}/{user}/{group}/info",
        "/user/{id}",
        "/environment/{account}/{environment}",
        "/user",
        "/group/{account}/{environment}/{name}/info",
    ],
)
def test_what_tells_something_else_or_of_something_else_is_left_out(path):
    assert paths(path) == {}


def test_what_changes_something_or_needs_more_is_left_out():
    assert paths("/me", method="post") == {}
    assert paths("/me", parameters=[{"name": "since", "in": "query", "required": True}]) == {}

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the user-manager tells of users and keys, and what is never asked or passed on."""

from __future__ import annotations

import json

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.api.user_manager import User, UserManager
from ansible_collections.aimms.cloud.plugins.module_utils.errors import AnswerError, HttpError, OptionError
from ansible_collections.aimms.cloud.plugins.module_utils.http.client import HttpClient
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.user_paths import BASE
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.loopback import Server, answer, connection

JANE = {
    "account_name": "acme",
    "environment_name": "ROOT",
    "user_name": "jane",
    "email": "jane@example.com",
    "full_name": "Jane Doe",
    "groups": ["Admin", "Planners"],
}
SECRET = "Zq81mmTokenOfSomebody"


@pytest.fixture
def server():
    with Server() as made:
        yield made


def reply(told):
    """A whole answer, a status and a body, or what the answer tells."""
    if isinstance(told, bytes):
        return told
    return answer(*told) if isinstance(told, tuple) else answer(200, json.dumps(told).encode())


def replies(server, *told):
    server.replies[:] = map(reply, told)
    return UserManager(HttpClient(connection(server.url)))


def paths(server):
    return [request.path for request in server.requests]


def test_the_user_of_the_key(server):
    assert replies(server, JANE).own_info() == User(
        "jane", "ROOT", "acme", "jane@example.com", "Jane Doe", ("Admin", "Planners")
    )
    assert paths(server) == [f"{BASE}/user/@current/info"]


def test_the_task_api_tells_who_is_an_administrator(server):
    told = {"name": "jane", "environment_name": "ROOT", "isAdmin": True}
    assert replies(server, told).own_info_of_task_api() == User("jane", "ROOT", administrator=True)
    assert paths(server) == ["/pro-api/v2/users/current"]


@pytest.mark.parametrize(
    ("told", "user"),
    [
        ({"data": {"userName": "jane", "environment": "ROOT"}}, User("jane", "ROOT")),
        ({"user_name": "jane", "groups": [{"name": "Admin", "id": 3}]}, User("jane", groups=("Admin",))),
        ({"account": {"name": "acme"}, "user": {"name": "jane"}}, User("jane")),
        ({"environment": {"name": "ROOT"}, "data": [{"user": {"name": "jane"}}]}, User("jane")),
        (
            {"user_name": "jane", "environment": "ROOT", "groups": [{"name": "Admin", "environment": "EMEA"}]},
            User("jane", "ROOT", groups=("Admin@EMEA",)),
        ),
        (
            {"user_name": "jane", "environment": "ROOT", "groups": [{"name": "Admin", "environment": "root"}]},
            User("jane", "ROOT", groups=("Admin",)),
        ),
        ({"user_name": "jane", "groups": "Admin"}, User("jane")),
        ({"user_name": "jane", "groups": [["Admin"]]}, User("jane")),
        ({"user_name": "jane", "email": "jane@x.com\nbcc: all@x.com"}, User("jane")),
        ({"user_name": "jane", "email": "jane@x.com, all@x.com"}, User("jane")),
        ({"user_name": "jane", "email": "no address"}, User("jane")),
        ({"user_name": "jane", "isAdmin": "true"}, User("jane")),
        ({"user_name": "jane", "full_name": "J" * 300, "environment_name": 7}, User("jane")),
        ({"user_name": "jane", "full_name": "Jane\x1b[31m Doe"}, User("jane")),
    ],
)
def test_what_cannot_be_what_its_name_says_is_not_told(server, told, user):
    assert replies(server, told).own_info() == user


NOBODY = [{name: {"name": "Admin", "isAdmin": True}} for name in ("account", "environment", "group", "error", "app")]


@pytest.mark.parametrize("told", [{}, [], [JANE, JANE], "jane", {"user_name": None}, {"error": "no"}, *NOBODY])
def test_an_answer_without_a_user_is_no_answer(server, told):
    with pytest.raises(AnswerError):
        replies(server, told).own_info()


def test_another_user_is_asked_for_by_account_environment_and_name(server):
    manager = replies(server, {**JANE, "user_name": "Jane@corp.example", "environment_name": "acme Azure"})
    user = manager.info("acme", "ACME Azure", "jane@corp.example")
    assert user.email == "jane@example.com"
    assert paths(server) == [f"{BASE}/user/acme/ACME%20Azure/jane%40corp.example/info"]


@pytest.mark.parametrize("other", [{"user_name": "bob"}, {"environment_name": "EMEA"}])
def test_an_answer_about_somebody_else_is_refused(server, other):
    with pytest.raises(AnswerError, match="another user"):
        replies(server, {**JANE, **other}).info("acme", "ROOT", "jane")


@pytest.mark.parametrize("name", ["..", ".", "", "a/b", "a\\b", "a%2fb", "a?b", "a#b", "a;b", "a\nb", "x" * 300])
def test_a_name_that_could_become_another_address_is_never_asked_for(server, name):
    manager = replies(server, JANE)
    for steps in ((name, "ROOT", "jane"), ("acme", name, "jane"), ("acme", "ROOT", name)):
        with pytest.raises(OptionError):
            manager.info(*steps)
    assert paths(server) == []


def test_a_user_that_is_not_there_is_none_only_in_the_services_own_words(server):
    error = json.dumps({"error_id": "UserNotFound", "error_code": 404, "message": "no such user"}).encode()
    assert replies(server, (404, error)).info("acme", "ROOT", "jane") is None
    with pytest.raises(HttpError):
        replies(server, (404, b"<html>not here</html>")).info("acme", "ROOT", "jane")


def test_an_answer_of_a_cache_may_be_about_another_key(server):
    with pytest.raises(AnswerError, match="from a cache"):
        replies(server, answer(200, json.dumps(JANE).encode(), age="5")).own_info()


KEY = {"name": "nightly", "expiration_date": "2027-01-31 08:15:00.000000", "scopes": ["Session", "Tasks"]}


@pytest.mark.parametrize(
    ("told", "number", "whole"),
    [
        ([], 0, True),
        ([KEY], 1, True),
        ({"items": [KEY], "total": 1}, 1, True),
        ({"api_keys": [KEY]}, 1, True),
        ({"items": [KEY], "total": 2}, 1, False),
        ({"items": [KEY], "next": "abc"}, 1, False),
        ({"items": [KEY], "has_more": True}, 1, False),
        ({"items": [KEY], "partial": True}, 1, False),
    ],
)
def test_the_keys_of_the_user_and_whether_these_are_all(server, told, number, whole):
    keys, all_of_them = replies(server, told).own_keys()
    assert ([(key.name, key.scopes) for key in keys], all_of_them) == (
        [("nightly", ("Session", "Tasks"))] * number,
        whole,
    )
    assert all(key.expires_at.iso() == "2027-01-31T08:15:00Z" for key in keys)


@pytest.mark.parametrize("name", ["api_key", "apiKey", "token", "key", "secret", "key_hash", "value", "apiKeyValue"])
def test_a_secret_in_an_answer_is_passed_on_nowhere(server, name):
    told = [{**KEY, name: SECRET, "label": f"of {SECRET}", "scopes": [SECRET]}, {"name": SECRET}]
    keys, _all = replies(server, told).own_keys()
    assert len(keys) == 2
    assert SECRET not in str(keys)


@pytest.mark.parametrize("name", ["key", "value"])
def test_what_is_masked_is_not_told_as_a_scope(server, name):
    told = [{**KEY, "scopes": [{name: word, "name": word}]} for word in ("Authentication", SECRET)]
    keys, _all = replies(server, told).own_keys()
    assert [key.scopes for key in keys] in ([("Authentication",), None], [None, None])


def test_where_the_vendors_path_is_not_known_the_document_is_read_once(server):
    listed = {"/me": {"get": {}}, "/users/{environment}/{user}": {"get": {}}}
    document = {"openapi": "3.0.3", "servers": [{"url": BASE}], "paths": listed}
    manager = replies(server, (404, b"{}"), document, JANE, (405, b"{}"), JANE)
    assert manager.own_info().name == "jane"
    assert manager.info("acme", "ROOT", "jane").name == "jane"
    assert [path[len(BASE) :] for path in paths(server)] == [
        "/user/@current/info", "/openapi.yaml", "/me", "/user/acme/ROOT/jane/info", "/users/ROOT/jane",
    ]  # fmt: skip


def test_no_document_and_no_path_is_the_first_refusal(server):
    with pytest.raises(HttpError, match=r"@current/info answered 404"):
        replies(server, (404, b"{}"), (404, b"{}")).own_info()


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_refusal_is_not_tried_again(server, status):
    manager = UserManager(HttpClient(connection(server.url, retries=4)))
    replies(server, (status, b"{}"))
    with pytest.raises(HttpError):
        manager.own_keys()
    assert len(server.requests) == 1 + (status == 404)


@pytest.mark.parametrize(
    ("address", "account"),
    [
        ("https://acme.aimms.cloud", "acme"),
        ("https://ACME.aimms.cloud/prefix", "acme"),
        ("https://proxy.example", None),
        ("https://aimms.cloud.example", None),
    ],
)
def test_the_account_is_that_of_the_address(address, account):
    assert UserManager(HttpClient(connection(address))).account == account

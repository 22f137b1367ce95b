# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dialect `current-vendor`: filters with operators, sorting by several fields, one list of all types of sessions.

And the services without dialects that have a document: the Task API and the user-manager.
"""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from plain_client import MANAGER, TASKS, ask, sessions

USERS = "/pro/user-manager/v1"


def _names(answer: Any) -> list[str]:
    return [record["name"] for record in answer.json()["items"]]


@pytest.fixture
def emulator(start: Any) -> Any:
    """An account with three sessions."""
    made = start(dialect="current-vendor", sessions=0)
    for name, app, owner, age in (
        ("one", "Crew", "ann@ROOT", 300),
        ("two", "crewing", "Bob@ROOT", 200),
        ("three", "Crew", "bob@EMEA", 100),
    ):
        made.add_session(id=name, app_name=app, owner=owner, age=age)
    return made


@pytest.mark.parametrize(("query", "found"), [
    ({}, ["three", "two", "one"]),
    ({"app_name_equal_cs": "Crew"}, ["three", "one"]),
    ({"app_name_equal_ci": "CREWING"}, ["two"]),
    ({"app_name_contain_cs": "crew"}, ["two"]),
    ({"app_name_contain_ci": "crew"}, ["three", "two", "one"]),
    ({"user_name_in": "ann,bob"}, ["three", "one"]),
    ({"user_name_not_in": "ann,Bob"}, ["three"]),
    ({"environment_name_not_in": "EMEA", "app_name_contain_ci": "ing"}, ["two"]),
    ({"sort": "-app_name,created_at"}, ["two", "one", "three"]),
    ({"sort": "app_name,-created_at"}, ["three", "one", "two"]),
    ({"sort": "created_at", "limit": 1, "offset": 1}, ["two"]),
])  # fmt: skip
def test_filters_have_operators_and_lists_are_sorted_by_several_fields(
    emulator: Any, query: dict[str, Any], found: list[str]
) -> None:
    assert _names(sessions(emulator, "webui", query=query)) == found


@pytest.mark.parametrize("query", [{"sort": "size"}, {"sort": "-created_at,"}, {"app_name_in": ""}, {"limit": 101}])
def test_a_wrong_value_is_refused(emulator: Any, query: dict[str, Any]) -> None:
    assert sessions(emulator, "webui", query=query).status == 400


def test_a_record_is_as_in_the_portal(emulator: Any) -> None:
    record = ask(emulator, "GET", f"{MANAGER}/sessions/webui/one").json()
    assert (record["name"], record["type"], record["user_name"], record["environment_name"]) == (
        "one", "webui", "ann", "ROOT",
    )  # fmt: skip
    assert record["queue_time"] == "0.00"
    assert record["created_at"][10] == " "
    assert not record["created_at"].endswith("Z")


def test_external_and_verify_sessions_stand_in_the_list_of_webui_ones(emulator: Any) -> None:
    for kind in ("external", "verify"):
        emulator.add_session(id=kind, kind=kind, owner="admin@ROOT", age=10)
    types = {one["name"]: one["type"] for one in sessions(emulator, "webui").json()["items"]}
    assert types == {"external": "external", "verify": "verify", "one": "webui", "two": "webui", "three": "webui"}
    assert sessions(emulator, "external").status == 404
    assert _names(sessions(emulator, "webui", key=emulator.user_key)) == ["external"]
    path = f"{MANAGER}/sessions/webui/external"
    assert ask(emulator, "GET", path, key=emulator.user_key).status == 200
    assert ask(emulator, "PATCH", f"{path}/terminate", key=emulator.user_key).status == 403
    assert ask(emulator, "PATCH", f"{path}/terminate").status == 204
    assert ask(emulator, "GET", f"{MANAGER}/sessions/task/external").status == 404


def test_tasks_have_no_zone_either(start: Any) -> None:
    emulator = start(dialect="current-vendor", sessions=0)
    emulator.add_session(kind="task", created_at="2025-07-24T12:21:11.306Z", state="completed")
    (task,) = ask(emulator, "GET", f"{TASKS}/tasks").json()["current_batch"]
    assert task["createdAt"] == "2025-07-24 12:21:11.306000"


@pytest.mark.parametrize(
    ("path", "listed"), [(f"{TASKS}/", "/tasks"), (f"{USERS}/openapi.yaml", "/user/@current/info")]
)
def test_the_other_services_have_documents(start: Any, path: str, listed: str) -> None:
    emulator = start()
    assert listed in yaml.safe_load(ask(emulator, "GET", path).body)["paths"]
    emulator.set(document="missing")
    assert ask(emulator, "GET", path).status == 404
    assert ask(emulator, "GET", path, key="wrong").status == 401


@pytest.mark.parametrize(("key", "user", "groups"), [
    ("admin_key", "admin", ["Admin"]), ("user_key", "jdoe", ["Users"]),
])  # fmt: skip
def test_the_user_manager_tells_whose_a_key_is(start: Any, key: str, user: str, groups: list[str]) -> None:
    emulator = start()
    told = ask(emulator, "GET", f"{USERS}/user/@current/info", key=getattr(emulator, key)).json()
    assert (told["user_name"], told["environment_name"], told["groups"]) == (user, "ROOT", groups)


def test_the_user_manager_lists_the_keys_of_a_user(start: Any) -> None:
    emulator = start()
    keys = {one["name"]: one for one in ask(emulator, "GET", f"{USERS}/user/@current/api-key").json()}
    every = ["APIKey", "Authentication", "Session", "Tasks"]
    scopes = {name: one["scopes"] for name, one in keys.items()}
    assert scopes == {"admin": every, "second": every, "tasks": ["Tasks"], "session": ["Session"]}
    assert all(one["expiration_date"][10] == " " for one in keys.values())
    asked = {"limit": 1, "offset": 1}
    assert len(ask(emulator, "GET", f"{USERS}/user/@current/api-key", query=asked).json()) == 1


@pytest.mark.parametrize("what", ["info", "api-key"])
def test_the_user_manager_wants_its_own_scopes(start: Any, what: str) -> None:
    emulator = start()
    path = f"{USERS}/user/@current/{what}"
    for key, status in ((emulator.tasks_key, 403), (emulator.session_key, 403), ("wrong", 401)):
        answer = ask(emulator, "GET", path, key=key)
        assert (answer.status, answer.json()["error_code"]) == (status, status)

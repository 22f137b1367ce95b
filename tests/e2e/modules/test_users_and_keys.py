# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who owners are, and whose the key is, by a service that tells it, or does not."""

from __future__ import annotations

from typing import Any

import pytest
from plays import Ansible, Task

pytestmark = pytest.mark.once

OWNERS = ["jdoe@ROOT", "chen@PLANNING", "nobody@ROOT"]


def user_info(name: str, **options: Any) -> Task:
    """A task of a play that asks who these owners are."""
    return {"name": name, "aimms.cloud.aimms_user_info": {"owners": OWNERS, **options}}


def key_info(name: str, **options: Any) -> Task:
    """A task of a play that asks whose the key is."""
    return {"name": name, "aimms.cloud.aimms_key_info": {"naive_timezone": "UTC", **options}}


@pytest.fixture(scope="module")
def server(shared_serve: Any) -> Any:
    """The account; one user has no full name."""
    made = shared_serve(dialect="current-vendor")
    made.set(users={"chen@PLANNING": {"full_name": None}})
    return made


def test_owners_are_told_with_their_addresses(shared_ansible: Ansible, server: Any) -> None:
    played = shared_ansible.play(
        user_info("all"), user_info("own", api_key=server.user_key), user_info("none", api_key=server.session_key),
        server=server,
    )  # fmt: skip
    users = {user.pop("owner"): user for user in played["all"]["users"]}
    assert users == {
        "jdoe@ROOT": {"email": "jdoe@example.com", "full_name": "Jdoe", "groups": ["Users"]},
        "chen@PLANNING": {"email": "chen@example.com", "full_name": None, "groups": ["Users"]},
        "nobody@ROOT": {"email": None, "full_name": None, "groups": None},
    }
    assert played["all"]["complete"]
    assert [user["email"] for user in played["own"]["users"]] == ["jdoe@example.com", None, None]
    assert [user["email"] for user in played["none"]["users"]] == [None, None, None]
    assert "lacks the Authentication" in str(played["none"]["warnings"])
    assert [name for name in ("all", "own", "none") if played[name]["failed"] or played[name]["changed"]] == []
    assert server.changes() == []


def test_whose_a_key_is_and_when_it_expires(shared_ansible: Ansible, serve: Any) -> None:
    """One key is told whole, of several only what they have in common; one that lacks scopes tells what it may."""
    server = serve(dialect="current-vendor")
    server.set(keys={"second": {"days": 10.5}, "tasks": {"days": 10.5}, "session": None, "user": {"days": 5.5}})
    played = shared_ansible.play(
        key_info("several"), key_info("one", api_key=server.user_key), key_info("tasks", api_key=server.tasks_key),
        key_info("deleted", api_key=server.session_key), key_info("few", api_key=server.user_key, max_requests=1),
        server=server,
    )  # fmt: skip
    several, one, tasks, deleted, few = (played[number] for number in range(5))
    assert (several["user"], several["environment"], several["groups"]) == ("admin", "ROOT", ["Admin"])
    assert (several["administrator"], several["scopes"], several["expires_at"]) == (True, None, None)
    assert "3 keys" in str(several["warnings"])
    assert (one["user"], one["administrator"], one["key_name"], one["expires_in_days"]) == ("jdoe", False, "user", 5)
    assert one["scopes"] == ["APIKey", "Authentication", "Session", "Tasks"]
    assert one["not_told"] == []
    assert (tasks["user"], tasks["administrator"], tasks["groups"], len(tasks["not_told"])) == ("admin", True, None, 2)
    assert [deleted["user"], deleted["administrator"], len(deleted["not_told"])] == [None, None, 3]
    assert (few["expires_in_days"], few["user"]) == (5, None)
    assert [row["outcome"] for row in played.rows] == ["ok"] * 5
    asked = [request["path"].rpartition("/")[2] for request in server.requests()]
    every = ["api-key", "info", "current"]
    assert asked == [*every * 3, "api-key", "api-key"]
    server.tick(6 * 86400)
    expired = shared_ansible.play(key_info("expired", api_key=server.user_key), server=server)[0]
    assert "wrong or has expired" in expired["not_told"][0]
    assert server.changes() == []

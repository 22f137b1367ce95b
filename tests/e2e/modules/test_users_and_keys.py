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

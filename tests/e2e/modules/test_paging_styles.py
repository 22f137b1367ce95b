# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A list of 330 sessions on four pages, in the paging style of each dialect, one of them without pages.

Proves rule 20: a list is read completely before a session is changed. An incomplete list is reported as such, and no
session is changed.
"""

from __future__ import annotations

from typing import Any

import pytest
from plays import Ansible, Played, info, terminate

pytestmark = pytest.mark.once

DIALECTS = (
    "legacy legacy-bare current current-bare current-cursor current-link current-next-url current-page current-page0 "
    "current-vendor"
).split()
MOST_REQUESTS = 9  # the document, four pages, and four more if pages cannot overlap


@pytest.fixture(scope="module")
def servers(shared_serve: Any) -> dict[str, Any]:
    """A server of each dialect with 330 WebUI sessions."""
    made = {dialect: shared_serve(dialect=dialect, sessions=0) for dialect in DIALECTS}
    for server in made.values():
        server.add_session(count=330, kind="webui", state="running", age=200000)
        server.clear_requests()
    return made


@pytest.fixture(scope="module")
def listed(shared_ansible: Ansible, servers: dict[str, Any]) -> tuple[Played, dict[str, int]]:
    """The list of each server, and the requests for it."""
    played = shared_ansible.play(info(kinds=["webui"], fields=["id"]), server=servers)
    return played, {dialect: len(server.requests()) for dialect, server in servers.items()}


@pytest.fixture(scope="module")
def ignored(shared_ansible: Ansible, servers: dict[str, Any], listed: Any) -> Played:
    """List and end sessions on servers that ignore the position of a page."""
    for server in servers.values():
        server.set(ignore_paging=True)
        server.clear_requests()
    selection = {"kinds": ["webui"], "older_than": "1d", "max_sessions": 400, "naive_timezone": "UTC"}
    return shared_ansible.play(info(kinds=["webui"], limit=0), terminate("end", **selection), server=servers)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_session_is_listed_once(dialect: str, listed: tuple[Played, dict[str, int]]) -> None:
    result = listed[0].on(dialect)["info"]
    assert result["complete"]
    assert (result["count"], len({session["id"] for session in result["sessions"]})) == (330, 330)
    assert listed[1][dialect] <= MOST_REQUESTS


@pytest.mark.parametrize("dialect", DIALECTS)
def test_server_that_ignores_the_page_gives_an_incomplete_list(dialect: str, ignored: Played) -> None:
    assert not ignored.on(dialect)["info"]["complete"]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_nothing_is_ended_from_an_incomplete_list(dialect: str, ignored: Played, servers: dict[str, Any]) -> None:
    result = ignored.on(dialect)["end"]
    assert result["failed"]
    assert "incomplete" in result["msg"]
    assert servers[dialect].changes() == []

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All generations, dialects and forms of the document: the same sessions, the correct request, no record destroyed.

Proves rules 21, 23 and 27, and that DELETE is sent to the legacy generation only.
"""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from emulator.dialects.dialect import DIALECTS
from plays import Ansible, Played, ids_of, info, results_of, template, terminate

pytestmark = pytest.mark.once

DOCUMENTS = ("json", "missing")
SERVERS = [(dialect, "yaml") for dialect in DIALECTS]
SERVERS += [(generation, document) for generation in ("legacy", "current") for document in DOCUMENTS]
ACTIVE = ("queued", "assigned", "launching", "running", "solving", "closing")
IDS = [f"{dialect}_{document}" for dialect, document in SERVERS]
SELECTION = {"older_than": "2d", "naive_timezone": "UTC"}
QUERY = "query('aimms.cloud.aimms_session', older_than='2d', naive_timezone='UTC', url=url, api_key=acme_api_key)"


def moment(text: str) -> datetime:
    """A time in the emulator's format."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc)


class Walk:
    """One play on one server: state before, requests, state after, and results."""

    def __init__(self, name: str, server: Any) -> None:
        self.dialect, _underscore, self.document = name.partition("_")
        self.generation = self.dialect.partition("-")[0]
        self.server = server
        state = server.state()
        self.before: dict[str, Any] = state["sessions"]
        self.limit = moment(state["now"]) - timedelta(days=2)
        self.played: Played
        self.after: dict[str, Any] = {}
        self.requests: list[dict[str, Any]] = []

    @property
    def stale(self) -> list[str]:
        """The ids of the active sessions that are older than two days, of task sessions those whose task is so too."""
        active = [session for session in self.before.values() if session["active"]]
        return ids_of([session for session in active if moment(self._last_known(session)) < self.limit])

    @staticmethod
    def _last_known(session: dict[str, Any]) -> str:
        """When a session was created, and its task, if it has one, began."""
        return str(max(session["created_at"], (session["kind"] == "task" and session["started_at"]) or ""))

    @property
    def changes(self) -> Counter[tuple[str, str]]:
        """The changing requests that had an effect: method and last part of the path."""
        sent = [entry for entry in self.requests if entry["method"] != "GET" and entry["status"] < 300]
        return Counter((entry["method"], entry["path"].rpartition("/")[2]) for entry in sent)


@pytest.fixture(scope="module")
def walks(shared_ansible: Ansible, shared_serve: Any) -> dict[str, Walk]:
    """One play on all servers: list, look up, plan, end, end again."""

    def start(server: tuple[str, str]) -> Any:
        return shared_serve(dialect=server[0], document=server[1], sessions=130)

    with ThreadPoolExecutor(4) as pool:
        made = {name: Walk(name, server) for name, server in zip(IDS, pool.map(start, SERVERS))}
    for walk in made.values():
        walk.server.set(log_subjects=True)
    check = {"check_mode": True}
    played = shared_ansible.play(
        info(),
        template(QUERY + " | map(attribute='id') | sort", "look up"),
        {**terminate("plan", **SELECTION), **check},
        terminate("end", **SELECTION),
        terminate("again", **SELECTION),
        server={name: walk.server for name, walk in made.items()},
        defaults={"api_generation": "{{ 'legacy' if inventory_hostname == 'legacy_missing' else 'auto' }}"},
    )
    for name, walk in made.items():
        walk.played, walk.after, walk.requests = played.on(name), walk.server.state(), walk.server.requests()
    return made


@pytest.fixture(params=IDS)
def walk(request: pytest.FixtureRequest, walks: dict[str, Walk]) -> Walk:
    """The play on one server."""
    return walks[request.param]


def test_every_session_is_listed_once(walk: Walk) -> None:
    listed = walk.played["info"]
    assert listed["complete"]
    assert ids_of(listed["sessions"]) == sorted(walk.before)
    truth = {name: (one["kind"], one["state"], one["active"]) for name, one in walk.before.items()}
    assert {one["id"]: (one["kind"], one["state"], one["active"]) for one in listed["sessions"]} == truth


def test_fields_are_read_from_any_spelling(walk: Walk) -> None:
    for session in walk.played["info"]["sessions"]:
        truth = walk.before[session["id"]]
        assert (session["app_name"], session["app_version"], session["owner"]) == (
            truth["app_name"],
            truth["app_version"],
            truth["owner"],
        )
        assert session["created_at"] == truth["created_at"][:19] + "Z"


def test_generation_is_read_from_the_document(walk: Walk) -> None:
    known = walk.document in ("yaml", "json")
    said = walk.generation == "legacy"  # by the option: without a document nothing shows it to a listing
    assert walk.played["info"]["api_generation"] == (walk.generation if known or said else "unknown")
    said = " ".join(walk.played["info"].get("warnings", []))
    assert ("OpenAPI document could not be used" in said) == (not known)


def test_lookup_and_module_agree(walk: Walk) -> None:
    ended = {name for name, one in walk.before.items() if not one["active"]}
    old = {name for name in ended if moment(walk.before[name]["created_at"]) < walk.limit}
    assert walk.played["look up"]["msg"] == sorted([*old, *walk.stale])


def test_check_mode_names_exactly_what_the_run_then_ends(walk: Walk) -> None:
    assert results_of(walk.played["plan"]) == dict.fromkeys(walk.stale, "would_terminate")
    assert results_of(walk.played["end"]) == dict.fromkeys(walk.stale, "terminated")
    assert [walk.played[name]["changed"] for name in ("plan", "end")] == [True, True]


def test_these_sessions_have_ended_and_no_other(walk: Walk) -> None:
    ended = {name for name, one in walk.after["sessions"].items() if not one["active"] and walk.before[name]["active"]}
    assert sorted(ended) == walk.stale
    assert {walk.after["sessions"][name]["ended_how"] for name in ended} == {"terminate"}


def test_each_is_ended_by_one_request_of_the_right_kind(walk: Walk) -> None:
    if walk.generation == "current":
        assert walk.changes == {("PATCH", "terminate"): len(walk.stale)}
    else:
        assert walk.changes == {("DELETE", name): 1 for name in walk.stale}
    assert all(walk.after["sessions"][name]["terminate_requests"] == 1 for name in walk.stale)


def test_delete_is_never_even_tried_on_the_current_generation(walk: Walk) -> None:
    methods = {entry["method"] for entry in walk.requests}
    assert methods == ({"GET", "DELETE"} if walk.generation == "legacy" else {"GET", "PATCH"})


def test_no_record_is_destroyed(walk: Walk) -> None:
    assert walk.after["removed"] == []
    assert sorted(walk.after["sessions"]) == sorted(walk.before)


def test_every_change_follows_a_read_of_that_session_and_its_end_was_shown_to_the_same_task(walk: Walk) -> None:
    """The end may be shown by a list. Each task begins with the document, so what comes after the next is another's."""
    documents = [entry for entry in walk.requests if entry["path"].endswith("/openapi.yaml")]
    begins = [entry["n"] for entry in documents if entry["carried"] == 1]  # else it is read again before a DELETE
    for change in walk.requests:
        if change["method"] == "GET":
            continue
        path = change["path"].removesuffix("/terminate")
        name = path.rpartition("/")[2]
        of_task = max(number for number in begins if number < change["n"])
        next_task = min((number for number in begins if number > change["n"]), default=float("inf"))
        reads = [entry for entry in walk.requests if entry["method"] == "GET" and of_task < entry["n"] < next_task]
        assert any(entry["n"] < change["n"] for entry in reads if entry["path"] == path)
        later = [one for entry in reads if entry["n"] > change["n"] for one in entry.get("subjects", ())]
        assert any(one["id"] == name and one["state"].lower() not in ACTIVE for one in later)


def test_second_run_changes_nothing(walk: Walk) -> None:
    again = walk.played["again"]
    assert (again["changed"], again["failed"], again["sessions"]) == (False, False, [])
    assert sum(walk.changes.values()) == len(walk.stale)

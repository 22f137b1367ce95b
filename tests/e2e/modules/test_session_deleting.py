# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Delete records: only of ended sessions, only selected ones, and only on the current generation.

Proves rules 17, 18, 21, 22, 24, 26 and 27 for this module.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from deleting_records import CHECK, delete, deleted, populate
from plays import Ansible, Played, info, results_of
from written_logs import reasons

pytestmark = pytest.mark.once


def left(server: Any) -> list[str]:
    """The ids of the existing records."""
    return sorted(server.state()["sessions"])


# Refused options

EVERY = "would delete every session"
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "nothing named": ({}, EVERY),
    "only kinds": ({"kinds": ["webui"]}, EVERY),
    "only force": ({"force": True}, EVERY),
    "only newer": ({"newer_than": "1h"}, EVERY),
    "empty ids": ({"session_ids": [], "kinds": ["webui"]}, EVERY),
    "no apps": ({"apps": [], "older_than": "1d"}, "apps: an empty filter is refused"),
    "null": ({"ended_before": None, "owners": ["*"]}, "ended_before: null is refused"),
    "empty": ({"ended_before": "", "owners": ["*"]}, "ended_before: an empty filter is refused"),
    "a number": ({"ended_before": 30}, "ended_before: '30' has no unit"),
    "an active state": ({"states": ["running"]}, "sessions that are running have not ended"),
    "an active state among others": ({"states": ["failed", "Queued"]}, "sessions that are queued have not ended"),
}
TRIPPED: dict[str, tuple[dict[str, Any], str]] = {
    "max_sessions": ({"older_than": "1d", "max_sessions": 3}, "4 sessions are selected and max_sessions is 3"),
    "out of the ended ones": ({"older_than": "1d", "max_percent": 79}, "4 of 5 ended sessions .* max_percent is 79"),
    "of the kind": ({"older_than": "1d", "kinds": ["webui"], "max_percent": 66}, "2 of 3 ended sessions"),
    "with force": ({"older_than": "1d", "force": True, "max_percent": 74}, "6 of 8 ended sessions"),
    "by id": ({"session_ids": ["e1"], "kinds": ["webui"], "max_percent": 33}, "1 of 3 ended sessions"),
    "max_per_owner": ({"older_than": "1d", "max_per_owner": 1}, "2 sessions of chen@PLANNING .* max_per_owner is 1"),
}


@pytest.fixture(scope="module")
def untouched(shared_serve: Any) -> Any:
    """A server on which nothing may change."""
    return populate(shared_serve(generation="current"))


@pytest.fixture(scope="module")
def refusals(shared_ansible: Ansible, untouched: Any) -> Played:
    """Everything that must be refused."""
    tasks = [delete(name, **options) for name, (options, _text) in {**REFUSED, **TRIPPED}.items()]
    return shared_ansible.play(*tasks, server=untouched)


@pytest.mark.parametrize("name", {**REFUSED, **TRIPPED})
def test_what_could_mean_too_much_is_refused(name: str, refusals: Played) -> None:
    result = refusals[name]
    assert result["failed"]
    assert not result["changed"]
    assert re.search({**REFUSED, **TRIPPED}[name][1], result["msg"])
    assert set(results_of(result).values() if "sessions" in result else ()) <= {"not_tried"}


def test_refusals_send_nothing(refusals: Played, untouched: Any) -> None:
    assert len(refusals) == len(REFUSED) + len(TRIPPED)
    assert untouched.changes() == []


# Servers that cannot delete records


def test_server_on_which_delete_may_end_sessions_is_never_asked(ansible: Ansible, serve: Any) -> None:
    servers = {name: populate(serve(generation="legacy", document=name)) for name in ("yaml", "missing")}
    one = {"session_ids": ["e1"], "kinds": ["webui"]}
    played = ansible.play(
        {**info("listed", older_than="1d"), "register": "plan"},
        delete("selection", older_than="1d"),
        {**delete("check", older_than="1d"), **CHECK},
        delete("id", **one),
        delete("force", **{**one, "session_ids": ["a1"]}, force=True),
        delete("plan", sessions="{{ plan.sessions }}"),
        delete("word", **one, api_generation="legacy"),
        server=servers,
    )
    for document, server in servers.items():
        for name in ("selection", "check", "id", "force", "plan", "word"):
            assert played.on(document)[name]["failed"]
            assert "cannot delete the records of sessions" in played.on(document)[name]["msg"]
        assert server.changes() == []
        assert len(left(server)) == 8


def test_server_without_a_document_deletes_on_the_user_s_word_only(ansible: Ansible, serve: Any) -> None:
    server = populate(serve(generation="current", document="missing"))
    one = {"session_ids": ["e1"], "kinds": ["webui"]}
    played = ansible.play(delete("no", **one), delete("yes", **one, api_generation="current"), server=server)
    assert played["no"]["failed"]
    assert "no readable OpenAPI document" in played["no"]["msg"]
    assert results_of(played["yes"]) == {"e1": "deleted"}
    assert deleted(server) == ["e1"]


# The records that are deleted


@pytest.fixture(scope="module")
def server(shared_serve: Any) -> Any:
    """A server on which the next play deletes."""
    return populate(shared_serve(generation="current"))


@pytest.fixture(scope="module")
def played(shared_ansible: Ansible, server: Any) -> Played:
    """Protected, planned, deleted, deleted again, by id, and by force."""
    protected = {"protect_owners": ["FATIMA"], "protect_apps": ["net*"], "protect_session_ids": ["t?", "A3"]}
    selection = {"older_than": "1d", "protect_owners": ["fatima@*"]}
    ids = {"session_ids": ["a1", "e2", "e3", "gone", "t2"], "kinds": ["webui"]}
    return shared_ansible.play(
        {**delete("protected", older_than="1d", force=True, **protected, kinds=["task"]), **CHECK},
        delete("protected id", session_ids=["e2"], kinds=["webui"], **protected),
        {**delete("plan", **selection), **CHECK},
        delete("run", **selection),
        delete("again", **selection),
        delete("ids", **ids),
        delete("ids again", **ids),
        delete("force", session_ids=["a1"], kinds=["webui"], force=True),
        delete("force selects", older_than="1d", states=["running"], force=True, wait=False),
        server=server,
    )


def test_protection_beats_force_and_names(played: Played) -> None:
    assert played["protected"]["sessions"] == []
    assert reasons(played["protected"]) == dict.fromkeys(["t1", "t2", "a3"], "protected")
    assert reasons(played["protected id"]) == {"e2": "protected"}


def test_selection_deletes_exactly_what_check_mode_named(played: Played) -> None:
    assert results_of(played["plan"]) == dict.fromkeys(["e1", "e2", "t1"], "would_delete")
    assert results_of(played["run"]) == dict.fromkeys(["e1", "e2", "t1"], "deleted")
    assert played["run"]["summary"] == {"deleted": 3}
    assert [played[name]["changed"] for name in ("plan", "run", "again")] == [True, True, False]


def test_selection_passes_over_active_sessions_and_says_so(played: Played) -> None:
    assert reasons(played["run"]) == {"a1": "active", "a3": "active", "e3": "too_young", "t2": "protected"}
    assert not played["run"]["failed"]


def test_second_run_finds_nothing(played: Played) -> None:
    assert played["again"]["sessions"] == []
    assert not played["again"]["failed"]


def test_active_session_named_by_id_fails_and_the_others_go(played: Played) -> None:
    expected = {"a1": "failed", "e2": "not_found", "e3": "deleted", "gone": "not_found", "t2": "not_found"}
    assert results_of(played["ids"]) == expected
    assert results_of(played["ids again"]) == {**expected, "e3": "not_found"}
    assert [played[name]["changed"] for name in ("ids", "ids again")] == [True, False]
    assert played["ids"]["failed"]
    assert "still running: only sessions that have ended are deleted" in played["ids"]["msg"]


def test_force_deletes_active_sessions(played: Played, server: Any) -> None:
    assert results_of(played["force"]) == {"a1": "deleted"}
    assert results_of(played["force selects"]) == {"a3": "requested"}
    assert sorted(server.state()["record_destroyed"]) == ["a1", "a3"]


def test_server_got_one_request_for_each_and_no_other(played: Played, server: Any) -> None:
    asked = [(entry["method"], entry["path"].rpartition("/")[2]) for entry in server.changes()]
    assert sorted(asked) == [("DELETE", name) for name in ("a1", "a3", "e1", "e2", "e3", "t1")]
    assert left(server) == ["a2", "t2"]
    reads = {(entry["n"], entry["path"]) for entry in server.requests() if entry["method"] == "GET"}
    for change in server.changes():
        assert (change["n"] - 1, change["path"]) in reads or any(
            n < change["n"] and p == change["path"] for n, p in reads
        )

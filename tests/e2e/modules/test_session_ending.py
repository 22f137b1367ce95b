# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""End sessions: the ways to select them, refused options, kept sessions, and messages.

Proves rules 17, 18, 21, 24, 26 and 27, and idempotence.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from plays import Ansible, Played, control, ids_of, info, results_of, terminate

HOUR, DAY = 3600, 86400
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "nothing named": ({}, "would end every session"),
    "only kinds": ({"kinds": ["webui"]}, "would end every session"),
    "only newer": ({"newer_than": "1h"}, "would end every session"),
    "only protection": ({"protect_owners": ["admin"]}, "would end every session"),
    "only a server filter": ({"server_filters": {"state_in": "running"}}, "would end every session"),
    "no ids": ({"session_ids": [], "kinds": ["webui"]}, "would end every session"),
    "no owners": ({"owners": [], "older_than": "1h"}, "owners: an empty filter is refused"),
    "null": ({"owners": None, "older_than": "1h"}, "owners: null is refused"),
    "null for a plan": ({"sessions": None, "older_than": "1h"}, "sessions: null is refused"),
    "null for max_active": ({"max_active": None, "owners": ["*"]}, "max_active: null is refused"),
    "null for max_sessions": ({"max_sessions": None, "older_than": "1h"}, "max_sessions"),
    "null for max_percent": ({"max_percent": None, "older_than": "1h"}, "max_percent"),
    "both ways": ({"sessions": [], "session_ids": ["a1"]}, "mutually exclusive"),
    "record without owner": ({"sessions": [{"id": "a1", "kind": "webui"}]}, "a record has no app_name"),
    "negative limit": ({"older_than": "1h", "max_sessions": -1}, "max_sessions: must not be negative"),
    "too concurrent": ({"older_than": "1h", "concurrency": 33}, "concurrency: must be from 1 to 32"),
    "wait in numbers": ({"older_than": "1h", "wait_timeout": "60"}, "wait_timeout: '60' has no unit"),
    "number for age": ({"older_than": 8}, "older_than: '8' has no unit"),
}
TRIPPED: dict[str, tuple[dict[str, Any], str]] = {
    "max_sessions": ({"older_than": "1h", "max_sessions": 4}, "5 sessions are selected and max_sessions is 4"),
    "zero": ({"older_than": "1h", "max_sessions": 0}, "max_sessions is 0"),
    "max_percent": ({"older_than": "1h", "max_percent": 79}, "5 of 6 active sessions .* max_percent is 79"),
    "percent of the kind": (
        {"owners": ["jdoe@*"], "kinds": ["webui"], "max_percent": 49},
        "2 of 4 active sessions .* max_percent is 49",
    ),
    "max_per_owner": ({"older_than": "1h", "max_per_owner": 1}, "2 sessions of .* max_per_owner is 1"),
    "by id": ({"session_ids": ["a1", "a2"], "kinds": ["webui"], "max_sessions": 1}, "max_sessions is 1"),
    "by id, percent": ({"session_ids": ["a1", "a2"], "kinds": ["webui"], "max_percent": 49}, "2 of 4 active"),
}


def populate(server: Any) -> Any:
    """Six active sessions, five of them older than an hour, and one that has ended."""
    server.add_session(id="a1", age=9 * HOUR, owner="jdoe@ROOT", app_name="Crew")
    server.add_session(id="a2", age=8 * HOUR, owner="chen@PLANNING", app_name="Network")
    server.add_session(id="a3", age=7 * HOUR, owner="jdoe@ROOT", app_name="Network")
    server.add_session(id="a4", age=600, owner="maria@ROOT", app_name="Crew")
    server.add_session(id="b1", age=3 * DAY, kind="task", owner="chen@PLANNING", app_name="Crew")
    server.add_session(id="b2", age=2 * DAY, kind="task", owner="fatima@EMEA", app_name="Crew")
    server.add_session(id="z1", age=5 * DAY, state="terminated", owner="jdoe@ROOT")
    return server


def ended(server: Any) -> list[str]:
    """The ids of the sessions that a request ended."""
    return ids_of([one for one in server.state()["sessions"].values() if one["ended_how"] == "terminate"])


@pytest.fixture(scope="module")
def untouched(shared_serve: Any) -> Any:
    """A server whose sessions must not change."""
    return populate(shared_serve(generation="current"))


@pytest.fixture(scope="module")
def refusals(shared_ansible: Ansible, untouched: Any) -> Played:
    """All refused options, and check mode."""
    tasks = [terminate(name, **options) for name, (options, _text) in {**TRIPPED, **REFUSED}.items()]
    return shared_ansible.play(*tasks, server=untouched)


@pytest.mark.parametrize("name", REFUSED)
def test_what_could_mean_all_is_refused(name: str, refusals: Played) -> None:
    assert refusals[name]["failed"]
    assert REFUSED[name][1] in refusals[name]["msg"]


@pytest.mark.parametrize("name", TRIPPED)
def test_breaker_stops_everything_and_gives_its_figures(name: str, refusals: Played) -> None:
    result = refusals[name]
    assert result["failed"]
    assert not result["changed"]
    assert re.search(TRIPPED[name][1], result["msg"])
    assert set(results_of(result).values()) == {"not_tried"}


def test_refusals_send_no_change(refusals: Played, untouched: Any) -> None:
    assert len(refusals) == len(REFUSED) + len(TRIPPED)
    assert untouched.changes() == []


def test_by_id_without_a_kind_every_kind_is_searched(ansible: Ansible, serve: Any) -> None:
    server = populate(serve(generation="current"))
    played = ansible.play(terminate("any", session_ids=["a1", "b1", "z1", "gone"]), server=server)
    expected = {"a1": "terminated", "b1": "terminated", "z1": "already_ended", "gone": "not_found"}
    assert results_of(played["any"]) == expected
    assert ended(server) == ["a1", "b1"]


def test_by_id_only_that_kind_and_nothing_twice(ansible: Ansible, serve: Any) -> None:
    server = populate(serve(generation="current"))
    one = {"session_ids": ["a1", "z1", "b1", "gone", "a1"], "kinds": ["webui"]}
    played = ansible.play(terminate("first", **one), terminate("second", **one), server=server)
    first = {"a1": "terminated", "z1": "already_ended", "b1": "not_found", "gone": "not_found"}
    assert results_of(played["first"]) == first
    assert results_of(played["second"]) == {**first, "a1": "already_ended"}
    assert [result["changed"] for result in played] == [True, False]
    assert not any(result["failed"] for result in played)
    assert played["first"]["summary"] == {"terminated": 1, "already_ended": 1, "not_found": 2}
    assert ended(server) == ["a1"]
    assert len(server.changes()) == 1


def test_protection_beats_every_way_of_naming(ansible: Ansible, serve: Any) -> None:
    server = populate(serve(generation="current"))
    protection = {"protect_owners": ["JDOE"], "protect_apps": ["net*"], "protect_session_ids": ["b?"]}
    played = ansible.play(
        {**info("plan", older_than="1h", states=["running"]), "register": "plan"},
        terminate("ids", session_ids=["a1", "a2", "a3"], kinds=["webui"], **protection),
        terminate("selection", older_than="1h", **protection),
        terminate("records", sessions="{{ plan.sessions }}", **protection),
        server=server,
    )
    for name in ("ids", "selection", "records"):
        assert played[name]["sessions"] == []
        assert set(ids_of(played[name]["kept"])) >= {"a1", "a2", "a3"}
        reasons = {one["id"]: one["reason"] for one in played[name]["kept"]}
        assert {reasons[name] for name in ("a1", "a2", "a3")} == {"protected"}
    assert server.changes() == []


def test_kept_sessions_have_their_reason(ansible: Ansible, serve: Any) -> None:
    server = populate(serve(generation="current"))
    server.add_session(id="n1", age=DAY, omit=["created_at", "started_at"])
    server.update_session("n1", overrides={"created_at": None})
    played = ansible.play(
        terminate(
            "age", older_than="8h30m", protect_session_ids=["b1"], owners=["jdoe@*", "maria@*", "chen@*", "admin@*"]
        ),
        server=server,
        check=True,
    )
    assert {one["id"]: one["reason"] for one in played["age"]["kept"]} == {
        "a2": "too_young",
        "a3": "too_young",
        "a4": "too_young",
        "b1": "protected",
        "b2": "not_selected",
        "n1": "no_reliable_time",
    }
    assert results_of(played["age"]) == {"a1": "would_terminate"}


def test_a_record_of_another_type_is_ended_only_where_kinds_names_it(ansible: Ansible, serve: Any) -> None:
    """The type in the record counts, in module and lookup alike, and an unknown one is never ended."""
    server = serve(generation="current")
    for name, kind in {"w1": "webui", "x1": "External", "u1": "batch"}.items():
        server.add_session(id=name, kind="webui", age=3 * DAY, overrides={"kind": kind})
    played = ansible.play(
        terminate("webui", older_than="1d", kinds=["webui"]),
        terminate("any", older_than="1d"),
        terminate("external", older_than="1d", kinds=["external"]),
        server=server,
    )
    assert results_of(played["webui"]) == {"w1": "terminated"}
    assert results_of(played["any"]) == {}
    assert {one["id"]: one["reason"] for one in played["any"]["kept"]} == {"x1": "not_selected", "u1": "unknown_kind"}
    assert "of the unknown type 'batch'" in " ".join(played["any"]["warnings"])
    assert results_of(played["external"]) == {"x1": "terminated"}
    assert len(server.changes()) == 2
    assert server.session("u1")["state"] == "running"


def test_max_active_ends_the_oldest_and_only_as_many_as_needed(ansible: Ansible, serve: Any) -> None:
    server = populate(serve(generation="current"))
    limit = {"max_active": 2, "kinds": ["webui"]}
    played = ansible.play(
        {**terminate("plan", **limit), "check_mode": True}, terminate("end", **limit), terminate("again", **limit),
        server=server,
    )  # fmt: skip
    assert list(results_of(played["plan"])) == list(results_of(played["end"])) == ["a1", "a2"]
    assert {one["id"]: one["reason"] for one in played["end"]["kept"]} == {"a3": "max_active", "a4": "max_active"}
    assert played["again"]["changed"] is False
    assert ended(server) == ["a1", "a2"]


def test_plan_is_carried_out_as_it_was_listed(ansible: Ansible, serve: Any) -> None:
    server = populate(serve(generation="current"))
    plan = {**info("plan", older_than="1h", states=["running"], kinds=["webui"]), "register": "plan"}
    ways = [terminate(name, sessions="{{ plan.sessions }}") for name in ("end", "again")]
    none = terminate("nothing planned", sessions=[])
    played = ansible.play(plan, {**ways[0], "name": "check", "check_mode": True}, *ways, none, server=server)
    assert results_of(played["check"]) == dict.fromkeys(["a1", "a2", "a3"], "would_terminate")
    assert results_of(played["end"]) == dict.fromkeys(["a1", "a2", "a3"], "terminated")
    assert results_of(played["again"]) == dict.fromkeys(["a1", "a2", "a3"], "already_ended")
    assert [played[name]["changed"] for name in ("check", "end", "again", "nothing planned")] == [
        True, True, False, False,
    ]  # fmt: skip
    assert len(server.changes()) == 3


def test_end_is_awaited_or_not_as_asked(ansible: Ansible, serve: Any) -> None:
    server = populate(serve(generation="current", end_delay=5))
    played = ansible.play(
        terminate("without", session_ids=["a1"], kinds=["webui"], wait=False),
        terminate("short", session_ids=["a2"], kinds=["webui"], wait_timeout="1s"),
        control(server, "POST", "/settings", {"end_delay": 0.5}),
        terminate("with", session_ids=["b1"], kinds=["task"], wait_timeout="20s"),
        server=server,
    )
    assert results_of(played["without"]) == {"a1": "requested"}
    assert results_of(played["short"]) == {"a2": "unknown"}
    assert played["short"]["failed"]
    assert "accepted" in played["short"]["sessions"][0]["msg"]
    assert results_of(played["with"]) == {"b1": "terminated"}


def test_user_key_ends_only_its_own(ansible: Ansible, serve: Any) -> None:
    server = populate(serve(generation="current"))
    played = ansible.play(
        terminate("selection", older_than="1h"),
        terminate("foreign", session_ids=["a2"], kinds=["webui"]),
        server=server,
        key=server.user_key,
    )
    assert results_of(played["selection"]) == {"a1": "terminated", "a3": "terminated"}
    assert played["foreign"]["failed"]
    assert "403" in played["foreign"]["msg"]
    assert ended(server) == ["a1", "a3"]


@pytest.mark.parametrize("generation", ["legacy", "current"])
def test_the_user_s_word_alone_destroys_no_record(generation: str, ansible: Ansible, serve: Any) -> None:
    server = populate(serve(generation=generation, document="missing"))
    played = ansible.play(
        terminate("end", older_than="1h", kinds=["webui"]), server=server, defaults={"api_generation": "legacy"}
    )
    assert results_of(played["end"]) == dict.fromkeys(["a1", "a2", "a3"], "terminated")
    assert ended(server) == ["a1", "a2", "a3"]
    assert server.state()["record_destroyed"] == []

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""List sessions with the module and the lookup. Proves rules 18, 20 and 29 for reading."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from plays import Ansible, Played, ids_of, info, template

HOUR, DAY = 3600, 86400
LOOKUP = "query('aimms.cloud.aimms_session', naive_timezone='UTC', "
EMPTY: list[tuple[str, Any]] = [
    (name, value)
    for name in ("kinds", "session_ids", "states", "apps", "app_versions", "owners")
    for value in ([], [""], None)
    if not (name == "kinds" and value == [""])
]
EMPTY += [("older_than", ""), ("older_than", None), ("newer_than", ""), ("server_filters", {}), ("owners", ["x", " "])]


@pytest.fixture(scope="module")
def server(shared_serve: Any) -> Any:
    """Sessions that differ in the fields of the selection options."""
    server = shared_serve()
    server.add_session(id="young", age=600, owner="jdoe@ROOT", app_name="Crew", app_version="1.5.2")
    server.add_session(id="old", age=9 * HOUR, owner="chen@PLANNING", app_name="Network", app_version="3.1")
    server.add_session(id="ended", age=2 * DAY, state="terminated", owner="jdoe@ROOT", app_name="Crew")
    server.add_session(id="task", kind="task", age=3 * DAY, state="solving", owner="fatima@EMEA")
    server.add_session(id="queued", kind="task", age=30 * HOUR, state="queued", owner="fatima@EMEA")
    server.add_session(id="done", kind="solve", age=4 * DAY, state="failed", message="out of memory")
    server.add_session(id="odd", kind="solve", age=5 * DAY, overrides={"state": "Hibernating"})
    return server


BY_MODULE = [0, 4, 5, 7, 15, 17, 18, 21]  # modules are slower than lookups, and the code is the same
QUESTIONS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "all": ({}, ["done", "ended", "odd", "old", "queued", "task", "young"]),
    "one kind": ({"kinds": ["webui"]}, ["ended", "old", "young"]),
    "two kinds": ({"kinds": ["task", "solve"]}, ["done", "odd", "queued", "task"]),
    "older": ({"older_than": "8h"}, ["done", "ended", "odd", "old", "queued", "task"]),
    "newer": ({"newer_than": "PT8H"}, ["young"]),
    "between": ({"older_than": "1d", "newer_than": "3d1h"}, ["ended", "queued", "task"]),
    "started": ({"older_than": "1h", "age_from": "started", "kinds": ["task"]}, ["task"]),
    "states in any case": ({"states": ["RUNNING", "Solving"]}, ["old", "task", "young"]),
    "apps": ({"apps": ["crew", "net*"]}, ["ended", "old", "young"]),
    "versions": ({"app_versions": ["1.5.?"]}, ["young"]),
    "old versions": ({"keep_versions": 1, "session_ids": ["young", "past"]}, []),
    "owners": ({"owners": ["*@emea", "chen@*"]}, ["old", "queued", "task"]),
    "ids": ({"session_ids": ["task", "no-such-session", "old"]}, ["old", "task"]),
    "protected": ({"kinds": ["webui"], "protect_owners": ["jdoe"]}, ["old"]),
    "server filter": ({"kinds": ["webui"], "server_filters": {"state_in": "running"}}, ["old", "young"]),
    "nothing": ({"owners": ["nobody@*"]}, []),
    "no more than counts": ({"limit": 0}, []),
    "limit": ({"limit": 2, "sort_by": "created_at"}, ["done", "odd"]),
    "descending": ({"limit": 2, "sort_by": "-created_at"}, ["old", "young"]),
}


@pytest.fixture(scope="module")
def played(shared_ansible: Ansible, server: Any) -> Played:
    """Every query with the module, and other options."""
    tasks = [info(name, **options) for name, (options, _ids) in QUESTIONS.items()]
    tasks.append(info("few fields", fields=["id", "owner"], kinds=["task"]))
    tasks.append(info("raw", include_raw=True, session_ids=["task"]))
    tasks += [info(f"empty {number}", **{EMPTY[number][0]: EMPTY[number][1]}) for number in BY_MODULE]
    return shared_ansible.play(*tasks, server=server)


@pytest.fixture(scope="module")
def asked(shared_ansible: Ansible, server: Any) -> Played:
    """The same queries, and others, with the lookup."""
    tasks = []
    for name, (options, _ids) in QUESTIONS.items():
        tasks.append({**template(LOOKUP + "**options)", name), "vars": {"options": options}})
    for number, (name, value) in enumerate(EMPTY):
        tasks.append({**template(LOOKUP + "**options)", f"empty {number}"), "vars": {"options": {name: value}}})
    terms = LOOKUP.replace("session', ", "session', 'webui', 'task', ")
    tasks.append(template(terms + "older_than='8h') | map(attribute='id') | sort", "terms"))
    tasks.append(template("lookup('aimms.cloud.aimms_session', 'solve', wantlist=True) | length", "lookup"))
    tasks.append(template("query('aimms.cloud.aimms_session', 'desktop')", "unknown term"))
    tasks.append(template(LOOKUP + "fields=['id'], session_ids=['old'])", "few fields"))
    tasks.append(template(LOOKUP + "fields=['colour'])", "unknown field"))
    return shared_ansible.play(*tasks, aimms_url=server.url, aimms_api_key=server.admin_key, aimms_retries=0)


@pytest.mark.parametrize("name", QUESTIONS)
def test_module_answers(name: str, played: Played) -> None:
    result = played[name]
    assert ids_of(result["sessions"]) == QUESTIONS[name][1]
    assert (result["count"], result["complete"], result["changed"]) == (len(QUESTIONS[name][1]), True, False)


@pytest.mark.parametrize("name", QUESTIONS)
def test_lookup_answers_the_same(name: str, asked: Played) -> None:
    assert ids_of(asked[name]["msg"]) == QUESTIONS[name][1]


@pytest.mark.parametrize("number", range(len(EMPTY)), ids=[f"{name}={value}" for name, value in EMPTY])
def test_empty_filter_is_refused_and_never_means_all(number: int, played: Played, asked: Played) -> None:
    for result in (asked[f"empty {number}"], *([played[f"empty {number}"]] if number in BY_MODULE else [])):
        assert result["failed"], result
        assert EMPTY[number][0] in result["msg"]
        assert "refused" in result["msg"]


def test_record_has_the_promised_fields(played: Played, server: Any) -> None:
    task = next(one for one in played["all"]["sessions"] if one["id"] == "task")
    truth, told = server.session("task"), played["raw"]["sessions"][0]["raw"]
    age, read = task.pop("age_seconds"), datetime.fromisoformat
    assert 3 * DAY - 1 <= age <= 3 * DAY + 600  # the service's clock tells whole seconds
    assert task == {
        "id": "task",
        "kind": "task",
        "state": "solving",
        "active": True,
        "app_name": "Hello World",
        "app_version": "1.0",
        "owner": "fatima@EMEA",
        "created_at": truth["created_at"][:19] + "Z",
        "started_at": truth["started_at"][:19] + "Z",
        "ended_at": None,
        "message": "",
        "user_name": "fatima",
        "environment": "EMEA",
        "description": "Hello World 1.0",
        "queue_seconds": round((read(truth["started_at"][:23]) - read(truth["created_at"][:23])).total_seconds()),
        "launch_seconds": float(told["launch_time"]),
        "peak_memory_mib": told["peak_memory_mi"],
        "peak_cpu_millicores": told["peak_cpu_m"],
        "run_seconds": None,
        "gb_hours": None,
        "scheduled_for": None,
        "link": None,
    }


def test_null_ended_at_proves_nothing(played: Played) -> None:
    sessions = {one["id"]: one for one in played["one kind"]["sessions"]}
    assert {name: one["ended_at"] for name, one in sessions.items()} == dict.fromkeys(sessions)
    assert {name: one["active"] for name, one in sessions.items()} == {"young": True, "old": True, "ended": False}


def test_unknown_state_is_not_active_and_said(played: Played) -> None:
    odd = next(one for one in played["all"]["sessions"] if one["id"] == "odd")
    assert (odd["state"], odd["active"]) == ("hibernating", False)
    assert "hibernating" in " ".join(played["all"]["warnings"])


def test_counts_are_of_all_that_was_listed(played: Played) -> None:
    for name in ("all", "limit", "no more than counts", "owners"):
        assert played[name]["counts"]["kind"] == {"webui": 3, "task": 2, "solve": 2}
        assert played[name]["counts"]["active"] == {"true": 4, "false": 3}


def test_fields_and_raw(played: Played, asked: Played) -> None:
    assert [sorted(one) for one in played["few fields"]["sessions"]] == [["id", "owner"]] * 2
    assert asked["few fields"]["msg"] == [{"id": "old"}]
    assert played["raw"]["sessions"][0]["raw"]["state"] == "solving"


def test_cutoff_is_always_returned(played: Played) -> None:
    assert played["all"]["cutoff"] is None
    assert played["older"]["cutoff"] < played["older"]["server_time"]


def test_terms_are_kinds(asked: Played) -> None:
    assert asked["terms"]["msg"] == ["ended", "old", "queued", "task"]
    assert int(asked["lookup"]["msg"]) == 2
    assert asked["unknown term"]["failed"]
    assert "desktop" in asked["unknown term"]["msg"]
    assert asked["unknown field"]["failed"]


def test_user_key_sees_only_its_own(ansible: Ansible, server: Any) -> None:
    played = ansible.play(
        info("all"), info("other", session_ids=["old"], kinds=["webui"]), server=server, key=server.user_key
    )
    assert ids_of(played["all"]["sessions"]) == ["ended", "young"]
    assert played["all"]["counts"]["kind"] == {"webui": 2}
    assert played["other"].get("sessions", []) == []


def test_listing_that_repeats_itself_is_incomplete_and_said(ansible: Ansible, serve: Any) -> None:
    server = serve(generation="current", sessions=250)
    server.set(ignore_paging=True)
    lookup = template("query('aimms.cloud.aimms_session', url=url, api_key=acme_api_key) | length")
    played = ansible.play(info(limit=1), lookup, server=server)
    assert played["info"]["complete"] is False
    assert "incomplete" in " ".join(played["info"]["warnings"])
    assert "incomplete" in played.output
    assert server.changes() == []


def test_nothing_is_ever_changed(played: Played, asked: Played, server: Any) -> None:
    assert server.changes() == []
    assert len(played) + len(asked) == 2 * len(QUESTIONS) + len(EMPTY) + len(BY_MODULE) + 7


def test_the_address_of_a_service_is_told_for_each_session(ansible: Ansible, server: Any, serve: Any) -> None:
    legacy = serve(generation="legacy")
    legacy.add_session(id="old")
    address = {"service_uri": "openapi", "kinds": ["webui"], "fields": ["id"]}
    played = ansible.play(
        info("new", **address), info("bad", service_uri="../x"), server={"current": server, "legacy": legacy}
    )
    told = {one["id"]: one["service_uri"] for one in played.on("current")["new"]["sessions"]}
    assert told["old"].endswith("/sessions/old/openapi")
    assert told["ended"] is None
    assert "offers no 'uri'" in played.on("legacy")["new"]["msg"]
    for host in ("current", "legacy"):
        assert played.on(host)["bad"]["failed"]
    assert not [entry for entry in server.requests() if "x/uri" in entry["path"]]


def test_a_template_or_a_loop_with_many_lookups_reads_the_document_once(ansible: Ansible, serve: Any) -> None:
    server = serve(generation="current", sessions=3)
    length = "query('aimms.cloud.aimms_session', 'webui', url=url, api_key=acme_api_key) | length"
    loop = {**template(f"[{length}, item]", "loop"), "loop": [1, 2, 3]}
    played = ansible.play(template(f"[{length}, {length}]"), loop, server=server)
    assert len(set(played["template"]["msg"])) == 1
    assert [one["msg"][1] for one in played["loop"]["results"]] == [1, 2, 3]
    asked = [(entry["path"].rpartition("/")[2], entry["connection"]) for entry in server.requests()]
    assert [what for what, _connection in asked] == ["openapi.yaml", *["webui"] * 2, "openapi.yaml", *["webui"] * 3]
    assert len({connection for _what, connection in asked[:3]}) == len({one for _what, one in asked[3:]}) == 1

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Listing tasks with the module. Proves rule 18 for tasks."""

from __future__ import annotations

from typing import Any

import pytest
from plays import ZONE, Ansible, Played, Task, control, ids_of

HOUR, DAY = 3600, 86400
EMPTY: list[tuple[str, Any]] = [
    ("task_ids", []),
    ("apps", [""]),
    ("states", []),
    ("session_ids", ["x", " "]),
    ("created_after", ""),
    ("created_before", ""),
    *((name, None) for name in ("task_ids", "apps", "states", "session_ids", "created_after")),
]
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "unknown state": ({"states": ["sovling"]}, "'sovling' is not a state"),
    "bare number": ({"created_after": "8"}, "neither a time nor a duration"),
    "bad id": ({"task_ids": ["../tasks"]}, "cannot be a task id"),
    "nothing between": ({"created_after": "1h", "created_before": "2h"}, "not before created_before"),
    "negative limit": ({"limit": -1}, "limit: must not be negative"),
}


def task_info(name: str, **options: Any) -> Task:
    """A task of a play that lists tasks of the service."""
    return {"name": name, "aimms.cloud.aimms_task_info": {**ZONE, **options}}


@pytest.fixture(scope="module")
def server(shared_serve: Any) -> Any:
    """Tasks that differ in the fields of the options, and a session without a task."""
    server = shared_serve(generation="current")
    jdoe, fatima = {"owner": "jdoe@ROOT"}, {"owner": "fatima@EMEA"}
    server.add_session(id="s-new", task_id="new", kind="task", age=600, app_name="CrewScheduling", **jdoe)
    server.add_session(id="s-solve", task_id="solve", kind="task", age=9 * HOUR, state="solving", **fatima)
    server.add_session(id="s-queue", task_id="queue", kind="task", age=2 * DAY, state="queued", **fatima)
    server.add_session(id="s-fail", task_id="fail", kind="task", age=3 * DAY, state="failed", message="no memory")
    server.add_session(id="s-done", task_id="done", kind="task", age=9 * DAY, state="completed", **jdoe)
    server.add_session(id="webui", kind="webui", age=600)
    return server


QUESTIONS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "all": ({}, ["new", "solve", "queue", "fail", "done"]),
    "ids": ({"task_ids": ["done", "no-such-task", "new"]}, ["new", "done"]),
    "many ids": ({"task_ids": ["fail", *(f"no-{number}" for number in range(30))]}, ["fail"]),
    "apps": ({"apps": ["crew*", "x"]}, ["new"]),
    "states in any case": ({"states": ["Solving", "QUEUED"]}, ["solve", "queue"]),
    "sessions": ({"session_ids": ["s-fail", "webui", "s-queue"]}, ["queue", "fail"]),
    "since": ({"created_after": "10h"}, ["new", "solve"]),
    "until": ({"created_before": "2d1h"}, ["fail", "done"]),
    "between": ({"created_after": "4d", "created_before": "PT12H"}, ["queue", "fail"]),
    "limit": ({"limit": 2}, ["new", "solve"]),
    "together": ({"states": ["completed", "running"], "created_before": "1h"}, ["done"]),
    "nothing": ({"apps": ["nobody's"]}, []),
}


@pytest.fixture(scope="module")
def played(shared_ansible: Ansible, server: Any) -> Played:
    """Every query, all refused options, and a query for raw records."""
    tasks = [task_info(name, **options) for name, (options, _ids) in QUESTIONS.items()]
    tasks += [task_info(f"empty {number}", **{name: value}) for number, (name, value) in enumerate(EMPTY)]
    tasks += [task_info(name, **options) for name, (options, _text) in WRONG.items()]
    tasks.append(task_info("raw", include_raw=True, task_ids=["solve"]))
    return shared_ansible.play(*tasks, server=server)


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_tasks_that_were_asked_for_come_newest_first(name: str, played: Played) -> None:
    result = played[name]
    assert [task["id"] for task in result["tasks"]] == QUESTIONS[name][1]
    assert (result["count"], result["complete"], result["changed"]) == (len(QUESTIONS[name][1]), True, False)
    assert result.get("warnings", []) == []


@pytest.mark.parametrize("number", range(len(EMPTY)), ids=[f"{name}={value}" for name, value in EMPTY])
def test_an_empty_filter_is_refused_and_never_means_all(number: int, played: Played) -> None:
    result = played[f"empty {number}"]
    assert result["failed"], result
    assert EMPTY[number][0] in result["msg"]
    assert "refused" in result["msg"]


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_meant_is_an_error_that_helps(name: str, played: Played) -> None:
    assert played[name]["failed"]
    assert WRONG[name][1] in played[name]["msg"]


def test_a_record_has_the_promised_fields(played: Played, server: Any) -> None:
    truth = server.session("s-fail")
    failed = next(task for task in played["all"]["tasks"] if task["id"] == "fail")
    created = truth["created_at"][:19] + "Z"
    assert 0 <= failed.pop("run_time") <= 3 * DAY + 60
    assert failed == {
        "id": "fail",
        "group_index": 0,
        "last_of_group": True,
        "state": "failed",
        "active": False,
        "app_name": "Hello World",
        "app_version": "1.0",
        "service_name": "MainExecution",
        "owner": "admin@ROOT",
        "session_id": "s-fail",
        "created_at": created,
        "assigned_at": created,
        "running_at": created,
        "ended_at": truth["ended_at"][:19] + "Z",
        "schedule_for": None,
        "schedule_interval": None,
        "queue_time": 0,
        "return_code": 1,
        "error_message": "no memory",
    }


def test_active_is_told_by_the_state(played: Played) -> None:
    active = {task["id"]: task["active"] for task in played["all"]["tasks"]}
    assert active == {"new": True, "solve": True, "queue": True, "fail": False, "done": False}


def test_the_computed_times_and_the_raw_record_are_returned(played: Played) -> None:
    assert played["between"]["created_after"] < played["between"]["created_before"]
    assert played["all"]["created_after"] is None
    assert played["raw"]["tasks"][0]["raw"]["state"] == "SOLVING"
    assert "raw" not in played["all"]["tasks"][0]


def test_the_key_needs_the_tasks_scope_and_a_user_sees_only_its_own(ansible: Ansible, server: Any) -> None:
    tasks = [task_info("default"), task_info("tasks only", api_key="{{ tasks_key }}")]
    tasks += [task_info("session only", api_key="{{ session_key }}"), task_info("one", task_ids=["solve"])]
    tasks[3]["aimms.cloud.aimms_task_info"]["api_key"] = "{{ session_key }}"
    played = ansible.play(
        *tasks, server=server, key=server.user_key, tasks_key=server.tasks_key, session_key=server.session_key
    )
    assert ids_of(played["default"]["tasks"]) == ["done", "new"]
    assert not played["tasks only"]["failed"]
    for name in ("session only", "one"):
        assert played[name]["failed"]
        assert "lacks the Tasks scope" in played[name]["msg"]


def test_a_list_that_does_not_add_up_is_returned_as_incomplete(ansible: Ansible, serve: Any) -> None:
    server = serve(generation="legacy")
    server.add_session(kind="task", count=120)
    server.set(wrong_total=7)
    played = ansible.play(task_info("wrong total", limit=1), server=server, check=True)
    assert (played["wrong total"]["count"], played["wrong total"]["complete"]) == (1, False)
    assert "The list of tasks is incomplete" in " ".join(played["wrong total"]["warnings"])
    server.set(wrong_total=0)
    assert ansible.play(task_info("right"), server=server)["right"]["count"] == 120
    assert server.changes() == []


def test_of_a_group_every_run_is_listed_and_the_last_is_read_by_id(ansible: Ansible, serve: Any) -> None:
    server = serve(generation="current")
    for index in range(3):
        server.add_session(kind="task", task_id="runs", group_index=index, age=(3 - index) * DAY)
    many = ["runs", *(f"no-{number}" for number in range(30))]
    played = ansible.play(
        task_info("all"), task_info("by id", task_ids=["runs"]), task_info("many", task_ids=many), server=server
    )
    assert [(task["id"], task["group_index"]) for task in played["all"]["tasks"]] == [
        ("runs", 2),
        ("runs", 1),
        ("runs", 0),
    ]
    for name in ("by id", "many"):
        assert [task["group_index"] for task in played[name]["tasks"]] == [2]


def test_sessions_are_told_under_any_name_and_a_server_without_them_is_named(ansible: Ansible, serve: Any) -> None:
    server = serve(generation="current")
    for name in ("one", "two"):
        server.add_session(id=f"s-{name}", task_id=name, kind="task")
    tasks = []
    for place in ("session.id", "session_uuid", "proSessionID", ""):
        tasks.append(control(server, "POST", "/settings", {"task_session_field": place}))
        tasks.append(task_info(f"by '{place}'", session_ids=["s-two"]))
    played = ansible.play(*tasks, server=server)
    for place in ("session.id", "session_uuid", "proSessionID"):
        assert ids_of(played[f"by '{place}'"]["tasks"]) == ["two"]
    assert played["by ''"]["tasks"] == []
    assert "names its session" in " ".join(played["by ''"]["warnings"])


def test_nothing_is_ever_changed(played: Played, server: Any) -> None:
    assert len(played) == len(QUESTIONS) + len(EMPTY) + len(WRONG) + 1
    assert server.changes() == []

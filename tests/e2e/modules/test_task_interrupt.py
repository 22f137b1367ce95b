# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interrupting tasks by their ids or by those of their sessions. Proves rules 15, 18, 21, 23, 26 and 27 for tasks."""

from __future__ import annotations

from typing import Any

import pytest
from plays import Ansible, Played, Result
from task_sessions import Meanwhile, fates, interrupt, sent, task_session

REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "neither": ({}, "one of the following is required: task_ids, session_ids"),
    "both": ({"task_ids": ["t-a"], "session_ids": ["a"]}, "mutually exclusive"),
    "no tasks": ({"task_ids": []}, "at least one"),
    "null": ({"task_ids": None}, "null is refused"),
    "climbing": ({"task_ids": ["t-a", "../../pro/session-manager/v1/sessions/task/a"]}, "cannot be a task id"),
    "quoted": ({"session_ids": ["..%2fa"]}, "cannot be a session id"),
    "index": ({"task_ids": ["t-a"], "group_index": -1}, "group_index: must not be negative"),
}


def became(result: Result) -> dict[str, str]:
    """The result of each task, or of a session without one, by id."""
    return {entry["id"] or entry["session_id"]: entry["result"] for entry in result["tasks"]}


@pytest.fixture(scope="module")
def server(shared_serve: Any) -> Any:
    """A server where an interrupt takes half a second, or has no effect (deaf)."""
    server = shared_serve(generation="current")
    server.set(interrupt_delay=0.5)
    for name in "abcdefgh":
        task_session(server, name)
    for index in range(3):
        task_session(server, f"run{index}", task_id="t-run", group_index=index, age=900 - index)
    task_session(server, "done", state="completed")
    task_session(server, "deaf")
    server.fault("no_content", method="PUT", path_contains="/t-deaf")
    server.add_session(id="web")
    return server


@pytest.fixture(scope="module")
def untouched(shared_serve: Any) -> Any:
    """A server that must not get a request."""
    return shared_serve(generation="current")


@pytest.fixture(scope="module")
def played(shared_ansible: Ansible, server: Any, untouched: Any) -> Played:
    """Every way to select tasks, and all refused options."""
    named = {"task_ids": ["t-a", "t-b", "t-done", "nobody", "t-a"]}
    sessions = {"session_ids": ["c", "d", "done", "web", "nobody"]}
    tasks = [
        {**interrupt("check tasks", **named), "check_mode": True},
        interrupt("tasks", **named),
        interrupt("tasks again", **named),
        {**interrupt("check sessions", **sessions), "check_mode": True},
        interrupt("sessions", mode="execution", **sessions),
        interrupt("sessions again", mode="execution", **sessions),
        interrupt("one run", task_ids=["t-run"], group_index=1),
        interrupt("no such run", task_ids=["t-run"], group_index=7),
        interrupt("run of another session", session_ids=["run0"], group_index=2),
        interrupt("last run", task_ids=["t-run"]),
        interrupt("not waited for", task_ids=["t-e"], wait=False),
        interrupt("too short", task_ids=["t-deaf", "t-f"], wait_timeout="1s"),
        interrupt("tasks key", session_ids=["g"], api_key="{{ tasks_key }}"),
        interrupt("session key", task_ids=["t-h"], api_key="{{ session_key }}"),
        interrupt("session key, sessions", session_ids=["h"], api_key="{{ session_key }}"),
        *[interrupt(name, url=untouched.url, **options) for name, (options, _text) in REFUSED.items()],
    ]
    return shared_ansible.play(*tasks, server=server, tasks_key=server.tasks_key, session_key=server.session_key)


def test_running_tasks_are_interrupted_and_the_rest_is_no_failure(played: Played, server: Any) -> None:
    result = played["tasks"]
    expected = {"t-a": "interrupted", "t-b": "interrupted", "t-done": "already_ended", "nobody": "not_found"}
    assert became(result) == expected
    assert (result["changed"], result["failed"]) == (True, False)
    assert len(result["tasks"]) == 4
    for name in "ab":
        assert fates(server)[name] == ("completed", 0, 1)


def test_the_result_has_the_shape_of_terminate(played: Played) -> None:
    result = played["tasks"]
    assert result["sessions"] == result["tasks"]
    assert result["summary"] == {"interrupted": 2, "already_ended": 1, "not_found": 1}
    entry = next(one for one in result["tasks"] if one["id"] == "t-a")
    assert (entry["session_id"], entry["state"], entry["active"]) == ("a", "completed", False)
    assert entry["msg"] == "It was interrupted (solve); it is completed."


def test_tasks_are_found_by_their_sessions_and_the_execution_ended(played: Played, server: Any) -> None:
    expected = {"t-c": "interrupted", "t-d": "interrupted", "t-done": "already_ended"}
    assert became(played["sessions"]) == {**expected, "web": "not_found", "nobody": "not_found"}
    without = [one for one in played["sessions"]["tasks"] if one["id"] is None]
    assert {one["session_id"] for one in without} == {"web", "nobody"}
    for name in "cd":
        assert fates(server)[name] == ("failed", 0, 1)


@pytest.mark.parametrize("way", ["tasks", "sessions"])
def test_check_mode_names_the_same_and_sends_nothing(way: str, played: Played, server: Any) -> None:
    check, real = became(played[f"check {way}"]), became(played[way])
    assert {name for name, result in check.items() if result == "would_interrupt"} == {
        name for name, result in real.items() if result == "interrupted"
    }
    assert check.keys() == real.keys()
    assert played[f"check {way}"]["changed"]
    assert max(sent(server, "PUT").values()) <= 2


@pytest.mark.parametrize("way", ["tasks", "sessions"])
def test_a_second_run_does_nothing(way: str, played: Played) -> None:
    again = played[f"{way} again"]
    assert set(became(again).values()) == {"already_ended", "not_found"}
    assert (again["changed"], again["failed"]) == (False, False)


def test_of_a_group_the_run_asked_for_is_interrupted_or_else_the_last(played: Played, server: Any) -> None:
    for name, index in (("one run", 1), ("last run", 2)):
        assert [one["group_index"] for one in played[name]["tasks"]] == [index]
        assert became(played[name]) == {"t-run": "interrupted"}
    assert became(played["no such run"]) == {"t-run": "not_found"}
    assert became(played["run of another session"]) == {"run0": "not_found"}
    assert [fates(server)[f"run{index}"] for index in range(3)] == [
        ("running", 0, 0),
        ("completed", 0, 1),
        ("completed", 0, 1),
    ]


def test_without_waiting_it_is_requested(played: Played, server: Any) -> None:
    assert became(played["not waited for"]) == {"t-e": "requested"}
    assert (played["not waited for"]["changed"], played["not waited for"]["failed"]) == (True, False)
    assert fates(server)["e"] == ("completed", 0, 1)


def test_what_does_not_end_in_time_is_unknown_and_a_failure(played: Played, server: Any) -> None:
    short = played["too short"]
    assert became(short) == {"t-deaf": "unknown", "t-f": "interrupted"}
    assert (short["failed"], short["changed"]) == (True, True)
    assert "1 of 2 tasks could not be interrupted" in short["msg"]
    assert "after 1 s it is still running" in short["msg"]
    assert sent(server, "PUT")["t-deaf"] == 1


def test_the_tasks_scope_is_enough_and_needed(played: Played, server: Any) -> None:
    assert became(played["tasks key"]) == {"t-g": "interrupted"}
    for name in ("session key", "session key, sessions"):
        assert played[name]["failed"]
        assert "lacks the Tasks scope" in played[name]["msg"]
    assert fates(server)["h"] == ("running", 0, 0)


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_meant_is_refused_before_any_request(name: str, played: Played, untouched: Any) -> None:
    assert played[name]["failed"]
    assert REFUSED[name][1] in played[name]["msg"]
    assert untouched.requests() == []


def test_sessions_are_left_to_end_by_themselves(played: Played, server: Any) -> None:
    assert len(played) == 15 + len(REFUSED)
    assert sent(server, "PATCH") == sent(server, "DELETE") == {}
    changed = [name for name, (_state, _ended, interrupts) in fates(server).items() if interrupts]
    assert sorted(changed) == ["a", "b", "c", "d", "e", "f", "g", "run1", "run2"]


# Faults


FAULTS: dict[str, dict[str, Any]] = {
    "reset": {"kind": "reset", "count": 1, "before": False},
    "error": {"kind": "500", "count": 1, "before": False},
    "page": {"kind": "html", "count": 1},
    "limited": {"kind": "429", "retry_after": "1", "count": 1},
    "forbidden": {"kind": "403"},
    "conflict": {"kind": "409"},
    "read": {"kind": "500", "method": "GET", "retry_after": "0", "skip": 1},
}


@pytest.fixture(scope="module")
def faulty(shared_ansible: Ansible, shared_serve: Any) -> tuple[Played, Any]:
    """One task for each fault, and one that gets its session while its interrupt has no effect."""
    server = shared_serve(generation="current")
    server.set(interrupt_delay=0.2)
    for name, fault in FAULTS.items():
        task_session(server, name)
        server.fault(**{"method": "PUT", "path_contains": f"/t-{name}", **fault})
    tasks = [interrupt("faults", task_ids=[f"t-{name}" for name in FAULTS], wait_timeout="10s")]

    def assign() -> None:
        server.set(task_session_field="sessionId")

    server.fault("no_content", method="PUT", path_contains="/t-queued")
    task_session(server, "queued")
    server.set(task_session_field="")
    tasks.append(interrupt("assigned", task_ids=["t-queued"], wait_timeout="2s"))
    with Meanwhile(server, assign, name="t-queued"):
        return shared_ansible.play(*tasks, server=server), server


def test_faults_are_survived_or_told_one_by_one(faulty: tuple[Played, Any]) -> None:
    played, server = faulty
    assert became(played["faults"]) == {
        **dict.fromkeys(["t-reset", "t-error", "t-page", "t-limited"], "interrupted"),
        **dict.fromkeys(["t-forbidden", "t-conflict", "t-read"], "failed"),
    }
    assert (played["faults"]["failed"], played["faults"]["changed"]) == (True, True)
    assert "3 of 7 tasks" in played["faults"]["msg"]
    counts = sent(server, "PUT")
    assert [counts[f"t-{name}"] for name in ("forbidden", "conflict", "read")] == [1, 1, 0]
    assert sent(server, "GET")["t-read"] <= 1 + 4


def test_a_task_that_gets_its_session_meanwhile_is_still_the_same(faulty: tuple[Played, Any]) -> None:
    played, server = faulty
    assert fates(server)["queued"] == ("running", 0, 0)
    assert became(played["assigned"]) == {"t-queued": "unknown"}

"""The two generations of the service: DELETE has another meaning in each."""

from __future__ import annotations

from typing import Any

import pytest
from plain_client import MANAGER, ask, sessions


def test_legacy_delete_terminates_and_keeps_the_record(start: Any) -> None:
    emulator = start(generation="legacy")
    session = emulator.add_session(kind="task")
    path = f"{MANAGER}/sessions/task/{session['id']}"
    assert ask(emulator, "DELETE", path).status == 200
    assert ask(emulator, "GET", path).json()["state"] == "Terminated"
    assert ask(emulator, "DELETE", path).status == 404
    assert emulator.state()["record_destroyed"] == []


def test_legacy_has_no_solve_no_terminate_no_download(start: Any) -> None:
    emulator = start(generation="legacy", sessions=200)
    session = emulator.add_session(kind="webui")
    path = f"{MANAGER}/sessions/webui/{session['id']}"
    assert sessions(emulator, "solve").status == 404
    assert ask(emulator, "PATCH", f"{path}/terminate").status == 404
    assert ask(emulator, "PATCH", path).status == 405
    assert ask(emulator, "GET", f"{path}/logs").status == 404
    assert ask(emulator, "GET", f"{MANAGER}/sessions/logs/webui/{session['id']}").status == 200
    assert emulator.session(session["id"])["active"]
    assert {item["kind"] for item in emulator.state()["sessions"].values()} == {"webui", "task"}


def test_current_delete_of_an_active_session_is_remembered(start: Any) -> None:
    emulator = start()
    active = emulator.add_session(kind="task")
    ended = emulator.add_session(kind="task", state="completed")
    for session in (active, ended):
        path = f"{MANAGER}/sessions/task/{session['id']}"
        assert ask(emulator, "DELETE", path).status == 204
        assert ask(emulator, "GET", path).status == 404
    state = emulator.state()
    assert state["record_destroyed"] == [active["id"]]
    assert {item["id"]: item["removed"] for item in state["removed"]} == {
        active["id"]: "record_destroyed",
        ended["id"]: "delete",
    }


def test_current_gives_uris_logs_and_downloads(start: Any) -> None:
    emulator = start()
    session = emulator.add_session(kind="solve", age=3600, quiet=60)
    path = f"{MANAGER}/sessions/solve/{session['id']}"
    assert ask(emulator, "GET", f"{MANAGER}/sessions/{session['id']}/webui/uri").json()["uri"].startswith("https://")
    lines = ask(emulator, "GET", f"{path}/logs", query={"limit": 100}).json()
    assert any(f"--logonToken {session['logon_token']}" in line["message"] for line in lines["items"])
    found = ask(emulator, "GET", f"{path}/logs", query={"contains": "LOGONTOKEN"}).json()
    assert found["total"] == 1
    assert ask(emulator, "GET", f"{path}/logs", query={"begin": "2099-01-01T00:00:00Z"}).json()["total"] == 0
    text = ask(emulator, "GET", f"{path}/logs/download").body.decode()
    assert len(text.splitlines()) == lines["total"]


def test_a_download_has_the_size_asked_for(start: Any) -> None:
    emulator = start()
    session = emulator.add_session(kind="task", log_bytes=5_000_000)
    assert len(ask(emulator, "GET", f"{MANAGER}/sessions/task/{session['id']}/logs/download").body) == 5_000_000


@pytest.mark.parametrize(("dialect", "success", "again"), [
    ("legacy", 200, 404), ("legacy-bare", 204, 409), ("current", 204, 409), ("current-page", 202, 204),
    ("current-cursor", 200, 409), ("current-link", 204, 204), ("current-page0", 204, 404), ("current-vendor", 204, 409),
])  # fmt: skip
def test_answers_to_terminating_twice(start: Any, dialect: str, success: int, again: int) -> None:
    emulator = start(dialect=dialect)
    session = emulator.add_session(kind="webui")
    path = f"{MANAGER}/sessions/webui/{session['id']}"
    method, target = ("DELETE", path) if dialect.startswith("legacy") else ("PATCH", f"{path}/terminate")
    assert [ask(emulator, method, target).status for _time in range(2)] == [success, again]


def test_terminating_can_be_a_lie(start: Any) -> None:
    emulator = start()
    emulator.set(terminate_ignored=True)
    session = emulator.add_session(kind="webui")
    assert ask(emulator, "PATCH", f"{MANAGER}/sessions/webui/{session['id']}/terminate").status == 204
    assert emulator.session(session["id"])["active"]


def test_an_id_is_not_found_under_another_kind(start: Any) -> None:
    emulator = start()
    session = emulator.add_session(kind="webui")
    assert ask(emulator, "GET", f"{MANAGER}/sessions/task/{session['id']}").status == 404


def test_a_proxy_in_front_can_be_led_astray(start: Any) -> None:
    emulator = start()
    session = emulator.add_session(kind="webui")
    path = f"{MANAGER}/sessions/task/..%2Fwebui%2F{session['id']}"
    assert ask(emulator, "GET", path).status == 404
    emulator.set(proxy_paths=True)
    assert ask(emulator, "GET", path).json()["id"] == session["id"]

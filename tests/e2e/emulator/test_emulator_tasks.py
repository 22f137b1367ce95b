"""The Task API v2 of the emulator."""

from __future__ import annotations

from typing import Any

import pytest
from plain_client import MANAGER, TASKS, ask


def _task(start: Any, **values: Any) -> tuple[Any, Any, str]:
    emulator = start(end_delay=values.pop("end_delay", 0))
    session = emulator.add_session(kind="task", **values)
    return emulator, session, f"{TASKS}/tasks/{session['task_id']}"


def test_lists_tasks_with_their_sessions(start: Any) -> None:
    emulator = start(sessions=200)
    page = ask(emulator, "GET", f"{TASKS}/tasks", query={"limit": 100}).json()
    truth = {item["task_id"]: key for key, item in emulator.state()["sessions"].items() if item["kind"] == "task"}
    assert page["total_tasks"] == len(truth)
    assert {task["id"]: task["sessionId"] for task in page["current_batch"]}.items() <= truth.items()
    narrowed = ask(emulator, "GET", f"{TASKS}/tasks", query={"appName": "TruckLoading", "limit": 100}).json()
    assert 0 < narrowed["total_tasks"] < page["total_tasks"]


@pytest.mark.parametrize(("how", "task_end", "session_end"), [
    ("interrupt-solve", "COMPLETED", "completed"),
    ("interrupt-execution", "FAILED", "failed"),
])  # fmt: skip
def test_interrupting_ends_task_and_session(start: Any, how: str, task_end: str, session_end: str) -> None:
    emulator, session, path = _task(start, state="solving", end_delay=20)
    answer = ask(emulator, "PUT", path, query={"groupIndex": 0}, body={"setstatus": how})
    assert (answer.status, answer.body) == (200, b"")
    assert ask(emulator, "GET", path).json()["state"] == "SOLVING"
    emulator.tick(21)
    assert ask(emulator, "GET", path).json()["state"] == task_end
    truth = emulator.session(session["id"])
    assert (truth["state"], truth["ended_how"], truth["ended_by"]) == (session_end, how, "admin")
    assert ask(emulator, "PUT", path, body={"setstatus": how}).status == 409


def test_a_task_that_does_not_heed_can_still_be_terminated(start: Any) -> None:
    emulator, session, path = _task(start, end_delay=1)
    emulator.set(interrupt_ignored=True)
    ask(emulator, "PUT", path, body={"setstatus": "interrupt-solve"})
    emulator.tick(60)
    assert emulator.session(session["id"])["active"]
    assert ask(emulator, "PATCH", f"{MANAGER}/sessions/task/{session['id']}/terminate").status == 204
    assert ask(emulator, "GET", path).json()["state"] == "RUNNING"
    emulator.tick(2)
    assert ask(emulator, "GET", path).json()["state"] == "FAILED"


@pytest.mark.parametrize(("state", "status"), [("queued", 200), ("running", 409), ("completed", 200), ("failed", 409)])
def test_only_queued_and_completed_tasks_are_deleted(start: Any, state: str, status: int) -> None:
    emulator, _session, path = _task(start, state=state)
    assert ask(emulator, "DELETE", path).status == status
    assert ask(emulator, "GET", path).status == (404 if status == 200 else 200)


@pytest.mark.parametrize("body", [[], {"setstatus": "stop"}, {"setstatus": 1}, "x"])
def test_a_bad_interrupt_is_refused_with_an_error_id(start: Any, body: Any) -> None:
    emulator, session, path = _task(start)
    answer = ask(emulator, "PUT", path, body=body)
    assert answer.status == 400
    assert set(answer.json()) == {"errorId", "errorCode", "message"}
    assert emulator.session(session["id"])["interrupt_requests"] == 0


def test_without_a_body_the_solve_is_interrupted(start: Any) -> None:
    emulator, session, path = _task(start, state="solving")
    assert ask(emulator, "PUT", path).status == 200
    assert emulator.session(session["id"])["ended_how"] == "interrupt-solve"
    assert [entry["body"] for entry in emulator.changes()] == [""]


def test_tasks_are_narrowed_by_days(start: Any) -> None:
    emulator = start(sessions=0)
    for hour in ("2025-07-23T23:59:59Z", "2025-07-24T00:00:00Z", "2025-07-24T23:59:59Z"):
        emulator.add_session(kind="task", created_at=hour)

    def total(**query: str) -> Any:
        answer = ask(emulator, "GET", f"{TASKS}/tasks", query=query)
        return answer.json()["total_tasks"] if answer.status == 200 else answer.status

    assert total(after="2025-07-24") == 2
    assert total(before="2025-07-24") == 1
    assert total(after="2025-07-24", before="2025-07-25") == 2
    assert [total(after=wrong) for wrong in ("2025-07-24T00:00:00Z", "24.7.2025", "2025-13-01")] == [400, 400, 400]


def test_no_page_has_more_than_100_tasks(start: Any) -> None:
    emulator = start(sessions=0)
    emulator.add_session(kind="task", count=130)
    pages = [
        ask(emulator, "GET", f"{TASKS}/tasks", query={"limit": 500, "offset": offset}).json() for offset in (0, 100)
    ]
    assert [len(page["current_batch"]) for page in pages] == [100, 30]
    assert pages[0]["total_tasks"] == 130


def test_responses_and_logs(start: Any) -> None:
    emulator, session, path = _task(start, state="completed")
    assert ask(emulator, "GET", f"{path}/response").status == 200
    assert any(session["logon_token"] in line for line in ask(emulator, "GET", f"{path}/logs").json())
    assert session["logon_token"].encode() in ask(emulator, "GET", f"{path}/logs/download").body
    assert ask(emulator, "GET", path, query={"groupIndex": 3}).status == 404

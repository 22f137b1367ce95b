# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Repeated tasks with one id; the field that names a task's session; tasks that cannot be read.

Without an index, the last task of a group is meant, and a task that is not repeated has no index. Source: the vendor's
page Managing Tasks.
"""

from __future__ import annotations

from typing import Any

import pytest
from emulator.process import EmulatorError
from plain_client import TASKS, ask

TASK = "5b0e1c6e-3f43-4d53-9f0c-2f1f0d0f6a11"
PATH = f"{TASKS}/tasks/{TASK}"


def _group(start: Any, *states: str) -> tuple[Any, list[str]]:
    """Add one task for each state, all with the same id. Returns their session ids."""
    emulator = start(sessions=0)
    made = [
        emulator.add_session(kind="task", task_id=TASK, group_index=index, state=state, age=600 - index)
        for index, state in enumerate(states)
    ]
    return emulator, [session["id"] for session in made]


def _of(emulator: Any, index: int | None = None) -> Any:
    answer = ask(emulator, "GET", PATH, query=None if index is None else {"groupIndex": index})
    return answer.json() if answer.status == 200 else answer.status


def test_an_index_chooses_and_without_one_it_is_the_last(start: Any) -> None:
    emulator, ids = _group(start, "completed", "running")
    assert [(_of(emulator, index)["sessionId"], _of(emulator, index)["groupIndex"]) for index in (0, 1)] == [
        (ids[0], 0),
        (ids[1], 1),
    ]
    assert _of(emulator)["sessionId"] == ids[1]
    assert _of(emulator, 2) == 404
    assert {_of(emulator, 0)["id"], _of(emulator, 1)["id"]} == {TASK}
    assert _of(emulator)["scheduleInterval"] == "1 day"


def test_the_list_shows_every_index(start: Any) -> None:
    emulator, ids = _group(start, "completed", "failed", "running")
    page = ask(emulator, "GET", f"{TASKS}/tasks").json()
    assert [(task["groupIndex"], task["sessionId"]) for task in page["current_batch"]] == list(enumerate(ids))[::-1]
    assert page["total_tasks"] == 3


@pytest.mark.parametrize(("query", "ended"), [({"groupIndex": 0}, 0), ({"groupIndex": 1}, 1), (None, 1)])
def test_an_interrupt_ends_the_one_that_was_chosen(start: Any, query: Any, ended: int) -> None:
    emulator, ids = _group(start, "running", "running")
    assert ask(emulator, "PUT", PATH, query=query, body={"setstatus": "interrupt-execution"}).status == 200
    assert [emulator.session(name)["active"] for name in ids] == [index != ended for index in range(2)]


def test_deleting_takes_one_at_a_time(start: Any) -> None:
    emulator, ids = _group(start, "completed", "completed", "queued")
    assert ask(emulator, "DELETE", PATH, query={"groupIndex": 0}).status == 200
    assert (_of(emulator, 0), _of(emulator)["sessionId"]) == (404, ids[2])
    assert ask(emulator, "DELETE", PATH).status == 200
    assert _of(emulator)["sessionId"] == ids[1]
    assert ask(emulator, "DELETE", PATH).status == 200
    assert _of(emulator) == 404
    assert ask(emulator, "GET", f"{TASKS}/tasks").json()["total_tasks"] == 0


def test_response_and_log_are_those_of_the_index(start: Any) -> None:
    emulator, _ids = _group(start, "completed", "running")
    assert [ask(emulator, "GET", f"{PATH}/response", query={"groupIndex": index}).status for index in (0, 1)] == [
        200,
        409,
    ]
    logs = [
        ask(emulator, "GET", f"{PATH}/logs", query=query).json()
        for query in ({"groupIndex": 0}, {"groupIndex": 1}, None)
    ]
    assert logs[0] != logs[1] == logs[2]


def test_a_task_that_is_not_repeated_has_no_index(start: Any) -> None:
    emulator = start(sessions=0)
    session = emulator.add_session(kind="task")
    task = ask(emulator, "GET", f"{TASKS}/tasks/{session['task_id']}", query={"groupIndex": 0}).json()
    assert (task["groupIndex"], task["scheduleInterval"], session["group_index"]) == (None, None, 0)


def test_two_sessions_cannot_have_one_task(start: Any) -> None:
    emulator, ids = _group(start, "running", "running")
    for wrong in ({"group_index": 1}, {"group_index": -1}, {"group_index": "1"}):
        with pytest.raises(EmulatorError, match="group_index"):
            emulator.add_session(kind="task", task_id=TASK, **wrong)
    emulator.update_session(ids[1], group_index=7)
    assert [_of(emulator, index) == 404 for index in (0, 1, 7)] == [False, True, False]


@pytest.mark.parametrize(("field", "place"), [
    ("sessionId", ["sessionId"]), ("sessionID", ["sessionID"]), ("session_id", ["session_id"]),
    ("session", ["session"]), ("session.id", ["session", "id"]), ("links.session.id", ["links", "session", "id"]),
])  # fmt: skip
def test_a_task_names_its_session_wherever_it_is_told_to(start: Any, field: str, place: list[str]) -> None:
    emulator, ids = _group(start, "running")
    emulator.set(task_session_field=field)
    (listed,) = ask(emulator, "GET", f"{TASKS}/tasks").json()["current_batch"]
    task = _of(emulator)
    assert listed == task
    for part in place:
        task = task[part]
    assert task == ids[0]
    assert ("sessionId" in listed) is (field == "sessionId")


def test_a_task_may_name_no_session(start: Any) -> None:
    emulator, ids = _group(start, "running")
    emulator.set(task_session_field="")
    assert ids[0] not in str(_of(emulator))


@pytest.mark.parametrize("status", [403, 500])
def test_tasks_can_be_refused(start: Any, status: int) -> None:
    emulator, ids = _group(start, "running")
    emulator.set(tasks_status=status)
    requests = [("GET", f"{TASKS}/tasks"), ("GET", PATH), ("PUT", PATH), ("DELETE", PATH), ("GET", f"{PATH}/logs")]
    assert [ask(emulator, method, path).status for method, path in requests] == [status] * 5
    assert set(ask(emulator, "GET", PATH).json()) == {"errorId", "errorCode", "message"}
    assert emulator.session(ids[0])["active"]


def test_task_sessions_may_have_no_task(start: Any) -> None:
    emulator, ids = _group(start, "running")
    emulator.set(task_missing=True)
    assert ask(emulator, "GET", f"{TASKS}/tasks").json() == {"total_tasks": 0, "current_batch": []}
    assert [ask(emulator, method, PATH).status for method in ("GET", "PUT", "DELETE")] == [404] * 3
    assert emulator.session(ids[0])["active"]

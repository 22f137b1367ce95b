# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendor's published client works with the emulated Task API.

Its models are strict: a number instead of a text makes it raise. It needs Python 3.11.
"""

from __future__ import annotations

from datetime import date, datetime, timezone
from typing import Any

import pytest
from plain_client import TASKS

aimmscloud = pytest.importorskip("aimmscloud")
exceptions = pytest.importorskip("aimms_openapi_client.exceptions")

APP, VERSION = "Demand Forecast", "2025.1"


def _client(emulator: Any, key: str | None = None) -> Any:
    return aimmscloud.Task(emulator.url + TASKS, key or emulator.admin_key)


def _add(emulator: Any, **values: Any) -> Any:
    return emulator.add_session(kind="task", **{"app_name": APP, "app_version": VERSION, **values})


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc)


def test_lists_the_tasks_of_an_app(start: Any) -> None:
    emulator = start(sessions=300)
    truth = [item for item in emulator.state()["sessions"].values() if item["kind"] == "task"]
    wanted = {item["task_id"] for item in truth if (item["app_name"], item["app_version"]) == (APP, VERSION)}
    found = _client(emulator).get_tasks(APP, VERSION)
    assert 0 < len(wanted) < len(truth)
    assert found["total_tasks"] == len(wanted)
    assert {task["id"] for task in found["current_batch"]} == wanted


def test_every_task_reads_as_it_is(start: Any) -> None:
    emulator = start(sessions=300)
    client, states = _client(emulator), set()
    for session in emulator.state()["sessions"].values():
        if session["kind"] != "task":
            continue
        task = client.task_api.get_task(id=session["task_id"])
        states.add(task.state)
        assert (task.id, task.app_name, task.app_version) == (
            session["task_id"], session["app_name"], session["app_version"],
        )  # fmt: skip
        assert _moment(task.created_at) == _moment(session["created_at"])
        assert _moment(task.ended_at) == _moment(session["ended_at"])
        assert (task.return_code == 1) is (task.state == "FAILED")
        assert (task.schedule_for, task.schedule_interval, task.group_index) == (None, None, None)
    assert states == {"QUEUED", "ASSIGNED", "RUNNING", "SOLVING", "COMPLETED", "FAILED"}


def test_pages_and_days(start: Any) -> None:
    emulator = start(sessions=0)
    for day in range(1, 29):
        _add(emulator, created_at=f"2025-07-{day:02}T00:00:00Z")
    ask = _client(emulator).task_api.get_tasks
    first, second = (ask(app_name=APP, offset=offset, limit=20) for offset in (0, 20))
    assert (len(first.current_batch), len(second.current_batch), first.total_tasks) == (20, 8, 28)
    assert len({task.id for task in [*first.current_batch, *second.current_batch]}) == 28
    assert len(ask(app_name=APP, limit=1000).current_batch) == 28
    some = _client(emulator).get_tasks(APP, VERSION, before_date=date(2025, 7, 10), after_date=date(2025, 7, 8))
    assert [task["createdAt"][:10] for task in some["current_batch"]] == ["2025-07-09", "2025-07-08"]


def test_a_group_is_reached_by_index_and_without_one_at_its_end(start: Any) -> None:
    emulator = start(sessions=0)
    ids = [_add(emulator, task_id="repeated", group_index=index, state="queued")["id"] for index in range(3)]
    api = _client(emulator).task_api
    assert [api.get_task(id="repeated", group_index=index).group_index for index in (0, 1, 2)] == [0, 1, 2]
    assert (api.get_task(id="repeated").group_index, api.get_task(id="repeated").schedule_interval) == (2, "1 day")
    api.delete_task(id="repeated")
    api.interrupt_task(id="repeated", group_index=0)
    assert [emulator.session(name)["ended_how"] for name in ids] == ["interrupt-solve", None, "task_delete"]


def test_interrupting_keeps_the_result(start: Any) -> None:
    emulator = start(sessions=0)
    session = _add(emulator, state="solving")
    client = _client(emulator)
    assert session["task_id"] in client.interrupt_task(session["task_id"])
    assert client.get_task(session["task_id"])["state"] == "COMPLETED"
    assert emulator.session(session["id"])["ended_how"] == "interrupt-solve"
    assert "objective" in client.get_task_response(session["task_id"])


@pytest.mark.parametrize("state", ["queued", "completed"])
def test_deletes_tasks(start: Any, state: str) -> None:
    emulator = start(sessions=0)
    task_id = _add(emulator, state=state)["task_id"]
    assert task_id in _client(emulator).delete_task(task_id)
    with pytest.raises(exceptions.NotFoundException):
        _client(emulator).get_task(task_id)


def test_errors_have_the_shape_it_reads(start: Any) -> None:
    emulator = start(sessions=0)
    running, client = _add(emulator), _client(emulator)
    refused: list[tuple[type[Exception], int, Any]] = [
        (exceptions.ApiException, 409, lambda: client.delete_task(running["task_id"])),
        (exceptions.NotFoundException, 404, lambda: client.get_task("nothing")),
        (exceptions.UnauthorizedException, 401, lambda: _client(emulator, "wrong").get_task("nothing")),
        (exceptions.ForbiddenException, 403, lambda: _client(emulator, emulator.session_key).get_task("nothing")),
    ]
    for kind, status, action in refused:
        with pytest.raises(kind) as caught:
            action()
        error: Any = caught.value
        assert (error.status, error.data.error_code) == (status, status)
        assert error.data.error_id
        assert error.data.message
    emulator.fault("status", status=503, count=1)
    with pytest.raises(exceptions.ServiceException):
        client.get_tasks(APP, VERSION)


def test_these_are_the_requests_it_sends(start: Any) -> None:
    emulator = start(sessions=0)
    client, task = _client(emulator), _add(emulator, state="completed")["task_id"]
    client.get_tasks(APP, VERSION, before_date=date(2099, 1, 2), after_date=date(2025, 1, 2))
    client.get_task(task)
    client.get_task_response(task)
    with pytest.raises(exceptions.ApiException):
        client.interrupt_task(task)
    client.task_api.delete_task(id=task, group_index=0)
    sent = [(entry["method"], entry["path"].removeprefix(TASKS), entry["query"]) for entry in emulator.requests()]
    days = {"before": "2099-01-02", "after": "2025-01-02"}
    assert sent == [
        ("GET", "/tasks", {"appName": APP, "appVersion": VERSION, **days}),
        ("GET", f"/tasks/{task}", {}),
        ("GET", f"/tasks/{task}/response", {}),
        ("PUT", f"/tasks/{task}", {}),
        ("DELETE", f"/tasks/{task}", {"groupIndex": "0"}),
    ]
    put = emulator.requests()[3]
    assert (put["body"], "content-type" in put["headers"]) == ("", False)
    assert {entry["headers"]["apikey"] for entry in emulator.requests()} == {"***"}

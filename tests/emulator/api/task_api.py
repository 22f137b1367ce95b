"""The Task API v2: the tasks of task sessions."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ..account import logs
from ..account.clock import Clock
from ..account.session import Session
from ..account.store import Store
from ..dialects.dialect import Dialect
from ..dialects.encoding import duration, format_time, set_path
from ..dialects.validation import invalid_request
from ..http.reply import JSON, Refused, Reply, refuse_all
from ..settings import Settings
from .session_manager import Call
from .user_manager import user_of

BASE = "/pro-api/v2"
ERROR = {"id": "errorId", "code": "errorCode", "message": "message"}
_STATES = {
    "queued": "QUEUED", "assigned": "ASSIGNED", "launching": "ASSIGNED", "running": "RUNNING", "closing": "RUNNING",
    "solving": "SOLVING", "completed": "COMPLETED", "finished": "COMPLETED",
}  # fmt: skip
_INTERRUPTS = {"interrupt-solve": "completed", "interrupt-execution": "failed"}
_INTERVAL = "1 day"
_MAX_TASKS = 100  # tasks on a page; a larger limit has no effect


def task_state(session: Session) -> str:
    """The state of a session's task. FAILED stands for all ends but COMPLETED."""
    if session.removed == "record_destroyed":
        return "FAILED"
    return _STATES.get(session.state, "FAILED")


def task_record(session: Session, session_field: str, dialect: Dialect) -> dict[str, Any]:
    """The task of a session as the API shows it.

    :param session_field: path of the session's id in it; empty: none. :param dialect: of its times, if without a zone.
    """
    form = dialect.time if dialect.time == "naive_us" else "z_ms"
    created, begun, ended = (format_time(time, form) for time in (session.created, session.started, session.ended))
    user, _at, environment = session.owner.partition("@")
    state = task_state(session)
    ended = ended if state in ("COMPLETED", "FAILED") else None
    queue = None if session.started is None else round(session.started - session.created)
    run = None if session.started is None or ended is None else round((session.ended or 0) - session.started)
    code = {"COMPLETED": 0, "FAILED": 1}.get(state)
    body: dict[str, Any] = {
        "id": session.task_id, "groupIndex": session.group_index,
        "appName": session.app_name, "appVersion": session.app_version,
        "serviceName": "MainExecution", "state": state, "scheduleFor": None,
        "scheduleInterval": None if session.group_index is None else _INTERVAL,
        "createdAt": created, "assignedAt": begun, "runningAt": begun, "endedAt": ended,
        "queueTime": duration(queue, dialect), "runTime": duration(run, dialect), "returnCode": code,
        "errorMessage": session.message if state == "FAILED" else None, "userName": user,
        "userEnvironment": environment,
    }  # fmt: skip
    if session_field:
        set_path(body, session_field, session.id)
    return body


class TaskApi:
    """The operations of the Task API."""

    def __init__(self, store: Store, clock: Clock, settings: Settings) -> None:
        self._store, self._clock, self._settings = store, clock, settings
        self._rows: list[Session] = []
        self._rows_version: tuple[int, int] | None = None
        self._operations: dict[str, Callable[[Call], Reply]] = {
            "listTasks": self._list,
            "getTask": self._get,
            "interruptTask": self._interrupt,
            "deleteTask": self._delete,
            "getTaskResponse": self._response,
            "listTaskLogs": self._logs,
            "downloadTaskLogs": self._download,
            "getCurrentUser": lambda call: _json(user_of(call.key)),
        }

    def run(self, operation: str, call: Call) -> Reply:
        """Run an operation by its id. Raises Refused."""
        refuse_all(self._settings.tasks_status, "tasks")
        if operation in ("listTaskLogs", "downloadTaskLogs"):
            refuse_all(self._settings.logs_status, "logs")
        return self._operations[operation](call)

    def _list(self, call: Call) -> Reply:
        values = call.values
        rows = [session for session in self._sorted() if self._wanted(session, call)]
        page = rows[values["offset"] : values["offset"] + min(values["limit"], _MAX_TASKS)]
        call.record_subjects(*page)
        total = len(rows) + self._settings.wrong_total
        return _json({"total_tasks": total, "current_batch": [self._record(session) for session in page]})

    def _record(self, session: Session) -> dict[str, Any]:
        return task_record(session, self._settings.task_session_field, self._settings.current_dialect())

    def _sorted(self) -> list[Session]:
        version = (self._store.membership_version, self._store.task_version)
        if self._rows_version != version:
            every = (session for group in self._store.tasks.values() for session in group.values())
            self._rows = sorted(every, key=lambda session: (-session.created, session.id))
            self._rows_version = version
        return [] if self._settings.task_missing else self._rows

    @staticmethod
    def _wanted(session: Session, call: Call) -> bool:
        values = call.values
        return (
            (call.key.admin or session.owner == call.key.owner)
            and values.get("appName", session.app_name) == session.app_name
            and values.get("appVersion", session.app_version) == session.app_version
            and ("after" not in values or session.created >= values["after"])
            and ("before" not in values or session.created < values["before"])
        )

    def _get(self, call: Call) -> Reply:
        return _json(self._record(self._task(call)))

    def _interrupt(self, call: Call) -> Reply:
        session = self._task(call)
        how = _wanted_status(call.body)
        if not session.active or session.removed is not None:
            raise self._wrong_state("TaskNotActive", f"task {session.task_id} has ended")
        session.interrupt_requests += 1
        settings = self._settings
        if not settings.interrupt_ignored and session.ended_how is None:
            delay = settings.end_delay if settings.interrupt_delay is None else settings.interrupt_delay
            self._store.end(session, call.key.role, how, _INTERRUPTS[how], delay)
        return _empty_success()

    def _delete(self, call: Call) -> Reply:
        session = self._task(call)
        state = task_state(session)
        if state not in ("QUEUED", "COMPLETED"):
            raise self._wrong_state("TaskNotDeletable", f"a task that is {state} cannot be deleted")
        if session.active:
            self._store.end(session, call.key.role, "task_delete", "terminated", 0.0)
        if session.group_index is not None and session.group_index == max(self._store.tasks[call.path_values["id"]]):
            self._store.stopped_schedules.append(call.path_values["id"])
        self._store.remove_task(session)
        return _empty_success()

    def _response(self, call: Call) -> Reply:
        session = self._task(call)
        if task_state(session) != "COMPLETED":
            raise self._wrong_state("TaskNotCompleted", f"task {session.task_id} has no response")
        body = json.dumps({"objective": 42.0, "app": session.app_name}).encode()
        return Reply(200, body, "application/octet-stream")

    def _wrong_state(self, code: str, text: str) -> Refused:
        return Refused(self._settings.current_dialect().task_status, code, text)

    def _logs(self, call: Call) -> Reply:
        return _json([logs.text_line(row) for row in logs.lines(self._task(call), self._clock.now())])

    def _download(self, call: Call) -> Reply:
        stream = logs.download(self._task(call), self._clock.now())
        return Reply(200, b"", "text/plain; charset=utf-8", [], stream)

    def _task(self, call: Call) -> Session:
        """The requested task; without groupIndex the one with the largest index. Raises Refused."""
        group = {} if self._settings.task_missing else self._store.tasks.get(call.path_values["id"], {})
        session = group.get(call.values.get("groupIndex", max(group, default=0)))
        if session is None:
            raise Refused(404, "TaskNotFound", "no such task")
        if not call.key.admin and session.owner != call.key.owner:
            raise Refused(403, "Forbidden", "not your task")
        call.record_subjects(session)
        return session


def _wanted_status(body: bytes) -> str:
    """How to interrupt. Without a body, as the vendor's client sends it, it is the solve. Raises Refused (400)."""
    if not body:
        return "interrupt-solve"
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError):
        raise invalid_request("the body must be JSON") from None
    status = asked.get("setstatus") if isinstance(asked, dict) else None
    if not isinstance(status, str) or status not in _INTERRUPTS:
        raise invalid_request(f"setstatus must be one of: {', '.join(_INTERRUPTS)}")
    return status


def _empty_success() -> Reply:
    """200 without a body: what the vendor's client expects after a change."""
    return Reply(200, b"", "")


def _json(value: Any) -> Reply:
    return Reply(200, json.dumps(value).encode(), JSON)

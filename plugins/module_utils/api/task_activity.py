# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tasks of sessions say against ending them. One session serves many tasks, so its own age tells little."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, MutableSequence, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Callable, NamedTuple, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.api.absence import says_no
from ansible_collections.aimms.cloud.plugins.module_utils.errors import (
    AimmsError,
    AnswerError,
    HttpError,
    UnsupportedError,
)
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.models.session_fields import id_key
from ansible_collections.aimms.cloud.plugins.module_utils.models.states import KINDS_WITH_TASKS
from ansible_collections.aimms.cloud.plugins.module_utils.selection import PROTECTED, SCHEDULED, Criteria, protected
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Clock

if TYPE_CHECKING:
    from ansible_collections.aimms.cloud.plugins.module_utils.api.task_api import App, TaskApi
    from ansible_collections.aimms.cloud.plugins.module_utils.models.task import Task

    TasksBySession = dict[str, list[Task]]

NEVER = "never"
BUSY = "busy"
_UNSEEN = "No task of it is seen, so it is not known whether one runs."
_AGE = "So the age of a task session tells little, as one session serves many tasks."


class Veto(NamedTuple):
    """Why a session is kept: the reason, and a sentence about it."""

    reason: str
    text: str


class TaskActivity:
    """The tasks of a run's sessions. They are listed once, and only where they matter.

    ``found``: the tasks by the id of their session. ``problem``: why tasks may be missing there; empty: none is.
    ``unknown``: whether that may pass, as the service itself does not refuse to list them.
    ``key_refused``: whether it answered 401, and must not be asked again.
    ``warnings``: what the user should know.
    """

    def __init__(self, params: Mapping[str, Any], criteria: Criteria, clock: Callable[[], Clock]) -> None:
        """:param params: the options of the module. :param clock: returns both clocks."""
        self.found: dict[str, list[Task]] = {}
        self.problem = ""
        self.unknown = self.key_refused = False
        self.warnings: list[str] = []
        self._params, self._criteria, self._clock = params, criteria, clock
        self._interrupts = params.get("interrupt_tasks", NEVER) != NEVER
        self._auto = params.get("task_activity") != "ignore"
        ends = "interrupt_tasks" in params  # tasks end with their session, so their protections count too
        self._guards = self._auto and ends and bool(criteria.protect_apps or criteria.protect_owners)
        limits = (criteria.older_than, criteria.quiet_for) if self._auto else ()
        self._limit = next((limit for limit in limits if limit is not None), None)

    def vetoes(self, sessions: Iterable[Session]) -> dict[tuple[str, str], Veto]:
        """Kind and id of the active sessions that are kept because of their tasks, and why."""
        kinds = KINDS_WITH_TASKS if self._interrupts else ("task",)
        asked = [session for session in sessions if session.active and session.kind in kinds]
        if not asked or not (self._interrupts or self._guards or self._limit is not None):
            return {}
        self._read(asked)
        found = {(session.kind, session.id): self._veto(session) for session in asked}
        vetoes = {key: veto for key, veto in found.items() if veto is not None}
        unseen = sum(veto.text == _UNSEEN for veto in vetoes.values())
        if unseen:
            self.warnings.append(
                f"{unseen} task sessions are kept, as no task of them is seen. "
                "The user of the key sees the tasks of an app only with Read access to it."
            )
        return vetoes

    def began_since(self, sessions: Sequence[Session]) -> dict[str, str]:
        """By id, what was queued or began in these sessions since the tasks were listed: they are listed again.

        :raises AimmsError: when they cannot be listed.
        """
        ids = {session.id for session in sessions if session.kind in KINDS_WITH_TASKS}
        if not ids or (self.problem and not self.unknown):
            return {}
        api = self._connected()
        now = tasks_of_sessions(api, ids, _apps(sessions), all_of_them=True)
        began = {name: _new(self.found.get(name, ()), tasks) for name, tasks in now.items()}
        return {
            name: f"Meanwhile {_named(tasks[0])} was queued or began in it." for name, tasks in began.items() if tasks
        }

    def _connected(self) -> TaskApi:
        """Imported here, as most runs ask for no tasks."""
        from ansible_collections.aimms.cloud.plugins.module_utils.api.task_api import TaskApi

        return TaskApi.connect(self._params, self._criteria.zone)

    def _read(self, sessions: Sequence[Session]) -> None:
        problems: list[str] = []
        refused = False
        try:
            api = self._connected()
            self.found = tasks_of_sessions(api, {session.id for session in sessions}, _apps(sessions), problems)
        except AimmsError as error:
            problems, refused = [str(error)], says_no(error)
            self.key_refused = isinstance(error, HttpError) and error.status == 401
        self.problem = "".join(problems)
        self.unknown = bool(self.problem) and not refused
        if self.problem:
            told = f"Tasks cannot be read: {self.problem}"
            if self._interrupts:
                told = f"Tasks cannot be interrupted: {self.problem}"
            self.warnings.append(" ".join((told, *(() if self._limit is None else (_AGE,)))))

    def _veto(self, session: Session) -> Optional[Veto]:
        own = self.found.get(session.id, [])
        working = [task for task in own if task.working]
        for task in own:
            if not task.ended and protected(_as_session(task, session), self._criteria):
                return Veto(PROTECTED, f"Its {_named(task)} is protected.")
        if self._auto and not working and any(task.scheduled for task in own):
            return Veto(SCHEDULED, "A task waits in it by its schedule.")
        if session.kind != "task":
            return None
        for task in own if self._limit is not None else ():
            if self._young(task, self._limit or 0):
                return Veto(BUSY, f"Its {_named(task)} began at {task.began.iso() if task.began else 'no known time'}.")
        return Veto(BUSY, _UNSEEN) if self._interrupts and not own and not self.problem else None

    def _young(self, task: Task, limit: int) -> bool:
        """Whether a task is not known to be older than the limit; of one that has ended, only by its time."""
        clock = self._clock()
        return not clock.older(task.began, limit) and (not task.ended or clock.reliable(task.began))


def _new(before: Sequence[Task], now: Sequence[Task]) -> list[Task]:
    """The tasks that were queued or began in a session between two lists of its tasks, whatever their state."""
    known, found = _counted(before), _counted(now)
    return [task for task in now if not task.ended and any(found[one] > known[one] for one in _phases(task))]


def _counted(tasks: Sequence[Task]) -> Counter[tuple[str, str]]:
    # Counted, as runs that the server does not number may have the same name.
    return Counter(phase for task in tasks for phase in _phases(task))


def _phases(task: Task) -> list[tuple[str, str]]:
    phases = {"listed": True, "not ended": not task.ended, "working": task.working}
    return [(task.run, name) for name, holds in phases.items() if holds]


def _named(task: Task) -> str:
    return f"task {task.reference} of {task.owner or 'an unknown owner'}"


def _apps(sessions: Sequence[Session]) -> list[tuple[str, Optional[str]]]:
    return [(session.app_name, session.app_version) for session in sessions if session.app_name]


def _as_session(task: Task, session: Session) -> Session:
    """The session as that of this task, for protections; what the task does not tell is that of its session."""
    changed: dict[str, Any] = {}
    if task.owner:
        changed.update(owner=task.owner, owner_texts=())
    if task.app_name:
        changed.update(app_name=task.app_name, app_version=task.app_version, app_texts=())
    return replace(session, **changed)


def tasks_of_sessions(
    api: TaskApi,
    session_ids: Iterable[str],
    apps: Sequence[App] = (),
    problems: Optional[MutableSequence[str]] = None,
    *,
    all_of_them: bool = False,
) -> TasksBySession:
    """The tasks by session id, the active ones first, then the newest first. Sessions without tasks are left out.

    :param apps: the names of the sessions' apps, as for ``TaskApi.list``.
    :param problems: if given, an incomplete list is described here instead of raising AnswerError.
    :param all_of_them: whether an incomplete list is a fault too where an active task of each session is seen.
    :raises UnsupportedError: when the server does not return the sessions of tasks.
    :raises AnswerError: when the list is incomplete, so that a task may be missing.
    """
    wanted = set(session_ids)
    listed = api.list(apps=apps)
    found = by_session(listed.records, wanted)
    if listed.records and not any(task.session_id for task in listed.records):
        raise UnsupportedError(
            f"No task of the {len(listed.records)} that this server lists names its session.",
            "Services before 25.2 do not tell it.",
        )
    running = {session_id for session_id, tasks in found.items() if tasks[0].active}
    if listed.problems and (all_of_them or wanted - running):
        text = f"The list of tasks is incomplete: {'; '.join(listed.problems)}."
        if problems is None:
            raise AnswerError(text)
        problems.append(text)
    return found


def by_session(tasks: Iterable[Task], session_ids: Iterable[str]) -> TasksBySession:
    """The tasks of each of these sessions that has any: active ones first, then the newest first."""
    from ansible_collections.aimms.cloud.plugins.module_utils.models.task import newest_first

    wanted = {id_key(session_id): session_id for session_id in session_ids}
    by_id: TasksBySession = {}
    for task in sorted(newest_first(tasks), key=lambda task: not task.active):
        session_id = wanted.get(id_key(task.session_id or ""))
        if session_id is not None:
            by_id.setdefault(session_id, []).append(task)
    return by_id

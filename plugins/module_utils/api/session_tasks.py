# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tasks of sessions, from the list of all tasks."""

from __future__ import annotations

from collections.abc import Iterable, MutableSequence, Sequence
from typing import Optional

from ansible_collections.aimms.cloud.plugins.module_utils.api.task_api import App, TaskApi
from ansible_collections.aimms.cloud.plugins.module_utils.errors import AnswerError, UnsupportedError
from ansible_collections.aimms.cloud.plugins.module_utils.models.session_fields import id_key
from ansible_collections.aimms.cloud.plugins.module_utils.models.task import Task, newest_first

TasksBySession = dict[str, list[Task]]


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
    wanted = {id_key(session_id): session_id for session_id in session_ids}
    by_id: TasksBySession = {}
    for task in sorted(newest_first(tasks), key=lambda task: not task.active):
        session_id = wanted.get(id_key(task.session_id or ""))
        if session_id is not None:
            by_id.setdefault(session_id, []).append(task)
    return by_id

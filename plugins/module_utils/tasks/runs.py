# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which runs of tasks are meant, where the list of tasks has to tell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional, Union

from ansible_collections.aimms.cloud.plugins.module_utils.api.task_activity import tasks_of_sessions
from ansible_collections.aimms.cloud.plugins.module_utils.api.task_api import TaskApi
from ansible_collections.aimms.cloud.plugins.module_utils.changes.change import FAILED, NOT_FOUND, Outcome, verdict
from ansible_collections.aimms.cloud.plugins.module_utils.changes.task_changes import UNNUMBERED, TaskInterruption
from ansible_collections.aimms.cloud.plugins.module_utils.models.session_fields import id_key
from ansible_collections.aimms.cloud.plugins.module_utils.models.task import Task

Item = Union[Task, Outcome[Task]]


def working(change: TaskInterruption, api: TaskApi, items: Sequence[Item]) -> tuple[list[Task], list[Item]]:
    """The runs that work, from a list, and what was read of the other ids.

    Without an index the server gives the last run. Where that one waits by its schedule, or has ended, an earlier one
    may work: it is meant, of several the last one. Where the server does not number them, none can be named.
    """
    last = {id_key(task.id): task for task in map(_target, items) if _may_not_be_meant(task)}
    if not last:
        return [], [*items]
    listing = api.list(apps=[(task.app_name, None) for task in last.values() if task.app_name])
    listed = sorted((task for task in listing.records if id_key(task.id) in last), key=lambda task: task.index or 0)
    works = {id_key(task.id): task for task in listed if task.working}
    unnumbered = {id_key(task.id): works.get(id_key(task.id), task) for task in listed if task.several}
    left: list[Item] = []
    for item in items:
        task = _target(item)
        key = id_key(task.id)
        meant = not last.get(key, task).working and key in works
        if key in unnumbered:
            left.append(_of_unnumbered(change, unnumbered[key]))
        elif key in last and not meant and listing.problems:
            problems = "; ".join(listing.problems)
            text = f"The list of tasks is incomplete: {problems}. Name the run with group_index."
            left.append(Outcome(task, FAILED, text))
        elif not meant:
            left.append(item)
    return [task for key, task in works.items() if not (key in unnumbered or last[key].working)], left


def of_sessions(
    change: TaskInterruption, api: TaskApi, session_ids: Sequence[str], index: Optional[int]
) -> tuple[list[Task], list[Item]]:
    """The tasks that work in the sessions (or the run ``index``), and an outcome for each that is not to be read."""
    by_session = tasks_of_sessions(api, session_ids)
    tasks: list[Task] = []
    outcomes: list[Item] = []
    for session_id in session_ids:
        # One without an index may be the one that is named: it is read with that index, and the answer has to show it.
        seen = by_session.get(session_id, [])
        own = [task for task in seen if index in (None, task.index)] or [task for task in seen if task.index is None]
        chosen = [task for task in own if task.active and (task.working or index is not None)] or own[:1]
        tasks += [task for task in chosen if not task.several]
        outcomes += [_of_unnumbered(change, task) for task in chosen if task.several]
        if not own:
            text = f"No task of session {session_id} is seen."
            outcomes.append(Outcome(Task("", session_id=session_id), NOT_FOUND, text))
    return tasks, outcomes


def _target(item: Item) -> Task:
    return item.target if isinstance(item, Outcome) else item


def _may_not_be_meant(last: Task) -> bool:
    """Whether an earlier run than the last one may be meant."""
    one_of_several = last.repeated or last.index is None
    return bool(last.raw) and one_of_several and (not last.working or last.waits)


def _of_unnumbered(change: TaskInterruption, task: Task) -> Outcome[Task]:
    """The outcome for a run without an index, of several: it is not read, as a request would be about the last one."""
    decided = verdict(change, task, task, asked=False)
    return decided or Outcome(task, *(change.precondition_failure(task) or (FAILED, UNNUMBERED)))

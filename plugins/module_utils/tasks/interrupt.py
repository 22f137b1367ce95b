# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interrupts tasks, given by their ids or by the ids of their sessions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.api.task_api import TaskApi, checked_task_id
from ansible_collections.aimms.cloud.plugins.module_utils.changes.bulk_change import (
    changed,
    present_state_text,
    raise_failures,
    wait_from,
)
from ansible_collections.aimms.cloud.plugins.module_utils.changes.change import NOT_FOUND, Outcome
from ansible_collections.aimms.cloud.plugins.module_utils.changes.executor import BulkExecutor
from ansible_collections.aimms.cloud.plugins.module_utils.changes.plan import Warn
from ansible_collections.aimms.cloud.plugins.module_utils.changes.reads import read_each
from ansible_collections.aimms.cloud.plugins.module_utils.changes.task_changes import INTERRUPTED, TaskInterruption
from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import checked_id
from ansible_collections.aimms.cloud.plugins.module_utils.models.task import Task
from ansible_collections.aimms.cloud.plugins.module_utils.workers import WorkerPool

WOULD_INTERRUPT = "would_interrupt"


def interrupt(params: Mapping[str, Any], check_mode: bool, _warn: Warn) -> dict[str, Any]:
    """The result of ``aimms_task_interrupt``.

    :raises AimmsError: for unusable options, tasks that cannot be read, or tasks that could not be interrupted.
    """
    wait = wait_from(params)
    wanted: Sequence[Task] = _given(params)
    api = TaskApi.connect(params)
    change = TaskInterruption(api, params["mode"], params.get("group_index"))
    settled: list[Outcome[Task]] = []
    if params.get("session_ids") is not None:
        wanted, settled = _of_sessions(api, [str(task.session_id) for task in wanted], params.get("group_index"))
    with WorkerPool(params["concurrency"]) as workers:
        for item in read_each(change, wanted, workers, identified=params.get("session_ids") is not None):
            settled.append(item if isinstance(item, Outcome) else Outcome(item, WOULD_INTERRUPT))
        outcomes = settled
        if not check_mode:
            live = [outcome.target for outcome in settled if outcome.result == WOULD_INTERRUPT]
            interrupted = BulkExecutor(change, wait, workers).make(live)
            outcomes = [outcome for outcome in settled if outcome.result != WOULD_INTERRUPT]
            outcomes += [_explained(outcome, params["mode"]) for outcome in interrupted]
    entries = [{**_record(outcome.target), "result": outcome.result, "msg": outcome.msg} for outcome in outcomes]
    result = {
        "changed": any(changed(outcome, WOULD_INTERRUPT) for outcome in outcomes),
        "tasks": entries,
        "sessions": entries,
        "summary": dict(Counter(outcome.result for outcome in outcomes)),
    }
    raise_failures(outcomes, "interrupted", result, "tasks")
    return result


def _given(params: Mapping[str, Any]) -> list[Task]:
    """A Task for each id in the options, with only its id or only the id of its session.

    :raises OptionError: for an empty list (it never means all) or an invalid id.
    """
    by_task = params.get("task_ids") is not None
    ids = params["task_ids"] if by_task else params.get("session_ids")
    if not ids:
        raise OptionError("task_ids, session_ids: name at least one task or session.", "Without one nothing is done.")
    if params.get("group_index") is not None and params["group_index"] < 0:
        raise OptionError("group_index: must not be negative.")
    unique = dict.fromkeys(ids)
    if by_task:
        return [Task(checked_task_id(task_id)) for task_id in unique]
    return [Task("", session_id=checked_id(session_id)) for session_id in unique]


def _of_sessions(
    api: TaskApi, session_ids: Sequence[str], group_index: Optional[int]
) -> tuple[list[Task], list[Outcome[Task]]]:
    """The tasks of the sessions (of a group, ``group_index`` only), and an outcome for each session without tasks."""
    by_session = api.of_sessions(session_ids)
    tasks: list[Task] = []
    missing: list[Outcome[Task]] = []
    for session_id in session_ids:
        own = [task for task in by_session.get(session_id, ()) if group_index in (None, task.group_index)]
        tasks += [task for task in own if task.active] or own[:1]
        if not own:
            nothing = Task("", session_id=session_id)
            missing.append(Outcome(nothing, NOT_FOUND, f"No task of session {session_id} was found."))
    return tasks, missing


def _record(task: Task) -> dict[str, Any]:
    return {**task.as_dict(), "id": task.id or None}


def _explained(outcome: Outcome[Task], mode: str) -> Outcome[Task]:
    if outcome.result != INTERRUPTED:
        return outcome
    return replace(outcome, msg=f"It was interrupted ({mode}); {present_state_text(outcome)}.")

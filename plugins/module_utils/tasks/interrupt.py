# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interrupts tasks, given by their ids or by the ids of their sessions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Union

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
from ansible_collections.aimms.cloud.plugins.module_utils.tasks.record import record_of
from ansible_collections.aimms.cloud.plugins.module_utils.workers import WorkerPool

WOULD_INTERRUPT = "would_interrupt"
_ONLY_READ = "The server tells that the user of the key may only read it. To interrupt it, Read and Execute are needed."
Item = Union[Task, Outcome[Task]]


def interrupt(params: Mapping[str, Any], check_mode: bool, warn: Warn) -> dict[str, Any]:
    """The result of ``aimms_task_interrupt``.

    :raises AimmsError: for unusable options, tasks that cannot be read, or tasks that could not be interrupted.
    """
    wait = wait_from(params)
    wanted = _given(params)
    api = TaskApi.connect(params)
    change = TaskInterruption(api, params["mode"], params.get("group_index"))
    with WorkerPool(params["concurrency"]) as workers:
        chosen, items = _meant(change, api, wanted, params, workers)
        items += read_each(change, chosen, workers, identified=True)
        outcomes = [_foretold(change, item) for item in items]
        if not check_mode:
            live = [outcome.target for outcome in outcomes if outcome.result == WOULD_INTERRUPT]
            outcomes = [outcome for outcome in outcomes if outcome.result != WOULD_INTERRUPT]
            outcomes += BulkExecutor(change, wait, workers).make(live)
    by_list = {task.run for task in chosen if params.get("task_ids") is not None}
    outcomes = [_explained(outcome, params["mode"], outcome.target.run in by_list) for outcome in outcomes]
    unseen = sum(outcome.result == NOT_FOUND and not outcome.target.raw for outcome in outcomes)
    if unseen:
        warn(f"{unseen} ids show no task. The user of the key sees the tasks of an app only with Read access to it.")
    entries = [
        {**record_of(outcome.target), "id": outcome.target.id or None, "result": outcome.result, "msg": outcome.msg}
        for outcome in outcomes
    ]
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


def _meant(
    change: TaskInterruption, api: TaskApi, wanted: list[Task], params: Mapping[str, Any], workers: WorkerPool
) -> tuple[list[Task], list[Item]]:
    """The tasks from a list, which are still to be read, and what is known of the others."""
    # Imported here, as the sum of what is imported at once is bounded.
    from ansible_collections.aimms.cloud.plugins.module_utils.tasks import runs

    index = params.get("group_index")
    if params.get("task_ids") is None:
        return runs.of_sessions(change, api, [str(task.session_id) for task in wanted], index)
    items = read_each(change, wanted, workers, identified=False)
    return ([], items) if index is not None else runs.working(change, api, items)


def _foretold(change: TaskInterruption, item: Item) -> Outcome[Task]:
    if isinstance(item, Outcome):
        return item
    text = _ONLY_READ if item.may_not_execute else ""
    return Outcome(item, *(change.precondition_failure(item) or (WOULD_INTERRUPT, text)))


def _explained(outcome: Outcome[Task], mode: str, by_list: bool) -> Outcome[Task]:
    """With what there is to say. :param by_list: whether it is not the run that the server gives for the id."""
    text = outcome.msg
    if outcome.result == INTERRUPTED:
        text = f"It was interrupted ({mode}); {present_state_text(outcome)}."
    if by_list:
        text = f"Run {outcome.target.group_index} is meant, as it is at work and the last one is not. {text}".strip()
    return replace(outcome, msg=text)

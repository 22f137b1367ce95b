# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which tasks may be deleted, and why each other one is kept. Pure: tasks and clocks are arguments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.api.task_api import checked_task_id
from ansible_collections.aimms.cloud.plugins.module_utils.models import states
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session, valid_id
from ansible_collections.aimms.cloud.plugins.module_utils.models.session_fields import id_key
from ansible_collections.aimms.cloud.plugins.module_utils.models.task import Task
from ansible_collections.aimms.cloud.plugins.module_utils.options import criteria_from
from ansible_collections.aimms.cloud.plugins.module_utils.selection import (
    ACTIVE,
    NO_RELIABLE_TIME,
    NOT_SELECTED,
    PROTECTED,
    SCHEDULED,
    Criteria,
    reason_to_keep,
)
from ansible_collections.aimms.cloud.plugins.module_utils.tasks.groups import Groups
from ansible_collections.aimms.cloud.plugins.module_utils.tasks.info import TaskCriteria
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Clock, Instant

LAST_OF_SCHEDULE, UNNUMBERED, NOT_COMPLETED = "last_of_schedule", "unnumbered", "not_completed"
_DELETABLE = ("completed",)
"""The vendor: only a task that is queued or completed can be deleted. What is queued has not ended."""


@dataclass(frozen=True)
class TaskChoice:
    """The selection options. ``others``: those that a selection of sessions does not have.

    ``stop_schedule``: the last run of a schedule may be deleted too.
    """

    criteria: Criteria
    others: TaskCriteria
    stop_schedule: bool

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> TaskChoice:
        """:raises OptionError: as ``criteria_from`` and ``TaskCriteria.from_params``."""
        for task_id in params.get("task_ids") or ():
            checked_task_id(task_id)
        of_sessions = {
            **params,
            "session_ids": params.get("task_ids"),
            "protect_session_ids": params.get("protect_task_ids"),
        }
        own = ("session_ids", "created_after", "created_before")
        others = TaskCriteria.from_params({name: params.get(name) for name in own})
        return cls(criteria_from(of_sessions), others, bool(params.get("stop_schedule")))

    def reason(self, task: Task, clock: Clock) -> Optional[str]:
        """Why the task is kept, whatever its state; None when it is selected."""
        reason = reason_to_keep(as_session(task), self.criteria, clock)
        if reason == PROTECTED:
            return reason
        ids = self.others.session_ids
        if ids is not None and id_key(task.session_id or "") not in map(id_key, ids):
            return NOT_SELECTED
        return self._reason_by_time(task.created_at, clock) or reason

    def _reason_by_time(self, created: Optional[Instant], clock: Clock) -> Optional[str]:
        after, before = self.others.created_after, self.others.created_before
        if not (after or before):
            return None
        if created is None or not clock.reliable(created):
            return NO_RELIABLE_TIME
        late_enough = after is None or created.seconds - created.margin >= after.at(clock)
        early_enough = before is None or created.seconds + created.margin < before.at(clock)
        return None if late_enough and early_enough else NOT_SELECTED

    def may_be_completed_only(self, task: Task) -> bool:
        """Whether the service may refuse to delete it, and nothing in the options asks for it by its state."""
        return self.criteria.states is None and not states.same_state(task.state, _DELETABLE)

    def reason_not_to_delete(self, task: Task, groups: Groups, clock: Clock) -> Optional[str]:
        """As ``reason``, for a deletion by selection. :param groups: of the whole list."""
        reason = self.reason(task, clock)
        if reason is not None:
            return reason
        if not task.ended:
            return SCHEDULED if task.scheduled else ACTIVE
        if not valid_id(task.id):
            return NOT_SELECTED
        if self.may_be_completed_only(task):
            return NOT_COMPLETED
        if not groups.has_several(task) and not task.repeated:
            return None
        if groups.last_index(task) is None:
            return UNNUMBERED
        return LAST_OF_SCHEDULE if groups.last_index(task) == task.index and not self.stop_schedule else None


def as_session(task: Task) -> Session:
    """The task as a session, for the rules of selection, with every text that may name its owner or its app."""
    read = Session.from_record(task.raw, "task") or Session(task.id, "task")
    told: dict[str, Any] = {"owner": task.owner or read.owner, "app_name": task.app_name or read.app_name}
    texts = {"owner": "owner_texts", "app_name": "app_texts"}
    # A record of an earlier result, and a field that only one of the two readings knows.
    lost: dict[str, Any] = {texts[name]: () for name, value in told.items() if value and getattr(read, name) is None}
    # A schedule is judged by ``Task``.
    unread = tuple(told for told in read.unread_times if told[0] in ("created_at", "ended_at"))
    return replace(
        read,
        id=task.id,
        kind="task",
        state=task.state,
        app_version=task.app_version,
        created_at=task.created_at,
        started_at=task.running_at or task.assigned_at,
        ended_at=task.ended_at,
        scheduled_for=None,
        unread_times=unread,
        **told,
        **lost,
    )


def oldest_first(tasks: Sequence[Task]) -> list[Task]:
    """The tasks by creation time, then id and index; those without a time last."""
    return sorted(tasks, key=lambda task: (task.created_at.seconds if task.created_at else float("inf"), task.key))

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The change to tasks: interrupt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Callable, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.api.task_api import TaskApi
from ansible_collections.aimms.cloud.plugins.module_utils.changes.change import ALREADY_ENDED, CHANGED_SINCE
from ansible_collections.aimms.cloud.plugins.module_utils.http.connection import Connection
from ansible_collections.aimms.cloud.plugins.module_utils.models.task import Task

INTERRUPTED = "interrupted"


class TaskInterruption:
    """Interrupts a task."""

    done = INTERRUPTED
    already_done = ALREADY_ENDED
    verb = "interrupt"
    thing = "task"

    def __init__(self, api: TaskApi, mode: str, group_index: Optional[int]) -> None:
        """:param group_index: which one of a group, if only an id is known; None: the server's choice."""
        self._api = api
        self._mode = mode
        self._group_index = group_index

    @property
    def connection(self) -> Connection:
        """The connection options."""
        return self._api.connection

    def read(self, target: Task, attempts: Optional[int], fresh: bool) -> Optional[Task]:
        """The task as it is now."""
        index = target.index if target.raw else self._group_index
        return self._api.get(target.id, index, attempts=attempts, fresh=fresh)

    def is_done(self, live: Task) -> bool:
        """Whether it has ended."""
        return live.ended

    def precondition_failure(self, live: Task) -> Optional[tuple[str, str]]:
        """Only an active task can be interrupted."""
        return None if live.active else (CHANGED_SINCE, "It no longer runs; nothing was sent.")

    def send(self, live: Task, _reread: Callable[[], Optional[Task]]) -> None:
        """Send once."""
        self._api.interrupt(live, self._mode)

    def answers(self) -> bool:
        """Whether the Task API responds."""
        return self._api.answers()

    def answered_at(self, *, of_change: bool) -> float:
        """When the Task API last accepted a change, or answered a read."""
        return self._api.answered_at(of_change=of_change)

    def list_cost(self, targets: Sequence[Task]) -> Optional[int]:
        """None: a list does not always tell the tasks of a group apart."""
        return None

    def listed(self, targets: Sequence[Task]) -> Optional[Mapping[tuple[Any, ...], Task]]:
        """None: see ``list_cost``."""
        return None

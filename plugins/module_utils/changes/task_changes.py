# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The change to tasks: interrupt."""

from __future__ import annotations

from typing import Callable, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.api.task_api import TaskApi
from ansible_collections.aimms.cloud.plugins.module_utils.changes.change import CHANGED_SINCE, Change
from ansible_collections.aimms.cloud.plugins.module_utils.models.task import Task

INTERRUPTED = "interrupted"


class TaskInterruption(Change[Task]):
    """Interrupts a task. No list is read instead of single tasks: it does not always tell those of a group apart."""

    done = INTERRUPTED
    verb = "interrupt"
    thing = "task"

    def __init__(self, api: TaskApi, mode: str, group_index: Optional[int]) -> None:
        """:param group_index: which one of a group, if only an id is known; None: the server's choice."""
        super().__init__(api)
        self._api = api
        self._mode = mode
        self._group_index = group_index

    def read(self, target: Task, *, fresh: bool) -> Optional[Task]:
        """The task as it is now."""
        index = target.index if target.raw else self._group_index
        return self._api.get(target.id, index, attempts=1, fresh=fresh)

    def precondition_failure(self, live: Task) -> Optional[tuple[str, str]]:
        """Only an active task can be interrupted."""
        return None if live.active else (CHANGED_SINCE, "It no longer runs; nothing was sent.")

    def send(self, live: Task, _reread: Callable[[], Optional[Task]]) -> None:
        """Send once."""
        self._api.interrupt(live, self._mode)

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The change to tasks: interrupt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.changes.change import CHANGED_SINCE, NOT_FOUND, Change

if TYPE_CHECKING:  # most changes of sessions need nothing on tasks
    from ansible_collections.aimms.cloud.plugins.module_utils.api.task_api import TaskApi
    from ansible_collections.aimms.cloud.plugins.module_utils.models.task import Task

INTERRUPTED = "interrupted"
UNNUMBERED = "The server does not number the runs of this task, so no request can name one. Nothing was sent."


class TaskInterruption(Change["Task"]):
    """Interrupts a task. No list is read instead of single tasks: it does not always tell those of a group apart."""

    done = INTERRUPTED
    verb = "interrupt"
    thing = "task"

    def __init__(self, api: TaskApi, mode: str, group_index: Optional[int]) -> None:
        """:param group_index: the run of a group that is named; None: the one that works, never one that waits."""
        super().__init__(api)
        self._api = api
        self._mode = mode
        self._group_index = group_index

    def read(self, target: Task, *, fresh: bool) -> Optional[Task]:
        """The task as it is now. What is read with an index is sent with it."""
        index = self._group_index if target.index is None else target.index
        return self._api.get(target.id, index, attempts=1, fresh=fresh)

    def precondition_failure(self, live: Task) -> Optional[tuple[str, str]]:
        """Only an active task can be interrupted; one that waits by a schedule only where its run is named."""
        if not live.active:
            return CHANGED_SINCE, "It no longer runs; nothing was sent."
        if live.scheduled and self._group_index is None:
            when = (live.schedule_for and live.schedule_for.iso()) or "its time is not told"
            text = f"Run {live.group_index} waits by its schedule ({when}): name it with group_index to interrupt it."
            return NOT_FOUND, text
        return None

    def send(self, live: Task, _reread: Callable[[], Optional[Task]]) -> None:
        """Send once."""
        self._api.interrupt(live, self._mode)

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service with runs of tasks, and the change that deletes them."""

from __future__ import annotations

import threading
from dataclasses import replace
from types import SimpleNamespace

from ansible_collections.aimms.cloud.plugins.module_utils.errors import AnswerError, HttpError, TransportError
from ansible_collections.aimms.cloud.plugins.module_utils.models.task import Task
from ansible_collections.aimms.cloud.plugins.module_utils.tasks.deletion import TaskDeletion
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Instant


class FakeApi:
    """A service with runs of tasks. ``faults``: of the next requests; ``gets``: index and options of each read."""

    connection = SimpleNamespace(max_time=60)

    def __init__(self, runs, faults=(), *, deaf=False):
        """:param deaf: whether it heeds no index, so that a deletion is always one of the last run."""
        self.runs, self.faults, self._deaf = list(runs), list(faults), deaf
        self.deleted, self.sent, self.gets = [], [], []
        self._lock = threading.RLock()

    def answers(self):
        return True

    def _fault(self):
        return self.faults.pop() if self.faults else None

    def _find(self, task_id, index):
        found = [one for one in self.runs if one.id == task_id and index in (None, one.group_index)]
        return max(found, key=lambda one: one.group_index, default=None)

    @property
    def reads(self):
        return len(self.gets)

    def get(self, task_id, group_index=None, **how):
        with self._lock:
            self.gets.append((group_index, how))
            fault = self._fault()
            if fault in ("before", "after", "late"):
                raise TransportError("no answer")
            if fault == "503":
                raise HttpError("GET", 503)
            return self._find(task_id, group_index)

    def first_run(self, task):
        return self.get(task.id, 0)

    def delete(self, task, index):
        with self._lock:
            fault = self._fault()
            self.sent.append((task.id, index))
            if fault == "before":
                raise TransportError("refused", sent=False)
            if fault == "405":
                raise HttpError("DELETE", 405, form="{}", coded=True)
            found = self._find(task.id, None if self._deaf else index)
            if found is None or found.state not in ("queued", "completed"):
                raise HttpError("DELETE", 404 if found is None else 405, form="{}", coded=True)
            if fault != "503":
                self.runs.remove(found)
                self.deleted.append(found)
            if fault == "503":
                raise HttpError("DELETE", 503)
            if fault in ("after", "late"):
                raise AnswerError("a page")


def group(*states, **values):
    return [
        Task(
            "g",
            index,
            "Crew",
            state=state,
            owner="jdoe@ROOT",
            created_at=Instant(1000.0 + index),
            planned=True,
            in_group=True,
            raw={"id": "g"},
            **values,
        )
        for index, state in enumerate(states)
    ]


def change_of(api, *, stops=False, named=True, by_id=True, fits=lambda _task: True):
    return TaskDeletion(api, fits, stop_schedule=stops, named=named, by_id=by_id)


ALONE = Task("o", 0, "Crew", state="completed", owner="jdoe@ROOT", created_at=Instant(5.0), raw={"id": "o"})
FIRST = replace(group("completed")[0], planned=False)
LATER = replace(FIRST, group_index=1, state="queued", created_at=Instant(2000.0))

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The groups of tasks: which run is the last one. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Optional

from ansible_collections.aimms.cloud.plugins.module_utils.models.session_fields import id_key
from ansible_collections.aimms.cloud.plugins.module_utils.models.task import Task


class Groups:
    """The groups of a list of all tasks: the runs of a repeated task share one id."""

    def __init__(self, tasks: Iterable[Task]) -> None:
        self._runs: dict[str, list[Optional[int]]] = {}
        self._repeated: set[str] = set()
        for task in tasks:
            self._runs.setdefault(id_key(task.id), []).append(task.index)
            if task.repeated:
                self._repeated.add(id_key(task.id))

    def has_several(self, task: Task) -> Optional[bool]:
        """Whether the list has more runs of its id, or shows that there may be more; None if it has none of it."""
        key = id_key(task.id)
        return None if key not in self._runs else len(self._runs[key]) > 1 or key in self._repeated

    def last_index(self, task: Task) -> Optional[int]:
        """The index of the last run of its group; None where the server does not number them all."""
        known = [index for index in self._runs.get(id_key(task.id), ()) if index is not None]
        return max(known) if known and len(known) == len(self._runs[id_key(task.id)]) else None

    def is_last(self, task: Task) -> Optional[bool]:
        """Whether it is the last run of its group; None where the server does not number them."""
        if len(self._runs.get(id_key(task.id), ())) < 2:
            return True
        last = self.last_index(task)
        return None if last is None else task.index == last

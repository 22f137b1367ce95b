# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The change to tasks that have ended: delete. A run is named by its index, as without it the last one is meant."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Optional

from ansible_collections.aimms.cloud.plugins.module_utils.changes.change import (
    CHANGED_SINCE,
    FAILED,
    NOT_FOUND,
    Change,
)
from ansible_collections.aimms.cloud.plugins.module_utils.changes.reads import MOST_READS, read_patiently
from ansible_collections.aimms.cloud.plugins.module_utils.changes.task_changes import UNNUMBERED
from ansible_collections.aimms.cloud.plugins.module_utils.errors import (
    AimmsError,
    HttpError,
    RefusedError,
    StoppedError,
    TransportError,
)
from ansible_collections.aimms.cloud.plugins.module_utils.models.identity import difference
from ansible_collections.aimms.cloud.plugins.module_utils.models.session_fields import id_key
from ansible_collections.aimms.cloud.plugins.module_utils.models.task import Task
from ansible_collections.aimms.cloud.plugins.module_utils.tasks.service import DeletingTaskApi

DELETED = "deleted"
_UNSENT = "Nothing was sent."
NO_FIT = (CHANGED_SINCE, f"It no longer fits the selection. {_UNSENT}")
_UNNAMED = (
    "The server does not show that an index names this task, and a request without one means the last run: "
    f"it is sent only with stop_schedule. {_UNSENT}"
)
_LAST = "It is the last run of its schedule, so deleting it would stop the schedule (see stop_schedule)."
Reread = Callable[[], Optional[Task]]
Refusal = tuple[str, str]


class TaskDeletion(Change[Task]):
    """Deletes a task that has ended; with ``stop_schedule`` and ``named`` also a run that waits by its schedule.

    Of repeated tasks the run that the server calls the last one is read before each request, and after the first one:
    a server that deletes the last run instead of the one that is named stops the whole run.
    """

    done = DELETED
    already_done = NOT_FOUND
    verb = "delete"
    thing = "task"
    awaits = False

    def __init__(
        self,
        api: DeletingTaskApi,
        fits: Callable[[Task], bool],
        *,
        stop_schedule: bool,
        named: bool,
        by_id: bool,
    ) -> None:
        """:param fits: whether a task, as it is now, is still selected.

        :param named: whether by an id or a record. :param by_id: whether by an id alone, which means the last run.
        """
        super().__init__(api)
        self._api, self._fits = api, fits
        self._save: Optional[Callable[[Task], None]] = None
        self._stops, self._named = stop_schedule, named
        self._may_be_unnamed = stop_schedule and by_id
        self._first_run, self._last_run = _FirstRun(api), _LastRun(api)
        self._grouped: set[str] = set()
        self._alone: set[str] = set()
        self._highest: dict[str, int] = {}
        self._lock = threading.Lock()
        self._unproven = False

    def expect(self, tasks: Sequence[Task], grouped: Callable[[Task], Optional[bool]]) -> None:
        """Call it before the first change. :param grouped: see ``Groups.has_several``."""
        for task in tasks:
            told = grouped(task)
            if told is not None:
                (self._grouped if told else self._alone).add(id_key(task.id))
        self._unproven = not self._stops and any(map(self._is_run, tasks))

    def saves(self, save: Optional[Callable[[Task], None]]) -> None:
        """:param save: what saves a task before it is deleted; raises AimmsError when it cannot."""
        self._save = save

    @property
    def one_at_a_time(self) -> bool:
        """Whether a deletion of one run of several has not yet shown that it deletes that run only."""
        return self._unproven

    def read(self, target: Task, *, fresh: bool) -> Optional[Task]:
        """The run as it is now. A record of an earlier result does not tell whether the first run has a number."""
        live = self._api.get(target.id, target.index, attempts=1, fresh=fresh)
        if target.index is None and target.raw and live is not None and live.index:
            return self._api.get(target.id, target.group_index, attempts=1, fresh=fresh)
        return live

    def is_done(self, live: Task) -> bool:
        """Whether the server still returns the record, with the state ``deleted``."""
        return live.state == "deleted"

    def precondition_failure(self, live: Task) -> Optional[Refusal]:
        """Only a task that has ended, is still selected, and whose run a request can name, may be deleted."""
        if live.scheduled:
            if not (self._stops and self._named):
                text = f"Run {live.group_index} waits by its schedule: deleting it would stop the schedule"
                return FAILED, f"{text} (see stop_schedule). {_UNSENT}"
        elif not live.ended:
            return FAILED, f"It is still {live.state}: only tasks that have ended are deleted. {_UNSENT}"
        if not self._fits(live):
            return NO_FIT
        try:
            return self._refusal_by_group(live)
        except (HttpError, TransportError) as error:
            return FAILED, f"Which run is the last of its group could not be read: {error} {_UNSENT}"

    def send(self, live: Task, reread: Reread) -> None:
        """Send once, after what belongs to the task was saved; raises as ``Change.send`` and ``_check_last``."""
        if self._save is not None and live.ended:
            self._save(live)
            self._check_still(live, reread)
        self._api.delete(live, self._index(live))
        with suppress(HttpError, TransportError):  # unproven is what it was before
            self._check_last(live)

    def _check_still(self, live: Task, reread: Reread) -> None:
        """After it was saved, which takes its time. :raises AimmsError: unless it may still be deleted."""
        try:
            now = reread()
        except (HttpError, TransportError) as error:
            raise AimmsError(f"It could not be read after it was saved: {error} {_UNSENT}") from None
        if now is None or difference(live, now) or self.precondition_failure(now):
            raise RefusedError(f"It changed while it was saved. {_UNSENT}")

    def _index(self, live: Task) -> Optional[int]:
        """The index to name the run by. None means the last run."""
        return live.index if live.index is not None or self._may_be_unnamed else 0

    def _is_run(self, task: Task) -> bool:
        """Whether it is, or may be, one run of several."""
        return task.repeated or id_key(task.id) in self._grouped

    def _refusal_by_group(self, live: Task) -> Optional[Refusal]:
        """Why the run cannot be told from others, or must not be deleted as it is the last one.

        :raises HttpError, TransportError: when it cannot be read. :raises StoppedError: as ``_last_of``.
        """
        unnumbered = (FAILED, UNNUMBERED)
        if live.index is None and self._is_run(live):
            return None if self._may_be_unnamed and not live.several else unnumbered
        if live.index is None:
            asked = None if self._may_be_unnamed else read_patiently(self._first_run, live, MOST_READS)
            return None if self._may_be_unnamed or (asked and not difference(live, asked)) else (FAILED, _UNNAMED)
        if not self._is_run(live) and (self._stops or self._is_alone(live)):
            return None
        last = self._last_of(live)
        if last is None:
            return NOT_FOUND, f"The server has no run of it any more. {_UNSENT}"
        if last.index is None or last.index < live.index:
            return unnumbered
        return (FAILED, f"{_LAST} {_UNSENT}") if last.index == live.index and not self._stops else None

    def _is_alone(self, live: Task) -> bool:
        """Whether there is no other run of its id, by a list or by what the server calls the last run; asked once.

        :raises HttpError, TransportError: when it cannot be read.
        """
        key = id_key(live.id)
        if key not in self._alone:
            last = read_patiently(self._last_run, live, MOST_READS)
            (self._alone if last is not None and last.index == live.index else self._grouped).add(key)
        return key in self._alone

    def _last_of(self, live: Task) -> Optional[Task]:
        """The last run of its group. :raises StoppedError: when the one that was the last before is gone."""
        last = read_patiently(self._last_run, live, MOST_READS)
        if self._stops:
            return last
        index = -1 if last is None or last.index is None else last.index
        with self._lock:
            before = self._highest.get(id_key(live.id), index)
            if index < before:
                text = f"Run {before} of task {live.id} is gone, which nobody asked for here."
                raise StoppedError(f"{text} Either somebody else deleted it, or this server deletes the last run.")
            self._highest[id_key(live.id)] = index
        return last

    def _check_last(self, live: Task) -> None:
        """After the server took a request to delete one run of several: the last run must still be there.

        :raises StoppedError: when it is not.
        """
        if self._stops or not self._is_run(live):
            return
        try:
            self._last_of(live)
        except StoppedError as error:
            raise StoppedError(str(error), sent=True) from None
        self._unproven = False


class _LastRun(Change[Task]):
    """Reads the last run of the group of a task."""

    def __init__(self, api: DeletingTaskApi) -> None:
        super().__init__(api)
        self._api = api

    def read(self, target: Task, *, fresh: bool) -> Optional[Task]:
        return self._api.get(target.id, attempts=1, fresh=fresh)


class _FirstRun(_LastRun):
    """Reads what the server gives for the first index."""

    def read(self, target: Task, *, fresh: bool) -> Optional[Task]:
        return self._api.first_run(target)

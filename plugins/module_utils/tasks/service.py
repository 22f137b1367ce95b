# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operations of the Task API v2 that only a deletion needs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Callable, Optional, TypeVar

from ansible_collections.aimms.cloud.plugins.module_utils.api.absence import own_words
from ansible_collections.aimms.cloud.plugins.module_utils.api.task_api import TASKS, TaskApi, checked_task_id
from ansible_collections.aimms.cloud.plugins.module_utils.errors import AnswerError, HttpError
from ansible_collections.aimms.cloud.plugins.module_utils.http.client import Decode
from ansible_collections.aimms.cloud.plugins.module_utils.models.task import Task

Made = TypeVar("Made")
_NONE = (404, 405, 409, 410)


class DeletingTaskApi(TaskApi):
    """The Task API of one server, to delete tasks and to save what belongs to them."""

    def delete(self, task: Task, index: Optional[int]) -> None:
        """Send the request to delete the task, once. The caller has just read it and reads it again afterwards.

        :param index: of the run. None means the last run, which may be another one by then, and stops its schedule.
        """
        self._client.send("DELETE", _path(task), query=_query(index))

    def first_run(self, task: Task) -> Optional[Task]:
        """What the server gives for the index 0, with or without an index; None if it says that there is none.

        :raises HttpError, TransportError: when it does not answer as it should.
        """
        from ansible_collections.aimms.cloud.plugins.module_utils.openapi.records import open_record

        try:
            answer = self._client.get(_path(task), _query(0), live=True)
        except HttpError as error:
            if error.status not in _NONE:
                raise
            return None
        try:
            return Task.from_record(open_record(answer.json(unique=True), task.id), self._zone)
        except ValueError as error:
            raise AnswerError(f"{answer.request} answered with {error}.") from None

    def stream(
        self, task: Task, part: str, consume: Callable[[Iterator[bytes]], Made], decode: Decode = iter
    ) -> Optional[Made]:
        """A part of the task (``response``, ``logs/download``) in pieces, of any size; see ``HttpClient.stream``.

        :return: what ``consume`` returns; None if the service says in its own words that there is none.
        """
        try:
            return self._client.stream(f"{_path(task)}/{part}", _query(task.index), consume, decode)
        except HttpError as error:
            if error.status not in _NONE or not own_words(error, task.id):
                raise
            return None


def _path(task: Task) -> str:
    return f"{TASKS}/{checked_task_id(task.id)}"


def _query(index: Optional[int]) -> list[tuple[str, str]]:
    return [] if index is None else [("groupIndex", str(index))]

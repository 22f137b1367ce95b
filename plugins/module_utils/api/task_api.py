# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operations of the Task API v2. No other file knows its routes, which are those of the vendor's client."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import tzinfo
from functools import partial
from typing import Any, Optional, TypeVar

from ansible_collections.aimms.cloud.plugins.module_utils.api.absence import Absence
from ansible_collections.aimms.cloud.plugins.module_utils.errors import (
    AimmsError,
    AnswerError,
    HttpError,
    OptionError,
    TransportError,
    UnsupportedError,
)
from ansible_collections.aimms.cloud.plugins.module_utils.http.client import HttpClient
from ansible_collections.aimms.cloud.plugins.module_utils.http.connection import Connection
from ansible_collections.aimms.cloud.plugins.module_utils.http.response import Response
from ansible_collections.aimms.cloud.plugins.module_utils.models.envelope import Page, open_list
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import checked_id
from ansible_collections.aimms.cloud.plugins.module_utils.models.session_fields import id_key
from ansible_collections.aimms.cloud.plugins.module_utils.models.task import Task
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.pagination import OFFSET, Pagination
from ansible_collections.aimms.cloud.plugins.module_utils.paging import listing
from ansible_collections.aimms.cloud.plugins.module_utils.paging.listing import Listing
from ansible_collections.aimms.cloud.plugins.module_utils.paging.pages import Query
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Clock, iso

MODES = ("solve", "execution")
"""How a task can be interrupted: after ``solve`` it is completed, after ``execution`` it is failed."""
TASKS = "/pro-api/v2/tasks"

Api = TypeVar("Api", bound="TaskApi")
Pairs = list[tuple[str, str]]
Queries = list[tuple[str, Pairs]]
"""Queries, each after the name of the app that it is about, if any."""
App = tuple[str, Optional[str]]
"""Name and version of an app. Without a version, services before 2025-04 list the tasks of the latest one only."""
_PAGING = Pagination(OFFSET, "offset", "limit", 100, sizes=(100,))
_GONE, _NOT_UNDERSTOOD = (404, 410), (400, 422)
_DAY, _LAST_DAY = 86400, 253402214400.0  # 9999-12-31


class TaskApi:
    """The Task API of one server. Safe to use from several threads."""

    def __init__(self, client: HttpClient, zone: Optional[tzinfo] = None) -> None:
        """Sends nothing. :param zone: the zone of times without one (``naive_timezone``)."""
        self._client = client
        self._zone = zone
        self._asked_for_time = False
        self._absence = Absence(self._listed_ids)

    @classmethod
    def connect(cls: type[Api], params: Mapping[str, Any], zone: Optional[tzinfo] = None) -> Api:
        """The Task API for these options. The key needs the Tasks scope. :raises OptionError: for unusable options."""
        return cls(HttpClient(Connection.from_params(params), scope="Tasks"), zone)

    @property
    def connection(self) -> Connection:
        """The connection options, validated."""
        return self._client.connection

    def clock(self) -> Clock:
        """The clock of the server and the local one, now. Sends a request if the server's is not known yet."""
        if self._client.clock().server is None and not self._asked_for_time:
            self._asked_for_time = True
            self.answers()
        return self._client.clock()

    def answers(self) -> bool:
        """Whether the server responds: one read that is not about a task."""
        try:
            return bool(self._client.get(TASKS, [("limit", "1")]))
        except (HttpError, TransportError) as error:
            return isinstance(error, HttpError) and not error.retryable

    def list(
        self, after: Optional[float] = None, before: Optional[float] = None, apps: Sequence[App] = ()
    ) -> Listing[Task]:
        """The tasks of the account, each once. There may be more than the filters select: the caller tests each task.

        :param after: created then or later. :param before: created before then. Both in seconds since 1970.
        :param apps: exact names, for a server that lists the tasks of one app at a time only.
        :raises AimmsError: when the server does not answer as it should.
        """
        try:
            listed = self._list_as_known(after, before, apps)
        except UnsupportedError:
            other = self._list_as_documented(apps)
            if other is None:
                raise
            return other
        return listed if listed.complete else self._list_as_documented(apps) or listed

    def _list_as_known(self, after: Optional[float], before: Optional[float], apps: Sequence[App]) -> Listing[Task]:
        """As the vendor's client lists them. :raises UnsupportedError: when the server refuses it."""
        # The vendor's client always sends ``appName``, and times as whole days. What the service requires is not
        # documented: so after 400/422 the query is repeated without dates, and with or without ``appName``.
        days = _days(after, before)
        refusal: Optional[HttpError] = None
        for query in [days, []] if days else [[]]:
            by_app = [
                (app, [*query, ("appName", app), *([("appVersion", version)] if version else [])])
                for app, version in dict.fromkeys(apps)
            ]
            for queries in filter(None, ([("", query)], by_app)):
                try:
                    return self._list(queries)
                except HttpError as error:
                    if error.status not in _NOT_UNDERSTOOD:
                        raise
                    refusal = refusal or error
        hint = "" if apps else "It may list the tasks of one app at a time only: name the apps, without wildcards."
        raise UnsupportedError(str(refusal), hint)

    def _list_as_documented(self, apps: Sequence[App]) -> Optional[Listing[Task]]:
        # Imported here: the way of the vendor's client works nearly always.
        from ansible_collections.aimms.cloud.plugins.module_utils.api.task_document import list_as_documented

        return list_as_documented(self._client, (TASKS, _PAGING), apps, self._list)

    def get(
        self, task_id: str, group_index: Optional[int] = None, *, attempts: Optional[int] = None, fresh: bool = False
    ) -> Optional[Task]:
        """The task as it is now; None if the server has no task with this id.

        :param group_index: which one of a group; None: the last one, without an index if it does not tell its creation:
            nothing would show then that the index names this run, and no other.
        :param attempts: at most so many tries. :param fresh: on a new connection.
        """
        from ansible_collections.aimms.cloud.plugins.module_utils.openapi.records import open_record

        try:
            answer = self._client.get(_path(task_id), _index(group_index), attempts=attempts, fresh=fresh, live=True)
        except HttpError as error:
            if error.status not in _GONE:
                raise
            self._absence.check(error, "", task_id)
            return None
        try:
            task = Task.from_record(open_record(answer.json(unique=True), task_id), self._zone)
        except ValueError as error:
            raise AnswerError(f"{answer.request} answered with {error}.") from None
        if task is None or id_key(task.id) != id_key(task_id):
            raise AnswerError(f"{answer.request} answered with another task.")
        if group_index not in (None, task.index):
            raise AnswerError(f"{answer.request} answered with a run that is not shown to be the one asked for.")
        named = group_index is not None or task.created_at is not None
        return replace(task, id=task_id, group_index=task.group_index * named, in_group=task.in_group and named)

    def response(self, task: Task) -> Any:
        """The response of the task, any JSON; None if there is none yet, or if the task failed."""
        answer = self._part(task, "response")
        return answer.json() if answer is not None and answer.body.strip() else None

    def log(self, task: Task) -> Sequence[str]:
        """The lines of the task's log, as text; nothing if the server has no log of it."""
        answer = self._part(task, "logs")
        if answer is None or not answer.body.strip():
            return []
        # Imported here: few runs read logs of tasks.
        from ansible_collections.aimms.cloud.plugins.module_utils.models.log_line import lines_from

        try:
            opened = open_list(answer.json(), answer.headers, lines=True)
            if opened.partial:
                raise ValueError(opened.partial)
            return [line.text() for line in lines_from(opened.records)]
        except ValueError as error:
            raise AnswerError(f"{answer.request} answered with {error}.") from None

    def _part(self, task: Task, name: str) -> Optional[Response]:
        """A part of a task; None if there is none (yet)."""
        try:
            return self._client.get(f"{_path(task.id)}/{name}", _index(task.index))
        except HttpError as error:
            if error.status not in (*_GONE, 405, 409) or not error.form:
                raise
            return None

    def interrupt(self, task: Task, mode: str) -> None:
        """Send the request to interrupt the task, once. The caller has just read it and reads it again afterwards.

        :param mode: ``solve`` or ``execution``.
        :raises AnswerError: for a page instead of an answer of this service: it may not be accepted.
        """
        if mode not in MODES:
            raise OptionError(f"mode: '{mode}' is not a way to interrupt a task.", f"Known are {', '.join(MODES)}.")
        self._client.send("PUT", _path(task.id), {"setstatus": f"interrupt-{mode}"}, query=_index(task.index))

    def _listed_ids(self, _kind: str) -> Optional[set[str]]:
        """The ids of all tasks; None if the list is no evidence."""
        try:
            listed = self.list()
        except AimmsError:
            return None
        return {task.id for task in listed.records} if listed.shows_absence else None

    def _list(self, queries: Queries, path: str = TASKS, paging: Pagination = _PAGING) -> Listing[Task]:
        """The lists of several queries as one."""
        merged: dict[str, Task] = {}
        problems: list[str] = []
        none = True
        paging = paging.in_pages_of(self.connection.page_size)
        for app, query in queries:
            listed = listing.read_all(partial(self._page, path, paging, query), paging)
            merged.update((task.key, task) for task in listed.records)
            problems += [f"{app}: {problem}" if app else problem for problem in listed.problems]
            none = none and not app and listed.none
        return Listing(_with_several(merged.values()), problems, none=none)

    def _page(self, path: str, paging: Pagination, query: Pairs, position: Query) -> Page[Task]:
        answer = self._client.get(path, [*query, *position.items()])
        try:
            opened = open_list(answer.json(), answer.headers, paging.names)
        except ValueError as error:
            raise AnswerError(f"{answer.request} answered with {error}.") from None
        found = (Task.from_record(record, self._zone) for record in opened.records)
        tasks = [task for task in found if task is not None]
        why = opened.partial or ("a page came from a cache" if answer.cached else "")
        return replace(opened, records=_with_several(tasks), broken=len(opened.records) - len(tasks), partial=why)


def _with_several(tasks: Collection[Task]) -> list[Task]:
    """The tasks, ``several`` set for those without an index, or with that of another run, whose id others have too."""
    runs = Counter(id_key(task.id) for task in tasks)
    alike = Counter(task.run for task in {task.key: task for task in tasks}.values())
    unnamed = [runs[id_key(task.id)] > 1 and (task.index is None or alike[task.run] > 1) for task in tasks]
    as_one: Mapping[str, Any] = {"group_index": 0, "in_group": False, "several": True}
    return [replace(task, **as_one) if without else task for task, without in zip(tasks, unnamed)]


def checked_task_id(task_id: object) -> str:
    """The id. :raises OptionError: for an invalid one, before it becomes part of a path."""
    return checked_id(task_id, "task")


def _path(task_id: str) -> str:
    return f"{TASKS}/{checked_task_id(task_id)}"


def _index(index: Optional[int]) -> Pairs:
    return [] if index is None else [("groupIndex", str(index))]


def _days(after: Optional[float], before: Optional[float]) -> Pairs:
    """The filters of the list: whole days, with one or two more on each side for any time zone and clock."""
    days = [] if after is None else [("after", _day(after - _DAY))]
    return days if before is None else [*days, ("before", _day(before + 2 * _DAY))]


def _day(seconds: float) -> str:
    return str(iso(min(max(seconds, 0.0), _LAST_DAY)))[:10]

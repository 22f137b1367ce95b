# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task of the Task API v2. Pure.

The field names are those of the vendor's published client, in any letter case, with or without underscores or nesting.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Optional, Union

from ansible_collections.aimms.cloud.plugins.module_utils.models.field_names import LONGEST_NAME, flatten_fields
from ansible_collections.aimms.cloud.plugins.module_utils.models.names import with_environment
from ansible_collections.aimms.cloud.plugins.module_utils.models.states import is_active, is_ended, is_ending
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Instant, parse_instant

Number = Union[int, float]

_FIELDS = (
    "id group_index state active app_name app_version service_name owner session_id created_at assigned_at running_at "
    "ended_at queue_time run_time return_code error_message"
).split()
_SESSION = (  # the vendor does not document which field has the id of the task's session
    "sessionid tasksessionid prosessionid aimmssessionid sessionuuid sessionguid tasksessionuuid session tasksession"
).split()
_INTEGER = re.compile(r"\A-?\d{1,18}\Z", re.ASCII)
_LARGEST = 2**63


@dataclass(frozen=True)
class Task:
    """One task: ``state`` in lower case, durations in seconds; ``raw`` is the server's record.

    The tasks of a group (the runs of a repeated task) have the same ``id`` and differ in ``group_index``; ``in_group``:
    the record contains the index.
    """

    id: str
    group_index: int = 0
    app_name: Optional[str] = None
    app_version: Optional[str] = None
    service_name: Optional[str] = None
    state: str = ""
    owner: Optional[str] = None
    session_id: Optional[str] = None
    created_at: Optional[Instant] = None
    assigned_at: Optional[Instant] = None
    running_at: Optional[Instant] = None
    ended_at: Optional[Instant] = None
    queue_time: Optional[Number] = None
    run_time: Optional[Number] = None
    return_code: Optional[int] = None
    error_message: str = ""
    in_group: bool = False
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def key(self) -> str:
        """Unique among all tasks."""
        return f"{self.id}/{self.group_index}"

    @property
    def index(self) -> Optional[int]:
        """The index to request this task with; None where the server has no index."""
        return self.group_index if self.in_group or self.group_index else None

    @property
    def active(self) -> bool:
        """Whether the state is an active one."""
        return is_active(self.state)

    @property
    def ended(self) -> bool:
        """Whether the state is an ended one; an unknown state is neither active nor ended."""
        return is_ended(self.state)

    @property
    def ending(self) -> bool:
        """Whether it is active, but about to end."""
        return is_ending(self.state)

    @property
    def reference(self) -> str:
        """Id and index in the group. Not the session: a queued task has none yet."""
        return self.key

    def completed(self, _earlier: Task) -> Task:
        """As it is: only the records of single tasks are acted on."""
        return self

    def as_dict(self, *, raw: bool = False) -> dict[str, Any]:
        """The record as modules return it: times in UTC, durations in seconds."""
        values = {name: getattr(self, name) for name in _FIELDS}
        record = {name: value.iso() if isinstance(value, Instant) else value for name, value in values.items()}
        if raw:
            record["raw"] = dict(self.raw)
        return record

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Optional[Task]:
        """Read a record of the server; None when it has no id. Values of a wrong type count as missing."""
        values = _by_name(record)
        task_id = _text(values.get("id"))
        if not task_id:
            return None
        index = _integer(values.get("groupindex"))
        return cls(
            id=task_id,
            group_index=index or 0,
            app_name=_text(values.get("appname")),
            app_version=_text(values.get("appversion")),
            service_name=_text(values.get("servicename")),
            state=(_text(values.get("state")) or "").lower(),
            owner=with_environment(_text(values.get("username")), _text(values.get("userenvironment"))),
            session_id=next(filter(None, (_text(values.get(name)) for name in _SESSION)), None),
            created_at=parse_instant(values.get("createdat")),
            assigned_at=parse_instant(values.get("assignedat")),
            running_at=parse_instant(values.get("runningat")),
            ended_at=parse_instant(values.get("endedat")),
            queue_time=_number(values.get("queuetime")),
            run_time=_number(values.get("runtime")),
            return_code=_integer(values.get("returncode")),
            error_message=_text(values.get("errormessage")) or "",
            in_group=index is not None,
            raw=record,
        )


def newest_first(tasks: Iterable[Task]) -> list[Task]:
    """The tasks by creation time, the newest first, those without one last; then by id and group index."""
    ordered = sorted(tasks, key=lambda task: (task.id, task.group_index))
    ordered.sort(key=lambda task: task.created_at.seconds if task.created_at else float("-inf"), reverse=True)
    return ordered


def by_session(tasks: Iterable[Task], session_ids: Iterable[str]) -> dict[str, list[Task]]:
    """The tasks of each of these sessions that has any: active ones first, then the newest first."""
    wanted = set(session_ids)
    by_id: dict[str, list[Task]] = {}
    for task in sorted(newest_first(tasks), key=lambda task: not task.active):
        if task.session_id is not None and task.session_id in wanted:
            by_id.setdefault(task.session_id, []).append(task)
    return by_id


def _by_name(record: Mapping[str, Any]) -> dict[str, Any]:
    """Values by the letters and digits of their names; ``session: {id: …}`` is ``sessionid``. Outer fields first."""
    values: dict[str, Any] = {}
    for name, _path, value in flatten_fields(record, 2, ""):
        key = re.sub(r"[^a-z0-9]", "", name[:LONGEST_NAME].lower())
        if values.get(key) is None:
            values[key] = value
    return values


def _text(value: Any) -> Optional[str]:
    """Text that is not blank; a number becomes text."""
    if isinstance(value, str):
        return value.strip() or None
    return None if _number(value) is None else str(value)


def _number(value: Any) -> Optional[Number]:
    """A number below 2**63; a larger or infinite one is neither a duration nor an id."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return value if is_number and abs(value) < _LARGEST else None


def _integer(value: Any) -> Optional[int]:
    """An integer, also as ``3.0`` (the vendor's client allows it) or as text."""
    if isinstance(value, str):
        return int(value) if _INTEGER.match(value.strip()) else None
    number = _number(value)
    return int(number) if number is not None and number == int(number) else None

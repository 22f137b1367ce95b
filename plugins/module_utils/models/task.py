# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task of the Task API v2. Pure.

The vendor's published client names the fields; letter case, underscores and nesting are not minded. Which field holds
the id of the task's session nobody documents, so that several names are tried.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Optional, Union

from ansible_collections.aimms.cloud.plugins.module_utils.models.field_names import LONGEST_NAME
from ansible_collections.aimms.cloud.plugins.module_utils.models.states import ACTIVE_STATES, ENDED_STATES
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Instant, parse_instant

Number = Union[int, float]

_SESSION = (
    "sessionid tasksessionid prosessionid aimmssessionid sessionuuid sessionguid tasksessionuuid session tasksession"
).split()
_INTEGER = re.compile(r"\A-?\d{1,18}\Z", re.ASCII)
_LARGEST = 2**63


@dataclass(frozen=True)
class Task:
    """One task: ``state`` lower case, times Instants or None, durations in seconds as the server gives them.

    Tasks of one group (the runs of a repeated task) share their ``id`` and differ in ``group_index``; ``in_group`` says
    that the server named it. ``raw`` is the server's own record.
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
        """What tells the task from all others."""
        return f"{self.id}/{self.group_index}"

    @property
    def index(self) -> Optional[int]:
        """What to name beside the id when asking for just this task: None where the server itself names no index."""
        return self.group_index if self.in_group or self.group_index else None

    @property
    def active(self) -> bool:
        """Whether the state is one of the active ones."""
        return self.state in ACTIVE_STATES

    @property
    def ended(self) -> bool:
        """Whether the state is surely an ended one; an unknown state is neither active nor ended."""
        return self.state in ENDED_STATES

    @property
    def identity(self) -> tuple[Any, ...]:
        """What must be the same for it to be the same task. Whole seconds. A queued one has no session yet."""
        created = int(self.created_at.seconds) if self.created_at else None
        return (self.id, self.group_index, self.app_name, self.owner, created)

    def as_dict(self, *, raw: bool = False) -> dict[str, Any]:
        """The record as modules return it: times in UTC, durations in seconds."""
        record: dict[str, Any] = {
            "id": self.id,
            "group_index": self.group_index,
            "state": self.state,
            "active": self.active,
            "app_name": self.app_name,
            "app_version": self.app_version,
            "service_name": self.service_name,
            "owner": self.owner,
            "session_id": self.session_id,
            "created_at": _iso(self.created_at),
            "assigned_at": _iso(self.assigned_at),
            "running_at": _iso(self.running_at),
            "ended_at": _iso(self.ended_at),
            "queue_time": self.queue_time,
            "run_time": self.run_time,
            "return_code": self.return_code,
            "error_message": self.error_message,
        }
        if raw:
            record["raw"] = dict(self.raw)
        return record

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Optional[Task]:
        """Read one record of the server's; None when it names no id. Values of a wrong type count as missing."""
        found = _by_plain_name(record)
        task_id = _text(found.get("id"))
        if not task_id:
            return None
        index = _integer(found.get("groupindex"))
        return cls(
            id=task_id,
            group_index=index or 0,
            app_name=_text(found.get("appname")),
            app_version=_text(found.get("appversion")),
            service_name=_text(found.get("servicename")),
            state=(_text(found.get("state")) or "").lower(),
            owner=_owner(_text(found.get("username")), _text(found.get("userenvironment"))),
            session_id=next(filter(None, (_text(found.get(name)) for name in _SESSION)), None),
            created_at=parse_instant(found.get("createdat")),
            assigned_at=parse_instant(found.get("assignedat")),
            running_at=parse_instant(found.get("runningat")),
            ended_at=parse_instant(found.get("endedat")),
            queue_time=_number(found.get("queuetime")),
            run_time=_number(found.get("runtime")),
            return_code=_integer(found.get("returncode")),
            error_message=_text(found.get("errormessage")) or "",
            in_group=index is not None,
            raw=record,
        )


def newest_first(tasks: Iterable[Task]) -> list[Task]:
    """The tasks by their time of creation, the newest first; those without one last, then by id and group index."""
    ordered = sorted(tasks, key=lambda task: (task.id, task.group_index))
    ordered.sort(key=lambda task: task.created_at.seconds if task.created_at else float("-inf"), reverse=True)
    return ordered


def by_session(tasks: Iterable[Task], session_ids: Iterable[str]) -> dict[str, list[Task]]:
    """The tasks of these sessions: for each one that has any, the active ones first, and of these the newest first."""
    wanted = set(session_ids)
    found: dict[str, list[Task]] = {}
    for task in sorted(newest_first(tasks), key=lambda task: not task.active):
        if task.session_id is not None and task.session_id in wanted:
            found.setdefault(task.session_id, []).append(task)
    return found


def _by_plain_name(record: Mapping[str, Any]) -> dict[str, Any]:
    """Values by the letters of their names; ``session: {id: …}`` counts as ``sessionid``. The outermost wins."""
    found: dict[str, Any] = {}
    for name, value in _leaves(record, depth=2):
        plain = re.sub(r"[^a-z0-9]", "", str(name)[:LONGEST_NAME].lower())
        if found.get(plain) is None:
            found[plain] = value
    return found


def _leaves(record: Mapping[str, Any], depth: int, prefix: str = "") -> Iterator[tuple[str, Any]]:
    nested: list[tuple[str, Mapping[str, Any]]] = []
    for name, value in record.items():
        full = f"{prefix}{name}"
        if not isinstance(value, Mapping):
            yield full, value
        elif len(full) <= LONGEST_NAME:
            nested.append((full, value))
    if depth:
        for outer, inner in nested:
            yield from _leaves(inner, depth - 1, outer)


def _text(value: Any) -> Optional[str]:
    """Text that is not blank; ids and versions may come as numbers."""
    if isinstance(value, str):
        return value.strip() or None
    return None if _number(value) is None else str(value)


def _number(value: Any) -> Optional[Number]:
    """A number of a size that can be one of seconds or an id: anything larger or endless is none."""
    plain = isinstance(value, (int, float)) and not isinstance(value, bool)
    return value if plain and abs(value) < _LARGEST else None


def _integer(value: Any) -> Optional[int]:
    """A whole number, also as ``3.0`` (the vendor's client allows it) or as text."""
    if isinstance(value, str):
        return int(value) if _INTEGER.match(value.strip()) else None
    number = _number(value)
    return int(number) if number is not None and number == int(number) else None


def _owner(user: Optional[str], environment: Optional[str]) -> Optional[str]:
    """``user@ENVIRONMENT``, put together where the server keeps them apart."""
    return f"{user}@{environment}" if user and environment and "@" not in user else user


def _iso(instant: Optional[Instant]) -> Optional[str]:
    return instant.iso() if instant else None

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task of the Task API v2, from a record with the field names of the vendor's client in any notation. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any, Optional, Union

from ansible_collections.aimms.cloud.plugins.module_utils.models import states
from ansible_collections.aimms.cloud.plugins.module_utils.models.field_names import (
    NOISE,
    FieldResolver,
    letters_only,
    names_as_words,
)
from ansible_collections.aimms.cloud.plugins.module_utils.models.names import with_environment
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Instant, parse_instant

Number = Union[int, float]

_TIMES = ("created_at", "assigned_at", "running_at", "ended_at", "schedule_for")
_TEXTS = ("app_name", "app_version", "service_name", "schedule_interval")
_NUMBERS = ("queue_time", "run_time")
FIELDS = (
    "id group_index state active app_name app_version service_name owner session_id created_at assigned_at running_at "
    "ended_at schedule_for schedule_interval queue_time run_time return_code error_message"
).split()
_NAMES = {
    "id": "id",
    "group_index": "group index",
    "app_name": "app name",
    "app_version": "app version",
    "service_name": "service name",
    "state": "state",
    "user": "user name",
    "environment": "user environment",
    # The vendor does not document which field has the id of the task's session.
    "session_id": "session id, pro session id, aimms session id, session uuid, session guid, session",
    "created_at": "created",
    "assigned_at": "assigned",
    "running_at": "running",
    "ended_at": "ended",
    "schedule_for": "schedule for, scheduled for",
    "schedule_interval": "schedule interval",
    "queue_time": "queue",
    "run_time": "run",
    "return_code": "return code",
    "error_message": "error message",
}
_PLANNED = {"planned": (r"^(task)?(schedule|recurr|repeat|cron|interval|nextrun)", "scheduler zone timezone")}
_RESOLVER = FieldResolver(names_as_words(_NAMES), _PLANNED, noise=NOISE - {"session", "sessions"} | {"task", "tasks"})
_NUMBER = re.compile(r"\A-?\d{1,18}(?:\.\d{1,9})?\Z", re.ASCII)
_LARGEST = 2**63
_PERMISSIONS = ("permission", "permissions", "userpermissions", "accessrights")
_EXECUTE = re.compile("exec|write|all|full|admin|owner|true")  # in an object of true and false, it is not told which


@dataclass(frozen=True)
class Task:
    """One task: ``state`` in lower case, durations in seconds; ``raw`` is the server's record.

    The runs of a repeated task have the same ``id`` and differ in ``group_index``; ``in_group``: the record has it.
    ``planned``: it tells a schedule, also one that cannot be read. ``several``: it has no index (of its own), though a
    list has more runs of this id, so that no request can name it.
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
    schedule_for: Optional[Instant] = None
    schedule_interval: Optional[str] = None
    queue_time: Optional[Number] = None
    run_time: Optional[Number] = None
    return_code: Optional[int] = None
    error_message: str = ""
    in_group: bool = False
    planned: bool = False
    several: bool = False
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def run(self) -> str:
        """What does not change while it runs: id and index; without an index, id and when it was created."""
        created = None if self.index is not None or self.created_at is None else self.created_at.seconds
        return self.reference if created is None else f"{self.reference}@{created}"

    @property
    def key(self) -> str:
        """Unique in a list of all tasks; runs that are not numbered, or alike, differ in anything of their course."""
        if self.index is not None and self.created_at:
            return f"{self.run}@{self.created_at.seconds}"
        return f"{self.run} {self.state} {self.session_id} {[getattr(self, name) for name in _TIMES]}"

    @property
    def index(self) -> Optional[int]:
        """The index to request this task with; None where the server has no index."""
        return self.group_index if self.in_group or self.group_index else None

    @property
    def active(self) -> bool:
        """Whether the state is an active one."""
        return states.is_active(self.state)

    @property
    def ended(self) -> bool:
        """Whether the state is an ended one; an unknown state is neither active nor ended."""
        return states.is_ended(self.state)

    @property
    def ending(self) -> bool:
        """Whether it is active, but about to end."""
        return states.is_ending(self.state)

    @property
    def repeated(self) -> bool:
        """Whether it is, or may be, one run of several by a schedule."""
        return self.planned or self.several or self.group_index > 0 or self.schedule_for is not None

    @property
    def waits(self) -> bool:
        """Whether it has not begun."""
        return states.is_waiting(self.state) and self.running_at is None

    @property
    def scheduled(self) -> bool:
        """Whether it has not begun, and waits by a schedule: interrupting it would stop what is to come."""
        return self.repeated and self.waits

    @property
    def working(self) -> bool:
        """Whether it is active and does not wait by a schedule."""
        return self.active and not self.scheduled

    @property
    def began(self) -> Optional[Instant]:
        """The last that is told of its beginning: it runs, is assigned, or is created."""
        times = (self.running_at, self.assigned_at, self.created_at)
        return max((time for time in times if time), key=lambda time: time.seconds, default=None)

    @property
    def may_not_execute(self) -> bool:
        """Whether the record tells what the user of the key may do with it, and *Execute* is not among that."""
        told = [value for name, value in self.raw.items() if letters_only(name) in _PERMISSIONS and value]
        granted = " ".join(map(str, told)).lower()
        return "read" in granted and not _EXECUTE.search(granted)

    @property
    def reference(self) -> str:
        """Id and index in the group. Not the session: a queued task has none yet."""
        return f"{self.id}/{self.group_index}"

    def completed(self, _earlier: Task) -> Task:
        """As it is: only the records of single tasks are acted on."""
        return self

    def as_dict(self, *, raw: bool = False) -> dict[str, Any]:
        """The record as modules return it: times in UTC, durations in seconds."""
        values = {name: getattr(self, name) for name in FIELDS}
        record = {name: value.iso() if isinstance(value, Instant) else value for name, value in values.items()}
        if raw:
            record["raw"] = dict(self.raw)
        return record

    @classmethod
    def from_record(cls, record: Mapping[str, Any], zone: Optional[tzinfo] = None) -> Optional[Task]:
        """Read a record of the server; None when it has no id. Values of a wrong type count as missing.

        :param zone: the zone of times without one (``naive_timezone``).
        """
        told = _RESOLVER.resolve(record).values_in(record)

        def first(name: str, read: Any) -> Any:
            return next((value for value in map(read, told[name]) if value is not None), None)

        task_id = first("id", _text)
        if not task_id:
            return None
        index = first("group_index", _integer)
        index = None if index is None or index < 0 else index  # a negative one stands for none
        return cls(
            id=task_id,
            group_index=index or 0,
            state=(first("state", _text) or "").lower(),
            owner=with_environment(first("user", _text), first("environment", _text)),
            session_id=first("session_id", _text),
            return_code=first("return_code", _integer),
            error_message=first("error_message", _text) or "",
            in_group=index is not None,
            planned=bool(first("planned", _told)),
            raw=record,
            **{name: first(name, _text) for name in _TEXTS},
            **{name: first(name, _number) for name in _NUMBERS},
            **{name: first(name, lambda value: parse_instant(value, zone)) for name in _TIMES},
        )


def newest_first(tasks: Iterable[Task]) -> list[Task]:
    """The tasks by creation time, the newest first, those without one last; then by id and group index."""
    return sorted(tasks, key=lambda one: (-one.created_at.seconds if one.created_at else 1e99, one.id, one.group_index))


def _told(value: Any) -> Optional[bool]:
    """True for any value, readable or not; None where it says nothing."""
    return _text(value) is not None or (not isinstance(value, str) and bool(value)) or None


def _text(value: Any) -> Optional[str]:
    """Text that is not blank; a number becomes text."""
    if isinstance(value, str):
        return value.strip() or None
    return str(value) if isinstance(value, (int, float)) and _number(value) is not None else None


def _number(value: Any) -> Optional[Number]:
    """A number below 2**63, also as text; a larger or infinite one is neither a duration nor an id."""
    if isinstance(value, str):
        value = float(value) if _NUMBER.match(value.strip()) else None
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return value if is_number and abs(value) < _LARGEST else None


def _integer(value: Any) -> Optional[int]:
    """An integer, also as ``3.0`` (the vendor's client allows it) or as text."""
    number = _number(value)
    return int(number) if number is not None and number == int(number) else None

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A session, read from a record of the server or of an earlier result. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from types import MappingProxyType
from typing import Any, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError, shown
from ansible_collections.aimms.cloud.plugins.module_utils.models.field_names import FieldPaths, ResolvedFields, first
from ansible_collections.aimms.cloud.plugins.module_utils.models.session_fields import RESOLVER
from ansible_collections.aimms.cloud.plugins.module_utils.models.states import ACTIVE_STATES, ENDED_STATES, KINDS
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Instant, parse_instant

FIELDS = tuple(
    "id kind state active app_name app_version owner created_at started_at ended_at age_seconds message".split()
)
_ID = re.compile(r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,127}\Z", re.ASCII)
_IDENTITY = ("id", "kind", "app_name", "owner", "created_at")
_NO_RECORD: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Session:
    """One session: ``kind`` and ``state`` in lower case; ``raw`` is the server's record."""

    id: str
    kind: str
    state: str = ""
    app_name: Optional[str] = None
    app_version: Optional[str] = None
    owner: Optional[str] = None
    created_at: Optional[Instant] = None
    started_at: Optional[Instant] = None
    ended_at: Optional[Instant] = None
    message: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def key(self) -> str:
        """The id, which is unique within a kind."""
        return self.id

    @property
    def active(self) -> bool:
        """Whether the state is an active one. ``ended_at`` does not matter: WebUI sessions never have it."""
        return self.state in ACTIVE_STATES

    @property
    def ended(self) -> bool:
        """Whether the state is an ended one; an unknown state is neither active nor ended."""
        return self.state in ENDED_STATES

    @property
    def identity(self) -> tuple[Any, ...]:
        """Equal only for the same session: an id alone may be used again. Times in whole seconds."""
        created = int(self.created_at.seconds) if self.created_at else None
        return (self.id, self.kind, self.app_name, self.owner, created)

    def as_dict(
        self, now: Optional[float], *, raw: bool = False, fields: Optional[Sequence[str]] = None
    ) -> dict[str, Any]:
        """The record as modules return it; ``age_seconds`` counts from ``created_at`` to ``now``.

        :param fields: some of ``FIELDS``; None returns all.
        """
        record = {name: self._field(name, now) for name in (FIELDS if fields is None else fields)}
        if raw:
            record["raw"] = dict(self.raw)
        return record

    def _field(self, name: str, now: Optional[float]) -> Any:
        if name == "age_seconds":
            return int(now - self.created_at.seconds) if now is not None and self.created_at else None
        value = getattr(self, name)
        return value.iso() if isinstance(value, Instant) else value

    @classmethod
    def from_record(
        cls, record: Mapping[str, Any], kind: str, zone: Optional[tzinfo] = None, *, raw: bool = True
    ) -> Optional[Session]:
        """Read a record of the server; None when it has no id.

        :param kind: the kind of the list; another known kind in the record takes precedence.
        :param zone: the zone of times without one (``naive_timezone``).
        :param raw: whether to keep the record.
        """
        at = RESOLVER.resolve(record)
        session_id = _text(at["id"], record, numbers=True)
        if not session_id:
            return None
        own_kind = (_text(at["kind"], record) or "").lower()
        return cls(
            id=session_id,
            kind=own_kind if own_kind in KINDS else kind,
            state=(_text(at["state"], record) or "").lower(),
            app_name=_text(at["app_name"], record),
            app_version=_text(at["app_version"], record, numbers=True),
            owner=_owner(at, record),
            created_at=_instant(at["created_at"], record, zone),
            started_at=_instant(at["started_at"], record, zone),
            ended_at=_instant(at["ended_at"], record, zone),
            message=_text(at["message"], record) or "",
            raw=record if raw else _NO_RECORD,
        )


def session_of(record: Mapping[str, Any]) -> Session:
    """The session of a record that a module has returned.

    :raises OptionError: when a field of its identity is missing or invalid.
    """
    missing = [name for name in _IDENTITY if name not in record]
    if missing:
        raise OptionError(
            f"sessions: a record has no {missing[0]}.",
            f"Each needs {', '.join(_IDENTITY)}, as aimms_session_info gives.",
        )
    created = None if record["created_at"] is None else parse_instant(record["created_at"])
    if record["kind"] not in KINDS or (created is None and record["created_at"] is not None):
        raise OptionError(f"sessions: the record of {checked_id(record['id'])} has a kind or created_at of no session.")
    return Session(
        id=checked_id(record["id"]),
        kind=record["kind"],
        state=str(record.get("state") or ""),
        app_name=record["app_name"],
        app_version=record.get("app_version"),
        owner=record["owner"],
        created_at=created,
    )


def valid_id(session_id: object) -> bool:
    """Whether an id is safe in a path: quoting is not enough behind a reverse proxy."""
    return isinstance(session_id, str) and bool(_ID.match(session_id))


def checked_id(session_id: object) -> str:
    """:raises OptionError: for an invalid id, which must not be used in a path."""
    if not isinstance(session_id, str) or not valid_id(session_id):
        given = shown(str(session_id), 128).encode("ascii", "backslashreplace").decode()
        raise OptionError(f"'{given}' cannot be a session id: letters, digits, '.', '_' and '-' only, 128 at most.")
    return session_id


def _text(paths: FieldPaths, record: Mapping[str, Any], numbers: bool = False) -> Optional[str]:
    """The first value that is text and not blank, or, with ``numbers``, a number."""
    for path in paths:
        value = record[path] if isinstance(path, str) else first(path, record)
        if isinstance(value, str):
            text = value.strip()
            if text:
                return text
        elif numbers and isinstance(value, (int, float)) and not isinstance(value, bool):
            return str(value)
    return None


def _instant(paths: FieldPaths, record: Mapping[str, Any], zone: Optional[tzinfo]) -> Optional[Instant]:
    for path in paths:
        value = record[path] if isinstance(path, str) else first(path, record)
        instant = None if value is None else parse_instant(value, zone)
        if instant is not None:
            return instant
    return None


def _owner(at: ResolvedFields, record: Mapping[str, Any]) -> Optional[str]:
    """``user@ENVIRONMENT``, joined when the server has them in two fields."""
    owner = _text(at["owner"], record)
    if owner and "@" not in owner:
        environment = _text(at["environment"], record)
        return f"{owner}@{environment}" if environment else owner
    return owner

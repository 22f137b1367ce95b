# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A session, read from a record of the server or of an earlier result. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from types import MappingProxyType
from typing import Any, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError, shown
from ansible_collections.aimms.cloud.plugins.module_utils.models.field_names import (
    FieldPaths,
    ResolvedFields,
    values_at,
)
from ansible_collections.aimms.cloud.plugins.module_utils.models.names import app_names, either, owner_names
from ansible_collections.aimms.cloud.plugins.module_utils.models.session_fields import RESOLVER
from ansible_collections.aimms.cloud.plugins.module_utils.models.states import KINDS, is_active, is_ended, is_ending
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Instant, parse_instant

FIELDS = tuple(
    "id kind state active app_name app_version owner created_at started_at ended_at age_seconds message".split()
)
_ID = re.compile(r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,127}\Z", re.ASCII)
_IDENTITY = ("id", "kind", "app_name", "owner", "created_at")
_STEADY = ("app_name", "app_version", "owner", "created_at", "started_at")
_TIMES = ("created_at", "started_at", "ended_at")
_OWNER = ("owner", "owner_id", "any_owner", "environment")
_APP = ("app_name", "app_id", "any_app")
_LONGEST_TIME = 40
_NO_RECORD: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Session:
    """One session: ``kind`` and ``state`` in lower case; ``raw`` is the server's record.

    ``owner_texts`` and ``app_texts``: see ``Names.all``. ``unread_times``: fields whose time cannot be read, with it.
    """

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
    owner_texts: tuple[Optional[str], ...] = field(default=(), repr=False, compare=False)
    app_texts: tuple[Optional[str], ...] = field(default=(), repr=False, compare=False)
    unread_times: tuple[tuple[str, str], ...] = field(default=(), repr=False, compare=False)
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def key(self) -> str:
        """The id, which is unique within a kind."""
        return self.id

    @property
    def active(self) -> bool:
        """Whether the state is an active one. ``ended_at`` does not matter: WebUI sessions never have it."""
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
        """Kind and id."""
        return f"{self.kind}/{self.id}"

    @property
    def owner_names(self) -> tuple[Optional[str], ...]:
        """See ``Names.all``; of a record of an earlier result only its one owner."""
        return self.owner_texts or owner_names((self.owner,) if self.owner else (), (), (), ()).all

    @property
    def app_names(self) -> tuple[Optional[str], ...]:
        """See ``Names.all``; of a record of an earlier result only its one app."""
        return self.app_texts or app_names((self.app_name,) if self.app_name else (), (), (), self.app_version).all

    def completed(self, earlier: Session) -> Session:
        """With the fields that only ``earlier``, another read of the same session, tells."""
        untold = {name: getattr(earlier, name) for name in _STEADY if getattr(self, name) is None}
        if self.owner and earlier.owner and "@" not in self.owner and "@" in earlier.owner:
            untold["owner"] = earlier.owner
        owners, apps = either(self.owner_names, earlier.owner_names), either(self.app_names, earlier.app_names)
        more = owners != self.owner_names or apps != self.app_names or any(one is not None for one in untold.values())
        return replace(self, **untold, owner_texts=owners, app_texts=apps) if more else self

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
        version = _text(at["app_version"], record, numbers=True)
        app = app_names(*[_texts(name, at, record) for name in _APP], version)
        owner = owner_names(*[_texts(name, at, record) for name in _OWNER])
        created, started, ended = (_instant(at[name], record, zone) for name in _TIMES)
        unread = () if created and started and ended else _unread(at, record, (created, started, ended))
        return cls(
            session_id,
            own_kind if own_kind in KINDS else kind,
            (_text(at["state"], record) or "").lower(),
            app.best,
            version,
            owner.best,
            created,
            started,
            ended,
            _text(at["message"], record) or "",
            owner.all,
            app.all,
            unread,
            record if raw else _NO_RECORD,
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
        app_name=_told(record["app_name"]),
        app_version=_told(record.get("app_version")),
        owner=_told(record["owner"]),
        created_at=created,
    )


def _told(value: Any) -> Optional[str]:
    """A text of a record: YAML on the way makes a number of a version such as 4.2."""
    return None if value is None else str(value)


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
        for value in (record[path],) if isinstance(path, str) else values_at(path, record):
            if isinstance(value, str):
                text = value.strip()
                if text:
                    return text
            elif numbers and isinstance(value, (int, float)) and not isinstance(value, bool):
                return str(value)
    return None


def _texts(name: str, at: ResolvedFields, record: Mapping[str, Any]) -> tuple[str, ...]:
    """All values that are text and not blank; those in lists only of fields that may name something."""
    found = []
    for path in at[name]:
        for value in (record[path],) if isinstance(path, str) else values_at(path, record):
            texts = value if isinstance(value, list) and name.startswith("any_") else (value,)
            found += [text.strip() for text in texts if isinstance(text, str) and text.strip()]
    return tuple(found)


def _instant(paths: FieldPaths, record: Mapping[str, Any], zone: Optional[tzinfo]) -> Optional[Instant]:
    """The first time that can be read."""
    for path in paths:
        for value in (record[path],) if isinstance(path, str) else values_at(path, record):
            instant = None if value is None else parse_instant(value, zone)
            if instant is not None:
                return instant
    return None


def _unread(
    at: ResolvedFields, record: Mapping[str, Any], times: Sequence[Optional[Instant]]
) -> tuple[tuple[str, str], ...]:
    """The fields without a time whose value is not null, empty, zero or false, each with that value."""
    unread = []
    for name, instant in zip(_TIMES, times):
        for path in at[name] if instant is None else ():
            for value in (record[path],) if isinstance(path, str) else values_at(path, record):
                text = str(value).strip() if isinstance(value, (str, int, float)) else f"a {type(value).__name__}"
                if value and text:
                    unread.append((name, shown(text, _LONGEST_TIME)))
    return tuple(dict(reversed(unread)).items())

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A session, read from a record of the server or of an earlier result. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from functools import lru_cache
from operator import attrgetter
from types import MappingProxyType
from typing import Any, Callable, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError, shown
from ansible_collections.aimms.cloud.plugins.module_utils.masking import may_hide_a_secret
from ansible_collections.aimms.cloud.plugins.module_utils.models import names, states
from ansible_collections.aimms.cloud.plugins.module_utils.models.field_names import ResolvedFields, values_at
from ansible_collections.aimms.cloud.plugins.module_utils.models.session_fields import AMOUNTS, RESOLVER
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Instant, parse_instant

FIELDS = (
    *"id kind state active app_name app_version owner created_at started_at ended_at age_seconds message".split(),
    *("user_name", "environment", "description", *AMOUNTS, "scheduled_for", "link"),
)
_ID = re.compile(r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,127}\Z", re.ASCII)
_STEADY = ("app_name", "app_version", "owner", "created_at", "started_at", "environment", "scheduled_for")
_TIMES = ("created_at", "started_at", "ended_at", "scheduled_for")
_NO_SCHEDULE = frozenset("- none no never null n/a false".split())
_NAMED = "kind category state app_name app_id any_app owner owner_id any_owner environment".split()
_LONGEST_TIME = 40
_NO_RECORD: Mapping[str, Any] = MappingProxyType({})
Values = Mapping[str, Sequence[Any]]


@dataclass(frozen=True)
class Session:
    """One session: ``kind`` and ``state`` in lower case; ``raw`` is the server's record.

    ``kind`` is one of ``KINDS``, or a type that is not known: nothing is changed then.
    ``environment``: only where the record tells it by itself. ``owner_texts`` and ``app_texts``: see ``Names.all``.
    ``unread_times``: fields whose time cannot be read, with it. ``amounts``: arguments of ``amount``.
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
    environment: Optional[str] = None
    description: Optional[str] = None
    scheduled_for: Optional[Instant] = None
    owner_texts: tuple[Optional[str], ...] = field(default=(), repr=False, compare=False)
    app_texts: tuple[Optional[str], ...] = field(default=(), repr=False, compare=False)
    unread_times: tuple[tuple[str, str], ...] = field(default=(), repr=False, compare=False)
    amounts: tuple[tuple[Any, str, str], ...] = field(default=(), repr=False, compare=False)
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)
    active_at: Optional[Instant] = field(default=None, repr=False, compare=False)  # when it last did something
    link: Optional[str] = field(default=None, repr=False, compare=False)
    version_is_fraction: bool = field(default=False, repr=False, compare=False)  # so its version 1.1 may be 1.10

    @property
    def key(self) -> str:
        """The id, which is unique within a kind."""
        return self.id

    @property
    def active(self) -> bool:
        """Whether the state is an active one. ``ended_at`` does not matter: WebUI sessions never have it."""
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
    def reference(self) -> str:
        """Kind and id."""
        return f"{self.kind}/{self.id}"

    @property
    def owner_names(self) -> tuple[Optional[str], ...]:
        """See ``Names.all``; of a record of an earlier result only its one owner."""
        return self.owner_texts or names.owner_names((self.owner,) if self.owner else (), (), (), ()).all

    @property
    def app_names(self) -> tuple[Optional[str], ...]:
        """See ``Names.all``; of a record of an earlier result only its one app."""
        app = (self.app_name,) if self.app_name else ()
        return self.app_texts or names.app_names(app, (), (), self.app_version).all

    def completed(self, earlier: Session) -> Session:
        """With the fields that only ``earlier``, another read of the same session, tells."""
        untold = {name: getattr(earlier, name) for name in _STEADY if getattr(self, name) is None}
        if self.owner and earlier.owner and "@" not in self.owner and "@" in earlier.owner:
            untold["owner"] = earlier.owner
        owners = names.either(self.owner_names, earlier.owner_names)
        apps = names.either(self.app_names, earlier.app_names)
        more = owners != self.owner_names or apps != self.app_names or any(one is not None for one in untold.values())
        return replace(self, **untold, owner_texts=owners, app_texts=apps) if more else self

    def as_dict(
        self, now: Optional[float], *, raw: bool = False, fields: Optional[Sequence[str]] = None
    ) -> dict[str, Any]:
        """The record as modules return it; ``age_seconds`` counts from ``created_at`` to ``now``.

        :param fields: some of ``FIELDS``; None returns all.
        """
        record = {name: _SHOWN[name](self) for name in (FIELDS if fields is None else fields)}
        if now is not None and self.created_at and "age_seconds" in record:
            record["age_seconds"] = int(now - self.created_at.seconds)
        if self.amounts:
            from ansible_collections.aimms.cloud.plugins.module_utils.models.quantities import amount

            record.update((told[1], amount(*told)) for told in self.amounts if told[1] in record)
        if raw:
            record["raw"] = dict(self.raw)
        texts = [name for name in ("message", "description", "link") if may_hide_a_secret(record.get(name) or "")]
        texts += ["raw"] if raw else []
        if texts:  # few have one, so what masks the secrets in it is imported here
            from ansible_collections.aimms.cloud.plugins.module_utils.redacted_json import redacted_value

            record.update({name: redacted_value(record[name]) for name in texts})
        return record

    @classmethod
    def from_record(
        cls, record: Mapping[str, Any], kind: str, zone: Optional[tzinfo] = None, *, raw: bool = True
    ) -> Optional[Session]:
        """Read a record of the server; None when it has no id.

        :param kind: of the list; that of the record counts. :param zone: of times without one. :param raw: keep it.
        """
        told = (at := RESOLVER.resolve(record)).values_in(record)
        if not (session_id := _text(told["id"], numbers=True)):
            return None
        version = _text(told["app_version"], numbers=True)
        naming = tuple([told[name] for name in _NAMED])
        try:
            kind, state, app, owner = _named(naming, version, kind)
        except TypeError:  # one of its values is a list
            kind, state, app, owner = _named.__wrapped__(naming, version, kind)
        times = [_instant(told[name], zone, name == "ended_at") for name in _TIMES]
        return cls(
            session_id,
            kind,
            state,
            app.best,
            version,
            owner.best,
            times[0],
            times[1],
            times[2],
            _text(told["message"]) or "",
            owner.environment,
            _text(told["description"]),
            times[3],
            owner.all,
            app.all,
            _unread(told, times) if None in times else (),
            _amounts(at, told, record),
            record if raw else _NO_RECORD,
            _instant(told["active_at"], zone),
            _text(told["link"]),
            any(isinstance(value, float) for value in told["app_version"]),
        )


def _time_of(name: str) -> Callable[[Session], Optional[str]]:
    return lambda session: getattr(session, name) and getattr(session, name).iso()


_SHOWN: dict[str, Callable[[Session], Any]] = {
    **{name: attrgetter(name) for name in FIELDS},
    **{name: _time_of(name) for name in _TIMES},
    **dict.fromkeys(("age_seconds", *AMOUNTS), lambda _one: None),
    "user_name": lambda one: names.owner_parts(one.owner, one.environment)[0],
    "environment": lambda one: names.owner_parts(one.owner, one.environment)[1],
}
"""The value of each field as modules return it; without the age and the amounts."""


def valid_id(session_id: object) -> bool:
    """Whether an id is safe in a path: quoting is not enough behind a reverse proxy."""
    return isinstance(session_id, str) and bool(_ID.match(session_id))


def checked_id(value: object, thing: str = "session") -> str:
    """:raises OptionError: for an invalid id of a session or task, which must not be used in a path."""
    if not isinstance(value, str) or not valid_id(value):
        given = shown(str(value), 128).encode("ascii", "backslashreplace").decode()
        raise OptionError(f"'{given}' cannot be a {thing} id: letters, digits, '.', '_' and '-' only, 128 at most.")
    return value


def _text(values: Sequence[Any], numbers: bool = False) -> Optional[str]:
    """The first value that is text and not blank, or, with ``numbers``, a number."""
    for value in values:
        if isinstance(value, str):
            if text := value.strip():
                return text
        elif numbers and isinstance(value, (int, float)) and not isinstance(value, bool):
            return str(value)
    return None


@lru_cache(maxsize=4096)
def _named(
    told: tuple[Sequence[Any], ...], version: Optional[str], listed: str
) -> tuple[str, str, names.Names, names.Names]:
    """Kind, state, app and owner, from the values of the fields in ``_NAMED``: only the texts among them count.

    :param listed: the kind of the list.
    """
    texts = {name: _texts(values, lists=name.startswith("any_")) for name, values in zip(_NAMED, told)}
    return (
        states.kind_of(texts["kind"], texts["category"], listed),
        re.sub(r"\A(?:session_)?stat(?:e|us)_", "", "".join(texts["state"][:1]).lower()),  # SESSION_STATE_RUNNING
        names.app_names(texts["app_name"], texts["app_id"], texts["any_app"], version),
        names.owner_names(texts["owner"], texts["owner_id"], texts["any_owner"], texts["environment"]),
    )


def _texts(values: Sequence[Any], *, lists: bool) -> tuple[str, ...]:
    """All values that are text and not blank. :param lists: also those in lists."""
    found = []
    for value in values:
        texts = value if isinstance(value, list) and lists else (value,)
        found += [text.strip() for text in texts if isinstance(text, str) and text.strip()]
    return tuple(found)


def _instant(values: Sequence[Any], zone: Optional[tzinfo], latest: bool = False) -> Optional[Instant]:
    """The first time that can be read, or the latest one."""
    if not values:  # usual, and fast
        return None
    times = [time for value in values if (time := parse_instant(value, zone))]
    return max(times, key=attrgetter("seconds")) if latest and times else times[0] if times else None


def _unread(told: Values, times: Sequence[Optional[Instant]]) -> tuple[tuple[str, str], ...]:
    """The fields without a time whose value is not null, empty, zero or false, each with that value."""
    unread: dict[str, str] = {}
    for name in [name for name, instant in zip(_TIMES, times) if instant is None and told[name]]:
        for value in filter(None, told[name]):
            text = str(value).strip() if isinstance(value, (str, int, float)) else f"a {type(value).__name__}"
            if text and not (name == "scheduled_for" and text.lower() in _NO_SCHEDULE):
                unread.setdefault(name, shown(text, _LONGEST_TIME))
    return tuple(unread.items())


def _amounts(at: ResolvedFields, told: Values, record: Mapping[str, Any]) -> tuple[tuple[Any, str, str], ...]:
    """The arguments of ``amount`` for each amount that its best name tells: it is computed where it is shown."""
    found = []
    for name in [name for name in AMOUNTS if told[name]]:
        if name in at.plain:
            found.append((told[name][0], name, at.plain[name]))
        elif best := values_at(at[name][:1], record):
            path = at[name][0]
            found.append((best[0], name, path if isinstance(path, str) else path[0][-1]))
    return tuple(found)

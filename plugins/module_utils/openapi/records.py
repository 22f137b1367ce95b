# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one record in a response, and which of several ids in a record is its own. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import tzinfo
from functools import lru_cache
from itertools import chain
from typing import Any, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.models.envelope import DEPTH
from ansible_collections.aimms.cloud.plugins.module_utils.models.field_names import letters_only, values_at, words
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.models.session_fields import ID_WORDS, RESOLVER, id_key
from ansible_collections.aimms.cloud.plugins.module_utils.models.states import is_active, is_ended
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.routes import ANY_KIND, Routes

_WITH_THE_ID = ("metadata", "meta")  # objects of a record that may have its id, while its state stands beside them


def id_names_of(routes: Routes, kind: str) -> frozenset[str]:
    """How the document calls the id in the paths of sessions of this kind, but for the address of a service."""
    every = routes.by_operation.items()
    of_kind = (route for (name, of), route in every if of in (kind, ANY_KIND) and name != "uri")
    return frozenset(route.id_name for route in of_kind if route.id_name)


def session_from(
    record: Mapping[str, Any], kind: str, zone: Optional[tzinfo], id_names: frozenset[str], *, raw: bool
) -> Optional[Session]:
    """As ``Session.from_record``, with the id by the document's name for it.

    :param id_names: what the document calls the id in paths. None too where the fields of these names differ.
    """
    session = Session.from_record(record, kind, zone, raw=raw)
    named = _values(record, _id_fields(tuple(record), id_names))
    if session is None or len(named) > 1:
        return None
    return session if not named or session.id == named[0] else replace(session, id=named[0])


def open_record(answer: Any, wanted_id: str, id_names: frozenset[str] = frozenset()) -> Mapping[str, Any]:
    """The record with the id ``wanted_id`` in ``answer``, bare or in another object.

    :param id_names: as for ``session_from``.
    :raises ValueError: when there is no record with that id, or there are several that tell different states.
    """
    wanted = id_key(wanted_id)
    every = list(_records_with(wanted, answer, DEPTH))
    if not every:
        raise ValueError("no record with that id")
    own = [one for one in every if _own_id(one[0], id_names) == wanted] or every
    found, told = [record for record, _inside in own], [_states_in(record) for record, _inside in own]
    inner, outer = ({s[0] for s, (_one, inside) in zip(told, own) if s and inside is where} for where in (True, False))
    if not _agree(outer, inner):
        raise ValueError("several records with that id, in different states")
    if any(is_ended(states[0]) and any(map(is_active, states)) for states in told if states):
        raise ValueError("a record that tells its state twice, as ended and as active")
    return next((record for record, states in zip(found, told) if states), found[0])


def _agree(outer: Collection[str], inner: Collection[str]) -> bool:
    """Whether records tell one state. What stands in one of them, as its ``pod``, may have another word for it."""
    every = {*outer, *inner}
    return len(every) < 2 or (len(outer) == 1 and (all(map(is_active, every)) or all(map(is_ended, every))))


def _records_with(
    wanted: str, answer: Any, depth: int, inside: bool = False
) -> Iterator[tuple[Mapping[str, Any], bool]]:
    """The objects with this id, outer ones first, also in lists with one entry; and whether it is in another one.

    :param inside: whether ``answer`` is part of such an object: what it lists is its past, or belongs to it.
    """
    if isinstance(answer, Mapping):
        if wanted in map(id_key, _values(*_with_ids(answer))):
            yield answer, inside
            inside = True
        nested = [value for value in answer.values() if not (inside and isinstance(value, list))]
    else:
        nested = answer if isinstance(answer, list) and len(answer) == 1 else []
    for value in nested if depth else []:
        yield from _records_with(wanted, value, depth - 1, inside)


def _own_id(record: Mapping[str, Any], id_names: frozenset[str]) -> Optional[str]:
    """The id by the document's name, else by the name ``id``, else the first one; None where such fields differ."""
    holder, fields = _with_ids(record)
    names = tuple(holder)
    named = (_id_fields(names, id_names), _id_fields(names, frozenset({"id"})), fields[:1])
    values = next(filter(None, (_values(holder, some) for some in named)), [])
    return id_key(values[0]) if len(values) == 1 else None


def _with_ids(record: Mapping[str, Any]) -> tuple[Mapping[str, Any], Sequence[str]]:
    """The record, or where only its ``metadata`` has an id that; and the fields that may have it."""
    inner = (value for name, value in record.items() if letters_only(name) in _WITH_THE_ID)
    for one in (record, *(value for value in inner if isinstance(value, Mapping))):
        if fields := _id_fields(tuple(one), None):
            return one, fields
    return record, ()


@lru_cache(maxsize=1024)
def _id_fields(names: tuple[str, ...], id_names: Optional[frozenset[str]]) -> tuple[str, ...]:
    """Those of the names that may be of an id. :param id_names: one of these too, or else in another notation."""
    ids = tuple(name for name in names if words(name) in ID_WORDS and not name.startswith("@"))  # @id is an address
    if id_names is None:
        return ids
    fits = ([name] if name in ids else [one for one in ids if _alike(one, name)] for name in id_names)
    return tuple(chain.from_iterable(fits))


def _alike(name: str, other: str) -> bool:
    return letters_only(name) == letters_only(other)


def _values(record: Mapping[str, Any], fields: Collection[str]) -> list[str]:
    """The ids in these fields, each once, as ``Session.from_record`` reads them."""
    told = (record[name] for name in fields)
    texts = (str(one).strip() for one in told if isinstance(one, (str, int, float)) and not isinstance(one, bool))
    return list(dict.fromkeys(filter(None, texts)))


def _states_in(record: Mapping[str, Any]) -> list[str]:
    """The letters of its state, as ``Session`` has it; several where several fields tell it."""
    told = values_at(RESOLVER.resolve(record)["state"], record)
    return [
        re.sub(r"\A(?:session)?stat(?:e|us)(?=.)", "", letters_only(value))
        for value in told
        if isinstance(value, str) and value.strip()
    ]

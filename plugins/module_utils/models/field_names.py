# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the wanted fields stand in records of one shape, whatever the server calls them. Pure.

Field names are compared as sets of words: ``createdAt``, ``created_at``, ``CreationTime`` and ``times.created`` all
come down to one word each, so that snake_case, camelCase, nesting and the vendor's spellings need no list of their own.
A server's records look alike, so that is worked out once for each shape: its names, and which of them hold objects.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Union

Path = tuple[str, ...]
FieldPath = Union[str, tuple[Path, ...]]
"""The name of a field, or the ways to several that mean the same: the first with a value counts."""
FieldPaths = tuple[FieldPath, ...]
"""Where to look for one wanted field, the best spelling first."""
ResolvedFields = Mapping[str, FieldPaths]

LONGEST_NAME = 100
"""Characters of a field's name, with those of the objects around it."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_NOISE = frozenset(
    "session sessions date time timestamp datetime at on utc ms iso epoch seconds millis metadata meta attributes "
    "info details times timestamps properties current data".split()
)

_COMPOUND = {
    "appname": "app name",
    "appversion": "app version",
    "createdat": "created",
    "creationtime": "creation",
    "endedat": "ended",
    "endtime": "end",
    "sessionid": "id",
    "sessionstate": "state",
    "sessionstatus": "status",
    "startedat": "started",
    "starttime": "start",
    "userenvironment": "user environment",
    "username": "user name",
}
_DEPTH = 2
_MOST_SHAPES, _LONGEST_SHAPE = 64, 10_000
_PLAIN = frozenset((str, int, float, bool, type(None), list))
_NESTED = _PLAIN | {dict}


class FieldResolver:
    """The resolved fields of all shapes of records that were met."""

    def __init__(self, wanted: Mapping[str, Sequence[tuple[str, ...]]]) -> None:
        """:param wanted: the words of each wanted field's spellings, the best first."""
        self._wanted = wanted
        self._known: dict[Any, ResolvedFields] = {}

    def of(self, record: Mapping[str, Any]) -> ResolvedFields:
        """The layout of a record; of only so many shapes it is remembered."""
        try:
            shape = _shape(record, _DEPTH)
        except TypeError:
            return self.resolve(record)
        layout = self._known.get(shape)
        if layout is None:
            layout = self.resolve(record)
            if len(self._known) < _MOST_SHAPES and _length(shape) <= _LONGEST_SHAPE:
                self._known[shape] = layout
        return layout

    def resolve(self, record: Mapping[str, Any]) -> ResolvedFields:
        """The layout, from the names in the record."""
        ways: dict[tuple[str, ...], list[Path]] = {}
        for name, path in _leaves(record, _DEPTH):
            ways.setdefault(words(name), []).append(path)
        return {
            field: tuple(_place(ways[spelling]) for spelling in spellings if spelling in ways)
            for field, spellings in self._wanted.items()
        }


def first(ways: Sequence[Path], record: Mapping[str, Any]) -> Any:
    """The first value that is not null among fields that mean the same; None when all are."""
    return next((found for found in (_at(path, record) for path in ways) if found is not None), None)


def words(name: str) -> tuple[str, ...]:
    """The telling words of a field name, sorted: ``sessionCreatedAt`` and ``created_at`` are both ``("created",)``.

    A name that is too long to be one has none.
    """
    return _words(name) if len(name) <= LONGEST_NAME else ()


@lru_cache(maxsize=1024)
def _words(name: str) -> tuple[str, ...]:
    all_words = [word.lower() for word in _WORD.findall(name)]
    expanded = [part for word in all_words for part in _COMPOUND.get(word, word).split()]
    telling = [word for word in expanded if word not in _NOISE]
    return tuple(sorted(telling or expanded))


def _shape(record: Mapping[str, Any], depth: int) -> Any:
    """What decides the layout: the names, and for those of objects what is in them.

    :raises TypeError: when it holds what no JSON does.
    """
    types = {*map(type, record.values())} if isinstance(record, dict) else {object}
    if types <= _PLAIN:
        return tuple(record)
    if not types <= _NESTED:
        raise TypeError
    return tuple(
        (name, _shape(value, depth - 1) if depth else None) if isinstance(value, dict) else name
        for name, value in record.items()
    )


def _length(shape: Any) -> int:
    """The characters of all names in a shape, counted without a copy of them."""
    return sum(len(part) if isinstance(part, str) else _length(part) for part in shape or ())


def _place(ways: Sequence[Path]) -> FieldPath:
    return ways[0][0] if len(ways) == 1 and len(ways[0]) == 1 else tuple(ways)


def _at(path: Path, record: Mapping[str, Any]) -> Any:
    value: Any = record
    for name in path:
        value = value[name]
    return value


def _leaves(record: Mapping[str, Any], depth: int, prefix: str = "", path: Path = ()) -> Iterator[tuple[str, Path]]:
    """The names of plain values and the ways to them, nested ones after the plain ones, as ``outer inner``."""
    nested: list[tuple[str, Path, Mapping[str, Any]]] = []
    for name, value in record.items():
        full = f"{prefix}{name}"
        if not isinstance(value, Mapping):
            yield full, (*path, name)
        elif len(full) <= LONGEST_NAME:
            nested.append((f"{full} ", (*path, name), value))
    if depth:
        for outer, way, inner in nested:
            yield from _leaves(inner, depth - 1, outer, way)

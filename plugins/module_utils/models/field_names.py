# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds fields in records whatever the server calls them. Pure.

Names are compared by their words: ``createdAt``, ``created_at``, ``created_date`` and ``times.created`` are all
``created``, so that only the words need to be listed, not each notation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Optional, Union

Path = tuple[str, ...]
FieldPath = Union[str, tuple[Path, ...]]
"""The name of an outer field, or the paths of fields with the same words."""
FieldPaths = tuple[FieldPath, ...]
"""Where to find one wanted field, the best name first."""
ResolvedFields = Mapping[str, FieldPaths]

LONGEST_NAME = 100
"""Characters of a field's name, together with the names of the objects around it."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_NOISE = frozenset(
    "session sessions date time timestamp datetime at on utc ms iso epoch seconds millis metadata meta attributes "
    "info details times timestamps properties current data".split()
)

_COMPOUND = dict(
    compound.split(": ")
    for compound in (
        "appname: app name, appversion: app version, createdat: created, creationtime: creation, endedat: ended, "
        "endtime: end, sessionid: id, sessionstate: state, sessionstatus: status, startedat: started, "
        "starttime: start, userenvironment: user environment, username: user name"
    ).split(", ")
)
_DEPTH = 2
_MOST_SHAPES, _LONGEST_SHAPE = 64, 10_000
_FLAT = frozenset((str, int, float, bool, type(None), list))
_NESTED = _FLAT | {dict}


class FieldResolver:
    """Finds the wanted fields, once for all records with the same field names."""

    def __init__(
        self,
        wanted: Mapping[str, Sequence[tuple[str, ...]]],
        containing: Optional[Mapping[str, tuple[str, str]]] = None,
    ) -> None:
        """:param wanted: for each field its possible names as words, the best first.

        :param containing: for each further field a pattern for the letters of a name, and words it must not have.
        """
        self._wanted = wanted
        self._containing = {
            field: (re.compile(pattern), frozenset(unwanted.split()))
            for field, (pattern, unwanted) in (containing or {}).items()
        }
        self._known: dict[Any, ResolvedFields] = {}

    def resolve(self, record: Mapping[str, Any]) -> ResolvedFields:
        """The paths of the wanted fields in a record. At most 64 shapes of records are cached."""
        try:
            shape = _shape(record, _DEPTH)
        except TypeError:
            return self._resolve_uncached(record)
        resolved = self._known.get(shape)
        if resolved is None:
            resolved = self._resolve_uncached(record)
            if len(self._known) < _MOST_SHAPES and _length(shape) <= _LONGEST_SHAPE:
                self._known[shape] = resolved
        return resolved

    def _resolve_uncached(self, record: Mapping[str, Any]) -> ResolvedFields:
        """The paths of the wanted fields in a record, without the cache."""
        paths: dict[tuple[str, ...], list[Path]] = {}
        matching: dict[str, list[FieldPath]] = {field: [] for field in self._containing}
        for name, path, _value in flatten_fields(record, _DEPTH, " "):
            paths.setdefault(words(name), []).append(path)
            for field, (pattern, unwanted) in self._containing.items():
                if pattern.search(letters_only(name)) and unwanted.isdisjoint(words(name)):
                    matching[field].append(_shortened([path]))
        found = {
            field: tuple(_shortened(paths[name]) for name in names if name in paths)
            for field, names in self._wanted.items()
        }
        return {**found, **{name: tuple(listed) for name, listed in matching.items()}}


def values_at(paths: Sequence[Path], record: Mapping[str, Any]) -> list[Any]:
    """The values at these paths that are not null, in this order."""
    return [value for value in (_at(path, record) for path in paths) if value is not None]


def letters_only(name: object) -> str:
    """The letters a to z of a field name, in lower case; only its first ``LONGEST_NAME`` characters count."""
    return re.sub(r"[^a-z]", "", str(name)[:LONGEST_NAME].lower())


def words(name: str) -> tuple[str, ...]:
    """The significant words of a field name, sorted: ``sessionCreatedAt`` and ``created_at`` are ``("created",)``.

    Empty for a name longer than ``LONGEST_NAME``.
    """
    return _words(name) if len(name) <= LONGEST_NAME else ()


@lru_cache(maxsize=1024)
def _words(name: str) -> tuple[str, ...]:
    all_words = [word.lower() for word in _WORD.findall(name)]
    expanded = [part for word in all_words for part in _COMPOUND.get(word, word).split()]
    significant = [word for word in expanded if word not in _NOISE]
    return tuple(sorted({*(significant or expanded)}))


def _shape(record: Mapping[str, Any], depth: int) -> Any:
    """The names of a record's fields, and the shapes of the objects in it.

    :raises TypeError: for a value that JSON does not have.
    """
    types = {*map(type, record.values())} if isinstance(record, dict) else {object}
    if types <= _FLAT:
        return tuple(record)
    if not types <= _NESTED:
        raise TypeError
    return tuple(
        (name, _shape(value, depth - 1) if depth else None) if isinstance(value, dict) else name
        for name, value in record.items()
    )


def _length(shape: Any) -> int:
    """The number of characters of all names in a shape."""
    return sum(len(part) if isinstance(part, str) else _length(part) for part in shape or ())


def _shortened(paths: Sequence[Path]) -> FieldPath:
    return paths[0][0] if len(paths) == 1 and len(paths[0]) == 1 else tuple(paths)


def _at(path: Path, record: Mapping[str, Any]) -> Any:
    value: Any = record
    for name in path:
        value = value[name]
    return value


def flatten_fields(
    record: Mapping[str, Any], depth: int, separator: str, prefix: str = "", path: Path = ()
) -> Iterator[tuple[str, Path, Any]]:
    """Name, path and value of the fields that are no objects, outer ones first.

    :param depth: how many objects within one another are searched.
    :param separator: what joins the names of the outer objects and the field's own.
    """
    nested: list[tuple[str, Path, Mapping[str, Any]]] = []
    for name, value in record.items():
        full = f"{prefix}{name}"
        if not isinstance(value, Mapping):
            yield full, (*path, name), value
        elif len(full) <= LONGEST_NAME:
            nested.append((f"{full}{separator}", (*path, name), value))
    if depth:
        for outer, inner_path, inner in nested:
            yield from flatten_fields(inner, depth - 1, separator, outer, inner_path)

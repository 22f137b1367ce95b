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
from functools import lru_cache, partial
from itertools import chain
from typing import Any, Optional, Union

Path = tuple[str, ...]
FieldPath = Union[str, tuple[Path, ...]]
"""The name of an outer field, or the paths of fields with the same words."""
FieldPaths = tuple[FieldPath, ...]
"""Where to find one wanted field, the best name first."""

LONGEST_NAME = 100
"""Characters of a field's name, together with the names of the objects around it."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
NOISE = frozenset(
    "session sessions date time timestamp datetime at on utc ms iso epoch seconds millis metadata meta attributes "
    "info details times timestamps properties current data".split()
)
"""Words that tell nothing in the names of a session's fields; they count only where there is no other word."""
_PARTS = frozenset(
    "app user session state status name version environment created creation started start ended end time at by "
    "id".split()
)
"""Words that are also found where they are written as one: ``appname``, ``CREATEDAT``."""
_OF_THE_RECORD = ("@id", "@type", "@context")  # JSON-LD: the address and the class of a record
_DEPTH = 2
_MOST_SHAPES, _LONGEST_SHAPE = 64, 10_000
_FLAT = frozenset((str, int, float, bool, type(None), list))
_NESTED = _FLAT | {dict}


class ResolvedFields(dict[str, FieldPaths]):
    """The paths of each wanted field in records with the same names. ``plain``: those that have one outer name only."""

    def __init__(self, paths: Mapping[str, FieldPaths]) -> None:
        super().__init__(paths)
        self.plain = {field: at[0] for field, at in paths.items() if len(at) == 1 and isinstance(at[0], str)}
        self._others = {field: at for field, at in paths.items() if field not in self.plain}

    def values_in(self, record: Mapping[str, Any]) -> dict[str, Sequence[Any]]:
        """The values of each wanted field, as ``values_at`` gives them."""
        found = {field: values_at(at, record) if at else () for field, at in self._others.items()}
        for field, name in self.plain.items():
            found[field] = () if (value := record[name]) is None else (value,)
        return found


class FieldResolver:
    """Finds the wanted fields, once for all records with the same field names."""

    def __init__(
        self,
        wanted: Mapping[str, Sequence[tuple[str, ...]]],
        containing: Optional[Mapping[str, tuple[str, str]]] = None,
        *,
        noise: frozenset[str] = NOISE,
        by_own_name: bool = False,
    ) -> None:
        """:param wanted: for each field its possible names as words, the best first.

        :param containing: for each further field a pattern for the letters of a name, and words it must not have.
        :param noise: as ``NOISE``. :param by_own_name: whether a field in an object has its own name too, without
            that of the object, and counts less than an outer field.
        """
        self._wanted = wanted
        self._by_own_name = by_own_name
        known = _PARTS if noise is NOISE else noise.union(*(name for names in wanted.values() for name in names))
        self._words = partial(words, noise=noise, parts=known)
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
            if path[-1] in _OF_THE_RECORD:
                continue
            for known_as in dict.fromkeys(
                (self._words(name), self._words(str(path[-1]) if self._by_own_name else name))
            ):
                paths.setdefault(known_as, []).append(path)
            for field, (pattern, unwanted) in self._containing.items():
                if pattern.search(letters_only(name)) and unwanted.isdisjoint(self._words(name)):
                    matching[field].append(_shortened([path]))
        found: dict[str, FieldPaths] = {}
        for field, names in self._wanted.items():
            known = [paths[name] for name in names if name in paths]
            if self._by_own_name:
                known = [[path] for path in sorted(chain(*known), key=len)]
            found[field] = tuple(map(_shortened, known))
        return ResolvedFields({**found, **{name: tuple(listed) for name, listed in matching.items()}})


def values_at(paths: FieldPaths, record: Mapping[str, Any]) -> Sequence[Any]:
    """The values of one wanted field that are not null, those of the best name first."""
    found: list[Any] = []
    for path in paths:
        values = (record[path],) if isinstance(path, str) else (_at(inner, record) for inner in path)
        found += [value for value in values if value is not None]
    return tuple(found)


def letters_only(name: object) -> str:
    """The letters a to z of a field name, in lower case; only its first ``LONGEST_NAME`` characters count."""
    return re.sub(r"[^a-z]", "", str(name)[:LONGEST_NAME].lower())


def names_as_words(names: Mapping[str, str]) -> dict[str, list[tuple[str, ...]]]:
    """The possible names of each field, separated by commas, as ``words`` returns them."""
    return {field: [tuple(sorted(name.split())) for name in known.split(", ")] for field, known in names.items()}


def words(name: str, noise: frozenset[str] = NOISE, parts: frozenset[str] = _PARTS) -> tuple[str, ...]:
    """The significant words of a field name, sorted: ``sessionCreatedAt`` and ``created_at`` are ``("created",)``.

    Empty for a name longer than ``LONGEST_NAME``. :param parts: words that may be written as one.
    """
    return _words(name, noise, parts) if len(name) <= LONGEST_NAME else ()


@lru_cache(maxsize=1024)
def _words(name: str, noise: frozenset[str], parts: frozenset[str]) -> tuple[str, ...]:
    every = {part for word in _WORD.findall(name) for part in _split(word.lower(), noise, parts) or (word.lower(),)}
    return tuple(sorted(every - noise or every))


def _split(word: str, noise: frozenset[str], parts: frozenset[str]) -> tuple[str, ...]:
    """The words that are written as this one; nothing if it is not made of words that are known."""
    if word in noise or word in parts:
        return (word,)
    for cut in range(len(word) - 2, 1, -1):
        if word[:cut] in parts:
            rest = _split(word[cut:], noise, parts)
            if rest:
                return (word[:cut], *rest)
    return ()


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

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON, YAML and lines from a server that nobody vouches for: strict, and bounded in values and depth. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn, Optional, Union

try:
    import yaml
except ImportError:
    yaml = None  # type: ignore[assignment]  # its absence is a supported state

MOST_VALUES = 400_000
"""Values in one answer: 25,000 records of 16 fields. More would take seconds to read and hundreds of MiB to hold."""

_DEEPEST = 100
_HALF_A_CHARACTER = re.compile(r"\\u[dD][89a-fA-F]")
_LINE_ENDS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"  # where str.splitlines cuts
_INTEGER = re.compile(r"\A[-+]?(0|[1-9][0-9]{0,17})\Z", re.ASCII)
_CONSTANTS = {"": None, "~": None, "null": None, "Null": None, "NULL": None}
_CONSTANTS.update(dict.fromkeys(("true", "True", "TRUE"), True))  # type: ignore[arg-type]  # values of several types
_CONSTANTS.update(dict.fromkeys(("false", "False", "FALSE"), False))  # type: ignore[arg-type]  # see above


class TooMuch(ValueError):
    """More values than are read at once; the text says it in words that fit behind 'answered with'."""

    def __init__(self) -> None:
        super().__init__(f"more than {MOST_VALUES:,} values, which are too many to read at once")


def json_in(body: bytes) -> Any:
    """The JSON in ``body``, without halves of surrogate pairs, which no text may hold.

    :raises ValueError: for anything but plain, finite, reasonably nested JSON; ``TooMuch`` for too much of it.
    """
    if sum(map(body.count, (b",", b"[", b"{"))) > MOST_VALUES:
        raise TooMuch
    try:
        text = body.decode("utf-8")
        answer = json.loads(text, parse_constant=_not_a_number)
    except RecursionError:
        raise ValueError("its JSON is nested too deeply") from None
    if _deeper(answer, _DEEPEST):
        raise ValueError("its JSON is nested too deeply")
    return _whole(answer) if _HALF_A_CHARACTER.search(text) else answer


def lines_in(text: str) -> list[str]:
    """The lines of ``text``.

    :raises TooMuch: when they are too many.
    """
    if sum(map(text.count, _LINE_ENDS)) > MOST_VALUES:
        raise TooMuch
    return text.splitlines()


def yaml_in(body: bytes) -> Any:
    """The first document of a YAML text as plain mappings, lists, texts, whole numbers, booleans and nulls.

    Built from the parser's events: a loader would recurse, multiply merged keys, and take seven times as long.
    An alias is the very same object again. Numbers with a fraction, and times, stay text.

    :raises ValueError: when it is no YAML, too deep or too much, or PyYAML is missing.
    """
    if yaml is None:
        raise ValueError("PyYAML is not installed to read YAML")
    builder = _Builder()
    try:
        for event in yaml.parse(body, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            builder.take(event)
            if isinstance(event, yaml.DocumentEndEvent):
                break
    except ValueError:
        raise
    except Exception as error:  # a foreign text can make the parser fail in any way
        deep = "nesting depth" in str(error)  # libyaml has a bound of its own since 0.2.6
        raise ValueError("its YAML is nested too deeply" if deep else "it is not YAML either") from None
    return builder.root


class _Builder:
    """Makes plain values of YAML events."""

    def __init__(self) -> None:
        self.root: Any = None
        self._open: list[_Collection] = []
        self._anchors: dict[str, Any] = {}
        self._left = MOST_VALUES

    def take(self, event: Any) -> None:
        """:raises ValueError: when a bound is passed, or an alias names nothing that is complete."""
        self._left -= 1
        if self._left < 0:
            raise TooMuch
        if isinstance(event, yaml.ScalarEvent):
            self._place(_scalar(event), event.anchor)
        elif isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchors:
                raise ValueError("its YAML has an alias of nothing that is complete")
            self._place(self._anchors[event.anchor], None)
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            self._open.append(_Collection(event.anchor, {} if isinstance(event, yaml.MappingStartEvent) else []))
            if len(self._open) > _DEEPEST:
                raise ValueError("its YAML is nested too deeply")
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            closed = self._open.pop()
            self._place(closed.value, closed.anchor)

    def _place(self, value: Any, anchor: Optional[str]) -> None:
        if anchor is not None:
            self._anchors[anchor] = value
        if not self._open:
            self.root = value
        else:
            self._left -= self._open[-1].add(value)


class _Collection:
    """A mapping or list that is being filled."""

    def __init__(self, anchor: Optional[str], value: Union[dict[Any, Any], list[Any]]) -> None:
        self.anchor = anchor
        self.value = value
        self._key: Any = None
        self._has_key = False

    def add(self, value: Any) -> int:
        """Take a value (or a key, in turn); how many keys were merged in.

        :raises ValueError: for a key that is a mapping or a list.
        """
        if isinstance(self.value, list):
            self.value.append(value)
        elif not self._has_key:
            if isinstance(value, (dict, list)):
                raise ValueError("its YAML has a key that is no text")
            self._key, self._has_key = value, True
        else:
            self._has_key = False
            if self._key == "<<":
                return self._merge(value)
            self.value[self._key] = value
        return 0

    def _merge(self, value: Any) -> int:
        """Take over the keys of a mapping, or of several, that are not there; how many were looked at.

        :raises TooMuch: when they are too many.
        """
        merged = 0
        for source in value if isinstance(value, list) else [value]:
            merged += len(source) if isinstance(source, Mapping) else 0
            if merged > MOST_VALUES:
                raise TooMuch
            for key, item in source.items() if isinstance(source, Mapping) else ():
                self.value.setdefault(key, item)  # type: ignore[union-attr]  # only mappings merge
        return merged


def _scalar(event: Any) -> Any:
    """The value of a scalar: only plain ones may be anything but text."""
    text: str = event.value
    if event.style or event.tag is not None:
        return text
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    return int(text) if _INTEGER.match(text) else text


def _deeper(answer: Any, depth: int) -> bool:
    """Whether lists and objects are nested deeper than ``depth``; level by level, as depth itself is what harms."""
    level = [answer]
    for _step in range(depth):
        level = [
            value
            for node in level
            for value in (node.values() if isinstance(node, dict) else node if isinstance(node, list) else ())
            if isinstance(value, (dict, list))
        ]
        if not level:
            return False
    return True


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {_whole(key): _whole(item) for key, item in value.items()}
    return [_whole(item) for item in value] if isinstance(value, list) else value


def _not_a_number(name: str) -> NoReturn:
    raise ValueError(name)

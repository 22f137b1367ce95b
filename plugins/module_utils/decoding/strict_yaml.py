# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""YAML from an untrusted server: plain values only, with bounds on number and depth. Pure.

Import it only for a document that is not JSON: the import of PyYAML takes 8 ms.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Optional, Union

from ansible_collections.aimms.cloud.plugins.module_utils.decoding import strict_json
from ansible_collections.aimms.cloud.plugins.module_utils.decoding.strict_json import DEEPEST, TooMuch

try:
    import yaml
except ImportError:
    yaml = None  # type: ignore[assignment]  # PyYAML is optional: yaml_in checks for it

_NUMBER = re.compile(r"\A[-+]?(?:0|[1-9][0-9]{0,17})(\.[0-9]{0,20}(?:[eE][-+]?[0-9]{1,3})?)?\Z", re.ASCII)
_CONSTANTS: dict[str, Optional[bool]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


class Twice(ValueError):
    """A name stands twice in a mapping, of which only one value could be taken."""

    def __init__(self, name: object) -> None:
        super().__init__("its YAML has a name twice in a mapping")
        self.name = str(name)


def is_installed() -> bool:
    """Whether PyYAML is there to read YAML."""
    return yaml is not None


def yaml_in(body: bytes, *, whole: bool = False) -> Any:
    """The first document of a YAML text as mappings, lists, texts, numbers, booleans and nulls.

    An alias refers to the same object as its anchor. Times stay text.

    :param whole: as for what is written out again: there must be no other document, no name twice in a mapping
        (``Twice``), and what an alias stands for counts each time.
    :raises ValueError: for invalid YAML, nesting deeper than ``DEEPEST``, or when PyYAML is missing.
    :raises TooMuch: for more than ``MOST_VALUES`` events and merged keys.
    """
    if yaml is None:
        raise ValueError("PyYAML is not installed to read YAML")
    # From the parser's events: a loader would recurse, multiply merged keys, and take seven times as long.
    builder, ended = _Builder(whole), False
    try:
        for event in yaml.parse(body, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            if ended and isinstance(event, yaml.DocumentStartEvent):
                raise ValueError("its YAML has several documents")
            builder.take(event)
            ended = ended or isinstance(event, yaml.DocumentEndEvent)
            if ended and not whole:
                break
    except ValueError:
        raise
    except Exception as error:  # an untrusted text can make the parser fail in any way
        deep = "nesting depth" in str(error)  # libyaml has its own bound since 0.2.6
        raise ValueError("its YAML is nested too deeply" if deep else "it is not YAML either") from None
    return builder.root


class _Builder:
    """Builds values from YAML events."""

    def __init__(self, whole: bool = False) -> None:
        self.root: Any = None
        self._whole = whole
        self._open: list[_Collection] = []
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._left = strict_json.MOST_VALUES

    def take(self, event: Any) -> None:
        """:raises ValueError: when a bound is exceeded, or an alias comes before the end of its anchor's value."""
        self._left -= 1
        if self._left < 0:
            raise TooMuch
        if isinstance(event, yaml.ScalarEvent):
            self._place(_scalar(event), event.anchor, 1)
        elif isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchors:
                raise ValueError("its YAML has an alias of nothing that is complete")
            value, size = self._anchors[event.anchor]
            self._left -= size if self._whole else 0
            self._place(value, None, size)
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            self._open.append(_Collection(event, self._whole))
            if len(self._open) > DEEPEST:
                raise ValueError("its YAML is nested too deeply")
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            closed = self._open.pop()
            self._place(closed.value, closed.anchor, closed.size)

    def _place(self, value: Any, anchor: Optional[str], size: int) -> None:
        """:param size: how many values it is, written out."""
        if anchor is not None:
            self._anchors[anchor] = value, size
        if not self._open:
            self.root = value
        else:
            self._left -= self._open[-1].add(value)
            self._open[-1].size += size


class _Collection:
    """A mapping or list whose end has not come yet."""

    def __init__(self, start: Any, unique: bool) -> None:
        self.anchor: Optional[str] = start.anchor
        self.value: Union[dict[Any, Any], list[Any]] = {} if isinstance(start, yaml.MappingStartEvent) else []
        self.size = 1
        self._unique = unique
        self._names: set[Any] = set()  # those that are not merged
        self._key: Any = None
        self._has_key = False

    def add(self, value: Any) -> int:
        """Add a value; in a mapping, keys and values alternate. Returns how many keys were merged.

        :raises ValueError: for a key that is a mapping or a list, or stands twice.
        """
        if isinstance(self.value, list):
            self.value.append(value)
        elif not self._has_key:
            if isinstance(value, (dict, list)):
                raise ValueError("its YAML has a key that is no text")
            if self._unique and value in self._names:
                raise Twice(value)
            self._names.add(value)
            self._key, self._has_key = value, True
        else:
            self._has_key = False
            if self._key == "<<":
                return _merge(self.value, value)
            self.value[self._key] = value
        return 0


def _merge(into: dict[Any, Any], value: Any) -> int:
    """Add the missing keys of one mapping or of several. Returns how many keys were merged, including known ones.

    :raises TooMuch: for more than ``MOST_VALUES`` keys.
    """
    merged = 0
    for source in value if isinstance(value, list) else [value]:
        merged += len(source) if isinstance(source, Mapping) else 0
        if merged > strict_json.MOST_VALUES:
            raise TooMuch
        for key, item in source.items() if isinstance(source, Mapping) else ():
            into.setdefault(key, item)
    return merged


def _scalar(event: Any) -> Any:
    """The value of a scalar: text, if it is quoted or tagged."""
    text: str = event.value
    if event.style or event.tag is not None:
        return text
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    number = _NUMBER.match(text)
    return text if number is None else float(text) if number.group(1) else int(text)

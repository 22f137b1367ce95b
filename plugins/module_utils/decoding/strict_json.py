# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON and lines from a server that nobody vouches for: strict, and bounded in values and depth. Pure."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

MOST_VALUES = 400_000
"""Values in one answer: 25,000 records of 16 fields. More would take seconds to read and hundreds of MiB to hold."""

DEEPEST = 100
"""Lists and mappings within one another."""

_HALF_A_CHARACTER = re.compile(r"\\u[dD][89a-fA-F]")
_LINE_ENDS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"  # where str.splitlines cuts


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
    if _deeper(answer, DEEPEST):
        raise ValueError("its JSON is nested too deeply")
    return _whole(answer) if _HALF_A_CHARACTER.search(text) else answer


def lines_in(text: str) -> list[str]:
    """The lines of ``text``.

    :raises TooMuch: when they are too many.
    """
    if sum(map(text.count, _LINE_ENDS)) > MOST_VALUES:
        raise TooMuch
    return text.splitlines()


_COLLECTIONS = frozenset((dict, list))


def _deeper(answer: Any, depth: int) -> bool:
    """Whether lists and objects are nested deeper than ``depth``; level by level, as depth itself is what harms."""
    level = [answer]
    for _step in range(depth):
        level = [value for node in level for value in _nested(node)]
        if not level:
            return False
    return True


def _nested(node: Any) -> list[Any]:
    """The lists and objects in a list or an object. Most hold none, which is seen at once."""
    values = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    if _COLLECTIONS.isdisjoint(map(type, values)):
        return []
    return [value for value in values if isinstance(value, (dict, list))]


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {_whole(key): _whole(item) for key, item in value.items()}
    return [_whole(item) for item in value] if isinstance(value, list) else value


def _not_a_number(name: str) -> NoReturn:
    raise ValueError(name)

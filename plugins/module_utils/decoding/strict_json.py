# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON and text lines from an untrusted server: strict, with bounds on values and depth. Pure."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

MOST_VALUES = 400_000
"""Values in one response: 25,000 records of 16 fields. More would take seconds to decode, and hundreds of MiB."""

DEEPEST = 100
"""How deep lists and mappings may be nested."""

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_LINE_ENDS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"  # where str.splitlines cuts


class TooMuch(ValueError):
    """There are more than ``MOST_VALUES`` values. The text can follow 'answered with' in a message."""

    def __init__(self) -> None:
        super().__init__(f"more than {MOST_VALUES:,} values, which are too many to read at once")


def json_in(body: bytes, *, unique: bool = False) -> Any:
    """The JSON in ``body``; lone surrogates, which UTF-8 cannot encode, are replaced.

    :param unique: whether to refuse an object that has a name twice, of which only one value could be taken (slower).
    :raises ValueError: for invalid JSON, NaN or Infinity, and nesting deeper than ``DEEPEST``.
    :raises TooMuch: for more than ``MOST_VALUES`` values.
    """
    if sum(map(body.count, (b",", b"[", b"{"))) > MOST_VALUES:
        raise TooMuch
    try:
        text = body.decode("utf-8")
        answer = json.loads(text, parse_constant=_not_a_number, object_pairs_hook=_unique if unique else None)
    except RecursionError:
        raise ValueError("its JSON is nested too deeply") from None
    if _is_deeper(answer, DEEPEST):
        raise ValueError("its JSON is nested too deeply")
    return _replace_lone_surrogates(answer) if _SURROGATE.search(text) else answer


def is_page(body: bytes) -> bool:
    """Whether the body is a page for a browser (HTML or XML): no service with a JSON API answers with one."""
    return body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def lines_in(text: str) -> list[str]:
    """The lines of ``text``.

    :raises TooMuch: for more than ``MOST_VALUES`` lines.
    """
    if sum(map(text.count, _LINE_ENDS)) > MOST_VALUES:
        raise TooMuch
    return text.splitlines()


def _is_deeper(answer: Any, depth: int) -> bool:
    """Whether lists and objects are nested deeper than ``depth``."""
    level = [answer]  # not recursive: the depth is not bounded yet
    for _step in range(depth):
        level = [value for node in level for value in _nested(node)]
        if not level:
            return False
    return True


def _nested(node: Any) -> list[Any]:
    """The lists and objects directly in a list or an object."""
    values = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    if {dict, list}.isdisjoint(map(type, values)):  # the usual case, and fast
        return []
    return [value for value in values if isinstance(value, (dict, list))]


def _replace_lone_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {_replace_lone_surrogates(key): _replace_lone_surrogates(item) for key, item in value.items()}
    return [_replace_lone_surrogates(item) for item in value] if isinstance(value, list) else value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice in its JSON")
    return found


def _not_a_number(name: str) -> NoReturn:
    raise ValueError(name)

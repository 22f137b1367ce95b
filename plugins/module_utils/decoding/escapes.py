# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts in which any characters are written as escapes: ``%2D``, ``%252D``, ``&#45;``, ``\\u002D``. Pure."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate, islice
from urllib.parse import unquote

_MOST_TIMES, _MOST_ESCAPES = 3, 100_000
# A run of backslashes is tried from its begin only: from each of them, a long one would take hours.
_OTHERS = r"&#0*(?P<decimal>[0-9]{1,5});|&#x0*([0-9a-f]{1,4});|(?<!\\)\\+u([0-9a-f]{4})|(?<!\\)\\+x([0-9a-f]{2})"
_ESCAPE = re.compile(rf"%[0-9a-f]{{2}}|{_OTHERS}", re.IGNORECASE)
_WITHIN_ITSELF = re.compile(rf"%(?:25)*([0-9a-f]{{2}})|{_OTHERS}", re.IGNORECASE)


def unescaped(text: str) -> str:
    """What a text may stand for: without escapes once, twice and three times, as far as these differ."""
    readings = [text]
    while len(readings) <= _MOST_TIMES and _ESCAPE.search(readings[-1]):
        readings.append(unquote(_ESCAPE.sub(_character, readings[-1])))
    return " ".join(readings)


def replaced(forms: Sequence[str], mask: str, text: str) -> str:
    """The text with ``mask`` for each of these forms, in any letter case, as it is or with its escapes read.

    Only ``mask`` for a text with more than 100,000 escapes: it would need much memory.
    """
    escapes = [*islice(_WITHIN_ITSELF.finditer(text), _MOST_ESCAPES + 1)]
    if len(escapes) > _MOST_ESCAPES:
        return mask
    longer = [0, *accumulate(len(one.group()) - 1 for one in escapes)]
    places = [one.start() - before for one, before in zip(escapes, longer)]  # of their characters
    find = re.compile("|".join(map(re.escape, forms)), re.IGNORECASE).finditer
    spans = [found.span() for found in find(text)]
    for found in find(_WITHIN_ITSELF.sub(_character, text)):
        first, after = (place + longer[bisect_left(places, place)] for place in found.span())
        spans.append((first, after))
    parts, end = list[str](), 0
    for first, after in sorted(spans):
        parts += [text[end:first], mask] if first >= end else []
        end = max(end, after)
    return "".join([*parts, text[end:]])


def _character(escape: re.Match[str]) -> str:
    """The character of an escape; one of a URL may be left for ``unquote``, which knows the bytes of UTF-8."""
    if not escape.lastindex:
        return escape.group()
    return chr(int(escape[escape.lastindex], 10 if escape.lastgroup == "decimal" else 16))

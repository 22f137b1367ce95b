# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts in which any characters are written as escapes: ``%2D``, ``%252D``, ``&#45;``, ``\\u002D``. Pure."""

from __future__ import annotations

import re
from urllib.parse import unquote

_MOST_TIMES = 3
_ESCAPE = re.compile(
    r"%[0-9a-f]{2}|&#0*([0-9]{1,5});|&#x0*([0-9a-f]{1,4});|\\+u([0-9a-f]{4})|\\+x([0-9a-f]{2})", re.IGNORECASE
)


def unescaped(text: str) -> str:
    """What a text may stand for: without escapes once, twice and three times, as far as these differ."""
    readings = [text]
    while len(readings) <= _MOST_TIMES and _ESCAPE.search(readings[-1]):
        readings.append(unquote(_ESCAPE.sub(_character, readings[-1])))
    return " ".join(readings)


def _character(escape: re.Match[str]) -> str:
    """The character of an escape; those of URLs are left for ``unquote``, which knows the bytes of UTF-8."""
    decimal, *others = escape.groups()
    hexadecimal = next(filter(None, others), "")
    return chr(int(decimal or hexadecimal, 10 if decimal else 16)) if decimal or hexadecimal else escape.group()

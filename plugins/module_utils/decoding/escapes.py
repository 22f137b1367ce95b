# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts in which any characters are written as escapes of URLs: ``%2D``, or twice so, ``%252D``. Pure."""

from __future__ import annotations

import re
from urllib.parse import unquote

_MOST_TIMES = 3
_ESCAPE = re.compile("%[0-9a-f]{2}", re.IGNORECASE)


def unescaped(text: str) -> str:
    """What a text may stand for: without escapes once, twice and three times, as far as these differ."""
    readings = [text]
    while len(readings) <= _MOST_TIMES and _ESCAPE.search(readings[-1]):
        readings.append(unquote(readings[-1]))
    return " ".join(readings)

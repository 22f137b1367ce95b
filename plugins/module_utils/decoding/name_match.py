# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a name matches one that a person wrote, literally or as a shell glob. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from fnmatch import translate
from functools import lru_cache
from typing import Optional

_INVISIBLE = re.compile(
    r"[\u00ad\u034f\u061c\u115f\u1160\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
_DOTTED_I = re.compile("i\u0307+")


def matches(name: Optional[str], globs: tuple[str, ...]) -> bool:
    """Whether ``name`` is equal to one of ``globs``, or matches it as a shell glob. None matches nothing.

    Both are ``folded``. Brackets stand for a set of characters or for themselves: ``svc[ops]@*`` matches
    ``svc[ops]@ROOT`` and ``svco@ROOT``.
    """
    return name is not None and bool(globs) and _pattern(globs).match(folded(name)) is not None


def folded(text: str) -> str:
    """``text`` as names are compared: Unicode NFKC, case folding, blanks of any kind as one space, nothing invisible.

    The Turkish i, with a dot or without, is an i. ``folded(folded(text)) == folded(text)``.
    """
    return " ".join((text.lower() if text.isascii() else _folded(text)).split())


@lru_cache(maxsize=4096)
def _folded(text: str) -> str:
    for _pass in range(2):  # a compatibility form may have letters that case folding changes: Unicode 3.13, D146
        text = unicodedata.normalize("NFKD", text).casefold()
        text = _DOTTED_I.sub("i", _INVISIBLE.sub("", text).replace("\u0131", "i"))
        text = unicodedata.normalize("NFKC", text)
    return text


@lru_cache(maxsize=4096)
def _pattern(globs: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(reading for glob in globs for reading in _readings(folded(glob))) or r"(?!)")


def _readings(glob: str) -> Iterator[str]:
    """The glob as regular expressions: with brackets as sets, and with brackets as they are."""
    for reading in dict.fromkeys((glob, glob.replace("[", "[[]"))):
        expression = translate(reading)
        try:
            re.compile(expression)
        except re.error:  # a set such as [z-a], before Python 3.11
            continue
        yield expression

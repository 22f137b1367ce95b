# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Masks secrets in JSON: those in each text, and those that stand beside or below their name. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.aimms.cloud.plugins.module_utils.masking import MASK, batches
from ansible_collections.aimms.cloud.plugins.module_utils.redaction import OPENERS, redacted, values

_PART = 2**17  # characters that are searched at once
_LONGEST_NAME = 256
_LONGEST_WORD = 2048  # of which more than a name at each end
_MOST_WORDS, _WORDS_OF_ONE = 512, 8  # of a list that are masked at once; from a name to its value
_NO_WORD = b"{}"
_ONE_WORD = re.compile(r"\s*\S*\s*\Z")


def redacted_value(value: Any) -> Any:
    """Any JSON with the secrets in it masked: those in each text, and what stands beside or below its name."""
    return _masked(value) if any(map(_may_open, batches(value))) else value


def _may_open(text: str) -> bool:
    """Whether anything is in a text that comes before a secret."""
    for at in range(0, len(text), _PART):
        low = text[at : at + _PART + _LONGEST_WORD].encode("utf-8", "surrogatepass").lower() + b" "
        if any(rare in low and opener.search(low) for rare, opener, _kind in OPENERS):
            return True
    return False


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return redacted(value) if _may_open(value) else value
    if isinstance(value, (list, tuple)):
        return _masked_words([_masked(item) for item in value])
    if not isinstance(value, Mapping):
        return value
    names = {key for key in value if _may_open(key)}
    masked = {key: _below(key, _masked(item)) if key in names else _masked(item) for key, item in value.items()}
    for key in value:
        for other, name in value.items() if key.lower() == "value" else ():
            if other != key and isinstance(name, str):
                masked[key] = _below(name, masked[key])
    return {redacted(key) if key in names else key: item for key, item in masked.items()}


def _below(name: str, value: Any) -> Any:
    """A masked value, as the one of ``name``."""
    if len(name) > _LONGEST_NAME or not _may_open(name):
        return value
    if isinstance(value, list):
        return [_below(name, item) for item in value]
    if isinstance(value, Mapping):
        return {key: _below(name, item) if key.lower() == "value" else item for key, item in value.items()}
    text = f"{json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}"
    masked = redacted(text)
    try:
        return value if masked == text else next(iter(json.loads(f"{{{masked}}}").values()))
    except ValueError:
        return MASK


def _masked_words(items: list[Any]) -> list[Any]:
    """Masked items, as the words of a line: what is the value of a name in an item before it."""
    for first in range(0, len(items), _MOST_WORDS):
        index = max(0, first - _WORDS_OF_ONE)
        words = [_word(item) for item in items[index : first + _MOST_WORDS]]
        line = b" ".join(words).lower()
        found = [(begin, span) for begin, _end, spans in values(line) for span in spans]
        at = 0
        for word in words if found else ():
            end = at + len(word)
            if word != _NO_WORD and any(begin < at and span[0] < end and at < span[1] for begin, span in found):
                items[index] = MASK
            at, index = end + 1, index + 1
    return items


def _word(item: Any) -> bytes:
    """An item of a list as a word in a line, in quotes unless it is one; of a long text begin and end."""
    if isinstance(item, (list, Mapping)):
        return _NO_WORD
    if isinstance(item, str) and len(item) > _LONGEST_WORD:
        item = f"{item[: _LONGEST_WORD // 2]}\0{item[-_LONGEST_WORD // 2 :]}"
    plain = isinstance(item, str) and _ONE_WORD.match(item)
    return (item if plain else json.dumps(item, ensure_ascii=False)).encode("utf-8", "surrogatepass")

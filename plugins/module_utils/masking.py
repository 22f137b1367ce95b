# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Removes the API key from texts and results. Pure."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

MASK = "********"
_BATCH_LENGTH, _SHORTEST_PART = 2**20, 16  # characters
may_hide_a_secret = re.compile(
    r"ken|key|kie|wd|wor[dt]|oord|phrase|[-/]pass|cret|dential|zation|(?:pass|sig|ture|otp) ?=|bearer|eyj|://", re.I
).search
"""Finds nothing in a text without a part of what comes before each secret that ``redaction`` masks."""


class Masker:
    """Replaces each form of a secret: plain, URL-quoted, JSON, ``repr``, base64, hexadecimal and reversed."""

    def __init__(self, *secrets: object) -> None:
        """:param secrets: the key, and lists that may hold it. Empty ones, None and numbers are no key."""
        self.forms = sorted({one for text in _texts(secrets) for one in _forms(text)}, key=lambda one: (-len(one), one))
        self._lower = [form.lower() for form in self.forms]

    def text(self, text: str) -> str:
        """``text`` with every form of the secret replaced, in any letter case: states are converted to lower case."""
        if not self._contained_in(text):
            return text
        from ansible_collections.aimms.cloud.plugins.module_utils.decoding import escapes

        masked = escapes.replaced(self.forms, MASK, text)
        return MASK if self._contained_in(masked) else masked  # it may be escaped in two ways

    def tree(self, value: Any) -> Any:
        """The same for all strings in nested lists and mappings, keys too; ``value`` itself if there is no secret."""
        # Searching joined strings is ten times as fast, and most results do not contain the key.
        return self._masked(value) if any(map(self._contained_in, batches(value))) else value

    def _contained_in(self, text: str) -> bool:
        if "%" in text or "&#" in text or "\\" in text:
            from ansible_collections.aimms.cloud.plugins.module_utils.decoding import escapes

            text = escapes.unescaped(text)
        overlap = max(map(len, self.forms), default=0)
        parts = (text[begin : begin + _BATCH_LENGTH + overlap].lower() for begin in range(0, len(text), _BATCH_LENGTH))
        return any(form in part for part in parts for form in self._lower)

    def _masked(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {self._masked(key): self._masked(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self._masked(item) for item in value]
        return self.text(value) if isinstance(value, str) else value


def batches(value: Any) -> Iterator[str]:
    """All strings in nested lists and mappings, joined to texts of about 1 MiB: one text would double the memory."""
    texts: list[str] = []
    _gather(value, texts)
    batch, length = list[str](), 0
    for text in texts:
        if length + len(text) > _BATCH_LENGTH:
            yield " ".join(batch)
            batch, length = [], 0
        batch.append(text)
        length += len(text)
    yield " ".join(batch)


def _gather(value: Any, texts: list[str]) -> None:
    """Append all strings in nested lists and mappings."""
    if isinstance(value, str):
        texts.append(value)
    elif isinstance(value, (list, tuple, Mapping)):
        for item in [*value, *value.values()] if isinstance(value, Mapping) else value:
            _gather(item, texts)


def _texts(secret: object) -> list[str]:
    """The texts of a key: of a list or mapping those in it, of a vaulted value what it holds."""
    if isinstance(secret, Mapping):
        secret = [*secret, *secret.values()]
    if isinstance(secret, (list, tuple, set)):
        return [text for item in secret for text in _texts(item)]
    try:
        text = "" if isinstance(secret, (int, float, type(None))) else str(secret)
    except Exception:  # a vaulted value without its password: nobody can print it
        text = ""
    return [text] if text.strip() else []


def _forms(secret: str) -> set[str]:
    encoding = {"encoding": "utf-8", "errors": "surrogateescape"}
    quoted = {quote(secret, safe="", **encoding), quote(secret, **encoding), quote_plus(secret, **encoding)}
    lower = {re.sub(r"%[0-9A-F]{2}", lambda match: match.group().lower(), form) for form in quoted}
    # The parts of a key such as ID.SECRET: a server may tell one of them. Shorter ones may be words.
    parts = {part for signs in (r"[.:]", r"[\W_]") for part in re.split(signs, secret) if len(part) >= _SHORTEST_PART}
    forms = {secret, *parts, secret.strip(), json.dumps(secret)[1:-1], repr(secret)[1:-1], *quoted, *lower}
    encoded = secret.encode("utf-8", "surrogateescape")
    forms |= {encoded.hex(), secret[::-1]} if len(secret) >= _SHORTEST_PART else set()
    # The base64 of the key depends on its offset (0, 1 or 2) in the encoded text. The characters at both ends depend on
    # the text beside the key too: only those between them are searched.
    for lead in (b"", b" ", b"  "):
        coded = base64.b64encode(lead + encoded).decode()
        middle = coded[(4 if lead else 0) :].rstrip("=")[:-2]
        forms.update({middle, middle.replace("+", "-").replace("/", "_")} if len(middle) > 7 else set())
    return {form for form in forms if form}

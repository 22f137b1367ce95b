"""API keys that are easy to find, and the forms in which a text can contain one. Independent of the plugins."""

from __future__ import annotations

import base64
import gzip
import html
import json
import string
from collections import Counter
from collections.abc import Iterable, Sequence
from random import Random
from urllib.parse import quote, quote_plus

FORMS = ("raw", "url-quoted", "JSON", "repr", "base64", "HTML, hex", "a piece")
_ALPHABET = string.ascii_letters + string.digits
_CHUNK = 8


def canary(rng: Random, joints: str = "", chunks: int = 6) -> str:
    """A key of ``chunks`` random words of eight letters and digits, with one of ``joints`` between each two."""
    words = ["".join(rng.choices(_ALPHABET, k=_CHUNK)) for _number in range(chunks)]
    key = words[0]
    for number, word in enumerate(words[1:]):
        key += (joints[number % len(joints)] if joints else "") + word
    return key


def forms_of(key: str) -> dict[str, set[str]]:
    """All forms of a key, by the names of ``FORMS``. A piece is one of its words in lower case."""
    bare = key.strip()
    quoted = {made for safe in ("", "/", "~-._") for made in (quote(bare, safe=safe), quote_plus(bare, safe=safe))}
    found = {
        "raw": {bare},
        "url-quoted": quoted | {quote(form, safe="") for form in quoted} | {_lower_hex(form) for form in quoted},
        "JSON": {json.dumps(text, ensure_ascii=plain)[1:-1] for text in (bare, _json(bare)) for plain in (True, False)},
        "repr": {repr(bare)[1:-1], repr(bare.encode())[2:-1], ascii(bare)[1:-1], repr(repr(bare))[2:-2]},
        "base64": _base64(bare.encode()),
        "HTML, hex": {html.escape(bare), html.escape(bare, quote=False), bare.encode().hex()},
    }
    words = "".join(character if character.isascii() and character.isalnum() else " " for character in bare).split()
    found["a piece"] = {
        word[at : at + _CHUNK].lower() for word in words for at in range(0, len(word) - _CHUNK + 1, _CHUNK)
    }
    return found


def _json(text: str) -> str:
    return json.dumps(text)[1:-1]


def _lower_hex(text: str) -> str:
    head, *rest = text.split("%")
    return "%".join([head, *(part[:2].lower() + part[2:] for part in rest)])


def _base64(secret: bytes) -> set[str]:
    """Base64 for each of the three alignments in a longer text, without the characters that depend on neighbours."""
    found = set()
    for lead in range(3):
        encoded = base64.b64encode(b" " * lead + secret)[4 if lead else 0 :].rstrip(b"=")[:-2].decode()
        found.update({encoded, encoded.replace("+", "-").replace("/", "_")})
    return found


def readable(body: bytes) -> str:
    """The text of a file, unpacked; of one with NUL bytes, as UTF-16, also without them."""
    body = gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body
    bare = b"\n" + body.replace(b"\0", b"") if b"\0" in body else b""
    return (body + bare).decode("utf-8", "replace")


def spoken(key: str) -> list[str]:
    """The key in each form in which a server may echo it."""
    forms = forms_of(key)
    quoted = sorted(forms["url-quoted"], key=lambda form: (-form.count("%25"), form))[-1]
    return [key, quoted, json.dumps(key)[1:-1], repr(key)[1:-1], base64.b64encode(key.encode()).decode(),
            base64.urlsafe_b64encode(b"apiKey " + key.encode()).decode()]  # fmt: skip


class Finder:
    """Counts the forms of some keys in texts."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._forms: list[tuple[str, Sequence[str]]] = []
        for name in FORMS:
            found = {form for key in keys for form in forms_of(key)[name] if len(form) >= _CHUNK}
            self._forms.append((name, sorted(found)))

    def count(self, text: str) -> Counter[str]:
        """The number of occurrences of each form."""
        low = text.lower()
        found: Counter[str] = Counter()
        for name, forms in self._forms:
            place = low if name == "a piece" else text
            found[name] += sum(place.count(form) for form in forms if form in place)
        return +found

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Masks secrets in a log that arrives in chunks. Pure.

A secret is the value of a name that ends in ``token``, ``password``, ``passwd``, ``pwd``, ``secret``,
``credential(s)``, ``authorization``, or ``api``, ``access``, ``account``, ``private`` or ``secret`` with ``key``, in
upper or lower case:

- after an option: ``--name value``, ``--name=value``, ``"--name", "value"``, also with one dash;
- after ``=`` or ``:``, as in JSON, YAML, Python, URL queries and headers; ``Bearer`` and ``Basic`` are not masked;
- and the password in ``scheme://user:password@host``.

Not masked: sentences (``token expired``, ``tokens: 5 used``), ``null``, ``true``, ``***``, an empty value, an object
(its own names are tested), another option or another ``name=`` instead of a value. A quoted value ends at its quote or
at the end of the line; one without quotes at a blank, a control character, a quote, an escaped line end, at ``&`` after
``=``, or at a comma or bracket that is followed by something that cannot belong to a value. In doubt it is masked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from re import Match, Pattern
from typing import Optional

from ansible_collections.aimms.cloud.plugins.module_utils.masking import MASK, Masker

Span = tuple[int, int, bool]
"""Of a part to mask: begin, end (positions of bytes), is_new (False: it continues the part before, with one mask)."""

_MASK = MASK.encode()
_REACH = 2048  # a decision about a byte depends on at most so many bytes after it
_CONTEXT = 256  # and before it

# All patterns match lower case.
_CONTROL = rb"\x00-\x20\x7f"
_BLANK = rb"(?:[ \t]|\x1b\[[0-9;]{0,16}m)"
_BEYOND = rb"(?:[" + _CONTROL + rb"\"'`()\[\]{}<>,;:.|\\]|\Z)"
_NEXT_NAME = rb"[\w.$-]{1,64}\\{0,4}[\"']?[ \t]{0,4}[=:]"
_NOT_IN_URL = _CONTROL + rb"\"'`<>/?#\\"

_FOLLOWED = (
    rb"(?:(?:\\{0,4}[\"'])?\]?" + _BLANK + rb"{0,8}(?P<pair>={1,3}>?|:=|:(?!:)|%3[da]|\\{1,4}u003d)"
    rb"|(?P<option>\\{0,4}[\"']?[ \t]{0,8},|\\{0,4}[\"']?[ \t]))"
)
_KINDS_OF_KEY = b"|".join(
    b"(?<=" + kind + joint + b"ke)"
    for joint in (b"", b"[-_ ]")
    for kind in (b"api", b"access", b"account", b"private", b"secret")
)
_PASSWORD = re.compile(
    rb"://[^" + _NOT_IN_URL + rb":@]{0,256}:(?=[^" + _NOT_IN_URL + rb"@]{1,1024}@|[^" + _NOT_IN_URL + rb"@]{1024})"
)
# Each pattern begins with at least two fixed letters, which makes the search fast. Before it stands the rarer of its
# first two letters: where that one does not occur, as in most of a solver's log, the pattern is not searched at all.
_OPENERS = (
    (b"k", re.compile(rb"ke(?:(?<=toke)n|(?:" + _KINDS_OF_KEY + rb")y)" + _FOLLOWED)),
    (b"w", re.compile(rb"word(?<=password)" + _FOLLOWED)),
    (b"w", re.compile(rb"wd(?:(?<=passwd)|(?<=pwd))" + _FOLLOWED)),
    (b"c", re.compile(rb"cre(?:(?<=secre)t|dentials?)" + _FOLLOWED)),
    (b"z", re.compile(rb"zation(?<=authorization)" + _FOLLOWED)),
    (b"/", _PASSWORD),
)
_RARE = b"QXZJqzKYVjWxUHGB"  # letters that are rare in logs, the rarest first
_NOT_IN_A_NAME = bytes(byte if (chr(byte).isalnum() and byte < 128) or byte in b"-_." else 32 for byte in range(256))

_GAP = re.compile(rb"[ \t]+|\x1b\[[0-9;]{0,16}m")
_GAP_OF_OPTION = re.compile(rb"[ \t]+")
_GAP_IN_A_LIST = re.compile(rb"[ \t\r\n]+")
_QUOTE = re.compile(rb"[bru]?(\\{0,8})([\"'])")
_SCHEME = re.compile(rb"(?:bearer|basic|negotiate|ntlm|token|apikey)(?=[ \t])")
_BRACKET = re.compile(
    rb"[\[(](?:(?=[ \t]{0,8}[bru]?\\{0,8}[\"']|(?:bearer|basic)[ \t])"
    rb"|(?=[^" + _CONTROL + rb"\[\](){}\"'`\\]{1,512}[\])]" + _BEYOND + rb"))"
)
_STRUCTURE = re.compile(rb"[\[({]{1,8}(?:[" + _CONTROL + rb"\"'`()\[\]{}\\]|\Z|" + _NEXT_NAME + rb")")
_ANOTHER_OPTION = re.compile(rb"(?<=[ \t])--[a-z][a-z-]{1,30}(?:[\s\"']|=[^=\s]|\Z)")
_ANOTHER_NAME = re.compile(
    rb"(?<=[^ \t]=[ \t])[a-z_][\w.-]{0,63}=[^=&" + _CONTROL + rb"]|(?<=:[ \t])[a-z_][\w.-]{0,63}:[ \t]{1,8}[^\s]"
)
_NO_SECRET = re.compile(rb"(?:null|none|nil|undefined|true|false|\*{1,64})")


def _word_end(separators: bytes = b"", encoded: bytes = b"(?!)") -> Pattern[bytes]:
    """Matches the end of a value without quotes."""
    return re.compile(
        rb"[" + _CONTROL + rb"\"'`\\,;|)\]}><%" + separators + rb"]"
        rb"(?:(?<=[" + _CONTROL + separators + rb"])"
        rb"|(?<=[\"'`])(?![a-z0-9_])"
        rb"|(?<=\\)\\{0,7}(?:[\"'nrt\r\n]|u00)"
        rb"|(?<=[,;|])(?=" + _BEYOND + rb"|" + _NEXT_NAME + rb")"
        rb"|(?<=[)\]}>])(?=" + _BEYOND + rb")"
        rb"|(?<=<)(?=/?[a-z]{1,16}[ />])"
        rb"|(?<=%)" + encoded + rb")"
    )


_WORD_END = _word_end()
_QUERY_END = _word_end(b"&")
_ENCODED_END = _word_end(b"&", b"26")
_PASSWORD_END = re.compile(rb"[" + _NOT_IN_URL + rb"]|@(?![^" + _NOT_IN_URL + rb"@]{0,255}@)")


@lru_cache(maxsize=32)
def _quote_end(slashes: int, quote: bytes) -> Pattern[bytes]:
    """Matches the end of a value whose quotes have ``slashes`` backslashes before them.

    A match of the group ``escaped`` is a part of the value: an escaped character, or a quote after more backslashes.
    """
    if not slashes:
        return re.compile(rb"[\\\r\n" + quote + rb"](?:(?P<escaped>(?<=\\)[^\r\n])|(?<!\\))")
    more, same = str(slashes).encode(), str(slashes - 1).encode()
    return re.compile(
        rb"[\\\r\n" + quote + rb"](?:(?P<escaped>(?<=\\)\\{" + more + rb",32}" + quote + rb")"
        rb"|(?<=\\)\\{0," + same + rb"}" + quote + rb"|(?<=[\r\n" + quote + rb"]))"
    )


class Redactor:
    """Masks secrets in a log that arrives in chunks. The result does not depend on the size of the chunks.

    Memory is constant for lines and secrets of any length; about 2 KiB are held back until ``finish``.
    """

    def __init__(self, key: str = "", *, tokens: bool = True) -> None:
        """:param key: the API key, masked in each form of ``Masker``. :param tokens: False masks nothing else."""
        self.redactions = 0
        self._key = _Key(key)
        self._values = _Values() if tokens else None
        self._reach = max(_REACH if tokens else 0, self._key.longest)
        self._held = b""
        self._given = 0

    def feed(self, chunk: bytes) -> bytes:
        """The next part of the masked log, as far as it is decided."""
        self._held += chunk
        return self._masked(len(self._held) - self._reach)

    def finish(self) -> bytes:
        """The rest of the masked log."""
        return self._masked(len(self._held))

    def _masked(self, limit: int) -> bytes:
        """The log up to ``limit``, or to the end of a secret that begins before; drops what is no longer needed."""
        if limit <= self._given:
            return b""
        log = self._held
        spans = list(self._key.spans(log, limit))
        if self._values is not None:
            spans = sorted(spans + list(self._values.spans(log.lower(), limit)), key=lambda span: (span[0], span[2]))
        parts = []
        reached = self._given
        for begin, end, is_new in spans:
            if is_new and begin >= reached:
                parts += [log[reached:begin], _MASK]
                self.redactions += 1
            reached = max(reached, end)
        parts.append(log[reached:limit])
        self._given = max(reached, limit)
        self._drop(limit - _CONTEXT)
        return b"".join(parts)

    def _drop(self, length: int) -> None:
        if length > 0:
            self._held = self._held[length:]
            self._given -= length
            self._key.at -= length
            if self._values is not None:
                self._values.at -= length


class _Key:
    """Finds the API key."""

    def __init__(self, key: str) -> None:
        self.at = 0
        self._forms, self._pattern = _forms_of(key)
        self.longest = max((len(form) for _rare, form in self._forms), default=0)

    def spans(self, log: bytes, limit: int) -> Iterator[Span]:
        """The parts that begin before ``limit``."""
        if self._pattern is not None and any(rare in log and form in log for rare, form in self._forms):
            while self.at < limit:
                match = self._pattern.search(log, self.at)
                if match is None or match.start() >= limit:
                    break
                self.at = match.end()
                yield match.start(), match.end(), True
        self.at = max(self.at, limit)


@lru_cache(maxsize=4)
def _forms_of(key: str) -> tuple[tuple[tuple[bytes, bytes], ...], Optional[Pattern[bytes]]]:
    """The forms of the key, each with its rarest byte, and the pattern of all, the longest first."""
    forms = {form.encode("utf-8", "surrogateescape") for form in Masker(key).forms}
    longest = sorted(forms, key=lambda form: (-len(form), form))
    pattern = re.compile(b"|".join(map(re.escape, longest))) if longest else None
    # A byte that is not in _RARE comes last: -1 % 256 is 255.
    rarest = (min(form, key=lambda byte: _RARE.find(byte) % 256) for form in longest)
    return tuple((bytes([byte]), form) for byte, form in zip(rarest, longest)), pattern


class _Openers:
    """Finds what may come before a value (``_OPENERS``), from begin to end of a part of a log in lower case."""

    def __init__(self, low: bytes) -> None:
        self.low = low
        self._next: Optional[list[Optional[Match[bytes]]]] = None

    def first(self, begin: int) -> Optional[Match[bytes]]:
        """The first one from ``begin`` on, which is never less than in the call before."""
        if self._next is None:
            self._next = [self._after(begin, number) for number in range(len(_OPENERS))]
        for number, match in enumerate(self._next):
            if match is not None and match.start() < begin:
                self._next[number] = self._after(begin, number)
        return min(filter(None, self._next), key=Match.start, default=None)

    def _after(self, begin: int, number: int) -> Optional[Match[bytes]]:
        rare, opener = _OPENERS[number]
        at = self.low.find(rare, begin)
        return None if at < 0 else opener.search(self.low, max(0, at - 1))


class _Values:
    """Finds the values of names. An example, ``--token = "abc" x``, step by step:

    - ``--token =``: ``_search`` finds it, and ``_open`` sets ``_gap``, the pattern of blanks before a value;
    - the blank: ``_cross_gap`` passes it; at the quote it sets ``_end``, the pattern of the end of the value;
    - ``abc``: ``_value`` returns it and, as its end is found, clears ``_end``; ``_search`` goes on with ``" x``.
    """

    def __init__(self) -> None:
        self.at = 0
        self._gap: Optional[Pattern[bytes]] = None
        self._word_end = _WORD_END
        self._end: Optional[Pattern[bytes]] = None
        self._is_new = True

    def spans(self, low: bytes, limit: int) -> Iterator[Span]:
        """The values, or parts of them, that begin before ``limit``; ``low`` is the log in lower case."""
        openers = _Openers(low)
        while self.at < limit:
            if self._end is not None:
                yield self._value(low, limit, self._end)
            elif self._gap is not None:
                self._cross_gap(low, self._gap)
            else:
                self._search(openers, limit)

    def _value(self, low: bytes, limit: int, end: Pattern[bytes]) -> Span:
        begin, is_new = self.at, self._is_new
        match = end.search(low, begin)
        if match is None or match.start() >= limit:
            self.at = limit
        elif match.lastgroup:  # "escaped": the value goes on
            self.at = match.end()
        else:
            self.at = match.start()
            self._end = None
        self._is_new = False
        return begin, self.at, is_new

    def _search(self, openers: _Openers, limit: int) -> None:
        """Go to the end of the next name, or to ``limit``."""
        match = openers.first(self.at)
        if match is None or match.start() >= limit:
            self.at = limit
        else:
            self.at = match.end()
            self._open(openers.low, match)

    def _open(self, low: bytes, match: Match[bytes]) -> None:
        """Set the patterns of the gap and of the end of the value, if one follows the name."""
        if match.re is _PASSWORD:
            self._enter(low, self.at, _PASSWORD_END)
            return
        separator, option = match.groups()
        dashed = separator != b":" and _is_option(low, match.start())
        self._word_end = _WORD_END
        if option is not None:
            quoted = option.lstrip(b"\\")[:1] in (b'"', b"'") and option.endswith(b",")
            self._gap = (_GAP_IN_A_LIST if quoted else _GAP_OF_OPTION) if dashed else None
            return
        self._gap = _GAP
        if separator in (b"%3d", b"%3a"):
            self._word_end = _ENCODED_END
        elif b":" not in separator and not dashed:
            self._word_end = _QUERY_END

    def _cross_gap(self, low: bytes, gap: Pattern[bytes]) -> None:
        """Pass one blank, bracket or scheme (``Bearer``) before the value; if there is none, begin the value."""
        pair = gap is _GAP
        before = gap.match(low, self.at) or _SCHEME.match(low, self.at) or (pair and _BRACKET.match(low, self.at))
        if before:
            self.at = before.end()
            return
        self._gap = None
        quote = _QUOTE.match(low, self.at)
        if quote:
            scheme = _SCHEME.match(low, quote.end())
            begin = scheme.end() + 1 if scheme else quote.end()
            self._enter(low, begin, _quote_end(len(quote.group(1)), quote.group(2)))
        elif gap is not _GAP_IN_A_LIST and not self._value_is_missing(low, pair):
            self._enter(low, self.at, self._word_end)

    def _value_is_missing(self, low: bytes, pair: bool) -> bool:
        """Whether another option, an object or another name stands in place of the value."""
        others = (_ANOTHER_OPTION, _STRUCTURE, _ANOTHER_NAME) if pair else (_ANOTHER_OPTION,)
        return any(other.match(low, self.at) for other in others)

    def _enter(self, low: bytes, begin: int, end: Pattern[bytes]) -> None:
        """Begin a value, unless it is empty or a word that is no secret, such as ``null``."""
        word = _NO_SECRET.match(low, begin)
        starts = [begin, word.end()] if word else [begin]
        matches = (end.match(low, at) for at in starts)
        self.at = begin
        if len(low) not in starts and not any(match and not match.lastgroup for match in matches):
            self._end, self._is_new = end, True


def _is_option(low: bytes, at: int) -> bool:
    """Whether the name that contains the byte before ``at`` begins with a dash."""
    before = low[max(0, at - _CONTEXT + 16) : at].translate(_NOT_IN_A_NAME)
    return before.rpartition(b" ")[2].startswith(b"-")


def redacted(text: str) -> str:
    """``text`` with its secrets masked by the same rules."""
    redactor = Redactor()
    masked = redactor.feed(text.encode("utf-8", "surrogatepass")) + redactor.finish()
    return masked.decode("utf-8", "surrogatepass")

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Masks secrets in texts of the server, and in a log that arrives in chunks. Pure.

``OPENERS`` is the table of what comes before a secret: a name, ``Bearer``, an address with a user. A value is found in
``name=value``, ``"name": "value"``, ``name -> value``, ``--name value``, ``/name value``, ``<name>value</name>``, and,
if it looks like a secret, in ``name "value"`` and ``name is value``. Not masked: sentences (``token expired``,
``tokens: 5 used``), ``null``, ``true``, ``***``, an object, another option or ``name=``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from re import Match, Pattern
from typing import Optional

from ansible_collections.aimms.cloud.plugins.module_utils.masking import MASK, Masker

Span = tuple[int, int]

_MASK = MASK.encode()
_LONGEST_LINE = 128 * 1024  # bytes
_OVERLAP = 1024  # of the parts of a longer line: longer than any name, and than any form of the key
_CONTEXT = 256  # before the end of a name

# All patterns match lower case.
_CONTROL = rb"\x00-\x20\x7f"
_CODED_QUOTE = rb"&(?:amp;)?(?:quot|apos|#0?3[49]|#x2[27]);|\\{1,4}u002[27]"
_WORD = rb"[\w+/=.-]{6}"
_QUOTE = rb"(?:\\{0,4}[\"']|" + _CODED_QUOTE + rb"|%(?:25)?2[27])"
_COLOUR = rb"(?:\x1b|\\{1,4}(?:u001b|x1b|033|e))\[[0-9;?]{0,16}[a-z]"
_BLANK = (
    rb"(?:[ \t]|" + _COLOUR + rb"|\xc2\xa0|\xe2\x80[\x80-\x8b\xaf]|\xe3\x80\x80|%20|&nbsp;"
    rb"|\\{1,4}(?:u00a0|xa0|t(?![a-z])|t(?=" + _WORD + rb")))"
)
_NEXT_LINE = rb"[\\^`]?\r?\n[ \t]{0,64}(?!-|\d{4}[-/]\d\d)"
_BEYOND = rb"(?:[" + _CONTROL + rb"\"'`()\[\]{}<>,;:.|\\]|\Z)"
_NEXT_NAME = rb"[\w.$-]{1,64}\\{0,4}[\"']?[ \t]{0,4}[=:]"
_IN_URL = rb"[^" + _CONTROL + rb"\"'`<>/?#\\"
_SCHEME = rb"(?:bearer|basic|negotiate|ntlm|token|apikey)[ \t]"
_BRACKET = (
    rb"[\[(](?:(?=[ \t]{0,8}[bru]?\\{0,8}[\"']|" + _SCHEME + rb")"
    rb"|(?=[^" + _CONTROL + rb"\[\](){}\"'`\\]{1,512}[\])]" + _BEYOND + rb"))[ \t]*"
)
_NO_SECRET = rb"(?:null|none|nil|undefined|true|false|\*{1,64})"

_KINDS = (b"api", b"access", b"account", b"private", b"secret")
_KEYS = b"|".join(b"(?<=%b%bkey)" % (kind, joint) for joint in (b"", b"[-_ ]") for kind in _KINDS)
_END_OF_NAME = rb"(?![\w-])"
_NAME, _BEARER, _TOKEN, _ADDRESS = "name", "bearer", "token", "address"
_FOREIGN = rb"ort(?<=passwort|kennwort)|oord(?<=wachtwoord)"
# Each pattern begins with fixed letters, and is searched only where the rare byte before it occurs: that is fast.
OPENERS = tuple(
    (rare, re.compile(pattern), kind)
    for rare, pattern, kind in (
        (b"k", rb"k(?:e(?:n(?<=token)|y(?:" + _KEYS + rb"))|ie(?<=cookie)s?)" + _END_OF_NAME, _NAME),
        (b"w", rb"w(?:ord(?<=password)|d(?:(?<=passwd)|(?<=pwd))|" + _FOREIGN + rb")" + _END_OF_NAME, _NAME),
        (b"p", rb"pass(?:phrase" + _END_OF_NAME + rb"|(?<![a-z]pass)(?= ?=)|(?<=[-/]pass)(?=\s))", _NAME),
        (b"c", rb"cre(?:t(?<=secret)|dentials?)" + _END_OF_NAME, _NAME),
        (b"z", rb"zation(?<=authorization)" + _END_OF_NAME, _NAME),
        (b"=", rb"sig(?:nature)?(?= ?=)(?:(?<![a-z]sig)|(?<=signature))", _NAME),
        (b"=", rb"otp(?<![a-z]otp)(?= ?=)", _NAME),
        (b"b", rb"bearer(?<![\w.-]bearer)" + _BLANK + rb"+", _BEARER),
        (b"j", rb"eyj(?<![\w-]eyj)(?=[\w-]{8})", _TOKEN),
        (b"/", rb"://" + _IN_URL + rb":@]{0,256}:", _ADDRESS),
    )
)  # fmt: skip
_VALUES = {
    _BEARER: re.compile(
        rb"(?!(?:tokens?|auth\w*|scheme|realm|error|format|type|header|keys?)\b)"
        rb"(?P<u>[\w.~+/-]{8,}=*|(?=[a-z]*\d)[\w.~+/-]{4,}=*)"
    ),
    _TOKEN: re.compile(rb"(?P<u>eyj[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]+){0,3})"),
    _ADDRESS: re.compile(rb"(?!\*{1,64}@)(?P<u>" + _IN_URL + rb"]+(?=@)|" + _IN_URL + rb"@]{1024,}(?<!:))"),
}


def _value(ends: bytes = b"", quotes: bytes = b"") -> Pattern[bytes]:
    """Matches a value, quoted or not, or the end of what is known so far.

    :param ends: what else ends it in a URL. :param quotes: what else is a quote there.
    """
    coded = rb"(?:" + _CODED_QUOTE + quotes + rb")"
    quoted = (
        rb"[bru]?(?:(?P<q>[\"'])(?:" + _SCHEME + rb"[ \t]*)?(?!" + _SCHEME + rb"|" + _NO_SECRET + rb"(?P=q))"
        rb"(?P<v>(?:[^\"'\\\r\n]+|\\[^\r\n]|(?!(?P=q))[\"'])+)"
        rb"|(?P<e>\\{1,8}[\"']|" + coded + rb")(?:" + _SCHEME + rb"[ \t]*)?"
        rb"(?!" + _SCHEME + rb"|" + _NO_SECRET + rb"(?P=e))(?P<w>(?:[^\"'\\&%\r\n]+|(?!(?<!\\)(?P=e))[^\r\n])+))"
    )  # fmt: skip
    end = (
        rb"(?:[" + _CONTROL + rb"]|[\"'`](?![a-z0-9_])|\\{1,8}(?:[\"'nrt\r\n]|u00)|[,;|](?=" + _BEYOND + rb"|"
        + _NEXT_NAME + rb")|[)\]}>](?=" + _BEYOND + rb")|</?[a-z]{1,16}[ />]" + ends + rb")"
    )  # fmt: skip
    missing = (
        rb"(?![\[(]?" + _SCHEME + rb"|https?/\d|[\[(]?" + _NO_SECRET + rb"(?:" + end + rb"|\Z)"
        rb"|[\[({]{1,8}(?:[" + _CONTROL + rb"\"'`()\[\]{}\\]|\Z|" + _NEXT_NAME + rb")"
        rb"|(?<=[ \t])--[a-z][a-z-]{1,30}(?:[\s\"']|=[^=\s]|\Z)"
        rb"|(?<=[^ \t]=[ \t])[a-z_][\w.-]{0,63}=[^=&" + _CONTROL + rb"]"
        rb"|(?<=:[ \t])[a-z_][\w.-]{0,63}:[ \t]{1,8}[^\s])"
    )
    unquoted = (
        missing + rb"(?P<u>(?!" + end + rb"|[bru]?(?:\\{0,8}[\"']|" + coded + rb"))[^\r\n]"
        rb"(?:[^" + _CONTROL + rb"\"'`\\,;|)\]}><%&]+|(?!" + end + rb")[^\r\n])*)"
    )
    return re.compile(rb"(?:" + _BRACKET + rb")?(?:" + _SCHEME + rb"[ \t]*)?(?:" + quoted + rb"|" + unquoted + rb"|\Z)")


_PLAIN, _IN_QUERY, _ENCODED = _value(), _value(rb"|&"), _value(rb"|&|%26", rb"|%(?:25)?2[27]")
_GAP = _BLANK + rb"*(?:" + _NEXT_LINE + rb"(?=[^\s:=\"']{6,256}[ \t]*(?:\r?\n|\Z)|\Z))?"  # there only a single word
_ARROW_HEAD = rb"(?:>|&gt;|\\{1,4}u003e)"
_SEPARATOR = re.compile(
    _QUOTE + rb"?\]?" + _BLANK + rb"{0,8}(?P<sign>={1,3}" + _ARROW_HEAD + rb"?|(?<=[ \t])--?" + _ARROW_HEAD
    + rb"|:=|:(?!:)|%(?:25)?3[da]|\\{1,4}u003d|\xef\xbc[\x9a\x9d]|\xe2\x86\x92|\xe2\x87\x92)" + _GAP
)  # fmt: skip
_GAP_OF_OPTION = re.compile(
    _QUOTE + rb"[ \t]{0,8},[ \t\r\n]*(?=[bru]?(?:\\{0,8}[\"']|" + _CODED_QUOTE + rb")|\Z)|[ \t]{0,8},[ \t]*"
    rb"|" + _QUOTE + rb"?(?:" + _BLANK + rb"*" + _NEXT_LINE + rb"|" + _BLANK + rb"+"
    rb"|\\{1,4}(?:r\\{1,4})?n(?=" + _WORD + rb"))"
)  # fmt: skip
_NAMED = re.compile(
    rb"(?:" + _QUOTE + rb"(?:[\s,\\\"']{1,64}|[ \t]{0,8},[ \t]{0,8}" + _QUOTE + rb")"
    rb"|[ \t,;]{1,8}|[ \t]{0,8}\r?\n[ \t]{0,64})"
    rb"(?:value" + _QUOTE + rb"?[ \t]*[:=]" + _GAP + rb"|(?<=[\s,\\\"'])\Z)"
)  # fmt: skip
_SECRET = rb"(?!\d{4}-\d\d|https?:)(?=[^\s\"'<>]{0,256}?\d)"
_SAID = re.compile(
    rb"(?:" + _BLANK + rb"{1,8}(?P<is>is|was|ist|equals|(?:(?:is|was)[ ])?(?:re)?set to|changed to)[:=]?)?" + _BLANK
    + rb"{1,8}(?:(?P<q>" + _QUOTE + rb")" + _SECRET + rb"(?P<v>(?:(?!(?P=q))[^\s\"']){8,})"
    rb"|(?(is)" + _SECRET + rb"(?P<u>[^\s\"'`<>\\,;|()\[\]{}]{7,}[^\s\"'`<>\\,;|()\[\]{}.:!?])|(?!)))"
)  # fmt: skip
_ATTRIBUTE = re.compile(rb"[^<>\r\n]{0,200}?[ \t\"';]value[ \t]*=[ \t]*")
_CRUMB = rb"[\w.$-]{1,128}="
_COOKIE = re.compile(
    _QUOTE + rb"?(?:" + _BLANK + rb"{0,8}[:=]|(?<=-cookie)(?=[ \t]))" + _BLANK + rb"{0,8}" + _QUOTE + rb"?" + _CRUMB
    + rb"\"?(?P<u>(?!\*{8}(?!;[ \t]?" + _CRUMB + rb"))[^;\s\"'\\]+(?:\"?;[ \t]?" + _CRUMB + rb"\"?[^;\s\"'\\]*)*)"
)  # fmt: skip
_IN_TAG = re.compile(rb"(?:<|&lt;)[a-z](?:[^<>&]|&(?!lt;|gt;))*\Z")
_ELEMENT = re.compile(
    rb"(?:[\"' \t][^<>\r\n]{0,200}?)?(?:>|&gt;)\s{0,64}(?:<!\[cdata\[)?"
    rb"(?:(?!" + _NO_SECRET + rb"[ \t]*(?:[<\r\n]|&lt;|\]\]|\Z))(?P<u>(?=\S)(?:(?!&lt;|\]\]>)[^<>\r\n])+)|\Z)"
)
_RARE = b"QXZJqzKYVjWxUHGB"  # the rarest letter of logs first
_DASH = re.compile(rb"\xe2\x80[\x90-\x95]|\xe2\x88\x92|\xef\xb9[\x98\xa3]|\xef\xbc\x8d")
_IN_NAME = re.compile(_COLOUR)  # what may stand in a name or before it
_NOT_IN_A_NAME = bytes(byte if (chr(byte).isalnum() and byte < 128) or byte in b"-_.$" else 32 for byte in range(256))


class Redactor:
    """Masks secrets in a log that arrives in chunks, whose sizes make no difference for lines of at most 128 KiB.

    What is after the last line end is held back. After a secret that is longer, the rest of its line is masked too.
    """

    def __init__(self, key: str = "", *, tokens: bool = True) -> None:
        """:param key: the API key, masked in each form of ``Masker``. :param tokens: False masks nothing else."""
        self.redactions = 0
        self._forms, self._key = _key_pattern(key)
        self._tokens = tokens
        self._held = bytearray()
        self._skips = False  # what is left of a line

    def feed(self, chunk: bytes) -> bytes:
        """The next part of the masked log, as far as it is decided."""
        if self._skips:
            chunk = chunk[chunk.find(b"\n") :] if b"\n" in chunk else b""
            self._skips = not chunk
        self._held += chunk
        end = self._held.rfind(b"\n") + 1
        if len(self._held) - end > _LONGEST_LINE:
            end = len(self._held)
        return self._masked(end, last=False) if end else b""

    def finish(self) -> bytes:
        """The rest of the masked log."""
        return self._masked(len(self._held), last=True)

    def _masked(self, end: int, *, last: bool) -> bytes:
        """The held log up to ``end``, or less if a value may go on there."""
        log = bytes(self._held[:end])
        spans, open_at = self._spans(log)
        if not last:
            end = log.rfind(b"\n", 0, open_at) + 1  # no name is parted from its value
            if len(log) - end > _LONGEST_LINE:
                end = max(end, open_at - _OVERLAP, *(after for _first, after in spans if after < len(log)))
            if not end and len(log) > _LONGEST_LINE:  # all of it is one value
                end, self._skips = len(log), True
                spans = [(spans[0][0] if spans else end, end)]
        parts = []
        begin = 0
        for first, after in spans:
            if after <= end:
                parts += [log[begin:first], _MASK]
                begin = after
                self.redactions += 1
        parts.append(log[begin:end])
        del self._held[:end]
        return b"".join(parts)

    def _spans(self, log: bytes) -> tuple[list[Span], int]:
        """What to mask, in order and merged; and where the first opener is whose value may go on after the log."""
        found: list[Span] = []
        if any(rare in log and form in log for rare, form in self._forms):
            found = [match.span() for match in self._key.finditer(log)]
        open_at = len(log)
        line = log.rfind(b"\n") + 1
        for begin, end, spans in reversed([*values(log.lower())] if self._tokens else ()):
            found += spans
            if end == len(log) or begin < line < end:  # a cut at the line would part name and value
                open_at = begin
                line = log.rfind(b"\n", 0, open_at) + 1
        merged: list[Span] = []
        for first, after in sorted(found):
            if merged and first < merged[-1][1]:
                merged[-1] = (merged[-1][0], max(after, merged[-1][1]))
            else:
                merged.append((first, after))
        return merged, open_at


def values(low: bytes) -> Iterator[tuple[int, int, list[Span]]]:
    """Of a log in lower case: where an opener begins, where its value ends, and what of it to mask, if anything."""
    openers = [(opener.finditer(low), kind) for rare, opener, kind in OPENERS if rare in low]
    reached = 0
    for begin, end, kind in sorted((one.start(), one.end(), kind) for found, kind in openers for one in found):
        if begin >= reached:
            at = begin if kind is _TOKEN else end
            match = _VALUES[kind].match(low, at) if kind is not _NAME else _value_of_name(low, at)
            reached = match.end() if match else end
            if match:
                spans = [match.span(name) for name, text in match.groupdict().items() if text and name in "uvw"]
                yield begin, match.end(), spans[:1]


def _value_of_name(low: bytes, at: int) -> Optional[Match[bytes]]:
    """The value of the name that ends at ``at``."""
    if low.endswith((b"cookie", b"cookies"), 0, at):
        return _COOKIE.match(low, at)
    is_option = _is_option(low, at)
    separator = _SEPARATOR.match(low, at)
    if separator:
        sign = separator["sign"]
        values = _ENCODED if sign.startswith(b"%") else _IN_QUERY if sign == b"=" and not is_option else _PLAIN
        return values.match(low, separator.end())
    gap = (is_option and _GAP_OF_OPTION.match(low, at)) or _NAMED.match(low, at)
    if not gap and _IN_TAG.search(low[max(0, at - _CONTEXT) : at].rpartition(b"\n")[2]):
        gap = _ATTRIBUTE.match(low, at)
        if not gap:
            return _ELEMENT.match(low, at)
    return _PLAIN.match(low, gap.end()) if gap else _SAID.match(low, at)


def _is_option(low: bytes, at: int) -> bool:
    """Whether the name that ends at ``at`` begins with a dash, or with a slash after a blank or a quote."""
    before = low[max(0, at - _CONTEXT) : at]
    if b"[" in before or not before.isascii():
        before = _DASH.sub(b"-", _IN_NAME.sub(b"", before))
    name = before.translate(_NOT_IN_A_NAME).rpartition(b" ")[2]
    sign = before[: len(before) - len(name)][-2:]
    return name.startswith(b"-") or (sign[-1:] == b"/" and (len(sign) == 1 or sign[:1] in b" \t\r\n\"'`"))


@lru_cache(maxsize=4)
def _key_pattern(key: str) -> tuple[list[tuple[bytes, bytes]], Pattern[bytes]]:
    """The forms of the key, the longest first, each after the byte of it that is the rarest in logs; their pattern."""
    forms = [form.encode("utf-8", "surrogateescape") for form in Masker(key).forms]
    rarest = (min(form, key=lambda byte: _RARE.find(byte) % 256) for form in forms)  # one that is not there: 255
    return [(bytes([byte]), form) for byte, form in zip(rarest, forms)], re.compile(b"|".join(map(re.escape, forms)))


def redacted(text: str) -> str:
    """``text`` with its secrets masked. In parts: one of many MiB must not be held several times."""
    redactor = Redactor()
    parts = (text[at : at + _LONGEST_LINE] for at in range(0, len(text), _LONGEST_LINE))
    masked = b"".join(redactor.feed(part.encode("utf-8", "surrogatepass")) for part in parts) + redactor.finish()
    return masked.decode("utf-8", "surrogatepass") if redactor.redactions else text

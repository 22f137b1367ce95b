# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether what a server sent as a log is the log, and what it is as text."""

from __future__ import annotations

import codecs
import re
import zlib
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Optional

from ansible_collections.aimms.cloud.plugins.module_utils.decoding.strict_json import is_page, json_in
from ansible_collections.aimms.cloud.plugins.module_utils.errors import AimmsError, AnswerError
from ansible_collections.aimms.cloud.plugins.module_utils.http.body import GzipDecoder
from ansible_collections.aimms.cloud.plugins.module_utils.logs.reader import Extent

_AS_IT_IS = "To save it as it is, set redact: false."
_LONGEST_PART = 4096  # letters
_WINDOW = 64 * 1024  # bytes
_NOT_PLAIN = re.compile(r"[^ !#-\[\]-~]")  # all but printable ASCII, and what JSON escapes
_OTHER_BYTES = bytes(byte for byte in range(256) if not chr(byte).isalnum() or byte > 127)


class NotTheLogError(AimmsError):
    """What was downloaded is not the log, or no text; the route for lines may have it."""


class Seen:
    """Counts the lines of a download, and compares it with what the route for lines has told of the log.

    Each entry must be there, one after the other. Compared are letters and digits, as what is between them routes may
    write in their own ways: time, quotes, line ends.
    """

    def __init__(self, extent: Optional[Extent]) -> None:
        """:param extent: as told before the download; None compares nothing."""
        self.lines = 0
        self._extent = extent
        self._parts = _parts(extent.texts if extent else ())
        self._wanted = next(self._parts, b"")
        self._rest = self._head = self._tail = b""

    def through(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """The pieces. :raises NotTheLogError, AnswerError: after the last one, when they are not the log."""
        last = b"\n"
        for piece in pieces:
            self.lines += piece.count(b"\n")
            last = piece[-1:] or last
            if self._wanted:
                self._look_in(self._rest + _letters(piece))
            if self._extent is not None:
                self._head += piece[: _WINDOW - len(self._head)]
                self._tail = (self._tail + piece)[-_WINDOW:]
            yield piece
        self.lines += last != b"\n"
        if self._extent is not None:
            self._judge(self._extent)

    def _look_in(self, letters: bytes) -> None:
        at = 0
        while self._wanted:
            found = letters.find(self._wanted, at)
            if found < 0:
                break
            at = found + len(self._wanted)
            self._wanted = next(self._parts, b"")
        self._rest = letters[max(at, len(letters) + 1 - len(self._wanted)) :]

    def _judge(self, extent: Extent) -> None:
        if not self._wanted and extent.entries <= self.lines and (extent.entries or not self.lines):
            return
        if self._has_other_lines(extent):
            raise AnswerError(
                f"The download has {self.lines} lines, but the {extent.entries} entries of the log are different ones."
            )
        raise NotTheLogError(
            f"The download has {self.lines} lines, and not all of the {extent.entries} entries of the log."
        )

    def _has_other_lines(self, extent: Extent) -> bool:
        """Whether it has lines, at its begin or end, that the log does not have: then neither is known to be whole.

        Its last line may be cut. An error in JSON or a page instead of a log has no lines of one.
        """
        if is_page(self._head) or _is_object(self._head):
            return False
        known = {_letters(line.encode()) for text in extent.texts for line in text.splitlines()} - {b""}
        lengths = sorted({len(line) for line in known})
        begin, end = self._head.split(b"\n")[:-1], self._tail.split(b"\n")[1:-1]
        lines = filter(None, map(_letters, begin[:1] if len(extent.texts) < extent.entries else begin + end))
        return any(not any(line[-length:] in known for length in lengths) for line in lines)


def _is_object(body: bytes) -> bool:
    try:
        return isinstance(json_in(body), dict)
    except ValueError:
        return False


def _parts(texts: Iterable[str]) -> Iterator[bytes]:
    """The letters of texts, in parts that every way to write them has in common."""
    for text in texts:
        for plain in _NOT_PLAIN.split(text):
            letters = _letters(plain.encode())
            yield from (letters[at : at + _LONGEST_PART] for at in range(0, len(letters), _LONGEST_PART))


def _letters(text: bytes) -> bytes:
    return text.translate(None, _OTHER_BYTES)


def decoded(pieces: Iterable[bytes], *, text_only: bool) -> Iterator[bytes]:
    """The pieces of a log; of a gzip file what is in it, and UTF-16 with a byte order mark as UTF-8.

    :raises NotTheLogError: for a gzip file that is not whole, and with ``text_only`` for a NUL: it is no text then.
    """
    for piece in _as_utf8(_with_a_beginning(_unpacked(_with_a_beginning(iter(pieces))))):
        if text_only and b"\0" in piece:
            raise NotTheLogError("The log holds NUL bytes, so it is no text in which secrets can be found.", _AS_IT_IS)
        yield piece


def _with_a_beginning(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The pieces, the first of at least two bytes if there are so many."""
    first = b""
    for piece in pieces:
        first += piece
        if len(first) > 1:
            break
    yield first
    yield from pieces


def _unpacked(pieces: Iterator[bytes]) -> Iterator[bytes]:
    first = next(pieces, b"")
    decoder = GzipDecoder() if first.startswith(b"\x1f\x8b") else None
    try:
        for piece in chain((first,), pieces):
            yield from decoder.pieces(piece) if decoder else (piece,)
    except zlib.error:
        raise NotTheLogError("The log is a gzip file that is damaged.") from None
    if decoder and not decoder.complete:
        raise NotTheLogError("The log is a gzip file that ends early.")


def _as_utf8(pieces: Iterator[bytes]) -> Iterator[bytes]:
    first = next(pieces, b"")
    if not first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        yield first
        yield from pieces
        return
    decoder = codecs.getincrementaldecoder("utf-16")("replace")
    for piece in chain((first,), pieces):
        yield decoder.decode(piece).encode("utf-8", "replace")
    yield decoder.decode(b"", True).encode("utf-8", "replace")

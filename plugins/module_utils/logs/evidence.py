# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether what a server sent as a log is the log, and what it is as text."""

from __future__ import annotations

import codecs
import re
import zlib
from collections.abc import Iterable, Iterator
from typing import Optional

from ansible_collections.aimms.cloud.plugins.module_utils.errors import AimmsError, AnswerError
from ansible_collections.aimms.cloud.plugins.module_utils.http.body import GzipDecoder
from ansible_collections.aimms.cloud.plugins.module_utils.logs.reader import Extent

_AS_IT_IS = "To save it as it is, set redact: false."
_WINDOW = 128 * 1024  # bytes
_LONGEST_SAMPLE = 200
_PLAIN = re.compile(r"[ -!#-\[\]-~]*")  # printable ASCII, except for what JSON escapes
_OTHER_BYTES = re.compile(rb"[^A-Za-z0-9]+")
_BOMS = {codecs.BOM_UTF32_LE: "utf-32", codecs.BOM_UTF32_BE: "utf-32", codecs.BOM_UTF16_LE: "utf-16"}
_BOMS[codecs.BOM_UTF16_BE] = "utf-16"  # after those of four bytes: one begins alike


class NotTheLogError(AimmsError):
    """What was downloaded is not the log, or no text; the route for lines may have it."""


class Seen:
    """Counts the lines of a download, and compares it at its end with the extent of the log."""

    def __init__(self, extent: Optional[Extent]) -> None:
        """:param extent: as the route for lines told before the download; None compares nothing."""
        self.lines = 0
        self._extent = extent
        self._head, self._tail = b"", b""

    def through(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """The pieces. :raises NotTheLogError, AnswerError: after the last one, when they are not the log."""
        last = b"\n"
        for piece in pieces:
            self.lines += piece.count(b"\n")
            last = piece[-1:] or last
            if self._extent is not None:
                self._head += piece[: _WINDOW - len(self._head)]
                self._tail = (self._tail + piece)[-_WINDOW:]
            yield piece
        self.lines += last != b"\n"
        if self._extent is not None:
            self._compare(self._extent)

    def _compare(self, extent: Extent) -> None:
        sample = _letters(_PLAIN.match(extent.sample.lstrip())[0][:_LONGEST_SAMPLE].encode())  # type: ignore[index]
        known = sample in _letters(self._head) or sample in _letters(self._tail)
        if known and extent.entries <= self.lines and (extent.entries or not self.lines):
            return
        if self.lines > extent.entries:
            raise AnswerError(
                f"The download has {self.lines} lines, but not those of the log's {extent.entries} entries: "
                "it is not known which is the log."
            )
        raise NotTheLogError(f"The download has {self.lines} lines, and the log {extent.entries} entries.")


def _letters(text: bytes) -> bytes:
    """Letters and digits only: what is between them, routes may write in their own ways."""
    return _OTHER_BYTES.sub(b"", text)


def decoded(pieces: Iterable[bytes], *, text_only: bool) -> Iterator[bytes]:
    """The pieces of a log; of a gzip file what is in it, and UTF-16 and UTF-32 with a byte order mark as UTF-8.

    :raises NotTheLogError: for a gzip file that is not whole, and with ``text_only`` for a NUL: it is no text then.
    """
    for piece in _as_utf8(_unpacked(_with_a_beginning(iter(pieces)))):
        if text_only and b"\0" in piece:
            raise NotTheLogError("The log holds NUL bytes, so it is no text in which secrets can be found.", _AS_IT_IS)
        yield piece


def _with_a_beginning(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The pieces, the first of at least four bytes if there are so many."""
    first = b""
    for piece in pieces:
        first += piece
        if len(first) >= len(codecs.BOM_UTF32_LE):
            break
    yield first
    yield from pieces


def _unpacked(pieces: Iterator[bytes]) -> Iterator[bytes]:
    first = next(pieces)
    if not first.startswith(b"\x1f\x8b"):
        yield first
        yield from pieces
        return
    decoder = GzipDecoder()
    try:
        yield from _with_a_beginning(piece for packed in _again(first, pieces) for piece in decoder.pieces(packed))
    except zlib.error:
        raise NotTheLogError("The log is a gzip file that is damaged.") from None
    if not decoder.complete:
        raise NotTheLogError("The log is a gzip file that ends early.")


def _as_utf8(pieces: Iterator[bytes]) -> Iterator[bytes]:
    first = next(pieces)
    encoding = next((name for bom, name in _BOMS.items() if first.startswith(bom)), None)
    if encoding is None:
        yield from _again(first, pieces)
        return
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    for piece in _again(first, pieces):
        yield decoder.decode(piece).encode("utf-8", "replace")
    yield decoder.decode(b"", True).encode("utf-8", "replace")


def _again(first: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from pieces

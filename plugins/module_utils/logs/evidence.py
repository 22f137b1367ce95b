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

from ansible_collections.aimms.cloud.plugins.module_utils.errors import AimmsError, AnswerError
from ansible_collections.aimms.cloud.plugins.module_utils.http.body import GzipDecoder
from ansible_collections.aimms.cloud.plugins.module_utils.logs.reader import Extent

_AS_IT_IS = "To save it as it is, set redact: false."
_WINDOW = 128 * 1024  # bytes
_NOT_PLAIN = re.compile(r"[^ !#-\[\]-~]")  # all but printable ASCII, and what JSON escapes
_OTHER_BYTES = re.compile(rb"[^A-Za-z0-9]+")


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
        sample = _letters(_NOT_PLAIN.split(extent.sample.lstrip()[:200], maxsplit=1)[0].encode())
        known = sample in _letters(self._head) or sample in _letters(self._tail)
        if known and extent.entries <= self.lines and (extent.entries or not self.lines):
            return
        if self.lines > extent.entries:
            raise AnswerError(f"The download has {self.lines} lines, and the log {extent.entries} entries of others.")
        raise NotTheLogError(f"The download has {self.lines} lines, and the log {extent.entries} entries.")


def _letters(text: bytes) -> bytes:
    """Letters and digits only: what is between them, routes may write in their own ways."""
    return _OTHER_BYTES.sub(b"", text)


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

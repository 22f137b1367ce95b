# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The decoded body of a response: complete, up to 16 MiB, or in pieces of at most 1 MiB."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

from ansible_collections.aimms.cloud.plugins.module_utils.errors import AnswerError, TransportError, shown

LARGEST_BODY = 16 * 1024 * 1024
_CHUNK = 262144
_NO_ENCODING = {"", "identity", "none", "utf-8", "utf8", "us-ascii", "iso-8859-1"}  # some servers name the charset here
_GZIP = 47  # zlib's number for "gzip or zlib, by the header"
_LARGEST_PIECE = 2**20


def read_body(response: Any, request: str) -> bytes:
    """The complete decoded body.

    :raises AnswerError: when it is larger than 16 MiB, or has an encoding that was not requested.
    :raises TransportError: when it ends early.
    """
    body = bytearray()  # not a list: chunks of one byte would need many times the memory
    for piece in body_pieces(response, request):
        body += piece
        if len(body) > LARGEST_BODY:
            raise AnswerError(f"{request} answered with more than {LARGEST_BODY // 2**20} MiB.")
    return bytes(body)


def body_pieces(response: Any, request: str) -> Iterator[bytes]:
    """The decoded body in pieces of at most 1 MiB; errors as ``read_body``, without a limit of the size."""
    headers = response.headers
    told = headers.get("Content-Encoding", "").lower()
    encodings = [one.strip() for one in told.split(",") if one.strip() not in _NO_ENCODING]
    if encodings not in ([], ["gzip"], ["x-gzip"]):
        raise AnswerError(f"{request} answered in the encoding '{shown(told)}', which was not asked for.")
    gzip = GzipDecoder() if encodings else None
    arrived = 0
    for chunk in response.raw.stream(_CHUNK, decode_content=False):
        arrived += len(chunk)
        yield from gzip.pieces(chunk) if gzip else (chunk,)
    length = headers.get("Content-Length", "")
    short = length.isdigit() and "Transfer-Encoding" not in headers and arrived < int(length)
    cut = not arrived and not length and "Transfer-Encoding" not in headers and response.status_code != 204
    if cut or short or (gzip and arrived and not gzip.complete):
        raise TransportError(f"{request}: the answer ended early.", "The connection to the service is unreliable.")


class GzipDecoder:
    """Decodes gzip, which may have several members, in pieces of at most 1 MiB."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(_GZIP)

    @property
    def complete(self) -> bool:
        """Whether the last member has ended."""
        return self._member.eof

    def pieces(self, chunk: bytes) -> Iterator[bytes]:
        """Decode ``chunk``."""
        while chunk:
            if self._member.eof:
                self._member = zlib.decompressobj(_GZIP)
            yield self._member.decompress(chunk, _LARGEST_PIECE)
            chunk = self._member.unused_data if self._member.eof else self._member.unconsumed_tail

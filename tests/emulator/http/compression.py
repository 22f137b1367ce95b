"""gzip compression of answers, for clients that accept it."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

from .reply import Reply

_MIN_BYTES = 1024  # a smaller answer would hardly shrink
_LEVEL = 1  # the fastest
_GZIP_WINDOW_BITS = 31  # zlib: 15, plus 16 for the gzip format


def accepts_gzip(scope: Any) -> bool:
    """Whether the client of an ASGI request accepts gzip."""
    wanted = b",".join(value for name, value in scope["headers"] if name == b"accept-encoding").lower()
    codings = [entry.replace(b" ", b"").partition(b";") for entry in wanted.split(b",")]
    return any(name in (b"gzip", b"*") and quality not in (b"q=0", b"q=0.0") for name, _semicolon, quality in codings)


def gzipped(reply: Reply) -> Reply:
    """The answer compressed; unchanged if it is small."""
    headers = [*reply.headers, ("content-encoding", "gzip"), ("vary", "accept-encoding")]
    if reply.stream is not None:
        return replace(reply, stream=_compressed(reply.stream), headers=headers)
    if len(reply.body) < _MIN_BYTES:
        return reply
    return replace(reply, body=gzip.compress(reply.body, _LEVEL), headers=headers)


async def _compressed(stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP_WINDOW_BITS)
    async for chunk in stream:
        packed = packer.compress(chunk)
        if packed:
            yield packed
        await asyncio.sleep(0)  # compressed chunks are too small to make sending wait: let other requests run
    yield packer.flush()

"""Make one request fail below HTTP, or answer it with something that is not from the service."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable

from .kinds import AFTER, LATER, STALE, Answer, Asked, Fault, beginning, false_answer

PATIENCE = 1
"""Seconds that the client gives one request (its option ``timeout``)."""
_HANG = PATIENCE + 3.0


class Failing:
    """One request that fails."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, forward: Callable[[], Awaitable[Answer]]
    ) -> None:
        """:param forward: sends the request to the server."""
        self._reader, self._writer, self._forward = reader, writer, forward

    async def fail(self, fault: Fault, asked: Asked) -> bool:
        """Carry out the fault. Returns whether the connection stays open."""
        true = await self._forward() if fault.phase == AFTER else None
        kind, writer = fault.kind, self._writer
        if kind in ("reset", STALE):
            _reset(writer)
        elif kind == "timeout":
            await self._gone(_HANG)
        elif kind == LATER:
            await asyncio.sleep(PATIENCE + fault.chance.uniform(0.1, 0.6))
            await self._forward()
        elif kind == "truncated":
            writer.write(beginning(true))
        elif kind == "slow drip":
            await self._drip(b"".join((true or Answer(200, b"{}")).encode()))
        elif kind != "closed":
            writer.write(b"".join(false_answer(fault, true, asked).encode()))
            await writer.drain()
            return True
        return False

    async def _drip(self, data: bytes) -> None:
        """Send bytes so slowly that the client times out."""
        step = 1 + len(data) // 100
        for place in range(0, len(data) - step, step):
            self._writer.write(data[place : place + step])
            if await self._gone(_HANG * step / len(data)):
                return

    async def _gone(self, seconds: float) -> bool:
        """Whether the client closes the connection within some time."""
        try:
            return not await asyncio.wait_for(self._reader.read(1), seconds)
        except (asyncio.TimeoutError, OSError):
            return self._writer.is_closing()


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close with a RST."""
    raw: socket.socket = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()

"""The uvicorn protocol with the transport within reach, for faults under HTTP."""

from __future__ import annotations

import socket
import struct
from itertools import count
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

CONNECTION = "emulator.connection"
_numbers = count(1)


class Connection(HttpToolsProtocol):
    """One connection: its number, how many requests it has carried, and its rough ends."""

    number = 0
    carried = 0

    def connection_made(self, transport: Any) -> None:
        """Number the connection; without Nagle's delay, which asyncio leaves on for sockets that uvicorn bound."""
        super().connection_made(transport)
        raw: socket.socket | None = transport.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.number = next(_numbers)

    def on_message_begin(self) -> None:
        """Count the request and put the connection into its scope."""
        super().on_message_begin()
        self.carried += 1
        self.scope["extensions"] = {CONNECTION: self}  # type: ignore[dict-item]  # an object, within reach of the app

    @property
    def is_closing(self) -> bool:
        """Is the connection closed or closing?"""
        return self.transport.is_closing()

    def take_over(self) -> None:
        """From here on the answer is written by hand; uvicorn takes it as complete."""
        cycle = self.cycle
        cycle.response_started = cycle.response_complete = cycle.disconnected = True
        cycle.keep_alive = False

    def write(self, data: bytes) -> None:
        """Write bytes as they are."""
        if not self.is_closing:
            self.transport.write(data)

    def close(self) -> None:
        """Close with a FIN."""
        self.take_over()
        self.transport.close()

    def reset(self) -> None:
        """Close with a RST."""
        self.take_over()
        raw: socket.socket | None = self.transport.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()

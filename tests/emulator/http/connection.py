"""uvicorn's HTTP protocol with access to the transport, for faults below HTTP."""

from __future__ import annotations

import socket
import struct
from itertools import count
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

CONNECTION = "emulator.connection"
"""Key of the connection in the `extensions` of an ASGI scope."""

_numbers = count(1)


class Connection(HttpToolsProtocol):
    """One connection: its number, the number of requests so far (`carried`), and the ways to end it abruptly."""

    number = 0
    carried = 0

    def connection_made(self, transport: Any) -> None:
        """Assign a number and switch off Nagle's algorithm: asyncio leaves it on for sockets that uvicorn has bound."""
        super().connection_made(transport)
        raw: socket.socket | None = transport.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.number = next(_numbers)

    def on_message_begin(self) -> None:
        """Count the request and put this connection into the request's scope."""
        super().on_message_begin()
        self.carried += 1
        self.scope["extensions"] = {CONNECTION: self}  # type: ignore[dict-item]  # an object, not JSON

    @property
    def is_closing(self) -> bool:
        """Whether the connection is closed or closing."""
        return self.transport.is_closing()

    def take_over(self) -> None:
        """Write the answer with `write` from now on. uvicorn considers it complete."""
        cycle = self.cycle
        cycle.response_started = cycle.response_complete = cycle.disconnected = True
        cycle.keep_alive = False

    def write(self, data: bytes) -> None:
        """Write bytes unchanged, unless the connection is closing."""
        if not self.is_closing:
            self.transport.write(data)

    def close(self) -> None:
        """Close the connection with FIN."""
        self.take_over()
        self.transport.close()

    def reset(self) -> None:
        """Close the connection with RST."""
        self.take_over()
        raw: socket.socket | None = self.transport.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()

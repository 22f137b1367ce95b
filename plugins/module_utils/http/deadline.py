# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sockets whose every read ends at one deadline.

A read timeout is per ``recv``: a server that sends one byte a second holds a call for ever. Here each ``recv``
gets only what is left of the whole call's time, for headers, chunk sizes and body alike.
"""

from __future__ import annotations

import io
import socket
import time
from typing import Any, Callable, Optional

try:
    from urllib3.connection import HTTPConnection, HTTPSConnection
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
except ImportError:  # requests is missing as well, and transport says so
    HTTPConnection = HTTPSConnection = object  # type: ignore[assignment,misc]  # without urllib3 nothing is made of them
    HTTPConnectionPool = HTTPSConnectionPool = object  # type: ignore[assignment,misc]  # nor of these


_LONGEST_LINE = 65536


class Deadline:
    """When the present call must be over; one for each worker's connection, set anew for each call.

    ``connected`` says whether that connection has been made, its handshake included.
    """

    def __init__(self) -> None:
        self._moment = self._pause = float("inf")
        self.connected = False

    def begin(self, seconds: float, pause: float) -> None:
        """From now on ``seconds`` are left for the call, and ``pause`` for each wait within it."""
        self._moment, self._pause = time.monotonic() + seconds, pause

    def left(self) -> float:
        """Seconds left for the next wait; never negative."""
        return max(0.0, min(self._moment - time.monotonic(), self._pause))


class _BoundedReader(io.RawIOBase):
    """What ``http.client`` reads from; holds the socket's own raw reader, so that closing counts stay right."""

    def __init__(self, sock: Any, deadline: Deadline) -> None:
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> Optional[int]:
        left = self._deadline.left()
        if not left:
            raise socket.timeout("the time for this call is over")
        self._sock.settimeout(min(left, 3600.0))
        received: Optional[int] = self._raw.readinto(buffer)
        return received

    def readall(self) -> bytes:
        """Nobody here asks for all there is; urllib3 does, for a chunk of minus one byte."""
        raise OSError("an answer without a bound")

    def close(self) -> None:
        self._raw.close()
        super().close()


class _BoundedLines(io.BufferedReader):
    """As its base, but a line that nobody bounded, as the size of a chunk, has an end."""

    def readline(self, size: Optional[int] = -1) -> bytes:
        """:raises OSError: for a line longer than any that HTTP has."""
        if size is not None and size >= 0:
            return super().readline(size)
        line = super().readline(_LONGEST_LINE + 1)
        if len(line) > _LONGEST_LINE:
            raise OSError("a line without an end")
        return line


class _BoundedSocket:
    """A connected socket that hands out bounded readers and is otherwise the socket itself."""

    def __init__(self, sock: Any, deadline: Deadline) -> None:
        self._sock = sock
        self._deadline = deadline

    def makefile(self, *_args: Any, **_kwargs: Any) -> io.BufferedReader:
        """The reader for one answer."""
        return _BoundedLines(_BoundedReader(self._sock, self._deadline))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


def _in_time(connection: Any, connect: Callable[[], socket.socket], deadline: Deadline) -> socket.socket:
    """Connect in the time that is left, shared among the host's addresses; the handshake gets what is left then."""
    try:
        addresses = len(socket.getaddrinfo(connection.host.strip("[]"), connection.port, type=socket.SOCK_STREAM))
    except OSError:
        addresses = 1  # connecting says what is wrong with the name
    connection.timeout = (deadline.left() or 0.001) / max(1, addresses)
    sock = connect()
    sock.settimeout(deadline.left() or 0.001)
    return sock


def pool_classes(deadline: Deadline) -> dict[str, Any]:
    """Connection pools, by scheme, whose connections obey ``deadline``."""

    class BoundedHTTP(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return _in_time(self, super()._new_conn, deadline)

        def connect(self) -> None:
            deadline.connected = False
            super().connect()
            deadline.connected = True
            self.sock = _BoundedSocket(self.sock, deadline)

    class BoundedHTTPS(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return _in_time(self, super()._new_conn, deadline)

        def _tunnel(self) -> None:
            plain, self.sock = self.sock, _BoundedSocket(self.sock, deadline)
            super()._tunnel()
            self.sock = plain
            plain.settimeout(deadline.left() or 0.001)

        def connect(self) -> None:
            deadline.connected = False
            super().connect()
            deadline.connected = True
            self.sock = _BoundedSocket(self.sock, deadline)

    class HTTPPool(HTTPConnectionPool):
        ConnectionCls = BoundedHTTP

    class HTTPSPool(HTTPSConnectionPool):
        ConnectionCls = BoundedHTTPS

    return {"http": HTTPPool, "https": HTTPSPool}

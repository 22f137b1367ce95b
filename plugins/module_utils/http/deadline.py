# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections with one deadline for a whole request: its connect, handshake, headers and body.

The timeout of a socket applies to each ``recv``, so a server that sends one byte a second would never reach it.
"""

from __future__ import annotations

import http.client
import io
import socket
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Callable, Optional

with suppress(ImportError):  # requests is missing too then: see REQUESTS_IMPORT_ERROR in http/client
    from urllib3.exceptions import ConnectTimeoutError

_LONGEST_LINE = 65536


class Deadline:
    """The deadline of the present request on one connection. ``connected``: connect and handshake have succeeded."""

    def __init__(self) -> None:
        self._moment = self._pause = float("inf")
        self.connected = False

    def begin(self, seconds: float, pause: float) -> None:
        """Allow ``seconds`` for the request from now on, and ``pause`` seconds for each wait in it."""
        self._moment, self._pause = time.monotonic() + seconds, pause

    def left(self) -> float:
        """Seconds left for the next wait; never negative."""
        return max(0.0, min(self._moment - time.monotonic(), self._pause))


class _Answer(http.client.HTTPResponse):
    """An answer after any number of statuses that come before it, of which the base passes over 100 only."""

    def _read_status(self) -> tuple[str, int, str]:
        version, status, reason = super()._read_status()  # type: ignore[misc]  # not part of the declared interface
        return version, http.client.CONTINUE if status in (102, 103) else status, reason


class _BoundedReader(io.RawIOBase):
    """Reads from a socket until the deadline, by its own raw reader: until that is closed, the socket stays open."""

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
        """Not called by this collection. urllib3 calls it for a chunk size of -1, which would read without a limit."""
        raise OSError("an answer without a bound")

    def close(self) -> None:
        self._raw.close()
        super().close()


class _BoundedLines(io.BufferedReader):
    def readline(self, size: Optional[int] = -1) -> bytes:
        """:raises OSError: for a line of more than 64 KiB: urllib3 reads the size of a chunk without a limit."""
        if size is not None and size >= 0:
            return super().readline(size)
        line = super().readline(_LONGEST_LINE + 1)
        if len(line) > _LONGEST_LINE:
            raise OSError("a line without an end")
        return line


class _BoundedSocket:
    """A connected socket whose readers obey the deadline."""

    def __init__(self, sock: Any, deadline: Deadline) -> None:
        self._sock = sock
        self._deadline = deadline

    def makefile(self, *_args: Any, **_kwargs: Any) -> io.BufferedReader:
        """The reader of one response."""
        return _BoundedLines(_BoundedReader(self._sock, self._deadline))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


def _in_time(connection: Any, connect: Callable[[], socket.socket], deadline: Deadline) -> socket.socket:
    """Connect within the deadline: each address of the host gets an equal share, the TLS handshake the rest."""
    connection.timeout = (deadline.left() or 0.001) / max(1, _count_addresses(connection, deadline))
    sock = connect()
    sock.settimeout(deadline.left() or 0.001)
    return sock


def _count_addresses(connection: Any, deadline: Deadline) -> int:
    """How many addresses the host has; 0 if it is not known.

    :raises ConnectTimeoutError: when the name service does not answer in time: it obeys no timeout of its own.
    """
    found: list[int] = []

    def look() -> None:
        try:
            found.append(len(socket.getaddrinfo(connection.host.strip("[]"), connection.port, type=socket.SOCK_STREAM)))
        except OSError:
            found.append(0)  # the connect that follows raises the same error

    lookup = threading.Thread(target=look, daemon=True)
    lookup.start()
    lookup.join(deadline.left())
    if not found:
        raise ConnectTimeoutError(connection, "the name service does not answer")
    return found[0]


def bounded_pools(classes: Mapping[str, Any], deadline: Deadline) -> dict[str, Any]:
    """The classes of connection pools, by scheme, made such that their connections obey ``deadline``."""

    def bounded(pool: Any) -> Any:
        class Bounded(pool.ConnectionCls):  # type: ignore[misc]  # the base is an argument
            response_class = _Answer
            sock: Any

            def _new_conn(self) -> socket.socket:
                return _in_time(self, super()._new_conn, deadline)

            def _tunnel(self) -> None:
                sock, self.sock = self.sock, _BoundedSocket(self.sock, deadline)
                super()._tunnel()
                self.sock = sock
                sock.settimeout(deadline.left() or 0.001)

            def connect(self) -> None:
                deadline.connected = False
                super().connect()
                deadline.connected = True
                self.sock = _BoundedSocket(self.sock, deadline)

        return type("Pool", (pool,), {"ConnectionCls": Bounded})

    return {scheme: bounded(pool) for scheme, pool in classes.items()}

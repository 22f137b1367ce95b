"""The kinds of hostile answers, and on which routes each may be accepted."""

from __future__ import annotations

import json
import socket
import struct
import time
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Callable

from .server import ROUTES, Make, Reply, answer, good

MIB = 2**20
ASKING = tuple(route for route in ROUTES if route not in ("change", "download"))
"""The routes whose body is read as JSON (or as YAML)."""
LISTS = ("list", "log", "tasks")


@dataclass(frozen=True)
class Kind:
    """One way to answer. ``make`` returns the answers for a route.

    ``believed``: the routes on which the answer may be accepted; on others the module must fail, or report that its
    result is incomplete. ``acts``: whether the server carries out a change; ``tells``: whether the answer tells that it
    does not. ``fits``: the body is below the size limit and must be read completely.
    """

    make: Callable[[str], Make]
    routes: tuple[str, ...] = ROUTES
    believed: tuple[str, ...] = ()
    slow: bool = False
    acts: bool = True
    tells: bool = True
    fits: bool = False
    many: bool = False
    """Whether it takes many answers, each in its time."""
    sure: bool = False
    """Whether the bounded size tries it on two routes."""


def always(reply: Reply) -> Callable[[str], Make]:
    """The same answer to everything."""
    return lambda _route: lambda _query: reply


def true(route: str) -> bytes:
    """The true body for the first request of a route."""
    return good(route, {}, "running")


def spoiled(spoil: Callable[[bytes], Reply]) -> Callable[[str], Make]:
    """The true body for the route, changed by ``spoil``."""
    return lambda route: lambda query: spoil(good(route, query, "running"))


def body(text: bytes, status: int = 200, **headers: str) -> Callable[[str], Make]:
    """The same body on all routes."""
    return always(answer(status, text, **{"content_type": "application/json", **headers}))


def plain(head: str, text: bytes = b"") -> bytes:
    """An answer with exactly these head lines."""
    return "\r\n".join([*head.splitlines(), "", ""]).encode("latin-1") + text


def then_close(data: bytes) -> Reply:
    """Send, then close the connection."""

    def act(sock: Any) -> None:
        sock.sendall(data)
        with suppress(OSError):
            sock.shutdown(socket.SHUT_WR)
            sock.recv(1)
        sock.close()

    return act


def then_reset(data: bytes) -> Reply:
    """Send, then reset the connection."""

    def act(sock: Any) -> None:
        sock.sendall(data)
        time.sleep(0.05)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        sock.close()

    return act


def then_stall(data: bytes = b"") -> Reply:
    """Send, then leave the connection open and send nothing."""

    def act(sock: Any) -> None:
        sock.sendall(data)
        with suppress(OSError):
            while sock.recv(65536):
                pass
        sock.close()

    return act


def drip(data: bytes, at_once: int = 0, every: float = 0.05) -> Reply:
    """Send ``at_once`` bytes, then single bytes in a loop, until the client closes."""

    def act(sock: Any) -> None:
        sock.sendall(data[:at_once])
        while True:
            for place in range(at_once, len(data)):
                sock.sendall(data[place : place + 1])
                time.sleep(every)

    return act


def pour(head: bytes, piece: bytes, mib: int | None = None, end: bytes = b"") -> Reply:
    """Send ``head``, then the same piece repeatedly: ``mib`` MiB, or until the client closes."""

    def act(sock: Any) -> None:
        sock.sendall(head)
        block = piece * max(1, 65536 // len(piece))
        left = None if mib is None else mib * MIB
        while left is None or left > 0:
            sock.sendall(block if left is None else block[:left])
            left = None if left is None else left - len(block)
        sock.sendall(end)
        sock.close()

    return act


def zipped(pieces: Iterator[bytes]) -> bytes:
    """All pieces, compressed with gzip."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join([*map(packer.compress, pieces), packer.flush()])


def as_json(value: Any) -> bytes:
    """JSON with NaN and lone surrogates unchanged."""
    return json.dumps(value).encode()

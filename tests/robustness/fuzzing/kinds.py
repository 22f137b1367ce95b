"""What a kind of hostile answer is, and what may be believed of it."""

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
    """One way to answer. ``make`` gives the answers for a route.

    ``believed`` are the routes where the answer may be taken for what it says; elsewhere the module must fail, or say
    that what it returns is not complete. ``fits`` is said of a body under the cap, which has to be read whole.
    """

    make: Callable[[str], Make]
    routes: tuple[str, ...] = ROUTES
    believed: tuple[str, ...] = ()
    slow: bool = False
    acts: bool = True
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
    """The true body for the route, as ``spoil`` sends it."""
    return lambda route: lambda query: spoil(good(route, query, "running"))


def body(text: bytes, status: int = 200, **headers: str) -> Callable[[str], Make]:
    """A body that is the same on all routes."""
    return always(answer(status, text, **{"content_type": "application/json", **headers}))


def plain(head: str, text: bytes = b"") -> bytes:
    """An answer with exactly these lines as its head."""
    return "\r\n".join([*head.splitlines(), "", ""]).encode("latin-1") + text


def then_close(data: bytes) -> Reply:
    """Send and close."""

    def act(sock: Any) -> None:
        sock.sendall(data)
        with suppress(OSError):
            sock.shutdown(socket.SHUT_WR)
            sock.recv(1)
        sock.close()

    return act


def then_reset(data: bytes) -> Reply:
    """Send and reset the connection."""

    def act(sock: Any) -> None:
        sock.sendall(data)
        time.sleep(0.05)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        sock.close()

    return act


def then_silence(data: bytes = b"") -> Reply:
    """Send and say nothing more."""

    def act(sock: Any) -> None:
        sock.sendall(data)
        with suppress(OSError):
            while sock.recv(65536):
                pass
        sock.close()

    return act


def drip(data: bytes, at_once: int = 0, every: float = 0.05) -> Reply:
    """Send ``at_once`` bytes, then one at a time, over and over, for as long as the client listens."""

    def act(sock: Any) -> None:
        sock.sendall(data[:at_once])
        while True:
            for place in range(at_once, len(data)):
                sock.sendall(data[place : place + 1])
                time.sleep(every)

    return act


def pour(head: bytes, piece: bytes, mib: int | None = None, end: bytes = b"") -> Reply:
    """After ``head`` the same piece again and again: ``mib`` mebibytes of it, or until the client goes."""

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
    """The pieces, together, as gzip."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join([*map(packer.compress, pieces), packer.flush()])


def as_json(value: Any) -> bytes:
    """JSON, NaN and half characters as they are."""
    return json.dumps(value).encode()

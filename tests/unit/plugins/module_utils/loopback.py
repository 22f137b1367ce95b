# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers on loopback that answer, or fail, exactly as a test says, and remember all that reached them."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Callable, Optional, Union

from ansible_collections.aimms.cloud.plugins.module_utils.http.connection import Connection

KEY = "Canary-7f3a91c2e8b64d05"
Reply = Union[bytes, Callable[[Any], None]]


@dataclass
class Request:
    """One request that arrived: header names in lower case, and the number of the connection that carried it."""

    method: str
    path: str
    headers: dict[str, str]
    connection: int
    at: float = field(default_factory=time.monotonic)


def answer(status: int = 200, body: bytes = b"{}", length: Optional[int] = None, **headers: str) -> bytes:
    """A whole HTTP answer; ``retry_after="1"`` gives the header ``retry-after``."""
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if status != 204 and "transfer_encoding" not in headers:
        lines.append(f"content-length: {len(body) if length is None else length}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def reset(sock: Any) -> None:
    """Send RST."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def hang_up(sock: Any) -> None:
    """Close without an answer."""
    sock.close()


def silence(sock: Any) -> None:
    """Say nothing until the client goes."""
    with suppress(OSError):
        sock.recv(1)
    sock.close()


def cut(whole: bytes, count: int) -> Callable[[Any], None]:
    """Send only ``count`` bytes of an answer, then close."""

    def act(sock: Any) -> None:
        sock.sendall(whole[:count])
        sock.close()

    return act


def drip(data: bytes, at_once: int = 0, every: float = 0.1) -> Callable[[Any], None]:
    """Send ``at_once`` bytes, then one byte at a time, for as long as the client listens."""

    def act(sock: Any) -> None:
        sock.sendall(data[:at_once])
        for place in range(at_once, len(data)):
            sock.sendall(data[place : place + 1])
            time.sleep(every)
        sock.close()

    return act


class Server:
    """Listens on loopback. Each request gets the next of ``replies``; the last one is repeated."""

    def __init__(self, *replies: Reply, tls: Optional[ssl.SSLContext] = None, host: str = "127.0.0.1") -> None:
        self.replies = list(replies) or [answer()]
        self.requests: list[Request] = []
        self.received: list[bytes] = []
        self.connections = 0
        self._tls = tls
        self._lock = threading.Lock()
        self._open: list[Any] = []
        self._listener = socket.create_server((host, 0))
        self.port: int = self._listener.getsockname()[1]

    @property
    def url(self) -> str:
        """Where to reach it."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    def __enter__(self) -> Server:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        for sock in [self._listener, *self._open]:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()

    def methods(self) -> list[str]:
        """The methods of all requests, in order."""
        return [request.method for request in self.requests]

    def _accept(self) -> None:
        while True:
            try:
                sock, _address = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(sock)
            threading.Thread(target=self._serve, args=(sock, self.connections), daemon=True).start()

    def _serve(self, sock: Any, number: int) -> None:
        with suppress(OSError, ValueError):
            if self._tls:
                sock = self._tls.wrap_socket(sock, server_side=True)
                self._open.append(sock)
            while self.handle(sock, number):
                pass
        with suppress(OSError):
            sock.close()

    def handle(self, sock: Any, number: int) -> bool:
        """Read one request and answer it; whether the connection may carry more."""
        head = self._head(sock)
        if not head:
            return False
        first, *lines = head.decode("latin-1").split("\r\n")
        method, path, _version = first.split(" ", 2)
        pairs = (line.split(":", 1) for line in lines if ":" in line)
        headers = {name.strip().lower(): value.strip() for name, value in pairs}
        body = int(headers.get("content-length", "0"))
        while body:
            body -= len(sock.recv(body))
        with self._lock:
            self.requests.append(Request(method, path, headers, number))
            reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        if callable(reply):
            reply(sock)
            return sock.fileno() >= 0
        sock.sendall(reply)
        return True

    def _head(self, sock: Any) -> bytes:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            byte = sock.recv(1)
            if not byte:
                return b""
            head += byte
        self.received.append(head)
        return head[:-4]


class Proxy(Server):
    """A proxy that carries out CONNECT; ``seen`` holds every byte that passed it in clear."""

    def __init__(self, opening: Reply = b"HTTP/1.1 200 Connection established\r\n\r\n") -> None:
        super().__init__(opening)

    @property
    def seen(self) -> bytes:
        """What reached the proxy itself or passed through it."""
        return b"".join(self.received)

    def handle(self, sock: Any, number: int) -> bool:
        """Answer CONNECT, then relay until one side goes."""
        if not super().handle(sock, number):
            return False
        host, port = self.requests[-1].path.rsplit(":", 1)
        with socket.create_connection((host, int(port))) as target:
            self._open.append(target)
            threading.Thread(target=self._relay, args=(target, sock), daemon=True).start()
            self._relay(sock, target)
        return False

    def _relay(self, source: Any, sink: Any) -> None:
        with suppress(OSError):
            while True:
                data = source.recv(65536)
                if not data:
                    sink.shutdown(socket.SHUT_WR)
                    return
                self.received.append(data)
                sink.sendall(data)


def connection(url: str, **options: Any) -> Connection:
    """Connection options for tests: more time than a busy machine needs, and no retries unless asked for."""
    return Connection(url, KEY, **{"timeout": 30, "retries": 0, "max_time": 60, **options})


class PausedClock:
    """Takes the place of ``time`` in a module: time passes only in pauses, which are noted. ``then`` follows each."""

    def __init__(self, now: float) -> None:
        self.now = now
        self.pauses: list[float] = []
        self.then: Callable[[], None] = lambda: None

    def monotonic(self) -> float:
        """Seconds."""
        return self.now

    def time(self) -> float:
        """The same seconds, since 1970."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Pass the time at once."""
        self.pauses.append(seconds)
        self.now += seconds
        self.then()

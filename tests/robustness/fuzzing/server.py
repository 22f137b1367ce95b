"""A server with valid answers on all routes but one."""

from __future__ import annotations

import importlib.util
import json
import re
import socket
import sys
import threading
from contextlib import suppress
from email.utils import formatdate
from pathlib import Path
from types import ModuleType
from typing import Any, Callable, Union
from urllib.parse import parse_qs, urlsplit

UNIT = Path(__file__).resolve().parents[2] / "unit/plugins/module_utils"
Reply = Union[bytes, Callable[[Any], None]]
Make = Callable[[dict[str, str]], Reply]
"""The answer to a request, by the parameters of its query."""


def neighbour(name: str) -> ModuleType:
    """Load a helper file of the unit tests by its name."""
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, UNIT / f"{name}.py")
        if spec is None or spec.loader is None:
            raise ImportError(name)
        sys.modules[name] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules[name]


loopback = neighbour("loopback")
answer: Callable[..., bytes] = loopback.answer
_Server: Any = loopback.Server

ID = "14d231b1-2b87-457c-bc83-305bb5daa4cc"
BASE = "/pro/session-manager/v1"
_PAGES = [
    {"name": "offset", "in": "query", "schema": {"type": "integer", "default": 0}},
    {"name": "limit", "in": "query", "schema": {"type": "integer", "default": 20, "maximum": 20}},
]
_KIND = {"name": "kind", "in": "path", "schema": {"type": "string", "enum": ["webui", "task"]}}
PATHS: dict[str, Any] = {
    "/sessions/{kind}": {"get": {"parameters": [_KIND, *_PAGES]}},
    "/sessions/{kind}/{id}": {"get": {}, "delete": {}},
    "/sessions/{kind}/{id}/terminate": {"patch": {}},
    "/sessions/{kind}/{id}/logs": {"get": {"parameters": _PAGES}},
    "/sessions/{kind}/{id}/logs/download": {"get": {}},
}
DOCUMENT = {"openapi": "3.0.3", "servers": [{"url": BASE}], "paths": PATHS}
LINE = "2026-11-24 11:00:00.000 one line of the log"
TASK = {
    "id": "1f0c",
    "appName": "Planner",
    "appVersion": "1.0",
    "state": "running",
    "createdAt": "2026-11-24T10:00:00Z",
}

_ROUTES = (
    ("document", re.compile(r"/openapi\.yaml\Z")),
    ("tasks", re.compile(r"\A/pro-api/v2/tasks\Z")),
    ("change", re.compile(r"/terminate\Z")),
    ("download", re.compile(r"/logs/download\Z")),
    ("log", re.compile(r"/logs\Z")),
    ("get", re.compile(rf"/sessions/webui/{ID}\Z")),
    ("list", re.compile(r"/sessions/webui\Z")),
)
ROUTES = tuple(name for name, _pattern in _ROUTES)


def record(number: int = 0, state: str = "running") -> dict[str, Any]:
    """The true session, or another one."""
    return {
        "id": f"other-{number}" if number else ID,
        "kind": "webui",
        "state": state,
        "appName": "Planner",
        "appVersion": "1.0",
        "owner": "jdoe@ROOT",
        "createdAt": "2026-11-20T10:00:00Z",
    }


def good(route: str, query: dict[str, str], state: str) -> bytes:
    """The body of the true answer: one session, one log line, one task."""
    beyond = query.get("offset", "0") != "0"
    bodies: dict[str, Any] = {
        "document": DOCUMENT,
        "list": {"items": [] if beyond else [record(0, state)], "total": 1},
        "get": record(0, state),
        "change": {},
        "log": {"items": [] if beyond else [{"timestamp": LINE[:23] + "Z", "message": LINE[24:]}], "total": 1},
        "tasks": {"total_tasks": 1, "current_batch": [] if beyond else [TASK]},
    }
    return f"{LINE}\n".encode() if route == "download" else json.dumps(bodies[route]).encode()


class HostileServer(_Server):  # type: ignore[misc]  # loaded by its path
    """``make`` answers the requests of ``route``. A change is carried out before, unless switched off.

    ``opening`` is sent on each new connection, before any request.
    """

    def __init__(
        self, route: str = "", make: Make | None = None, *, acts: bool = True, opening: Reply | None = None
    ) -> None:
        super().__init__()
        self._route, self._make, self._acts, self._opening = route, make, acts, opening
        self._count = threading.Lock()
        self.state = "running"
        self.asked: dict[str, int] = dict.fromkeys((*ROUTES, "none"), 0)

    def handle(self, sock: Any, number: int) -> bool:
        """Read and answer one request. Returns whether the connection may be used again."""
        if callable(self._opening):
            self._opening(sock)
            return False
        head = self._head(sock)
        if not head:
            return False
        target = urlsplit(head.decode("latin-1").split(" ", 2)[1])
        route = next((name for name, pattern in _ROUTES if pattern.search(target.path)), "none")
        with self._count:
            self.asked[route] += 1
        if route == "change" and (self._acts or route != self._route):
            self.state = "terminated"
        query = {name: values[-1] for name, values in parse_qs(target.query).items()}
        reply = self._reply(route, query)
        if callable(reply):
            reply(sock)
            return bool(sock.fileno() >= 0)
        sock.sendall(reply)
        return True

    def _reply(self, route: str, query: dict[str, str]) -> Reply:
        if route == self._route and self._make is not None:
            return self._make(query)
        if route == "none":
            return answer(404, b'{"message": "no such thing"}', date=formatdate(usegmt=True))
        kind = "text/plain" if route == "download" else "application/json"
        return answer(200, good(route, query, self.state), date=formatdate(usegmt=True), content_type=kind)


class Elsewhere:
    """Another host, which must never get a request. ``got``: what it received."""

    def __init__(self) -> None:
        self.got = b""
        self._listener = socket.create_server(("127.0.0.2", 0))
        self.port: int = self._listener.getsockname()[1]

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.2:{self.port}"

    def __enter__(self) -> Elsewhere:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                sock, _address = self._listener.accept()
                with sock, suppress(OSError):
                    sock.settimeout(1)
                    self.got += b"(a connection) " + sock.recv(65536)
                    sock.sendall(answer(200, good("list", {}, "running")))


class Deaf:
    """A listener with a full queue: it accepts no connection."""

    def __init__(self) -> None:
        self._sockets = [socket.socket()]
        self._sockets[0].bind(("127.0.0.1", 0))
        self.port: int = self._sockets[0].getsockname()[1]

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Deaf:
        self._sockets[0].listen(0)
        for _number in range(4):
            waiting = socket.socket()
            waiting.setblocking(False)
            with suppress(BlockingIOError):
                waiting.connect(("127.0.0.1", self.port))
            self._sockets.append(waiting)
        return self

    def __exit__(self, *_error: object) -> None:
        for sock in self._sockets:
            sock.close()

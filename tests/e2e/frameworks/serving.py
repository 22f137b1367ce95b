# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Serves apps on ports of their own, in one thread: their accounts are objects of the test."""

from __future__ import annotations

import asyncio
import socket
import threading
import urllib.request
from collections.abc import Mapping
from typing import Any

import uvicorn
from account import ROOT, Accounts
from timing import PATIENCE


class AppServer:
    """One app that is served. ``accounts``: what it serves; ``requests``: key, method and target of each, in order."""

    admin_key, user_key = "work-admin-key", "work-user-key"

    def __init__(self, app: Any, accounts: Accounts) -> None:
        """:param app: by ASGI. If it has a function ``begin``, another program before it is what is asked."""
        self.accounts, self.document = accounts, b""
        self.requests: list[tuple[str, str, str]] = []
        self.app = app
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Note the request, and let the app answer."""
        if scope["type"] == "http":
            target = scope["path"] + "?" * bool(scope["query_string"]) + scope["query_string"].decode()
            key = dict(scope["headers"]).get(b"apikey", b"").decode()
            self.requests.append((key, scope["method"], target))
        await self.app(scope, receive, send)


class Served:
    """Serves apps until it is closed."""

    def __init__(self, servers: Mapping[str, AppServer]) -> None:
        """Begin. Returns when connections are taken: the sockets listen already."""
        quiet = {"log_config": None, "access_log": False, "lifespan": "off", "http": "httptools"}
        self._served = [(uvicorn.Server(uvicorn.Config(one, **quiet)), one.socket) for one in servers.values()]
        self._thread = threading.Thread(target=asyncio.run, args=(self._serve(),), daemon=True)
        self._thread.start()
        self._before = [one for one in servers.values() if hasattr(one.app, "begin")]
        for one in self._before:
            one.url = one.app.begin(one.url)
        for one in servers.values():  # some frameworks fail when two threads ask for the first document at once
            with urllib.request.urlopen(f"{one.url}{ROOT}/openapi.yaml", timeout=PATIENCE) as answer:
                one.document = answer.read()

    async def _serve(self) -> None:
        await asyncio.gather(*(server.serve([listening]) for server, listening in self._served))

    def close(self) -> None:
        """End."""
        for one in self._before:
            one.app.end()
        for server, _socket in self._served:
            server.should_exit = True
        self._thread.join(PATIENCE)

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fastify on Node.js, where ``NODE_PATH`` has it: sizes of pages are an enumeration, and an unknown kind is 400."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

from account import Accounts
from apps import spring_app

PAGE = 50


def _all(_request: Any, found: list[Any], _record: str) -> dict[str, Any]:
    return {"all": [spring_app.named(one) for one in found]}


class Behind:
    """The service behind Fastify, which gives whole lists."""

    def __init__(self, accounts: Accounts) -> None:
        """:param accounts: what it serves."""
        self._app = spring_app.app(spring_app.page_schemas, "application/json", _all, accounts)
        self._node: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer."""
        await self._app(scope, receive, send)

    def begin(self, url: str) -> str:
        """Start Fastify before the service at this address; returns its own."""
        command = ["node", str(Path(__file__).parents[1] / "fastify.cjs"), url]
        self._node = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return f"http://127.0.0.1:{int(self._node.stdout.readline())}"

    def end(self) -> None:
        """Stop Fastify."""
        self._node.communicate()


HERE = (Path(os.environ.get("NODE_PATH", "")) / "fastify").is_dir()
APPS = {"fastify": (PAGE, Behind)} if HERE else {}

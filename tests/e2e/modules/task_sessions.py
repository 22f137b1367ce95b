# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Task sessions of the emulator, and their real state after a test."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

from plays import Result, Task

HOUR = 3600


def task_session(server: Any, name: str, **values: Any) -> Any:
    """Add a running task session ``name`` with the task ``t-name``, by default two hours old."""
    return server.add_session(**{"id": name, "task_id": f"t-{name}", "kind": "task", "age": 2 * HOUR, **values})


def interrupt(name: str = "interrupt", **options: Any) -> Task:
    """A task of a play that interrupts tasks of the service."""
    return {"name": name, "aimms.cloud.aimms_task_interrupt": options}


def fates(server: Any) -> dict[str, tuple[str, int, int]]:
    """By session: its state, and the numbers of requests to terminate and to interrupt it."""
    sessions = server.state()["sessions"].values()
    return {one["id"]: (one["state"], one["terminate_requests"], one["interrupt_requests"]) for one in sessions}


def sent(server: Any, method: str) -> Counter[str]:
    """The number of requests with a method for each session or task."""
    paths = [entry["path"].removesuffix("/terminate") for entry in server.requests() if entry["method"] == method]
    return Counter(path.rpartition("/")[2] for path in paths)


def texts(result: Result) -> dict[str, str]:
    """The message of each session."""
    return {entry["id"]: entry["msg"] for entry in result["sessions"]}


class Meanwhile(threading.Thread):
    """A thread that calls ``what`` once, as soon as the log has a ``method`` request whose path contains ``name``."""

    def __init__(self, server: Any, what: Callable[[], Any], *, method: str = "PUT", name: str = "") -> None:
        super().__init__(daemon=True)
        self._server, self._what, self._method, self._name = server, what, method, name
        self._over = threading.Event()

    def run(self) -> None:
        """Check every 20 ms until the request has arrived or the block has ended."""
        while not self._over.wait(0.02):
            asked = [entry["path"] for entry in self._server.requests() if entry["method"] == self._method]
            if any(self._name in path for path in asked):
                self._what()
                return

    def __enter__(self) -> Meanwhile:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self.join()

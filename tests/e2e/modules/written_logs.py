# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logs that tests give to the emulator, the expected result of reading them, and the tasks that read them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from typing import Any

from plays import Played, Result, Task
from timing import until

STEP = 10
"""Seconds from one line to the next."""


def written(seconds: float) -> str:
    """A time in the format of the control API and of the collection's log lines."""
    moment = datetime.fromtimestamp(seconds, timezone.utc)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{round(moment.microsecond / 1000):03}Z"


def ago(seconds: float) -> str:
    """The time some seconds ago, in the same format."""
    return written(time.time() - seconds)


def lines(texts: Sequence[str], begin: float, step: float = STEP) -> list[dict[str, str]]:
    """A log for the control API: the texts, one every ``step`` seconds."""
    return [{"timestamp": written(begin + step * number), "message": text} for number, text in enumerate(texts)]


def numbered(count: int, first: int = 0) -> list[str]:
    """Texts that are all different."""
    return [f"line {number:03}" for number in range(first, first + count)]


def as_text(log: Sequence[dict[str, str]]) -> str:
    """A log as text, as in a download."""
    return "".join(f"{line['timestamp'][:-1].replace('T', ' ')} {line['message']}\n" for line in log)


def read_log(name: str = "log", session_id: str = "w1", kind: str = "webui", **options: Any) -> Task:
    """A task that reads a log."""
    return {"name": name, "aimms.cloud.aimms_session_log_info": {"kind": kind, "session_id": session_id, **options}}


def download(name: str = "download", **options: Any) -> Task:
    """A task that saves logs."""
    return {"name": name, "aimms.cloud.aimms_session_log_download": options}


def texts(result: Result) -> list[str]:
    """The messages of the returned lines."""
    return [line["message"] for line in result["lines"]]


def warnings_of(result: Result) -> str:
    """All warnings of a task."""
    return " ".join(result.get("warnings", []))


def runs(server: Any) -> list[list[dict[str, Any]]]:
    """The requests of a server, one list for each run of a module. A run begins with a request for the document."""
    found: list[list[dict[str, Any]]] = []
    for entry in server.requests():
        if entry["path"].endswith("/openapi.yaml"):
            found.append([])
        found[-1].append(entry)
    return found


def log_requests(entries: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The requests for lines of a log."""
    return [entry for entry in entries if "/logs" in entry["path"]]


def once_asked(server: Any, then: Callable[[], Any], path: str = "", method: str = "GET") -> threading.Thread:
    """Start a thread that does something once, after the answer to such a request (GET) or its arrival (others)."""

    def come() -> bool:
        found = [entry for entry in server.requests() if path in entry["path"] and entry["method"] == method]
        return any(entry["status"] is not None or method != "GET" for entry in found)

    def watch() -> None:
        until(come)
        then()

    thread = threading.Thread(target=watch)
    thread.start()
    return thread


def reasons(result: Result) -> dict[str, str]:
    """The reason why each session was kept, by id."""
    return {entry["id"]: entry["reason"] for entry in result["kept"]}


def on(played: Played, host: str, task: str) -> Result:
    """The result of a task on a host."""
    return played.on(host)[task]

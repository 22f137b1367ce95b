# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logs that scenarios give to the emulator, what must be read of them, and the tasks that do."""

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
    """A time as the control API and log lines of the collection have it."""
    moment = datetime.fromtimestamp(seconds, timezone.utc)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{round(moment.microsecond / 1000):03}Z"


def ago(seconds: float) -> str:
    """A time so many seconds ago, written as above."""
    return written(time.time() - seconds)


def lines(texts: Sequence[str], begin: float, step: float = STEP) -> list[dict[str, str]]:
    """A log for the control API: the texts, one every ``step`` seconds."""
    return [{"timestamp": written(begin + step * number), "message": text} for number, text in enumerate(texts)]


def numbered(count: int, first: int = 0) -> list[str]:
    """Texts of which none is like another."""
    return [f"line {number:03}" for number in range(first, first + count)]


def as_text(log: Sequence[dict[str, str]]) -> str:
    """A log as the portal shows it and the emulator gives it to download."""
    return "".join(f"{line['timestamp'][:-1].replace('T', ' ')} {line['message']}\n" for line in log)


def read_log(name: str = "log", session_id: str = "w1", kind: str = "webui", **options: Any) -> Task:
    """A task that reads a log."""
    return {"name": name, "aimms.cloud.aimms_session_log_info": {"kind": kind, "session_id": session_id, **options}}


def download(name: str = "download", **options: Any) -> Task:
    """A task that saves logs."""
    return {"name": name, "aimms.cloud.aimms_session_log_download": options}


def texts(result: Result) -> list[str]:
    """The messages of the lines that came."""
    return [line["message"] for line in result["lines"]]


def warnings_of(result: Result) -> str:
    """All warnings of a task."""
    return " ".join(result.get("warnings", []))


def runs(server: Any) -> list[list[dict[str, Any]]]:
    """The requests of a server, one list for each run of a module: each begins by reading the document."""
    found: list[list[dict[str, Any]]] = []
    for entry in server.requests():
        if entry["path"].endswith("/openapi.yaml"):
            found.append([])
        found[-1].append(entry)
    return found


def log_requests(entries: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that ask for the lines of a log."""
    return [entry for entry in entries if "/logs" in entry["path"]]


def once_asked(server: Any, then: Callable[[], Any], path: str = "", method: str = "GET") -> threading.Thread:
    """A running thread that does something once such a request was answered or, when it is no GET, has come."""

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
    """Why each session was kept: id → reason."""
    return {entry["id"]: entry["reason"] for entry in result["kept"]}


def on(played: Played, host: str, task: str) -> Result:
    """The result of a task on a host."""
    return played.on(host)[task]

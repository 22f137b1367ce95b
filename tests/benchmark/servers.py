"""Emulated accounts, and counts of their requests."""

from __future__ import annotations

import json
import urllib.request
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Callable

from ..emulator.process import EmulatorProcess
from .stopwatch import Broken, Sample

BASE = "/pro/session-manager/v1"
KINDS = ("webui", "task", "solve")
STALE_DAYS = 7
STALE = {
    "older_than": f"{STALE_DAYS}d", "states": ["running"], "naive_timezone": "UTC", "task_activity": "ignore",
}  # fmt: skip
"""What the stale sessions of a seeded account are: about one in twenty. As for its peers, tasks do not count."""
_BATCH = 1000
_PARTS = {2: "list", 3: "session"}


def filled(
    emulator: EmulatorProcess, count: int, *, days: float = 10.0, kind: str = "webui", state: str = "running"
) -> list[str]:
    """Add sessions of an age. Returns their ids."""
    made: list[str] = []
    while len(made) < count:
        more = emulator.add_session(kind=kind, count=min(_BATCH, count - len(made)), age=days * 86400, state=state)
        made += [session["id"] for session in more]
    return made


def totals(emulator: EmulatorProcess, kinds: Sequence[str] = KINDS) -> dict[str, int]:
    """The number of sessions of each kind."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    found = {}
    for kind in kinds:
        address = f"{emulator.url}{BASE}/sessions/{kind}?limit=1"
        request = urllib.request.Request(address, headers={"apiKey": emulator.admin_key})
        with opener.open(request, timeout=60) as answer:
            found[kind] = int(json.loads(answer.read())["total"])
    return found


def page_addresses(emulator: EmulatorProcess, size: int, kinds: Sequence[str] = KINDS) -> list[str]:
    """The URLs of all pages of an account, for a client that knows its size."""
    return [
        f"{emulator.url}{BASE}/sessions/{kind}?limit={size}&offset={offset}"
        for kind, total in totals(emulator, kinds).items()
        for offset in range(0, total, size)
    ]


def end_address(emulator: EmulatorProcess, session_id: str, kind: str = "webui") -> str:
    """The URL that ends a session."""
    return f"{emulator.url}{BASE}/sessions/{kind}/{session_id}/terminate"


def count_stale(emulator: EmulatorProcess) -> int:
    """The number of stale sessions."""
    state = emulator.state()
    before = _time(state["now"]) - timedelta(days=STALE_DAYS)
    rows = state["sessions"].values()
    return sum(row["state"] == "running" and _time(row["created_at"]) < before for row in rows)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def counted(emulator: EmulatorProcess, run: Callable[[], Sample]) -> Sample:
    """A run with the numbers of its requests by purpose: `total`, `document`, `list`, `session`, `change`…"""
    emulator.clear_requests()
    sample = run()
    rows = emulator.requests()
    sample.requests = {"total": len(rows), **Counter(_purpose(row) for row in rows)}
    sample.requests["refused"] = sum(row["status"] == 429 for row in rows)
    return sample


def _purpose(row: dict[str, Any]) -> str:
    path = row["path"].partition(BASE)[2]
    if path == "/openapi.yaml":
        return "document"
    if row["method"] != "GET":
        return "change"
    return _PARTS.get(path.count("/"), "other")


def all_ended(emulator: EmulatorProcess) -> None:
    """Raises Broken if a session of the account is still active, or a record was destroyed."""
    state = emulator.state(summary=True)
    if state["active"] or state["record_destroyed"]:
        raise Broken(f"{state['active']} sessions still live, {len(state['record_destroyed'])} records were destroyed")

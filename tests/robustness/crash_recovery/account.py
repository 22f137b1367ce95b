"""An account with stale sessions, and what really happened in it: the reference of the campaign."""

from __future__ import annotations

import base64
import json
import urllib.parse
import urllib.request
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from random import Random
from typing import Any

from emulator.process import EmulatorProcess

HOUR = 3600.0
STALE, YOUNG, PROTECTED, OTHER = 32, 6, 3, 3
KINDS = ("webui", "task", "solve")
SERVICE = "/pro/session-manager/v1/sessions"
_CHANGING = ("PATCH", "PUT", "DELETE", "POST")
_LEEWAY = 0.02


@dataclass
class Repeats:
    """Counts of repeated changing requests for a session.

    ``after_the_end``: the session had ended, and a read before the request would have shown it. ``crossed``: a read
    just before had shown it active, and it ended in between. ``still_active``: it was active at the request.
    """

    after_the_end: list[str] = field(default_factory=list)
    crossed: int = 0
    still_active: int = 0


class Account:
    """One emulator, filled again for each trial."""

    def __init__(self, emulator: EmulatorProcess) -> None:
        self.emulator = emulator
        self.stale: set[str] = set()
        self.others: set[str] = set()
        self.logs: dict[str, bytes] = {}
        self.kinds: dict[str, str] = {}
        self._records = False
        self._tasks: dict[tuple[str, int], str] = {}

    def fill(self, rng: Random, *, ended: bool) -> None:
        """Replace all sessions: by stale ones, and by some that must not be changed.

        :param ended: stale are records of sessions that ended long ago, instead of old active sessions.
        """
        for session_id in self.emulator.state()["sessions"]:
            self.emulator.remove_session(session_id)
        self.emulator.clear_faults()
        self.emulator.tick(freeze=False)
        self.emulator.set(latency_ms=0, end_delay=0)
        self.stale, self.others, self._records = set(), set(), ended
        for number in range(STALE + YOUNG + PROTECTED + OTHER):
            self._add(number, rng, ended=ended)
        state = self.emulator.state()["sessions"]
        self.kinds = {key: session["kind"] for key, session in state.items()}
        self._tasks = {(one["task_id"], one["group_index"]): key for key, one in state.items() if one["task_id"]}
        self.logs = {key: self._full_log(state[key]) for key in self.stale}
        self.emulator.clear_requests()

    def _add(self, number: int, rng: Random, *, ended: bool) -> None:
        stale, young = number < STALE, STALE <= number < STALE + YOUNG
        other = number >= STALE + YOUNG + PROTECTED
        owner = f"user{number % 5}@ROOT" if stale or young or other else f"svc-{number}@ROOT"
        values: dict[str, Any] = {"kind": KINDS[number % 3], "owner": owner, "log_count": rng.randint(12, 60)}
        if not ended:
            values |= {"age": HOUR if young else (37 + number) * HOUR}
            values |= {"state": "completed"} if other else {}
        else:
            days = 2 if young else 40 + number
            when = datetime.now(timezone.utc) - timedelta(days=days)
            values |= {"age": 90 * 24 * HOUR, "quiet": days * 24 * HOUR}
            values |= {} if other else {"state": "completed", "ended_at": when.strftime("%Y-%m-%dT%H:%M:%SZ")}
        session = self.emulator.add_session(**values)
        (self.stale if stale else self.others).add(session["id"])

    def _full_log(self, session: dict[str, Any]) -> bytes:
        """The log as it must be saved: the server's text with the secret masked."""
        url = f"{self.emulator.url}{SERVICE}/{session['kind']}/{session['id']}/logs/download"
        request = urllib.request.Request(url, headers={"apiKey": self.emulator.admin_key})
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
            text: bytes = answer.read()
        return text.replace(session["logon_token"].encode(), b"********")

    def over(self) -> set[str]:
        """The stale sessions that really have ended, or whose records are deleted."""
        state = self.emulator.state()
        gone = {one["id"] for one in state["removed"]}
        if self._records:
            return self.stale & gone
        return {key for key in self.stale if key in gone or not state["sessions"][key]["active"]}

    def touched(self) -> set[str]:
        """The sessions that must not be changed, and were."""
        state = self.emulator.state()
        asked = {self._session_of(entry) for entry in self.emulator.changes()}
        changed = {key for key, one in state["sessions"].items() if one["ended_by"] or one["terminate_requests"]}
        return self.others & (asked | changed | {one["id"] for one in state["removed"]})

    def changed_since(self, begin: int) -> set[str]:
        """The sessions with a changing request after the first ``begin`` requests."""
        return {self._session_of(entry) for entry in self.emulator.requests()[begin:] if _changing(entry)}

    def listed_since(self, begin: int) -> bool:
        """Whether sessions of every kind have been listed after the first ``begin`` requests."""
        answered = {entry["path"] for entry in self.emulator.requests()[begin:] if entry["status"]}
        return {f"{SERVICE}/{kind}" for kind in KINDS} <= answered

    def repeats(self, begin: int) -> Repeats:
        """Count repeated changing requests.

        :param begin: the number of requests of the first run. Reads of another run do not count.
        """
        found, ends = Repeats(), self._ends()
        latency = self.emulator.state(summary=True)["settings"]["latency_ms"] / 1000
        earlier: dict[str, int] = defaultdict(int)
        read: dict[str, float] = {}
        for place, entry in enumerate(self.emulator.requests()):
            if place == begin:
                read.clear()
            key = self._session_of(entry)
            if not _changing(entry):
                read[key] = _seconds(entry["time"]) + latency
                continue
            came, end = _seconds(entry["time"]), ends.get(key, float("inf"))
            if earlier[key] and came <= end:
                found.still_active += 1
            elif came > end and read.get(key, end) + _LEEWAY < end:
                found.crossed += 1
            elif came > end:
                found.after_the_end.append(f"{entry['method']} {entry['path']} {came - end:.2f} s after its end")
            earlier[key] += 1
            read.pop(key, None)
        return found

    def _ends(self) -> dict[str, float]:
        """When each session ended, or the first request to delete its record arrived."""
        state = self.emulator.state()
        deleted: dict[str, float] = {}
        for entry in self.emulator.requests():
            if entry["method"] == "DELETE" and entry["acted"]:
                deleted.setdefault(self._session_of(entry), _seconds(entry["time"]))
        every = [*state["sessions"].values(), *(one for one in state["removed"] if one["id"] in self.kinds)]
        ended = {one["id"]: _seconds(one["ended_at"]) for one in every if one["ended_at"] and one["ended_by"]}
        return {**ended, **deleted}

    def _session_of(self, entry: dict[str, Any]) -> str:
        """The id of the session that a request is about; empty if there is none."""
        words = entry["path"].strip("/").split("/")
        if words[:2] == ["pro-api", "v2"] and len(words) > 3:
            return self._tasks.get((words[3], int(entry["query"].get("groupIndex", 0))), "?")
        return words[5] if len(words) > 5 and entry["path"].startswith(SERVICE) else ""


def canary(rng: Random) -> str:
    """A key that is different in each form in which it could be shown."""
    return f"canary/{rng.getrandbits(96):024x}+{rng.getrandbits(32):08x}="


def forms(key: str) -> list[bytes]:
    """The key in all forms: unchanged, for a URL, in JSON, in Python's notation, in base64."""
    shown = {key, urllib.parse.quote(key, safe=""), json.dumps(key)[1:-1], repr(key)[1:-1]}
    return [form.encode() for form in shown] + [base64.b64encode(key.encode()).rstrip(b"=")]


def _changing(entry: dict[str, Any]) -> bool:
    return entry["method"] in _CHANGING


def _seconds(time: str) -> float:
    return datetime.fromisoformat(time.replace("Z", "+00:00")).timestamp()

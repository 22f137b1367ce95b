# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts in memory, for session-managers that are built with web frameworks. The key of a request names the account.

An app knows nothing but this file and its framework: it calls the functions of a ``View`` and answers as the framework
does by itself.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

KINDS = ("webui", "task", "solve")
ADMIN, USER, KEPT = "admin@ROOT", "maria@PLANNING", "keep@ROOT"
ROOT = "/pro/session-manager/v1"
HOUR, DAY = 3600, 86400
LINES = 130


class Refused(Exception):
    """What an app answers with ``status`` and this text."""

    def __init__(self, status: int, text: str) -> None:
        """:param status: of HTTP."""
        super().__init__(text)
        self.status = status


@dataclass
class LogLine:
    """One line of a log."""

    timestamp: datetime
    message: str


@dataclass
class Session:
    """One session, with the fields that all apps show, under the names of their own style."""

    id: str
    kind: str
    state: str
    app_name: str
    app_version: str
    owner: str
    created_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    message: str = ""

    @property
    def active(self) -> bool:
        """Whether it has not ended."""
        return self.state == "running"

    @property
    def lines(self) -> list[LogLine]:
        """Its log, the oldest line first."""
        words = f"{self.app_name} of {self.owner}"
        return [LogLine(self.created_at + timedelta(seconds=n), f"line {n} of {words}") for n in range(LINES)]

    @property
    def log(self) -> str:
        """Its log as a file."""
        return "".join(f"{line.timestamp:%Y-%m-%d %H:%M:%S}.000 {line.message}\n" for line in self.lines)


@dataclass
class Account:
    """Sessions by id, the newest first, and what was done to them: ``terminate`` or ``delete``, and the id."""

    sessions: dict[str, Session] = field(default_factory=dict)
    changes: list[tuple[str, str]] = field(default_factory=list)

    def add(
        self, count: int, *, kind: str = "webui", age: float = 600, owner: str = ADMIN, ended: float = 0
    ) -> list[str]:
        """Add sessions; returns their ids. :param age: in seconds, of the youngest.

        :param ended: the same; 0: they are active.
        """
        added = []
        now = datetime.now(timezone.utc).replace(microsecond=0)
        for number in range(count):
            created = now - timedelta(seconds=age + number)
            end = now - timedelta(seconds=ended) if ended else None
            state = "terminated" if ended else "running"
            one = Session(str(uuid.uuid4()), kind, state, "Planner", "4.2", owner, created, created, end)
            self.sessions[one.id] = one
            added.append(one.id)
        self.sessions = dict(sorted(self.sessions.items(), key=lambda item: item[1].created_at, reverse=True))
        return sorted(added)


@dataclass
class View:
    """What one key may see of an account. ``owner``: of an ordinary user; empty: an administrator's."""

    account: Account
    owner: str = ""

    def all(self, kind: str) -> list[Session]:
        """The sessions of a kind. :raises Refused: 404 for an unknown kind."""
        if kind not in KINDS:
            raise Refused(404, "Not Found")
        return [one for one in self.account.sessions.values() if one.kind == kind and self.owner in ("", one.owner)]

    def one(self, kind: str, session_id: str) -> Session:
        """:raises Refused: 404."""
        for session in self.all(kind):
            if session.id == session_id:
                return session
        raise Refused(404, f"There is no session {session_id}.")

    def terminate(self, kind: str, session_id: str) -> Session:
        """End it. :raises Refused: 404, or 409 if it has ended."""
        session = self.one(kind, session_id)
        if not session.active:
            raise Refused(409, f"Session {session_id} has ended.")
        self.account.changes.append(("terminate", session_id))
        session.state, session.ended_at = "terminated", datetime.now(timezone.utc)
        return session

    def delete(self, kind: str, session_id: str) -> None:
        """Destroy its record, active or not. :raises Refused: 404."""
        self.one(kind, session_id)
        self.account.changes.append(("delete", session_id))
        del self.account.sessions[session_id]


class Accounts:
    """The accounts of one app: ``empty``, ``one``, ``page``, ``pages``, and ``work``, where things are done.

    What is in ``work`` is known by its ids: ``young``, ``stale``, ``stale_of_user``, ``protected``, ``old``, ``tasks``.
    """

    def __init__(self, page: int) -> None:
        """:param page: the most records that the app gives at once."""
        self.by_name = {name: Account() for name in ("empty", "one", "page", "pages", "work")}
        for name, size in {"one": 1, "page": page, "pages": 2 * page}.items():
            self.by_name[name].add(size)
        self.work = work = self.by_name["work"]
        self.young = work.add(page - 3)
        self.stale = work.add(4, age=2 * DAY)
        self.stale_of_user = work.add(2, age=3 * DAY, owner=USER)
        self.protected = work.add(1, age=4 * DAY, owner=KEPT)
        self.old = work.add(3, age=60 * DAY, ended=50 * DAY)
        self.tasks = work.add(2, kind="task", age=HOUR)

    def view(self, key: str | None) -> View:
        """What a key shows: ``work-admin-key`` all of the account, ``work-user-key`` what its owner has.

        :raises Refused: 401 for any other key.
        """
        name, _separator, who = (key or "").partition("-")
        if name not in self.by_name or who not in ("admin-key", "user-key"):
            raise Refused(401, "The key is wrong.")
        return View(self.by_name[name], USER if who == "user-key" else "")

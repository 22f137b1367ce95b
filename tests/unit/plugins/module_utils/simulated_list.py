# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A list of sessions that moves while it is read, handed out in any style of paging. In memory: thousands of runs."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Callable, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.models.envelope import Page
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session

MAKE = [Session(f"{number:06d}", "webui", "running") for number in range(4000)]


@dataclass
class SimulatedList:
    """A server with a list. ``style`` is how it hands it out, by ``offset``, ``page`` or ``cursor``, with ``limit``.

    ``churn`` changes the list between two requests; ``tells_total`` and ``tells_more`` say what it tells of the rest.
    """

    style: str
    sessions: list[Session] = field(default_factory=lambda: MAKE[:330])
    cap: int = 100
    default: int = 100
    base: int = 1
    tells_total: bool = True
    tells_more: bool = False
    churn: Callable[[list[Session]], None] = lambda sessions: None
    requests: list[dict[str, str]] = field(default_factory=list)

    def fetch(self, query: dict[str, str]) -> Page:
        """One page, as the style says."""
        if self.requests:
            self.churn(self.sessions)
        self.requests.append(dict(query))
        size = min(int(query.get("limit", self.default)), self.cap)
        start = self._start(query, size)
        found = self.sessions[start : start + size]
        more = start + size < len(self.sessions)
        return Page(
            found,
            len(self.sessions) if self.tells_total else None,
            self._next(found, start + size) if more else None,
            more if self.tells_more else None,
        )

    def _start(self, query: dict[str, str], size: int) -> int:
        if self.style == "offset":
            return int(query.get("offset", 0))
        if self.style == "page":
            return (int(query.get("page", self.base)) - self.base) * size
        if self.style == "keyset" and "cursor" in query:
            return sum(session.id <= query["cursor"] for session in self.sessions)
        if self.style in ("cursor", "link") and "cursor" in query:
            return int(query["cursor"])
        return 0

    def _next(self, found: list[Session], end: int) -> Optional[object]:
        if self.style == "keyset":
            return found[-1].id
        if self.style == "cursor":
            return str(end)
        return {"cursor": str(end)} if self.style == "link" else None


@dataclass
class Churn:
    """Sessions vanish from and appear at random places, a few between every two requests."""

    seed: int
    most: int = 6
    ordered: bool = False

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.unused = MAKE[330:]
        self.random.shuffle(self.unused)

    def __call__(self, sessions: list[Session]) -> None:
        for _number in range(self.random.randint(0, self.most)):
            if self.random.random() < 0.6 and sessions:
                sessions.pop(self.random.randrange(len(sessions)))
            else:
                sessions.insert(self.random.randint(0, len(sessions)), self.unused.pop())
        if self.ordered:
            sessions.sort(key=lambda session: session.id)


@dataclass
class AnyOrder:
    """Fetches what is expected in any order, at most ``most`` pages before they are asked for, as threads would."""

    fetch: Callable[[dict[str, str]], Page]
    chance: random.Random
    most: int = 8
    wanted: Iterator[dict[str, str]] = field(default_factory=lambda: iter(()))
    waiting: list[dict[str, str]] = field(default_factory=list)
    fetched: list[tuple[dict[str, str], Page]] = field(default_factory=list)

    def expect(self, queries: Iterable[dict[str, str]]) -> None:
        """What comes next; what was fetched so far is forgotten."""
        self.wanted = iter(queries)
        self.waiting, self.fetched = [], []
        self._fill()

    def __call__(self, query: dict[str, str]) -> Page:
        """The page, and some of those that are expected before or after it."""
        known = [*self.waiting, *(fetched for fetched, _page in self.fetched)]
        if query not in known:
            return self.fetch(query)
        while query in self.waiting or (self.waiting and self.chance.random() < 0.5):
            picked = self.waiting.pop(self.chance.randrange(len(self.waiting)))
            self.fetched.append((picked, self.fetch(picked)))
        place = next(place for place, (fetched, _page) in enumerate(self.fetched) if fetched == query)
        page = self.fetched.pop(place)[1]
        self._fill()
        return page

    def _fill(self) -> None:
        free = self.most - len(self.waiting) - len(self.fetched)
        self.waiting += itertools.islice(self.wanted, free)

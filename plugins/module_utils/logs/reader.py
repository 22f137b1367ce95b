# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the logs of sessions: all lines, or the pages of what a filter selects, and how many there are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Optional

from ansible_collections.aimms.cloud.plugins.module_utils.api.session_manager import SessionManager
from ansible_collections.aimms.cloud.plugins.module_utils.errors import AnswerError, HttpError
from ansible_collections.aimms.cloud.plugins.module_utils.models.log_line import LogLine
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.log_filters import filters_from
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.pagination import OFFSET, PAGE
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.routes import Route
from ansible_collections.aimms.cloud.plugins.module_utils.paging.log_pages import LogPage, LogPages, understood

LAST_FEW = 5
_MOST_COMPARED = 5000  # lines
_PARTS = 8


@dataclass(frozen=True)
class LineFilter:
    """Lines from ``begin`` to ``end`` (seconds since 1970, both included) that contain a text in any case."""

    begin: Optional[float] = None
    end: Optional[float] = None
    contains: Optional[str] = None

    def fits(self, line: LogLine) -> bool:
        """Whether the filter selects the line. A line without a time is in every period."""
        at = line.timestamp.seconds if line.timestamp else None
        return (
            (self.begin is None or at is None or at >= self.begin)
            and (self.end is None or at is None or at <= self.end)
            and (self.contains is None or self.contains.lower() in line.message.lower())
        )


@dataclass(frozen=True)
class Extent:
    """How many entries a log has, each of one line or more, and the texts of all or, if there are many, of some."""

    entries: int
    texts: Sequence[str] = ()


@dataclass(frozen=True)
class LogReader:
    """Reads the logs of one server's sessions. Safe to use from several threads."""

    manager: SessionManager

    def all(self, kind: str, session_id: str) -> Iterator[LogLine]:
        """All lines, the oldest first. They are held in memory only if the server returns the newest first.

        :raises AnswerError: after the last line, when lines are missing.
        """
        pages = self.pages(kind, session_id, LineFilter())
        held: list[LogLine] = []
        for page in pages.forward():
            held.extend(page.lines)
            if pages.newest_first is False:
                yield from held
                held.clear()
        yield from oldest_first(held, pages)
        self._check_whole(pages, kind, session_id)

    @staticmethod
    def _check_whole(pages: LogPages, kind: str, session_id: str) -> None:
        if pages.problem:
            raise AnswerError(f"The log of {kind} session {session_id} cannot be read whole: {pages.problem}.")

    def extent(self, kind: str, session_id: str) -> Extent:
        """How much there is of a log, and what. A long one is read in part if the server counts; raises as ``all``."""
        pages = self.pages(kind, session_id, LineFilter())
        walk = pages.forward()
        first = next(walk, LogPage(()))
        if (first.total or 0) > _MOST_COMPARED and not first.partial and can_jump(pages):
            some = some_of(pages, first)
            if some:
                return Extent(first.total or 0, _texts(oldest_first(some, pages)))
            pages = self.pages(kind, session_id, LineFilter())
            walk, first = pages.forward(), LogPage(())
        lines, count = list(first.lines), len(first.lines)
        for page in walk:
            lines += page.lines
            count += len(page.lines)
            if len(lines) > 2 * _MOST_COMPARED:
                del lines[_MOST_COMPARED:-_MOST_COMPARED]
        self._check_whole(pages, kind, session_id)
        return Extent(count, _texts(oldest_first(lines, pages)))

    def pages(self, kind: str, session_id: str, wanted: LineFilter, size: int = 0) -> LogPages:
        """The pages by the first route that exists on the server."""
        routes = self.manager.routes.log_routes(kind)
        for route in routes[:-1]:
            try:
                return self._by_route(route, kind, session_id, wanted, size)
            except HttpError as error:
                if error.status not in (404, 405):
                    raise
        return self._by_route(routes[-1], kind, session_id, wanted, size)

    def _by_route(self, route: Route, kind: str, session_id: str, wanted: LineFilter, size: int) -> LogPages:
        sent = list(filters_from(route.filters).query(wanted.begin, wanted.end, wanted.contains).items())

        def fetch(query: Mapping[str, str]) -> LogPage:
            merged = [*((name, value) for name, value in sent if name not in query), *query.items()]
            return self.manager.log_page(route, kind, session_id, merged)

        pages = understood(fetch, route.pagination)
        pages.size = min(size or pages.size, pages.size)
        return pages


def can_jump(pages: LogPages) -> bool:
    """Whether any page can be asked for."""
    style, base = pages.pagination.style, pages.pagination.base
    return style == OFFSET or (style == PAGE and (base is not None or pages.base is not None))


def some_of(pages: LogPages, first: LogPage) -> list[LogLine]:
    """The first lines of a long log and some further on, the last one among them; none if the server does not jump."""
    found, length = list(first.lines), max(1, len(first.lines))
    last = ((first.total or 0) - 1) // length
    for number in sorted({last * part // _PARTS for part in range(1, _PARTS + 1)} - {0}):
        start = number if pages.pagination.style == PAGE else number * length
        page = next(pages.forward(start), LogPage(()))
        if page.lines[:1] == first.lines[:1] or not page.lines:
            return []
        found += page.lines[-LAST_FEW:]
    return found


def _texts(lines: Iterable[LogLine]) -> list[str]:
    return [line.message for line in lines]


def oldest_first(lines: list[LogLine], pages: LogPages) -> list[LogLine]:
    """Lines in the order of the server, turned round if that is the newest first."""
    return lines[::-1] if pages.newest_first else lines

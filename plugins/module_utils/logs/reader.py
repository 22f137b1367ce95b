# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The logs of sessions: their lines, filtered; the last ones of them; and when the newest was written."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Optional

from ansible_collections.aimms.cloud.plugins.module_utils.api.session_manager import SessionManager
from ansible_collections.aimms.cloud.plugins.module_utils.errors import AnswerError, HttpError
from ansible_collections.aimms.cloud.plugins.module_utils.models.log_line import LogLine
from ansible_collections.aimms.cloud.plugins.module_utils.openapi import pagination as styles
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.log_filters import LogFilters, filters_from
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.routes import Route
from ansible_collections.aimms.cloud.plugins.module_utils.paging.log_pages import LogPage, LogPages, understood
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Instant

_LAST_FEW = 5
_ENOUGH_TO_TELL = 20


@dataclass(frozen=True)
class LineFilter:
    """Which lines: between two times (seconds since 1970, both included) and with a text, whatever its case."""

    begin: Optional[float] = None
    end: Optional[float] = None
    contains: Optional[str] = None

    def fits(self, line: LogLine) -> bool:
        """Whether a line is wanted; one without a time is within any."""
        at = line.timestamp.seconds if line.timestamp else None
        return (
            (self.begin is None or at is None or at >= self.begin)
            and (self.end is None or at is None or at <= self.end)
            and (self.contains is None or self.contains.lower() in line.message.lower())
        )


@dataclass(frozen=True)
class Lines:
    """Lines, the oldest first.

    ``cut`` says that there are more than the limit, ``problems`` why there may be more that were wanted.
    """

    lines: Sequence[LogLine]
    problems: list[str] = field(default_factory=list)
    cut: bool = False


class LogReader:
    """Reads the logs of one server's sessions. Safe to use from several threads."""

    def __init__(self, manager: SessionManager) -> None:
        self._manager = manager
        self._lock = threading.Lock()
        self._filter_works: dict[str, bool] = {}

    def read(
        self, kind: str, session_id: str, wanted: LineFilter, tail: Optional[int] = None, limit: Optional[int] = None
    ) -> Lines:
        """The wanted lines.

        :param tail: only the last so many. :param limit: at most so many, the oldest.
        :raises HttpError: 404 too, when there is no such session.
        """
        pages = self._pages(kind, session_id, wanted)
        if tail is not None:
            found = self._tail(pages, wanted, tail) if tail else Lines([])
            if found is None:
                found = _last(self._pages(kind, session_id, wanted), wanted, tail)
            return found
        return _first(pages, wanted, limit)

    def all(self, kind: str, session_id: str) -> Iterator[LogLine]:
        """All lines, the oldest first; kept in memory only where the server gives the newest first.

        :raises AnswerError: at the end, when the log could not be read whole.
        """
        pages = self._pages(kind, session_id, LineFilter())
        waiting: list[LogLine] = []
        for page in pages.forward():
            waiting.extend(page.lines)
            if pages.newest_first is False:
                yield from waiting
                waiting.clear()
        yield from reversed(waiting) if pages.newest_first else waiting
        if pages.problem:
            raise AnswerError(f"The log of {kind} session {session_id} cannot be read whole: {pages.problem}.")

    def newest(self, kind: str, session_id: str, since: float) -> Optional[Instant]:
        """When the newest line was written, by the cheapest request; None where none was written after ``since``.

        Where the server filters by time, one request tells. That it does is not taken from its document alone: once,
        a line that is known to be there must come through the filter.

        :raises AnswerError: when the newest lines have no time that can be read.
        """
        if not self._filters(kind).begin or self._filter_works.get(kind) is False:
            return self._last_time(kind, session_id)
        lines = self._since(kind, session_id, since)
        recent = _latest([line for line in lines if line.timestamp and line.timestamp.seconds > since])
        if recent is not None:
            return recent
        if lines:
            return self._last_time(kind, session_id)
        with self._lock:
            if kind not in self._filter_works:
                last = self._last_time(kind, session_id)
                if last is None or last.seconds > since:
                    self._filter_works.update({kind: False} if last else {})
                    return last
                proven = bool(self._since(kind, session_id, last.seconds - 1))
                self._filter_works[kind] = proven and not last.assumed_utc
        return None if self._filter_works[kind] else self._last_time(kind, session_id)

    def _since(self, kind: str, session_id: str, since: float) -> Sequence[LogLine]:
        """Some lines that the server says were written after ``since``."""
        pages = self._pages(kind, session_id, LineFilter(begin=since), size=_LAST_FEW)
        return next((page.lines for page in pages.forward()), ())

    def _last_time(self, kind: str, session_id: str) -> Optional[Instant]:
        found = self.read(kind, session_id, LineFilter(), tail=_LAST_FEW)
        if found.problems:
            raise AnswerError(f"The log cannot be read whole: {'; '.join(found.problems)}.")
        if found.lines and not any(line.timestamp for line in found.lines):
            raise AnswerError("The newest lines of the log have no time that can be read.")
        return _latest(found.lines)

    def _filters(self, kind: str) -> LogFilters:
        return _filters_of(self._manager.log_routes(kind)[0])

    def _pages(self, kind: str, session_id: str, wanted: LineFilter, size: int = 0) -> LogPages:
        """The pages by the first route that the server has."""
        routes = self._manager.log_routes(kind)
        for route in routes[:-1]:
            try:
                return self._by_route(route, kind, session_id, wanted, size)
            except HttpError as error:
                if error.status not in (404, 405):
                    raise
        return self._by_route(routes[-1], kind, session_id, wanted, size)

    def _by_route(self, route: Route, kind: str, session_id: str, wanted: LineFilter, size: int) -> LogPages:
        sent = list(_filters_of(route).query(wanted.begin, wanted.end, wanted.contains).items())

        def fetch(query: Mapping[str, str]) -> LogPage:
            merged = [*((name, value) for name, value in sent if name not in query), *query.items()]
            return self._manager.log_page(route, kind, session_id, merged)

        pages = understood(fetch, route.pagination)
        pages.size = min(size or pages.size, pages.size)
        return pages

    def _tail(self, pages: LogPages, wanted: LineFilter, tail: int) -> Optional[Lines]:
        """The last lines by jumping to them; None where that cannot be trusted and all must be read."""
        if pages.pagination.style not in (styles.OFFSET, styles.PAGE) or (
            pages.pagination.style == styles.PAGE and pages.base is None
        ):
            return None
        if pages.pagination.size_name:
            pages.size = min(pages.size, max(tail + 1, _ENOUGH_TO_TELL))
        first = next(pages.forward(), None)
        if first is None or first.total is None or not all(map(wanted.fits, first.lines)):
            return None
        if first.total <= len(first.lines):
            short = pages.pagination.sure_size and len(first.lines) < pages.size
            return Lines(_turned(list(first.lines), pages)[-tail:]) if short else None
        return self._jump(pages, first, wanted, tail)

    def _jump(self, pages: LogPages, first: LogPage, wanted: LineFilter, tail: int) -> Optional[Lines]:
        """The last lines, given the first page and a total that is larger than it.

        What is read must differ from the first page and end with a short one: a server may ignore where to go on,
        and its total may be wrong.
        """
        total = first.total or 0
        start = max(0, total - tail)
        if pages.pagination.style == styles.PAGE:
            start //= len(first.lines)
        if pages.newest_first is None and not self._told(pages, first, start):
            return None
        start = 0 if pages.newest_first else start
        pages.pages = pages.position = 0
        lines: list[LogLine] = []
        for page in pages.forward(start):
            if start and page.lines == first.lines:
                return None
            lines.extend(page.lines)
            if pages.newest_first and len(lines) >= tail:
                break
        lines = _turned(lines, pages)[-tail:]
        enough = len(lines) == min(tail, total) and all(map(wanted.fits, lines))
        return Lines(lines) if enough and not pages.problem else None

    @staticmethod
    def _told(pages: LogPages, first: LogPage, start: int) -> bool:
        """Whether the first and the last page together tell which way the lines go, where the first alone does not."""
        last = next(pages.forward(start), None)
        both = LogPage((*first.lines, *last.lines)) if last else first
        pages.newest_first = both.newest_first
        return both.newest_first is not None


@lru_cache(maxsize=16)
def _filters_of(route: Route) -> LogFilters:
    """The filters of a route, told once: every candidate of a selection asks for them."""
    return filters_from(route.filters)


def _first(pages: LogPages, wanted: LineFilter, limit: Optional[int]) -> Lines:
    """The oldest wanted lines, up to ``limit``."""
    found: list[LogLine] = []
    for page in pages.forward():
        found.extend(filter(wanted.fits, page.lines))
        if limit is not None and pages.newest_first is False and len(found) > limit:
            break
    found = _turned(found, pages)
    problems = [pages.problem] if pages.problem else []
    return Lines(found[:limit], problems, limit is not None and len(found) > limit)


def _last(pages: LogPages, wanted: LineFilter, tail: int) -> Lines:
    """The newest wanted lines, by reading all, or up to them where the server gives the newest first."""
    found: list[LogLine] = []
    for page in pages.forward():
        found.extend(filter(wanted.fits, page.lines))
        if pages.newest_first and len(found) >= tail:
            break
        if pages.newest_first is False:
            del found[:-tail]
    return Lines(_turned(found, pages)[-tail:], [pages.problem] if pages.problem else [])


def _turned(lines: list[LogLine], pages: LogPages) -> list[LogLine]:
    """The lines, the oldest first."""
    return lines[::-1] if pages.newest_first else lines


def _latest(lines: Sequence[LogLine]) -> Optional[Instant]:
    times = [line.timestamp for line in lines if line.timestamp]
    return max(times, key=lambda instant: instant.seconds) if times else None

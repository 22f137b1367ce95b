# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the logs of sessions: the lines that a filter selects, the last lines, and the time of the newest line."""

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
_SMALLEST_PAGE = 20  # lines: fewer may not show whether the newest come first


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
class Lines:
    """Lines, the oldest first. ``cut``: there are more than the limit. ``problems``: why lines may be missing."""

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
        :raises HttpError: also when there is no such session (404).
        """
        pages = self._pages(kind, session_id, wanted)
        if tail is None:
            return _first(pages, wanted, limit)
        last = self._tail(pages, wanted, tail) if tail else Lines([])
        return last or _last(self._pages(kind, session_id, wanted), wanted, tail)

    def all(self, kind: str, session_id: str) -> Iterator[LogLine]:
        """All lines, the oldest first. They are held in memory only if the server returns the newest first.

        :raises AnswerError: after the last line, when lines are missing.
        """
        pages = self._pages(kind, session_id, LineFilter())
        held: list[LogLine] = []
        for page in pages.forward():
            held.extend(page.lines)
            if pages.newest_first is False:
                yield from held
                held.clear()
        yield from _oldest_first(held, pages)
        if pages.problem:
            raise AnswerError(f"The log of {kind} session {session_id} cannot be read whole: {pages.problem}.")

    def newest_time(self, kind: str, session_id: str, since: float) -> Optional[Instant]:
        """The time of the newest line, or of an older one if none is newer than ``since`` (seconds since 1970).

        None: the log has no line. One request if the server can filter by time and a line is newer, else two or more.

        :raises AnswerError: when the newest line has no time that can be read, or the log cannot be read whole.
        """
        filters = _filters_of(self._manager.routes.log_routes(kind)[0])
        if not filters.begin or self._filter_works.get(kind) is False:
            return self._last_time(kind, session_id)
        lines = self._since(kind, session_id, since)
        recent = _latest([line for line in lines if line.timestamp and line.timestamp.seconds > since])
        if recent is not None:
            return recent
        if lines:
            return self._last_time(kind, session_id)
        with self._lock:
            if kind not in self._filter_works:  # the document alone is no proof: the filter must find a known line
                last = self._last_time(kind, session_id)
                if last is None or last.seconds > since:
                    self._filter_works.update({kind: False} if last else {})
                    return last
                finds_it = bool(self._since(kind, session_id, last.seconds - 1))
                self._filter_works[kind] = finds_it and not last.assumed_utc
                return last
        # Nothing is newer. Whether there is any line is not known yet.
        any_time = _latest(self._since(kind, session_id, None)) if self._filter_works[kind] else None
        return any_time if any_time and any_time.seconds <= since else self._last_time(kind, session_id)

    def _since(self, kind: str, session_id: str, since: Optional[float]) -> Sequence[LogLine]:
        """The first lines that the server returns for a ``begin`` of ``since``; None: without one."""
        pages = self._pages(kind, session_id, LineFilter(begin=since), size=_LAST_FEW)
        return next((page.lines for page in pages.forward()), ())

    def _last_time(self, kind: str, session_id: str) -> Optional[Instant]:
        found = self.read(kind, session_id, LineFilter(), tail=_LAST_FEW)
        if found.problems:
            raise AnswerError(f"The log cannot be read whole: {'; '.join(found.problems)}.")
        if found.lines and not found.lines[-1].timestamp:
            raise AnswerError("The newest line of the log has no time that can be read.")
        return _latest(found.lines)

    def _pages(self, kind: str, session_id: str, wanted: LineFilter, size: int = 0) -> LogPages:
        """The pages by the first route that exists on the server."""
        routes = self._manager.routes.log_routes(kind)
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
        """The last lines, read from where the total says that they are; None if that is not safe: read all lines."""
        by_page = pages.pagination.style == styles.PAGE and pages.base is not None
        if not by_page and pages.pagination.style != styles.OFFSET:
            return None
        if pages.pagination.size_name:
            pages.size = min(pages.size, max(tail + 1, _SMALLEST_PAGE))
        first = next(pages.forward(), None)
        if first is None or first.total is None or not all(map(wanted.fits, first.lines)):
            return None
        if first.total <= len(first.lines):
            short = pages.pagination.sure_size and len(first.lines) < pages.size
            return Lines(_oldest_first(list(first.lines), pages)[-tail:]) if short else None
        return _jump(pages, first, wanted, tail)


@lru_cache(maxsize=16)  # each candidate of a selection needs them
def _filters_of(route: Route) -> LogFilters:
    return filters_from(route.filters)


def _jump(pages: LogPages, first: LogPage, wanted: LineFilter, tail: int) -> Optional[Lines]:
    """The last lines, given the first page and a total of more lines; None if they cannot be relied on."""
    total = first.total or 0
    start = max(0, total - tail)
    if pages.pagination.style == styles.PAGE:
        start //= len(first.lines)
    if pages.newest_first is None:  # the first page does not show the order: compare it with the last one
        last = next(pages.forward(start), LogPage(()))
        pages.newest_first = LogPage((*first.lines, *last.lines)).newest_first
        if pages.newest_first is None:
            return None
    start = 0 if pages.newest_first else start
    pages.pages = pages.position = 0
    lines: list[LogLine] = []
    for page in pages.forward(start):
        if start and page.lines == first.lines:  # the server ignores the position
            return None
        lines.extend(page.lines)
        if pages.newest_first and len(lines) >= tail:
            break
    lines = _oldest_first(lines, pages)[-tail:]
    enough = len(lines) == min(tail, total) and all(map(wanted.fits, lines))  # the total may be wrong
    return Lines(lines) if enough and not pages.problem else None


def _first(pages: LogPages, wanted: LineFilter, limit: Optional[int]) -> Lines:
    """The oldest wanted lines, up to ``limit``."""
    lines: list[LogLine] = []
    for page in pages.forward():
        lines.extend(filter(wanted.fits, page.lines))
        if limit is not None and pages.newest_first is False and len(lines) > limit:
            break
    cut = limit is not None and len(lines) > limit
    return Lines(_oldest_first(lines, pages)[:limit], [pages.problem] if pages.problem else [], cut)


def _last(pages: LogPages, wanted: LineFilter, tail: int) -> Lines:
    """The newest wanted lines. Reads all pages, or only the first ones if the server returns the newest first."""
    lines: list[LogLine] = []
    for page in pages.forward():
        lines.extend(filter(wanted.fits, page.lines))
        if pages.newest_first and len(lines) >= tail:
            break
        if pages.newest_first is False:
            del lines[:-tail]
    return Lines(_oldest_first(lines, pages)[-tail:], [pages.problem] if pages.problem else [])


def _oldest_first(lines: list[LogLine], pages: LogPages) -> list[LogLine]:
    return lines[::-1] if pages.newest_first else lines


def _latest(lines: Sequence[LogLine]) -> Optional[Instant]:
    times = [line.timestamp for line in lines if line.timestamp]
    return max(times, key=lambda instant: instant.seconds) if times else None

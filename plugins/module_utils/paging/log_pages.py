# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A log, read page by page in the server's order. Pure but for the ``fetch`` it is given.

Unlike sessions, lines have no id and are only ever added at the end: nothing is skipped, and nothing need overlap.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Callable, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.errors import HttpError
from ansible_collections.aimms.cloud.plugins.module_utils.models.envelope import Next
from ansible_collections.aimms.cloud.plugins.module_utils.models.log_line import LogLine
from ansible_collections.aimms.cloud.plugins.module_utils.openapi import pagination as styles
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.pagination import Pagination
from ansible_collections.aimms.cloud.plugins.module_utils.paging.listing import MOST_PAGES

_NOT_UNDERSTOOD = (400, 404, 422)
_REPEATED = "a page repeated the one before it"


@dataclass(frozen=True)
class LogPage:
    """One page of a log; the total counts the lines of all pages."""

    lines: tuple[LogLine, ...]
    total: Optional[int] = None
    next: Next = None
    more: Optional[bool] = None

    @property
    def newest_first(self) -> Optional[bool]:
        """Whether the lines go backwards in time; None where that cannot be told."""
        times = [line.timestamp.seconds for line in self.lines if line.timestamp]
        return None if not times or times[0] == times[-1] else times[0] > times[-1]


Fetch = Callable[[Mapping[str, str]], LogPage]


@dataclass
class LogPages:
    """The way through the pages of one log.

    ``problem`` says, afterwards, what is wrong with it (None: it is whole), ``newest_first`` which way the server's
    lines go, once that can be told. Lines that come again, as newer ones pushed them on, are left out.
    """

    fetch: Fetch
    pagination: Pagination
    size: int = 0
    problem: Optional[str] = None
    total: Optional[int] = None
    pages: int = 0
    position: int = 0
    largest: int = 0
    newest_first: Optional[bool] = None
    pushed: int = 0
    base: Optional[int] = field(default=None, init=False)

    def __post_init__(self) -> None:
        """The size asked for is the paging's own, where none is given."""
        self.size = self.size or self.pagination.size
        self.base = self.pagination.base

    def forward(self, start: int = 0) -> Iterator[LogPage]:
        """The pages from line ``start`` on, or with page numbers, from the page that is ``start`` after the first."""
        query: Optional[dict[str, str]] = self._first_query(start)
        before = LogPage(())
        count = 0
        while query is not None:
            if self.pages >= MOST_PAGES:
                self.problem = f"there is more after {MOST_PAGES} pages"
                return
            page = self.fetch(query)
            self._note(page)
            repeats = bool(page.lines) and page.lines == before.lines
            if repeats and not self._finding_base():
                self.problem = _REPEATED
                return
            query = self._next_query(page, repeats)
            lines = page.lines[self._again(page, before) :]
            if not repeats:
                count += len(page.lines)
                yield replace(page, lines=lines)
            before = page
        if not self.problem and not start and count < (self.total or 0):
            self.problem = f"the server counts {self.total} lines and gave {count}"

    def _note(self, page: LogPage) -> None:
        self.pages += 1
        self.total = page.total if page.total is not None else self.total
        self.largest = max(self.largest, len(page.lines))
        if self.newest_first is None:
            self.newest_first = page.newest_first

    def _again(self, page: LogPage, before: LogPage) -> int:
        """How many lines at the beginning of a page were on the one before: as many as were written meanwhile."""
        if not self.newest_first or not before.lines or self.pagination.style not in (styles.OFFSET, styles.PAGE):
            return 0
        if page.total is not None and before.total is not None:
            self.pushed += max(0, page.total - before.total)
            again = min(len(page.lines), self.pushed)
            self.pushed -= again
            return again
        most = min(len(page.lines), len(before.lines))
        again = next((n for n in range(most, 0, -1) if page.lines[:n] == before.lines[-n:]), 0)
        if not again and _goes_back(before.lines[-1], page.lines):
            self.problem = "lines were written faster than they could be read"
        return again

    def _finding_base(self) -> bool:
        """Whether this page is to tell if the first page has the number 0 or 1."""
        return self.pagination.style == styles.PAGE and self.base is None and self.pages == 2

    def _first_query(self, start: int) -> dict[str, str]:
        if self.pagination.style == styles.OFFSET and start:
            return self._at(start)
        if self.pagination.style == styles.PAGE and self.base is not None:
            return self._at(self.base + start)
        return self.pagination.sized(self.size)

    def _at(self, position: int) -> dict[str, str]:
        self.position = position
        return {**self.pagination.sized(self.size), self.pagination.position: str(position)}

    def _next_query(self, page: LogPage, repeats: bool) -> Optional[dict[str, str]]:
        if self.pagination.style == styles.OFFSET:
            reached = self.position + len(page.lines)
            return None if self._is_last(page, reached) else self._at(reached)
        if self.pagination.style == styles.PAGE:
            return self._next_number(page, repeats)
        if page.next is None:
            if page.more or (self.total is not None and self.total > len(page.lines) and self.pages == 1):
                self.problem = "there is more, but the server names no way to it"
            return None
        if isinstance(page.next, dict):
            return page.next
        if not self.pagination.position:
            self.problem = "the server names a next page, but its document no parameter for it"
            return None
        return {**self.pagination.sized(self.size), self.pagination.position: page.next}

    def _next_number(self, page: LogPage, repeats: bool) -> Optional[dict[str, str]]:
        """The next page number. Where the first one's is not told, page 1 is asked for: it repeats the first or not."""
        if self.base is None:
            if self.pages == 1:
                return None if self._is_last(page, len(page.lines)) else self._at(1)
            self.base = 1 if repeats else 0
            if repeats:
                return self._at(2)
        reached = (self.position - self.base) * self.largest + len(page.lines)
        return None if self._is_last(page, reached) else self._at(self.position + 1)

    def _is_last(self, page: LogPage, reached: int) -> bool:
        """Whether no page follows: by what the server said, by the total, or because this one is short."""
        length = len(page.lines)
        if not length or page.more is False:
            return True
        short = length < self.largest or (self.pagination.sure_size and length < self.size)
        if page.total is not None and reached < page.total:
            return False
        return short and not page.more


def _goes_back(last: LogLine, lines: tuple[LogLine, ...]) -> bool:
    """Whether lines that should be older than ``last`` begin with a newer one."""
    first = lines[0].timestamp if lines else None
    return bool(first and last.timestamp and first.seconds > last.timestamp.seconds)


def understood(fetch: Fetch, pagination: Pagination) -> LogPages:
    """The pages of a log; without a document, by the usual parameters that the server seems to obey."""
    if pagination.style != styles.UNKNOWN:
        return LogPages(fetch, pagination)
    first = fetch({})
    if isinstance(first.next, dict) or not first.lines or (first.total is not None and first.total <= len(first.lines)):
        return LogPages(fetch, Pagination(styles.NONE))
    for guess in styles.UNDOCUMENTED:
        number = len(first.lines) if guess.style == styles.OFFSET else 2
        try:
            second = fetch({guess.position: str(number)})
        except HttpError as error:
            if error.status not in _NOT_UNDERSTOOD:
                raise
            continue
        if second.lines != first.lines:
            return LogPages(fetch, guess)
    return LogPages(fetch, styles.UNDOCUMENTED[0])

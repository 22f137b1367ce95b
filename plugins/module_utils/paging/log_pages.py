# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A log, read page by page in the server's order. Pure but for the ``fetch`` it is given.

Unlike sessions, lines have no id and are only ever added at the end: nothing is skipped, and nothing need overlap.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Callable, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.errors import HttpError
from ansible_collections.aimms.cloud.plugins.module_utils.models.envelope import Page
from ansible_collections.aimms.cloud.plugins.module_utils.models.log_line import LogLine
from ansible_collections.aimms.cloud.plugins.module_utils.openapi import pagination as styles
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.pagination import Pagination
from ansible_collections.aimms.cloud.plugins.module_utils.paging.pages import NOT_UNDERSTOOD, Pages, Query


class LogPage(Page[LogLine]):
    """One page of a log; the total counts the lines of all pages."""

    @property
    def lines(self) -> Sequence[LogLine]:
        """The records."""
        return self.records

    @property
    def newest_first(self) -> Optional[bool]:
        """Whether the lines go backwards in time; None where that cannot be told."""
        times = [line.timestamp.seconds for line in self.lines if line.timestamp]
        return None if not times or times[0] == times[-1] else times[0] > times[-1]


Fetch = Callable[[Query], LogPage]


class LogPages(Pages[LogPage]):
    """The way through the pages of one log.

    ``newest_first`` says, afterwards, which way the server's lines go, once that can be told. Lines that come again, as
    newer ones pushed them on, are left out.
    """

    once = True

    def __init__(self, fetch: Fetch, pagination: Pagination, size: int = 0) -> None:
        """As for ``Pages``."""
        super().__init__(fetch, pagination, size)
        self.newest_first: Optional[bool] = None
        self._before = LogPage(())
        self._pushed = self._skipped = 0
        self._repeats = False

    def forward(self, start: int = 0) -> Iterator[LogPage]:
        """The pages from line ``start`` on, or with page numbers, from the page that is ``start`` after the first."""
        self._before, given = LogPage(()), 0
        for page in self.walk(start):
            given += 0 if self._repeats else len(page.lines)
            if self._skipped < len(page.lines) or not page.lines:
                lines = page.lines[self._skipped :]
                yield LogPage(lines, page.total, page.next, page.more, partial=page.partial)
        counted = max(self.totals, default=0)  # a log only grows
        if not self.problem and not start and given < counted:
            self.problem = f"the server counts {counted} lines and gave {given}"

    def see(self, page: LogPage) -> int:
        """Take a page; returns how many of its lines were on the page before."""
        if self.newest_first is None:
            self.newest_first = page.newest_first
        before, self._before = self._before, page
        self._repeats = bool(page.lines) and page.lines == before.lines
        self._skipped = len(page.lines) if self._repeats else self._again(page, before)
        return self._skipped

    def _again(self, page: LogPage, before: LogPage) -> int:
        """How many lines at the beginning of a page were on the one before: as many as were written meanwhile."""
        if not self.newest_first or not before.lines or self.pagination.style not in (styles.OFFSET, styles.PAGE):
            return 0
        if page.total is not None and before.total is not None:
            self._pushed += max(0, page.total - before.total)
            again = min(len(page.lines), self._pushed)
            self._pushed -= again
            return again
        most = min(len(page.lines), len(before.lines))
        again = next((n for n in range(most, 0, -1) if page.lines[:n] == before.lines[-n:]), 0)
        if not again and _goes_back(before.lines[-1], page.lines):
            self.problem = "lines were written faster than they could be read"
        return again


def _goes_back(last: LogLine, lines: Sequence[LogLine]) -> bool:
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
            if error.status not in NOT_UNDERSTOOD:
                raise
            continue
        if second.lines != first.lines:
            return LogPages(fetch, guess)
    return LogPages(fetch, styles.UNDOCUMENTED[0])

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

TOO_FAST = "lines were written faster than they could be read"


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

    def goes_on(self) -> bool:
        """By page numbers: whether lines follow the page that was read last."""
        return any(page.lines for page in [self._fetched(self.at(self.position + 1))] if page)

    def see(self, page: LogPage) -> int:
        """Take a page; returns how many of its lines were on the page before."""
        if self.newest_first is None:
            self.newest_first = page.newest_first
        before, self._before = self._before, page
        same = page.lines == before.lines and self._written_since(before, page) != len(page.lines)
        self._repeats = bool(page.lines) and (same or self._is_first_again(page, before))
        if self._repeats:
            self._pushed += self._written_since(before, page) or 0
            self._skipped = len(page.lines)
            return self._skipped
        self._skipped = self._again(page, before)
        # A page of which each line was pushed on by new ones is no page that the server repeats.
        return min(self._skipped, max(0, len(page.lines) - 1)) if page.total is not None else self._skipped

    def _is_first_again(self, page: LogPage, before: LogPage) -> bool:
        """Whether page number 1 is the first page once more, perhaps after lines that were written meanwhile."""
        if self.pagination.style != styles.PAGE or self.base is not None or (self.pages, self.position) != (2, 1):
            return False
        written = self._written_since(before, page)
        if not before.lines or (not written and page.lines[: len(before.lines)] == before.lines):
            return bool(before.lines)
        at = page.lines.index(before.lines[0]) if before.lines[0] in page.lines else -1
        if written is None or written >= len(before.lines):  # the second page would look like it
            sure = at < 0 if written is None else at == written - len(before.lines)
            self.problem = self.problem if sure else TOO_FAST
            return False
        return at == written

    @staticmethod
    def _written_since(before: LogPage, page: LogPage) -> Optional[int]:
        """How many lines were written between two pages, by their totals; None where the server does not count."""
        return max(0, page.total - before.total) if page.total is not None and before.total is not None else None

    def _again(self, page: LogPage, before: LogPage) -> int:
        """How many lines at the beginning of a page were on the one before: as many as were written meanwhile."""
        if not self.newest_first or not before.lines or self.pagination.style not in (styles.OFFSET, styles.PAGE):
            return 0
        written = self._written_since(before, page)
        if written is not None:
            self._pushed += written
            again = min(len(page.lines), self._pushed)
            self._pushed -= again
            return again
        most = min(len(page.lines), len(before.lines))
        again = next((n for n in range(most, 0, -1) if page.lines[:n] == before.lines[-n:]), 0)
        if not again and _goes_back(before.lines[-1], page.lines):
            self.problem = TOO_FAST
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

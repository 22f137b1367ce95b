# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way through the pages of a list: by offset, by page number, or by what each answer names.

Pure but for the ``fetch`` it is given. A list ends where an answer says so: with as many records as it counts, by "no
more", or by a page without records. A page that is shorter than asked for shows nothing: the server may allow fewer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Callable, Generic, Optional, TypeVar

from ansible_collections.aimms.cloud.plugins.module_utils.errors import HttpError
from ansible_collections.aimms.cloud.plugins.module_utils.models.envelope import Page
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.pagination import NONE, OFFSET, PAGE, Pagination

MOST_PAGES = 1000
NOT_UNDERSTOOD = (400, 404, 422)
NO_PROGRESS = "a page brought nothing that was not listed before"
NO_WAY = "there may be more, and the server names no way to it"
ENDLESS = f"there is more after {MOST_PAGES} pages"
_SMALLER_PAGES = (0, 50, 20, 10)  # 0: of the server's own size
_SMALLEST_LIMIT = 5  # records: no server gives fewer at once
_SPARE = 10  # records
_MOST_STEPS_BACK = 50

Query = Mapping[str, str]
P = TypeVar("P", bound=Page[Any])


def keys_of(page: Page[Any]) -> Sequence[str]:
    """The keys of its records."""
    return [record.key for record in page.records] if page.keys is None else page.keys


class Pages(Generic[P]):
    """One way through all pages. ``problem`` says afterwards why the list may not be whole.

    ``base``: the number of the first page, once it is known. ``gaps``: what was between two pages may have been missed.
    """

    overlapping = False  # whether pages by offset begin with the last record of the one before
    once = False  # whether the list is read only once, so that what is doubtful is asked for twice

    def __init__(self, fetch: Callable[[Query], P], pagination: Pagination, size: int = 0) -> None:
        """:param size: of a page; 0: that of the pagination."""
        self.fetch, self.pagination, self.size = fetch, pagination, size or pagination.size
        self.base: Optional[int] = None
        self.problem: Optional[str] = None
        self.totals: list[int] = []
        self.pages = self.position = self.largest = self._steps_back = self._repeated = 0
        self.gaps = self._pointed = self._stepped = self._stale = self._more = False
        self._counted = 0
        self._own_counts = True

    def see(self, page: P) -> int:
        """Take a page; returns how many of its records are known already."""
        raise NotImplementedError  # a list and a log each have their own

    def walk(self, start: int = 0) -> Iterator[P]:
        """The pages from record ``start`` on, or with page numbers, from the page that is ``start`` after the first."""
        if start and self.base is None:
            self.base = self.pagination.base
        self.pages = self._repeated = 0
        self.position = start + ((self.base or 0) if self.pagination.style == PAGE else 0)
        query: Optional[Query] = (
            self.at(self.position) if start else self.pagination.first_query(self.size, self.position)
        )
        while query is not None and self.pages < MOST_PAGES:
            page = self._fetched(query)
            query = self._after(page) if page else None
            if page:
                yield page
        self.problem = ENDLESS if query is not None else self.problem or self._contradiction(start)

    def _contradiction(self, start: int) -> Optional[str]:
        """What the answers said that an end here cannot be true by."""
        if self._counted > self.pages and not start:
            return f"the server counts {self._counted} pages and gave {self.pages}"
        return NO_WAY if self._more else None

    def at(self, position: int) -> Query:
        """The query for this position, the next one to be asked for."""
        self.position = position
        return self.pagination.query(self.size, str(position))

    def _fetched(self, query: Query) -> Optional[P]:
        """The page; None where the service says that there is none at this position."""
        for _time in range(2 if self.once and self.pages else 1):
            try:
                return self.fetch(query)
            except HttpError as error:
                if not self.pages:
                    return self._first_in_another_way(error)
                if error.status != 404 or not error.form or not self.position:
                    raise
        self.pages, self.gaps = self.pages + 1, True
        return None

    def _first_in_another_way(self, refusal: HttpError) -> P:
        """The first page, asked for as number 1 instead of 0, without a size or with a smaller one."""
        paging, misunderstood = self.pagination, refusal.status in NOT_UNDERSTOOD
        numbered = misunderstood and paging.style == PAGE and paging.required and self.base is None
        numbers = (0, 1) if numbered else (self.position,)
        free = misunderstood and refusal.status != 404 and paging.size_name and not paging.sizes
        sizes = [self.size, *(size for size in _SMALLER_PAGES if free and size < self.size)]
        for number, size in [(number, size) for size in sizes for number in numbers][1:]:
            page = self._tried(size, number)
            if page:
                self.position, self.base = number, number or self.base
                self.size = size or len(page.records) or _SMALLER_PAGES[-1]
                self.pagination = replace(paging, size=self.size)
                return page
        raise refusal

    def _tried(self, size: int, number: int = 0) -> Optional[P]:
        """The first page, if the server gives it so."""
        try:
            return self.fetch(self.pagination.first_query(size, number))
        except HttpError as error:
            if error.status not in NOT_UNDERSTOOD:
                raise
        return None

    def _after(self, page: P) -> Optional[Query]:
        """What to ask for after this page."""
        length = len(page.records)
        self.pages += 1
        self.largest = max(self.largest, length)
        self._own_counts = self._own_counts and page.total == length
        self.totals += [] if page.total is None else [page.total]
        self.problem = self.problem or page.partial or None
        self._more, self._counted = bool(page.more), page.pages or self._counted
        known, stepped = self.see(page), self._stepped
        if self.pagination.style not in (OFFSET, PAGE):
            return self._after_pointer(page, known)
        by_number = self.pagination.style == PAGE
        query = self._after_number(page, known) if by_number else self._after_offset(page, known)
        found_base = by_number and self.pages == self.position == 2
        if query is None or known < length or stepped or self._stepped or found_base:
            self._stale = False
            return query
        # All was known. The page is full where the server ignores the position; else new records pushed it on.
        if length == self.largest:
            self.problem = NO_PROGRESS
        stale, self._stale = self._stale, True
        return None if self.problem or stale else query

    @property
    def total(self) -> Optional[int]:
        """What the server counts; None where it does not, or where its total is only that of each page."""
        return self.totals[-1] if self.totals and not (self._own_counts and self.pages > 1) else None

    def sure_total(self, page: P) -> Optional[int]:
        """The total, unless it may be only the number of records on this full page."""
        full = self._own_counts and self.pagination.size_name and len(page.records) >= self.size
        return None if full else self.total

    def _ended(self, page: P, reached: int) -> bool:
        """Whether no page follows: by the total, or by what the server said."""
        total = self.sure_total(page)
        if self.once and (reached != total or (self.pagination.size_name and len(page.records) >= self.size)):
            total = None if reached >= (total or 0) else total  # too small, or perhaps so: no second pass would show it
        over = page.more is False if total is None else reached >= total and not page.more
        return over or not page.records

    def _after_offset(self, page: P, known: int) -> Optional[Query]:
        """The next offset, or a page back where no record of the page before is on this one."""
        length, overlap = len(page.records), self.overlap()
        lost = self.position > 0 and not known and overlap > 0
        self._stepped = lost and self._steps_back < _MOST_STEPS_BACK
        if self._stepped:
            self._steps_back += 1
            return self.at(max(0, self.position - max(1, self.largest - 1)))
        self.gaps = self.gaps or lost
        reached = self.position + length
        if self._ended(page, reached) or known == length <= self._repeated:
            return None
        # Without a total a short page is probably the last one: more of it is asked for again, as its end may vanish.
        short = overlap and length < self.largest and page.total is None
        self._repeated = max(overlap, min(_SPARE, length // 2) if short else 0)
        return self.at(reached - self._repeated)

    def overlap(self) -> int:
        """How many records of one page are asked for again: one, unless pages are tiny or there are too many."""
        pages = (self.total or 0) / max(1, self.largest - 1)
        return 1 if self.overlapping and self.largest > 1 and pages <= MOST_PAGES else 0

    def _after_number(self, page: P, known: int) -> Optional[Query]:
        """The next page number. Whether the first page is number 0 or 1 is shown by page 1, which repeats it or not."""
        length, total = len(page.records), self.sure_total(page)
        if self.pages == 2 and self.position == 1:
            self.base = 1 if known * 2 > length else 0
            if self.base:
                return self.at(2)
        if self._ended(page, (self.position - (self.base or 0)) * self.largest + length):
            return None
        if self.base is None and total is not None and not self.once:  # a total shows if the document is wrong
            self.base = self.pagination.base
            self.position = self.base or 0
        if self.base is not None:
            return self.at(self.position + 1)
        if total is None:  # a server may count from the size that it was asked for
            self.size = self.pagination.size_below(length) or self.size
        return self.at(1)

    def _after_pointer(self, page: P, known: int) -> Optional[Query]:
        """The query that the answer names, by cursor or by address."""
        if page.next is None:
            self.problem = self.problem or (NO_WAY if self._may_go_on(page) else None)
            return None
        self._pointed = True
        if page.records and known == len(page.records):
            self.problem = NO_PROGRESS
        elif isinstance(page.next, dict):
            return page.next
        elif self.pagination.position:
            return self.pagination.query(self.size, page.next)
        else:
            self.problem = "the server names a next page, but its document no parameter for it"
        return None

    def _may_go_on(self, page: P) -> bool:
        """Whether there may be more after a page that names no next one."""
        length, total = len(page.records), self.sure_total(page)
        if page.more is not None or self._pointed or not length:
            return bool(page.more)
        if total is not None:
            return length < total
        if self.pagination.style == NONE and not self.pagination.size_name:
            return self.pagination.unread
        # Whether the server names the next page where there is one is shown by a page with one record less.
        size = self.pagination.size_below(length - 1)
        shorter = self._tried(size) if size and length >= _SMALLEST_LIMIT else None
        return length >= _SMALLEST_LIMIT and not (shorter and (shorter.next or shorter.more))

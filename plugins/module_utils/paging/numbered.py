# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages by number that overlap, as each has a size of its own. Pure but for the ``fetch`` it is given.

In pages of 50: the first one of 50 (records 0 to 49), the second one of 49 (49 to 97), the third one of 48 (96 to 143).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Callable, Generic, Optional, TypeVar

from ansible_collections.aimms.cloud.plugins.module_utils.errors import HttpError
from ansible_collections.aimms.cloud.plugins.module_utils.models.envelope import Page, R
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.pagination import OFFSET, Pagination
from ansible_collections.aimms.cloud.plugins.module_utils.paging.pages import (
    MOST_PAGES,
    NOT_UNDERSTOOD,
    Pages,
    Query,
    keys_of,
)

_AT = "at"
BY_POSITION = Pagination(OFFSET, _AT)
"""The pagination of a ``fetch`` by the number of the first record."""
_SMALLEST_PAGE = 20  # records: smaller ones overlap at too few places
_MOST_FULL_PAGES = MOST_PAGES // 2  # as they overlap, there will be more

Fetch = Callable[[Query], Page[R]]
Expect = Callable[[Iterable[Query]], None]
L = TypeVar("L", bound=Any)
"""A list with what shows whether it is ``complete``."""


class _OtherPages(Exception):
    """The server does not give the pages that would overlap."""


class _First(Pages[Page[Any]]):
    """Asks for the first page in any way that the server takes."""

    def see(self, page: Page[Any]) -> int:
        """Nothing was known before."""
        return 0


def by_position(fetch: Fetch[R], pagination: Pagination, base: int, most: int) -> Fetch[R]:
    """A ``fetch`` by position, for a server that counts pages from ``base`` and gives ``most`` records at once."""

    def fetch_from(query: Query) -> Page[R]:
        at = int(query.get(_AT, 0))
        size = _size_at(at, most)
        return _from(at % size, fetch(pagination.query(size, str(base + at // size))))

    return fetch_from


def _size_at(at: int, most: int) -> int:
    """Of the pages that hold the record ``at``, in any size up to ``most``, that of the one that reaches furthest."""
    return max(range(1, most + 1), key=lambda size: at - at % size + size)


def _from(begin: int, page: Page[R]) -> Page[R]:
    """The page without what stands before. How many pages there are in its size shows nothing."""
    return replace(page, records=page.records[begin:], keys=page.keys and page.keys[begin:], pages=None)


class Overlapping(Generic[R]):
    """A ``fetch`` by position, for one pass through several pages, each as long as the same total says.

    So the last page, which is never a full one, shows that it is the last. The second one shows whether the first page
    is number 0 or 1, whatever the document says, and is what ``expect`` waits for.
    """

    def __init__(self, fetch: Fetch[R], pagination: Pagination, expect: Optional[Expect]) -> None:
        self._fetch, self._pagination, self._expect = fetch, pagination, expect
        self._base = self._most = self._total = 0
        self._first: set[str] = set()  # what is on the first page, until its number is known
        self._asked: Query = {}
        self._kept: Optional[Page[R]] = None
        self._ended = self._flawed = False

    def __call__(self, query: Query) -> Page[R]:
        """The page, for ``whole``."""
        if _AT not in query:
            return self._begin()
        at = int(query[_AT])
        size = _size_at(at, self._most)
        page = self._second(size) if self._first else self._tried(size, self._base + at // size)
        rest = self._total - (at - at % size)
        if page is None or page.total != self._total:
            raise _OtherPages
        if not page.broken and len(page.records) != min(size, rest):
            raise _OtherPages
        if page.more is not None and page.more != (rest > size):
            raise _OtherPages
        if self._first and self._expect:
            self._expect(self._coming(at - at % size + size - 1))
        self._first.clear()
        self._ended, self._flawed = rest < size, self._flawed or bool(page.partial or page.broken)
        return _from(at % size, replace(page, more=not self._ended))

    def whole(self, read: Callable[[Fetch[R], Pagination, Optional[Expect]], L]) -> Optional[L]:
        """The list that ``read`` reads; None where it cannot be read so, or nothing shows that it is whole.

        Then ``again`` is the way to read it. A list with a page that is itself not whole is not read again.
        """
        try:
            found = read(self, BY_POSITION, None)
        except _OtherPages:
            return None
        return found if self._flawed or found.complete else None

    def again(self, query: Query) -> Page[R]:
        """As the ``fetch`` that was given, but the first page is not fetched once more."""
        page, self._kept = self._kept, None
        if page and self._expect:
            self._expect(())
        return page if page and query == self._asked else self._fetch(query)

    def _begin(self) -> Page[R]:
        """The first page."""
        if self._kept:
            raise _OtherPages
        first = _First(self._remembered, self._pagination)
        self._kept = page = next(first.walk())
        length, total = len(page.records), first.sure_total(page) or 0
        if not (_SMALLEST_PAGE <= length <= first.size and length < total <= _MOST_FULL_PAGES * length):
            raise _OtherPages
        self._base, self._most, self._total = first.base or 0, length, total
        self._first.update(keys_of(page))
        self._flawed = bool(page.partial or page.broken)
        return page

    def _second(self, size: int) -> Optional[Page[R]]:
        """The second page: number 1, unless that is the first one again."""
        page = self._tried(size, 2) if self._base else None
        if page and self._known(page):
            return page
        one = self._tried(size, 1)
        self._base = int(one is not None and 2 * self._known(one) > size)
        return (page or self._tried(size, 2)) if self._base else one

    def _tried(self, size: int, number: int) -> Optional[Page[R]]:
        """The page; None where the server refuses it."""
        try:
            page = self._fetch(self._pagination.query(size, str(number)))
        except HttpError as error:
            if error.status not in NOT_UNDERSTOOD:
                raise
            return None
        if len(page.records) > size:
            raise _OtherPages
        return page

    def _remembered(self, query: Query) -> Page[R]:
        self._asked = query
        return self._fetch(query)

    def _known(self, page: Page[R]) -> int:
        return sum(map(self._first.__contains__, keys_of(page)))

    def _coming(self, at: int) -> Iterator[Query]:
        reach = at
        while reach <= self._total:
            size = _size_at(at, self._most)
            yield self._pagination.query(size, str(self._base + at // size))
            reach = at - at % size + size
            at = reach - 1

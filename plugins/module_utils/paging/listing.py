# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A long list, read page by page until it is whole, while records come and go. Pure but for the ``fetch`` it is given.

Ending or vanishing sessions shift what follows: reading by offset then skips some. So pages overlap by one record
where the server allows it, and a lost overlap sends the reader one page back; where pages cannot overlap, further
passes catch what the first one missed.

Where the first page tells how many pages there are, the next ones may be fetched at once (``expect``). The reading
stays what it is: page after page is taken in its order, and what was fetched in vain is not looked at. That it is
sound does not depend on when a page was fetched. *Pages that overlap:* those records that live all along keep their
order, so a page that holds a record of an earlier one begins, among them, no later than that one ended. *Passes:*
between two passes lies a moment, that of the second one's first answer, before which the first pass was over. What
both have seen existed at that moment, as nothing that is gone comes back; if it is as much as the server counts then,
it is all there was. Where the count tells otherwise, the further passes fetch one page after the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Callable, Generic, Optional, Protocol, TypeVar

from ansible_collections.aimms.cloud.plugins.module_utils.errors import HttpError
from ansible_collections.aimms.cloud.plugins.module_utils.models.envelope import Next
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.openapi import pagination as styles
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.pagination import Pagination

MOST_PAGES = 1000
_MOST_PASSES = 4
_PASSES_AHEAD = 2
_MOST_STEPS_BACK = 50
_NOT_UNDERSTOOD = (400, 404, 422)
_ENDLESS = f"there is more after {MOST_PAGES} pages"
NO_PROGRESS = "a page brought nothing that was not listed before"


class Record(Protocol):
    """What can stand in a list."""

    @property
    def key(self) -> str:
        """What tells it from all others of one list."""


if TYPE_CHECKING:  # before Python 3.13 only type checkers know defaults: the bare names mean sessions
    R = TypeVar("R", bound=Record, default=Session)
else:
    R = TypeVar("R")


@dataclass(frozen=True)
class Page(Generic[R]):
    """One page. ``broken`` counts records that name no id; they make the listing incomplete.

    ``keys`` are those of the records, where these stand for what was listed and do not know their own.
    """

    records: Sequence[R]
    total: Optional[int] = None
    next: Next = None
    more: Optional[bool] = None
    broken: int = 0
    keys: Optional[Sequence[str]] = None


Query = Mapping[str, str]
Fetch = Callable[[Query], Page[R]]
Expect = Callable[[Iterable[Query]], None]
"""Told which queries will probably follow, in their order; what was expected before is forgotten."""


@dataclass
class Listing(Generic[R]):
    """The records found, each once, and what is wrong with the list (nothing: it is complete)."""

    records: list[R] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    pagination_ignored: bool = False
    """Whether the server may not have understood where to go on."""
    keys: Sequence[str] = ()
    """The keys of the records, where they were read from a list."""

    @property
    def complete(self) -> bool:
        """Whether nothing spoke against the list being whole."""
        return not self.problems


@dataclass
class _Pass(Generic[R]):
    """One way through all pages. ``joined`` are the records up to which nothing can have been skipped."""

    fetch: Fetch[R]
    pagination: Pagination
    size: int
    expect: Optional[Expect] = None
    seen: dict[str, R] = field(default_factory=dict)
    joined: set[str] = field(default_factory=set)
    totals: list[int] = field(default_factory=list)
    position: int = 0
    base: Optional[int] = None
    own_counts: bool = True
    broken: int = 0
    pages: int = 0
    largest: int = 0
    steps_back: int = 0
    stepped: bool = False
    gaps: bool = False
    ahead: bool = False
    keys: Sequence[str] = ()
    first_total: Optional[int] = None
    problem: Optional[str] = None

    def run(self) -> _Pass[R]:
        """Read until the end or a problem."""
        query: Optional[Query] = self._first_query()
        while query is not None:
            if self.pages == MOST_PAGES:
                self.problem = _ENDLESS
                break
            page = self.fetch(query)
            self.keys = [record.key for record in page.records] if page.keys is None else page.keys
            known = sum(map(self.joined.__contains__, self.keys))
            self._note(page)
            if self.pagination.style == styles.OFFSET:
                query = self._after_offset(page, known)
            elif self.pagination.style == styles.PAGE:
                query = self._after_page(page, known)
            else:
                query = self._after_cursor(page, known)
            if self.expect and query is not None and not self.ahead and self._foreseeable():
                self.ahead = True
                self.expect(self._coming())
        return self

    def _foreseeable(self) -> bool:
        """Whether the pages to come can be told: by position, and by a total that counts more than its page."""
        told = bool(self.totals) and not self.own_counts
        return told and (
            self.pagination.style == styles.OFFSET or (self.pagination.style == styles.PAGE and self.base is not None)
        )

    def _coming(self) -> Iterator[Query]:
        """The queries from the next page to the last one, as long as all goes as expected."""
        by_page, overlap = self.pagination.style == styles.PAGE, self._overlap()
        position, total = self.position, self.totals[-1]
        for _page in range(self.pages, MOST_PAGES):
            begin = (position - (self.base or 0)) * self.largest if by_page else position + overlap
            if begin >= total:
                return
            yield {**self.pagination.sized(self.size), self.pagination.position: str(position)}
            position += 1 if by_page else self.largest - overlap

    def _first_query(self) -> Query:
        if self.pagination.style == styles.PAGE and self.base is not None:
            self.position = self.base
        return first_query(self.pagination, self.size)

    def _at(self, position: int) -> dict[str, str]:
        self.position = position
        return {**self.pagination.sized(self.size), self.pagination.position: str(position)}

    def _note(self, page: Page[R]) -> None:
        """Remember a page; a total that only ever counts the page itself is none."""
        self.pages += 1
        self.seen.update(zip(self.keys, page.records))
        self.largest = max(self.largest, len(page.records))
        self.own_counts = self.own_counts and page.total == len(page.records)
        if self.pages == 1:
            self.first_total = page.total
        if page.total is not None:
            self.totals.append(page.total)
        if self.own_counts and len(self.seen) > self.totals[-1]:
            self.totals.clear()
        self.broken += page.broken

    def _is_last(self, page: Page[R], reached: int) -> bool:
        """Whether a page is the last one, by the total, by what the server said or by being short."""
        length = len(page.records)
        full = length >= self.size and self.pagination.sure_size
        if not length or page.more is False:
            return True
        if self.totals and not (self.own_counts and full):
            return reached >= self.totals[-1]
        short = (self.pagination.sure_size and length < self.size) or length < self.largest
        return short and not page.more

    def _after_offset(self, page: Page[R], known: int) -> Optional[Query]:
        """The next offset: one record earlier than the end of this page, or a page back where the overlap is lost."""
        reached = self.position + len(page.records)
        lost = self.position > 0 and known == 0 and self._overlap() > 0
        if not lost:
            self.joined.update(self.keys)
        if lost and self.steps_back < _MOST_STEPS_BACK:
            self.steps_back += 1
            self.stepped = True
            return self._at(max(0, self.position - max(1, self.largest - 1)))
        self.gaps = self.gaps or lost
        if self._is_last(page, reached):
            return None
        if known == len(page.records) and not self.stepped:
            self.problem = NO_PROGRESS
            return None
        self.stepped = False
        return self._at(reached - self._overlap())

    def _overlap(self) -> int:
        """How many records of one page are asked for again: one, unless pages are tiny or there are too many."""
        pages = (self.totals[-1] if self.totals else 0) / max(1, self.largest - 1)
        return 1 if self.largest > 1 and pages <= MOST_PAGES else 0

    def _after_page(self, page: Page[R], known: int) -> Optional[Query]:
        """The next page number. Where the first one's is not told, page 1 is asked for: it repeats the first or not."""
        self.joined.update(self.keys)
        if self.base is None:
            if self.pages == 1:
                return None if self._is_last(page, len(page.records)) else self._at(1)
            repeated = known * 2 > len(page.records)
            self.base = 1 if repeated else 0
            if repeated:
                return self._at(2)
        reached = (self.position - self.base) * self.largest + len(page.records)
        if self._is_last(page, reached):
            return None
        if known == len(page.records):
            self.problem = NO_PROGRESS
            return None
        return self._at(self.position + 1)

    def _after_cursor(self, page: Page[R], known: int) -> Optional[Query]:
        """The query that the answer names, by cursor or by address."""
        self.joined.update(self.keys)
        if page.next is None:
            full = self.pagination.style == styles.NONE and self.pagination.sure_size and len(page.records) >= self.size
            if page.more or (full and page.more is None and not self._all_counted()):
                self.problem = "there is more, but the server names no way to it"
            return None
        if page.records and known == len(page.records):
            self.problem = NO_PROGRESS
            return None
        if isinstance(page.next, dict):
            return page.next
        if not self.pagination.position:
            self.problem = "the server names a next page, but its document no parameter for it"
            return None
        return {**self.pagination.sized(self.size), self.pagination.position: page.next}

    def _all_counted(self) -> bool:
        return bool(self.totals) and not self.own_counts and len(self.seen) >= self.totals[-1]

    @property
    def moved(self) -> bool:
        """Whether records may have been missed because the list moved while it was read."""
        overlapped = self.pagination.style == styles.OFFSET and self.largest > 1 and self.pages <= MOST_PAGES * 0.99
        return self.pages > 1 and not (overlapped and not self.gaps and self.total_fits)

    @property
    def total_fits(self) -> bool:
        """Whether the number of records agrees with the last total, or that total was itself on the move."""
        if not self.totals:
            return True
        return len(self.seen) == self.totals[-1] or (
            min(self.totals) != max(self.totals) and len(self.seen) > self.totals[-1]
        )


def first_query(pagination: Pagination, size: int) -> Query:
    """What is asked for first, in pages of ``size``."""
    first = (
        {pagination.position: str(pagination.base)}
        if pagination.style == styles.PAGE and pagination.base is not None
        else {}
    )
    return {**pagination.sized(size), **first}


def read_all(fetch: Fetch[R], pagination: Pagination, expect: Optional[Expect] = None) -> Listing[R]:
    """Read the whole list.

    :param fetch: returns the page for a query; its errors pass through.
    :param expect: told in advance what will probably be fetched. Before, nothing but the first page may be fetched.
    """
    if pagination.style == styles.UNKNOWN:
        return _read_undocumented(fetch)
    found: dict[str, R] = {}
    one = _Pass(fetch, pagination, pagination.size)
    quiet, proven = 0, False
    for number in range(_MOST_PASSES):
        if expect and number:
            expect(())  # what was fetched during one pass must not be taken for a page of the next
        before = one
        size, ahead = _size_of_pass(pagination, number, one.pages), expect if number < _PASSES_AHEAD else None
        one = _Pass(fetch, pagination, size, ahead, base=pagination.base).run()
        quiet = 0 if one.ahead or one.seen.keys() - found.keys() else quiet + 1
        found.update(one.seen)
        proven = number > 0 and _all_there(before, one)
        # A list that moves can hide the same record twice; one that is the same as before has not moved.
        same = not before.ahead and one.seen.keys() == before.seen.keys()
        enough = proven or (number and not one.ahead and quiet >= (1 if same else 2) and one.total_fits)
        if one.problem or one.broken or not one.moved or enough:
            break
    return _judged(one, found, proven)


def _all_there(before: _Pass[R], one: _Pass[R]) -> bool:
    """Whether two passes prove to have seen all that there was between them, by the server's count at that moment."""
    return one.first_total == len(before.seen.keys() & one.seen.keys())


def _size_of_pass(pagination: Pagination, number: int, pages: int) -> int:
    """Another page size in each further pass: what fell between two pages once then lies within one."""
    size = pagination.size - number * (pagination.size // 8)
    fits = pages * pagination.size <= MOST_PAGES * size * 0.9
    return size if pagination.size >= 16 and fits else pagination.size


def _judged(one: _Pass[R], found: Mapping[str, R], proven: bool) -> Listing[R]:
    problems = [one.problem] if one.problem else []
    steady = bool(one.totals) and min(one.totals) == max(one.totals)
    if (
        not problems
        and one.totals
        and ((len(found) < one.totals[-1] and not proven) or (steady and len(one.seen) > one.totals[-1]))
    ):
        problems.append(f"the server counts {one.totals[-1]} and listed {len(found)}")
    pagination_ignored = problems not in ([], [_ENDLESS]) and not one.broken
    if one.broken:
        problems.append(f"{one.broken} records name no id")
    return Listing(list(found.values()), problems, pagination_ignored, list(found))


def _read_undocumented(fetch: Fetch[R]) -> Listing[R]:
    """Read without a document: take what the first answer tells, else try the usual parameters."""
    first = fetch({})
    whole = not first.records or (first.total is not None and first.total <= len(first.records)) or first.more is False
    cached: list[Page[R]] = [first]

    def fetch_once(query: Query) -> Page[R]:
        return cached.pop() if cached and not query else fetch(query)

    if whole or isinstance(first.next, dict):
        return read_all(fetch_once, Pagination(styles.NONE))
    best = Listing(list(first.records), [NO_PROGRESS])
    for guess in styles.UNDOCUMENTED:
        cached[:] = [first]
        try:
            listing = read_all(fetch_once, guess)
        except HttpError as error:
            if error.status not in _NOT_UNDERSTOOD:
                raise
            continue
        if not listing.pagination_ignored:
            return listing
        best = max(best, listing, key=lambda found: len(found.records))
    return best

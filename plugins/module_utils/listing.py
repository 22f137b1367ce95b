# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A long list, read page by page until it is whole, while records come and go. Pure but for the ``fetch`` it is given.

Ending or vanishing sessions shift what follows: reading by offset then skips some. So pages overlap by one record
where the server allows it, and a lost overlap sends the reader one page back; where pages cannot overlap, a second
pass with another page size catches what the first one missed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Callable, Generic, Optional, Protocol, TypeVar

from ansible_collections.aimms.cloud.plugins.module_utils import paging as styles
from ansible_collections.aimms.cloud.plugins.module_utils.envelope import Next
from ansible_collections.aimms.cloud.plugins.module_utils.errors import HttpError
from ansible_collections.aimms.cloud.plugins.module_utils.paging import Paging
from ansible_collections.aimms.cloud.plugins.module_utils.session import Session

MOST_PAGES = 1000
_MOST_PASSES = 4
_MOST_STEPS_BACK = 50
_NOT_UNDERSTOOD = (400, 404, 422)
_ENDLESS = f"there is more after {MOST_PAGES} pages"
REPEATED = "a page brought nothing that was not listed before"


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
    """One page. ``broken`` counts records that name no id; they make the listing incomplete."""

    records: Sequence[R]
    total: Optional[int] = None
    next: Next = None
    more: Optional[bool] = None
    broken: int = 0

    @property
    def sessions(self) -> Sequence[R]:
        """The records of a list of sessions."""
        return self.records


Fetch = Callable[[Mapping[str, str]], Page[R]]


@dataclass
class Listing(Generic[R]):
    """The records found, each once, and what is wrong with the list (nothing: it is complete)."""

    records: list[R] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    misread: bool = False
    """Whether the server may not have understood where to go on."""

    @property
    def complete(self) -> bool:
        """Whether nothing spoke against the list being whole."""
        return not self.problems

    @property
    def sessions(self) -> list[R]:
        """The records of a list of sessions."""
        return self.records


@dataclass
class _Pass(Generic[R]):
    """One way through all pages. ``joined`` are the records up to which nothing can have been skipped."""

    fetch: Fetch[R]
    paging: Paging
    size: int
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
    problem: Optional[str] = None

    def run(self) -> _Pass[R]:
        """Read until the end or a problem."""
        query: Optional[dict[str, str]] = self._first_query()
        while query is not None:
            if self.pages == MOST_PAGES:
                self.problem = _ENDLESS
                break
            page = self.fetch(query)
            known = sum(record.key in self.joined for record in page.records)
            self._note(page)
            if self.paging.style == styles.OFFSET:
                query = self._after_offset(page, known)
            elif self.paging.style == styles.PAGE:
                query = self._after_page(page, known)
            else:
                query = self._after_cursor(page, known)
        return self

    def _first_query(self) -> dict[str, str]:
        query = self.paging.sized(self.size)
        if self.paging.style == styles.PAGE and self.base is not None:
            self.position = self.base
            query[self.paging.position] = str(self.base)
        return query

    def _at(self, position: int) -> dict[str, str]:
        self.position = position
        return {**self.paging.sized(self.size), self.paging.position: str(position)}

    def _note(self, page: Page[R]) -> None:
        """Remember a page; a total that only ever counts the page itself is none."""
        self.pages += 1
        self.seen.update((record.key, record) for record in page.records)
        self.largest = max(self.largest, len(page.records))
        self.own_counts = self.own_counts and page.total == len(page.records)
        if page.total is not None:
            self.totals.append(page.total)
        if self.own_counts and len(self.seen) > self.totals[-1]:
            self.totals.clear()
        self.broken += page.broken

    def _join(self, page: Page[R]) -> None:
        self.joined.update(record.key for record in page.records)

    def _is_last(self, page: Page[R], reached: int) -> bool:
        """Whether a page is the last one, by the total, by what the server said or by being short."""
        length = len(page.records)
        full = length >= self.size and self.paging.sure_size
        if not length or page.more is False:
            return True
        if self.totals and not (self.own_counts and full):
            return reached >= self.totals[-1]
        short = (self.paging.sure_size and length < self.size) or length < self.largest
        return short and not page.more

    def _after_offset(self, page: Page[R], known: int) -> Optional[dict[str, str]]:
        """The next offset: one record earlier than the end of this page, or a page back where the overlap is lost."""
        reached = self.position + len(page.records)
        lost = self.position > 0 and known == 0 and self._overlap()
        if not lost:
            self._join(page)
        if lost and self.steps_back < _MOST_STEPS_BACK:
            self.steps_back += 1
            self.stepped = True
            return self._at(max(0, self.position - max(1, self.largest - 1)))
        if self._is_last(page, reached):
            return None
        if known == len(page.records) and not self.stepped:
            self.problem = REPEATED
            return None
        self.stepped = False
        return self._at(reached - self._overlap())

    def _overlap(self) -> int:
        """How many records of one page are asked for again: one, unless pages are tiny or there are too many."""
        pages = (self.totals[-1] if self.totals else 0) / max(1, self.largest - 1)
        return 1 if self.largest > 1 and pages <= MOST_PAGES else 0

    def _after_page(self, page: Page[R], known: int) -> Optional[dict[str, str]]:
        """The next page number. Where the first one's is not told, page 1 is asked for: it repeats the first or not."""
        self._join(page)
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
            self.problem = REPEATED
            return None
        return self._at(self.position + 1)

    def _after_cursor(self, page: Page[R], known: int) -> Optional[dict[str, str]]:
        """The query that the answer names, by cursor or by address."""
        self._join(page)
        if page.next is None:
            full = self.paging.style == styles.NONE and self.paging.sure_size and len(page.records) >= self.size
            if page.more or (full and page.more is None and not self._all_counted()):
                self.problem = "there is more, but the server names no way to it"
            return None
        if page.records and known == len(page.records):
            self.problem = REPEATED
            return None
        if isinstance(page.next, dict):
            return page.next
        if not self.paging.position:
            self.problem = "the server names a next page, but its document no parameter for it"
            return None
        return {**self.paging.sized(self.size), self.paging.position: page.next}

    def _all_counted(self) -> bool:
        return bool(self.totals) and not self.own_counts and len(self.seen) >= self.totals[-1]

    @property
    def moved(self) -> bool:
        """Whether records may have been missed because the list moved while it was read."""
        overlapped = self.paging.style == styles.OFFSET and self.largest > 1 and self.pages <= MOST_PAGES * 0.99
        return self.pages > 1 and not (overlapped and self.total_fits)

    @property
    def total_fits(self) -> bool:
        """Whether the number of records agrees with the last total, or that total was itself on the move."""
        if not self.totals:
            return True
        return len(self.seen) == self.totals[-1] or (
            min(self.totals) != max(self.totals) and len(self.seen) > self.totals[-1]
        )


def read(fetch: Fetch[R], paging: Paging) -> Listing[R]:
    """Read the whole list.

    :param fetch: returns the page for a query; its errors pass through.
    """
    if paging.style == styles.UNKNOWN:
        return _read_undocumented(fetch)
    found: dict[str, R] = {}
    one = _Pass(fetch, paging, paging.size)
    quiet = 0
    for number in range(_MOST_PASSES):
        before = one
        one = _Pass(fetch, paging, _size_of_pass(paging, number, one.pages), base=paging.base).run()
        quiet = 0 if one.seen.keys() - found.keys() else quiet + 1
        found.update(one.seen)
        # A list that moves can hide the same record twice; one that is the same as before has not moved.
        enough = number and quiet >= (1 if one.seen.keys() == before.seen.keys() else 2) and one.total_fits
        if one.problem or one.broken or not one.moved or enough:
            break
    return _judged(one, found)


def _size_of_pass(paging: Paging, number: int, pages: int) -> int:
    """Another page size in each further pass: what fell between two pages once then lies within one."""
    size = paging.size - number * (paging.size // 8)
    fits = pages * paging.size <= MOST_PAGES * size * 0.9
    return size if paging.size >= 16 and fits else paging.size


def _judged(one: _Pass[R], found: Mapping[str, R]) -> Listing[R]:
    problems = [one.problem] if one.problem else []
    steady = bool(one.totals) and min(one.totals) == max(one.totals)
    if not problems and one.totals and (len(found) < one.totals[-1] or (steady and len(one.seen) > one.totals[-1])):
        problems.append(f"the server counts {one.totals[-1]} and listed {len(found)}")
    misread = problems not in ([], [_ENDLESS]) and not one.broken
    if one.broken:
        problems.append(f"{one.broken} records name no id")
    return Listing(list(found.values()), problems, misread)


def _read_undocumented(fetch: Fetch[R]) -> Listing[R]:
    """Read without a document: take what the first answer tells, else try the usual parameters."""
    first = fetch({})
    whole = not first.records or (first.total is not None and first.total <= len(first.records)) or first.more is False
    cached: list[Page[R]] = [first]

    def fetch_once(query: Mapping[str, str]) -> Page[R]:
        return cached.pop() if cached and not query else fetch(query)

    if whole or isinstance(first.next, dict):
        return read(fetch_once, Paging(styles.NONE))
    best = Listing(list(first.records), [REPEATED])
    for guess in styles.UNDOCUMENTED:
        cached[:] = [first]
        try:
            listing = read(fetch_once, guess)
        except HttpError as error:
            if error.status not in _NOT_UNDERSTOOD:
                raise
            continue
        if not listing.misread:
            return listing
        best = max(best, listing, key=lambda found: len(found.records))
    return best

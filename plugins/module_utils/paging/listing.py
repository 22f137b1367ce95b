# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A long list, read page by page until it is whole, while records come and go. Pure but for the ``fetch`` it is given.

Sessions that end shift what follows. *Pages that overlap:* records that live all along keep their order, so a page that
holds a record of an earlier one begins, among them, no later than that one ended. *Passes:* where pages do not overlap,
the list is read again, the third time in pages whose sizes make them overlap, if the server lets one choose. What two
passes have seen existed at the moment of the second one's first answer, as nothing that is gone comes back; if it is as
much as the server counts then, it is all. When a page was fetched does not matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Callable, Generic, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.models.envelope import Page, R
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.pagination import OFFSET, PAGE, Pagination
from ansible_collections.aimms.cloud.plugins.module_utils.paging.pages import MOST_PAGES, Pages, Query, keys_of

_MOST_PASSES = 4
_PASSES_AHEAD = 2
NO_ID = "records name no id"

Fetch = Callable[[Query], Page[R]]
Expect = Callable[[Iterable[Query]], None]
"""Told which queries will probably follow, in their order; what was expected before is forgotten."""


@dataclass
class Listing(Generic[R]):
    """The records found, each once, and what is wrong with the list (nothing: it is complete)."""

    records: list[R] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    keys: Sequence[str] = ()
    """The keys of the records, where they were read from a list."""
    none: bool = False
    """Whether the server itself counts none."""

    @property
    def complete(self) -> bool:
        """Whether nothing spoke against the list being whole."""
        return not self.problems

    @property
    def shows_absence(self) -> bool:
        """Whether what it does not contain does not exist: an empty list may be anybody's."""
        return self.complete and (bool(self.records) or self.none)


class _Pass(Pages[Page[R]]):
    """One way through all pages. ``joined`` are the records up to which nothing can have been skipped."""

    overlapping = True

    def __init__(self, fetch: Fetch[R], pagination: Pagination, size: int = 0) -> None:
        """As for ``Pages``."""
        super().__init__(fetch, pagination, size)
        self._by_offset = pagination.style == OFFSET
        self.seen: dict[str, R] = {}
        self.joined: set[str] = set()
        self.broken = 0
        self.ahead = False

    def run(self, base: Optional[int], expect: Optional[Expect]) -> _Pass[R]:
        """Read until the end or a problem. :param base: the number of the first page, if known."""
        self.base = base
        for page in self.walk():
            total = None if self._own_counts else self.sure_total(page)
            by_position = self._by_offset or (self.pagination.style == PAGE and self.base is not None)
            if expect and total is not None and not self.ahead and by_position:
                self.ahead = True
                expect(self._coming(total))
        return self

    def see(self, page: Page[R]) -> int:
        """Hold its records; returns how many of them were on a page before."""
        keys = keys_of(page)
        known = sum(map(self.joined.__contains__, keys))
        self.seen.update(zip(keys, page.records))
        repeated = bool(keys) and known == len(keys)  # and those without an id with it
        self.broken = max(self.broken, page.broken) if repeated else self.broken + page.broken
        if known or not (self._by_offset and self.position and self.overlap()):
            self.joined.update(keys)
        return known

    def _coming(self, total: int) -> Iterator[Query]:
        """The queries from the next page to the last one, as long as all goes as expected."""
        overlap, position = self.overlap(), self.position
        for _page in range(self.pages, MOST_PAGES):
            begin = position + overlap if self._by_offset else (position - (self.base or 0)) * self.largest
            if begin >= total:
                return
            yield self.pagination.query(self.size, str(position))
            position += self.largest - overlap if self._by_offset else 1

    @property
    def moved(self) -> bool:
        """Whether records may have been missed because the list moved while it was read."""
        overlapped = self._by_offset and self.largest > 1 and self.pages <= MOST_PAGES * 0.99
        return self.pages > 1 and not (overlapped and not self.gaps and self.total_fits)

    @property
    def total_fits(self) -> bool:
        """Whether the number of records agrees with the last total, or that total was itself on the move."""
        moving = len(set(self.totals)) > 1
        return self.total in (None, len(self.seen)) or (moving and len(self.seen) > (self.total or 0))


def read_all(fetch: Fetch[R], pagination: Pagination, expect: Optional[Expect] = None) -> Listing[R]:
    """Read the whole list.

    :param fetch: returns the page for a query; its errors pass through.
    :param expect: told in advance what will probably be fetched. Before, nothing but the first page may be fetched.
    """
    if pagination.any_size:
        from ansible_collections.aimms.cloud.plugins.module_utils.paging import numbered

        overlapping = numbered.Overlapping(fetch, pagination, expect)
        whole, fetch = overlapping.whole(_read), overlapping.again
        if whole:
            return whole
    return _read(fetch, pagination, expect)


def _read(fetch: Fetch[R], pagination: Pagination, expect: Optional[Expect]) -> Listing[R]:
    found: dict[str, R] = {}
    one, base = _Pass(fetch, pagination), None
    quiet, proven, full = 0, False, pagination.size
    for number in range(_MOST_PASSES):
        if expect and number:
            expect(())  # what was fetched during one pass must not be taken for a page of the next
        before, size = one, _size_of_pass(full, number, one)
        if number == _PASSES_AHEAD and pagination.any_size and one.base is not None:
            from ansible_collections.aimms.cloud.plugins.module_utils.paging import numbered

            fetch, pagination = numbered.by_position(fetch, pagination, one.base, full), numbered.BY_POSITION
        one = _Pass(fetch, pagination, size).run(base, expect if number < _PASSES_AHEAD else None)
        quiet = 0 if one.ahead or one.seen.keys() - found.keys() else quiet + 1
        found.update(one.seen)
        full = full if number else min(one.pagination.size, one.largest) or full
        # Two passes prove to have seen all that there was between them, by the server's count at that moment.
        proven = number > 0 and one.totals[:1] == [len(before.seen.keys() & one.seen.keys())]
        # A list that moves can hide the same record twice; one that is the same as before has not moved.
        same = not before.ahead and one.seen.keys() == before.seen.keys()
        enough = proven or (number and not one.ahead and quiet >= (1 if same else 2) and one.total_fits)
        if one.problem or one.broken or not one.moved or enough:
            break
        # What the document says of the first page is forgotten where the count shows that it is wrong.
        base = one.base if one.total_fits else None
        pagination = one.pagination if one.total_fits else replace(one.pagination, base=None)
    return _judged(one, found, proven)


def _size_of_pass(full: int, number: int, before: _Pass[R]) -> int:
    """Another page size than the ``full`` one in each further pass: what fell between two pages lies within one."""
    size = full - number * (full // 8)
    fits = before.pages * full <= MOST_PAGES * size * 0.9
    return size if full >= 16 and fits else full


def _judged(one: _Pass[R], found: Mapping[str, R], proven: bool) -> Listing[R]:
    problems = [one.problem] if one.problem else []
    total = one.total
    steady = total is not None and len(set(one.totals)) == 1
    missing = total is not None and len(found) < total and not proven
    if not problems and (missing or (steady and len(one.seen) > (total or 0))):
        problems.append(f"the server counts {total} and listed {len(found)}")
    if one.broken:
        problems.append(f"{one.broken} {NO_ID}")
    return Listing(list(found.values()), problems, list(found), one.total == 0)

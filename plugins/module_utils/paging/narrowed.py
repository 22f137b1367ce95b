# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of active sessions only, where the server's own counts prove that it left out ended ones and nothing else.

*Proof:* each session that the filter for active states gives is active, and it gives as many as each of its pages
counts; each that the filter for the ended states begins with has ended; and both numbers together are that of the list
without a filter. So there is none in another state, and the server reads the filter as it was meant. What began, ended
or went while the lists were read changes a number: each is asked for before and after. Pure but for the lists.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Callable, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.errors import AimmsError, HttpError
from ansible_collections.aimms.cloud.plugins.module_utils.models.envelope import Page
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.routes import LIST, Routes
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.state_filter import Filters, state_filter

_FEW_PAGES = 10
_SAVING = 2  # times as many pages as with the filter, or more, must a list have


class LongListError(Exception):
    """A list is long enough to be worth a filter."""


class UnprovenError(Exception):
    """The server does not filter as its document says, or nothing shows that it does."""


class _SeenError(Exception):
    """A page was read, and no more is wanted."""

    def __init__(self, page: Page[Any]) -> None:
        super().__init__()
        self.page = page


@dataclass(frozen=True)
class Narrowed:
    """The filters of one list, and how many pages it has without them."""

    filters: Filters
    pages: int


@dataclass
class _Length:
    """How many sessions the server counts in one list, in all and ended, and has on a page.

    ``keys`` and ``totals`` are those of the pages that were read with the filter.
    """

    total: int
    size: int
    ended: int = 0
    keys: set[str] = field(default_factory=set)
    totals: set[Optional[int]] = field(default_factory=set)

    def pages_of(self, count: int) -> int:
        return -(-count // self.size) if self.size else 0

    @property
    def pages(self) -> int:
        return self.pages_of(self.total)


class Narrowing:
    """One reading of the lists of several kinds. ``narrowed``: those that are read with a filter."""

    def __init__(self, lists: Callable[..., Any], routes: Routes, kinds: Sequence[str]) -> None:
        """:param lists: ``SessionManager.list``."""
        found = {kind: state_filter(routes.route(LIST, kind).filters) for kind in kinds}
        # A long list without a filter would be read before it is known whether the next one is worth one.
        self._filters = {kind: one for kind, one in found.items() if one} if all(found.values()) else {}
        self._list = lists
        self._lengths: dict[str, _Length] = {}
        self.narrowed: dict[str, Narrowed] = {}

    def read(
        self, lists: Callable[..., list[Session]], enough: Callable[[], bool], warnings: list[str]
    ) -> list[Session]:
        """What ``lists`` reads, called with more arguments for ``SessionManager.list``, perhaps without ended sessions.

        :param enough: whether the active sessions suffice after all. :param warnings: about those that were read.
        """
        before = list(warnings)
        try:
            return lists(check=self.stop_if_long) if self._filters else lists()
        except LongListError:
            pass
        try:
            found = lists(check=self.check, narrow=self.narrowed) if self.pays() else None
            if found is not None and self.proven() and enough():
                return found
        except (AimmsError, UnprovenError):
            pass  # the whole list shows whether more is wrong than the filter
        warnings[:] = before
        return lists()

    def stop_if_long(self, kind: str, page: Page[Any]) -> Page[Any]:
        """For whole lists, the page. :raises LongListError: for the first page of a long one."""
        if kind not in self._lengths:
            self._lengths[kind] = _Length(page.total or 0, len(page.records))
            if self._lengths[kind].pages > _FEW_PAGES and not page.partial:
                raise LongListError
        return page

    def pays(self) -> bool:
        """Ask how long the lists are; whether one is to be narrowed. After a list was found to be long.

        :raises UnprovenError: where the counts do not agree. AimmsError: for an answer that is none.
        """
        for kind, found in self._filters.items():
            length = self._lengths.get(kind) or self._length(kind)
            if length is None or length.pages <= _FEW_PAGES:
                continue
            length.ended = self._count_ended(kind)
            left = length.pages_of(length.total - length.ended) + 2 * len(found.ended) + 1
            if left * _SAVING <= length.pages:
                self._lengths[kind] = length
                self.narrowed[kind] = Narrowed(found.active, length.pages)
        return bool(self.narrowed)

    def check(self, kind: str, page: Page[Any]) -> Page[Any]:
        """For narrowed lists, the page. :raises UnprovenError: where one on it is not active."""
        if kind in self.narrowed:
            if not all(session.active for session in page.records):
                raise UnprovenError
            self._lengths[kind].keys.update(page.keys or ())
            self._lengths[kind].totals.add(page.total)
        return page

    def proven(self) -> bool:
        """Whether the lists, read to their ends, have all active sessions. Raises as ``pays``."""
        return all(self._proven(kind, self._lengths[kind]) for kind in self.narrowed)

    def _proven(self, kind: str, read: _Length) -> bool:
        fits = len(read.keys) + read.ended == read.total
        still = read.totals == {len(read.keys)}
        return fits and still and self._count_ended(kind) == read.ended and self._first(kind, ()).total == read.total

    def _length(self, kind: str) -> Optional[_Length]:
        """Of the whole list; None where there is no such list, or none that counts."""
        try:
            first = self._first(kind, ())
        except (HttpError, UnprovenError):
            return None
        return _Length(first.total or 0, len(first.records))

    def _count_ended(self, kind: str) -> int:
        """How many the server counts by the filters for ended states."""
        pages = [self._first(kind, filters) for filters in self._filters[kind].ended]
        if not all(session.ended for page in pages for session in page.records):
            raise UnprovenError
        return sum(page.total or 0 for page in pages)

    def _first(self, kind: str, filters: Filters) -> Page[Any]:
        """The first page of a list with these filters."""

        def first(_kind: str, page: Page[Any]) -> Page[Any]:
            raise _SeenError(page)

        try:
            self._list([kind], filters, raw=False, attempts=1, check=first)
        except _SeenError as seen:
            page = seen.page
            if not page.partial and bool(page.total) == bool(page.records):
                return page
        raise UnprovenError

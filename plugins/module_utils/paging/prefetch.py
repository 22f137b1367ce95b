# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages of a list that are fetched before they are asked for, at most eight at once."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Callable, Generic, Optional, TypeVar

from ansible_collections.aimms.cloud.plugins.module_utils.models.envelope import Page, R
from ansible_collections.aimms.cloud.plugins.module_utils.paging.pages import Query
from ansible_collections.aimms.cloud.plugins.module_utils.workers import WorkerPool

if TYPE_CHECKING:
    from concurrent.futures import Future

A = TypeVar("A")
AT_ONCE = 8
"""How many threads there are, and how many pages are fetched before the one that is waited for."""


class Prefetcher(Generic[A, R]):
    """Takes the place of a ``fetch``: for one list and one reader; the threads may serve several.

    Never more than eight pages are fetched or held that nobody asked for, whatever a server says of its list, and the
    first one of what is read next.
    """

    def __init__(self, fetch: Callable[[Query], A], workers: WorkerPool, page_of: Callable[[A], Page[R]]) -> None:
        """``fetch`` is called in threads, ``page_of`` by the reader: its work would hold up what the threads send."""
        self._fetch, self._page_of = fetch, page_of
        self._workers = workers
        self._coming: Iterator[Query] = iter(())
        self._then: Optional[Callable[[], None]] = None
        self._begun: dict[frozenset[tuple[str, str]], Future[A]] = {}
        self.asked = 0
        """How many pages were asked for, or are to be."""
        self.answered = False
        """Whether a page was given."""

    def then(self, proceed: Callable[[], None]) -> None:
        """Call ``proceed``, once, as soon as all that is expected is being fetched."""
        self._then = proceed

    def begin(self, query: Query) -> None:
        """Fetch this page now: it will be asked for first."""
        self.asked += 1
        self._begun[frozenset(query.items())] = self._workers.submit(self._fetch, query)

    def expect(self, queries: Iterable[Query]) -> None:
        """What will probably be asked for, in this order; what was expected before is forgotten.

        A single page is not worth a thread.
        """
        for future in self._begun.values():
            self.asked -= future.cancel()
        self._begun.clear()
        coming = iter(queries)
        first = list(itertools.islice(coming, 2))
        if len(first) > 1:
            self._coming = itertools.chain(first, coming)
            self._fill()
        else:
            self._coming = iter(())

    def __call__(self, query: Query) -> Page[R]:
        """The page. Errors of pages that nobody asks for are never raised."""
        begun = self._begun.pop(frozenset(query.items()), None)
        if begun:
            self._fill()
        self.asked += not begun
        page = self._page_of(begun.result() if begun else self._fetch(query))
        self.answered = True
        return page

    def _fill(self) -> None:
        for query in itertools.islice(self._coming, AT_ONCE - len(self._begun)):
            self.begin(query)
        if self._then is not None and len(self._begun) < AT_ONCE:
            proceed, self._then = self._then, None
            proceed()

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several at once. Each thread of a crew keeps its own connection, so one crew for a whole run opens the fewest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Callable, TypeVar, Union

Item = TypeVar("Item")
Made = TypeVar("Made")


class Crew:
    """So many threads at most, begun when they are needed, until the end of the context."""

    def __init__(self, concurrency: int) -> None:
        self._pool = ThreadPoolExecutor(max_workers=max(1, concurrency))

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_error: object) -> None:
        self._pool.shutdown()

    def each(self, function: Callable[[Item], Made], items: Iterable[Item]) -> list[Made]:
        """``function`` of each item, several at once, the results in the order of the items."""
        return list(self._pool.map(function, items))


Hands = Union[int, Crew]
"""A crew, or how many threads a new one is to have."""


@contextmanager
def crew_of(hands: Hands) -> Iterator[Crew]:
    """The crew, which lives on, or a new one for the time of the context."""
    if isinstance(hands, Crew):
        yield hands
    else:
        with Crew(hands) as crew:
            yield crew


def each(function: Callable[[Item], Made], items: Iterable[Item], hands: Hands) -> list[Made]:
    """``function`` of each item, by these hands, the results in the order of the items."""
    with crew_of(hands) as crew:
        return crew.each(function, items)

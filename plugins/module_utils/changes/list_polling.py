# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking for the end of many targets in one list, where that takes fewer requests than reading each.

A session that the list does not contain, or shows with another identity, is read individually, and so is one of those
that it shows as they were when it shows no end at all: it may be one from before the change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Generic, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.changes.change import PENDING, Change, Outcome, T, settle

_MOST_DISAPPOINTMENTS = 3


class ListPoller(Generic[T]):
    """The lists that one bulk change asks for. After three that did not help it asks for no more."""

    def __init__(self, change: Change[T]) -> None:
        self._change = change
        self._disappointments = 0
        self._sample: Optional[Outcome[T]] = None

    def poll(self, awaited: Sequence[Outcome[T]]) -> set[int]:
        """Settle those whose end a list shows.

        :return: the ``id()`` of those that need no read of their own now, settled ones and those still as they were.
        """
        if self._outdated() or not self._pays(awaited):
            return set()
        listed = self._listed([outcome.target for outcome in awaited])
        told, alive = set(), []
        for outcome in awaited:
            live = listed.get(outcome.target.identity)
            if live is None:
                continue
            told.add(id(outcome))
            if not settle(self._change, outcome, live):
                outcome.read_at = 0.0  # only a read of its own may end the waiting for it
                alive.append(outcome)
        if not self._pays([outcome for outcome in awaited if id(outcome) in told]):
            self._disappointments += 1
        elif len(alive) == len(told):
            self._sample = alive[0]
            told.discard(id(self._sample))
        return told

    def _outdated(self) -> bool:
        """Whether the last list showed one alive that a read right after it found at its end."""
        sample, self._sample = self._sample, None
        outdated = sample is not None and sample.result != PENDING
        self._disappointments += outdated
        return outdated

    def _pays(self, outcomes: Sequence[Outcome[T]]) -> bool:
        """Whether a list takes fewer requests than these outcomes' own reads would."""
        if self._disappointments >= _MOST_DISAPPOINTMENTS:
            return False
        cost = self._change.list_cost([outcome.target for outcome in outcomes])
        return cost is not None and cost < len(outcomes)

    def _listed(self, targets: Sequence[T]) -> Mapping[tuple[Any, ...], T]:
        """What the list shows, by identity; nothing where it is not whole, or cannot be read: not even by a defect."""
        try:
            return self._change.listed(targets) or {}
        except Exception:
            return {}

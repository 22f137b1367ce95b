# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking for the end of many targets in one list, where that takes fewer requests than reading each.

A session that the list does not contain, or shows as another one, is read individually, and so is one of those that
it shows as they were when it shows no end at all: it may be one from before the change.

A list that shows ends is believed only after the last of these sessions was read and has ended too: it may come from
another node, with a state of its own. After one that is contradicted no further list is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Generic, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.changes.change import Attempt, Change, T, verdict
from ansible_collections.aimms.cloud.plugins.module_utils.models.identity import comparable, difference

_MOST_DISAPPOINTMENTS = 3


class ListPoller(Generic[T]):
    """The lists that one bulk change asks for. After three that did not help it asks for no more."""

    def __init__(self, change: Change[T]) -> None:
        self._change = change
        self._disappointments = 0
        self._sample: Optional[Attempt[T]] = None

    def poll(self, awaited: Sequence[Attempt[T]]) -> set[int]:
        """Settle those whose end a list shows.

        :return: the ``id()`` of those that need no read of their own now, settled ones and those still as they were.
        """
        if self._outdated() or not self._pays(awaited):
            return set()
        listed = self._listed([attempt.target for attempt in awaited])
        if not self._confirmed(awaited, listed):
            return set()
        told, alive = set(), []
        for attempt in awaited:
            if not self._tells(listed, attempt.target):
                continue
            live = listed[attempt.target.reference]
            told.add(id(attempt))
            attempt.outcome = verdict(self._change, attempt.target, live, asked=attempt.asked)
            if attempt.outcome is None:
                alive.append(attempt)
        if not self._pays([attempt for attempt in awaited if id(attempt) in told]):
            self._disappointments += 1
        elif len(alive) == len(told):
            self._sample = alive[0]
            told.discard(id(self._sample))
        return told

    def _confirmed(self, awaited: Sequence[Attempt[T]], listed: Mapping[str, Optional[T]]) -> bool:
        """Whether the last one that the list shows at its end is there by its own read too; or it shows no end."""
        targets = [attempt.target for attempt in awaited if self._tells(listed, attempt.target)]
        ended = [one for one in targets if verdict(self._change, one, listed[one.reference], asked=True)]
        try:
            live = [self._change.read(one, fresh=True) for one in ended[-1:]]
        except Exception:
            self._disappointments += 1
            return False
        confirmed = all(verdict(self._change, ended[-1], one, asked=True) for one in live)
        self._disappointments = self._disappointments if confirmed else _MOST_DISAPPOINTMENTS
        return confirmed

    def _tells(self, listed: Mapping[str, Optional[T]], target: T) -> bool:
        """Whether the list shows this target, or that it is gone."""
        live = listed.get(target.reference)
        return target.reference in listed if live is None else not difference(target, live) and comparable(target, live)

    def _outdated(self) -> bool:
        """Whether the last list showed one alive that a read right after it found at its end."""
        sample, self._sample = self._sample, None
        outdated = sample is not None and sample.outcome is not None
        self._disappointments += outdated
        return outdated

    def _pays(self, attempts: Sequence[Attempt[T]]) -> bool:
        """Whether a list, and a read that confirms it, take fewer requests than these attempts' own reads would."""
        if self._disappointments >= _MOST_DISAPPOINTMENTS:
            return False
        cost = self._change.list_cost([attempt.target for attempt in attempts])
        return cost is not None and cost + 1 < len(attempts)

    def _listed(self, targets: Sequence[T]) -> Mapping[str, Optional[T]]:
        """What the list shows, by reference; nothing where it is not whole, or cannot be read: not even by a defect."""
        try:
            return self._change.listed(targets) or {}
        except Exception:
            return {}

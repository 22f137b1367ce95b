# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``max_active`` while sessions are being ended: the active ones are counted again before each batch of requests."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Callable, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.changes.change import NOT_TRIED
from ansible_collections.aimms.cloud.plugins.module_utils.changes.plan import Planner
from ansible_collections.aimms.cloud.plugins.module_utils.errors import AimmsError
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.selection import (
    MAX_ACTIVE,
    Criteria,
    distinct,
    is_active,
    may_change,
)


def is_changeable(session: Session, criteria: Criteria) -> bool:
    """Whether it is an active one of the kinds."""
    return session.active and may_change(session, criteria)


def active_sessions(planner: Planner, counts: Callable[[Session, Criteria], bool] = is_changeable) -> list[Session]:
    """The sessions of the kinds that count now; those about to end do not.

    :raises RefusedError: for an incomplete list.
    """
    listed = planner.listed(is_active, planner.criteria.kinds, ())
    return [one for one in listed if not one.ending and counts(one, planner.criteria)]


class ActiveLimit:
    """Lets sessions be ended only while too many are active. Safe to use from several threads.

    A session that may be ended counts as ended from then on. Those that end by themselves are seen by the next count.
    Once few enough are active, no further one may be ended, even if others begin.
    """

    def __init__(self, max_active: int, batch: int, active: Callable[[], Iterable[Session]]) -> None:
        """:param batch: the number of sessions that one count is good for. :param active: lists those of now."""
        self._max_active = max_active
        self._batch = batch
        self._list = active
        self._granted: dict[str, list[Session]] = {}
        self._left = 0
        self._refusal: Optional[tuple[str, str]] = None
        self._lock = threading.Lock()

    def refusal(self, session: Session) -> Optional[tuple[str, str]]:
        """Why a session must not be ended: result and message. None: it may be ended."""
        with self._lock:
            if self._is_granted(session):
                return None
            if not self._left and not self._refusal:
                self._count()
            if self._refusal:
                return self._refusal
            self._left -= 1
            self._granted.setdefault(session.id, []).append(session)
            return None

    def _is_granted(self, session: Session) -> bool:
        granted = self._granted.get(session.id, [])
        return len(distinct([*granted, session])) == len(granted)

    def _count(self) -> None:
        try:
            active = distinct(session for session in self._list() if not self._is_granted(session))
        except AimmsError as error:
            self._refusal = NOT_TRIED, f"The active sessions could not be counted again. {error}"
            return
        self._left = max(0, min(self._batch, len(active) - self._max_active))
        if not self._left:
            self._refusal = MAX_ACTIVE, "Few enough sessions are active without ending it."

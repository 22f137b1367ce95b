# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the logs of sessions have been quiet long enough. A log without lines, or not read whole, shows no quiet."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.api.session_manager import SessionManager
from ansible_collections.aimms.cloud.plugins.module_utils.errors import AimmsError
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.selection import Criteria
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Instant, iso
from ansible_collections.aimms.cloud.plugins.module_utils.workers import WorkerPool

if TYPE_CHECKING:
    from ansible_collections.aimms.cloud.plugins.module_utils.logs.newest import NewestLines

_VALID_FOR = 5.0  # seconds
_UNREAD = "Its log could not be read:"
_EMPTY = "Its log has no line, which does not show that it has been quiet."


class QuietCheck:
    """Checks the logs of one server's sessions. A result is used again for five seconds. Safe in several threads."""

    def __init__(self, manager: SessionManager, criteria: Criteria) -> None:
        self._manager = manager
        self._criteria = criteria
        self._reader: Optional[NewestLines] = None
        self._lock = threading.Lock()
        self._results: dict[tuple[str, str], tuple[float, str]] = {}
        self.exact = False  # whether the last line of each log is looked for, not only one that is old enough
        self.last: dict[tuple[str, str], Instant] = {}

    def vetoes(self, sessions: Iterable[Session], workers: WorkerPool) -> dict[tuple[str, str], str]:
        """Kind and id of the sessions whose logs were not quiet long enough, with the reason."""
        checked = [session for session in sessions if self._criteria.required_quiet(session) is not None]
        reasons = workers.map(self.veto, checked)
        return {(session.kind, session.id): reason for session, reason in zip(checked, reasons) if reason}

    def veto(self, session: Session) -> str:
        """Why the session's log was not quiet long enough; empty if it was, or if no criterion is about the log."""
        limit = self._criteria.required_quiet(session)
        if limit is None:
            return ""
        key = (session.kind, session.id)
        at, reason = self._results.get(key, (float("-inf"), ""))
        if time.monotonic() - at > _VALID_FOR:
            reason = self._check(session, limit)
            self._results[key] = (time.monotonic(), reason)
        return reason

    def _check(self, session: Session, limit: int) -> str:
        with self._lock:
            if self._reader is None:  # imported here, as most runs read no log
                from ansible_collections.aimms.cloud.plugins.module_utils.logs.newest import NewestLines

                self._reader = NewestLines(self._manager)
        clock = self._manager.clock()
        try:
            last = self._reader.newest(session.kind, session.id, clock.earliest - limit, self.exact)
        except AimmsError as error:
            return f"{_UNREAD} {error}"
        if last is None:
            return _EMPTY
        self.last[session.kind, session.id] = last
        if self._manager.clock().older(last, limit):  # the read of the log may be the first answer that tells the time
            return ""
        return f"The last line of its log is from {iso(last.seconds)}."


def unread(vetoes: Iterable[str]) -> list[str]:
    """Warnings about logs that show nothing. :param vetoes: the values of ``QuietCheck.vetoes``."""
    reasons = list(vetoes)
    failed = [reason for reason in reasons if reason.startswith(_UNREAD)]
    warnings = (
        [f"The logs of {len(failed)} sessions could not be read, so they are kept. {failed[0]}"] if failed else []
    )
    if _EMPTY in reasons:
        warnings.append(f"The logs of {reasons.count(_EMPTY)} sessions have no line, so they are kept.")
    return warnings

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the logs of sessions have been silent long enough. Silence is a veto: a log that cannot be read gives one."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.api.session_manager import SessionManager
from ansible_collections.aimms.cloud.plugins.module_utils.errors import AimmsError
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.selection import Criteria
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import iso
from ansible_collections.aimms.cloud.plugins.module_utils.workers import WorkerPool

if TYPE_CHECKING:
    from ansible_collections.aimms.cloud.plugins.module_utils.logs.reader import LogReader

_FRESH = 5.0
_UNREAD = "Its log could not be read:"


class QuietCheck:
    """Asks the logs of one server's sessions, and remembers for some seconds what it found."""

    def __init__(self, manager: SessionManager, criteria: Criteria) -> None:
        self._manager = manager
        self._criteria = criteria
        self._reader: Optional[LogReader] = None
        self._lock = threading.Lock()
        self._found: dict[tuple[str, str], tuple[float, str]] = {}

    def vetoes(self, sessions: Iterable[Session], workers: WorkerPool) -> dict[tuple[str, str], str]:
        """Kind and id of those sessions whose logs were not silent long enough, and why; one request each at best."""
        asked = [session for session in sessions if self._criteria.required_quiet(session) is not None]
        found = zip(asked, workers.map(self.veto, asked))
        return {(session.kind, session.id): why for session, why in found if why}

    def veto(self, session: Session) -> str:
        """Why the session's log was not silent long enough; nothing: it was, or it does not matter."""
        limit = self._criteria.required_quiet(session)
        if limit is None:
            return ""
        key = (session.kind, session.id)
        at, why = self._found.get(key, (float("-inf"), ""))
        if time.monotonic() - at > _FRESH:
            why = self._ask(session, limit)
            self._found[key] = (time.monotonic(), why)
        return why

    @property
    def _logs(self) -> LogReader:
        """What reads logs, imported when the first one is asked: most plans ask for none."""
        with self._lock:
            if self._reader is None:
                from ansible_collections.aimms.cloud.plugins.module_utils.logs.reader import LogReader

                self._reader = LogReader(self._manager)
            return self._reader

    def _ask(self, session: Session, limit: int) -> str:
        clock = self._manager.clock()
        try:
            last = self._logs.newest(session.kind, session.id, clock.earliest - limit)
        except AimmsError as error:
            return f"{_UNREAD} {error}"
        if last is None or clock.older(last, limit):
            return ""
        return f"The last line of its log is from {iso(last.seconds)}."


def unread(vetoes: Iterable[str]) -> list[str]:
    """What to say where logs could not be read: how many, and the first reason.

    :param vetoes: the values of ``QuietCheck.vetoes``.
    """
    failed = [why for why in vetoes if why.startswith(_UNREAD)]
    return [f"The logs of {len(failed)} sessions could not be read, so they are kept. {failed[0]}"] if failed else []

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The time of the newest line of a log, by the cheapest request that can be trusted."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Optional

from ansible_collections.aimms.cloud.plugins.module_utils.api.session_manager import SessionManager
from ansible_collections.aimms.cloud.plugins.module_utils.errors import AnswerError
from ansible_collections.aimms.cloud.plugins.module_utils.logs.lines import last_if_in_order
from ansible_collections.aimms.cloud.plugins.module_utils.logs.reader import LAST_FEW, LineFilter, LogReader
from ansible_collections.aimms.cloud.plugins.module_utils.models.log_line import LogLine
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.log_filters import filters_from
from ansible_collections.aimms.cloud.plugins.module_utils.paging.log_pages import LogPage
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Instant


class NewestLines:
    """Finds the newest lines of the logs of one server's sessions. Safe to use from several threads."""

    def __init__(self, manager: SessionManager) -> None:
        self._manager = manager
        self._reader = LogReader(manager)
        self._lock = threading.Lock()
        self._filter_works: dict[str, bool] = {}

    def newest(self, kind: str, session_id: str, since: float, exact: bool = False) -> Optional[Instant]:
        """The time of the newest line, or of an older one if none is newer than ``since`` (seconds since 1970).

        :param exact: whether that older one must be the newest.

        None: the log has no line. One request if the server can filter by time and a line is newer, else two or more.

        :raises AnswerError: when the newest line has no time that can be read, or the log cannot be read whole.
        """
        filters = filters_from(self._manager.routes.log_routes(kind)[0].filters)
        if not filters.begin or self._filter_works.get(kind) is False:
            return self._last_time(kind, session_id)
        lines = self._since(kind, session_id, since)
        recent = _latest([line for line in lines if line.timestamp and line.timestamp.seconds > since])
        if recent is not None:
            return recent
        if lines:
            return self._last_time(kind, session_id)
        with self._lock:
            if kind not in self._filter_works:  # the document alone is no proof: the filter must find a known line
                last = self._last_time(kind, session_id)
                if last is None or last.seconds > since:
                    self._filter_works.update({kind: False} if last else {})
                    return last
                finds_it = bool(self._since(kind, session_id, last.seconds - 1))
                self._filter_works[kind] = finds_it and not last.assumed_utc
                return last
        # Nothing is newer. Whether there is any line is not known yet.
        quick = self._filter_works[kind] and not exact
        any_time = _latest(self._since(kind, session_id, None)) if quick else None
        return any_time if any_time and any_time.seconds <= since else self._last_time(kind, session_id)

    def _since(self, kind: str, session_id: str, since: Optional[float]) -> Sequence[LogLine]:
        """The first lines that the server returns for a ``begin`` of ``since``; None: without one."""
        pages = self._reader.pages(kind, session_id, LineFilter(begin=since), size=LAST_FEW)
        page = next(pages.forward(), LogPage(()))
        if page.partial:
            raise AnswerError(f"The log of {kind} session {session_id} cannot be read whole: {page.partial}.")
        return page.lines

    def _last_time(self, kind: str, session_id: str) -> Optional[Instant]:
        """The time of the newest line; all lines are read where nothing shows that the last ones are the newest."""
        lines = last_if_in_order(self._reader, kind, session_id, LAST_FEW)
        newest: Optional[Instant] = None
        last: Optional[LogLine] = None
        for last in self._reader.all(kind, session_id) if lines is None else lines:
            if last.timestamp and (newest is None or last.timestamp.seconds > newest.seconds):
                newest = last.timestamp
        if last and not last.timestamp:
            raise AnswerError("The newest line of the log has no time that can be read.")
        return newest


def _latest(lines: Sequence[LogLine]) -> Optional[Instant]:
    times = [line.timestamp for line in lines if line.timestamp]
    return max(times, key=lambda instant: instant.seconds) if times else None

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Session-managers that outlive a question, for the lookup: one play asks the same server again and again.

What is kept is the server's document and a connection, by all connection options, the key among them; never an answer.
It lives as long as the process at most, and a forked process begins with nothing: a connection has one user.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from datetime import tzinfo
from typing import Any, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.api.session_manager import SessionManager
from ansible_collections.aimms.cloud.plugins.module_utils.http.connection import Connection

LONGEST = 300.0
"""Seconds after which a server's document is read again: it may have been given another version meanwhile."""

_IDLE = 1.0
_MOST = 32


class _Entry:
    """One session-manager, when it was made, and when it was asked for last."""

    def __init__(self, manager: SessionManager) -> None:
        self.manager = manager
        self.made = self.used = time.monotonic()


class ClientCache:
    """The session-managers of this process. Not for several threads at a time."""

    def __init__(self) -> None:
        self._managers: dict[tuple[Connection, Optional[tzinfo]], _Entry] = {}
        os.register_at_fork(after_in_child=self._managers.clear)

    def connect(self, params: Mapping[str, Any], zone: Optional[tzinfo] = None) -> SessionManager:
        """The session-manager that the connection options name, as ``SessionManager.connect``, or the one kept of it.

        One without a readable document is not kept: the document may only have been out of reach.
        """
        key = (Connection.from_params(params), zone)
        one = self._managers.get(key)
        now = time.monotonic()
        if one is not None and now - one.made < LONGEST:
            if now - one.used > _IDLE:
                one.manager.hang_up()
            one.used = now
            return one.manager
        if one is not None:
            one.manager.hang_up()
        one = _Entry(SessionManager.connect(params, zone))
        if one.manager.routes.documented:
            while len(self._managers) >= _MOST:
                self._managers.pop(next(iter(self._managers))).manager.hang_up()
            self._managers[key] = one
        return one.manager

    def forget(self) -> None:
        """Begin anew, as after an error: what was kept may be the reason."""
        for one in self._managers.values():
            one.manager.hang_up()
        self._managers.clear()

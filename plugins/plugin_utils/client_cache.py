# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cache of clients for the lookup, because one play may query the same server many times.

A cached client has the server's OpenAPI document and an open connection, never results. It is found by all connection
options, including the key. The cache lives as long as the process. A forked process starts with an empty one: two
processes cannot share a connection.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from datetime import tzinfo
from typing import Any, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.api.session_manager import SessionManager
from ansible_collections.aimms.cloud.plugins.module_utils.http.connection import Connection

MAX_AGE_SECONDS = 300.0
"""After this a client is made anew: the server may have been upgraded and have another document."""

_MAX_IDLE_SECONDS = 1.0  # after this a connection is opened anew: the server may have closed it
_MAX_CLIENTS = 32


class _Entry:
    """A client, and the times (monotonic) when it was made and last used."""

    def __init__(self, manager: SessionManager) -> None:
        self.manager = manager
        self.made = self.used = time.monotonic()


class ClientCache:
    """The clients of this process. Not thread-safe."""

    def __init__(self) -> None:
        self._managers: dict[tuple[Connection, Optional[tzinfo]], _Entry] = {}
        os.register_at_fork(after_in_child=self._managers.clear)

    def connect(self, params: Mapping[str, Any], zone: Optional[tzinfo] = None) -> SessionManager:
        """The cached client for these connection options, or a new one from ``SessionManager.connect``.

        A client without a readable document is not cached: the document may only have been unreachable this time.
        """
        key = (Connection.from_params(params), zone)
        one = self._managers.get(key)
        now = time.monotonic()
        if one is not None and now - one.made < MAX_AGE_SECONDS:
            if now - one.used > _MAX_IDLE_SECONDS:
                one.manager.hang_up()
            one.used = now
            return one.manager
        if one is not None:
            one.manager.hang_up()
        one = _Entry(SessionManager.connect(params, zone))
        if one.manager.routes.documented:
            while len(self._managers) >= _MAX_CLIENTS:
                self._managers.pop(next(iter(self._managers))).manager.hang_up()
            self._managers[key] = one
        return one.manager

    def clear(self) -> None:
        """Remove all clients, as after an error: a cached document or connection may be its cause."""
        for one in self._managers.values():
            one.manager.hang_up()
        self._managers.clear()

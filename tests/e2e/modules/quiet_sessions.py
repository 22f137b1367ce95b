# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions of which some have had no log line for six hours."""

from __future__ import annotations

import time
from typing import Any

from deleting_records import DAY, HOUR
from written_logs import lines, numbered

QUIET = ["s1", "s2"]
"""The quiet sessions of ``populate``, without that of maria, which the tests protect. An empty log shows no quiet."""


def populate(server: Any, kind: str = "webui", **options: Any) -> Any:
    """Add sessions that have been quiet for six hours (``QUIET``), and six that must not count as quiet."""
    old = {"kind": kind, "age": 5 * DAY, **options}
    server.add_session(id="s1", **old, logs=lines(numbered(30), time.time() - 4 * DAY))
    server.add_session(id="s2", **old, logs=lines(numbered(130), time.time() - 30 * HOUR))
    server.add_session(id="empty", **old, logs=[])
    server.add_session(
        id="busy", **old, logs=[*lines(numbered(130), time.time() - 4 * DAY), *lines(["now"], time.time())]
    )
    server.add_session(id="hours", **old, logs=lines(numbered(7), time.time() - 3 * HOUR))
    server.add_session(id="future", **old, logs=lines(["from tomorrow"], time.time() + DAY))
    server.add_session(id="young", **{**old, "age": HOUR}, logs=[])
    server.add_session(id="other", **old, owner="maria@ROOT", logs=[])
    return server

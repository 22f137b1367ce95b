# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Session records for tests of deletion, and the task that deletes them."""

from __future__ import annotations

from typing import Any

from plays import ZONE, Task

HOUR, DAY = 3600, 86400
CHECK = {"check_mode": True}


def delete(name: str = "delete", **options: Any) -> Task:
    """A task that deletes records, with the zone as for ``plays.info``."""
    return {"name": name, "aimms.cloud.aimms_session_delete": {**ZONE, **options}}


def populate(server: Any) -> Any:
    """Add five ended sessions and three active ones. One of each is younger than a day."""
    server.add_session(id="e1", age=9 * DAY, state="terminated", owner="jdoe@ROOT", app_name="Crew")
    server.add_session(id="e2", age=8 * DAY, state="terminated", owner="chen@PLANNING", app_name="Network")
    server.add_session(id="e3", age=HOUR, state="terminated", owner="jdoe@ROOT", app_name="Crew")
    server.add_session(id="t1", kind="task", age=7 * DAY, state="completed", owner="chen@PLANNING", app_name="Crew")
    server.add_session(id="t2", kind="task", age=6 * DAY, state="failed", owner="fatima@EMEA", app_name="Crew")
    server.add_session(id="a1", age=9 * DAY, owner="jdoe@ROOT", app_name="Crew")
    server.add_session(id="a2", age=HOUR, owner="jdoe@ROOT", app_name="Crew")
    server.add_session(id="a3", kind="task", age=9 * DAY, owner="chen@PLANNING", app_name="Crew")
    return server


def deleted(server: Any) -> list[str]:
    """The ids in the DELETE requests, in order."""
    return [entry["path"].rpartition("/")[2] for entry in server.changes()]

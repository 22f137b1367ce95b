# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deletes the records of sessions that have ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.aimms.cloud.plugins.module_utils.changes.bulk_change import BulkChange
from ansible_collections.aimms.cloud.plugins.module_utils.changes.plan import Planner, Warn
from ansible_collections.aimms.cloud.plugins.module_utils.changes.session_changes import WOULD_DELETE, Deletion
from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.module_utils.models.states import is_active


def delete(params: Mapping[str, Any], check_mode: bool, warn: Warn) -> dict[str, Any]:
    """The result of ``aimms_session_delete``; raises as ``BulkChange.run``."""
    active = sorted(state.lower() for state in params.get("states") or () if is_active(state))
    if active and not params["force"]:
        raise OptionError(
            f"states: sessions that are {active[0]} have not ended, and only the records of ended ones are deleted.",
            "End them first, or set force: true, which kills what runs.",
        )
    return _BulkDeletion(params, warn).run(check_mode)


class _BulkDeletion(BulkChange):
    verb = "delete"
    done = "deleted"
    would = WOULD_DELETE
    out_of = "ended sessions"
    narrowing = ("older_than", "ended_before", "quiet_for", "apps", "owners", "states")

    def change(self, planner: Planner) -> Deletion:
        return Deletion(planner.manager, planner.fits, force=self.params["force"])

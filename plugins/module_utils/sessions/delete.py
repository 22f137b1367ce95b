# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deletes the records of sessions that have ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.aimms.cloud.plugins.module_utils.changes.bulk_change import (
    BulkChange,
    Outcomes,
    Warn,
    execution_options,
)
from ansible_collections.aimms.cloud.plugins.module_utils.changes.change import SessionChange
from ansible_collections.aimms.cloud.plugins.module_utils.changes.executor import BulkExecutor
from ansible_collections.aimms.cloud.plugins.module_utils.changes.plan import Planner
from ansible_collections.aimms.cloud.plugins.module_utils.changes.session_changes import WOULD_DELETE, Deletion
from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.models.states import ACTIVE_STATES


def delete(params: Mapping[str, Any], check_mode: bool, warn: Warn) -> dict[str, Any]:
    """The result of ``aimms_session_delete``; raises as ``BulkChange.run``."""
    active = sorted({state.lower() for state in params.get("states") or ()} & ACTIVE_STATES)
    if active and not params["force"]:
        raise OptionError(
            f"states: sessions that are {active[0]} have not ended, and only the records of ended ones are deleted.",
            "End them first, or set force: true, which kills what runs.",
        )
    return _CHANGE.run(params, check_mode, warn)


def _make(
    planner: Planner, change: SessionChange, selected: Sequence[Session], params: Mapping[str, Any], _warn: Warn
) -> Outcomes:
    return BulkExecutor(change, execution_options(params), planner.workers).make(selected)


_CHANGE = BulkChange(
    verb="delete",
    done="deleted",
    would=WOULD_DELETE,
    out_of="ended sessions",
    narrowing=("older_than", "ended_before", "quiet_for", "apps", "owners", "states"),
    change=lambda planner, params: Deletion(planner.manager, planner.fits, force=params["force"]),
    make=_make,
)

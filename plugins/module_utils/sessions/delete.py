# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deletes the records of sessions that have ended."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.api.session_manager import SessionManager
from ansible_collections.aimms.cloud.plugins.module_utils.changes.bulk_change import BulkChange
from ansible_collections.aimms.cloud.plugins.module_utils.changes.change import FAILED, NOT_FOUND
from ansible_collections.aimms.cloud.plugins.module_utils.changes.plan import Planner, Warn
from ansible_collections.aimms.cloud.plugins.module_utils.changes.session_changes import (
    NO_FIT,
    Fits,
    Reread,
    SessionChange,
)
from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.models.states import is_active

DELETED, WOULD_DELETE = "deleted", "would_delete"


def delete(params: Mapping[str, Any], check_mode: bool, warn: Warn) -> dict[str, Any]:
    """The result of ``aimms_session_delete``; raises as ``BulkChange.run``."""
    active = sorted(state.lower() for state in params.get("states") or () if is_active(state))
    if active and not params["force"]:
        raise OptionError(
            f"states: sessions that are {active[0]} have not ended, and only the records of ended ones are deleted.",
            "End them first, or set force: true, which kills what runs.",
        )
    return _BulkDeletion(params, warn).run(check_mode)


class Deletion(SessionChange):
    """Deletes the record of a session that has ended; of an active one only with ``force``, which kills its job."""

    done = DELETED
    already_done = NOT_FOUND
    verb = "delete"
    awaits = False

    def __init__(self, manager: SessionManager, fits: Fits, *, force: bool, shown: Collection[str] = ()) -> None:
        """:param shown: see ``SessionChange``.

        :raises RefusedError: on a server where DELETE ends sessions, or may do so.
        """
        super().__init__(manager, fits)
        self._force, self.shown = force, shown
        manager.check_deletion()

    def is_done(self, live: Session) -> bool:
        """Whether the server still returns the record, with the state ``deleted``."""
        return live.state == "deleted"

    def is_eligible(self, session: Session) -> bool:
        """Whether the session has ended, or is active and ``force`` is set."""
        return session.ended or (self._force and session.active)

    def precondition_failure(self, live: Session) -> Optional[tuple[str, str]]:
        """As the base class, with its own message for an active session."""
        if not self.is_eligible(live):
            return FAILED, f"It is still {live.state}: only sessions that have ended are deleted (see force)."
        return None if self.fits(live) else NO_FIT

    def send(self, live: Session, _reread: Reread) -> None:
        """Send once."""
        self._manager.delete(live)


class _BulkDeletion(BulkChange):
    verb = "delete"
    done = "deleted"
    would = WOULD_DELETE
    out_of = "ended sessions"
    narrowing = ("older_than", "ended_before", "quiet_for", "apps", "owners", "states")

    def change(self, planner: Planner) -> Deletion:
        return Deletion(planner.manager, planner.fits, force=self.params["force"], shown=planner.shown)

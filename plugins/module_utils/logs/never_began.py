# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a session without a log never began. Imported only where a log is missing."""

from __future__ import annotations

from ansible_collections.aimms.cloud.plugins.module_utils.models import states
from ansible_collections.aimms.cloud.plugins.module_utils.models.field_names import values_at
from ansible_collections.aimms.cloud.plugins.module_utils.models.quantities import amount
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.models.session_fields import RESOLVER


def never_began(session: Session) -> bool:
    """Whether the record shows it: its start is told to be none, and it has nothing that a run leaves."""
    start = RESOLVER.resolve(session.raw)["started_at"]
    told_as_none = bool(start) and not any(values_at(start, session.raw))
    work = any(amount(*told) for told in session.amounts if told[1] != "queue_seconds")
    return told_as_none and not work and states.may_not_have_run(session.state)

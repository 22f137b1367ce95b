# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a list does not tell of a session, and whether a decision needs it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.selection import Breakers, Criteria


def by_what_is_told(session: Session, criteria: Criteria) -> Criteria:
    """The criteria without those about what the record of a session does not tell."""
    untold: dict[str, Any] = {}
    if in_doubt(session.owner_names):
        untold.update(owners=None, protect_owners=())
    if in_doubt(session.app_names):
        untold.update(apps=None, protect_apps=(), keep_versions=None)
    if session.app_version is None:
        untold.update(app_versions=None, keep_versions=None)
    if session.created_at is None or criteria.began(session) is None:
        untold.update(older_than=None, newer_than=None, quiet_for=None, ended_before=None)
    return replace(criteria, **untold) if untold else criteria


def in_doubt(names: Sequence[Optional[str]]) -> bool:
    """Whether the name of an owner or app, or the environment of an owner, is not told."""
    return any(name is None or name.endswith("@") for name in names)


def suffices(
    session: Session, criteria: Criteria, breakers: Breakers, max_active: Optional[int], *, by_person: bool = False
) -> bool:
    """Whether a record tells what the decision needs, and something to know the session by.

    :param by_person: whether the decision needs the owner of each active session.
    """
    if by_person and in_doubt(session.owner_names):
        return False
    if not session.state or not (session.owner or session.app_name or session.created_at):
        return False
    if breakers.max_per_owner is not None and in_doubt(session.owner_names):
        return False
    known = by_what_is_told(session, criteria)
    return known == criteria and not (max_active is not None and criteria.began(session) is None)

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records of an earlier result, such as a plan, by which sessions are named. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session, checked_id
from ansible_collections.aimms.cloud.plugins.module_utils.models.states import KINDS
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import parse_instant

_IDENTITY = ("id", "kind", "app_name", "owner", "created_at")


def session_of(record: Mapping[str, Any]) -> Session:
    """The session of a record that a module has returned.

    :raises OptionError: when a field of its identity is missing or invalid.
    """
    missing = [name for name in _IDENTITY if name not in record]
    if missing:
        raise OptionError(
            f"sessions: a record has no {missing[0]}.",
            f"Each needs {', '.join(_IDENTITY)}, as aimms_session_info gives.",
        )
    created = None if record["created_at"] is None else parse_instant(record["created_at"])
    if record["kind"] not in KINDS or (created is None and record["created_at"] is not None):
        raise OptionError(f"sessions: the record of {checked_id(record['id'])} has a kind or created_at of no session.")
    return Session(
        id=checked_id(record["id"]),
        kind=record["kind"],
        state=str(record.get("state") or ""),
        app_name=_told(record["app_name"]),
        app_version=_told(record.get("app_version")),
        owner=_told(record["owner"]),
        created_at=created,
    )


def planned_at(records: Sequence[Mapping[str, Any]]) -> Optional[float]:
    """When the first of these records of an earlier result was made, in seconds since 1970; None: they do not tell."""
    made = []
    for record in records:
        created, age = parse_instant(record.get("created_at") or ""), record.get("age_seconds")
        if created is not None and isinstance(age, int) and 0 <= age < 10**11:
            made.append(created.seconds + age)
    return min(made, default=None)


def _told(value: Any) -> Optional[str]:
    """A text of a record: YAML on the way makes a number of a version such as 4.2."""
    return None if value is None else str(value)

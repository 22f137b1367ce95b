# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures of all sessions that are listed, whatever is selected: what waits in the queue, and what was used. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Optional, Union

from ansible_collections.aimms.cloud.plugins.module_utils.models.names import owner_parts
from ansible_collections.aimms.cloud.plugins.module_utils.models.quantities import amount
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Clock

Number = Union[int, float]
Groups = tuple[Optional[str], Optional[str], Optional[str], Optional[str]]
QUEUED = "queued"
BY = ("by_app", "by_owner", "by_environment", "by_month")


class Figures:
    """Looks at each session as it is listed. Safe to use from several threads. One that is seen again counts once."""

    def __init__(self, *, costs: bool) -> None:
        """:param costs: whether ``costs`` are wanted, which takes memory for each session that tells its GbHour."""
        self._costs = costs
        self._queued: dict[tuple[str, str], Session] = {}
        self._used: dict[tuple[str, str], tuple[Number, Groups]] = {}
        self._groups: dict[Groups, Groups] = {}

    def see(self, session: Session) -> Session:
        """The session itself, after a look at it."""
        if session.state == QUEUED:
            self._queued[session.kind, session.id] = session
        if self._costs:
            used = next((amount(*told) for told in session.amounts if told[1] == "gb_hours"), None)
            if used is not None:
                groups = _groups_of(session)
                self._used[session.kind, session.id] = (used, self._groups.setdefault(groups, groups))
        return session

    def queue(self, now: Clock) -> dict[str, Optional[int]]:
        """How many sessions wait in the queue, and how many seconds the longest of them: None if that is not known.

        One that is scheduled for a time that has not come waits on purpose, and does not count.
        """
        due = [one for one in self._queued.values() if not _waits(one, now.earliest)]
        begun = [max(_seconds(one.created_at), _seconds(one.scheduled_for)) for one in due if one.created_at]
        waits = [int(now.earliest - seconds) for seconds in begun if seconds <= now.earliest]
        return {"sessions": len(due), "longest_wait_seconds": max(waits, default=None)}

    def costs(self, listed: int) -> dict[str, Any]:
        """The sums of the GbHour that sessions tell, in all and by group, the largest first.

        ``gb_hours`` is None where no session tells it; ``sessions``: of how many it is the sum. A group named None has
        the sessions that do not tell theirs. :param listed: how many sessions there are in all.
        """
        each = list(self._used.values())
        sums = {name: _by_group((used, groups[place]) for used, groups in each) for place, name in enumerate(BY)}
        return {**_sum([used for used, _groups in each]), "of": listed, **sums}


def _by_group(pairs: Iterable[tuple[Number, Optional[str]]]) -> list[dict[str, Any]]:
    found: dict[Optional[str], list[Number]] = {}
    for used, group in pairs:
        found.setdefault(group, []).append(used)
    rows = [{"name": group, **_sum(used)} for group, used in found.items()]
    return sorted(rows, key=lambda row: (-row["gb_hours"], str(row["name"])))


def _sum(used: list[Number]) -> dict[str, Any]:
    return {"gb_hours": round(sum(used), 6) if used else None, "sessions": len(used)}


def _groups_of(session: Session) -> Groups:
    """App, owner, environment and the month (UTC) in which it was created."""
    month = session.created_at.iso() if session.created_at else None
    environment = owner_parts(session.owner, session.environment)[1]
    return session.app_name, session.owner, environment, month[:7] if month else None


def _waits(session: Session, now: float) -> bool:
    return session.scheduled_for is not None and session.scheduled_for.seconds > now


def _seconds(instant: Any) -> float:
    return float("-inf") if instant is None else float(instant.seconds)

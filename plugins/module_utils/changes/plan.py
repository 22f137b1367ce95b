# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans a change: reads the sessions from the server and selects by criteria, by id, or by the records of a plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.api.session_manager import SessionManager
from ansible_collections.aimms.cloud.plugins.module_utils.changes.change import Outcome, SessionChange
from ansible_collections.aimms.cloud.plugins.module_utils.changes.reads import read_each
from ansible_collections.aimms.cloud.plugins.module_utils.errors import RefusedError
from ansible_collections.aimms.cloud.plugins.module_utils.logs.quiet import QuietCheck
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session, checked_id
from ansible_collections.aimms.cloud.plugins.module_utils.selection import (
    ACTIVE,
    RECENT_LOG,
    Breakers,
    Compactor,
    Criteria,
    decide,
    reason_to_keep,
    tripped,
)
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Clock
from ansible_collections.aimms.cloud.plugins.module_utils.workers import WorkerPool


@dataclass(frozen=True)
class Plan:
    """The selected sessions, outcomes that the reads decided, kept sessions with their reasons.

    ``out_of``: the number of sessions they were selected from. ``vetoes``: as ``QuietCheck.vetoes``.
    """

    selected: tuple[Session, ...] = ()
    settled: tuple[Outcome[Session], ...] = ()
    kept: tuple[tuple[Session, str], ...] = ()
    out_of: Optional[int] = None
    vetoes: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def check(self, breakers: Breakers, what: str) -> Optional[str]:
        """The figures of the breaker that trips, or None. :param what: a name for the ``out_of`` sessions."""
        return tripped(self.selected, self.out_of or 0, breakers, what)


@dataclass(frozen=True)
class Planner:
    """Makes plans for one server. Changes nothing."""

    manager: SessionManager
    criteria: Criteria
    breakers: Breakers
    quiet_check: QuietCheck
    workers: WorkerPool

    def fits(self, session: Session) -> bool:
        """Whether a session, as it is now, is selected and not protected, and its log is quiet long enough."""
        selected = reason_to_keep(session, self.criteria, self.manager.clock()) is None
        return selected and not self.quiet_check.veto(session)

    def by_selection(self, change: SessionChange, max_active: Optional[int] = None) -> Plan:
        """Select from all sessions of the kinds, the oldest first. :raises RefusedError: for an incomplete list."""
        kinds = self.manager.routes.checked_kinds(self.criteria.kinds)
        filters = self.criteria.server_filters
        everything = not filters or self.breakers.max_percent is not None or max_active is not None
        sessions = self._listed(change, kinds if self.criteria.kinds else None, () if everything else filters)
        criteria = self.criteria
        if filters and everything:
            narrowed = {session.id for session in self._listed(change, self.criteria.kinds, filters)}
            ids = narrowed if criteria.session_ids is None else narrowed & set(criteria.session_ids)
            criteria = replace(criteria, session_ids=tuple(ids))
        plan = self._decided(change, sessions, criteria, max_active)

        def only_active(session: Session) -> bool:
            return session.active and not change.is_eligible(session)

        others = decide(sessions, criteria, self.manager.clock(), eligible=only_active).selected
        return replace(
            plan,
            selected=tuple(sorted(plan.selected, key=_oldest_first)),
            kept=(*plan.kept, *((session, ACTIVE) for session in others)),
            out_of=sum(map(change.is_eligible, sessions)),
        )

    def by_id(self, change: SessionChange, kind: str, ids: Sequence[str]) -> Plan:
        """The sessions with these ids, each read once."""
        self.manager.routes.checked_kinds([kind])
        wanted = [Session(checked_id(session_id), kind) for session_id in dict.fromkeys(ids)]
        return self._read(change, wanted, identified=False)

    def by_record(self, change: SessionChange, wanted: Sequence[Session]) -> Plan:
        """The sessions of these records, each read once and compared with its record."""
        return self._read(change, wanted, identified=True)

    def _decided(
        self, change: SessionChange, sessions: Sequence[Session], criteria: Criteria, max_active: Optional[int] = None
    ) -> Plan:
        """Decide by the records, then check the logs of those that would be selected."""
        clock = self.manager.clock()
        candidates = decide(sessions, criteria, clock, eligible=change.is_eligible).selected
        vetoes = self.quiet_check.vetoes(candidates, self.workers)
        decision = decide(sessions, criteria, clock, max_active, vetoes, change.is_eligible)
        return Plan(decision.selected, (), decision.kept, vetoes=vetoes)

    def _listed(
        self, change: SessionChange, kinds: Optional[Sequence[str]], filters: Sequence[tuple[str, str]]
    ) -> list[Session]:
        """The active and the eligible sessions. No other one matters for a decision."""
        compactor = Compactor(lambda session: session.active or change.is_eligible(session))
        listing = self.manager.list(kinds, filters, compactor, raw=False)
        if not listing.complete:
            raise RefusedError(
                f"The list of sessions is incomplete ({'; '.join(listing.problems)}): nothing was changed.",
                "Acting on a part of the sessions could hit the wrong ones.",
            )
        return compactor.needed(listing.records)

    def _read(self, change: SessionChange, wanted: Sequence[Session], *, identified: bool) -> Plan:
        read = read_each(change, wanted, self.workers, identified=identified)
        found = [session for session in read if isinstance(session, Session)]
        settled = [outcome for outcome in read if isinstance(outcome, Outcome)]
        settled += [
            Outcome(one, *(change.precondition_failure(one) or ("", "")))
            for one in found
            if not change.is_eligible(one)
        ]
        plan = self._decided(change, found, self.criteria)
        out_of = None
        if self.breakers.max_percent is not None and wanted:
            kinds = sorted({session.kind for session in wanted})
            out_of = sum(map(change.is_eligible, self._listed(change, kinds, ())))
        return replace(plan, settled=tuple(settled), out_of=out_of)


def report(plan: Plan, outcomes: Sequence[Outcome[Session]], clock: Clock) -> dict[str, Any]:
    """The part of a module's result about single sessions."""
    entries = [
        {**outcome.target.as_dict(clock.earliest), "result": outcome.result, "msg": outcome.msg}
        for outcome in (*plan.settled, *outcomes)
    ]
    kept = [
        {
            **session.as_dict(clock.earliest),
            "reason": reason,
            "msg": plan.vetoes.get((session.kind, session.id), "") if reason == RECENT_LOG else "",
        }
        for session, reason in plan.kept
    ]
    return {"sessions": entries, "kept": kept, "summary": dict(Counter(entry["result"] for entry in entries))}


def _oldest_first(session: Session) -> tuple[float, str]:
    return (session.created_at.seconds if session.created_at else float("inf"), session.id)

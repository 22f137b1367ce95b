# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans a change: reads the sessions from the server and selects by criteria, by id, or by the records of a plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Callable, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.api.session_manager import SessionManager
from ansible_collections.aimms.cloud.plugins.module_utils.changes.change import NOT_FOUND, NOT_TRIED, Outcome
from ansible_collections.aimms.cloud.plugins.module_utils.changes.reads import read_each
from ansible_collections.aimms.cloud.plugins.module_utils.changes.session_changes import SessionChange
from ansible_collections.aimms.cloud.plugins.module_utils.errors import RefusedError
from ansible_collections.aimms.cloud.plugins.module_utils.logs.quiet import QuietCheck, unread
from ansible_collections.aimms.cloud.plugins.module_utils.models.identity import difference
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import (
    FIELDS,
    Session,
    checked_id,
)
from ansible_collections.aimms.cloud.plugins.module_utils.protections import UnmatchedProtections
from ansible_collections.aimms.cloud.plugins.module_utils.selection import (
    ACTIVE,
    RECENT_LOG,
    Breakers,
    Compactor,
    Criteria,
    count_assumed,
    decide,
    reason_to_keep,
    remarks,
    tripped,
)
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Clock
from ansible_collections.aimms.cloud.plugins.module_utils.workers import WorkerPool

Eligible = Callable[[Session], bool]
Warn = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """The selected sessions, outcomes that the reads decided, kept sessions with their reasons.

    ``out_of``: the number of sessions they were selected from. ``vetoes``: as ``QuietCheck.vetoes``. ``unmatched``:
    the protections that match no session; None: not all sessions of the kinds were listed.
    """

    selected: tuple[Session, ...] = ()
    settled: tuple[Outcome[Session], ...] = ()
    kept: tuple[tuple[Session, str], ...] = ()
    out_of: Optional[int] = None
    vetoes: Mapping[tuple[str, str], str] = field(default_factory=dict)
    unmatched: Optional[Sequence[str]] = None


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

    def by_selection(self, eligible: Eligible, max_active: Optional[int] = None) -> Plan:
        """Select from all sessions of the kinds, the oldest first.

        :param eligible: whether the change can be made to a session in this state.
        :raises RefusedError: for an incomplete list.
        """
        kinds = self.manager.routes.checked_kinds(self.criteria.kinds)
        filters = self.criteria.server_filters
        everything = not filters or self.breakers.max_percent is not None or max_active is not None
        see = UnmatchedProtections(self.criteria)
        sessions = self._listed(eligible, kinds if self.criteria.kinds else None, () if everything else filters, see)
        criteria = self.criteria
        if filters and everything:
            narrowed = {session.id for session in self._listed(eligible, self.criteria.kinds, filters)}
            ids = narrowed if criteria.session_ids is None else narrowed & set(criteria.session_ids)
            criteria = replace(criteria, session_ids=tuple(ids))
        sessions, reasons = self._told(sessions, criteria, max_active)
        for session in sessions if see.names else ():  # some were read, which tells more of them
            see(session)
        plan = self._decided(eligible, sessions, criteria, max_active)

        def only_active(session: Session) -> bool:
            return session.active and not eligible(session)

        others = decide(sessions, criteria, self.manager.clock(), eligible=only_active).selected
        return replace(
            plan,
            selected=tuple(sorted(plan.selected, key=_oldest_first)),
            kept=(
                *((session, reasons.get(session.reference, reason)) for session, reason in plan.kept),
                *((session, ACTIVE) for session in others),
            ),
            out_of=sum(map(eligible, sessions)),
            unmatched=see.names if everything else None,
        )

    def by_id(self, change: SessionChange, kind: str, ids: Sequence[str]) -> Plan:
        """The sessions with these ids, each read once."""
        self.manager.routes.checked_kinds([kind])
        wanted = [Session(checked_id(session_id), kind) for session_id in dict.fromkeys(ids)]
        return self._read(change, wanted, identified=False)

    def by_record(self, change: SessionChange, wanted: Sequence[Session]) -> Plan:
        """The sessions of these records, each read once and compared with its record."""
        return self._read(change, wanted, identified=True)

    def checked(self, plan: Plan, done: str, out_of: str, warn: Warn) -> dict[str, Any]:
        """The part of a module's result about all sessions; warns of what is odd about them.

        :param done: what would be done to them, and ``out_of``: what they are selected from; words for the message.
        :raises RefusedError: with the result, when a limit is exceeded.
        """
        clock = self.manager.clock()
        listed = [*plan.selected, *(session for session, _reason in plan.kept)]
        for text in (*self.manager.warnings, *remarks(listed, self.criteria, clock), *unread(plan.vetoes.values())):
            warn(text)
        result = {
            "changed": False,
            "cutoff": self.criteria.cutoff(clock),
            "complete": True,
            "api_generation": self.manager.generation,
            "naive_timestamps": count_assumed(listed, self.criteria),
        }
        exceeded = tripped(plan.selected, plan.out_of or 0, self.breakers, out_of)
        if exceeded:
            untried = [Outcome(session, NOT_TRIED, "A breaker tripped.") for session in plan.selected]
            raise RefusedError(
                f"Nothing was {done}: {exceeded}",
                "Narrow the selection, or raise the limit if this is meant.",
                result={**result, **report(plan, untried, clock)},
            )
        return result

    def _told(
        self, sessions: Sequence[Session], criteria: Criteria, max_active: Optional[int]
    ) -> tuple[list[Session], dict[str, str]]:
        """The sessions; those of which the list does not tell what the decision needs as they are read by themselves.

        One that is gone is left out; one that cannot be read is as the list shows it.

        :return: also, by reference, why one is kept whatever the list leaves untold of it: it is not read.
        """
        clock = self.manager.clock()
        kept: dict[str, str] = {}
        doubtful = []
        for session in sessions:
            known = _by_what_is_told(session, criteria)
            if _suffices(session, criteria, known, self.breakers, max_active):
                continue
            reason = reason_to_keep(session, known, clock) if session.state else None
            if reason is None:
                doubtful.append(session)
            else:
                kept[session.reference] = reason
        read = read_each(SessionChange(self.manager, self.fits), doubtful, self.workers, identified=False)
        told: dict[str, Optional[Session]] = {}
        for listed, item in zip(doubtful, read):
            gone = isinstance(item, Outcome) and item.result == NOT_FOUND
            live = item.target if isinstance(item, Outcome) else item
            told[listed.reference] = None if gone else live if difference(listed, live) else live.completed(listed)
        found = (told.get(session.reference, session) for session in sessions)
        return [session for session in found if session is not None], kept

    def _decided(
        self, eligible: Eligible, sessions: Sequence[Session], criteria: Criteria, max_active: Optional[int] = None
    ) -> Plan:
        """Decide by the records, then check the logs of those that would be selected."""
        clock = self.manager.clock()
        candidates = decide(sessions, criteria, clock, eligible=eligible).selected
        vetoes = self.quiet_check.vetoes(candidates, self.workers)
        decision = decide(sessions, criteria, clock, max_active, vetoes, eligible)
        return Plan(decision.selected, (), decision.kept, vetoes=vetoes)

    def _listed(
        self,
        eligible: Eligible,
        kinds: Optional[Sequence[str]],
        filters: Sequence[tuple[str, str]],
        see: Callable[[Session], Session] = lambda session: session,
    ) -> list[Session]:
        """The active and the eligible sessions, and those without a state. No other one matters for a decision.

        :param see: called with each session that is listed; returns it.
        """
        compactor = Compactor(lambda session: session.active or not session.state or eligible(session))
        listing = self.manager.list(kinds, filters, lambda session: compactor(see(session)), raw=False)
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
        plan = self._decided(change.is_eligible, found, self.criteria)
        out_of = None
        if self.breakers.max_percent is not None and wanted:
            kinds = sorted({session.kind for session in wanted})
            out_of = sum(map(change.is_eligible, self._listed(change.is_eligible, kinds, ())))
        return replace(plan, settled=tuple(settled), out_of=out_of)


def report(plan: Plan, outcomes: Sequence[Outcome[Session]], clock: Clock) -> dict[str, Any]:
    """The part of a module's result about single sessions."""
    entries = [
        {**_record(outcome.target, clock), "result": outcome.result, "msg": outcome.msg}
        for outcome in (*plan.settled, *outcomes)
    ]
    kept = [
        {
            **_record(session, clock),
            "reason": reason,
            "msg": plan.vetoes.get((session.kind, session.id), "") if reason == RECENT_LOG else "",
        }
        for session, reason in plan.kept
    ]
    return {
        "sessions": entries,
        "kept": kept,
        "summary": dict(Counter(entry["result"] for entry in entries)),
        "unmatched_protections": plan.unmatched,
    }


def _record(session: Session, clock: Clock) -> dict[str, Any]:
    """The record; a field that cannot be shown is null: what was done must be told whatever a record holds."""
    record: dict[str, Any] = dict.fromkeys(FIELDS)
    for name in FIELDS:
        with suppress(Exception):
            record.update(session.as_dict(clock.earliest, fields=[name]))
    return record


def _by_what_is_told(session: Session, criteria: Criteria) -> Criteria:
    """The criteria without those about what the record of a session does not tell."""
    untold: dict[str, Any] = {}
    if _in_doubt(session.owner_names):
        untold.update(owners=None, protect_owners=())
    if _in_doubt(session.app_names):
        untold.update(apps=None, protect_apps=())
    if session.app_version is None:
        untold.update(app_versions=None)
    if session.created_at is None or criteria.began(session) is None:
        untold.update(older_than=None, newer_than=None, quiet_for=None, ended_before=None)
    return replace(criteria, **untold) if untold else criteria


def _in_doubt(names: Sequence[Optional[str]]) -> bool:
    """Whether the name of an owner or app, or the environment of an owner, is not told."""
    return any(name is None or name.endswith("@") for name in names)


def _suffices(
    session: Session, criteria: Criteria, known: Criteria, breakers: Breakers, max_active: Optional[int]
) -> bool:
    """Whether a record tells what the decision needs, and something to know the session by."""
    if not session.state or not (session.owner or session.app_name or session.created_at):
        return False
    if breakers.max_per_owner is not None and _in_doubt(session.owner_names):
        return False
    return known == criteria and not (max_active is not None and criteria.began(session) is None)


def _oldest_first(session: Session) -> tuple[float, str]:
    return (session.created_at.seconds if session.created_at else float("inf"), session.id)

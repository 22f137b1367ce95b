# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans a change: reads the sessions from the server and selects by criteria. Named sessions: see ``named``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Callable, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.api.session_manager import SessionManager
from ansible_collections.aimms.cloud.plugins.module_utils.changes.change import (
    CHANGED_SINCE,
    NOT_FOUND,
    NOT_TRIED,
    Outcome,
)
from ansible_collections.aimms.cloud.plugins.module_utils.changes.reads import read_each
from ansible_collections.aimms.cloud.plugins.module_utils.changes.session_changes import SessionChange
from ansible_collections.aimms.cloud.plugins.module_utils.errors import RefusedError, shown
from ansible_collections.aimms.cloud.plugins.module_utils.logs.quiet import QuietCheck, unread
from ansible_collections.aimms.cloud.plugins.module_utils.models.identity import difference
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import FIELDS, Session, valid_id
from ansible_collections.aimms.cloud.plugins.module_utils.models.session_fields import id_key
from ansible_collections.aimms.cloud.plugins.module_utils.remarks import count_assumed, remarks, unknowns
from ansible_collections.aimms.cloud.plugins.module_utils.selection import (
    ACTIVE,
    MAX_ACTIVE,
    MAX_SEATS,
    NOT_SELECTED,
    Breakers,
    Criteria,
    app_version_of,
    compactor,
    decide,
    distinct,
    may_change,
    reason_not_to_change,
    tripped,
)
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Clock, iso
from ansible_collections.aimms.cloud.plugins.module_utils.workers import WorkerPool

if TYPE_CHECKING:
    from ansible_collections.aimms.cloud.plugins.module_utils.api.task_activity import TaskActivity

Eligible = Callable[[Session], bool]
Warn = Callable[[str], None]
_UNSENT = "Nothing was sent."


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
class Survey:
    """All sessions that matter to a selection, asked for with ``criteria``; the rest as in ``_told`` and ``Plan``."""

    sessions: Sequence[Session]
    criteria: Criteria
    reasons: Mapping[str, str]
    differing: Mapping[str, str]
    unmatched: Optional[Sequence[str]] = None


@dataclass(frozen=True)
class Planner:
    """Makes plans for one server. Changes nothing.

    ``by_person``: whether the decision needs the owner of each active session. ``survey``: the sessions, where they
    were listed before. ``held``: whether a session, as it is now, must be kept whatever the criteria say.
    """

    manager: SessionManager
    criteria: Criteria
    breakers: Breakers
    quiet_check: QuietCheck
    workers: WorkerPool
    activity: Optional[TaskActivity] = None
    odd: list[str] = field(default_factory=list)  # warnings about sessions that were read
    shown: set[str] = field(default_factory=set)  # references of the sessions that lists showed
    by_person: bool = False
    survey: Optional[Survey] = None
    held: Callable[[Session], bool] = lambda _session: False

    def fits(self, session: Session) -> bool:
        """Whether a session, as it is now, is selected and not protected, and its log is quiet long enough."""
        selected = reason_not_to_change(session, self.criteria, self.manager.clock()) is None
        return selected and not self.held(session) and not self.quiet_check.veto(session)

    def by_selection(self, eligible: Eligible, max_active: Optional[int] = None) -> Plan:
        """Select from all sessions of the kinds, the oldest first.

        :param eligible: whether the change can be made to a session in this state.
        :raises RefusedError: for an incomplete list.
        """
        survey = self.survey or self.surveyed(eligible, max_active)
        sessions, differing = survey.sessions, survey.differing
        criteria = self.criteria if self.survey else survey.criteria
        self.find_outdated(sessions)
        plan = self.decided(eligible, sessions, criteria, max_active)
        clock = self.manager.clock()
        odd = [one for one in plan.selected if one.reference in differing]
        running = [one for one in sessions if one.active and not eligible(one)]
        others = [one for one in running if not reason_not_to_change(one, criteria, clock)]
        return replace(
            plan,
            selected=tuple(sorted((one for one in plan.selected if one.reference not in differing), key=_oldest_first)),
            settled=tuple(Outcome(one, CHANGED_SINCE, differing[one.reference]) for one in odd),
            kept=(
                *((session, survey.reasons.get(session.reference, reason)) for session, reason in plan.kept),
                *((session, ACTIVE) for session in others),
            ),
            out_of=len(distinct(one for one in sessions if eligible(one) and may_change(one, criteria))),
            unmatched=survey.unmatched,
        )

    def surveyed(self, eligible: Eligible, max_active: Optional[int] = None) -> Survey:
        """The sessions that matter, for one or several plans; parameters and errors as ``by_selection``."""
        # Imported here, as named sessions need no such check.
        from ansible_collections.aimms.cloud.plugins.module_utils.protections import Unmatched

        kinds = self.manager.routes.checked_kinds(self.criteria.kinds)
        criteria, filters = self.criteria, self.criteria.server_filters
        everything = not filters or self.breakers.max_percent is not None or max_active is not None
        see = Unmatched(self.criteria)
        sessions = self.listed(eligible, kinds if self.criteria.kinds else None, () if everything else filters, see)
        if filters and everything:
            left = self.listed(eligible, self.criteria.kinds, filters)
            criteria = replace(criteria, narrowed=frozenset((one.kind, id_key(one.id)) for one in left))
        sessions, reasons, differing = self._told(sessions, criteria, max_active)
        for session in sessions if see.protections or see.warnings else ():  # some were read, which tells more of them
            see(session)
        self.odd.extend(see.warnings if everything else ())
        return Survey(sessions, criteria, reasons, differing, see.protections if everything else None)

    def checked(self, plan: Plan, done: str, out_of: str, warn: Warn, exceeded: Optional[str] = None) -> dict[str, Any]:
        """The part of a module's result about all sessions; warns of what is odd about them.

        :param done: what would be done to them, and ``out_of``: what they are selected from; words for the message.
        :param exceeded: a limit that is exceeded, as ``tripped``, if that is known.
        :raises RefusedError: with the result, when a limit is exceeded.
        """
        clock = self.manager.clock()
        listed = [*plan.selected, *(session for session, _reason in plan.kept)]
        warnings = [*self.manager.warnings, *self.odd, *remarks(listed, self.criteria, clock)]
        on_tasks = self.activity.warnings if self.activity else ()
        for text in (*warnings, *unread(plan.vetoes.values()), *_unusable(listed), *on_tasks):
            warn(text)
        result = {
            "changed": False,
            "cutoff": self.criteria.cutoff(clock),
            "server_time": None if clock.server is None else iso(clock.server),
            "complete": True,
            "api_generation": self.manager.generation,
            "naive_timestamps": count_assumed(listed, self.criteria),
        }
        exceeded = exceeded or tripped(plan.selected, plan.out_of or 0, self.breakers, out_of)
        if exceeded:
            untried = [Outcome(session, NOT_TRIED, "A limit is exceeded.") for session in plan.selected]
            raise RefusedError(
                f"Nothing was {done}: {exceeded}",
                "Narrow the selection, or raise the limit if this is meant.",
                result={**result, **report(plan, untried, clock, self.manager.connection.base_url)},
            )
        return result

    def find_outdated(self, sessions: Sequence[Session]) -> None:
        """For ``keep_versions``, find the versions that are older than the newest ones of these sessions."""
        if self.criteria.keep_versions is not None:
            from ansible_collections.aimms.cloud.plugins.module_utils.rules.versions import outdated

            in_use = {app_version_of(session) for session in sessions if session.active}
            every = {app_version_of(session) for session in sessions}
            found, warnings = outdated(in_use, every, self.criteria.keep_versions)
            self.criteria.outdated.update(found)
            self.odd.extend(warnings)

    def _told(
        self, sessions: Sequence[Session], criteria: Criteria, max_active: Optional[int]
    ) -> tuple[list[Session], dict[str, str], dict[str, str]]:
        """The sessions; those of which the list does not tell what the decision needs as they are read by themselves.

        One that is gone is left out; one that cannot be read is as the list shows it.

        :return: also, by reference, why one is kept whatever the list leaves untold of it: it is not read. And how a
            single record shows another one than the list: the names of both protect it, and it is not changed.
        """
        # Imported here, as a few named sessions are read anyway.
        from ansible_collections.aimms.cloud.plugins.module_utils.rules import untold

        clock = self.manager.clock()
        kept: dict[str, str] = {}
        doubtful = []
        for session in sessions:
            if untold.suffices(session, criteria, self.breakers, max_active, by_person=self.by_person):
                continue
            known = untold.by_what_is_told(session, criteria)
            unowned = self.by_person and untold.in_doubt(session.owner_names)
            reason = reason_not_to_change(session, known, clock) if session.state and not unowned else None
            if reason is None:
                doubtful.append(session)
            else:
                kept[session.reference] = reason
        read = read_each(SessionChange(self.manager, self.fits), doubtful, self.workers, identified=False)
        told: dict[str, Optional[Session]] = {}
        differing: dict[str, str] = {}
        for listed, item in zip(doubtful, read):
            gone = isinstance(item, Outcome) and item.result == NOT_FOUND
            live = item.target if isinstance(item, Outcome) else item
            told[listed.reference] = None if gone else live.completed(listed)
            differs = "" if gone else difference(listed, live)
            if differs:
                differing[listed.reference] = f"The list and its own record differ: {differs}. {_UNSENT}"
                owners, apps = listed.owner_names + live.owner_names, listed.app_names + live.app_names
                told[listed.reference] = replace(live, owner_texts=owners, app_texts=apps)
        found = (told.get(session.reference, session) for session in sessions)
        return [session for session in found if session is not None], kept, differing

    def decided(
        self, eligible: Eligible, sessions: Sequence[Session], criteria: Criteria, max_active: Optional[int] = None
    ) -> Plan:
        """Decide by the records, then check the logs of those that would be selected.

        One whose id no request can name is kept, so that it does not stop the others.
        """
        clock = self.manager.clock()
        odd = [session for session in sessions if eligible(session) and not valid_id(session.id)]

        def usable(session: Session) -> bool:
            return eligible(session) and valid_id(session.id)

        chosen = decide(sessions, criteria, clock, eligible=usable).selected
        held = {(session.kind, session.id): "" for session in chosen if self.held(session)}
        candidates = [session for session in chosen if (session.kind, session.id) not in held]
        busy = self.activity.vetoes(candidates) if self.activity else {}
        idle = [session for session in candidates if (session.kind, session.id) not in busy]
        vetoes = {**self.quiet_check.vetoes(idle, self.workers), **{key: veto.text for key, veto in busy.items()}}
        decision = decide(sessions, criteria, clock, max_active, {**vetoes, **held}, usable)
        reasons = {**dict.fromkeys(held, NOT_SELECTED), **{key: veto.reason for key, veto in busy.items()}}
        kept = [(session, reasons.get((session.kind, session.id), reason)) for session, reason in decision.kept]
        kept += [(session, reason_not_to_change(session, criteria, clock) or NOT_SELECTED) for session in odd]
        return Plan(decision.selected, (), tuple(kept), vetoes=vetoes)

    def listed(
        self,
        eligible: Eligible,
        kinds: Optional[Sequence[str]],
        filters: Sequence[tuple[str, str]],
        see: Callable[[Session], Session] = lambda session: session,
        **options: Any,
    ) -> list[Session]:
        """The active and the eligible sessions, and those without a state; no other one matters for a decision.

        With ``by_person`` also those in an unknown state.

        :param see: called with each session that is listed; returns it. :param options: of ``SessionManager.list``.
        :raises RefusedError: for an incomplete list.
        """
        compact = compactor(
            lambda one: one.active or not one.state or eligible(one) or (self.by_person and not one.ended)
        )
        listing = self.manager.list(kinds, filters, lambda session: compact(see(session)), raw=False, **options)
        self.odd[:] = self.odd or unknowns(listing.records)
        if not listing.complete:
            raise RefusedError(
                f"The list of sessions is incomplete ({'; '.join(listing.problems)}): nothing was changed.",
                "Acting on a part of the sessions could hit the wrong ones.",
            )
        sessions = [session for session in listing.records if session.id]
        self.shown.update(session.reference for session in sessions)
        return sessions


def report(plan: Plan, outcomes: Sequence[Outcome[Session]], clock: Clock, url: str = "") -> dict[str, Any]:
    """The part of a module's result about single sessions. :param url: the address of their account."""
    spared = [(one.target, one.result) for one in outcomes if one.result in (MAX_ACTIVE, MAX_SEATS)]
    entries = [
        {**_record(outcome.target, clock), "url": url, "result": outcome.result, "msg": outcome.msg}
        for outcome in (*plan.settled, *outcomes)
        if outcome.result not in (MAX_ACTIVE, MAX_SEATS)
    ]
    kept = [
        {**_record(session, clock), "reason": reason, "msg": _why(plan, session)}
        for session, reason in (*plan.kept, *spared)
    ]
    return {
        "sessions": entries,
        "kept": kept,
        "summary": dict(Counter(entry["result"] for entry in entries)),
        "unmatched_protections": plan.unmatched,
    }


def _why(plan: Plan, session: Session) -> str:
    own = plan.vetoes.get((session.kind, session.id), "")
    return own if valid_id(session.id) else "Its id cannot be used in a request."


def _unusable(sessions: Sequence[Session]) -> list[str]:
    """A warning about the sessions whose id no request can name."""
    odd = [shown(session.id) for session in sessions if not valid_id(session.id)]
    return [f"{len(odd)} sessions are kept, as no request can have an id such as '{odd[0]}'."] if odd else []


def _record(session: Session, clock: Clock) -> dict[str, Any]:
    """The record; a field that cannot be shown is null: what was done must be told whatever a record holds."""
    with suppress(Exception):
        return session.as_dict(clock.earliest)
    record: dict[str, Any] = dict.fromkeys(FIELDS)
    for name in FIELDS:
        with suppress(Exception):
            record.update(session.as_dict(clock.earliest, fields=[name]))
    return record


def _oldest_first(session: Session) -> tuple[float, str]:
    return (session.created_at.seconds if session.created_at else float("inf"), session.id)

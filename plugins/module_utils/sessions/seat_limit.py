# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``max_seats``: ends all sessions of a person or none, person by person, while more people are active than may be."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from math import inf
from typing import Any, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.changes.bulk_change import Outcomes, wait_from
from ansible_collections.aimms.cloud.plugins.module_utils.changes.change import (
    ALREADY_ENDED,
    NOT_FOUND,
    NOT_TRIED,
    UNKNOWN,
    Outcome,
)
from ansible_collections.aimms.cloud.plugins.module_utils.changes.circuit_breaker import CircuitBreaker
from ansible_collections.aimms.cloud.plugins.module_utils.changes.executor import BulkExecutor
from ansible_collections.aimms.cloud.plugins.module_utils.changes.plan import Plan, Planner
from ansible_collections.aimms.cloud.plugins.module_utils.changes.reads import read_each
from ansible_collections.aimms.cloud.plugins.module_utils.changes.session_changes import SessionChange
from ansible_collections.aimms.cloud.plugins.module_utils.errors import AimmsError, OptionError
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.models.states import KINDS
from ansible_collections.aimms.cloud.plugins.module_utils.rules import seats
from ansible_collections.aimms.cloud.plugins.module_utils.rules.untold import in_doubt
from ansible_collections.aimms.cloud.plugins.module_utils.selection import MAX_SEATS, Criteria, may_change
from ansible_collections.aimms.cloud.plugins.module_utils.sessions.active_limit import active_sessions
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import iso

_GONE = (ALREADY_ENDED, NOT_FOUND)


def check_options(params: Mapping[str, Any]) -> None:
    """:raises OptionError: for options that do not go with ``max_seats``."""
    if params.get("max_active") is not None:
        raise OptionError("max_seats and max_active do not go together.", "Count people or sessions, not both.")
    if list(params.get("kinds") or ()) != ["webui"]:
        raise OptionError("max_seats needs kinds: [webui].", "A seat is that of a person with a WebUI session.")


def may_hold_a_seat(session: Session, criteria: Criteria) -> bool:
    """Whether it is active as one of the kinds, or may be, as its state or type is not known."""
    return not session.ended and (may_change(session, criteria) or session.kind not in KINDS)


class SeatLimit:
    """Plans for whole people, and ends their sessions while too many people are active.

    The active people are counted again before each one, by a complete list. Sessions that may be ended count as ended
    from then on. Once few enough are active, no further one may be ended, even if others begin.

    ``leaving``: references of sessions that end for another reason; they count as ended too.
    """

    leaving: Collection[str] = ()

    def __init__(self, params: Mapping[str, Any], planner: Planner, change: SessionChange) -> None:
        self._planner = replace(planner, by_person=True)
        self._change = change
        self._max_seats: int = params["max_seats"]
        self._executor = BulkExecutor(change, wait_from(params), planner.workers)
        self._breaker, self._endless = CircuitBreaker(), CircuitBreaker()
        self._granted: set[str] = set()
        self._owners: dict[str, Session] = {}
        self._why: dict[tuple[str, str], str] = {}
        self._active: Optional[int] = None
        self._people: Sequence[seats.Person] = ()
        self._refusal: Optional[tuple[str, str]] = None

    def plan(self) -> Plan:
        """The plan of a selection, for whole people only, those who were active the longest ago first."""
        self._planner.quiet_check.exact = True  # they are put in order by their last lines
        planner, survey = self._planner, self._planner.survey
        if survey is None:
            survey = planner.surveyed(self._change.is_eligible, 0)
            planner = replace(planner, survey=survey, criteria=survey.criteria)
        plan = planner.by_selection(self._change.is_eligible, 0)
        planner.quiet_check.exact = False
        known = {one.reference: one for one in (*plan.selected, *survey.sessions)}.values()
        active = [one for one in known if may_hold_a_seat(one, planner.criteria)]
        self._owners = {one.reference: one for one in active}
        active = [one for one in active if one.reference not in self.leaving]
        endable = {one.reference for one in plan.selected}
        choice = seats.choose(active, endable, self._max_seats, self._active_at)
        self._active, self._people = choice.active, choice.chosen
        chosen = [one for person in choice.chosen for one in person.sessions]
        ids = {one.reference for one in chosen}
        spared = [one for one in plan.selected if one.reference not in ids]
        self._why = {**plan.vetoes, **seats.reasons(active, endable, spared)}
        kept = (*plan.kept, *((one, MAX_SEATS) for one in spared))
        self._planner.odd.extend(seats.unowned(active))
        return replace(plan, selected=tuple(chosen), kept=kept, vetoes=self._why)

    def follow(self, plan: Plan) -> Plan:
        """The plan of given records, person by person."""
        self._why = dict(plan.vetoes)
        groups = seats.people_of(plan.selected)
        self._people = [seats.Person(key, tuple(own), max(map(self._active_at, own))) for key, own in groups.items()]
        ordered = [one for person in self._people for one in person.sessions]
        nobody = [one for one in plan.selected if not seats.is_owned(one)]
        self._planner.odd.extend(seats.unowned(nobody))
        return replace(plan, selected=(*ordered, *nobody), vetoes=self._why)

    def foretell(self, selected: Sequence[Session], would: str) -> Outcomes:
        """The outcomes in check mode. Records are compared with one count; a selection has been narrowed by it."""
        if self._active is not None:
            return [Outcome(one, would) for one in selected]
        active = self._count()
        return [
            Outcome(one, *(refusal or (would,)))
            for own in self._groups(selected)
            for refusal in [self._refused(own, active)]
            for one in own
        ]

    def make(self, selected: Sequence[Session]) -> Outcomes:
        """End the sessions person by person. One outcome for each session, in the same order."""
        made = [outcome for own in self._groups(selected) for outcome in self._end(own)]
        by_reference = {one.target.reference: one for one in made}
        return [by_reference[one.reference] for one in selected]

    def told(self, result: Mapping[str, Any]) -> dict[str, Any]:
        """``seats`` of a result; None if the people were not counted, as none of the sessions was active."""
        if self._active is None:
            return {"seats": None}
        planned = seats.figures(self._active, self._max_seats, self._people, iso)
        return {"seats": seats.with_results(planned, result["sessions"], result["kept"])}

    def _groups(self, selected: Sequence[Session]) -> Iterable[Sequence[Session]]:
        """The sessions of each person together; those of nobody each for themselves."""
        left = {one.reference: one for one in selected}
        for person in self._people:
            yield [left.pop(one.reference) for one in person.sessions]
        yield from ([one] for one in left.values())

    def _end(self, own: Sequence[Session]) -> Outcomes:
        """End the sessions of one person, unless one of them must not be ended: then none is."""
        if self._breaker.stopped or self._endless.stopped:
            self._refusal = NOT_TRIED, self._breaker.reason
        if self._refusal and self._refusal[0] == NOT_TRIED:
            return [Outcome(one, *self._refusal) for one in own]
        read = read_each(self._change, own, self._planner.workers, identified=True)
        for one in read:
            is_read = isinstance(one, Session) or not (one.unread or one.result == NOT_TRIED)
            self._breaker.note("" if is_read else "unread")
        live = [one for one in read if isinstance(one, Session)]
        refused = self._unfit(read) or (self._counted(live) if live else {})
        if not refused:
            made = iter(self._executor.make(live))
            outcomes = [one if isinstance(one, Outcome) else next(made) for one in read]
            # Each person is waited for: a server that ends nothing is not waited for again and again.
            for one in outcomes:
                self._endless.note(UNKNOWN if one.result == UNKNOWN else "")
            stopped = [one for one in outcomes if one.result == NOT_TRIED]
            self._refusal = (NOT_TRIED, stopped[0].msg) if stopped else self._refusal
            return outcomes
        return [one if isinstance(one, Outcome) else Outcome(one, *refused[one.reference]) for one in read]

    def _unfit(self, read: Sequence[Any]) -> dict[str, tuple[str, str]]:
        """Why each session of a person is left alone, by reference, where one of them must not be ended."""
        bad = [one for one in read if isinstance(one, Outcome) and one.result not in _GONE]
        live = [one for one in read if isinstance(one, Session)]
        failures = {one.reference: failure for one in live if (failure := self._change.precondition_failure(one))}
        if not bad and not failures:
            return {}
        first = bad[0].target.id if bad else next(one.id for one in live if one.reference in failures)
        text = seats.NOT_WHOLE.format(first)
        return {one.reference: failures.get(one.reference) or self._spared(one, text) for one in live}

    def _counted(self, live: Sequence[Session]) -> dict[str, tuple[str, str]]:
        """The same, by a new count of the active people. If nothing speaks against it, they count as ended."""
        try:
            refusal = self._refusal or self._refused(live, self._count())
        except AimmsError as error:
            refusal = self._refusal = NOT_TRIED, f"The active people could not be counted again. {error}"
        return {one.reference: refusal for one in live} if refusal else {}

    def _refused(self, own: Sequence[Session], active: Sequence[Session]) -> Optional[tuple[str, str]]:
        left = [one for one in active if one.id not in self._granted]
        found = seats.refusal(left, own, self._max_seats)
        if found is None:
            self._granted |= {one.id for one in own}
            return None
        for one in own:
            self._spared(one, found[1])
        refusal = MAX_SEATS, found[1]
        self._refusal = refusal if found[0] else self._refusal
        return refusal

    def _spared(self, session: Session, why: str) -> tuple[str, str]:
        self._why[session.kind, session.id] = why
        return MAX_SEATS, why

    def _count(self) -> list[Session]:
        """The sessions that hold a seat now, or may, with their owners: what the list does not tell is read, once."""
        listed = [one for one in active_sessions(self._planner, may_hold_a_seat) if one.reference not in self.leaving]
        doubtful = [one for one in listed if in_doubt(one.owner_names) and one.reference not in self._owners]
        read = read_each(self._change, doubtful, self._planner.workers, identified=False)
        for session, item in zip(doubtful, read):
            live = item.target if isinstance(item, Outcome) else item
            self._owners.update({session.reference: live} if seats.is_owned(live) else {})
        listed = [one.completed(self._owners.get(one.reference, one)) for one in listed]
        if self._active is None:
            self._active = seats.count(listed)
        return listed

    def _active_at(self, session: Session) -> float:
        """The last sign of life: the last line of the log with ``quiet_for``, or else the beginning."""
        last = self._planner.quiet_check.last.get((session.kind, session.id))
        began = last or self._planner.criteria.began(session)
        return began.seconds if began else inf

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``policies``: named rules over one list of sessions. The first rule that matches a session decides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Callable, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.api.session_manager import SessionManager
from ansible_collections.aimms.cloud.plugins.module_utils.changes.bulk_change import (
    BulkChange,
    Outcomes,
    changed,
    raise_failures,
    wait_from,
)
from ansible_collections.aimms.cloud.plugins.module_utils.changes.change import NOT_TRIED, REQUESTED, UNKNOWN, Outcome
from ansible_collections.aimms.cloud.plugins.module_utils.changes.plan import Plan, Planner, Survey, Warn, report
from ansible_collections.aimms.cloud.plugins.module_utils.changes.session_changes import SessionChange
from ansible_collections.aimms.cloud.plugins.module_utils.errors import AimmsError, OptionError, RefusedError, shown
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.options import breakers_from, criteria_from
from ansible_collections.aimms.cloud.plugins.module_utils.rules.policies import (
    POLICY,
    Policy,
    most_telling,
    notes,
    wide,
)
from ansible_collections.aimms.cloud.plugins.module_utils.selection import (
    NOT_SELECTED,
    PROTECTED,
    Breakers,
    distinct,
    is_active,
    may_change,
    protected,
    reason_not_to_change,
    tripped,
)
from ansible_collections.aimms.cloud.plugins.module_utils.sessions.policy_options import policies_from
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Clock
from ansible_collections.aimms.cloud.plugins.module_utils.workers import WorkerPool

Key = tuple[str, str]
_NOBODY = ""  # decides about a protected session
_NOT_NOW = "This policy is not in force now."
_NOT_CERTAIN = "It is not certain whether this policy, which comes first, matches it."
_STOPPED = "Not tried: what came before it was not tried either."


def by_policies(params: Mapping[str, Any], check_mode: bool, warn: Warn, kind: type[BulkChange]) -> dict[str, Any]:
    """The result of the module with ``policies``; raises as ``BulkChange.run``.

    :param kind: the change that the rules make.
    """
    return _Policies(params, warn, kind).run(check_mode)


@dataclass
class _Part:
    """What a rule ends: its plan, and what became of it."""

    policy: Policy
    bulk: BulkChange
    planner: Planner
    change: SessionChange
    plan: Plan = field(default_factory=Plan)
    outcomes: Outcomes = ()

    def spare_seats_of(self, leaving: Iterable[Session]) -> None:
        """Where seats are counted, without these sessions, which rules above end."""
        seats = getattr(self.bulk, "seats", None)
        if seats:
            seats.leaving = {one.reference for one in leaving}


class _Policies:
    """One run. ``_decided``: by kind and id, the name of the rule that decides about a session."""

    def __init__(self, params: Mapping[str, Any], warn: Warn, kind: type[BulkChange]) -> None:
        self._params, self._warn, self._kind = params, warn, kind
        self._policies = policies_from(params, kind.narrowing)
        self._common = criteria_from(_without_rules(params))
        self._decided: dict[Key, str] = {}
        self._kept_by: dict[Key, Optional[str]] = {}
        self._in_doubt: dict[Key, str] = {}
        self._matched: dict[str, int] = {}
        self._parts: list[_Part] = []
        self._sessions: Sequence[Session] = ()

    def run(self, check_mode: bool) -> dict[str, Any]:
        """The result. Limits are checked, each rule's and those over all, before the first change."""
        wait_from(self._params)
        for name, odd in notes(self._policies).items():
            for text in odd:
                self._warn(f"policy '{name}': {text}")
        base = self._kind(self._params, self._warn)
        records, unusable = base.records()
        names = self._names_of_records()
        manager = SessionManager.connect(self._params, self._common.zone)
        with WorkerPool(self._params["concurrency"]) as workers:
            criteria, breakers = wide(self._policies, self._common), breakers_from(self._params)
            planner = replace(base.planner(manager, criteria, breakers, workers), activity=None)
            if self._params.get("sessions") is None:
                plan = self._select(planner)
            else:
                plan = self._follow(planner, records, names)
                self._decided.update({_key(one.target): names[_key(one.target)] for one in unusable})
            plan = replace(plan, settled=(*plan.settled, *unusable))
            base.tell_age(manager.clock())
            clock = manager.clock()
            try:
                result = planner.checked(plan, base.done, base.out_of, self._warn, self._exceeded(base.out_of))
            except RefusedError as error:
                error.result.update(self._told(planner, error.result) if "sessions" in error.result else {})
                raise
            self._make(check_mode)
        outcomes = [outcome for part in self._parts for outcome in part.outcomes]
        result.update(report(plan, outcomes, clock, manager.connection.base_url))
        result.update(self._told(planner, result), changed=any(changed(one, base.would) for one in outcomes))
        raise_failures([*plan.settled, *(() if check_mode else outcomes)], base.done, result)
        return result

    def _names_of_records(self) -> dict[Key, str]:
        """By kind and id, the name of the rule that planned each session of a plan.

        :raises OptionError: for a record without a rule, or with one that is not there or ends nothing.
        """
        ending = {policy.name for policy in self._policies if not policy.keep}
        names = {}
        for record in self._params.get("sessions") or ():
            name = str(record.get("policy") or "")
            if name not in ending:
                told = f"the policy '{shown(name)}', which is not there" if name else "no policy"
                raise OptionError(f"sessions: {shown(str(record.get('id')))} has {told}.", "Plan with these policies.")
            names[str(record.get("kind")), str(record.get("id"))] = name
        return names

    # Who decides

    def _select(self, planner: Planner) -> Plan:
        """Each session to the first rule that matches it; a protected one to none."""
        by_person = any(policy.options.get("max_seats") is not None for policy in self._policies)
        per_owner = any(policy.breakers.max_per_owner is not None for policy in self._policies)
        breakers = planner.breakers._replace(max_per_owner=0) if per_owner else planner.breakers
        survey = replace(planner, by_person=by_person, breakers=breakers).surveyed(is_active)
        self._sessions = [session for session in survey.sessions if session.active]
        guarded = {session.id for session in self._sessions if protected(session, self._common)}
        self._decided.update({_key(one): _NOBODY for one in self._sessions if one.id in guarded})
        for number, policy in enumerate(self._policies):
            if policy.keep:
                self._keep(policy, planner)
            elif policy.in_force(planner.manager.clock()):
                part = self._part(planner, number, survey)
                part.plan = part.bulk.plan(part.planner, part.change, "selection", ())
                self._take(part)
        return self._merged(planner, survey.unmatched)

    def _follow(self, planner: Planner, records: Sequence[Session], names: Mapping[Key, str]) -> Plan:
        """Each session of an earlier plan to the rule that planned it."""
        self._decided.update({_key(one): names[_key(one)] for one in records})
        for number, policy in enumerate(self._policies):
            own = [one for one in records if names[_key(one)] == policy.name]
            if own:
                part = self._part(planner, number)
                part.plan = part.bulk.plan(part.planner, part.change, "record", own)
                self._take(part)
                self._sessions = [*self._sessions, *(session for session, _reason in part.plan.kept)]
        if planner.breakers.max_percent is not None:
            self._sessions = planner.listed(is_active, sorted({one.kind for one in records}), ()) if records else ()
        return self._merged(planner, None)

    def _part(self, planner: Planner, number: int, survey: Optional[Survey] = None) -> _Part:
        policy = self._policies[number]
        bulk = self._kind(policy.options, self._warn)
        own = bulk.planner(planner.manager, policy.criteria, policy.breakers, planner.workers)
        own = replace(own, survey=survey, held=self._held(planner, number))
        part = _Part(policy, bulk, own, bulk.change(own))
        part.spare_seats_of(one for before in self._parts for one in before.plan.selected)
        self._parts.append(part)
        return part

    def _held(self, planner: Planner, number: int) -> Callable[[Session], bool]:
        """Whether another rule, or none, decides about a session; asked in the plan, and again before each change."""
        policy, above = self._policies[number], self._policies[:number]

        def held(session: Session) -> bool:
            clock = planner.manager.clock()
            if self._decided.get(_key(session), policy.name) != policy.name or not policy.in_force(clock):
                return True
            return any(one.keeps(session, clock) or one.in_doubt(session, clock) for one in above)

        return held

    def _keep(self, policy: Policy, planner: Planner) -> None:
        """Give a rule what it keeps. An id that several kinds have may be one session."""
        clock = planner.manager.clock()
        free = [session for session in self._sessions if _key(session) not in self._decided]
        ids = {session.id for session in free if policy.keeps(session, clock)}
        taken = {_key(session): policy.name for session in free if session.id in ids}
        self._decided.update(taken)
        self._matched[policy.name] = len(taken)

    def _take(self, part: _Part) -> None:
        """Give a rule what it ends. What a task protects is of no rule."""
        name = part.policy.name
        own = [*part.plan.selected, *(outcome.target for outcome in part.plan.settled)]
        self._decided.update({_key(session): name for session in own})
        guarded = [session for session, reason in part.plan.kept if reason == PROTECTED]
        self._decided.update({_key(session): _NOBODY for session in guarded})
        self._matched[name] = len(part.plan.selected)

    def _merged(self, planner: Planner, unmatched: Optional[Sequence[str]]) -> Plan:
        """The plans of all rules as one: each session once, kept ones with the reason that tells most."""
        kept: dict[Key, tuple[Session, list[tuple[str, Optional[str]]]]] = {}
        chosen = {_key(one) for part in self._parts for one in part.plan.selected}
        chosen |= {_key(one.target) for part in self._parts for one in part.plan.settled}
        for session, reason, name in self._kept(planner):
            if _key(session) not in chosen:
                kept.setdefault(_key(session), (session, []))[1].append((reason, name))
        told = {key: most_telling(reasons) for key, (_session, reasons) in kept.items()}
        self._kept_by = {key: name for key, (_reason, name) in told.items()}
        vetoes = {
            key: text
            for part in self._parts
            for key, text in part.plan.vetoes.items()
            if self._kept_by.get(key, part.policy.name) in (part.policy.name, None)
        }
        for part in self._parts:
            if not part.policy.in_force(planner.manager.clock()):
                vetoes.update((_key(one), f"{part.policy.name}: {_NOT_NOW}") for one, _reason in part.plan.kept)
            planner.odd.extend([*part.planner.odd, *part.bulk.activity.warnings])
        vetoes.update(self._in_doubt)
        planner.odd[:] = dict.fromkeys(planner.odd)
        return Plan(
            tuple(one for part in self._parts for one in part.plan.selected),
            tuple(one for part in self._parts for one in part.plan.settled),
            tuple((session, told[key][0]) for key, (session, _reasons) in kept.items()),
            self._out_of(),
            vetoes,
            unmatched,
        )

    def _kept(self, planner: Planner) -> Iterator[tuple[Session, str, Optional[str]]]:
        """Kept sessions with a reason and the rule that gives it; perhaps several times."""
        keeping = {policy.name for policy in self._policies if policy.keep}
        for session in self._sessions if self._params.get("sessions") is None else ():
            name = self._decided.get(_key(session))
            if name == _NOBODY:
                yield session, PROTECTED, None
            elif name in keeping:
                yield session, POLICY, name
            else:
                yield session, NOT_SELECTED, None
        clock = planner.manager.clock()
        for part in self._parts:
            above = self._policies[: self._policies.index(part.policy)]
            for session, reason in part.plan.kept:
                keeper = next((one.name for one in above if one.keeps(session, clock)), None)
                if reason == NOT_SELECTED and not keeper:
                    keeper = self._doubter(session, part, above, clock)
                told = (POLICY, keeper) if keeper and reason == NOT_SELECTED else (reason, part.policy.name)
                yield (session, *told)

    def _doubter(self, session: Session, part: _Part, above: Sequence[Policy], clock: Clock) -> Optional[str]:
        """The rule that may end a session which otherwise this one would end."""
        if _key(session) in self._decided or reason_not_to_change(session, part.policy.criteria, clock):
            return None
        name = next((one.name for one in above if one.in_doubt(session, clock)), None)
        if name:
            self._in_doubt[_key(session)] = f"{name}: {_NOT_CERTAIN}"
        return name

    def _out_of(self) -> int:
        """How many active sessions the rules together could end."""
        every = [policy.criteria for policy in self._policies if not policy.keep]
        active = (session for session in self._sessions if session.active)
        return len(distinct(one for one in active if any(may_change(one, criteria) for criteria in every)))

    # What is done

    def _exceeded(self, out_of: str) -> Optional[str]:
        """The first limit of a rule that is exceeded, with its name."""
        for part in self._parts:
            limits: Breakers = part.policy.breakers
            exceeded = tripped(part.plan.selected, part.plan.out_of or 0, limits, out_of)
            if exceeded:
                return f"policy '{part.policy.name}': {exceeded}"
        return None

    def _make(self, check_mode: bool) -> None:
        """End what each rule selects, in the order of the rules, until something is not tried."""
        stopped = False
        for part in self._parts:
            selected = part.plan.selected
            if stopped:
                part.outcomes = [Outcome(session, NOT_TRIED, _STOPPED) for session in selected]
            elif check_mode:
                part.outcomes = part.bulk.foretell(part.change, selected) if selected else ()
            elif selected:
                outcomes = (one for before in self._parts for one in before.outcomes)
                part.spare_seats_of(one.target for one in outcomes if one.changed or one.result == REQUESTED)
                try:
                    part.outcomes = part.bulk.make(part.planner, part.change, selected)
                except Exception as error:  # what was done by other rules must be told
                    text = str(error) if isinstance(error, AimmsError) else f"Unexpected {type(error).__name__}."
                    part.outcomes = [Outcome(session, UNKNOWN, text, True) for session in selected]
            stopped = stopped or any(outcome.result == NOT_TRIED for outcome in part.outcomes)

    def _told(self, planner: Planner, result: Mapping[str, Any]) -> dict[str, Any]:
        """The part of the result about rules. Their names go to the entries in place."""
        for entry in (*result["sessions"], *result["kept"]):
            key = entry["kind"], entry["id"]
            entry["policy"] = self._kept_by[key] if key in self._kept_by else self._decided.get(key) or None
        odd, parts = notes(self._policies), {part.policy.name: part for part in self._parts}
        return {"policies": [self._summary(one, planner, odd[one.name], parts, result) for one in self._policies]} | {
            "cutoff": None
        }

    def _summary(
        self,
        policy: Policy,
        planner: Planner,
        odd: Sequence[str],
        parts: Mapping[str, _Part],
        result: Mapping[str, Any],
    ) -> dict[str, Any]:
        clock, number = planner.manager.clock(), self._matched.get(policy.name, 0)
        in_force = policy.in_force(clock)
        more = [] if in_force else [f"It is not in force now: it is between {policy.options['between']}."]
        if in_force and not number and not odd and self._params.get("sessions") is None:
            others = [one for one in self._sessions if self._would_match(policy, one, planner)]
            text = f"Each of the {len(others)} sessions that it fits is decided by a rule above, or protected."
            more = [text if others else "It matches no session."]
        seats = getattr(parts[policy.name].bulk, "seats", None) if policy.name in parts else None
        return {
            "name": policy.name,
            "action": "keep" if policy.keep else "end",
            "in_force": in_force,
            "matched": number,
            "cutoff": policy.criteria.cutoff(clock),
            "notes": [*odd, *more],
            **({"seats": seats.told(result)["seats"]} if seats else {}),
        }

    def _would_match(self, policy: Policy, session: Session, planner: Planner) -> bool:
        """Whether a rule fits what another one decides, by the record alone."""
        if _key(session) not in self._decided:
            return False
        clock = planner.manager.clock()
        free = replace(policy.criteria, protect_session_ids=(), protect_apps=(), protect_owners=())
        return policy.keeps(session, clock) if policy.keep else reason_not_to_change(session, free, clock) is None


def _key(session: Session) -> Key:
    return session.kind, session.id


def _without_rules(params: Mapping[str, Any]) -> dict[str, Any]:
    return {**params, "policies": None}

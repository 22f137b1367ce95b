# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ends sessions. With ``interrupt_tasks``: interrupt their tasks, wait, and only then end them by force."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ansible_collections.aimms.cloud.plugins.module_utils.changes.bulk_change import (
    BulkChange,
    Outcomes,
    present_state_text,
    wait_from,
)
from ansible_collections.aimms.cloud.plugins.module_utils.changes.change import (
    ALREADY_ENDED,
    CHANGED_SINCE,
    FAILED,
    NOT_FOUND,
    NOT_TRIED,
    UNKNOWN,
    Outcome,
)
from ansible_collections.aimms.cloud.plugins.module_utils.changes.executor import BulkExecutor
from ansible_collections.aimms.cloud.plugins.module_utils.changes.plan import Plan, Planner, Warn
from ansible_collections.aimms.cloud.plugins.module_utils.changes.reads import read_each
from ansible_collections.aimms.cloud.plugins.module_utils.changes.session_changes import (
    TERMINATED,
    WOULD_TERMINATE,
    Interruption,
    SessionChange,
    Termination,
)
from ansible_collections.aimms.cloud.plugins.module_utils.changes.task_changes import INTERRUPTED
from ansible_collections.aimms.cloud.plugins.module_utils.errors import AimmsError, OptionError, RefusedError
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.models.states import KINDS_WITH_TASKS
from ansible_collections.aimms.cloud.plugins.module_utils.rules.spec import POLICIES
from ansible_collections.aimms.cloud.plugins.module_utils.selection import MAX_ACTIVE
from ansible_collections.aimms.cloud.plugins.module_utils.times.duration import parse_duration
from ansible_collections.aimms.cloud.plugins.module_utils.workers import WorkerPool

if TYPE_CHECKING:
    from ansible_collections.aimms.cloud.plugins.module_utils.api.task_activity import TaskActivity
    from ansible_collections.aimms.cloud.plugins.module_utils.sessions.seat_limit import SeatLimit

__all__ = ["POLICIES", "terminate"]
NEVER = "never"
_NO_FORCE_NEEDED = (INTERRUPTED, ALREADY_ENDED, NOT_FOUND, CHANGED_SINCE, MAX_ACTIVE)
_NO_FORCE = "It is not known whether it can be interrupted, so it was not ended by force."
OutcomesByReference = dict[str, Outcome[Session]]


def terminate(params: Mapping[str, Any], check_mode: bool, warn: Warn) -> dict[str, Any]:
    """The result of ``aimms_session_terminate``; raises as ``BulkChange.run``."""
    parse_duration(params["grace_period"], "grace_period")
    if params.get("policies") is not None:
        from ansible_collections.aimms.cloud.plugins.module_utils.sessions.policies import by_policies

        return by_policies(params, check_mode, warn, _BulkTermination)
    if any(record.get("policy") for record in params.get("sessions") or ()):
        raise OptionError("sessions: they were planned with policies, which are not given.", "Give the same policies.")
    bulk = _BulkTermination(params, warn)
    if params.get("max_seats") is None:
        return bulk.run(check_mode)
    from ansible_collections.aimms.cloud.plugins.module_utils.sessions.seat_limit import check_options

    check_options(params)
    try:
        result = bulk.run(check_mode)
    except RefusedError as error:
        error.result.update(bulk.seats.told(error.result) if "sessions" in error.result else {})
        raise
    return {**result, **bulk.seats.told(result)}


class _BulkTermination(BulkChange):
    verb = "end"
    done = "ended"
    would = WOULD_TERMINATE
    out_of = "active sessions"
    narrowing = ("older_than", "quiet_for", "apps", "owners", "states", "keep_versions", "max_active", "max_seats")
    seats: SeatLimit  # set where ``max_seats`` is

    def change(self, planner: Planner) -> Termination:
        """:raises RefusedError: on a server of which nothing shows how it ends a session."""
        planner.manager.check_ending()
        patience = parse_duration(self.params["wait_timeout"], "wait_timeout")
        change = Termination(planner.manager, planner.fits, patience)
        if self.params.get("max_active") is not None:
            from ansible_collections.aimms.cloud.plugins.module_utils.sessions import active_limit

            limit = active_limit.ActiveLimit(
                self.params["max_active"], self.params["concurrency"], lambda: active_limit.active_sessions(planner)
            )
            change.limit = limit.refusal
        elif self._by_person:
            from ansible_collections.aimms.cloud.plugins.module_utils.sessions.seat_limit import SeatLimit

            self.seats = SeatLimit(self.params, planner, change)
        return change

    @property
    def _by_person(self) -> bool:
        return self.params.get("max_seats") is not None

    def plan(self, planner: Planner, change: SessionChange, way: str, records: Sequence[Session]) -> Plan:
        if self._by_person and way == "selection":
            return self.seats.plan()
        plan = super().plan(planner, change, way, records)
        return self.seats.follow(plan) if self._by_person else plan

    def foretell(self, change: SessionChange, selected: Sequence[Session]) -> Outcomes:
        """Without ``interrupt_fallback`` a task session that has no task to interrupt would not be ended."""
        if self._by_person:
            return self.seats.foretell(selected, self.would)
        outcomes: list[Outcome[Session]] = []
        gentle = [session for session in selected if session.kind == "task"]
        never, tasks, problem = self.params["interrupt_tasks"] == NEVER, self.activity.found, self.activity.problem
        forced, unknown = never or self.params["interrupt_fallback"] or not gentle, self.activity.unknown and not never
        for session in selected:
            # A selection has been narrowed by max_active; a plan has not.
            refusal = change.limit(session) if change.limit and self.params.get("sessions") is not None else None
            own = tasks.get(session.id, ())
            if unknown and not refusal and not own and session.kind in KINDS_WITH_TASKS:
                outcomes.append(Outcome(session, FAILED, f"{_NO_FORCE} {problem}"))
                continue
            if refusal or forced or session.kind != "task" or any(task.active for task in own):
                outcomes.append(Outcome(session, *(refusal or (self.would,))))
                continue
            why = "None of its tasks runs." if own else problem
            text = f"It would not be ended by force, as interrupt_fallback is false. {why}"
            outcomes.append(Outcome(session, FAILED, text))
        return outcomes

    def make(self, planner: Planner, change: SessionChange, selected: Sequence[Session]) -> Outcomes:
        """End the sessions. Those whose tasks are interrupted come last: the others must not wait for them."""
        if self._by_person:
            return self.seats.make(selected)
        gentle = [session for session in selected if session.kind in KINDS_WITH_TASKS]
        if self.params["interrupt_tasks"] == NEVER or not gentle:
            return super().make(planner, change, selected)
        others = [session for session in selected if session.kind not in KINDS_WITH_TASKS]
        outcomes = _by_reference(super().make(planner, change, others))
        try:
            outcomes.update(_gently(planner, change, gentle, self.params, self.activity))
        except Exception as error:  # what was done to the others must be told
            text = str(error) if isinstance(error, AimmsError) else f"Unexpected {type(error).__name__}."
            outcomes.update((session.reference, Outcome(session, UNKNOWN, text, True)) for session in gentle)
        return [outcomes[session.reference] for session in selected]


def _gently(
    planner: Planner,
    change: SessionChange,
    sessions: Sequence[Session],
    params: Mapping[str, Any],
    activity: TaskActivity,
) -> OutcomesByReference:
    """Interrupt the tasks of the sessions, wait for the grace period, and end by force the sessions still active."""
    from ansible_collections.aimms.cloud.plugins.module_utils.api.task_api import TaskApi

    api = TaskApi.connect(params)
    mode, fallback, workers = params["interrupt_tasks"], params["interrupt_fallback"], planner.workers
    tasks = activity.found
    interruption = Interruption(planner.manager, planner.fits, api, tasks, mode)
    interruption.limit = change.limit
    executor = BulkExecutor(interruption, parse_duration(params["grace_period"], "grace_period"), workers)
    interrupted = _by_reference(executor.make([session for session in sessions if session.id in tasks]))
    may_force = interruption.may_force | _untried_like(interrupted, interruption.may_force if fallback else set())
    for session in sessions:
        if session.reference not in interrupted:
            may_force |= set() if activity.unknown else {session.reference}
            missing = activity.problem if session.kind == "task" or activity.unknown else ""
            interrupted[session.reference] = Outcome(session, FAILED, missing)
    settled, forced, doubtful = {}, {}, []
    for key, outcome in interrupted.items():
        stopped = outcome.result == NOT_TRIED and key not in may_force
        if outcome.result in _NO_FORCE_NEEDED or stopped or outcome.unread:
            settled[key] = _explained(outcome, mode)
        elif key in may_force and (fallback or outcome.changed or outcome.target.kind != "task"):
            forced[key] = outcome
        else:
            text = f"It was not ended by force, as interrupt_fallback is false. {outcome.msg}"
            doubtful.append(replace(outcome, msg=text if key in may_force else f"{_NO_FORCE} {outcome.msg}"))
    settled.update(_by_reference(_not_forced(change, doubtful, workers, mode)))
    for key, (result, why) in _began_since(activity, forced).items():
        settled[key] = _left_alone(forced.pop(key), result, why, mode)
    by_force = BulkExecutor(change, wait_from(params), workers)
    for key, outcome in _by_reference(by_force.make([outcome.target for outcome in forced.values()])).items():
        settled[key] = _after_interrupt(forced[key], outcome, mode)
    return settled


def _not_forced(
    change: SessionChange, interrupted: Sequence[Outcome[Session]], workers: WorkerPool, mode: str
) -> Iterator[Outcome[Session]]:
    """The outcomes of sessions that force must not end; some may have ended by themselves."""
    read = read_each(change, [outcome.target for outcome in interrupted], workers, identified=True)
    for outcome, live in zip(interrupted, read):
        if isinstance(live, Outcome) and live.result in _NO_FORCE_NEEDED:
            yield _after_interrupt(outcome, live, mode)
        else:
            yield replace(outcome, result=FAILED)


def _untried_like(interrupted: OutcomesByReference, may_force: set[str]) -> set[str]:
    """The sessions that were not tried, if force may end all that failed before them."""
    untried = {key for key, outcome in interrupted.items() if outcome.result == NOT_TRIED}
    bad = {key for key, outcome in interrupted.items() if outcome.result not in _NO_FORCE_NEEDED}
    return untried if bad - untried <= may_force else set()


def _by_reference(outcomes: Iterable[Outcome[Session]]) -> OutcomesByReference:
    return {outcome.target.reference: outcome for outcome in outcomes}


def _began_since(activity: TaskActivity, forced: OutcomesByReference) -> dict[str, tuple[str, str]]:
    """By reference, the result of these sessions and why, which force must not end: another task began in them, or may
    have begun."""
    sessions = [outcome.target for outcome in forced.values() if outcome.target.kind in KINDS_WITH_TASKS]
    result = CHANGED_SINCE
    try:
        began = activity.began_since(sessions)
    except AimmsError as error:
        result, began = FAILED, {one.id: f"Its tasks could not be listed again: {error}" for one in sessions}
    return {session.reference: (result, began[session.id]) for session in sessions if session.id in began}


def _left_alone(interrupted: Outcome[Session], result: str, why: str, mode: str) -> Outcome[Session]:
    """The outcome of a session that is not ended by force, for this reason."""
    text = f"It was not ended by force. {why}"
    if interrupted.changed:
        text = f"Its task was interrupted ({mode}), but it was not ended by force. {why}"
    return replace(interrupted, result=result, msg=text)


def _after_interrupt(interrupted: Outcome[Session], forced: Outcome[Session], mode: str) -> Outcome[Session]:
    """The outcome of a session, from the interruption and the use of force after it."""
    if forced.result in (ALREADY_ENDED, NOT_FOUND) and interrupted.changed:
        return _explained(replace(interrupted, target=forced.target, result=INTERRUPTED), mode)
    if forced.result == TERMINATED and interrupted.msg:
        return replace(forced, msg=f"It was ended by force. {interrupted.msg}")
    if not interrupted.changed or forced.changed:
        return forced
    why = "It is no longer the same or no longer selected." if forced.result == CHANGED_SINCE else forced.msg
    return replace(_left_alone(interrupted, forced.result, why, mode), target=forced.target)


def _explained(outcome: Outcome[Session], mode: str) -> Outcome[Session]:
    """The outcome with a message if the session was interrupted."""
    if outcome.result != INTERRUPTED:
        return outcome
    return replace(outcome, msg=f"Its task was interrupted ({mode}); {present_state_text(outcome)}.")

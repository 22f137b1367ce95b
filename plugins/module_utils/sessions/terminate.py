# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ends sessions. With ``interrupt_tasks``: interrupt their tasks, wait, and only then end them by force."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.aimms.cloud.plugins.module_utils.api.task_api import TaskApi
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
from ansible_collections.aimms.cloud.plugins.module_utils.changes.plan import Planner, Warn
from ansible_collections.aimms.cloud.plugins.module_utils.changes.session_changes import (
    TERMINATED,
    WOULD_TERMINATE,
    Interruption,
    SessionChange,
    Termination,
)
from ansible_collections.aimms.cloud.plugins.module_utils.changes.task_changes import INTERRUPTED
from ansible_collections.aimms.cloud.plugins.module_utils.errors import AimmsError
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.models.states import KINDS_WITH_TASKS
from ansible_collections.aimms.cloud.plugins.module_utils.models.task import Task
from ansible_collections.aimms.cloud.plugins.module_utils.times.duration import parse_duration

NEVER = "never"
_NO_FORCE_NEEDED = (INTERRUPTED, ALREADY_ENDED, NOT_FOUND, CHANGED_SINCE)

OutcomesByReference = dict[str, Outcome[Session]]


def terminate(params: Mapping[str, Any], check_mode: bool, warn: Warn) -> dict[str, Any]:
    """The result of ``aimms_session_terminate``; raises as ``BulkChange.run``."""
    parse_duration(params["grace_period"], "grace_period")
    return _BulkTermination(params, warn).run(check_mode)


class _BulkTermination(BulkChange):
    verb = "end"
    done = "ended"
    would = WOULD_TERMINATE
    out_of = "active sessions"
    narrowing = ("older_than", "quiet_for", "apps", "owners", "states", "max_active")

    def change(self, planner: Planner) -> Termination:
        """:raises RefusedError: on a server of which nothing shows how it ends a session."""
        planner.manager.check_ending()
        patience = parse_duration(self.params["wait_timeout"], "wait_timeout")
        return Termination(planner.manager, planner.fits, patience)

    def foretell(self, selected: Sequence[Session]) -> Outcomes:
        """Without ``interrupt_fallback`` a task session that has no task to interrupt would not be ended."""
        gentle = [session for session in selected if session.kind == "task"]
        if self.params["interrupt_tasks"] == NEVER or self.params["interrupt_fallback"] or not gentle:
            return super().foretell(selected)
        tasks, problem = _tasks_of(TaskApi.connect(self.params), gentle)
        if problem:
            self.warn(f"Tasks cannot be interrupted: {problem}")
        outcomes: list[Outcome[Session]] = []
        for session in selected:
            own = tasks.get(session.id, ())
            if session.kind != "task" or any(task.active for task in own):
                outcomes.append(Outcome(session, self.would))
                continue
            why = "None of its tasks runs." if own else problem or "No task of it was found."
            text = f"It would not be ended by force, as interrupt_fallback is false. {why}"
            outcomes.append(Outcome(session, FAILED, text))
        return outcomes

    def make(self, planner: Planner, change: SessionChange, selected: Sequence[Session]) -> Outcomes:
        """End the sessions. Those whose tasks are interrupted come last: the others must not wait for them."""
        gentle = [session for session in selected if session.kind in KINDS_WITH_TASKS]
        if self.params["interrupt_tasks"] == NEVER or not gentle:
            return super().make(planner, change, selected)
        others = [session for session in selected if session.kind not in KINDS_WITH_TASKS]
        outcomes = _by_reference(super().make(planner, change, others))
        try:
            outcomes.update(_gently(planner, change, gentle, self.params, self.warn))
        except Exception as error:  # what was done to the others must be told
            text = str(error) if isinstance(error, AimmsError) else f"Unexpected {type(error).__name__}."
            outcomes.update((session.reference, Outcome(session, UNKNOWN, text, True)) for session in gentle)
        return [outcomes[session.reference] for session in selected]


def _gently(
    planner: Planner, change: SessionChange, sessions: Sequence[Session], params: Mapping[str, Any], warn: Warn
) -> OutcomesByReference:
    """Interrupt the tasks of the sessions, wait for the grace period, and end by force the sessions still active."""
    api = TaskApi.connect(params)
    mode, fallback, workers = params["interrupt_tasks"], params["interrupt_fallback"], planner.workers
    tasks, problem = _tasks_of(api, sessions)
    if problem:
        warn(f"Tasks cannot be interrupted: {problem}")
    interruption = Interruption(planner.manager, planner.fits, api, tasks, mode)
    executor = BulkExecutor(interruption, parse_duration(params["grace_period"], "grace_period"), workers)
    interrupted = _by_reference(executor.make([session for session in sessions if session.id in tasks]))
    some_unread = any(outcome.unread for outcome in interrupted.values())
    for session in sessions:
        missing = (problem or "No task of it was found.") if session.kind == "task" else ""
        interrupted.setdefault(session.reference, Outcome(session, FAILED, missing))
    settled, forced = {}, {}
    for key, outcome in interrupted.items():
        stopped = outcome.result == NOT_TRIED and (some_unread or not fallback)
        if outcome.result in _NO_FORCE_NEEDED or stopped or outcome.unread:
            settled[key] = _explained(outcome, mode)
        elif fallback or outcome.changed or outcome.target.kind != "task":
            forced[key] = outcome
        else:
            text = f"It was not ended by force, as interrupt_fallback is false. {outcome.msg}"
            settled[key] = replace(outcome, result=FAILED, msg=text)
    by_force = BulkExecutor(change, wait_from(params), workers)
    for key, outcome in _by_reference(by_force.make([outcome.target for outcome in forced.values()])).items():
        settled[key] = _after_interrupt(forced[key], outcome, mode)
    return settled


def _by_reference(outcomes: Iterable[Outcome[Session]]) -> OutcomesByReference:
    return {outcome.target.reference: outcome for outcome in outcomes}


def _tasks_of(api: TaskApi, sessions: Sequence[Session]) -> tuple[dict[str, list[Task]], str]:
    """The tasks by session id, and why tasks may be missing (empty: none is)."""
    apps = sorted({session.app_name for session in sessions if session.app_name})
    problems: list[str] = []
    try:
        return api.of_sessions({session.id for session in sessions}, apps, problems), "".join(problems)
    except AimmsError as error:
        return {}, str(error)


def _after_interrupt(interrupted: Outcome[Session], forced: Outcome[Session], mode: str) -> Outcome[Session]:
    """The outcome of a session, from the interruption and the use of force after it."""
    if forced.result in (ALREADY_ENDED, NOT_FOUND) and interrupted.changed:
        return _explained(replace(interrupted, target=forced.target, result=INTERRUPTED), mode)
    if forced.result == TERMINATED and interrupted.msg:
        return replace(forced, msg=f"It was ended by force. {interrupted.msg}")
    if not interrupted.changed or forced.changed:
        return forced
    why = "It is no longer the same or no longer selected." if forced.result == CHANGED_SINCE else forced.msg
    text = f"Its task was interrupted ({mode}), but it was not ended by force. {why}"
    return replace(forced, msg=text, changed=True)


def _explained(outcome: Outcome[Session], mode: str) -> Outcome[Session]:
    """The outcome with a message if the session was interrupted."""
    if outcome.result != INTERRUPTED:
        return outcome
    return replace(outcome, msg=f"Its task was interrupted ({mode}); {present_state_text(outcome)}.")

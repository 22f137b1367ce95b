# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ending sessions, gently where it can be: interrupt the task, wait, and only then use force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.aimms.cloud.plugins.module_utils.api.task_api import TaskApi
from ansible_collections.aimms.cloud.plugins.module_utils.changes.bulk_change import (
    BulkChange,
    Outcomes,
    Warn,
    execution_options,
    now,
)
from ansible_collections.aimms.cloud.plugins.module_utils.changes.change import (
    ALREADY_ENDED,
    CHANGED_SINCE,
    FAILED,
    NOT_FOUND,
    NOT_TRIED,
    Outcome,
    SessionChange,
)
from ansible_collections.aimms.cloud.plugins.module_utils.changes.executor import BulkExecutor, ExecutionOptions
from ansible_collections.aimms.cloud.plugins.module_utils.changes.plan import Planner
from ansible_collections.aimms.cloud.plugins.module_utils.changes.session_changes import (
    TERMINATED,
    WOULD_TERMINATE,
    Interruption,
    Termination,
)
from ansible_collections.aimms.cloud.plugins.module_utils.changes.task_changes import INTERRUPTED
from ansible_collections.aimms.cloud.plugins.module_utils.errors import AimmsError
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.models.task import Task
from ansible_collections.aimms.cloud.plugins.module_utils.times.duration import parse_duration

NEVER = "never"
_WITH_TASKS = ("task", "solve")
_NO_FORCE_NEEDED = (INTERRUPTED, ALREADY_ENDED, NOT_FOUND, CHANGED_SINCE)


def terminate(params: Mapping[str, Any], check_mode: bool, warn: Warn) -> dict[str, Any]:
    """What ``aimms_session_terminate`` returns; the same errors as ``BulkChange.run``."""
    parse_duration(params["grace_period"], "grace_period")
    return _CHANGE.run(params, check_mode, warn)


def _make(
    planner: Planner, change: SessionChange, selected: Sequence[Session], params: Mapping[str, Any], warn: Warn
) -> Outcomes:
    """End the sessions; with ``interrupt_tasks`` those that have tasks last, so that no other waits for them."""
    options, workers = execution_options(params), planner.workers
    gentle = [session for session in selected if session.kind in _WITH_TASKS]
    if params["interrupt_tasks"] == NEVER or not gentle:
        return BulkExecutor(change, options, workers).make(selected)
    made = {}
    for outcome in BulkExecutor(change, options, workers).make(
        [session for session in selected if session.kind not in _WITH_TASKS]
    ):
        made[outcome.target.kind, outcome.target.id] = outcome
    made.update(_gently(planner, gentle, params, warn))
    return [made[session.kind, session.id] for session in selected]


def _gently(
    planner: Planner, sessions: Sequence[Session], params: Mapping[str, Any], warn: Warn
) -> dict[tuple[str, str], Outcome[Session]]:
    """Interrupt the tasks of the sessions, wait for the grace period, and end by force what lives on."""
    api = TaskApi.connect(params)
    mode, workers = params["interrupt_tasks"], planner.workers
    found, why = _tasks_of(api, sessions)
    if why:
        warn(f"Tasks cannot be interrupted: {why}")
    period = parse_duration(params["grace_period"], "grace_period")
    grace = ExecutionOptions(period, period)
    interruption = Interruption(planner.manager, planner.fits, api, found, mode)
    asked = BulkExecutor(interruption, grace, workers).make([session for session in sessions if session.id in found])
    first = {(outcome.target.kind, outcome.target.id): outcome for outcome in asked}
    for session in sessions:
        missing = (why or "No task of it was found.") if session.kind == "task" else ""
        first.setdefault((session.kind, session.id), Outcome(session, FAILED, missing))
    settled, forced = {}, {}
    unread = any(map(_unread, asked))
    for key, outcome in first.items():
        stopped = outcome.result == NOT_TRIED and (unread or not params["interrupt_fallback"])
        left = stopped or _unread(outcome)
        if outcome.result in _NO_FORCE_NEEDED or left:
            settled[key] = _explained(outcome, mode)
        elif params["interrupt_fallback"] or outcome.accepted or outcome.target.kind != "task":
            forced[key] = outcome
        else:
            text = f"It was not ended by force, as interrupt_fallback is false. {outcome.msg}"
            settled[key] = replace(outcome, result=FAILED, msg=text)
    by_force = BulkExecutor(Termination(planner.manager, planner.fits), execution_options(params), workers)
    for outcome in by_force.make([outcome.target for outcome in forced.values()]):
        key = (outcome.target.kind, outcome.target.id)
        settled[key] = _after_interrupt(forced[key], outcome, mode)
    return settled


def _tasks_of(api: TaskApi, sessions: Sequence[Session]) -> tuple[dict[str, list[Task]], str]:
    """The tasks by session id, and why those of other sessions cannot be known."""
    apps = sorted({session.app_name for session in sessions if session.app_name})
    problems: list[str] = []
    try:
        return api.of_sessions({session.id for session in sessions}, apps, problems), "".join(problems)
    except AimmsError as error:
        return {}, str(error)


def _unread(outcome: Outcome[Session]) -> bool:
    """Whether the session itself could not be read, so that nothing was sent and nothing may be."""
    return outcome.unanswered > 0 and not outcome.asked


def _after_interrupt(interrupted: Outcome[Session], forced: Outcome[Session], mode: str) -> Outcome[Session]:
    """What became of a session that was to be ended by force, given what came of interrupting it."""
    if forced.result in (ALREADY_ENDED, NOT_FOUND) and interrupted.asked:
        return _explained(replace(interrupted, target=forced.target, result=INTERRUPTED), mode)
    if forced.result == TERMINATED and interrupted.msg:
        return replace(forced, msg=f"It was ended by force. {interrupted.msg}")
    if not interrupted.asked or forced.asked:
        return forced
    why = "It is no longer the same or no longer selected." if forced.result == CHANGED_SINCE else forced.msg
    text = f"Its task was interrupted ({mode}), but it was not ended by force. {why}"
    return replace(forced, msg=text, sent=True, accepted=interrupted.accepted)


def _explained(outcome: Outcome[Session], mode: str) -> Outcome[Session]:
    """An interrupted session's outcome, saying so."""
    if outcome.result != INTERRUPTED:
        return outcome
    return replace(outcome, msg=f"Its task was interrupted ({mode}); {now(outcome)}.")


_CHANGE = BulkChange(
    verb="end",
    done="ended",
    would=WOULD_TERMINATE,
    out_of="active sessions",
    narrowing=("older_than", "quiet_for", "apps", "owners", "states", "max_active"),
    change=lambda planner, _params: Termination(planner.manager, planner.fits),
    make=_make,
)

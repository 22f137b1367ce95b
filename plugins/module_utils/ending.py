# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ending sessions from options to result: the ways to name them, the breakers, and what is said in the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Callable

from ansible_collections.aimms.cloud.plugins.module_utils import bulk
from ansible_collections.aimms.cloud.plugins.module_utils.bulk import Ender, Outcome, Pace
from ansible_collections.aimms.cloud.plugins.module_utils.duration import parse_duration
from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError, PartlyFailedError, RefusedError
from ansible_collections.aimms.cloud.plugins.module_utils.options import breakers_from, criteria_from
from ansible_collections.aimms.cloud.plugins.module_utils.plan import Plan, Planner, report, session_of
from ansible_collections.aimms.cloud.plugins.module_utils.selection import count_assumed, remarks
from ansible_collections.aimms.cloud.plugins.module_utils.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.session_manager import SessionManager
from ansible_collections.aimms.cloud.plugins.module_utils.timestamp import Clock

_NARROWING = ("older_than", "apps", "owners", "states", "max_active")


def terminate(params: Mapping[str, Any], check_mode: bool, warn: Callable[[str], None]) -> dict[str, Any]:
    """What ``aimms_session_terminate`` returns.

    :param warn: called with what the user should know.
    :raises AimmsError: for unusable options, a server that cannot be asked, a breaker, or sessions that failed.
    """
    pace, way, criteria = _pace(params), _way(params), criteria_from(params)
    planned = map(session_of, params.get("sessions") or ())
    records = list({(session.kind, session.id): session for session in planned}.values())
    manager = SessionManager.connect(params, criteria.zone)
    planner = Planner(manager, criteria, breakers_from(params), pace.concurrency)
    plan = _plan(planner, way, params, records)
    clock = manager.clock()
    listed = [*plan.selected, *(session for session, _reason in plan.kept)]
    for text in (*manager.warnings, *remarks(listed, criteria, clock)):
        warn(text)
    result: dict[str, Any] = {
        "changed": False,
        "cutoff": criteria.cutoff(clock),
        "complete": True,
        "api_generation": manager.generation,
        "naive_timestamps": count_assumed(listed, criteria),
    }
    _hold(plan, planner, clock, result)
    if check_mode:
        outcomes = [Outcome(session, bulk.WOULD_TERMINATE) for session in plan.selected]
    else:
        outcomes = Ender(manager, planner.fits, pace).end(plan.selected)
    result.update(report(plan, outcomes, clock), changed=any(map(_changed, outcomes)))
    _raise_failures([*plan.settled, *outcomes], result)
    return result


def _hold(plan: Plan, planner: Planner, clock: Clock, result: dict[str, Any]) -> None:
    """:raises RefusedError: when a breaker trips, with its figures and everything that was planned."""
    tripped = plan.check(planner.breakers)
    if tripped:
        untried = [Outcome(session, bulk.NOT_TRIED, "A breaker tripped.") for session in plan.selected]
        raise RefusedError(
            f"Nothing was ended: {tripped}",
            "Narrow the selection, or raise the limit if this is meant.",
            result={**result, **report(plan, untried, clock)},
        )


def _pace(params: Mapping[str, Any]) -> Pace:
    if not 1 <= params["concurrency"] <= 32:
        raise OptionError(f"concurrency: must be from 1 to 32, not {params['concurrency']}.")
    timeout = parse_duration(params["wait_timeout"], "wait_timeout")
    return Pace(params["concurrency"], timeout if params["wait"] else None)


def _way(params: Mapping[str, Any]) -> str:
    """How the sessions are named: ``record``, ``id`` or ``selection``.

    :raises OptionError: for anything that would name all sessions.
    """
    if params.get("sessions") is not None:
        way = "record"
    elif params.get("session_ids") and len(params.get("kinds") or ()) == 1:
        way = "id"
    elif any(params.get(name) is not None for name in _NARROWING):
        return "selection"
    elif params.get("session_ids"):
        raise OptionError("session_ids needs exactly one of kinds, so that no session of another kind is ended.")
    else:
        raise OptionError(
            "Without a criterion this would end every session.",
            f"Give sessions, session_ids with one of kinds, or at least one of {', '.join(_NARROWING)}.",
        )
    if params.get("max_active") is not None:
        raise OptionError("max_active goes with a selection, not with named sessions.")
    if params.get("server_filters"):
        raise OptionError("server_filters go with a selection, not with named sessions.")
    return way


def _plan(planner: Planner, way: str, params: Mapping[str, Any], records: Sequence[Session]) -> Plan:
    if way == "record":
        return planner.by_record(records)
    if way == "id":
        return planner.by_id(params["kinds"][0], params["session_ids"])
    return planner.by_selection(params.get("max_active"))


def _changed(outcome: Outcome) -> bool:
    return outcome.result in (bulk.TERMINATED, bulk.WOULD_TERMINATE, bulk.REQUESTED) or (
        outcome.result == bulk.UNKNOWN and (outcome.sent or outcome.accepted)
    )


def _raise_failures(outcomes: list[Outcome], result: dict[str, Any]) -> None:
    """:raises PartlyFailedError: when a session failed, is unknown or was not tried; with every result."""
    bad = [outcome for outcome in outcomes if outcome.result in bulk.BAD_RESULTS]
    if not bad:
        return
    texts = list(dict.fromkeys(outcome.msg for outcome in bad if outcome.msg))
    shown = " ".join(texts[:3])
    raise PartlyFailedError(f"{len(bad)} of {len(outcomes)} sessions could not be ended. {shown}", result=result)

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps that all bulk changes share: options, plan, breakers, execution, result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Callable, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.api.session_manager import SessionManager
from ansible_collections.aimms.cloud.plugins.module_utils.changes.change import (
    BAD_RESULTS,
    FAILED,
    NOT_TRIED,
    REQUESTED,
    Outcome,
    SessionChange,
)
from ansible_collections.aimms.cloud.plugins.module_utils.changes.executor import ExecutionOptions
from ansible_collections.aimms.cloud.plugins.module_utils.changes.plan import Plan, Planner, report
from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError, PartlyFailedError, RefusedError
from ansible_collections.aimms.cloud.plugins.module_utils.logs.quiet import QuietCheck, unread
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session, session_of
from ansible_collections.aimms.cloud.plugins.module_utils.options import breakers_from, criteria_from
from ansible_collections.aimms.cloud.plugins.module_utils.selection import count_assumed, remarks
from ansible_collections.aimms.cloud.plugins.module_utils.times.duration import parse_duration
from ansible_collections.aimms.cloud.plugins.module_utils.workers import WorkerPool

Warn = Callable[[str], None]
Outcomes = list[Outcome[Session]]


@dataclass(frozen=True)
class BulkChange:
    """One kind of bulk change to sessions.

    ``verb``, ``done`` and ``out_of`` (what sessions are selected from) are words for messages, ``would`` is the result
    in check mode. A selection needs at least one of the options ``narrowing``.
    """

    verb: str
    done: str
    would: str
    out_of: str
    narrowing: tuple[str, ...]
    change: Callable[[Planner, Mapping[str, Any]], SessionChange]
    make: Callable[[Planner, SessionChange, Sequence[Session], Mapping[str, Any], Warn], Outcomes]

    def run(self, params: Mapping[str, Any], check_mode: bool, warn: Warn) -> dict[str, Any]:
        """The result of the module.

        :param warn: called with each warning for the user.
        :raises AimmsError: for unusable options, a list that cannot be read, a breaker, or sessions that failed.
        """
        execution_options(params)  # raises for unusable ones before the first request
        way, criteria = self._way(params), criteria_from(params)
        breakers = breakers_from(params)
        given = map(session_of, params.get("sessions") or ())
        records = list({(session.kind, session.id): session for session in given}.values())
        manager = SessionManager.connect(params, criteria.zone)
        with WorkerPool(params["concurrency"]) as workers:
            planner = Planner(manager, criteria, breakers, QuietCheck(manager, criteria), workers)
            return self._act(planner, way, records, params, check_mode, warn)

    def _act(
        self,
        planner: Planner,
        way: str,
        records: Sequence[Session],
        params: Mapping[str, Any],
        check_mode: bool,
        warn: Warn,
    ) -> dict[str, Any]:
        manager, criteria = planner.manager, planner.criteria
        change = self.change(planner, params)
        plan = _plan(planner, change, way, params, records)
        clock = manager.clock()
        listed = [*plan.selected, *(session for session, _reason in plan.kept)]
        for text in (*manager.warnings, *remarks(listed, criteria, clock), *unread(plan.vetoes.values())):
            warn(text)
        result: dict[str, Any] = {
            "changed": False,
            "cutoff": criteria.cutoff(clock),
            "complete": True,
            "api_generation": manager.generation,
            "naive_timestamps": count_assumed(listed, criteria),
        }
        tripped = plan.check(planner.breakers, self.out_of)
        if tripped:
            untried = [Outcome(session, NOT_TRIED, "A breaker tripped.") for session in plan.selected]
            raise RefusedError(
                f"Nothing was {self.done}: {tripped}",
                "Narrow the selection, or raise the limit if this is meant.",
                result={**result, **report(plan, untried, clock)},
            )
        if check_mode:
            outcomes = [Outcome(session, self.would) for session in plan.selected]
        else:
            outcomes = self.make(planner, change, plan.selected, params, warn)
        result.update(report(plan, outcomes, clock), changed=any(changed(one, self.would) for one in outcomes))
        raise_failures([*plan.settled, *outcomes], self.done, result)
        return result

    def _way(self, params: Mapping[str, Any]) -> str:
        """How the options name sessions: ``record``, ``id`` or ``selection``.

        :raises OptionError: when they would select all sessions, or do not go together.
        """
        if params.get("sessions") is not None:
            way = "record"
        elif params.get("session_ids") and len(params.get("kinds") or ()) == 1:
            way = "id"
        elif any(params.get(name) is not None for name in self.narrowing):
            return "selection"
        elif params.get("session_ids"):
            raise OptionError("session_ids needs exactly one of kinds, so that no session of another kind is changed.")
        else:
            raise OptionError(
                f"Without a criterion this would {self.verb} every session.",
                f"Give sessions, session_ids with one of kinds, or at least one of {', '.join(self.narrowing)}.",
            )
        if params.get("max_active") is not None:
            raise OptionError("max_active goes with a selection, not with named sessions.")
        if params.get("server_filters"):
            raise OptionError("server_filters go with a selection, not with named sessions.")
        return way


def _plan(
    planner: Planner, change: SessionChange, way: str, params: Mapping[str, Any], records: Sequence[Session]
) -> Plan:
    if way == "record":
        return planner.by_record(change, records)
    if way == "id":
        return planner.by_id(change, params["kinds"][0], params["session_ids"])
    return planner.by_selection(change, params.get("max_active"))


def execution_options(params: Mapping[str, Any]) -> ExecutionOptions:
    """How long to wait for the result. :raises OptionError: for an unusable ``concurrency`` or ``wait_timeout``."""
    if not 1 <= params["concurrency"] <= 32:
        raise OptionError(f"concurrency: must be from 1 to 32, not {params['concurrency']}.")
    timeout = parse_duration(params["wait_timeout"], "wait_timeout")
    return ExecutionOptions(timeout if params["wait"] else None)


def present_state_text(outcome: Outcome[Any]) -> str:
    """The present state of an interrupted target. One that was active when last read, the server no longer has."""
    return "the server has it no more" if outcome.target.active else f"it is {outcome.target.state}"


def changed(outcome: Outcome[Any], would: str) -> bool:
    """Whether something was changed, may have been changed, or would be changed in check mode."""
    if outcome.result in (would, REQUESTED) or outcome.accepted:
        return True
    return outcome.sent and outcome.result not in (NOT_TRIED, FAILED)


def raise_failures(outcomes: Sequence[Outcome[Any]], done: str, result: dict[str, Any], what: str = "sessions") -> None:
    """:raises PartlyFailedError: with ``result``, when one failed, is unknown or was not tried."""
    bad: list[Optional[str]] = [outcome.msg for outcome in outcomes if outcome.result in BAD_RESULTS]
    if not bad:
        return
    shown = " ".join(list(dict.fromkeys(filter(None, bad)))[:3])
    raise PartlyFailedError(f"{len(bad)} of {len(outcomes)} {what} could not be {done}. {shown}", result=result)

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps that all bulk changes share: options, plan, breakers, execution, result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.api.session_manager import SessionManager
from ansible_collections.aimms.cloud.plugins.module_utils.changes.change import BAD_RESULTS, REQUESTED, Outcome
from ansible_collections.aimms.cloud.plugins.module_utils.changes.executor import BulkExecutor
from ansible_collections.aimms.cloud.plugins.module_utils.changes.plan import Plan, Planner, Warn, report
from ansible_collections.aimms.cloud.plugins.module_utils.changes.session_changes import SessionChange
from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError, PartlyFailedError
from ansible_collections.aimms.cloud.plugins.module_utils.logs.quiet import QuietCheck
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session, session_of
from ansible_collections.aimms.cloud.plugins.module_utils.options import breakers_from, criteria_from, narrowed_by
from ansible_collections.aimms.cloud.plugins.module_utils.times.duration import parse_duration
from ansible_collections.aimms.cloud.plugins.module_utils.workers import WorkerPool

Outcomes = Sequence[Outcome[Session]]


class BulkChange:
    """One bulk change to sessions; the base of all.

    ``verb``, ``done`` and ``out_of`` (what sessions are selected from) are words for messages, ``would`` is the result
    in check mode. A selection needs at least one of the options ``narrowing``.
    """

    verb: str
    done: str
    would: str
    out_of: str
    narrowing: tuple[str, ...]

    def __init__(self, params: Mapping[str, Any], warn: Warn) -> None:
        """:param warn: called with each warning for the user."""
        self.params = params
        self.warn = warn

    def change(self, planner: Planner) -> SessionChange:
        """The change to each session."""
        raise NotImplementedError  # each kind of change has its own

    def make(self, planner: Planner, change: SessionChange, selected: Sequence[Session]) -> Outcomes:
        """Change the sessions. One outcome for each, in the same order."""
        return BulkExecutor(change, wait_from(self.params), planner.workers).make(selected)

    def foretell(self, selected: Sequence[Session]) -> Outcomes:
        """What ``make`` would do, without a change: the outcomes in check mode, in the same order."""
        return [Outcome(session, self.would) for session in selected]

    def run(self, check_mode: bool) -> dict[str, Any]:
        """The result of the module.

        :raises AimmsError: for unusable options, a list that cannot be read, a breaker, or sessions that failed.
        """
        wait_from(self.params)  # raises for unusable ones before the first request
        way, criteria = self._way(), criteria_from(self.params)
        breakers = breakers_from(self.params)
        given = map(session_of, self.params.get("sessions") or ())
        records = list({session.reference: session for session in given}.values())
        manager = SessionManager.connect(self.params, criteria.zone)
        with WorkerPool(self.params["concurrency"]) as workers:
            planner = Planner(manager, criteria, breakers, QuietCheck(manager, criteria), workers)
            change = self.change(planner)
            plan = self._plan(planner, change, way, records)
            result = planner.checked(plan, self.done, self.out_of, self.warn)
            clock = manager.clock()
            if check_mode:
                outcomes: Outcomes = self.foretell(plan.selected)
            else:
                outcomes = self.make(planner, change, plan.selected)
        result.update(report(plan, outcomes, clock), changed=any(changed(one, self.would) for one in outcomes))
        raise_failures([*plan.settled, *(() if check_mode else outcomes)], self.done, result)
        return result

    def _way(self) -> str:
        """How the options name sessions: ``record``, ``id`` or ``selection``.

        :raises OptionError: when they would select all sessions, or do not go together.
        """
        params = self.params
        if params.get("sessions") is not None:
            way = "record"
        elif params.get("session_ids") and len(params.get("kinds") or ()) == 1:
            way = "id"
        elif narrowed_by(params, self.narrowing):
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

    def _plan(self, planner: Planner, change: SessionChange, way: str, records: Sequence[Session]) -> Plan:
        if way == "record":
            return planner.by_record(change, records)
        if way == "id":
            return planner.by_id(change, self.params["kinds"][0], self.params["session_ids"])
        return planner.by_selection(change.is_eligible, self.params.get("max_active"))


def wait_from(params: Mapping[str, Any]) -> Optional[int]:
    """Seconds to wait for the result; None: not at all.

    :raises OptionError: for an unusable ``concurrency`` or ``wait_timeout``.
    """
    if not 1 <= params["concurrency"] <= 32:
        raise OptionError(f"concurrency: must be from 1 to 32, not {params['concurrency']}.")
    timeout = parse_duration(params["wait_timeout"], "wait_timeout")
    return timeout if params["wait"] else None


def present_state_text(outcome: Outcome[Any]) -> str:
    """The present state of an interrupted target. One that was active when last read, the server no longer has."""
    return "the server has it no more" if outcome.target.active else f"it is {outcome.target.state}"


def changed(outcome: Outcome[Any], would: str) -> bool:
    """Whether something was changed, may have been changed, or would be changed in check mode."""
    return outcome.changed or outcome.result in (would, REQUESTED)


def raise_failures(outcomes: Sequence[Outcome[Any]], done: str, result: dict[str, Any], what: str = "sessions") -> None:
    """:raises PartlyFailedError: with ``result``, when one failed, is unknown or was not tried."""
    bad: list[Optional[str]] = [outcome.msg for outcome in outcomes if outcome.result in BAD_RESULTS]
    if not bad:
        return
    shown = " ".join(list(dict.fromkeys(filter(None, bad)))[:3])
    raise PartlyFailedError(f"{len(bad)} of {len(outcomes)} {what} could not be {done}. {shown}", result=result)

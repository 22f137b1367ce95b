# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps that all bulk changes share: options, plan, breakers, execution, result."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.api.session_manager import SessionManager
from ansible_collections.aimms.cloud.plugins.module_utils.changes.change import BAD_RESULTS, FAILED, REQUESTED, Outcome
from ansible_collections.aimms.cloud.plugins.module_utils.changes.executor import BulkExecutor
from ansible_collections.aimms.cloud.plugins.module_utils.changes.plan import Plan, Planner, Warn, report
from ansible_collections.aimms.cloud.plugins.module_utils.changes.session_changes import SessionChange
from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError, PartlyFailedError, shown
from ansible_collections.aimms.cloud.plugins.module_utils.http.connection import Connection
from ansible_collections.aimms.cloud.plugins.module_utils.logs.quiet import QuietCheck
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session, checked_id, valid_id
from ansible_collections.aimms.cloud.plugins.module_utils.options import breakers_from, criteria_from, narrowed_by
from ansible_collections.aimms.cloud.plugins.module_utils.selection import Breakers, Criteria
from ansible_collections.aimms.cloud.plugins.module_utils.times.duration import parse_duration
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Clock, iso
from ansible_collections.aimms.cloud.plugins.module_utils.workers import WorkerPool

if TYPE_CHECKING:
    from ansible_collections.aimms.cloud.plugins.module_utils.api.task_activity import TaskActivity

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
    activity: TaskActivity

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

    def foretell(self, _change: SessionChange, selected: Sequence[Session]) -> Outcomes:
        """What ``make`` would do, without a change: the outcomes in check mode."""
        return [Outcome(session, self.would) for session in selected]

    def run(self, check_mode: bool) -> dict[str, Any]:
        """The result of the module.

        :raises AimmsError: for unusable options, a list that cannot be read, a breaker, or sessions that failed.
        """
        wait_from(self.params)  # raises for unusable ones before the first request
        way, criteria, breakers = self._way(), criteria_from(self.params), breakers_from(self.params)
        records, unusable = self.records()
        manager = SessionManager.connect(self.params, criteria.zone)
        with WorkerPool(self.params["concurrency"]) as workers:
            planner = self.planner(manager, criteria, breakers, workers)
            change = self.change(planner)
            plan = self.plan(planner, change, way, records)
            plan = replace(plan, settled=(*plan.settled, *unusable))
            self.tell_age(manager.clock())
            result = planner.checked(plan, self.done, self.out_of, self.warn)
            clock = manager.clock()
            outcomes = self.foretell(change, plan.selected) if check_mode else self.make(planner, change, plan.selected)
        told = report(plan, outcomes, clock, manager.connection.base_url)
        result.update(told, changed=any(changed(one, self.would) for one in outcomes))
        raise_failures([*plan.settled, *(() if check_mode else outcomes)], self.done, result)
        return result

    def planner(self, manager: SessionManager, criteria: Criteria, breakers: Breakers, workers: WorkerPool) -> Planner:
        """Makes the plan; the tasks of the sessions are in ``activity`` from then on."""
        # Imported here, as the task module, which has no sessions, imports this file.
        from ansible_collections.aimms.cloud.plugins.module_utils.api.task_activity import TaskActivity

        self.activity = TaskActivity(self.params, criteria, manager.clock)
        return Planner(manager, criteria, breakers, QuietCheck(manager, criteria), workers, self.activity)

    def records(self) -> tuple[list[Session], list[Outcome[Session]]]:
        """The sessions of an earlier plan, each once; and those whose id no request can have, which stop no other one.

        :raises OptionError: for what is no record of a session, a plan of another account, and if no id is usable.
        """
        from ansible_collections.aimms.cloud.plugins.module_utils.rules.planned import session_of

        url = Connection.from_params(self.params).base_url
        records: dict[str, Session] = {}
        unusable: list[Outcome[Session]] = []
        for record in self.params.get("sessions") or ():
            if address_key(record.get("url") or url) != address_key(url):
                raise OptionError(
                    f"sessions: they were planned for {shown(str(record['url']))}, and this is {url}.",
                    "Give the plan of this account.",
                )
            odd = isinstance(record.get("id"), str) and not valid_id(record["id"])
            session = session_of({**record, "id": "0"} if odd else record)
            if odd:
                named = replace(session, id=record["id"])
                unusable.append(Outcome(named, FAILED, "Its id cannot be used in a request."))
            else:
                records[session.reference] = session
        if unusable and not records:
            checked_id(unusable[0].target.id)
        return list(records.values()), unusable

    def tell_age(self, clock: Clock) -> None:
        """Warn of an old plan."""
        made = None
        if self.params.get("sessions"):
            from ansible_collections.aimms.cloud.plugins.module_utils.rules.planned import planned_at

            made = planned_at(self.params["sessions"])
        if made is not None and (days := int((clock.earliest - made) // 86400)) > 0:
            age = f"{days} day{'s' if days > 1 else ''} old"
            self.warn(f"The plan is {age} (of {iso(made)}). Only what is still the same is {self.done}.")

    def _way(self) -> str:
        """How the options name sessions: ``record``, ``id`` or ``selection``.

        :raises OptionError: when they would select all sessions, or do not go together.
        """
        params, narrowing = self.params, self.narrowing
        if params.get("sessions") is not None:
            way = "record"
        elif params.get("session_ids") and (len(params.get("kinds") or ()) == 1 or not narrowed_by(params, narrowing)):
            way = "id"
        elif narrowed_by(params, narrowing):
            return "selection"
        else:
            raise OptionError(
                f"Without a criterion this would {self.verb} every session.",
                f"Give sessions, session_ids, or at least one of {', '.join(narrowing)} that leaves something out.",
            )
        for name in ("max_active", "max_seats") if way == "id" else ():
            if params.get(name) is not None:
                raise OptionError(f"{name} goes with a selection, not with named sessions.")
        if params.get("server_filters"):
            raise OptionError("server_filters go with a selection, not with named sessions.")
        return way

    def plan(self, planner: Planner, change: SessionChange, way: str, records: Sequence[Session]) -> Plan:
        if way == "selection":
            return planner.by_selection(change.is_eligible, self.params.get("max_active"))
        from ansible_collections.aimms.cloud.plugins.module_utils.changes import named

        return named.plan_of(planner, change, self.params["session_ids"] if way == "id" else None, records)


def address_key(url: object) -> str:
    """The address of an account as addresses are compared."""
    return re.sub(r":443(?!\d)", "", str(url).rstrip("/").lower())


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

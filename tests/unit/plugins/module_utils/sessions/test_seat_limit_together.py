# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``max_seats`` while people come and go and another run is under way: never half a person, never more than needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ansible_collections.aimms.cloud.plugins.module_utils.changes.change import CHANGED_SINCE, Change
from ansible_collections.aimms.cloud.plugins.module_utils.changes.plan import Plan, Survey
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.selection import Criteria, decide, protected
from ansible_collections.aimms.cloud.plugins.module_utils.sessions.seat_limit import SeatLimit
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Clock, Instant
from ansible_collections.aimms.cloud.plugins.module_utils.workers import WorkerPool
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.scripted_change import FakeTime, use_clock

NOW = 1_800_000_000.0
CLOCK = Clock(NOW, NOW)
CRITERIA = Criteria(kinds=("webui",), protect_owners=("vip*",))
steadily = settings(
    max_examples=100, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
OWNERS = ["ann@R", "bob@R", "cy@R", "dee@R", "eve@R", "vip@R"]


class World:
    """An account whose lists show an end later than the records do.

    Each call to it is a step; ``events`` happen before the step of their number.
    """

    def __init__(self, sessions: Sequence[Session], most: int, lag: int) -> None:
        self.sessions = {one.id: one for one in sessions}
        self.most, self.lag, self.steps = most, lag, 0
        self.events: list[tuple[int, Any]] = []
        self.sent: dict[str, int] = {}
        self.wrong: list[str] = []

    def step(self) -> None:
        self.steps += 1
        while self.events and self.events[0][0] <= self.steps:
            self.events.pop(0)[1]()

    def active(self, lag: int) -> list[Session]:
        """What the server shows: one that is sent is shown as active for so many more steps."""
        ended = {key for key, at in self.sent.items() if self.steps >= at + lag}
        return [one for key, one in self.sessions.items() if key not in ended]

    def live_owners(self) -> set[str]:
        """The people who have a session that nobody ends."""
        return {str(one.owner) for key, one in self.sessions.items() if key not in self.sent}

    def end(self, session_id: str) -> None:
        self.sent.setdefault(session_id, self.steps)


@dataclass
class FakePlanner:
    """What a plan and a count see of the world; and what was true when this run counted last."""

    world: World
    workers: WorkerPool
    criteria: Criteria = CRITERIA
    by_person: bool = False
    survey: Any = None
    odd: list[str] = field(default_factory=list)
    quiet_check: Any = field(default_factory=lambda: SimpleNamespace(last={}, exact=False))
    counted: dict[str, Any] = field(default_factory=dict)

    def surveyed(self, _eligible: Any, _max_active: int) -> Any:
        return Survey(self.world.active(self.world.lag), self.criteria, {}, {})

    def by_selection(self, eligible: Any, max_active: int) -> Plan:
        decision = decide(self.survey.sessions, self.criteria, CLOCK, max_active, eligible=eligible)
        return Plan(decision.selected, (), decision.kept)

    def listed(self, *_arguments: Any) -> list[Session]:
        self.world.step()
        unsent = {key: one for key, one in self.world.sessions.items() if key not in self.world.sent}
        self.counted.update(owners=self.world.live_owners(), unsent=unsent)
        return self.world.active(self.world.lag)


class Ending(Change[Session]):
    """Ends sessions of the world, and notes what it must never do."""

    done, verb, thing = "terminated", "end", "session"

    def __init__(self, planner: FakePlanner) -> None:
        super().__init__(SimpleNamespace(connection=SimpleNamespace(max_time=60), answers=lambda: True))
        self.world, self.counted = planner.world, planner.counted
        self.begun: set[str] = set()
        self.must_end: set[str] = set()

    def is_eligible(self, session: Session) -> bool:
        return session.active

    def read(self, target: Session, *, fresh: bool) -> Session:
        self.world.step()
        found = {one.id: one for one in self.world.active(self.world.lag // 3)}.get(target.id)
        return found or replace(target, state="terminated")

    def precondition_failure(self, live: Session) -> Any:
        return (CHANGED_SINCE, "") if protected(live, CRITERIA) else None

    def send(self, live: Session, _reread: Any) -> None:
        owner, counted = str(live.owner), self.counted
        if protected(live, CRITERIA):
            self.world.wrong.append(f"{live.id} is protected")
        if owner not in self.begun:
            self.begun.add(owner)
            unsent = [one.id for one in counted["unsent"].values() if one.owner == owner]
            self.must_end.update(unsent)
            if unsent and len(counted["owners"]) <= self.world.most:
                self.world.wrong.append(f"{owner} need not go")
        self.world.end(live.id)


class Run:
    """One run of the module."""

    def __init__(self, world: World, workers: WorkerPool) -> None:
        planner: Any = FakePlanner(world, workers)
        self.world, self.change = world, Ending(planner)
        params = {"max_seats": world.most, "concurrency": 1, "wait": True, "wait_timeout": "60s"}
        self.limit = SeatLimit(params, planner, self.change)
        self.planned: Sequence[Session] = ()
        self.needed = 0

    def plan(self) -> None:
        self.needed = max(0, len({one.owner for one in self.world.active(self.world.lag)}) - self.world.most)
        self.planned = self.limit.plan().selected

    def make(self) -> None:
        outcomes = self.limit.make(self.planned)
        assert [one.target.id for one in outcomes] == [one.id for one in self.planned]
        assert len(self.change.begun) <= self.needed
        halves = self.change.must_end & set(self.world.sessions) - set(self.world.sent)
        self.world.wrong += [f"{one} of a person who was ended lives on" for one in halves]


ages = st.integers(1, 40)
rows = st.lists(st.tuples(st.sampled_from(OWNERS), ages), max_size=12)
moves = st.lists(
    st.tuples(st.integers(0, 40), st.sampled_from(["come", "go"]), st.sampled_from(OWNERS), ages), max_size=5
)


def session(number: int, owner: str, age: int) -> Session:
    return Session(f"s{number}", "webui", "running", "A", owner=owner, created_at=Instant(NOW - age * 3600))


def happen(world: World, kind: str, owner: str, age: int) -> None:
    """Somebody opens a session, or closes one."""
    if kind == "come":
        number = len(world.sessions) + 1000 + age
        world.sessions.setdefault(f"s{number}", replace(session(number, owner, 0), created_at=Instant(NOW)))
    else:
        own = [key for key, one in world.sessions.items() if one.owner == owner and key not in world.sent]
        for key in sorted(own)[: 1 + age % 2]:
            del world.sessions[key]


def played(
    sessions: Sequence[tuple[str, int]], most: int, lag: int, events: Sequence[Any], second: Any = None
) -> World:
    """A run in which these things happen; ``second``: the steps at which another run plans and acts."""
    world = World([session(number, *row) for number, row in enumerate(sessions)], most, lag)
    with pytest.MonkeyPatch.context() as patch, WorkerPool(1) as workers, WorkerPool(1) as others:
        use_clock(patch, FakeTime())
        one, other = Run(world, workers), Run(world, others)
        timed = [(at, lambda what=what: happen(world, *what)) for at, *what in events]
        timed += [(second[0], other.plan), (sum(second), other.make)] if second else []
        world.events = sorted(timed, key=lambda event: event[0])
        one.plan()
        if second and not second[0]:
            world.step()
        one.make()
        while world.events:
            world.step()
    return world


FOUR = [("ann@R", 9), ("bob@R", 8), ("cy@R", 7), ("dee@R", 6)]


@steadily
@example(FOUR, 2, 30, [(8, "go", "dee@R", 1)])  # while the list shows Ann, who was ended, Dee leaves: Bob may stay
@given(rows, st.integers(0, 5), st.integers(0, 30), moves)
def test_whoever_comes_and_goes_no_person_is_ended_by_half_or_without_need(sessions, most, lag, events):
    assert played(sessions, most, lag, events).wrong == []


@steadily
@given(rows, st.integers(0, 5), moves, st.tuples(st.integers(1, 30), st.integers(0, 20)))
def test_another_run_that_plans_and_acts_meanwhile_ends_no_more(sessions, most, events, second):
    assert played(sessions, most, 0, events, second).wrong == []


@steadily
@given(rows, st.integers(0, 5), st.integers(0, 30), st.integers(0, 30))
def test_two_runs_of_one_mind_end_no_more_than_one_however_late_an_end_shows(sessions, most, lag, later):
    world = played(sessions, most, lag, [], (0, later))
    alone = played(sessions, most, lag, [])
    assert world.wrong == []
    assert set(world.sent) == set(alone.sent)

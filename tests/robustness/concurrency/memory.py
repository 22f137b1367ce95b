"""Races on a server in memory: thousands of random orders of our requests and of changes by others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from random import Random
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from ansible_collections.aimms.cloud.plugins.module_utils.changes import reads
from ansible_collections.aimms.cloud.plugins.module_utils.changes.executor import BulkExecutor
from ansible_collections.aimms.cloud.plugins.module_utils.changes.named import plan_of
from ansible_collections.aimms.cloud.plugins.module_utils.changes.plan import Planner
from ansible_collections.aimms.cloud.plugins.module_utils.changes.session_changes import (
    Interruption,
    SessionChange,
    Termination,
)
from ansible_collections.aimms.cloud.plugins.module_utils.errors import HttpError, TransportError
from ansible_collections.aimms.cloud.plugins.module_utils.logs.quiet import QuietCheck
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.models.task import Task
from ansible_collections.aimms.cloud.plugins.module_utils.paging.listing import Listing
from ansible_collections.aimms.cloud.plugins.module_utils.selection import Breakers, Criteria
from ansible_collections.aimms.cloud.plugins.module_utils.sessions.delete import Deletion
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Clock, Instant
from ansible_collections.aimms.cloud.plugins.module_utils.workers import WorkerPool

from ..figures import Report
from .unguarded import by_id_alone, without_selecting_again, without_the_read

NOW, HOUR = 1_900_000_000.0, 3600
LIMIT = 4 * HOUR
SESSIONS = 8
WHAT = "PATCH /sessions"
Guard = Callable[[], AbstractContextManager[None]]


@dataclass
class Tally:
    """Counts of many runs: races, changes, wrong changes, and changes after the last read."""

    staged: int = 0
    changes: int = 0
    wrong: int = 0
    window: int = 0
    seeds: list[int] = field(default_factory=list)


class _Time:
    """A clock that advances by sleeping, and a little at each reading."""

    def __init__(self) -> None:
        self._now = 1000.0

    def monotonic(self) -> float:
        """Seconds."""
        self._now += 0.0001
        return self._now

    def sleep(self, seconds: float) -> None:
        """Advance the clock."""
        self._now += seconds


class World:
    """A session manager for plans and changes. Others change sessions between any two requests."""

    def __init__(self, rng: Random, deleting: bool) -> None:
        self._rng, self._deleting = rng, deleting
        self.connection = SimpleNamespace(retries=2, max_time=60)
        self.routes = SimpleNamespace(checked_kinds=tuple)
        self.wanted_state = "terminated" if deleting else "running"
        self.live: dict[str, Session | None] = {
            name: self._session(name) for name in (f"s{number}" for number in range(SESSIONS))
        }
        self._ending: dict[str, int] = {}
        self._done: set[str] = set()
        self.listed: dict[str, Session] = {}
        self._lists: list[dict[str, Session]] = []
        self._read: dict[str, Session | None] = {}
        self._task_read: dict[str, Session | None] = {}
        self.tally = Tally()

    def _session(self, name: str) -> Session:
        created = Instant(NOW - LIMIT - self._rng.uniform(1, 100) * HOUR)
        return Session(name, "webui", self.wanted_state, "RaceApp", "1.0", "jdoe@ROOT", created, created)

    def list(
        self,
        _kinds: Any = None,
        _filters: Any = (),
        _distil: Any = None,
        *,
        raw: bool = True,
        attempts: int | None = None,
        check: Any = None,  # of pages, which it has not
    ) -> Listing[Session]:
        """All sessions, recorded as listed until the first change. Later a list may fail, be old, or be incomplete."""
        shown = {name: session for name, session in self.live.items() if session}
        if attempts is None:
            self.listed = shown
            return Listing(list(shown.values()))
        self._others_act(self._rng.choice([*self.live]))
        self._lists.append(shown)
        fate = self._rng.random()
        if fate < 0.1:
            raise TransportError("the connection was reset", sent=True)
        found = self._rng.choice(self._lists) if fate < 0.4 else shown
        return Listing([one for one in found.values() if self._rng.random() < 0.9], ["cut"] if fate > 0.9 else [])

    def list_cost(self, _kinds: Any) -> int:
        """A list is always worth its while."""
        return 0

    def clock(self) -> Clock:
        """Two clocks that agree."""
        return Clock(NOW, NOW)

    def answers(self) -> bool:
        """It does."""
        return True

    one_at_a_time = False

    def check_deletion(self) -> None:
        """Records can be deleted here."""

    def get(self, _kind: str, name: str, *, attempts: int, fresh: bool) -> Session | None:
        """The current session, unless the answer is lost. Others may change it before."""
        self._others_act(name)
        if self._rng.random() < 0.04:
            raise TransportError("the connection was reset", sent=True)
        if name in self._ending:
            self._ending[name] -= 1
            if self._ending[name] < 0:
                self._end(name)
        live = self._read[name] = self.live[name]
        if live is not None:
            self.listed.setdefault(name, live)
        return live

    def get_task(self, name: str, _index: int | None, *, attempts: int, fresh: bool) -> Task | None:
        """The current task of a session; it has the session's id."""
        self._others_act(name)
        self._task_read[name] = self.live[name]
        return _task_of(self.live[name])

    def tasks(self) -> Any:
        """What the Task API is to an interruption."""
        return SimpleNamespace(
            get=self.get_task, interrupt=lambda task, _mode: self._change(task.id), connection=self.connection
        )

    def terminate(self, session: Session, _patience: float | None = None) -> None:
        """Terminate a session."""
        self._change(session.id)

    def delete(self, session: Session) -> None:
        """Delete a record, or kill an active session."""
        self._change(session.id)

    def _change(self, name: str) -> None:
        self._others_act(name)
        fate = self._rng.random()
        if fate < 0.1:
            raise TransportError("the connection was reset", sent=True) if fate < 0.05 else HttpError(WHAT, 503)
        live = self.live[name]
        if live is None:
            raise HttpError(WHAT, 404)
        if live.ended and not self._deleting:
            raise HttpError(WHAT, 409)
        self._judge(name, live)
        self._ending[name] = self._rng.randint(0, 3)
        if fate > 0.92:
            raise TransportError("the connection was reset", sent=True) if fate < 0.96 else HttpError(WHAT, 502)

    def _judge(self, name: str, live: Session) -> None:
        """Count whether the change was correct: the read just before it must show the listed session.

        Without such a read the current session must be the listed one. If a task is changed, its read must show it too.
        """
        self._done.add(name)
        self.tally.changes += 1
        read = self._read.pop(name, None)
        looked_at, listed = read or live, self.listed[name]
        task = self._task_read.pop(name, None) or looked_at
        if not _who(looked_at) == _who(task) == _who(listed) or not self.fits(looked_at):
            self.tally.wrong += 1
        elif read is not None and read != live:
            self.tally.window += 1

    def fits(self, session: Session) -> bool:
        """Whether a session matches the bulk change, decided without the collection's selection."""
        old = session.created_at is not None and session.created_at.seconds < NOW - LIMIT
        return session.state == self.wanted_state and session.app_version == "1.0" and old

    def _end(self, name: str) -> None:
        del self._ending[name]
        live = self.live[name]
        self.live[name] = replace(live, state="terminated") if live and not self._deleting else None

    def _others_act(self, name: str) -> None:
        """Others change a session between two requests, sometimes exactly the one of our request."""
        if self._rng.random() < 0.3:
            self._meddle(self._rng.choice([*self.live]))
        if self._rng.random() < 0.05:
            self._meddle(name)

    def _meddle(self, name: str) -> None:
        live = self.live[name]
        if live is None:
            return
        self.tally.staged += name not in self._done
        started_again = {"created_at": Instant(NOW - self._rng.uniform(0, 3600)), "state": "running"}
        self._ending.pop(name, None)
        ways: list[dict[str, Any] | None] = [
            None,
            {"state": "completed"},
            {"state": "solving"},
            {"owner": "maria@ROOT"},
            {"app_version": "2.0"},
            {"created_at": Instant(NOW - LIMIT - self._rng.uniform(1, 9) * HOUR)},
            started_again,
            {**started_again, "owner": "chen@PLANNING", "app_name": "RaceOther"},
        ]
        way = self._rng.choice(ways)
        self.live[name] = None if way is None else replace(live, **way)


def _who(session: Session) -> tuple[Any, ...]:
    created = session.created_at
    return (session.app_name, session.owner, None if created is None else created.seconds)


def _task_of(live: Session | None) -> Task | None:
    if live is None:
        return None
    return Task(
        live.id, app_name=live.app_name, state=live.state, owner=live.owner, session_id=live.id,
        created_at=live.created_at, raw={"id": live.id},
    )  # fmt: skip


def one_run(seed: int, workers: WorkerPool) -> Tally:
    """One random bulk change: by selection, plan or id; terminate, interrupt or delete; on a random server."""
    rng = Random(f"races-memory-{seed}")
    deleting, way = rng.random() < 0.4, rng.choice(["selection", "plan", "ids"])
    world = World(rng, deleting)
    manager: Any = world
    criteria = Criteria(("webui",), states=(world.wanted_state,), app_versions=("1.0",), older_than=LIMIT)
    planner = Planner(manager, criteria, Breakers(), QuietCheck(manager, criteria), workers)
    change: SessionChange = Termination(manager, planner.fits)
    if deleting:
        change = Deletion(manager, planner.fits, force=rng.random() < 0.5)
    if way == "ids":
        plan = plan_of(planner, change, [*world.live], ())
    else:
        records: Sequence[Session] = world.list().records
        plan = plan_of(planner, change, None, records) if way == "plan" else planner.by_selection(change.is_eligible)
    if not deleting and rng.random() < 0.4:
        tasks = {session.id: [task] for session in plan.selected if (task := _task_of(session))}
        change = Interruption(manager, planner.fits, world.tasks(), tasks, "solve")
    BulkExecutor(change, 30, workers).make(plan.selected)
    return world.tally


def many_runs(seeds: range, guard: Guard = nullcontext) -> Tally:
    """The counts of the runs of all seeds. ``seeds`` of the result are those with a wrong change."""
    total = Tally()
    clock = _Time()
    timing = reads.Timing(clock.monotonic, clock.sleep)
    with patch.object(reads, "TIMING", timing), guard(), WorkerPool(1) as workers:
        for seed in seeds:
            tally = one_run(seed, workers)
            total.staged += tally.staged
            total.changes += tally.changes
            total.wrong += tally.wrong
            total.window += tally.window
            if tally.wrong:
                total.seeds.append(seed)
    return total


def run(report: Report) -> None:
    """Count with all guards, and without each of them."""
    first = report.size.seed * 1_000_000
    runs = report.size.pick(600, 15_000)
    tally = many_runs(range(first, first + runs))
    report.figure("orders of events in memory", runs, f">= {runs}")
    report.figure("races staged in memory", tally.staged, f">= {runs}")
    report.figure("changes carried out in memory", tally.changes, f">= {runs}")
    report.figure("wrong sessions in memory", tally.wrong, "= 0")
    report.figure("changed after the last read, in memory", tally.window)
    if tally.wrong:
        report.note(f"wrong sessions in memory: one_run of {tally.seeds[:5]}")
    few = range(first, first + report.size.pick(60, 400))
    for name, guard in (
        ("wrong without the read", without_the_read),
        ("wrong by the id alone", by_id_alone),
        ("wrong without selecting again", without_selecting_again),
    ):
        report.figure(name, many_runs(few, guard).wrong, ">= 1")

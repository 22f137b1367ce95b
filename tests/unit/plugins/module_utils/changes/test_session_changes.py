# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interrupting the tasks of sessions, against scripted services. Proves rules 7, 16 and 28 for interrupts."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from types import SimpleNamespace

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.changes.executor import BulkExecutor
from ansible_collections.aimms.cloud.plugins.module_utils.changes.session_changes import Interruption, Termination
from ansible_collections.aimms.cloud.plugins.module_utils.errors import HttpError, TransportError
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.models.task import Task
from ansible_collections.aimms.cloud.plugins.module_utils.paging.listing import Listing
from ansible_collections.aimms.cloud.plugins.module_utils.workers import WorkerPool
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.scripted_change import Endless, FakeTime, use_clock

RESET = TransportError("the connection was reset", sent=True)
UNSENT = TransportError("no connection", sent=False)


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """Time that passes only where the machine sleeps."""
    fake = FakeTime()
    use_clock(monkeypatch, fake)
    return fake


class Account:
    """Both services: sessions and tasks as given. A session ends ``delay`` seconds after its tasks were interrupted.

    ``answers`` by task id are played to requests to interrupt, the last one recurs: an exception is raised, ``after``
    says whether the service acted all the same. ``unread`` says how many reads of a task fail.
    """

    def __init__(self, clock, tasks, *, delay=0.0, answers=None, after=(), unread=None, sessions=()):
        self._clock, self._delay, self._after, self._unread = clock, delay, after, unread or {}
        self._answers = answers or {}
        self.tasks = {task.run: task for task in tasks}
        ids = [*sessions, *(task.session_id for task in tasks)]
        self.sessions = {name: Session(name, "task", "running", app_name="A", owner="jdoe@ROOT") for name in ids}
        self.ends = {}
        self.put, self.read = [], []
        self.connection = SimpleNamespace(retries=4, max_time=120)

    # the session-manager

    def session(self, kind, name, **_how):
        if self.ends.get(name, self._clock.now + 1) <= self._clock.now:
            return replace(self.sessions[name], state="completed")
        return self.sessions[name]

    def alive(self):
        return True

    # the Task API

    def task(self, task_id, index=None, *, attempts=1, **_how):
        for _attempt in range(attempts):
            self.read.append(task_id)
            if self.read.count(task_id) > self._unread.get(task_id, 0):
                return self.tasks.get(f"{task_id}/{index or 0}")
        raise HttpError(f"GET {task_id}", 503)

    def interrupt(self, task, mode):
        self.put.append((task.run, mode))
        answers = self._answers.get(task.id, [])
        step = min(len([one for one in self.put if one[0] == task.run]), len(answers)) - 1
        answer = answers[step] if answers else None
        if answer is None or task.id in self._after:
            self.ends.setdefault(task.session_id, self._clock.now + self._delay)
        if answer is not None:
            raise answer

    def make(self, found, *, wait=60, fits=lambda _session: True):
        """The outcomes for the sessions of ``found`` (session → its tasks as listed)."""
        services = {"answers": self.alive, "connection": self.connection}
        manager = SimpleNamespace(get=self.session, list_cost=lambda _kinds: None, **services)
        tasks = SimpleNamespace(get=self.task, interrupt=self.interrupt, **services)
        change = Interruption(manager, fits, tasks, found, "solve")
        self.may_force = change.may_force
        try:
            with WorkerPool(1) as workers:
                executor = BulkExecutor(change, wait, workers)
                return executor.make([self.sessions[name] for name in found])
        except Endless:
            pytest.fail("the machine does not come to an end")


def task(name, session="s1", state="running", **values):
    return Task(name, session_id=session, state=state, **values)


def results(outcomes):
    return [outcome.result for outcome in outcomes]


def test_all_running_tasks_of_a_session_are_interrupted_once(clock):
    tasks = [task("t1"), task("t2"), task("t3", state="completed")]
    account = Account(clock, tasks, delay=3)
    assert results(account.make({"s1": tasks})) == ["interrupted"]
    assert account.put == [("t1/0", "solve"), ("t2/0", "solve")]


@pytest.mark.parametrize(
    "now", [None, task("t1", state="completed"), task("t1", session="another"), task("t1", state="puzzled")]
)
def test_a_task_that_no_longer_runs_or_is_another_session_s_is_left_alone(now, clock):
    account = Account(clock, [now] if now else [], sessions=["s1"])
    outcome = account.make({"s1": [task("t1")]})[0]
    assert (outcome.result, outcome.changed, account.put) == ("failed", False, [])
    assert "None of its tasks runs" in outcome.msg


def test_sessions_without_a_running_task_do_not_keep_others_from_being_interrupted(clock):
    ended = [task(f"t{number}", f"s{number}", "completed") for number in range(8)]
    last = task("last", "last")
    account = Account(clock, [*ended, last])
    outcomes = account.make({**{one.session_id: [one] for one in ended}, "last": [last]})
    assert results(outcomes) == ["failed"] * 8 + ["interrupted"]


def test_a_session_that_no_longer_fits_is_not_interrupted(clock):
    account = Account(clock, [task("t1")])
    outcome = account.make({"s1": [task("t1")]}, fits=lambda _session: False)[0]
    assert (outcome.result, account.put) == ("changed_since", [])


def test_tasks_that_cannot_be_read_are_no_request_and_read_four_times_at_most(clock):
    account = Account(clock, [task("t1")], unread={"t1": 99})
    outcome = account.make({"s1": [task("t1")]})[0]
    assert (outcome.result, outcome.changed, account.put) == ("failed", False, [])
    assert len(account.read) <= 4


def test_reads_that_failed_do_not_use_up_the_requests(clock):
    errors = [HttpError("PUT t1", 500), RESET, None]
    account = Account(clock, [task("t1")], unread={"t1": 2}, answers={"t1": errors})
    assert results(account.make({"s1": [task("t1")]})) == ["interrupted"]
    assert len(account.put) == 3


@pytest.mark.parametrize("error", [HttpError("PUT t2", 500), RESET])
def test_a_task_that_was_interrupted_is_not_interrupted_again_for_the_sake_of_another(error, clock):
    tasks = [task("t1"), task("t2")]
    account = Account(clock, tasks, delay=3600, answers={"t2": [error]})
    outcome = account.make({"s1": tasks})[0]
    assert outcome.changed
    assert Counter(key for key, _mode in account.put) == {"t1/0": 1, "t2/0": 3}


@pytest.mark.parametrize("error", [*(HttpError("PUT t2", status) for status in (403, 404, 409, 429, 503)), UNSENT])
def test_a_session_of_which_one_task_was_interrupted_has_its_grace_though_another_s_was_not(error, clock):
    tasks = [task("t1"), task("t2")]
    account = Account(clock, tasks, delay=30, answers={"t2": [error]})
    outcome = account.make({"s1": tasks})[0]
    assert (outcome.result, outcome.changed) == ("interrupted", True)


def test_an_interrupt_in_doubt_has_the_whole_grace_too(clock):
    one = task("t1")
    account = Account(clock, [one], delay=30, answers={"t1": [HttpError("PUT t1", 503)]}, after=["t1"])
    assert results(account.make({"s1": [one]}, wait=60)) == ["interrupted"]
    assert len(account.put) == 2


@pytest.mark.parametrize("state", ["running", "queued", "puzzled"])
def test_one_of_several_runs_without_an_index_is_not_interrupted_and_its_session_not_forced(state, clock):
    tasks = [task("t1"), task("g", state="completed", several=True), task("g", state=state, several=True)]
    account = Account(clock, tasks)
    outcome = account.make({"s1": tasks})[0]
    assert (outcome.result, outcome.changed, account.put) == ("failed", False, [])
    assert "no request can name one" in outcome.msg
    assert account.may_force == set()


def test_several_runs_without_an_index_that_have_ended_are_in_nobodys_way(clock):
    tasks = [task("t1"), *[task("g", state="completed", several=True)] * 2]
    account = Account(clock, tasks)
    assert results(account.make({"s1": tasks})) == ["interrupted"]
    assert account.put == [("t1/0", "solve")]


def test_of_a_group_the_task_itself_is_asked_for(clock):
    tasks = [task("t", f"s{index}", group_index=index, in_group=True) for index in range(3)]
    account = Account(clock, tasks)
    assert results(account.make({"s0": tasks[:1]})) == ["interrupted"]
    assert account.put == [("t/0", "solve")]


@pytest.mark.parametrize("order", [1, -1])
def test_a_list_that_shows_a_session_both_as_running_and_as_ended_tells_nothing_of_it(order):
    shown = [("a", "running"), ("a", "terminated"), ("b", "completed"), ("b", "terminated"), ("c", "running")]
    records = [Session(name, "webui", state) for name, state in shown][::order]

    def read(_kinds, _filters, keep, **_how):
        return Listing([*{record.id: keep(record) for record in records}.values()])

    change = Termination(SimpleNamespace(list=read), lambda _session: True)
    assert [*change.listed([Session(name, "webui") for name in "ab"])] == ["webui/b"]

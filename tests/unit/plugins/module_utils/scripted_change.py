# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A change whose server is a script: what each read and each request answers, by the id of the target."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Optional

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.api import canary
from ansible_collections.aimms.cloud.plugins.module_utils.changes import reads
from ansible_collections.aimms.cloud.plugins.module_utils.changes.change import Change
from ansible_collections.aimms.cloud.plugins.module_utils.changes.executor import BulkExecutor
from ansible_collections.aimms.cloud.plugins.module_utils.changes.reads import Timing
from ansible_collections.aimms.cloud.plugins.module_utils.errors import HttpError, TransportError
from ansible_collections.aimms.cloud.plugins.module_utils.models.states import is_ending
from ansible_collections.aimms.cloud.plugins.module_utils.workers import WorkerPool

GONE = None
TICK = 0.0001
LONGEST = 3600.0
MOST_CALLS = 2000
WHAT = "PATCH /sessions/webui/a/terminate"
RESET = TransportError("the connection was reset", sent=True)


class Endless(BaseException):
    """The machine would run for an hour, or ask 2,000 times. No Exception, so that nothing takes it for a failure."""


def use_clock(monkeypatch, clock):
    """Let the executor, its reads and the canary live by this clock."""
    monkeypatch.setattr(canary, "time", clock)
    monkeypatch.setattr(reads, "TIMING", Timing(clock.monotonic, clock.sleep, random.uniform))


def use_longest_pauses(monkeypatch):
    """Let pauses be as long as their jitter allows."""
    monkeypatch.setattr(reads, "TIMING", reads.TIMING._replace(uniform=lambda _low, high: high))


class FakeTime:
    """A clock that sleeping moves, and a little each look at it."""

    def __init__(self):
        self._lock = threading.Lock()
        self.now = 1000.0
        self.pauses = []

    def monotonic(self):
        with self._lock:
            self.now += TICK
            return self.now

    def sleep(self, seconds):
        with self._lock:
            self.now += seconds
            self.pauses.append(seconds)
            if self.now > 1000.0 + LONGEST:
                raise Endless


@dataclass(frozen=True)
class Target:
    """A target as read."""

    id: str
    state: str = "running"
    active: bool = True
    ended: bool = False
    owner: Optional[str] = "jdoe"
    app_name: Optional[str] = None
    created_at: None = None

    @property
    def reference(self):
        return self.id

    @property
    def ending(self):
        return is_ending(self.state)

    def completed(self, _earlier):
        return self

    def as_done(self):
        return replace(self, state="terminated", active=False, ended=True)


class ScriptedChange(Change):
    """Plays answers: an exception is raised, a callable is called with the target, all else is returned.

    The last answer to reads and to sends recurs. ``reads`` and ``sends`` count by id; ``log`` has both in order.
    A request that is answered by `reread` reads its target again: ``reread`` has what it found.
    ``lists`` are the answers to lists, one after the other: targets, None, an exception, or a callable for one of
    these; after the last one there is no list. ``cost`` is what a list costs. A read that no script answers agrees with
    the last list.
    """

    done = "terminated"
    verb = "end"
    thing = "session"

    def __init__(self, reads=None, sends=None, *, retries=4, max_time=120, refuse=(), alive=True, time=None, **more):
        self._scripts = {"read": dict(reads or {}), "send": dict(sends or {})}
        self._lock = threading.Lock()
        self._refuse, self._alive, self._time = refuse, alive, time
        connection = SimpleNamespace(retries=retries, max_time=max_time)
        super().__init__(SimpleNamespace(connection=connection, answers=self._answers))
        self.log, self.sent_at, self.fresh, self.reread, self.asked_whether_alive = [], [], [], [], 0
        self._listed = {}
        self.lists, self.cost = list(more.pop("lists", ())), more.pop("cost", 1)
        assert not more

    def count(self, what, target_id):
        """How often ``what`` (read, send) happened to a target."""
        return self.log.count((what, target_id))

    def _play(self, what, target):
        with self._lock:
            self.log.append((what, target.id))
            if len(self.log) > MOST_CALLS:
                raise Endless
            script = self._scripts[what].get(target.id) or self._scripts[what].get("*") or []
            step = min(self.log.count((what, target.id)), len(script)) - 1
            answer = script[step] if script else (self._listed.get(target.id, target) if what == "read" else None)
        if isinstance(answer, BaseException):
            raise answer
        return answer(target) if callable(answer) else answer

    def list_cost(self, _targets):
        return self.cost if self.lists else None

    def listed(self, targets):
        self.log.append(("list", len(targets)))
        answer = self.lists.pop(0)
        answer = answer() if callable(answer) else answer
        if isinstance(answer, BaseException):
            raise answer
        self._listed.update({target.id: target for target in answer or ()})
        return None if answer is None else {target.reference: target for target in answer}

    def read(self, target, *, fresh):
        self.fresh.append(fresh)
        return self._play("read", target)

    def send(self, live, reread):
        if self._time:
            self.sent_at.append(self._time.now)
        answer = self._play("send", live)
        if answer == "reread":
            self.reread.append(reread())

    def precondition_failure(self, live):
        return ("changed_since", "It no longer fits.") if live.state in self._refuse else None

    def _answers(self):
        self.asked_whether_alive += 1
        if isinstance(self._alive, BaseException):
            raise self._alive
        return self._alive


def status(number, retry_after=None):
    """The error that an answer with this status is."""
    return HttpError(WHAT, number, "in trouble", retry_after=retry_after, form="in trouble")


def crowd(count):
    """Targets t00, t01 …"""
    return [Target(f"t{number:02}") for number in range(count)]


def make(change, targets, concurrency=1, wait=60):
    """The outcomes; an executor that does not come to an end is a failure."""
    try:
        with WorkerPool(concurrency) as workers:
            return BulkExecutor(change, wait, workers).make(targets)
    except Endless:
        pytest.fail("the machine does not come to an end")


def results(outcomes):
    """What became of each."""
    return [outcome.result for outcome in outcomes]

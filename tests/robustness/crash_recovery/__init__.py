"""Crash recovery: runs are killed and repeated. The rest is done, nothing is done twice, no file is incomplete.

Each trial has an account and a folder of its own. A run is started and a part of it is killed: a module,
ansible-playbook or ansible-runner, alone, with its process group, or all processes as when a container is removed. When
no process is left, the run is repeated, which must finish the work, and a third time, which must change nothing. Linux
only.

Proves rule 30.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

from emulator.process import EmulatorProcess

from ..figures import Report
from .account import Account, canary
from .moments import CANCEL, KILL, TERM, Moment, moments
from .trial import Trial

_DRAWS = 12
_MOST_NOTES = 25
_NONE = {
    "stale": "sessions left stale after the rerun",
    "wrong": "wrong sessions touched",
    "twice": "sessions ended or deleted twice",
    "unsaved": "sessions ended before their log was saved",
    "broken": "half-written files",
    "leftovers": "leftover temporary files after the rerun",
    "bad_reruns": "reruns that fail or tell wrong counts",
    "third": "third runs that change something",
    "claimed": "killed runs that claim to be done",
    "orphans": "orphan processes after 10 s",
    "hung": "runs that did not end",
    "tracebacks": "tracebacks of killed modules",
    "keys": "keys seen",
}
_TOLD = {
    "done_by_killed": "sessions done by killed runs",
    "leftovers_of_killed": "temporary files left by killed runs",
    "outlived": "runs of which something lived on",
    "still_active": "asked again while still active",
    "crossed": "ended while the request was on its way",
    "drawn_again": "moments drawn again, as the run was over",
}


class Campaign:
    """Kills runs in several threads, each with an emulator, and sums up the counts."""

    def __init__(self, report: Report, folder: Path) -> None:
        self._seed, self._folder = report.size.seed, folder
        self._lock, self._lane = threading.Lock(), threading.local()
        self._emulators: list[EmulatorProcess] = []
        self._usual: dict[str, float] = {}
        self.counts: Counter[str] = Counter()
        self.notes: list[str] = []

    def run(self, planned: Sequence[Moment]) -> None:
        """Measure the duration of the kinds of work that are killed at a time, then kill runs at every moment."""
        timed = sorted({moment.work for moment in planned if moment.when == "time"})
        with ThreadPoolExecutor(max(2, os.cpu_count() or 2)) as pool:
            try:
                for step, items in ((self._measure, timed), (self._kill, planned)):
                    list(pool.map(step, items))
            finally:
                for emulator in self._emulators:
                    emulator.stop()

    def _measure(self, work: str) -> None:
        moment = Moment(work, "nothing", "", "", "")
        seconds = self._tried(moment, Random(f"kills-{self._seed}-{work}"), lambda trial: trial.measured())
        with self._lock:
            self._usual[work] = seconds

    def _kill(self, moment: Moment) -> None:
        for draw in range(_DRAWS):
            rng = Random(f"kills-{self._seed}-{moment.number}-{draw}")
            if self._tried(moment, rng, lambda trial: trial.killed(self._usual)):
                with self._lock:
                    self.counts["kills"] += 1
                    self.counts[f"{moment.how} of {moment.what}"] += 1
                return
            with self._lock:
                self.counts["drawn_again"] += 1

    def _tried(self, moment: Moment, rng: Random, step: Callable[[Trial], float]) -> float:
        """Make a trial, do something with it, and add its counts."""
        with tempfile.TemporaryDirectory(dir=self._folder, ignore_cleanup_errors=True) as folder:
            trial = Trial(moment, self._account(), Path(folder), rng)
            try:
                return step(trial)
            finally:
                with self._lock:
                    self.counts += trial.counts
                    self.notes += trial.notes

    def _account(self) -> Account:
        """The account of this thread."""
        if not hasattr(self._lane, "account"):
            with self._lock:
                key = canary(Random(f"kills-{self._seed}-key-{len(self._emulators)}"))
                emulator = EmulatorProcess(sessions=0, seed=len(self._emulators), admin_key=key).start()
                self._emulators.append(emulator)
            self._lane.account = Account(emulator)
        account: Account = self._lane.account
        return account


def run(report: Report) -> None:
    """Kill runs at 50 moments (in the bounded size at a few), and report."""
    planned = moments(full=report.size.full)
    with tempfile.TemporaryDirectory(prefix="kills-", ignore_cleanup_errors=True) as folder:
        campaign = Campaign(report, Path(folder))
        campaign.run(planned)
    counts = campaign.counts
    report.figure("kills of runs under way", counts["kills"], f">= {len(planned)}")
    for what in ("module", "playbook", "runner"):
        for how in (TERM, KILL, CANCEL):
            if counts[f"{how} of {what}"]:
                report.figure(f"  {how} of the {what}", counts[f"{how} of {what}"])
    report.figure("kills with a part done", counts["half_way"], f">= {report.size.pick(1, len(planned) // 3)}")
    for name, words in _NONE.items():
        report.figure(words, counts[name], "= 0")
    for name, words in _TOLD.items():
        report.figure(words, counts[name])
    for note in campaign.notes[:_MOST_NOTES]:
        report.note(note)

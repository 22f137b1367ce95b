"""Fault injection (rule 25): faults of all kinds while many sessions are ended and deleted, and tasks deleted.

Playbooks run against emulators behind a proxy that makes about every third request fail (a list page, a session or a
change), before or after the server acts. The results are compared with the emulator's real state. On the legacy
generation DELETE ends a session and records cannot be deleted, so records are deleted on the current one only.

Proves rule 25.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from ..figures import Report
from .account import TASKS, Account, Builder
from .failing import PATIENCE
from .kinds import KINDS, OPEN_KINDS, REFUSED
from .proxy import FaultyProxy, Plan, Seen
from .seats import SeatsBuilder, UnreadBuilder, judge_people
from .truth import Result, Run, Tally, judge

_RATE = 0.32
_SOON, _LATE = 0.4, 7.0
_ATTEMPTS = 3
_OFTEN, _SELDOM = (0.35, 0.15), (0.9, 0.06)
_MODULES = {"terminate": "session_terminate", "delete": "session_delete", TASKS: "task_delete"}
_OPTIONS = {"concurrency": 16, "wait_timeout": "20s", "max_percent": 100}
_DEFAULTS = {"timeout": PATIENCE, "retries": 4, "max_time": 25}
_COUNTS_REFUSED = """\
# Counts the connections that this process was refused: nobody else sees them.
import os, socket

_connect = socket.socket.connect

def connect(self, address):
    try:
        return _connect(self, address)
    except ConnectionRefusedError:
        with open(os.environ["REFUSED_CONNECTIONS"], "a") as stream:
            stream.write(f"{address[1]}\\n")
        raise

socket.socket.connect = connect
"""


@dataclass(frozen=True)
class Round:
    """One playbook run: its kinds of faults, and for each server the numbers of sessions to change and of traps.

    ``end_delay``: seconds from an accepted request until the session has ended.
    """

    number: int
    kinds: tuple[str, ...]
    sessions: int
    traps: int
    end_delay: float = _SOON

    @property
    def closed(self) -> tuple[float, float] | None:
        """For how long ports are open and closed, if they are closed at all."""
        if REFUSED not in self.kinds:
            return None
        return _OFTEN if len(self.kinds) == 1 else _SELDOM


@dataclass
class Lane:
    """A server and the task for it in every round."""

    name: str
    operation: str
    dialects: tuple[str, str]
    emulator: Any
    proxy: FaultyProxy
    builder: type[Builder] = Builder
    account: Account = field(default_factory=lambda: Account(""))
    result: Result | None = None

    @property
    def generation(self) -> str:
        """The generation of the server."""
        return self.dialects[0].partition("-")[0]

    def rows(self) -> list[dict[str, Any]]:
        """All sessions of this round in the emulator, removed ones included."""
        state = self.emulator.state()
        prefix = next(iter(self.account.selected))[:4]
        rows = [row for row in (*state["sessions"].values(), *state["removed"]) if row["id"].startswith(prefix)]
        for row in rows if self.operation == TASKS else ():
            if row["removed"] is None and row["id"] not in state["tasks"]:
                row |= {"removed": "delete", "removed_by": "admin"}
        return rows


class Campaign:
    """All rounds of one seed."""

    def __init__(self, ansible: Any, folder: Path, report: Report, lanes: list[Lane]) -> None:
        self._ansible, self._report, self._lanes = ansible, report, lanes
        self._refused = folder / "refused"
        (folder / "sitecustomize.py").write_text(_COUNTS_REFUSED)
        path = os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH"))))
        self._environment = {"PYTHONPATH": path, "REFUSED_CONNECTIONS": str(self._refused)}
        self.tally = Tally()
        self.injected: Counter[tuple[str, str]] = Counter()
        self.requests = self.runs = self.sessions = 0

    def play(self, one: Round) -> None:
        """Play one round on all servers. A run that changed nothing because it could not read the list is repeated."""
        for lane in self._lanes:
            self._prepare(lane, one)
        left = self._lanes
        for attempt in range(_ATTEMPTS):
            runs = self._attempt(one, left, attempt)
            left = [lane for lane, run in runs if run.refused]
            self.tally.counts["refused"] += len(left)
            for lane, run in runs:
                if not run.refused:
                    judge(run, self.tally)
                    judge_people(run, self.tally)
                    self.tally.counts[f"done on {lane.name}"] += _done(run)
            if not left:
                break
        for lane in left:  # a module that always refuses would change nothing wrongly
            self.tally.notes.append(f"round {one.number} {lane.name}: {(lane.result or {}).get('msg')}")
            self.tally.counts.update(free=len(lane.account.selected), selected=len(lane.account.selected))
        for lane in self._lanes:
            for row in lane.rows():
                if row["removed"] is None:
                    lane.emulator.remove_session(row["id"])

    def _prepare(self, lane: Lane, one: Round) -> None:
        if lane.operation == TASKS:  # a task outlives its session
            lane.emulator.begin()
        lane.emulator.set(dialect=lane.dialects[one.number % 2], end_delay=one.end_delay)
        chance = Random(f"faults-{self._report.size.seed}-{one.number}-{lane.name}")
        builder = lane.builder(lane.emulator, lane.generation, lane.operation, f"r{one.number:02}", chance)
        lane.account = builder.build(one.sessions, one.traps)
        self.sessions += len(lane.account.selected) + len(lane.account.bystanders)

    def _attempt(self, one: Round, lanes: list[Lane], attempt: int) -> list[tuple[Lane, Run]]:
        """Run the tasks of these lanes. Returns the result of each."""
        for lane in lanes:
            name = f"faults-{self._report.size.seed}-{one.number}-{attempt}-{lane.name}"
            rate = 0.0 if one.kinds == (REFUSED,) else _RATE
            account, people = lane.account, bool(lane.account.people)
            spoil, closed = attempt == 0 and not people, None if people else one.closed
            kinds = one.kinds if self._report.size.full or not people else OPEN_KINDS
            lane.proxy.begin(Plan(name, kinds, rate, spoil, closed, account.traps, account.rough, people))
        self._refused.write_text("")
        self._run(lanes)
        runs = []
        for lane in lanes:
            lane.proxy.settle()
        time.sleep(one.end_delay + 0.2)
        for lane in lanes:
            name = f"round {one.number} ({' '.join(one.kinds) if len(one.kinds) == 1 else 'mixed'}) {lane.name}"
            seen = list(lane.proxy.seen)
            runs.append((lane, Run(name, lane.account, lane.result, lane.rows(), seen)))
            self._count(lane, seen)
        return runs

    def _count(self, lane: Lane, seen: list[Seen]) -> None:
        refused = self._refused.read_text().split().count(str(lane.proxy.port))
        faults = [(one.kind, one.phase) for one in seen if one.kind]
        self.injected.update(faults)
        self.injected[REFUSED, "before"] += refused
        self.requests += len(seen) + refused
        self.runs += 1

    def _run(self, lanes: list[Lane]) -> None:
        """Run one playbook with a host for each lane (strategy free), and store the results of the lanes."""
        tasks = [
            {
                "name": lane.name,
                f"aimms.cloud.aimms_{_MODULES[lane.operation]}": {**lane.account.options, **_OPTIONS},
                "when": f"inventory_hostname == '{lane.name}'",
            }
            for lane in lanes
        ]
        connection = {"url": "{{ url }}", "api_key": "{{ acme_api_key }}", **_DEFAULTS}
        play = {
            "name": "Faults", "hosts": "all", "gather_facts": False, "strategy": "free", "ignore_errors": True,
            "module_defaults": {"group/aimms.cloud.aimms": connection}, "tasks": tasks,
        }  # fmt: skip
        hosts = {lane.name: {"url": lane.proxy.url, "acme_api_key": lane.proxy.admin_key} for lane in lanes}
        for lane in lanes:
            lane.result = None
        try:
            played = self._ansible.run([play], hosts=hosts, environment=self._environment)
        except subprocess.TimeoutExpired:
            self.tally.notes.append("a playbook did not end")
            return
        for lane in lanes:
            try:
                lane.result = dict(played.on(lane.name)[lane.name])
            except KeyError:
                self.tally.notes.append(f"{lane.name} left no result: {played.output[-300:]}")
                continue
            if "tasks" in lane.result:
                lane.result["sessions"] = lane.result["tasks"]


_ONLY_IN_FULL = (
    ("tasks", TASKS, ("current", "current-page"), Builder),
    ("seats, legacy", "terminate", ("legacy", "legacy-bare"), SeatsBuilder),
)


def run(report: Report) -> None:
    """Play all rounds, and report the sums of their counts."""
    from emulator.process import EmulatorProcess
    from plays import Ansible, collections_path

    with tempfile.TemporaryDirectory() as made, ExitStack() as stack:
        folder = Path(made)
        lanes = []
        for name, operation, dialects, builder in (
            ("legacy", "terminate", ("legacy", "legacy-bare"), Builder),
            ("current", "terminate", ("current", "current-page"), Builder),
            ("records", "delete", ("current", "current-cursor"), Builder),
            ("seats", "terminate", ("current", "current-page"), SeatsBuilder),
            ("seats, one unread", "terminate", ("current", "current-page"), UnreadBuilder),
            *(_ONLY_IN_FULL if report.size.full else ()),
        ):
            server = EmulatorProcess(dialect=dialects[0], sessions=0, page_cap=15)
            emulator = stack.enter_context(server)
            lanes.append(Lane(name, operation, dialects, emulator, stack.enter_context(FaultyProxy(emulator)), builder))
        campaign = Campaign(Ansible(folder, collections_path(folder)), folder, report, lanes)
        for one in _rounds(report):
            campaign.play(one)
        _tell(campaign, report)


def _rounds(report: Report) -> Iterator[Round]:
    """A round with all kinds. In the full size also a round for each kind before, and one with slow ends after it."""
    everything = tuple(KINDS)
    if not report.size.full:
        yield Round(0, everything, 40, 10)
        return
    for number, kind in enumerate(KINDS):
        yield Round(number, (kind,), 14, 6)
    yield Round(len(KINDS), everything, 50, 10)
    yield Round(len(KINDS) + 1, everything, 50, 10)
    yield Round(len(KINDS) + 2, everything, 50, 10, _LATE)


def _done(run: Run) -> int:
    return sum(entry["result"] in ("terminated", "deleted") for entry in (run.result or {}).get("sessions", []))


def _tell(campaign: Campaign, report: Report) -> None:
    tally, injected, counts = campaign.tally, campaign.injected, campaign.tally.counts
    total = sum(injected.values())
    pairs = [(kind, phase) for kind, phases in KINDS.items() for phase in phases]
    report.figure("injected faults", total, f">= {report.size.pick(150, 1000)}")
    report.figure("requests that met one", 100 * total / max(1, campaign.requests), ">= 30", "%")
    report.figure("kinds of faults", len({kind for kind, _phase in injected}), ">= 12")
    report.figure("kinds, before, after and late apart", sum(injected[pair] > 0 for pair in pairs), ">= 20")
    report.figure("the rarest of these", min(injected[pair] for pair in pairs), ">= 5" if report.size.full else "")
    report.figure("runs", campaign.runs)
    report.figure("runs that refused an unread list", counts["refused"])
    report.figure("sessions", campaign.sessions)
    report.figure("sessions to act on", counts["selected"])
    report.figure("of these changed by others under way", counts["sprung"], f">= {report.size.pick(10, 100)}")
    least = (
        f">= {report.size.pick(20, 100)}" if report.size.seed == 1 else ""
    )  # a false answer may stop other seeds' runs
    report.figure("ended by DELETE, legacy", counts["done on legacy"], least)
    report.figure("ended by PATCH, current", counts["done on current"])
    report.figure("records deleted, current", counts["done on records"])
    report.figure("tasks deleted", counts["done on tasks"])
    report.figure("people ended by max_seats", counts["people ended"], f">= {report.size.pick(2, 80)}")
    report.figure("people ended half", counts["half a person"], "= 0")
    report.figure("people who were ended without a new count", counts["people not counted again"], "= 0")
    report.figure("runs that ended more people than needed", counts["more people than needed"], "= 0")
    report.figure("wrong", counts["wrong"], "= 0")
    report.figure("lost", counts["lost"], "= 0")
    report.figure("false terminated or deleted", counts["false done"], "= 0")
    report.figure("false failed", counts["false failed"], "= 0")
    report.figure("said to be done, but not seen", counts["unseen"], "= 0")
    report.figure("changes without a read that allows them", counts["blind"], "= 0")
    report.figure("most changes of one session", tally.most_changes, "<= 3")
    report.figure("most reads until one is answered", tally.most_reads, "<= 4")
    most = "<= 0.5" if report.size.full else "<= 1"  # in the bounded size one session is 0.9 %
    report.figure("unknown", 100 * counts["unknown"] / max(1, counts["met a rate"]), most, "%")
    report.figure("unknown, as others changed them", counts["unknown, trapped"])
    report.figure("unknown, as faults left no way to tell", counts["unknown, spent"])
    report.figure("not done, as a false answer stopped it", counts["stopped"])
    free = max(1, counts["free"] - counts["stopped"])
    report.figure("done, of all others that could be", 100 * counts["done"] / free, ">= 90", "%")
    unhindered = max(1, counts["free"] - counts["hindered"])
    report.figure("done, where no fault was in the way", 100 * counts["done"] / unhindered, ">= 98", "%")
    report.figure("failed, and truly so", counts["failed truly"])
    for note in (*tally.notes, *([] if report.kept else tally.unknown)):
        report.note(note)

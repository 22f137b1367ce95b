"""Races over real sockets: modules change sessions while a thread keeps changing the same ones.

A seed repeats the random choices, but not the times of a real machine.
"""

from __future__ import annotations

import contextlib
import statistics
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from ..figures import Report
from .calls import ask, change
from .unguarded import by_id_alone, without_selecting_again, without_the_read
from .witness import Subject, Verdict, judge

HOUR = 3600
SESSIONS = 40
OWNERS = ("jdoe@ROOT", "maria@ROOT", "chen@PLANNING", "svc@EMEA")
STRANGER = {"owner": "o.brien@LOGISTICS"}
NEW = {"age": 5, "state": "running"}
Values = dict[str, Any]
Act = Callable[[Any, str], None]

_TO_ACTIVE: tuple[Values | None, ...] = (
    None,  # the record is removed
    {"state": "terminated"},
    {"state": "solving"},
    {"app_version": "2.0"},
    STRANGER,
    {"owner": "vip@ROOT"},
    {"app_name": "Race-other"},
    NEW,
    {**NEW, **STRANGER, "app_name": "Race-new"},
)
_TO_ENDED: tuple[Values | None, ...] = (
    None,
    {"state": "running"},
    {"state": "failed"},
    {"app_version": "2.0"},
    STRANGER,
    {**NEW, **STRANGER, "app_name": "Race-new"},
    {"age": 5 * HOUR + 60},  # another one, created clearly before: less than a second apart may be the same
)
_TO_TASKS: tuple[Values | None, ...] = (None, {"state": "completed"}, STRANGER, {"app_name": "Race-other"}, NEW)


@dataclass(frozen=True)
class ChangeCase:
    """One way to change sessions. ``narrow``: selected by state, version and age; ``planned``: from an earlier list."""

    name: str
    module: str
    kind: str = "webui"
    state: str = "running"
    ways: tuple[Values | None, ...] = _TO_ACTIVE
    options: Values = field(default_factory=dict)
    planned: bool = False
    narrow: bool = True

    @property
    def by_tasks(self) -> bool:
        """Whether it lists tasks instead of sessions."""
        return self.module == "aimms_task_interrupt"

    @property
    def selection(self) -> Values:
        """The selection options."""
        if not self.narrow:
            return {}
        chosen = {"kinds": [self.kind], "states": [self.state], "apps": ["race*"], "app_versions": ["1.*"]}
        return {**chosen, "older_than": "4h", "naive_timezone": "UTC", "protect_owners": ["vip@*"]}

    def fits(self, subject: Subject, at: float) -> bool:
        """Whether a session, as it was at a time, matches this case; decided without the collection."""
        active = subject["state"] in ("queued", "assigned", "launching", "running", "solving", "closing")
        if not self.narrow:
            return active
        chosen = subject["state"] == self.state and subject["app_version"].startswith("1.")
        mine = subject["app_name"].startswith("Race") and not subject["owner"].startswith("vip@")
        return chosen and mine and at - subject["created"] > 4 * HOUR


CASES = (
    ChangeCase("end by selection", "aimms_session_terminate"),
    ChangeCase("end a plan", "aimms_session_terminate", planned=True),
    ChangeCase("delete", "aimms_session_delete", state="terminated", ways=_TO_ENDED),
    ChangeCase("delete a plan", "aimms_session_delete", state="terminated", ways=_TO_ENDED, planned=True),
    ChangeCase("interrupt tasks", "aimms_task_interrupt", kind="task", ways=_TO_TASKS, narrow=False),
    ChangeCase(
        "interrupt, then end", "aimms_session_terminate", kind="task",
        options={"interrupt_tasks": "solve", "grace_period": "1s"},
    ),
)  # fmt: skip


class Meddler(threading.Thread):
    """Changes sessions at random times, from their first listing until it is stopped."""

    def __init__(self, server: Any, names: list[str], case: ChangeCase, rng: Random, pause: float) -> None:
        super().__init__(daemon=True)
        self._server, self._names, self._case, self._rng, self._pause = server, names, case, rng, pause
        self._over = threading.Event()
        self.changes = 0

    def run(self) -> None:
        """Change sessions."""
        from emulator.process import EmulatorError

        while not any(entry.get("subjects") for entry in self._server.requests()) and not self._over.wait(0.005):
            pass
        while not self._over.wait(self._rng.expovariate(1 / self._pause)):
            name, way = self._rng.choice(self._names), self._rng.choice(self._case.ways)
            with contextlib.suppress(EmulatorError):  # the session no longer exists
                if way is None:
                    self._server.remove_session(name)
                else:
                    self._server.update_session(name, **way)
                self.changes += 1

    def stop(self) -> None:
        """Stop, and wait for the end."""
        self._over.set()
        self.join()


@contextmanager
def meddling(server: Any, names: list[str], case: ChangeCase, rng: Random, pause: float) -> Iterator[Meddler]:
    """Run a meddler within the context."""
    meddler = Meddler(server, names, case, rng, pause)
    meddler.start()
    try:
        yield meddler
    finally:
        meddler.stop()


def populate(server: Any, case: ChangeCase) -> list[str]:
    """Replace all sessions by those of the case. Returns their ids."""
    for name in server.state()["sessions"]:
        server.remove_session(name)
    values = {"kind": case.kind, "state": case.state, "age": 5 * HOUR, "app_version": "1.0"}
    made = [
        session
        for number, owner in enumerate(OWNERS)
        for session in server.add_session(
            count=SESSIONS // len(OWNERS), owner=owner, app_name=f"Race-{number}", **values
        )
    ]
    server.clear_requests()
    return [session["id"] for session in made]


def one_round(server: Any, case: ChangeCase, rng: Random) -> tuple[Verdict, int]:
    """Run one case with a meddler. Returns the verdict and the number of changes by the meddler."""
    names = populate(server, case)
    server.clear_faults()
    if rng.random() < 0.4:
        for method, before in (("PATCH", True), ("DELETE", False), ("PUT", True)):
            server.fault("status", status=503, method=method, before=before, rate=0.1, seed=rng.randint(0, 9999))
    options: Values = {"concurrency": rng.choice([1, 2, 4, 8]), "wait_timeout": "1s", **case.selection, **case.options}
    if case.by_tasks:
        options["session_ids"] = names
    with meddling(server, names, case, rng, 0.004) as meddler:
        if case.planned:
            options["sessions"] = ask(server, **case.selection)["sessions"]
        change(case.module, server, **options)
    return judge(server.requests(), case.fits, tasks=case.by_tasks), meddler.changes


def run(report: Report) -> None:
    """Count with all guards, and without each of them."""
    from emulator.process import EmulatorProcess

    rng = Random(f"races-sockets-{report.size.seed}")
    total, meddled, runs = Verdict(), 0, 0
    with EmulatorProcess(sessions=0, seed=report.size.seed, latency_ms=3) as server:
        server.set(log_subjects=True)
        for number in range(report.size.pick(1, 8)):
            for case in CASES:
                verdict, changes = one_round(server, case, rng)
                total.add(verdict)
                meddled, runs = meddled + changes, runs + 1
                if verdict.wrong:
                    report.note(f"{case.name}, round {number}: {verdict.examples[0]}")
        _without_guards(report, server, rng)
    report.figure("module runs over sockets", runs, f">= {runs}")
    report.figure("changes by others meanwhile", meddled, f">= {10 * runs}")
    report.figure("sessions changed by us", total.changes, f">= {5 * runs}")
    report.figure("sessions spared, having changed", total.spared, f">= {runs}")
    report.figure("wrong sessions changed", total.wrong, "= 0")
    report.figure("changed after the last read", total.late)
    report.figure("from the last read to the change, median", 1000 * statistics.median(total.windows), unit="ms")


def _without_guards(report: Report, server: Any, rng: Random) -> None:
    another = (STRANGER, {"app_name": "Race-other"})
    precondition_failure: tuple[Values | None, ...] = ({"state": "solving"}, {"app_version": "2.0"})
    for name, guard, ways in (
        ("wrong over sockets without the read", without_the_read, _TO_ACTIVE),
        ("wrong over sockets by the id alone", by_id_alone, another),
        ("wrong over sockets, not selected again", without_selecting_again, precondition_failure),
    ):
        case = replace(CASES[0], ways=ways, options={"concurrency": 1})
        with guard():
            wrong = sum(one_round(server, case, rng)[0].wrong for _number in range(report.size.pick(1, 3)))
        report.figure(name, wrong, ">= 1")

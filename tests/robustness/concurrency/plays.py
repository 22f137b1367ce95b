"""Some of the races, and of the changing lists, with modules run by ansible-playbook."""

from __future__ import annotations

import tempfile
from pathlib import Path
from random import Random
from typing import Any

from ..figures import Report
from .lists import fill, fitting
from .sockets import CASES, ChangeCase, meddling, populate
from .witness import Verdict, judge

_ENOUGH = 50


def tasks_of(case: ChangeCase, names: list[str]) -> list[dict[str, Any]]:
    """The tasks of a play for a case."""
    options: dict[str, Any] = {"concurrency": 2, "wait_timeout": "1s", **case.selection, **case.options}
    if case.by_tasks:
        options["session_ids"] = names
    asked: list[dict[str, Any]] = []
    if case.planned:
        asked = [{"name": "plan", "aimms.cloud.aimms_session_info": case.selection, "register": "plan"}]
        options["sessions"] = "{{ plan.sessions }}"
    return [*asked, {"name": "run", f"aimms.cloud.{case.module}": options}]


def race(ansible: Any, server: Any, case: ChangeCase, rng: Random) -> Verdict:
    """One play while a meddler changes sessions."""
    names = populate(server, case)
    with meddling(server, names, case, rng, 0.006):
        ansible.play(*tasks_of(case, names), server=server)
    return judge(server.requests(), case.fits, tasks=case.by_tasks)


def moving(ansible: Any, server: Any, rng: Random) -> tuple[int, int]:
    """End all sessions with a play while the list changes.

    Returns the number of sessions to end (without those that disappeared before), and how many are still active. If the
    module refuses an incomplete list, no change is allowed: returns 0 and the number of changes.
    """
    from plays import terminate

    fill(server, rng)
    server.set(
        churn_vanish=rng.randint(1, 2), churn_appear=rng.randint(1, 2), churn_mode=rng.choice(["remove", "hide"])
    )
    task = terminate("run", kinds=["webui"], states=["running"], older_than="1h", max_sessions=9999, wait_timeout="5s")
    result = ansible.play(task, server=server)["run"]
    server.set(churn_vanish=0, churn_appear=0)
    if "incomplete" in result.get("msg", ""):
        return 0, len(server.changes())
    ended = {entry["path"].removesuffix("/terminate") for entry in server.changes() if entry["acted"]}
    told = {entry["id"] for entry in result.get("sessions") or ()}  # what failed is told, and so not missed
    left = len(fitting(server) - told)
    return len(ended) + left, left


def run(report: Report) -> None:
    """Count."""
    from emulator.dialects.dialect import DIALECTS
    from emulator.process import EmulatorProcess
    from plays import Ansible, collections_path

    rng, total, plays = Random(f"races-plays-{report.size.seed}"), Verdict(), 0
    lived, left = 0, 0
    with tempfile.TemporaryDirectory() as name:
        ansible = Ansible(Path(name), collections_path(Path(name)))
        with EmulatorProcess(sessions=0, seed=report.size.seed, latency_ms=5) as server:
            server.set(log_subjects=True)
            for case in CASES[:2] if not report.size.full else CASES:
                verdict = race(ansible, server, case, rng)
                total.add(verdict)
                plays += 1
                if verdict.wrong:
                    report.note(f"play, {case.name}: {verdict.examples[0]}")
        for dialect in [*DIALECTS][1 :: report.size.pick(len(DIALECTS), 1)]:
            with EmulatorProcess(dialect=dialect, sessions=0, seed=report.size.seed, page_cap=20) as server:
                here = 0
                for _attempt in range(4):  # how many vanish before their turn is a matter of time
                    there, remain = moving(ansible, server, rng)
                    here, left, plays = here + there, left + remain, plays + 1
                    if here >= _ENOUGH:
                        break
                lived += here
    report.figure("playbooks run", plays, f">= {plays}")
    report.figure("sessions changed in playbooks", total.changes, ">= 10")
    report.figure("sessions spared in playbooks", total.spared, ">= 5")
    report.figure("wrong sessions in playbooks", total.wrong, "= 0")
    report.figure("changed after the last read, playbooks", total.late)
    report.figure("sessions of moving lists in playbooks", lived, f">= {_ENOUGH}")
    report.figure("missed in playbooks", left, "= 0")

"""A sample of the races in modules that ansible-playbook runs, and of lists that move while such a module reads."""

from __future__ import annotations

import tempfile
from pathlib import Path
from random import Random
from typing import Any

from ..figures import Report
from .lists import fill, fitting
from .sockets import JOBS, Job, meddling, populate
from .witness import Verdict, judge

_ENOUGH = 50


def tasks_of(job: Job, names: list[str]) -> list[dict[str, Any]]:
    """The tasks of a play that does the job."""
    options: dict[str, Any] = {"concurrency": 2, "wait_timeout": "1s", **job.selection, **job.options}
    if job.by_tasks:
        options["session_ids"] = names
    asked: list[dict[str, Any]] = []
    if job.planned:
        asked = [{"name": "plan", "aimms.cloud.aimms_session_info": job.selection, "register": "plan"}]
        options["sessions"] = "{{ plan.sessions }}"
    return [*asked, {"name": "run", f"aimms.cloud.{job.module}": options}]


def race(ansible: Any, server: Any, job: Job, rng: Random) -> Verdict:
    """One play with a meddler at work."""
    names = populate(server, job)
    with meddling(server, names, job, rng, 0.006):
        ansible.play(*tasks_of(job, names), server=server)
    return judge(server.requests(), job.fits, tasks=job.by_tasks)


def moving(ansible: Any, server: Any, rng: Random) -> tuple[int, int]:
    """All sessions ended by a play while the list moves: how many were to be ended and did not vanish before, and how
    many live on.

    Where the module refuses to act on an incomplete list, nothing was to be ended, and every change is one too many.
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
    left = len(fitting(server))
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
            for job in JOBS[:2] if not report.size.full else JOBS:
                verdict = race(ansible, server, job, rng)
                total.add(verdict)
                plays += 1
                if verdict.wrong:
                    report.note(f"play, {job.name}: {verdict.examples[0]}")
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

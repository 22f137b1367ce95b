"""Wrong clocks between server and modules: over sockets with every format of times, on the days on which zones change
their clocks, and in modules run by ansible-playbook with a wrong local clock.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from ansible_collections.aimms.cloud.plugins.module_utils.http import client

from ..figures import Report
from .calls import change
from .clocks import CHANGES, HOUR, SLACK, SPARE, only, seconds, wall

LIMIT = 4 * HOUR
WITHOUT_ZONE = ("current-bare", "current-vendor")
SPELLINGS = ("current", "legacy", "current-page", "current-page0", "current-cursor", "current-link", *WITHOUT_ZONE)
"""Dialects that write times each in another way: with Z, milliseconds, offsets, as epochs, and without a zone."""
EDGE = 180.0  # seconds allowed for a slow machine
SKEWS = ((0.0, 1.0), (0.0, -1.0), (1.0, 0.0), (-1.0, 0.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0))
"""Hours that the Date header and the local clock are off. Never both ahead: then nothing could tell."""
MOVED_CLOCK = """import os, time
_time, _shift = time.time, float(os.environ["RACES_SHIFT"])
time.time = lambda: _time() + _shift
with open(os.environ["RACES_SEEN"], "a") as stream:
    stream.write("seen\\n")
"""


@dataclass
class Sample:
    """Counts: sessions judged, called stale too early, and not found although old enough."""

    judged: int = 0
    false_stale: int = 0
    missed: int = 0

    def judge(self, selected: set[str], young: set[str], old: set[str]) -> None:
        """Count one answer."""
        self.judged += len(young) + len(old)
        self.false_stale += len(selected & young)
        self.missed += len(old - selected)


@contextmanager
def local_clock(shift: float) -> Iterator[None]:
    """Within the context the local clock is wrong by some seconds."""
    moved = SimpleNamespace(time=lambda: time.time() + shift, monotonic=time.monotonic, sleep=time.sleep)
    with patch.object(client, "time", moved):
        yield


def populate(server: Any, spare: float) -> tuple[set[str], set[str]]:
    """Replace all sessions: by some that are just too young, and some that are certainly old enough."""
    for name in server.state()["sessions"]:
        server.remove_session(name)
    ages = (LIMIT - 30 * 60, LIMIT - EDGE, LIMIT + SLACK + spare + EDGE, LIMIT + SLACK + spare + HOUR)
    names = [server.add_session(kind="webui", age=age)["id"] for age in ages]
    return set(names[:2]), set(names[2:])


def selected(server: Any, **options: Any) -> set[str]:
    """The sessions that would be ended."""
    made = change("aimms_session_terminate", server, check=True, kinds=["webui"], **options)
    if "error" in made:
        raise RuntimeError(str(made["error"]))
    return {session["id"] for session in made["sessions"]}


def every_spelling(server: Any, sample: Sample) -> None:
    """Every format of times with every pair of wrong clocks."""
    for dialect in SPELLINGS:
        server.set(dialect=dialect)
        for date, local in SKEWS:
            young, old = populate(server, SPARE if dialect in WITHOUT_ZONE else 0.0)
            server.set(date_offset=date * HOUR)
            with local_clock(local * HOUR):
                sample.judge(selected(server, older_than="4h"), young, old)
    server.set(date_offset=0)


def changing_days(server: Any, sample: Sample, rng: Random) -> None:
    """Local times of a zone around the change of its clocks."""
    server.set(dialect="current-bare")
    for zone, moments in CHANGES.items():
        for moment in moments:
            now = seconds(moment) + rng.uniform(3, 8) * HOUR
            emulated = seconds(server.state(summary=True)["now"].rstrip("Z"))
            server.tick(now - emulated)
            shift = now - time.time()
            young, old = _on_the_wall(server, rng, now, seconds(moment), zone)
            with local_clock(shift + rng.uniform(-HOUR, HOUR)):
                found = selected(server, older_than="4h", naive_timezone=zone)
            sample.judge(found, young, old)


def _on_the_wall(server: Any, rng: Random, now: float, moment: float, zone: str) -> tuple[set[str], set[str]]:
    """Sessions around the change with local times: too young, and old enough."""
    for name in server.state()["sessions"]:
        server.remove_session(name)
    young, old = set(), set()
    for number in range(24):
        created = moment + rng.uniform(-1.5, 1.5) * HOUR if number % 2 else now - rng.uniform(1, 14) * HOUR
        text = wall(round(created), zone).isoformat(timespec="seconds")
        name = server.add_session(kind="webui", overrides={"created_at": text})["id"]
        age = now - round(created)
        if age < LIMIT - EDGE:
            young.add(name)
        elif age > LIMIT + SLACK + HOUR + EDGE:  # an hour that occurs twice
            old.add(name)
    return young, old


def in_playbooks(report: Report, server: Any, sample: Sample) -> None:
    """End sessions with the module in ansible-playbook, with a wrong local clock."""
    from plays import Ansible, collections_path, terminate

    server.tick(time.time() - seconds(server.state(summary=True)["now"].rstrip("Z")))
    pairs = [(0.0, 1.0, "current"), (0.0, -1.0, "current-bare")]
    if report.size.full:
        pairs = [(*skew, dialect) for skew in ((0.0, 1.0), (1.0, -1.0)) for dialect in SPELLINGS]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "sitecustomize.py").write_text(MOVED_CLOCK)
        ansible = Ansible(folder, collections_path(folder))
        for date, local, dialect in pairs:
            server.set(dialect=dialect, date_offset=date * HOUR)
            young, old = populate(server, SPARE if dialect in WITHOUT_ZONE else 0.0)
            task = terminate("run", kinds=["webui"], older_than="4h", wait_timeout="5s")
            ansible.play(task, server=server, environment=_environment(folder, local * HOUR))
            _check_moved(folder)
            ended = {one["id"] for one in server.state()["sessions"].values() if one["ended_how"] == "terminate"}
            sample.judge(ended, young, old)
    server.set(date_offset=0)


def _environment(folder: Path, shift: float) -> Mapping[str, str]:
    path = os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH"))))
    return {"PYTHONPATH": path, "RACES_SHIFT": str(shift), "RACES_SEEN": str(folder / "seen")}


def _check_moved(folder: Path) -> None:
    """Check that ansible-playbook and the module had the wrong clock. Raises RuntimeError."""
    seen = folder / "seen"
    if not seen.exists() or len(seen.read_text().splitlines()) < 2:
        raise RuntimeError("the local clock of the module did not move")
    seen.unlink()


def run(report: Report) -> None:
    """Count."""
    from emulator.process import EmulatorProcess

    rng, sockets, played, bare = Random(f"races-dialects-{report.size.seed}"), Sample(), Sample(), Sample()
    with EmulatorProcess(sessions=0, seed=report.size.seed) as server:
        for _number in range(report.size.pick(1, 4)):
            every_spelling(server, sockets)
        with only("local"):
            every_spelling(server, bare)
        for _number in range(report.size.pick(1, 6)):
            changing_days(server, sockets, rng)
        in_playbooks(report, server, played)
    report.figure("ages judged over sockets", sockets.judged, f">= {report.size.pick(300, 1500)}")
    report.figure("false stale over sockets", sockets.false_stale, "= 0")
    report.figure("missed over sockets", sockets.missed, "= 0")
    report.figure("false stale by the local clock, sockets", bare.false_stale, ">= 1")
    report.figure("ages judged in playbooks", played.judged, f">= {report.size.pick(8, 56)}")
    report.figure("false stale in playbooks", played.false_stale, "= 0")
    report.figure("missed by their age in playbooks", played.missed, "= 0")

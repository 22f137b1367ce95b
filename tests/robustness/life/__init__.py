"""Life (rules 32, 33, 34 and 38): what people type, what stands in between, lists that tell less, and other actors.

Each case is a seeded combination of a server, its document, something in between, other actors, and what a user gives
in one of many forms. What a form means is decided here (`words.py`), never by the collection. The server's own state
tells what was wrong (a session that must live was ended, a record destroyed), lost (done, and not told) or a lie.
Most cases run modules, the lookup and the event source in forks of one process; some are tasks of ansible-playbook, and
some are hosts of the cleanup role. The same cases without one of the guards must find something.

Proves rules 32, 33, 34, 37 and 38.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..figures import Report
    from .case import Case
    from .runs import Lanes, Ran
    from .verdict import Tally

_LANES, _TASKS, _HOSTS = 8, 8, 6
_MOST_NOTES = 40
_PARTS = {
    "retention and archives": (6, 200), "interrupts": (3, 200), "two runs at once": (3, 150), "events": (1, 80),
    "policies": (10, 400), "notices": (5, 200), "deletions of tasks": (8, 300),
}  # fmt: skip
"""How many cases of a part there are at least: bounded, and full."""


def run(report: Report) -> None:
    """Run the campaign and add its figures."""
    from plays import Ansible, collections_path

    from . import deletions
    from .case import Drawing
    from .rules import ENTRIES
    from .runs import Lanes, Stage
    from .verdict import Tally

    size, tally = report.size, Tally()
    count = size.pick(80, 2000)
    with tempfile.TemporaryDirectory(prefix="life-") as name, Lanes(_LANES, size.seed) as lanes:
        folder = Path(name)
        collections = collections_path(folder)
        with Stage(collections) as stage, ThreadPoolExecutor(1) as beside, Lanes(_TASKS, size.seed) as others:
            played = beside.submit(lambda: list(_played(report, Ansible(folder, collections), others)))
            drawn = (Drawing(size.seed, number).case() for number in range(count))
            by_rules = _apart(report, "policies", 30_000, ENTRIES)
            of_tasks = _apart(report, "deletions of tasks", 50_000, deletions.ENTRIES)
            for ran in lanes.run(
                chain(drawn, by_rules, _apart(report, "notices", 40_000, ("notice",)), of_tasks), stage
            ):
                tally.add(ran)
            for ran in played.result():
                tally.add(ran)
        _figures(report, tally)
        _without_guards(report, collections, lanes)


def _played(report: Report, ansible: Any, lanes: Lanes) -> Iterator[Ran]:
    """The cases that ansible-playbook runs; in the bounded size the role meets no trouble, for which it may wait."""
    from . import plays

    size = report.size
    for number in range(size.pick(1, 8)):
        yield from plays.tasks(ansible, lanes, size.seed, 10_000 + number * _TASKS, _TASKS)
    hosts, only = size.pick(2, _HOSTS), "" if size.full else "none"
    for number, entry in enumerate([*plays.ROLES] * size.pick(1, 4)):
        yield from plays.role(ansible, lanes, size.seed, 20_000 + number * hosts, hosts, entry=entry, only=only)


def _apart(report: Report, part: str, first: int, entries: Sequence[str]) -> Iterator[Case]:
    """The cases of a part that are drawn apart from all others. Every second one meets no trouble."""
    from .case import Drawing

    for number in range(first, first + report.size.pick(*_PARTS[part])):
        yield Drawing(report.size.seed, number, entries, only="none" if number % 2 else "").case()


def _figures(report: Report, tally: Tally) -> None:
    from .truth import BROKEN, LEAK, LIE, LOST, WRONG

    counts = tally.counts
    report.figure("cases", counts["cases"], f">= {report.size.pick(80, 2000)}")
    for kind in (WRONG, LOST, LIE, LEAK, BROKEN):
        report.figure(kind, counts[kind], "= 0")
    report.figure("records that an old document cost", counts["destroyed"])
    report.figure("refused", counts["refused"])
    report.figure("sessions ended or deleted", counts["done"], f">= {report.size.pick(60, 1500)}")
    for part, (bounded, full) in _PARTS.items():
        report.figure(f"cases of {part}", counts[f"of {part}"], f">= {report.size.pick(bounded, full)}")
    report.figure("tasks deleted", counts["tasks deleted"], f">= {report.size.pick(5, 200)}")
    report.figure("logs saved", counts["logs"], f">= {report.size.pick(10, 1000)}")
    share = 100 * counts["meant and done"] / max(1, counts["meant"])
    report.figure("done of what was meant, without trouble", share, ">= 99", "%")
    for text in tally.notes[:_MOST_NOTES]:
        report.note(text)


def _without_guards(report: Report, collections: str, lanes: Lanes) -> None:
    """The same cases without each of the guards."""
    from .case import Drawing
    from .runs import Stage
    from .unguarded import GUARDS
    from .verdict import Tally

    for name, guard in GUARDS.items():
        if not (report.size.full or guard.bounded):
            continue
        tally, found = Tally(), Counter[str]()
        with Stage(collections, name) as stage:
            cases = (
                Drawing(report.size.seed, number, guard.entries, only=guard.trouble).case()
                for number in range(guard.cases)
            )
            for ran in lanes.run(cases, stage):
                found.update({kind for kind, _text in tally.add(ran)})
        report.figure(f"without {name}", sum(found.values()), ">= 1")

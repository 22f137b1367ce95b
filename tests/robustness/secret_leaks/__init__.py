"""Secret leaks (rule 12; 1, 5, 11, 13): does the API key appear anywhere?

A cell is a part of the collection, the way it gets the key, a situation, and a place that is searched for all forms of
the key, and of a secret that servers tell in their texts. It counts only if the situation occurred and the place was
not empty. Everything runs with maximum verbosity.

Not searched is what Ansible itself shows of any module: a plain key in a playbook; a key in `environment:` (rule 14);
modules kept by ANSIBLE_KEEP_REMOTE_FILES; `ansible_failed_task`, which contains the options of the task; and
ANSIBLE_DEBUG, which prints them (it is on only if the key comes from the environment). Nor is the file `command` of
ansible-runner, which contains its environment.

Proves rules 12 and 14.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

from ..figures import Report
from . import events, openly, roles, runs
from .bench import DEFAULTS, ENVIRONMENT, LOOKUP, MODULES, OPTION, WAYS, Bench, Task
from .broken import break_collection
from .cases import Case, Seen, asynchronous, every_part, odd_answers, special, told, unexpected
from .forms import Finder, canary
from .matrix import Matrix
from .mistakes import malformed, misplaced
from .servers import DECOY, Parrot

ROOT = Path(__file__).resolve().parents[3]
SHAPES = {OPTION: ("\"'%/+&=<\\", 6), DEFAULTS: ("+/=", 16), ENVIRONMENT: ("", 6)}
"""Separators between the words of a key, and their number: special characters, a long key, and letters only."""


def run(report: Report) -> None:
    """Run all cases, search all places, and report."""
    matrix = Matrix()
    with tempfile.TemporaryDirectory(prefix="leaks-", ignore_cleanup_errors=True) as name:
        work = Path(name).resolve()
        collections, broken = _collections(work)
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            runs_to_do = [
                *_plays(report, work, collections, broken, matrix),
                *_role_runs(report, work, collections, broken, matrix),
            ]
            for future in [pool.submit(*each) for each in runs_to_do]:
                future.result()
    _figures(report, matrix)


def _collections(work: Path) -> tuple[str, str]:
    from plays import NAME, collections_path

    found = str(collections_path(work / "collections"))
    source = next(Path(entry) / NAME for entry in found.split(os.pathsep) if (Path(entry) / NAME / "plugins").is_dir())
    return found, break_collection(source, work / "broken" / NAME, DECOY)


def _plays(report: Report, work: Path, collections: str, broken: str, matrix: Matrix) -> Iterator[tuple[Any, ...]]:
    whole = [*every_part(), *odd_answers(), *special(), *told(), *misplaced(), *malformed(), *asynchronous()]
    for number, way in enumerate(WAYS):
        yield _play, report, work / f"run-{number}", way, _chosen(whole, number, report), collections, matrix
        if report.size.full or way == OPTION:
            breaking = [case for case in unexpected() if report.size.full or case.always]
            yield _play, report, work / f"broken-{number}", way, breaking, broken, matrix


def _chosen(cases: Iterable[Case], number: int, report: Report) -> list[Case]:
    """The cases for one way of giving the key. In full size important cases run with every way, others with one."""
    chosen = []
    turn = report.size.seed
    for case in cases:
        ways = [way for way in WAYS if not case.ways or way in case.ways]
        every = report.size.full and case.always
        turn += 1
        if WAYS[number] in (ways if every else [ways[turn % len(ways)]]) and (report.size.full or case.always):
            chosen.append(case)
    return chosen


def _role_runs(report: Report, work: Path, collections: str, broken: str, matrix: Matrix) -> Iterator[tuple[Any, ...]]:
    both = (roles.EXTRA, roles.INJECTED)
    for turn, role in enumerate(roles.PLAYBOOKS):
        for number, way in enumerate(both if report.size.full else both[turn % 2 : turn % 2 + 1]):
            yield _role_run, report, work / f"{role}-{number}", role, way, collections, matrix, ""
        if report.size.full:
            yield (
                _role_run,
                report,
                work / f"{role}-broken",
                role,
                roles.INJECTED,
                broken,
                matrix,
                "unexpected exception",
            )


@contextmanager
def _bench(report: Report, folder: Path, way: str, shape: str) -> Iterator[Bench]:
    from emulator.process import EmulatorProcess

    joints, chunks = SHAPES[shape]
    key = canary(Random(f"leaks-{report.size.seed}-{folder.name}"), joints, chunks)
    folder.mkdir(parents=True)
    with (
        Parrot() as parrot,
        EmulatorProcess(sessions=3, seed=report.size.seed, admin_key=key) as emulator,
    ):
        bench = Bench(way, key, emulator, parrot, folder)
        parrot.tells(bench.told)
        yield bench


def _play(report: Report, folder: Path, way: str, cases: list[Case], collections: str, matrix: Matrix) -> None:
    with _bench(report, folder, way, way) as bench:
        marked = {f"c{number:03}": case for number, case in enumerate(cases)}
        tasks: list[Task] = []
        for mark, case in marked.items():
            tasks += case.build(bench, mark)
        last = [bench.module("c999", MODULES[0], bench.parrot.url("403", "c999"))]
        traces = runs.play(bench, tasks, last, collections)
        finder = Finder([bench.key, *bench.keys])
        if folder.name.startswith("run-") and (report.size.full or way == OPTION):
            events.search(bench, collections, matrix, finder)
        for mark, case in marked.items():
            _search_case(bench, traces, mark, case, matrix, finder)
        for place, text in traces.cases.get(runs.DECOYS, {}).items():
            matrix.decoys[place] += text.count(DECOY)
        matrix.add("all parts", way, "the whole run", traces.whole, finder)
        matrix.add(MODULES[0], way, "fail that ends the run", runs.searched(traces.cases.get("c999", {})), finder)
        matrix.keys.add(bench.key)
        for place, trap in (("proxy", bench.parrot.proxy), ("target of a redirect", bench.parrot.trap)):
            matrix.received[place] += trap.received.decode("latin-1")
            matrix.connections[place] += trap.connections


def _search_case(bench: Bench, traces: runs.Traces, mark: str, case: Case, matrix: Matrix, finder: Finder) -> None:
    texts = traces.cases.get(mark, {})
    seen = Seen(traces.rows.get(mark, []), bench.parrot.hits(mark), texts)
    if not case.happened(seen):
        matrix.miss(case.part, bench.way, case.situation, f"{seen.hits} requests, {str(seen.rows)[:300]}")
        return
    matrix.add(case.part, bench.way, case.situation, runs.searched(texts), finder)


def _role_run(
    report: Report, folder: Path, role: str, way: str, collections: str, matrix: Matrix, situation: str
) -> None:
    with _bench(report, folder, way, OPTION if way == roles.EXTRA else DEFAULTS) as bench:
        play = roles.situations_of(bench, role, way)
        if situation:
            play.hosts = dict(roles.broken_hosts(role, bench))
        elif not report.size.full:
            play.hosts = {name: host for name, host in play.hosts.items() if name in ("plan", "applied", "fail-401")}
        roles.run(bench, play, collections, matrix, situation)


def _uncovered(cells: Iterable[tuple[str, str]]) -> list[str]:
    """Parts that did not both succeed and fail in some cell."""
    found = set(cells)
    wanted = {(part, outcome) for part in (*MODULES, LOOKUP) for outcome in ("ok", "fail")}
    wanted |= {(role, outcome) for role in roles.PLAYBOOKS for outcome in ("applied", "fail")}
    return sorted(f"{part}: {outcome}" for part, outcome in wanted - found)


def _figures(report: Report, matrix: Matrix) -> None:
    lacking = _uncovered((cell.part, cell.situation.split()[0].split("-")[0]) for cell in matrix.cells)
    report.figure("cells", len(matrix.cells), ">= 200" if report.size.full else ">= 60")
    report.figure("situations that did not occur", len(matrix.missing), "= 0")
    report.figure("parts without an ok and a fail", len(lacking), "= 0")
    for form, hits in matrix.hits().items():
        report.figure(f"keys found, {form}", hits, "= 0")
    report.figure("keys found at a proxy or elsewhere", matrix.strayed(), "= 0")
    report.figure("connections to the target of a redirect", matrix.connections["target of a redirect"], "= 0")
    report.figure("requests seen by the proxy", matrix.connections["proxy"], ">= 1")
    texts, shown = openly.shown(ROOT)
    report.figure("examples and plays looked through", texts, ">= 20")
    report.figure("of them, with the key handed over openly", len(shown), "= 0")
    report.figure("kinds of places", len(matrix.places))
    report.figure("places where not even a decoy was found", len(matrix.blind()), "= 0")
    report.figure("searched", matrix.searched / 2**20, ">= 1", "MiB")
    for text in [*sorted(matrix.missing), *lacking, *matrix.blind(), *shown][:20]:
        report.note(text)
    for cell, found in list(matrix.leaks.items())[:40]:
        report.note(f"{cell} has {dict(found)}")

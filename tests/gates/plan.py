"""Which gates there are: everything of `make test`, and with all ansible-cores that of `make test-all`."""

from __future__ import annotations

from functools import partial

from .benchmark import benchmark
from .checks import Bench, Campaigns, Core, Package, Quality, demonstration
from .docs import Docs
from .pages import Pages
from .pythons import CONTROLLERS, Pair, Python, choose, find, lowest_target
from .rulebooks import rulebooks
from .schedule import Gate, Log, Skipped
from .workspace import Space, Venv, core_requirement, requirement_lines

GROUPS = tuple("lint docs sanity units integration coverage e2e prove bench package report rulebook".split())
E2E = ("tests/requirements/e2e.txt", "tests/requirements/emulator.txt")
FRAMEWORKS = "tests/requirements/frameworks.txt"
LINT = (
    "meta/ee-requirements.txt",
    "tests/requirements/lint.txt",
    "tests/requirements/docs.txt",
    "tests/requirements/emulator.txt",
)


def every_gate(pairs: list[Pair], pythons: dict[int, Python], *, full: bool = False, every: bool = False) -> list[Gate]:
    """All gates, the slowest lanes first; between the oldest and the newest ansible-core only what ansible-test runs.

    :param pairs: the oldest ansible-core first. :param full: the campaigns in their full size.
    :param every: also what `make test` leaves out.
    """
    oldest, newest = pairs[0], pairs[-1]
    gates: list[Gate] = []
    plays: list[Gate] = []
    for pair in dict.fromkeys((oldest, newest, *pairs)):
        target = lowest_target(pythons, pair)
        bench = Bench(Space(f"core-{pair.core}"), _playing(pair, newest=pair is newest), (pair.python, target))
        core = Core(bench, pair, target, oldest=pair is oldest, newest=pair is newest, every=every)
        if pair not in (oldest, newest):
            gates += core.gates()
            continue
        gates += core.gates()
        plays += core.e2e_gates(full=full)
        names = (
            ("secret_leaks", "crash_recovery", "fuzzing", "life", "whole_lists")
            if pair is newest
            else ("secret_leaks", "fault_injection", "concurrency")
        )
        plays += Campaigns(bench, pair.core, full=full).gates(names)
        if pair is newest:
            plays.append(benchmark(bench, pair.core))
    gates += plays
    linters = lint_bench(newest)
    gates += Quality(linters).gates()
    gates += Docs(Bench(Space("docs-tree"), linters.venv, linters.pythons)).gates()
    importer = requirement_lines(
        "tests/requirements/importer.txt", "meta/ee-requirements.txt", "tests/requirements/emulator.txt"
    )
    package = Bench(Space("package"), Venv("importer", newest.python, importer), (newest.python,))
    gates += [*Package(package).gates(), *Pages(newest.python).gates(), demonstration()]
    if every:
        gates += [*without_python(pairs), *rulebooks(pythons, core_requirement(newest))]
    mutants = Bench(Space("mutation"), _playing(newest, newest=True), (newest.python,))
    return gates + Campaigns(mutants, "mutation", full=full).gates(("mutation",), alone=True)


def newest_bench() -> Bench:
    """What runs on the newest ansible-core here. Raises NoPython."""
    pythons = find()
    pair = choose(pythons)[-1]
    return Bench(Space(f"core-{pair.core}"), _playing(pair, newest=True), (pair.python,))


def lint_bench(newest: Pair) -> Bench:
    """Where the linters and the tools for documentation and releases run."""
    lines = [core_requirement(newest), *requirement_lines(*LINT)]
    return Bench(Space("lint"), Venv("lint", newest.python, lines), (newest.python,))


def _playing(pair: Pair, *, newest: bool) -> Venv:
    """The environment that an ansible-core plays in; on the newest one also against real web frameworks."""
    lines = [core_requirement(pair), *requirement_lines(*E2E, *((FRAMEWORKS,) if newest else ()))]
    return Venv(f"core-{pair.core}", pair.python, lines)


def without_python(pairs: list[Pair]) -> list[Gate]:
    """A gate that is skipped, and says why, for each ansible-core that no Python here can host."""
    hosted = {pair.core for pair in pairs}
    return [
        Gate(f"ansible-core {core}", "sanity", core, partial(_unhosted, first, last))
        for core, first, last in CONTROLLERS
        if core not in hosted
    ]


def _unhosted(first: int, last: int, _log: Log) -> None:
    raise Skipped(f"it needs one of Python 3.{first} to 3.{last} with the venv module, and none is here")


def select(gates: list[Gate], groups: list[str], cores: list[str]) -> list[Gate]:
    """The gates of the given groups (and ansible-cores), with the preparations they need."""
    known = {gate.lane for gate in gates if gate.group == "core"}
    wanted = [gate for gate in gates if gate.group in groups or (gate.prepares and gate.group == "core")]
    if cores:
        wanted = [
            gate for gate in wanted if (gate.needs or gate.lane) in {*cores} or not known & {gate.needs, gate.lane}
        ]
    lanes = {lane for gate in wanted if gate.group in groups for lane in (gate.lane, gate.needs)}
    return [gate for gate in wanted if gate.lane in lanes]

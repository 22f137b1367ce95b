"""Mutation testing: change one thing at a time in the modules that decide. Their unit tests must fail.

Proves rule 31: each guard has a test. Mutants that behave like the program are listed with a reason in
`equivalent.yml`; an outdated entry counts as an error too.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import yaml

from ..figures import Report
from .mutants import Mutant
from .trial import SUBJECTS, try_all
from .worker import SURVIVED, TIMED_OUT

_EQUIVALENT = Path(__file__).with_name("equivalent.yml")
_SAMPLE = 150
_MOST_NOTES = 40


def run(report: Report) -> None:
    """Try all mutants, or a sample of those that are not listed as equivalent."""
    every = [mutant for subject in SUBJECTS.values() for mutant in subject.mutants()]
    names = {mutant.name for mutant in every}
    listed = _listed()
    gone = [name for name in listed if name not in names]
    chosen = every if report.size.full else _sample(every, listed, report.size.seed)
    verdicts = dict(zip((mutant.name for mutant in chosen), try_all(chosen)))
    killed = [name for name in listed if verdicts.get(name, SURVIVED) != SURVIVED]
    _figures(report, chosen, verdicts, listed)
    report.figure("entries of the list that are not true", len(gone) + len(killed), "= 0")
    survived = [name for name, verdict in verdicts.items() if verdict == SURVIVED and name not in listed]
    for what, found in (("survived", survived), ("listed, but no longer there", gone), ("listed, but killed", killed)):
        for name in found[:_MOST_NOTES]:
            report.note(f"{what}: {name}")


def _listed() -> set[str]:
    """The names of the listed equivalent mutants."""
    groups = yaml.safe_load(_EQUIVALENT.read_text(encoding="utf-8"))
    return {name for group in groups for name in group["mutants"]}


def _sample(every: Sequence[Mutant], listed: set[str], seed: int) -> list[Mutant]:
    """As many as there is time for. A change of the code replaces only mutants of the lines that it touches."""
    left = [mutant for mutant in every if mutant.name not in listed]
    return sorted(left, key=lambda mutant: sha256(f"{seed} {mutant.name}".encode()).digest())[:_SAMPLE]


def _figures(report: Report, chosen: Sequence[Mutant], verdicts: dict[str, str], listed: set[str]) -> None:
    counted = [mutant.name for mutant in chosen if mutant.name not in listed]
    survived = [name for name in counted if verdicts[name] == SURVIVED]
    report.figure("mutants", len(chosen))
    report.figure("mutants that ran into a limit of time", list(verdicts.values()).count(TIMED_OUT))
    report.figure("mutants listed as equivalent", len(listed))
    report.figure("mutants that survived otherwise", len(survived))
    report.figure("killed of those that are not equivalent", _share(len(counted), len(survived)), ">= 95", "%")
    if report.size.full:
        everywhere = list(verdicts.values()).count(SURVIVED)
        report.figure("killed of all", _share(len(chosen), everywhere), ">= 95", "%")
        for module in SUBJECTS:
            names = [mutant.name for mutant in chosen if mutant.module == module and mutant.name not in listed]
            alive = sum(name in survived for name in names)
            report.figure(f"killed in {module}", _share(len(names), alive), ">= 95", "%")


def _share(number: int, survived: int) -> float:
    return 100 * (number - survived) / number

"""Test the parsers with generated examples, with the strategies and checks of the unit tests."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable

if TYPE_CHECKING:
    from ..figures import Report

_ROOT = Path(__file__).resolve().parents[3]
_NOTES = 6


class Examples:
    """Examples that run in a process of their own, in parallel to the rest of the campaign."""

    def __init__(self, report: Report, collections: str) -> None:
        self._report = report
        self._process = subprocess.Popen(
            [sys.executable, "-B", "-m", __name__, str(report.size.seed), str(report.size.pick(2_000, 20_000))],
            cwd=_ROOT,
            env=dict(os.environ) | {"PYTHONPATH": collections},
            stdout=subprocess.PIPE,
            text=True,
        )

    def figures(self) -> None:
        """Wait for the end and add the figures."""
        told = self._process.communicate()[0]
        found: dict[str, Any] = json.loads(told) if told else {"examples": 0, "faults": {}, "notes": ["no word"]}
        self._report.figure("examples", found["examples"], f">= {self._report.size.pick(2_000, 20_000)}")
        for name in ("exceptions", "sessions falsely stale", "whole records misread", "other faults of the parsers"):
            self._report.figure(name, found["faults"].get(name, 0), "= 0")
        for note in found["notes"]:
            self._report.note(note)


def _attempts() -> dict[str, tuple[float, Any, Callable[[Any], str | None], str]]:
    """The attempts: share of the examples, strategy, check, and the figure that counts errors."""
    from hypothesis import strategies as st

    from .server import neighbour

    sent, checks = neighbour("record_strategies"), neighbour("record_checks")
    skewed = st.tuples(st.one_of(sent.RECORDS, sent.CONTRADICTIONS), st.sampled_from([-600, 0, 600]))
    answers = st.tuples(sent.ANSWERS, sent.HEADERS, st.booleans())
    other, stale = "other faults of the parsers", "sessions falsely stale"
    return {
        "sessions": (0.25, sent.RECORDS, checks.session_fault, other),
        "ages": (0.2, skewed, lambda pair: checks.stale_fault({"id": "a", **pair[0]}, pair[1]), stale),
        "contradictions": (0.15, sent.CONTRADICTIONS, checks.stale_fault, stale),
        "whole records": (0.15, sent.whole_records(), checks.whole_fault, "whole records misread"),
        "tasks": (0.05, sent.RECORDS, lambda record: checks.task_fault({"id": "a", **record}), other),
        "lines": (0.05, sent.LINES, checks.lines_fault, other),
        "answers": (0.1, answers, lambda three: checks.answer_fault(*three), other),
        "documents": (0.05, sent.DOCUMENTS, lambda tree: checks.document_fault({"paths": {}, **tree}), other),
        "bytes": (0.05, sent.BYTES, checks.bytes_fault, other),
    }


class _Tally:
    """The number of tried examples, and errors."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self.examples = 0
        self.faults: Counter[str] = Counter()
        self.notes: list[str] = []

    def attempt(self, name: str, count: int, strategy: Any, check: Callable[[Any], str | None], figure: str) -> None:
        """Try at least that many examples. If a strategy yields fewer, it is run again with another seed."""
        from hypothesis import HealthCheck, Phase, given, seed, settings

        quiet = list(HealthCheck)
        size = settings(
            max_examples=count, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=quiet
        )
        end = self.examples + count

        def one(value: Any) -> None:
            self._note(name, value, check, figure)

        for go in range(20):
            chance = random.Random(f"hostile-{self._seed}-{name}-{go}")
            given_any: Any = given(strategy)
            tried: Any = given_any(one)
            seed(chance.getrandbits(32))(size(tried))()
            if self.examples >= end:
                return

    def _note(self, name: str, value: Any, check: Callable[[Any], str | None], figure: str) -> None:
        self.examples += 1
        try:
            wrong = check(value)
        except Exception as error:
            wrong, figure = f"{type(error).__name__}: {error}", "exceptions"
        if wrong:
            self.faults[figure] += 1
            if self.faults[figure] <= _NOTES:
                self.notes.append(ascii(f"{name}: {wrong[:160]} from {value!r}")[:400])


def _try(seed: int, count: int) -> dict[str, Any]:
    """Run all. Returns the number of examples, errors by figure, and the first errors as text."""
    tally = _Tally(seed)
    for name, (share, strategy, check, figure) in _attempts().items():
        tally.attempt(name, round(share * count), strategy, check, figure)
    return {"examples": tally.examples, "faults": dict(tally.faults), "notes": tally.notes}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_try(int(sys.argv[1]), int(sys.argv[2]))))

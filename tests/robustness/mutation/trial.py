"""The tests that must detect the mutants of each module, and the processes that run them."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .mutants import Mutant, mutants
from .worker import BROKEN, SURVIVED

ROOT = Path(__file__).resolve().parents[3]
MODULES = Path("plugins/module_utils")
TESTS = Path("tests/unit") / MODULES
TIMING = Path("tests/timing.py")  # what tests wait with
WORKERS = 2


@dataclass(frozen=True)
class Subject:
    """A module, the tests that must detect its mutants (name patterns), and the parts to mutate.

    Of the transport only the retries: its other tests wait for real sockets, a second and more for each mutant.
    """

    module: str
    tests: tuple[str, ...]
    places: tuple[str, ...] = ()

    def text(self) -> str:
        """The text of the module."""
        return (ROOT / MODULES / f"{self.module}.py").read_text(encoding="utf-8")

    def mutants(self) -> list[Mutant]:
        """Its mutants."""
        return mutants(self.module, self.text(), self.places)

    def tests_in(self, tree: Path) -> list[str]:
        """Its tests in a copy of the tree."""
        return [str(path) for pattern in self.tests for path in sorted((tree / TESTS).glob(f"{pattern}.py"))]


_OF_THE_EXECUTOR = ("changes/test_executor*", "changes/test_reads", "changes/test_list_polling")
SUBJECTS = {
    subject.module: subject
    for subject in (
        Subject("times/duration", ("times/test_duration*",)),
        Subject("times/timestamp", ("times/test_timestamp*",)),
        Subject(
            "models/session",
            (
                *(f"models/test_session{aspect}" for aspect in ("", "_id", "_fields")),
                "models/test_names",
                "rules/test_planned",
            ),
        ),
        Subject("rules/planned", ("rules/test_planned",)),
        Subject("models/identity", ("models/test_identity",)),
        Subject("models/field_names", ("models/test_field_names", "models/test_session", "models/test_session_fields")),
        Subject("selection", ("test_selection*", "models/test_names")),
        Subject("changes/change", ("changes/test_change*", *_OF_THE_EXECUTOR)),
        Subject("changes/circuit_breaker", ("changes/test_circuit_breaker", "changes/test_executor*")),
        Subject("changes/reads", ("changes/test_reads", "changes/test_executor*")),
        Subject("changes/executor", _OF_THE_EXECUTOR),
        Subject("changes/list_polling", ("changes/test_list_polling",)),
        Subject("changes/named", ("changes/test_named",)),
        Subject("sessions/delete", ("sessions/test_delete",)),
        Subject("tasks/choice", ("tasks/test_choice",)),
        Subject("tasks/deletion", ("tasks/test_deletion_*",)),
        Subject("tasks/groups", ("tasks/test_groups",)),
        Subject("sessions/active_limit", ("sessions/test_active_limit",)),
        Subject("rules/seats", ("rules/test_seats", "sessions/test_seat_limit_together")),
        Subject("http/rate_limit", ("http/test_rate_limit",)),
        Subject("http/retry", ("http/test_retry*",)),
        Subject("http/client", ("http/test_client_retries",), ("HttpClient._with_retries", "HttpClient._pause")),
    )
}


class BrokenTrial(Exception):
    """The tests cannot be run, or fail without a mutation."""


class _Worker:
    """A process that tests mutants."""

    def __init__(self, tree: Path) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "PYTHON"))}
        environment["PYTHONPATH"] = str(tree.parents[2])
        environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        program = Path(__file__).with_name("worker.py")
        self.process = subprocess.Popen(
            [sys.executable, program], cwd=tree, env=environment, text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._tests = {subject.module: subject.tests_in(tree) for subject in SUBJECTS.values()}
        self._write(sorted({path for paths in self._tests.values() for path in paths}))

    def _write(self, message: object) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()

    def verdict(self, module: str, text: str) -> str:
        """Run the tests against this text of a module. Returns the verdict."""
        assert self.process.stdout
        self._write({"module": module, "text": text, "tests": self._tests[module]})
        answer = self.process.stdout.readline()
        if not answer:
            raise BrokenTrial(f"The process that tries {module} has ended.")
        verdict: str = json.loads(answer)
        if verdict == BROKEN:
            raise BrokenTrial(f"The tests of {module} cannot be run.")
        return verdict

    def verify(self) -> None:
        """Check that the tests pass without a mutation."""
        for subject in SUBJECTS.values():
            if self.verdict(subject.module, ast.unparse(ast.parse(subject.text()))) != SURVIVED:
                raise BrokenTrial(f"The tests of {subject.module} fail although nothing is wrong.")


@contextmanager
def _workers() -> Iterator[list[_Worker]]:
    """Worker processes in a copy of the tree, so that nothing is written to the tree."""
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        tree = Path(folder) / "ansible_collections/aimms/cloud"
        for part in (MODULES, Path("tests/unit")):
            shutil.copytree(ROOT / part, tree / part, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / TIMING, tree / TIMING)
        workers = [_Worker(tree) for _number in range(WORKERS)]
        try:
            yield workers
        finally:
            for worker in workers:
                worker.process.kill()
                worker.process.communicate()


def try_all(chosen: Sequence[Mutant]) -> list[str]:
    """The verdicts on the mutants, in order."""
    verdicts = [""] * len(chosen)
    waiting = iter([(index, mutant.module, mutant.source()) for index, mutant in enumerate(chosen)])

    def work(worker: _Worker) -> None:
        for index, module, text in waiting:
            verdicts[index] = worker.verdict(module, text)

    with _workers() as workers, ThreadPoolExecutor(WORKERS) as pool:
        workers[0].verify()
        list(pool.map(work, workers))
    return verdicts

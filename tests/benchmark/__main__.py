"""Run the benchmark: `python -m tests.benchmark [--quick] [--only CASE ...] [--json FOLDER]`, or `make bench`.

If the current environment lacks something, it makes one below .build and runs there.
"""

from __future__ import annotations

import argparse
import importlib
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from . import environment
from .measure import ROUNDS

ROOT = Path(__file__).resolve().parents[2]
CASES = {
    "emulator": "emulator",
    "page": "page",
    "lookups": "lookups",
    "list": "listing",
    "filtered": "filtered",
    "end": "ending",
    "limit": "limit",
    "accounts": "accounts",
    "log": "log",
    "roles": "roles",
}
"""Name of a case and its module in cases/."""


def _arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.benchmark", description="Measure the collection beside its peers.")
    parser.add_argument("--quick", action="store_true", help="tiny sizes, one round: does every case still run?")
    parser.add_argument("--only", nargs="+", choices=CASES, default=list(CASES), help="of the cases only these")
    parser.add_argument("--json", type=Path, metavar="FOLDER", help="for the tables (default: .build/benchmark)")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"runs of each contender (default: {ROUNDS})")
    return parser.parse_args(words)


def main(words: list[str]) -> int:
    """Exit status: 0 if all goals are met, or in a quick run if all figures are plausible."""
    options = _arguments(words)
    folder = (options.json or ROOT / ".build/benchmark").resolve()
    if not environment.is_here():
        return environment.run_there([*words, "--json", str(folder)])  # the last one counts
    from .bench import Bench
    from .calibration import NEEDED, checks, machine_of
    from .goals import judged
    from .report import Report

    begun, results = time.monotonic(), {}
    described = environment.machine()
    folder.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix="work-", dir=folder))
    tell = (lambda _text: None) if options.quick else (lambda text: print(text, flush=True))
    try:
        bench = Bench(work, options.quick, 1 if options.quick else options.rounds, tell=tell)
        for name in options.only:
            results[name] = importlib.import_module(f"{__package__}.cases.{CASES[name]}").run(bench)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    report = Report(options.quick, described, results, judged(results, quick=options.quick))
    if set(results) >= NEEDED:
        report.constants = machine_of(results)
        report.checks = checks(results, report.constants, environment.cores())
    report.seconds = time.monotonic() - begun
    report.write(folder)
    print(report.text(), flush=True)
    print(f"Tables: {folder}/benchmark.md and .json", flush=True)
    return 1 if report.missed else 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # stops its processes, as Ctrl-C does
    sys.exit(main(sys.argv[1:]))

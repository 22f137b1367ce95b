"""Run the gates: `python3 -m tests.gates [--only GROUP ...] [--core VERSION ...]`."""

from __future__ import annotations

import argparse
import fcntl
import signal
import sys
import time

from .plan import GROUPS, every_gate, select
from .pythons import OLDEST_TARGET, NoPython, choose, find
from .schedule import Gate, Schedule
from .workspace import BUILD, LOGS, ROOT


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.gates", description="Run the checks of this collection.")
    parser.add_argument(
        "--only", nargs="+", choices=GROUPS, default=list(GROUPS), help="groups of checks (default: all)"
    )
    parser.add_argument("--core", nargs="+", default=[], help="of the chosen ansible-cores only these, such as 2.16")
    parser.add_argument("--all", action="store_true", help="every supported ansible-core, and rulebooks")
    parser.add_argument("--full", action="store_true", help="run the campaigns in their full size")
    parser.add_argument("--list", action="store_true", help="name the checks and stop")
    return parser.parse_args()


def _summary(gates: list[Gate], seconds: float) -> int:
    count = {
        outcome: [gate for gate in gates if gate.outcome == outcome] for outcome in ("passed", "failed", "skipped")
    }
    print()
    for outcome in ("skipped", "failed"):
        for gate in count[outcome]:
            print(f"{outcome}: {gate.name}: {gate.reason}")
    verdict = "Some checks failed" if count["failed"] else "All checks passed"
    print(f"{verdict} after {seconds:.0f} s. Full output: {LOGS.relative_to(ROOT)}/")
    print(f"checks: {len(count['passed'])} passed, {len(count['failed'])} failed, {len(count['skipped'])} skipped")
    return 1 if count["failed"] or not count["passed"] else 0


def main() -> int:
    """Exit status: 0 when every gate passed or was skipped for a reason it names."""
    options = _arguments()
    start = time.monotonic()
    pythons = find()
    try:
        pairs = choose(pythons, every=options.all)
    except NoPython as problem:
        print(problem, file=sys.stderr)
        return 2
    gates = select(every_gate(pairs, pythons, full=options.full, every=options.all), options.only, options.core)
    if options.list:
        print("\n".join(gate.name for gate in gates))
        return 0
    print(f"Pythons here: {', '.join(python.version for python in pythons.values())}")
    print(f"Chosen: {'; '.join(map(str, pairs))}")
    if OLDEST_TARGET not in pythons:
        print(f"No Python 3.{OLDEST_TARGET} here: modules are not tried on the oldest Python they support.")
    BUILD.mkdir(exist_ok=True)
    with (BUILD / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            print("Another run is under way in this checkout.", file=sys.stderr)
            return 2
        Schedule(gates).run()
    return _summary(gates, time.monotonic() - start)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends what it started, as Ctrl-C does
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)

"""Run campaigns: `python -m tests.robustness [--full] [--seed N] [--json FOLDER] [CAMPAIGN ...]`.

Needs an environment with ansible-core and the requirements of the e2e tests, and the collection on
ANSIBLE_COLLECTIONS_PATH; `make prove` sees to both.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CAMPAIGNS = {
    "fault_injection": "25",
    "crash_recovery": "30",
    "secret_leaks": "12",
    "fuzzing": "8-10",
    "concurrency": "16, 19, 20",
    "life": "32-34, 38",
    "whole_lists": "20, 35",
    "mutation": "31",
}
"""Name of a campaign, which is the module here with a ``run(report)``, and the rules that it proves."""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.robustness", description="Break things on purpose and count.")
    parser.add_argument("campaigns", nargs="*", metavar="CAMPAIGN", help=f"of {', '.join(CAMPAIGNS)} (default: all)")
    parser.add_argument("--full", action="store_true", help="the full size; without it, what `make test` has time for")
    parser.add_argument("--seed", type=int, default=1, help="another one chooses other faults, moments and values")
    parser.add_argument("--json", type=Path, help="also write NAME.json there")
    options = parser.parse_args()
    unknown = sorted(set(options.campaigns) - set(CAMPAIGNS))
    if unknown:
        parser.error(f"there is no {', '.join(unknown)}")
    return options


def main() -> int:
    """Exit status: 0 if all figures of all campaigns are within their bounds."""
    options = _arguments()
    for folder in (ROOT / "tests/e2e", ROOT / "tests"):
        sys.path.insert(0, str(folder))
    from .figures import Report, Size

    kept = True
    for name in options.campaigns or CAMPAIGNS:
        report = Report(name, CAMPAIGNS[name], Size(options.full, options.seed))
        importlib.import_module(f"{__package__}.{name}").run(report)
        report.seconds = time.monotonic() - report.begun
        print(report.text(), flush=True)
        if options.json:
            options.json.mkdir(parents=True, exist_ok=True)
            (options.json / f"{name}.json").write_text(json.dumps(report.as_dict(), indent=2) + "\n")
        kept = kept and report.kept
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())

"""Write the results of a run into docs/sizing.md: `python -m tests.benchmark.page .build/benchmark/benchmark.json`.

The tables are between `<!-- NAME -->` and `<!-- end -->`. The rest of the page is written by hand.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from .calibration import NEEDED, Check, account_costs, checks, machine_of
from .goals import Verdict, judged
from .measure import Measured
from .model import Machine, account_seconds, end_requests, end_seconds, list_requests, list_seconds
from .report import number, table

PAGE = Path(__file__).resolve().parents[2] / "docs/sizing.md"
_PLACE = re.compile(r"(<!-- (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
_PER_PAGE, _WORKERS = 100, 16
_LATENCIES = (0.02, 0.05, 0.2)
_CORES = (1, 2, 4, 8)


def filled(text: str, found: dict[str, Any]) -> str:
    """The page with the tables of a run. Raises KeyError for an unknown table, ValueError without a model.

    :param text: the current page. :param found: the JSON of the run; figures are computed again.
    """
    results = {case["case"]: Measured.from_dict(case) for case in found["cases"]}
    if found["quick"] or not set(results) >= NEEDED:
        raise ValueError("a full run of all cases is needed")
    machine = machine_of(results)
    tables = {
        "machine": _machine(found["machine"], machine, max(len(case.rounds) for case in results.values())),
        "goals": _goals(judged(results, quick=False)),
        "costs": _costs(machine),
        "accounts": _accounts(results["accounts"]),
        "checks": _checks(checks(results, machine, found["machine"]["cores"])),
        "memory": _memory(results.values()),
    }
    return _PLACE.sub(lambda place: "\n".join([place[1].rstrip(), *tables[place[2]], place[3]]), text)


def _machine(described: dict[str, Any], machine: Machine, rounds: int) -> list[str]:
    told = ", ".join(f"{name} {value}" for name, value in described.items() if name != "load at the start")
    page, request = (
        f"{1e3 * cost.work:.1f} ms of processor time and {1e3 * cost.wait:.1f} ms of waiting beside the latency"
        for cost in (machine.page, machine.request)
    )
    return [
        f"- {told}; load {described['load at the start']} at the start; {rounds} rounds",
        f"- a play with a module that does nothing: {machine.play:.2f} s",
        f"- a module of the collection, without requests: {machine.module:.2f} s more",
        f"- each page of 100 of those that are read side by side: {page}",
        f"- each request of a change: {request}",
    ]


def _goals(verdicts: Sequence[Verdict]) -> list[str]:
    rows = []
    for verdict in verdicts:
        goal, spread = verdict.goal, verdict.spread
        said = verdict.outcome if goal.bound else ""
        span = f"{number(spread.low)} to {number(spread.high)}"
        rows.append((goal.number, goal.name, goal.formula, number(spread.median), span, goal.bound, said))
    return table(("no.", "what", "figure", "median", "spread", "bound", ""), rows)


def _costs(machine: Machine) -> list[str]:
    rows = []
    for count in (100, 1_000, 10_000, 90_000):
        sent = list_requests([count], _PER_PAGE)
        seconds = [f"{list_seconds(machine, [count], _PER_PAGE, latency):.1f}" for latency in _LATENCIES]
        rows.append((f"list {count:,}, return few", f"{sent:,}", *seconds))
    for count in (50, 100, 500, 1_000):
        sent = end_requests(count, _PER_PAGE)
        seconds = [f"{end_seconds(machine, count, _PER_PAGE, latency, _WORKERS):.1f}" for latency in _LATENCIES]
        rows.append((f"end {count:,}, concurrency {_WORKERS}", f"{sent:,}", *seconds))
    heads = [f"s at {1000 * latency:.0f} ms" for latency in _LATENCIES]
    return table(("one task", "requests", *heads), rows)


def _accounts(accounts: Measured) -> list[str]:
    one, work, start = account_costs(accounts)
    count = int(accounts.numbers["accounts"])
    rows = []
    for forks in (1, 5, 10, 20):
        seconds = [account_seconds(one, work, start, count, forks, cores) for cores in _CORES]
        rows.append((str(forks), *(f"{value:.1f}" for value in seconds)))
    return table(("forks", *(f"s, cores: {cores}" for cores in _CORES)), rows)


def _checks(found: Sequence[Check]) -> list[str]:
    rows = [
        (check.job, check.unit, number(check.modelled), number(check.measured), f"{check.ratio:.2f}") for check in found
    ]
    return table(("job", "unit", "model", "measured", "model / measured"), rows)


def _memory(cases: Iterable[Measured]) -> list[str]:
    rows = []
    for case in cases:
        for key, title in case.titles.items():
            peaks = (
                case.each(lambda sample: sample.module_peak, key),
                case.each(lambda sample: sample.controller_peak, key),
            )
            if all(peak.median > 0 for peak in peaks) and ("aimms" in title or "download" in title or key == "noop"):
                rows.append((title, *(f"{peak.median:.0f}" for peak in peaks)))
    return table(("task", "module, MiB", "ansible-playbook, MiB"), list(dict.fromkeys(rows)))


def main(words: Sequence[str]) -> int:
    """Exit status."""
    found = json.loads(Path(words[0]).read_text(encoding="utf-8"))
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8"), found), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Writes what a run measured into docs/sizing.md: `python -m tests.benchmark.page .build/benchmark/benchmark.json`.

The tables stand between `<!-- NAME -->` and `<!-- end -->`; everything else of the page is written by hand.
"""

from __future__ import annotations

import json
import re
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .model import Machine, account_seconds, end_requests, end_seconds, list_requests, list_seconds
from .report import number, table

PAGE = Path(__file__).resolve().parents[2] / "docs/sizing.md"
_PLACE = re.compile(r"(<!-- (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
_PER_PAGE, _WORKERS = 100, 16
_LATENCIES = (0.02, 0.05, 0.2)


def filled(text: str, found: dict[str, Any]) -> str:
    """The page with the tables of a run. Raises KeyError for a table that is not known, ValueError without a model."""
    if found["quick"] or not found["model"]["constants"]:
        raise ValueError("a full run of all cases is needed")
    machine = Machine(**found["model"]["constants"])
    tables = {
        "machine": _machine(found, machine),
        "goals": _goals(found),
        "costs": _costs(machine),
        "accounts": _accounts(found, machine),
        "checks": _checks(found),
        "memory": _memory(found),
    }
    return _PLACE.sub(lambda place: "\n".join([place[1].rstrip(), *tables[place[2]], place[3]]), text)


def _machine(found: dict[str, Any], machine: Machine) -> list[str]:
    described = ", ".join(f"{name} {value}" for name, value in found["machine"].items() if name != "load at the start")
    rounds = max(len(case["rounds"]) for case in found["cases"])
    session, request = f"{1e6 * machine.session:.0f} µs", f"{1e3 * machine.request:.1f} ms"
    return [
        f"- {described}; load {found['machine']['load at the start']} at the start; up to {rounds} rounds",
        f"- a play with a module that does nothing: {machine.play:.2f} s",
        f"- a module of the collection, without requests: {machine.module:.2f} s more",
        f"- work: {session} for each listed session, {request} for each request of a change",
    ]


def _goals(found: dict[str, Any]) -> list[str]:
    rows = [
        (goal["number"], goal["name"], goal["formula"], number(goal["median"]),
         f"{number(min(goal['values']))} to {number(max(goal['values']))}", goal["bound"],
         ("met" if goal["met"] else "missed") if goal["bound"] else "")
        for goal in found["goals"]
    ]  # fmt: skip
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


def _accounts(found: dict[str, Any], machine: Machine) -> list[str]:
    case = next(case for case in found["cases"] if case["case"] == "accounts")
    nothing = machine.play / 2
    one, cpu = (_median(case, "one", name) for name in ("seconds", "cpu"))
    rows = []
    for forks in (1, 5, 10, 20):
        seconds = [
            account_seconds(one - nothing, max(cpu - nothing, 0.0), nothing, 20, forks, cores) for cores in (1, 2, 4, 8)
        ]
        rows.append((str(forks), *(f"{value:.1f}" for value in seconds)))
    return table(("forks", "s, 1 core", "2 cores", "4 cores", "8 cores"), rows)


def _checks(found: dict[str, Any]) -> list[str]:
    rows = [
        (check["job"], check["unit"], number(check["modelled"]), number(check["measured"]), f"{check['ratio']:.2f}")
        for check in found["model"]["checks"]
    ]
    return table(("job", "unit", "model", "measured", "model / measured"), rows)


def _memory(found: dict[str, Any]) -> list[str]:
    rows = []
    for case in found["cases"]:
        for key, title in case["titles"].items():
            module, controller = (_median(case, key, name) for name in ("module_peak", "controller_peak"))
            if module and controller and ("aimms" in title or "download" in title or key == "noop"):
                rows.append((title, f"{module:.0f}", f"{controller:.0f}"))
    return table(("task", "module, MiB", "ansible-playbook, MiB"), list(dict.fromkeys(rows)))


def _median(case: dict[str, Any], key: str, name: str) -> float:
    values = [row[key][name] for row in case["rounds"] if key in row]
    return float(statistics.median(values)) if values else 0.0


def main(words: Sequence[str]) -> int:
    """Exit status."""
    found = json.loads(Path(words[0]).read_text(encoding="utf-8"))
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8"), found), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

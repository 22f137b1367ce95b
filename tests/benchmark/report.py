"""The report: a table of at most 80 columns on the terminal, Markdown and JSON in a folder."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from .calibration import Check
from .goals import MET, MISSED, Verdict
from .measure import Measured, Spread
from .model import Machine


@dataclass
class Report:
    """All results of one run."""

    quick: bool
    machine: Mapping[str, Any]
    results: Mapping[str, Measured]
    verdicts: Sequence[Verdict]
    constants: Machine | None = None
    checks: Sequence[Check] = field(default_factory=tuple)
    seconds: float = 0.0

    @property
    def missed(self) -> list[Verdict]:
        """The goals that are missed, beyond doubt."""
        return [verdict for verdict in self.verdicts if verdict.outcome == MISSED]

    def text(self) -> str:
        """The table for a terminal of 80 columns."""
        lines = [", ".join(f"{name} {value}" for name, value in list(self.machine.items())[:7])]
        for verdict in self.verdicts:
            goal, spread = verdict.goal, verdict.spread
            lines.append(
                f"{goal.number} {goal.name:<42.42} {_span(spread):>17} {goal.bound:>7} {_verdict(verdict, self.quick)}"
            )
        lines += [
            f"  model {check.job:<36.36} {_pair(check):>19} {check.ratio:6.2f}{self._far(check)}"
            for check in self.checks
        ]
        lines += [f"  note: {note}" for measured in self.results.values() for note in measured.notes]
        size = "quick run: sizes are tiny, only counts are judged" if self.quick else "full run"
        met = sum(verdict.outcome == MET for verdict in self.verdicts)
        lines.append(f"{met} of {len(self.verdicts)} met, {len(self.missed)} missed; {self.seconds:.0f} s; {size}")
        return "\n".join(lines)

    def _far(self, check: Check) -> str:
        return "" if check.near or self.quick else "  FAR"

    def markdown(self) -> str:
        """All tables."""
        parts = ["# Benchmark", ""]
        parts += [f"- {name}: {value}" for name, value in self.machine.items()]
        parts += ["", "Quick run: tiny sizes; the times say nothing." if self.quick else "", "## Goals", ""]
        rows = [
            (v.goal.number, v.goal.name, v.goal.formula, number(v.spread.median),
             f"{number(v.spread.low)} to {number(v.spread.high)}", v.goal.bound, _verdict(v, self.quick))
            for v in self.verdicts
        ]  # fmt: skip
        parts += table(("no.", "goal", "figure", "median", "spread", "bound", ""), rows)
        for measured in self.results.values():
            parts += ["", f"## Case {measured.name}", "", _numbers(measured), ""]
            parts += table(
                ("contender", "runs", "median s", "spread s", "CPU s", "requests", "module MiB", "playbook MiB"),
                [_row(measured, key) for key in measured.titles],
            )
            parts += [f"\n{note}" for note in measured.notes]
        if self.checks:
            parts += ["", "## Model of cost", "", f"Constants: {self.constants}", ""]
            checked = [
                (check.job, check.unit, number(check.modelled), number(check.measured), f"{check.ratio:.2f}",
                 "" if check.near else "far")
                for check in self.checks
            ]  # fmt: skip
            parts += table(("job", "unit", "model", "measured", "model / measured", ""), checked)
        return "\n".join(parts) + "\n"

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON."""
        return {
            "quick": self.quick, "machine": dict(self.machine), "seconds": round(self.seconds, 1),
            "goals": [
                {"number": v.goal.number, "case": v.goal.case, "name": v.goal.name, "formula": v.goal.formula,
                 "bound": v.goal.bound, "median": v.spread.median, "values": v.spread.values, "outcome": v.outcome}
                for v in self.verdicts
            ],
            "model": {
                "constants": asdict(self.constants) if self.constants else None,
                "checks": [{**vars(check), "ratio": check.ratio, "near": check.near} for check in self.checks],
            },
            "cases": [measured.as_dict() for measured in self.results.values()],
        }  # fmt: skip

    def write(self, folder: Path) -> None:
        """Write the Markdown and the JSON file."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "benchmark.json").write_text(json.dumps(self.as_dict(), indent=1) + "\n", encoding="utf-8")
        (folder / "benchmark.md").write_text(self.markdown(), encoding="utf-8")


def _verdict(verdict: Verdict, quick: bool) -> str:
    """As short as it fits: what was missed in capitals."""
    if verdict.outcome == MISSED:
        return MISSED.upper()
    return "" if not verdict.goal.bound else "ran" if quick else verdict.outcome


def number(value: float) -> str:
    """A number with about three digits."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}" if abs(value) < 10 else f"{value:.1f}"


def _span(spread: Spread) -> str:
    if len(spread.values) < 2:
        return number(spread.median)
    return f"{number(spread.median)} ({number(spread.low)}-{number(spread.high)})"


def _pair(check: Check) -> str:
    return f"{number(check.modelled)} / {number(check.measured)} {check.unit[:3]}"


def _numbers(measured: Measured) -> str:
    return ", ".join(f"{name} {value:g}" for name, value in measured.numbers.items()) + "."


def _row(measured: Measured, key: str) -> tuple[str, ...]:
    seconds = measured.seconds(key)

    def middle(name: str) -> float:
        return measured.each(lambda sample: float(getattr(sample, name)), key).median

    requests = measured.each(lambda sample: sample.requests.get("total", 0), key).median
    peaks = [f"{value:.0f}" if value else "" for value in (middle("module_peak"), middle("controller_peak"))]
    spread = f"{seconds.low:.2f} to {seconds.high:.2f}"
    sent = f"{requests:,.0f}" if requests else ""
    runs = str(len(seconds.values))
    return (measured.titles[key], runs, f"{seconds.median:.2f}", spread, f"{middle('cpu'):.2f}", sent, *peaks)


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """The lines of a Markdown table."""
    return [
        "| " + " | ".join(heads) + " |",
        "| " + " | ".join("---" for _head in heads) + " |",
        *("| " + " | ".join(row) + " |" for row in rows),
    ]

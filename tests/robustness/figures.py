"""The figures of a campaign and their bounds."""

from __future__ import annotations

import operator
import re
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Callable

_BOUNDS: dict[str, Callable[[float, float], bool]] = {"=": operator.eq, "<=": operator.le, ">=": operator.ge}


@dataclass(frozen=True)
class Figure:
    """One number. ``bound`` is a comparison such as `= 0`, `>= 1000` or `<= 0.5`; empty: for information only."""

    name: str
    value: float
    bound: str = ""
    unit: str = ""

    @property
    def kept(self) -> bool:
        """Whether the bound holds. It never does for NaN, a figure that could not be measured."""
        if not self.bound:
            return True
        sign, limit = self.bound.split()
        return _BOUNDS[sign](self.value, float(limit))

    def line(self) -> str:
        """The figure as one line of a table, at most 80 columns wide."""
        shown = f"{self.value:,}" if isinstance(self.value, int) else f"{self.value:,.2f}"
        value = f"{shown} {self.unit}".strip()
        verdict = "" if not self.bound else "ok" if self.kept else "MISSED"
        return f"  {self.name:<42} {value:>14}  {self.bound:<10} {verdict}".rstrip()


@dataclass
class Size:
    """The size of a campaign: ``full`` for `make prove`, bounded for `make test`."""

    full: bool
    seed: int = 1

    def pick(self, bounded: int, full: int) -> int:
        """The number that fits this size."""
        return full if self.full else bounded


@dataclass
class Report:
    """The report of one campaign."""

    name: str
    rules: str
    size: Size
    figures: list[Figure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    begun: float = field(default_factory=time.monotonic)
    seconds: float = 0.0

    def figure(self, name: str, value: float, bound: str = "", unit: str = "") -> None:
        """Add a figure."""
        self.figures.append(Figure(name, value, bound, unit))

    def note(self, text: str) -> None:
        """Add a sentence that helps to find a cause: what was wrong, and the seed that repeats it."""
        self.notes.append(text)

    @property
    def kept(self) -> bool:
        """Whether there are figures, and all bounds hold."""
        return bool(self.figures) and all(figure.kept for figure in self.figures)

    def text(self) -> str:
        """The report as a table, followed by the notes if a bound does not hold."""
        size = "full" if self.size.full else "bounded"
        rules = "rules" if re.search("[-,]", self.rules) else "rule"
        head = f"{self.name} ({rules} {self.rules}), {size}, seed {self.size.seed}, {self.seconds:.0f} s"
        return "\n".join([head, *(figure.line() for figure in self.figures), *(f"    {note}" for note in self.notes)])

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON."""
        figures: Sequence[dict[str, Any]] = [{**asdict(figure), "kept": figure.kept} for figure in self.figures]
        return {"name": self.name, "rules": self.rules, **asdict(self.size), "seconds": round(self.seconds, 1),
                "figures": figures, "notes": self.notes}  # fmt: skip

"""Run contenders in turn (A B A B), and keep the measurements of each round."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Callable

from .stopwatch import Sample

LONG = 30.0
ROUNDS = 5
ROUNDS_OF_LONG = 2


@dataclass(frozen=True)
class Contender:
    """One way to do the work. ``key`` is its name in formulas, ``title`` in tables."""

    key: str
    title: str
    run: Callable[[], Sample]


@dataclass
class Spread:
    """The values of a figure, one for each round."""

    values: list[float]

    @property
    def median(self) -> float:
        """The median; NaN without a value."""
        return statistics.median(self.values) if self.values else float("nan")

    @property
    def low(self) -> float:
        """The smallest. From ``low`` to ``high`` is where the true median is: of five values in 94 cases of 100."""
        return min(self.values, default=float("nan"))

    @property
    def high(self) -> float:
        """The largest."""
        return max(self.values, default=float("nan"))


@dataclass
class Measured:
    """The result of a case: its numbers (sessions, latency, …) and the samples of its contenders by round."""

    name: str
    numbers: dict[str, float] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    rounds: list[dict[str, Sample]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def each(self, formula: Callable[..., float], *keys: str) -> Spread:
        """The values of a formula of these contenders' samples, for each round in which all of them ran."""
        return Spread([formula(*(row[key] for key in keys)) for row in self.rounds if set(keys) <= set(row)])

    def seconds(self, key: str) -> Spread:
        """The seconds (wall time) of a contender."""
        return self.each(lambda sample: sample.seconds, key)

    def ratio(self, one: str, other: str) -> Spread:
        """The quotient of the seconds of two contenders, for each round."""
        return self.each(lambda first, second: first.seconds / second.seconds, one, other)

    @classmethod
    def from_dict(cls, found: dict[str, Any]) -> Measured:
        """The inverse of ``as_dict``."""
        rounds = [{key: Sample(**values) for key, values in row.items()} for row in found["rounds"]]
        return cls(found["case"], found["numbers"], found["titles"], rounds, found["notes"])

    def as_dict(self) -> dict[str, Any]:
        """The result as JSON."""
        rounds = [
            {
                key: {name: value for name, value in vars(sample).items() if name != "output"}
                for key, sample in row.items()
            }
            for row in self.rounds
        ]
        return {
            "case": self.name,
            "numbers": self.numbers,
            "titles": self.titles,
            "rounds": rounds,
            "notes": self.notes,
        }


def in_turn(
    measured: Measured, contenders: Sequence[Contender], *, rounds: int, tell: Callable[[str], None]
) -> Measured:
    """Run all contenders in turn; slow ones only as often as needed."""
    measured.titles.update({contender.key: contender.title for contender in contenders})
    past: dict[str, list[float]] = {contender.key: [] for contender in contenders}
    for number in range(rounds):
        row: dict[str, Sample] = {}
        for contender in contenders:
            before = past[contender.key]
            if len(before) >= ROUNDS_OF_LONG and statistics.median(before) > LONG:
                continue
            sample = contender.run()
            before.append(sample.seconds)
            row[contender.key] = sample
            tell(f"  {measured.name}, round {number + 1}: {contender.title:<44} {sample.seconds:8.2f} s")
        measured.rounds.append(row)
    return measured


Results = Mapping[str, Measured]

"""Contenders that run in turn (A B A B), and what was measured of them, round by round."""

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
    """One way to do a job. ``key`` is its name in formulas, ``title`` in tables."""

    key: str
    title: str
    run: Callable[[], Sample]


@dataclass
class Spread:
    """The values of one figure, one a round."""

    values: list[float]

    @property
    def median(self) -> float:
        """The median; not a number where there is no value."""
        return statistics.median(self.values) if self.values else float("nan")

    @property
    def low(self) -> float:
        """The smallest."""
        return min(self.values, default=float("nan"))

    @property
    def high(self) -> float:
        """The largest."""
        return max(self.values, default=float("nan"))


@dataclass
class Measured:
    """What a case found: its numbers (sessions, latency, …) and the samples of its contenders by round."""

    name: str
    numbers: dict[str, float] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    rounds: list[dict[str, Sample]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def each(self, formula: Callable[..., float], *keys: str) -> Spread:
        """A formula of the samples of these contenders, for each round in which all of them ran."""
        return Spread([formula(*(row[key] for key in keys)) for row in self.rounds if set(keys) <= set(row)])

    def seconds(self, key: str) -> Spread:
        """The wall seconds of a contender."""
        return self.each(lambda sample: sample.seconds, key)

    def ratio(self, one: str, other: str) -> Spread:
        """The seconds of one as a multiple of another's, pair by pair."""
        return self.each(lambda first, second: first.seconds / second.seconds, one, other)

    @classmethod
    def from_dict(cls, found: dict[str, Any]) -> Measured:
        """What ``as_dict`` gave."""
        rounds = [{key: Sample(**values) for key, values in row.items()} for row in found["rounds"]]
        return cls(found["case"], found["numbers"], found["titles"], rounds, found["notes"])

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
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
    """Run all contenders in turn; those that take long only as often as must be."""
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

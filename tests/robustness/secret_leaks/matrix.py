"""The matrix: the searched cells, and what was found in them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from .forms import FORMS, Finder
from .servers import DECOY


@dataclass(frozen=True)
class Cell:
    """A cell: what ran, the way of giving the key, the situation, and the searched place."""

    part: str
    way: str
    situation: str
    place: str

    def __str__(self) -> str:
        """The cell in a note."""
        return f"{self.part}, key by {self.way}, {self.situation}: {self.place}"


@dataclass
class Matrix:
    """``missing`` are cells whose situation did not occur or whose place held nothing."""

    cells: set[Cell] = field(default_factory=set)
    missing: set[str] = field(default_factory=set)
    found: Counter[str] = field(default_factory=Counter)
    leaks: dict[Cell, Counter[str]] = field(default_factory=dict)
    places: Counter[str] = field(default_factory=Counter)
    decoys: Counter[str] = field(default_factory=Counter)
    received: defaultdict[str, str] = field(default_factory=lambda: defaultdict(str))
    connections: Counter[str] = field(default_factory=Counter)
    keys: set[str] = field(default_factory=set)
    searched: int = 0

    def search(self, cell: Cell, texts: Iterable[str], finder: Finder) -> None:
        """Search the texts of one cell. Without a text it does not count."""
        size = 0
        for text in texts:
            size += len(text)
            self.decoys[cell.place] += text.count(DECOY)
            hits = finder.count(text)
            if hits:
                self.leaks.setdefault(cell, Counter()).update(hits)
                self.found.update(hits)
        self.searched += size
        if size:
            self.cells.add(cell)
            self.places[cell.place] += 1

    def miss(self, part: str, way: str, situation: str, why: str) -> None:
        """Note a situation that should have occurred and did not."""
        self.missing.add(f"{part}, key by {way}, {situation}: {why}")

    def add(self, part: str, way: str, situation: str, texts: Mapping[str, str], finder: Finder) -> None:
        """Search one text for each place."""
        for place, text in texts.items():
            self.search(Cell(part, way, situation, place), [text], finder)

    def strayed(self) -> int:
        """Count keys, in any form, that a proxy or the target of a redirect received."""
        return sum(Finder(self.keys).count("".join(self.received.values())).values())

    def hits(self) -> dict[str, int]:
        """Hits by form; all forms are listed."""
        return {form: self.found[form] for form in FORMS}

    def blind(self) -> list[str]:
        """Places in which not even the decoy was found, although every server sends it."""
        return sorted(place for place in self.places if not self.decoys[place])

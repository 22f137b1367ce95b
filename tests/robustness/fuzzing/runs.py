"""Run cells: a module in a process of its own gets one kind of answer on one route."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable

from ..fork_service import ForkService
from .kinds import Kind, drip, then_stall
from .server import ID, Deaf, HostileServer, loopback

KEY: str = loopback.KEY
MAX_TIME = 2
PATIENCE = 40
"""Seconds past ``max_time`` after which a cell is ended."""
_SLOW_AT_ONCE, _BUSY_AT_ONCE = 12, 3


@dataclass(frozen=True)
class Cell:
    """A kind of answer on a route. Without a kind all answers are valid; ``server``: behaviour of the server itself."""

    name: str
    route: str
    kind: Kind | None = None
    server: str = ""

    @property
    def slow(self) -> bool:
        """Whether it mostly waits: many can run at once."""
        return bool(self.server) or (self.kind is not None and self.kind.slow)


@dataclass(frozen=True)
class Outcome:
    """The outcome of a cell: the facts from `cells.py`, and the number of requests on each route."""

    cell: Cell
    facts: dict[str, Any]
    asked: dict[str, int] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """Kind and route, for a note."""
        return f"{self.cell.name} / {self.cell.route}"


def options(cell: Cell, url: str, folder: Path, max_time: int = MAX_TIME) -> dict[str, Any]:
    """The options of the module in a cell."""
    common = {"url": url, "api_key": KEY, "timeout": max_time, "retries": 1, "max_time": max_time}
    one = {"session_ids": [ID], "kinds": ["webui"]}
    own: dict[str, dict[str, Any]] = {
        "document": {"kinds": ["webui"]},
        "list": {"kinds": ["webui"], "include_raw": True},
        "get": {**one, "include_raw": True},
        "change": {**one, "wait_timeout": "2s"},
        "log": {"kind": "webui", "session_id": ID},
        "download": {"kind": "webui", "session_ids": [ID], "dest": str(folder / "saved.log")},
        "tasks": {"include_raw": True},
    }
    return common | own[cell.route]


@contextmanager
def serving(cell: Cell) -> Iterator[tuple[str, dict[str, int]]]:
    """Serve as the cell wants. Yields the URL and the number of requests on each route."""
    if cell.server == "accepts nobody":
        with Deaf() as deaf:
            yield deaf.url, {}
        return
    opening = {
        "says nothing in TLS": then_stall(),
        "drips TLS": drip(b"\x16\x03\x03\x3f\xff\x02\x00\x3f\xfb\x03\x03" + b"x" * 100, 11),
        "drips TLS alerts": drip(b"\x15\x03\x03\x00\x02\x01\x64", every=0.01),
    }.get(cell.server)
    make = cell.kind.make(cell.route) if cell.kind else None
    with HostileServer(cell.route, make, acts=cell.kind is None or cell.kind.acts, opening=opening) as server:
        yield server.url.replace("http:", "https:") if opening else server.url, server.asked


class Stage(ForkService):
    """The process whose forks run cells."""

    def __init__(self, collections: str) -> None:
        super().__init__(f"{__package__}.cells", {**os.environ, "PYTHONPATH": collections})

    def outcome(self, cell: Cell) -> Outcome:
        """Serve the answer and run a module against it."""
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        with serving(cell) as (url, asked):
            task = {
                "route": cell.route,
                "folder": str(folder),
                "patience": MAX_TIME + (300 if cell.kind and cell.kind.many else PATIENCE),
            }
            begun = time.monotonic()
            told = self.run(task | {"options": options(cell, url, folder)})
            facts: dict[str, Any] = {"seconds": time.monotonic() - begun, "grown": 0.0, "readable": False}
            facts |= told or {"crash": "the process ended without a word"}
        left = [path.name for path in folder.iterdir() if path.name not in ("output.json", "saved.log")]
        saved = (folder / "saved.log").exists()
        shutil.rmtree(folder)
        return Outcome(cell, facts | {"saved": saved, "left": left}, dict(asked))


def run_cells(cells: Iterable[Cell], collections: str) -> list[Outcome]:
    """Run cells: some at a time if they use the processor, more at a time if they only wait."""
    chosen = list(cells)
    waiting = [cell for cell in chosen if cell.slow]
    busy = [cell for cell in chosen if not cell.slow]
    with (
        Stage(collections) as stage,
        ThreadPoolExecutor(_SLOW_AT_ONCE) as many,
        ThreadPoolExecutor(_BUSY_AT_ONCE) as few,
    ):
        found = [few.map(stage.outcome, busy), many.map(stage.outcome, waiting)]
        return [outcome for some in found for outcome in some]


def again(outcomes: Iterable[Outcome], doubtful: Callable[[Outcome], bool], collections: str) -> list[Outcome]:
    """The outcomes. Doubtful ones are repeated one by one: a busy machine may have made them late."""
    with Stage(collections) as stage:
        return [stage.outcome(outcome.cell) if doubtful(outcome) else outcome for outcome in outcomes]

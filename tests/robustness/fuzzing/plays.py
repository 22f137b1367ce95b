"""Some of the cells with ansible-playbook: real module processes, which report memory and time at their end."""

from __future__ import annotations

import random
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .cells import MODULES, facts_of
from .runs import KEY, Cell, Outcome, options, serving

if TYPE_CHECKING:
    from ..figures import Size

_NOTING = """
import atexit, os, time

def _kept_waiting():
    try:
        with open("/proc/self/schedstat") as waiting:
            return int(waiting.read().split()[1]) / 1e9
    except (OSError, IndexError):
        return 0.0

def _tell(begun=time.monotonic()):
    with open("/proc/self/status") as status:
        most = next(line for line in status if line.startswith("VmHWM")).split()[1]
    with open(os.environ["HOSTILE_FACTS"], "w") as facts:
        facts.write(f"{int(most) / 1024} {time.monotonic() - begun - _kept_waiting()}")

if "HOSTILE_FACTS" in os.environ:
    atexit.register(_tell)
"""
"""sitecustomize.py: each Python process with it on its path imports it at its start."""


def sample(cells: Sequence[Cell], size: Size) -> list[Cell]:
    """Choose cells for real processes: few routes in the bounded size, and two cells that only wait."""
    chance = random.Random(f"hostile-{size.seed}-plays")
    routes = set(MODULES) if size.full else {"list", "download"}
    able = [cell for cell in cells if cell.route in routes and not (cell.kind and cell.kind.many)]
    waiting = [cell for cell in able if cell.slow]
    busy = [cell for cell in able if not cell.slow]
    count = size.pick(7, 28)
    return chance.sample(waiting, 2) + chance.sample(busy, min(len(busy), count))


def play_cells(cells: Sequence[Cell], collections: str, folder: Path) -> list[Outcome]:
    """The outcomes of the cells in one play, after one valid answer for each of their routes."""
    from plays import Ansible

    (folder / "noting").mkdir()
    (folder / "noting/sitecustomize.py").write_text(_NOTING)
    calm = [Cell("all is well", route) for route in sorted({cell.route for cell in cells})]
    every = [*calm, *cells]
    with ExitStack() as stack:
        tasks, asked = [], []
        for number, cell in enumerate(every):
            url, counts = stack.enter_context(serving(cell))
            tasks.append(_task(cell, url, folder, number))
            asked.append(counts)
        played = Ansible(folder, collections).play(*tasks)
    rows = [played[number] for number in range(len(played))]
    leaked = KEY in played.output or "Traceback (most recent" in played.output
    found = [_outcome(cell, rows, number, folder, asked[number]) for number, cell in enumerate(every)]
    most = {outcome.cell.route: outcome.facts["grown"] for outcome in found[: len(calm)]}
    for outcome in found:
        outcome.facts["grown"] -= most[outcome.cell.route]
        outcome.facts["crash"] = outcome.facts["crash"] or ("a traceback or the key was printed" if leaked else "")
    return found[len(calm) :]


def _task(cell: Cell, url: str, folder: Path, number: int) -> dict[str, Any]:
    own = folder / f"cell-{number}"
    own.mkdir()
    return {
        "name": f"{number} {cell.route}",
        f"aimms.cloud.{MODULES[cell.route]}": options(cell, url, own),
        "environment": {"PYTHONPATH": str(folder / "noting"), "HOSTILE_FACTS": str(own / "facts")},
    }


def _outcome(cell: Cell, rows: Sequence[dict[str, Any]], number: int, folder: Path, asked: dict[str, int]) -> Outcome:
    own = folder / f"cell-{number}"
    noted = (own / "facts").read_text().split() if (own / "facts").exists() else []
    if number >= len(rows) or len(noted) != 2:
        return Outcome(cell, {"crash": "no result", "readable": False, "grown": 0.0, "seconds": 0.0}, asked)
    left = [path.name for path in own.iterdir() if path.name not in ("facts", "saved.log")]
    facts = facts_of(rows[number]) | {"grown": float(noted[0]), "seconds": float(noted[1])}
    broken = "module_stderr" in rows[number] or "MODULE FAILURE" in facts["msg"]
    facts |= {"crash": facts["msg"] if broken else "", "saved": (own / "saved.log").exists(), "left": left}
    return Outcome(cell, facts, asked)

"""All cells: each kind of answer on each route where it matters."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

from .bodies import BODIES, LARGE, elsewhere
from .contents import CONTENTS, FITTING
from .documents import DOCUMENTS
from .protocol import BROKEN, POURING, SLOW
from .runs import Cell
from .server import ROUTES

if TYPE_CHECKING:
    from ..figures import Size

_TELLING = ("document", "list", "change", "download")
"""Routes that are read in different ways: enough for what keeps two processors busy until the time is over."""
SERVERS = ("accepts nobody", "says nothing in TLS", "drips TLS", "drips TLS alerts")


def good_cells() -> list[Cell]:
    """A valid answer on every route: the reference for the others."""
    return [Cell("all is well", route) for route in ROUTES]


def hostile_cells(url: str) -> list[Cell]:
    """Each kind on each of its routes.

    :param url: of the other host, which must get no request.
    """
    slow = {name: replace(kind, slow=True) for name, kind in SLOW.items()}
    pouring = {name: replace(kind, routes=_TELLING) for name, kind in POURING.items()}
    kinds = {**slow, **pouring, **BROKEN, **LARGE, **BODIES, **elsewhere(url), **CONTENTS, **FITTING, **DOCUMENTS}
    cells = [Cell(name, route, kind) for name, kind in kinds.items() for route in kind.routes]
    return cells + [Cell(f"a server that {name}", "document", server=name) for name in SERVERS]


def chosen(cells: list[Cell], size: Size) -> list[Cell]:
    """All cells; in the bounded size one route of each kind, and two of the kinds marked as sure."""
    if size.full:
        return cells
    chance = random.Random(f"hostile-{size.seed}-cells")
    by_kind: dict[str, list[Cell]] = {}
    for cell in cells:
        by_kind.setdefault(cell.name, []).append(cell)
    return [
        cell
        for some in by_kind.values()
        for cell in chance.sample(some, min(len(some), 2 if some[0].kind and some[0].kind.sure else 1))
    ]

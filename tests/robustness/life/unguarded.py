"""The collection with one guard taken out, for the rest of the process. The campaign must find that out.

The campaign imports this file for its table, `stage.py` runs it to take a guard out. All that belongs to the collection
is imported late, because the campaign's own process need not find it.
"""

from __future__ import annotations

import importlib
import runpy
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

_UTILS = "ansible_collections.aimms.cloud.plugins.module_utils"


@dataclass(frozen=True)
class Guard:
    """How it is taken out, and the cases that show it. ``bounded``: also in the bounded size."""

    take_out: Callable[[], None]
    trouble: str
    entries: tuple[str, ...] = ("terminate",)
    bounded: bool = False


def _patch(module: str, name: str, change: Callable[[Any], Any]) -> None:
    """Replace a function or class wherever the collection has imported it. Raises AttributeError if there is none."""
    old = getattr(importlib.import_module(f"{_UTILS}.{module}"), name)
    new = change(old)
    for found in [*sys.modules.values()]:
        if getattr(found, "__name__", "").startswith("ansible_collections.aimms") and vars(found).get(name) is old:
            setattr(found, name, new)


def _of_concurrency(name: str) -> Callable[[], None]:
    def take_out() -> None:
        code = runpy.run_path(str(Path(__file__).parents[1] / "concurrency/unguarded.py"))
        code[name]().__enter__()

    return take_out


def _no_protections() -> None:
    def change(criteria_from: Any) -> Any:
        empty = {"protect_session_ids": (), "protect_apps": (), "protect_owners": ()}
        return lambda params: replace(criteria_from(params), **empty)

    _patch("options", "criteria_from", change)


GUARDS: dict[str, Guard] = {
    "protections": Guard(_no_protections, "none", bounded=True),
    "the read before a change": Guard(_of_concurrency("without_the_read"), "others"),
    "the identity": Guard(_of_concurrency("by_id_alone"), "others"),
}


def take_out(name: str) -> None:
    """Take a guard out. Raises KeyError, or AttributeError if it is not where it was."""
    GUARDS[name].take_out()

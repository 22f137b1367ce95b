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


def _method(module: str, owner: str, name: str, new: Callable[..., Any]) -> None:
    """Replace a method. Raises AttributeError if there is none."""
    found = getattr(importlib.import_module(f"{_UTILS}.{module}"), owner)
    getattr(found, name)
    setattr(found, name, new)


def _any_404() -> None:
    _method("api.absence", "Absence", "check", lambda *_given: None)


def _no_canary() -> None:
    _method("api.canary", "Canary", "check", lambda *_given: None)
    _method("api.canary", "Canary", "watch", lambda canary, *_given: setattr(canary, "pending", False))


def _cookies() -> None:
    _patch("http.connections", "DefaultCookiePolicy", lambda old: lambda **_given: old())


def _no_age() -> None:
    _patch("http.response", "age_of", lambda _old: lambda _headers: 0.0)


def _blanks_count() -> None:
    _patch("decoding.name_list", "_stripped", lambda _old: lambda text: text)


def _lists_as_they_are() -> None:
    """What is written as a list in a text stays one name."""
    _patch("decoding.name_list", "_written_list", lambda _old: lambda _text, _option: None)
    _patch("decoding.name_list", "_NEVER_IN_A_NAME", lambda _old: ())


def _globs_only() -> None:
    """Brackets never stand for themselves."""
    _patch("decoding.name_match", "_readings", lambda old: lambda glob: [next(iter(old(glob)))])


def _letters_as_they_are() -> None:
    _patch("decoding.name_match", "folded", lambda _old: lambda text: str(text.lower()))


def _environment_wins() -> None:
    def change(old: Any) -> Any:
        return lambda *sources: {"account": old(*sources)["account"], "url": _first_url(sources)}

    _patch("http.connection", "address_from", change)


def _first_url(sources: tuple[Any, ...]) -> Any:
    return next((source["url"] for source in sources if source.get("url")), None)


GUARDS: dict[str, Guard] = {
    "protections": Guard(_no_protections, "none", bounded=True),
    "names without outer blanks": Guard(_blanks_count, "none", ("terminate", "lookup", "source")),
    "lists in texts": Guard(_lists_as_they_are, "none", ("terminate", "lookup", "source")),
    "names with brackets": Guard(_globs_only, "none", ("terminate",)),
    "letters in any form": Guard(_letters_as_they_are, "none", ("terminate", "lookup")),
    "the address of the task": Guard(_environment_wins, "none", ("terminate", "info", "lookup")),
    "the service's own words for gone": Guard(_any_404, "gone, says an ingress", ("info by id", "by id", "delete")),
    "evidence before DELETE": Guard(_no_canary, "an old document", bounded=True),
    "no cookies": Guard(_cookies, "cookies", ("info", "terminate")),
    "the age of an answer": Guard(_no_age, "old answers", ("terminate", "info")),
    "the read before a change": Guard(_of_concurrency("without_the_read"), "ids of others", ("terminate", "plan")),
    "the identity": Guard(_of_concurrency("by_id_alone"), "ids of others", ("plan", "by id", "terminate")),
}


def take_out(name: str) -> None:
    """Take a guard out. Raises KeyError, or AttributeError if it is not where it was."""
    GUARDS[name].take_out()

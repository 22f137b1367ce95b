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

_PLUGINS = "ansible_collections.aimms.cloud.plugins"
_TAKEN: list[Any] = []
"""What ends when nothing refers to it."""


@dataclass(frozen=True)
class Guard:
    """How it is taken out, and the cases that show it. ``bounded``: also in the bounded size."""

    take_out: Callable[[], None]
    trouble: str
    entries: tuple[str, ...] = ("terminate",)
    bounded: bool = False
    cases: int = 60


def _module(name: str) -> Any:
    """A module of module_utils, or of plugin_utils with this name before its own."""
    return importlib.import_module(f"{_PLUGINS}.{name if name.startswith('plugin_utils.') else f'module_utils.{name}'}")


def _patch(module: str, name: str, change: Callable[[Any], Any]) -> None:
    """Replace a function or class wherever the collection has imported it. Raises AttributeError if there is none."""
    old = getattr(_module(module), name)
    new = change(old)
    for found in [*sys.modules.values()]:
        if getattr(found, "__name__", "").startswith("ansible_collections.aimms") and vars(found).get(name) is old:
            setattr(found, name, new)


def _of_concurrency(name: str) -> Callable[[], None]:
    def take_out() -> None:
        code = runpy.run_path(str(Path(__file__).parents[1] / "concurrency/unguarded.py"))
        _TAKEN.append(code[name]())
        _TAKEN[-1].__enter__()

    return take_out


def _no_protections() -> None:
    def change(criteria_from: Any) -> Any:
        empty = {"protect_session_ids": (), "protect_apps": (), "protect_owners": ()}
        return lambda params: replace(criteria_from(params), **empty)

    _patch("options", "criteria_from", change)


def _method(module: str, owner: str, name: str, new: Any) -> None:
    """Replace a method. Raises AttributeError if there is none."""
    found = getattr(_module(module), owner)
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


def _any_download() -> None:
    _method("logs.evidence", "Seen", "_judge", lambda *_given: None)


def _files_replaced() -> None:
    _method("logs.atomic_file", "AtomicFile", "_place", lambda file, _empty: file.path)


def _logs_of_anybody() -> None:
    _method("logs.download", "_Archive", "_checked", lambda _archive, session: session)


def _records_without_logs() -> None:
    def ready(_settings: Any, records: Any, _logs: Any) -> Any:
        return {"sessions": records, "unsaved": [], "files": []}

    _patch("plugin_utils.role_outcomes", "with_saved_log", lambda _old: ready)


def _owners_of_sessions_only() -> None:
    _patch("api.task_activity", "_as_session", lambda _old: lambda _task, session: session)


def _all_runs() -> None:
    _method("models.task", "Task", "scheduled", property(lambda _task: False))


def _refused_is_failed() -> None:
    _method(
        "changes.executor",
        "BulkExecutor",
        "_explain_refusal",
        lambda _self, one, error: one.settle("failed", str(error)),
    )


def _told_at_every_look() -> None:
    _method("sessions.watch", "Watch", "_remember", lambda *_given: None)


def _told_once_for_ever() -> None:
    _patch("sessions.watch", "_at_work", lambda _old: lambda *_given: False)


def _asks_on() -> None:
    _patch("sessions.watch", "key_is_refused", lambda _old: lambda _error: False)


def _parts_of_people() -> None:
    def choose(old: Any) -> Any:
        return lambda active, may, *more: old([one for one in active if one.reference in may], may, *more)

    _patch("rules.seats", "choose", choose)
    _patch("rules.seats", "refusal", lambda _old: lambda *_given: None)


def _nothing_kept() -> None:
    _method("rules.policies", "Policy", "keeps", lambda *_given: False)


def _limits_over_all_only() -> None:
    _method("sessions.policies", "_Policies", "_exceeded", lambda *_given: None)


def _last_runs_too() -> None:
    _method("tasks.groups", "Groups", "last_index", lambda *_given: 10**9)
    _method("tasks.deletion", "TaskDeletion", "_refusal_by_group", lambda *_given: None)


def _due_at_once() -> None:
    _patch("plugin_utils.notices.decision", "_is_due", lambda _old: lambda *_given: True)


def _announced_for_ever() -> None:
    _patch("plugin_utils.notices.decision", "_remains", lambda _old: lambda *_given: True)


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
    "the pages beside a download": Guard(_any_download, "a short log", ("archive", "retention")),
    "what is saved already": Guard(_files_replaced, "none", ("archive",), bounded=True),
    "the record before its log": Guard(_logs_of_anybody, "none", ("archive",)),
    "the log before its record": Guard(_records_without_logs, "no logs", ("retention",), bounded=True),
    "the owners of tasks": Guard(_owners_of_sessions_only, "none", ("gentle",)),
    "what waits by its schedule": Guard(_all_runs, "none", ("gentle", "interrupt")),
    "the read after a refusal": Guard(_refused_is_failed, "ended ones refused", ("terminate, twice", "plan, twice")),
    "whole people": Guard(_parts_of_people, "none", ("terminate, twice",)),
    "rules that keep": Guard(_nothing_kept, "none", ("policies",), bounded=True, cases=12),
    "limits of rules": Guard(_limits_over_all_only, "none", ("policies",)),
    "the last run of a schedule": Guard(
        _last_runs_too, "none", ("delete tasks", "plan of tasks"), bounded=True, cases=12
    ),
    "the notice": Guard(_due_at_once, "none", ("notice",), bounded=True, cases=6),
    "stale since its notice": Guard(_announced_for_ever, "none", ("notice",)),
    "what was told": Guard(_told_at_every_look, "none", ("events",)),
    "what was at work": Guard(_told_once_for_ever, "none", ("events",)),
    "the end after a refused key": Guard(_asks_on, "none", ("events",)),
    "the identity": Guard(_of_concurrency("by_id_alone"), "ids of others", ("plan", "by id", "terminate")),
}


def take_out(name: str) -> None:
    """Take a guard out. Raises KeyError, or AttributeError if it is not where it was."""
    GUARDS[name].take_out()

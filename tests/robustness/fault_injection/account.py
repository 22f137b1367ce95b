"""The sessions of one run: those to change, others that must not change, and traps for some of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from .proxy import THIRD_LATE, UNASKED, UNREAD, Trap

KINDS = {"legacy": ("webui", "task"), "current": ("webui", "task", "solve")}
_HOUR = 3600.0
_LIMIT = 8 * _HOUR
_OWNERS = ("chen@PLANNING", "maria.silva@ROOT", "k.nowak@ROOT", "svc-batch@PLANNING")
_KEPT = ("an owner's", "an app's", "by id", "young", "other app", "other kind", "other phase")
TASKS = "delete tasks"
"""The operation on tasks: each session is a task session, and its task has its id."""
_HAPPENS = {
    TASKS: ("replaced", "another's", "made anew", "active"),
    "terminate": ("replaced", "another's", "made anew", "over", "removed"),
    "delete": ("replaced", "another's", "made anew", "active", "removed"),
}
_ROUGH = (UNREAD, UNASKED, THIRD_LATE)
_IDENTITY = ("id", "kind", "app_name", "owner", "created_at")
Row = dict[str, Any]


def identity(row: Row) -> tuple[Any, ...]:
    """The fields by which two records of the emulator are the same session."""
    return tuple(row[name] for name in _IDENTITY)


@dataclass
class Account:
    """The sessions before a run. ``selected``: records by id; ``kept``: the ids that the result must list as kept.

    ``rough``: some of the selected ones, with additional faults of the proxy. ``people``: with ``max_seats``, the ids
    of the selected ones by owner.
    """

    operation: str
    selected: dict[str, Row] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)
    bystanders: dict[str, Row] = field(default_factory=dict)
    traps: dict[str, Trap] = field(default_factory=dict)
    rough: dict[str, str] = field(default_factory=dict)
    people: dict[str, list[str]] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)


class Builder:
    """Fills an emulator for one run, from a seed."""

    def __init__(self, emulator: Any, generation: str, operation: str, prefix: str, chance: Random) -> None:
        """:param prefix: of all ids. :param chance: source of all random decisions."""
        self._emulator, self._operation, self._prefix, self._chance = emulator, operation, prefix, chance
        self._legacy = generation == "legacy"
        kinds = KINDS[generation]
        self._others: tuple[str, ...] = (self._chance.choice(kinds),)
        self._kinds = tuple(kind for kind in kinds if kind not in self._others)
        self._of_tasks = operation == TASKS
        if self._of_tasks:
            self._others, self._kinds = (), ("task",)
        self._account, self._count = Account(operation), 0

    def build(self, selected: int, traps: int) -> Account:
        """Add ``selected`` sessions to change, half as many that must not change, and traps for some of the former."""
        account = self._account
        for _number in range(selected):
            row = self._add()
            account.selected[row["id"]] = row
        by_id = [self._bystander(number) for number in range(max(len(_KEPT), selected // 2))]
        account.options = {
            "older_than": "8h",
            "kinds": list(self._kinds),
            "apps": ["Crew*", "Payroll*"],
            "protect_owners": ["ADMIN@*"],
            "protect_apps": ["*Payroll*"],
            "protect_session_ids": [one for one in by_id if one],
            "max_sessions": selected,
        }
        if self._of_tasks:
            names = {"kinds": "", "protect_session_ids": "protect_task_ids", "max_sessions": "max_tasks"}
            found = {names.get(name, name): value for name, value in account.options.items()}
            account.options = {name: value for name, value in found.items() if name} | {"naive_timezone": "UTC"}
        happens = _HAPPENS[self._operation]
        chosen = self._chance.sample(sorted(account.selected), len(_ROUGH) + traps)
        account.rough = dict(zip(chosen, _ROUGH))
        for number, one in enumerate(chosen[len(_ROUGH) :]):
            what, late = happens[number // 2 % len(happens)], bool(number % 2)
            if late and what == "removed" and self._legacy:
                what = "over"  # there the run must stop at a record that is gone after DELETE (rule 34)
            account.traps[one] = Trap(late, self._spring(account.selected[one], what))
        return account

    def _state(self, *, right: bool = True) -> str:
        """A state in which a session is selected, or one in which it is not."""
        if self._of_tasks:
            return "completed" if right else self._chance.choice(("running", "queued", "failed"))
        if (self._operation == "terminate") == right:
            return self._chance.choice(("running", "running", "solving", "queued"))
        return self._chance.choice(("terminated", "terminated", "completed", "failed"))

    def _add(self, **values: Any) -> Row:
        """Add a session that would be selected without ``values``."""
        self._count += 1
        row: Row = {
            "id": f"{self._prefix}-{self._count:03}",
            "kind": self._chance.choice(self._kinds),
            "app_name": self._chance.choice(("CrewScheduling", "crew planning")),
            "owner": self._chance.choice(_OWNERS),
            "state": self._state(),
            "age": _LIMIT * self._chance.uniform(1.1, 9.0),
        }
        row |= {"task_id": row["id"]} if self._of_tasks else {}
        made: Row = self._emulator.add_session(**{**row, **values})
        return made

    def _bystander(self, number: int) -> str:
        """Add a session that must not change. Returns its id if it is protected by id, else an empty string."""
        kept = [why for why in _KEPT if self._others or why != "other kind"]
        why = kept[number % len(kept)]
        values: dict[str, dict[str, Any]] = {
            "an owner's": {"owner": "admin@ROOT"},
            "an app's": {"app_name": "Payroll"},
            "young": {"age": _LIMIT * self._chance.uniform(0.01, 0.99)},
            "other app": {"app_name": "Demand Forecast"},
            "other kind": {"kind": next(iter(self._others), None)},
            "other phase": {"state": self._state(right=False)},
        }
        row = self._add(**values.get(why, {}))
        self._account.bystanders[row["id"]] = row
        if why != "other kind" and not (why == "other phase" and self._operation == "terminate"):
            self._account.kept.add(row["id"])
        return str(row["id"]) if why == "by id" else ""

    def _spring(self, row: Row, what: str) -> Callable[[], None]:
        """The function that springs a trap: it changes the session, which the run must not change any more."""
        emulator, one = self._emulator, row["id"]
        others = [owner for owner in _OWNERS if owner != row["owner"]]
        owner, age = self._chance.choice(others), _LIMIT * self._chance.uniform(1.1, 9.0)

        def replace() -> None:
            same = {name: row[name] for name in ("id", "kind", "app_name", "state")}
            same |= {"task_id": one} if self._of_tasks else {}
            emulator.remove_session(one)
            emulator.add_session(**same, owner=owner, age=age)

        changes: dict[str, Callable[[], None]] = {
            "replaced": replace,
            "another's": lambda: emulator.update_session(one, owner=owner),
            "made anew": lambda: emulator.update_session(one, age=age / 100),
            "over": lambda: emulator.update_session(one, state="terminated"),
            "active": lambda: emulator.update_session(one, state="running"),
            "removed": lambda: emulator.remove_session(one),
        }
        return changes[what]

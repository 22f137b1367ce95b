"""Tasks of sessions: what is drawn, and what may be interrupted.

The service knows a task by its id and, of several runs by a schedule, by an index. A run that is queued waits by it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .runs import Ran
    from .truth import Fault

Row = dict[str, Any]
_SCHEDULED = ("queued", "assigned")


@dataclass
class Tasks:
    """``of``: id and index of the task by session. ``ids`` or ``sessions``: whose tasks are to be interrupted."""

    of: dict[str, tuple[str, int | None]] = field(default_factory=dict)
    ids: Sequence[str] = ()
    sessions: Sequence[str] = ()
    index: int | None = None
    lent: set[str] = field(default_factory=set)  # sessions that are shown as those of another owner than their task's

    def waits(self, row: Row) -> bool:
        """Whether the task of the session waits by its schedule."""
        repeated = self.of.get(row["id"], ("", None))[1] is not None
        return repeated and row["state"] in _SCHEDULED and row["started_at"] is None

    def asked(self, row: Row, rows: Sequence[Row]) -> bool:
        """Whether its task may be interrupted. :param rows: all sessions at the start."""
        task, index = self.of.get(row["id"], ("", None))
        if not row["active"] or not task:
            return False
        if row["id"] in self.sessions:
            return not self.waits(row) if self.index is None else (index or 0) == self.index
        if task not in self.ids:
            return False
        if self.index is not None:
            return (index or 0) == self.index
        working = [one for one in rows if self.of.get(one["id"], ("", 0))[0] == task and one["active"]]
        working = [one for one in working if not self.waits(one)]
        return bool(working) and row["id"] == max(working, key=lambda one: self.of[one["id"]][1] or 0)["id"]


def drawn(
    chance: Random, entry: str, rows: list[Row], free: Sequence[str], options: Row, protects: Callable[[Row], bool]
) -> Tasks:
    """Tasks for the rows, some of them runs of one task; and which of them are asked for, in the options.

    :param free: owners that no protection covers. :param protects: whether one covers a row.
    """
    made = Tasks()
    for row in chance.sample(rows, 5):
        row["kind"] = "task"
    mine = [row for row in rows if row["kind"] == "task"]
    while mine:
        runs = [mine.pop() for _number in range(min(len(mine), chance.choice((1, 1, 2, 3))))]
        task, repeated = f"{chance.getrandbits(128):032x}", len(runs) > 1 or chance.random() < 0.3
        for index, row in enumerate(runs):
            made.of[row["id"]] = (task, index if repeated else None)
            row |= {"task_id": task, "group_index": index if repeated else None}
            if repeated and row["state"] != "terminated":
                row["state"] = "queued" if index == len(runs) - 1 and chance.random() < 0.7 else "running"
    for row in rows if entry == "gentle" else ():
        if row["kind"] == "task" and protects(row) and free and chance.random() < 0.5:
            shown = chance.choice(free)
            user, _at, environment = shown.rpartition("@")
            row["overrides"] = {"owner": shown, "owner_user": user, "owner_environment": environment}
            made.lent.add(row["id"])
    if entry == "interrupt":
        _ask(chance, made, rows, options)
    return made


def _ask(chance: Random, made: Tasks, rows: list[Row], options: Row) -> None:
    chosen = chance.sample(sorted(made.of), min(len(made.of), chance.randint(1, 4)))
    if chance.random() < 0.6:
        made.ids = options["task_ids"] = list(dict.fromkeys(made.of[one][0] for one in chosen))
    else:
        others = [row["id"] for row in rows if row["kind"] != "task"][: chance.randint(0, 1)]
        made.sessions = options["session_ids"] = [*chosen, *others]
    if chance.random() < 0.2:
        made.index = options["group_index"] = chance.choice((0, 0, 1))


def hidden(ran: Ran) -> bool:
    """Whether something kept the service from telling of its tasks."""
    settings = ran.case.trouble.settings
    asked = [entry for entry in ran.requests if "/pro-api/" in entry["path"] and entry["method"] == "GET"]
    untold = settings.get("task_missing") or settings.get("task_session_field", "id") == ""
    return bool(untold) or any(entry["fault"] not in (None, "cookie") or entry["status"] != 200 for entry in asked)


def faults(ran: Ran) -> Iterator[Fault]:
    """Of the result of an interruption: what was interrupted and not told, what is told and not so."""
    from .truth import LIE, LOST, able, ours

    result, tasks = ran.told.result or {}, ran.case.tasks
    mine = {tasks.of.get(row["id"], (row["id"], 0)): row for row in ran.after if ours(row)}
    rows = list(ran.before.values())
    if not isinstance(result.get("tasks"), list):
        if mine:
            yield LOST, f"{len(mine)} tasks were interrupted, and no result tells of it: {result.get('msg')!r}"
        elif ran.case.harmless and able(ran):
            yield LIE, f"refused, and nothing was wrong: {result.get('msg')!r}"
        return
    yield from _sums(result, mine)
    for entry in result["tasks"]:
        yield from _entry_faults(ran, entry)
    for row in rows if ran.case.harmless and able(ran) and not result.get("failed") else ():
        if tasks.asked(row, rows) and tasks.of[row["id"]] not in mine:
            yield LIE, f"the task of {row['id']} was meant, and is not interrupted: {result['summary']}"


def _sums(result: Row, mine: dict[tuple[str, int | None], Row]) -> Iterator[Fault]:
    """Whether the parts of the result agree with each other, and with what was done."""
    from .truth import LIE, LOST

    listed = Counter((entry["id"], entry["group_index"]) for entry in result["tasks"])
    for (task, index), row in mine.items():
        if listed[task, index or 0] != 1:
            yield LOST, f"the task of {row['id']} was interrupted and has {listed[task, index or 0]} entries"
    if dict(Counter(entry["result"] for entry in result["tasks"])) != result.get("summary"):
        yield LIE, f"the summary is {result.get('summary')}"
    if mine and not result.get("changed"):
        yield LOST, f"{len(mine)} tasks were interrupted, and changed is false"


def _entry_faults(ran: Ran, entry: Row) -> Iterator[Fault]:
    from .truth import LIE, ours, over

    found = [row for row in ran.after if ran.case.tasks.of.get(row["id"]) in _keys(entry)]
    said, done = str(entry["result"]), not found or over(found[-1])
    changed = any(ours(row) and row["interrupt_requests"] > 0 for row in found[-1:])
    untrue = {"interrupted": not done, "already_ended": not done, "failed": changed, "not_tried": changed}
    if untrue.get(said) or (said == "unknown" and ran.case.harmless):
        yield LIE, f"task {entry['id']}/{entry['group_index']} is told as {said} ({entry.get('msg')}): {found[-1:]}"


def _keys(entry: Row) -> tuple[tuple[str, int | None], ...]:
    index = entry["group_index"]
    return ((entry["id"], index), (entry["id"], None)) if not index else ((entry["id"], index),)

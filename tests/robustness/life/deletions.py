"""Deletions of tasks: which are asked for, by selection, by id or by a plan, and what must stay.

The truth is what the service has of each task afterwards. A task that works is never deleted, nor the last run of a
schedule where it is not to be stopped, nor what is protected or not asked for; and what is told is what was done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

from .words import meant_by

if TYPE_CHECKING:
    from .case import Case
    from .runs import Lane, Ran, Stage, Told
    from .truth import Fault

Row = dict[str, Any]
Run = tuple[str, int]
"""Id and index of a task; without an index it has the first one."""
ENTRIES = ("delete tasks", "plan of tasks")
SELECTING = ("older_than", "apps", "owners")
_STATES = ("completed", "completed", "completed", "completed", "finished", "failed", "running", "solving", "queued")
_ENDED = ("completed", "finished")
"""States in which the service deletes a task."""


@dataclass
class Deletions:
    """``of``: the task of each session; ``repeated``: ids of those with a schedule. ``ids``: what is asked for by id,
    None: all that is selected."""

    of: dict[str, Run] = field(default_factory=dict)
    repeated: set[str] = field(default_factory=set)
    ids: Sequence[str] | None = None
    index: int | None = None
    stops: bool = False
    safe: Sequence[str] = ()

    def last(self, run: Run) -> bool:
        """Whether there is no later run of the same task."""
        return run[1] == max(index for name, index in self.of.values() if name == run[0])

    def asked(self, run: Run) -> bool:
        """Whether it is one of those that are asked for by their ids."""
        if self.ids is None:
            return True
        return run[0] in self.ids and (self.last(run) if self.index is None else run[1] == self.index)


def drawn(chance: Random, entry: str, rows: list[Row], options: Row) -> Deletions:
    """A task for each row, some of them runs of one; and which are asked for, in the options."""
    made, left = Deletions(stops=chance.random() < 0.3), [*rows]
    while left:
        runs = [left.pop() for _number in range(min(len(left), chance.choice((1, 1, 2, 3))))]
        name, repeated = f"{chance.getrandbits(128):032x}", len(runs) > 1 or chance.random() < 0.3
        for index, row in enumerate(runs):
            made.of[row["id"]] = (name, index)
            row |= {"kind": "task", "task_id": name, "group_index": index if repeated else None}
            row["state"] = chance.choice(_STATES)
        if repeated:
            made.repeated.add(name)
            runs[-1]["state"] = "queued" if chance.random() < 0.4 else runs[-1]["state"]
    names = sorted({name for name, _index in made.of.values()})
    if entry == ENTRIES[0] and chance.random() < 0.4:
        for name in SELECTING:
            options.pop(name, None)
        made.ids = options["task_ids"] = chance.sample(names, min(len(names), chance.randint(1, 5)))
        if chance.random() < 0.3:
            made.index = options["group_index"] = chance.choice((0, 0, 1))
    if chance.random() < 0.3:
        made.safe = options["protect_task_ids"] = chance.sample(names, 2)
    options |= {"stop_schedule": True} if made.stops else {}
    return made


def by_plan(lane: Lane, stage: Stage, case: Case) -> Told:
    """What check mode plans, and then that plan."""
    options, environment = lane.options(case), lane.environment(case)
    plan = stage.tell(case.entry, {**options, "_ansible_check_mode": True}, environment)
    records = [one for one in (plan.result or {}).get("tasks") or () if one["result"] == "would_delete"]
    if (plan.result or {}).get("failed") or not records:
        return plan
    own = {name: value for name, value in options.items() if name not in SELECTING}
    return stage.tell(case.entry, {**own, "tasks": records}, environment)


def gone(ran: Ran) -> dict[Run, Row]:
    """The tasks that the service has no more, each with its session as it is."""
    found = {}
    for row in ran.after:
        run = ran.case.deletions.of.get(row["id"])
        if run and run[1] not in ran.left.get(run[0], ()):
            found[run] = row
    return found


def _why_not(ran: Ran, run: Run, row: Row) -> str:
    """Why the task must stay; empty if it may be deleted."""
    from .truth import age, identity

    mine, before = ran.case.deletions, ran.before[row["id"]]
    named = mine.ids is not None or ran.case.entry == ENTRIES[1]
    queued = before["state"] == "queued" and run[0] in mine.repeated
    if before["active"] and not (mine.stops and named and queued):
        return f"it is {before['state']}"
    if run[0] in mine.repeated and mine.last(run) and not mine.stops:
        return "the last run of its schedule"
    if ran.case.meaning.protects(before) or any(meant_by(pattern, run[0]) for pattern in mine.safe):
        return "protected"
    if identity(before) != identity(row):
        return "it is another one now"
    if mine.ids is None and not ran.case.meaning.selects(before, age(ran, before)):
        return "not selected"
    return "" if mine.asked(run) else "not asked for"


def faults(ran: Ran) -> Iterator[Fault]:
    """What is deleted and must not be, what is deleted and not told, what is told and not so."""
    from .truth import LIE, LOST, WRONG, able

    result, deleted = ran.told.result or {}, gone(ran)
    for run, row in deleted.items():
        why = _why_not(ran, run, row)
        if why:
            yield WRONG, f"task {run[0]}/{run[1]} of {row['owner']} {row['app_name']!r} is deleted: {why}"
    if not isinstance(result.get("tasks"), list):
        if deleted:
            yield LOST, f"{len(deleted)} tasks were deleted, and no result tells of it: {result.get('msg')!r}"
        elif ran.case.harmless and ran.case.clear and able(ran):
            yield LIE, f"refused, and nothing was wrong: {result.get('msg')!r}"
        return
    yield from _told_faults(ran, result, deleted)
    yield from _useless(ran, result, deleted)


def _told_faults(ran: Ran, result: Row, deleted: dict[Run, Row]) -> Iterator[Fault]:
    from .truth import LIE, LOST

    told = {(entry["id"], entry["group_index"] or 0): str(entry["result"]) for entry in result["tasks"]}
    waits = ran.case.options.get("wait", True)
    fitting = ("deleted",) if ran.case.harmless and waits else ("deleted", "unknown", "requested")
    if dict(Counter(entry["result"] for entry in result["tasks"])) != result.get("summary"):
        yield LIE, f"the summary is {result.get('summary')}"
    if bool(deleted) > bool(result.get("changed")):
        yield LOST, f"{len(deleted)} tasks were deleted, and changed is false"
    for run in deleted:
        if told.get(run) not in fitting:
            yield LOST, f"task {run[0]}/{run[1]} is deleted, and told as {told.get(run)}"
    for run, said in told.items():
        if said == "deleted" and run in ran.case.deletions.of.values() and run not in deleted:
            yield LIE, f"task {run[0]}/{run[1]} is told as deleted, and is there"


def _useless(ran: Ran, result: Row, deleted: dict[Run, Row]) -> Iterator[Fault]:
    """What is surely meant and can be deleted, and is there."""
    from .truth import LIE, able, sure

    if not (ran.case.harmless and able(ran)) or "Nothing was deleted" in str(result.get("msg")):
        return
    for row in ran.before.values():
        run, selected = ran.case.deletions.of[row["id"]], ran.case.deletions.ids is None
        certain = sure(ran, row) or (not selected and row["owner"].count("@") == 1)
        if ran.case.deletions.index is not None and run[0] not in ran.case.deletions.repeated:
            continue  # its record tells no index, so nothing shows that it is the run that was named
        if row["state"] in _ENDED and certain and run not in deleted and not _why_not(ran, run, row):
            yield LIE, f"task {run[0]}/{run[1]} of {row['owner']} {row['app_name']!r} is meant, and is there"

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deletes tasks that have ended, and stops schedules where that is asked for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional, Union

from ansible_collections.aimms.cloud.plugins.module_utils.api.task_api import checked_task_id
from ansible_collections.aimms.cloud.plugins.module_utils.changes.bulk_change import (
    address_key,
    changed,
    raise_failures,
    wait_from,
)
from ansible_collections.aimms.cloud.plugins.module_utils.changes.change import NOT_TRIED, Outcome
from ansible_collections.aimms.cloud.plugins.module_utils.changes.executor import BulkExecutor
from ansible_collections.aimms.cloud.plugins.module_utils.changes.plan import Warn
from ansible_collections.aimms.cloud.plugins.module_utils.changes.reads import read_each
from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError, RefusedError, shown
from ansible_collections.aimms.cloud.plugins.module_utils.models import states
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import valid_id
from ansible_collections.aimms.cloud.plugins.module_utils.models.task import Task
from ansible_collections.aimms.cloud.plugins.module_utils.options import breakers_from, narrowed_by
from ansible_collections.aimms.cloud.plugins.module_utils.remarks import count_assumed, remarks, unknowns
from ansible_collections.aimms.cloud.plugins.module_utils.rules.planned import planned_at
from ansible_collections.aimms.cloud.plugins.module_utils.selection import tripped
from ansible_collections.aimms.cloud.plugins.module_utils.tasks.choice import (
    TaskChoice,
    as_session,
    oldest_first,
)
from ansible_collections.aimms.cloud.plugins.module_utils.tasks.deletion import DELETED, TaskDeletion
from ansible_collections.aimms.cloud.plugins.module_utils.tasks.groups import Groups
from ansible_collections.aimms.cloud.plugins.module_utils.tasks.record import record_of
from ansible_collections.aimms.cloud.plugins.module_utils.tasks.service import DeletingTaskApi
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Clock, iso
from ansible_collections.aimms.cloud.plugins.module_utils.workers import WorkerPool

if TYPE_CHECKING:
    from ansible_collections.aimms.cloud.plugins.module_utils.tasks.archive import TaskArchive

WOULD_DELETE = "would_delete"
NARROWING = ("older_than", "ended_before", "apps", "app_versions", "owners", "states", "session_ids")
Item = Union[Task, Outcome[Task]]


@dataclass(frozen=True)
class _Plan:
    """As ``changes.plan.Plan``, of tasks. ``groups``: of the whole list, if there is one."""

    selected: tuple[Task, ...] = ()
    settled: tuple[Outcome[Task], ...] = ()
    kept: tuple[tuple[Task, str], ...] = ()
    out_of: int = 0
    groups: Groups = field(default_factory=lambda: Groups(()))
    unmatched: Optional[Sequence[str]] = None
    warnings: tuple[str, ...] = ()


def delete_tasks(params: Mapping[str, Any], check_mode: bool, warn: Warn) -> dict[str, Any]:
    """The result of ``aimms_task_delete``.

    :raises AimmsError: for unusable options, a list that cannot be read, a limit, or tasks that could not be deleted.
    """
    return _Deletion(params, warn).run(check_mode)


class _Deletion:
    """One run."""

    def __init__(self, params: Mapping[str, Any], warn: Warn) -> None:
        """:raises OptionError: for unusable options, before the first request."""
        self.params, self.warn = params, warn
        self.wait = wait_from(params)
        self.choice = TaskChoice.from_params(params)
        if params["max_tasks"] < 0:
            raise OptionError("max_tasks: must not be negative.")
        self.breakers = breakers_from({**params, "max_sessions": params["max_tasks"]})
        self.way = _way(params)
        self.api = DeletingTaskApi.connect(params, self.choice.criteria.zone)
        self.url = self.api.connection.base_url
        self.wanted = _records(params, self.url) if self.way == "record" else _named(params)

    def run(self, check_mode: bool) -> dict[str, Any]:
        """See ``delete``."""
        with WorkerPool(self.params["concurrency"]) as workers:
            named = self.way != "selection"
            stops, by_id = self.choice.stop_schedule, self.way == "id"
            change = TaskDeletion(self.api, self._fits, stop_schedule=stops, named=named, by_id=by_id)
            plan = self._named(change, workers) if named else self._selected()
            clock = self.api.clock()
            result = self._checked(plan, clock)
            archive = None if check_mode else self._archive(plan.selected)
            if check_mode:
                outcomes = [Outcome(task, WOULD_DELETE) for task in plan.selected]
            else:
                change.saves(archive.save if archive else None)
                change.expect(plan.selected, plan.groups.has_several)
                outcomes = BulkExecutor(change, self.wait, workers).make(plan.selected)
        result.update(self._report(plan, outcomes, clock))
        result["files"] = archive.files if archive else []
        result["changed"] = any(changed(one, WOULD_DELETE) for one in outcomes)
        raise_failures([*plan.settled, *outcomes], "deleted", result, "tasks")
        return result

    def _fits(self, task: Task) -> bool:
        return self.choice.reason(task, self.api.clock()) is None

    def _selected(self) -> _Plan:
        """Select from all tasks, the oldest first. :raises RefusedError: for an incomplete list."""
        # Imported here, as tasks that are named need it not.
        from ansible_collections.aimms.cloud.plugins.module_utils.protections import Unmatched

        tasks = self._listed()
        clock = self.api.clock()
        groups = Groups(tasks)
        see = Unmatched(self.choice.criteria)
        selected: list[Task] = []
        kept: list[tuple[Task, str]] = []
        for task in oldest_first(tasks):
            see(as_session(task))
            reason = self.choice.reason_not_to_delete(task, groups, clock)
            if reason is None:
                selected.append(task)
            elif task.ended or (task.active and self.choice.reason(task, clock) is None):
                kept.append((task, reason))
        return _Plan(
            tuple(selected),
            kept=tuple(kept),
            out_of=sum(task.ended for task in tasks),
            groups=groups,
            unmatched=see.protections,
            warnings=(*see.warnings, *unknowns(map(as_session, tasks))),
        )

    def _named(self, change: TaskDeletion, workers: WorkerPool) -> _Plan:
        """The tasks with these ids or of these records, each read once."""
        items: list[Item] = list(read_each(change, self.wanted, workers, identified=self.way == "record"))
        found = [item for item in items if isinstance(item, Task)]
        # Of those without an index only a list tells whether there are several.
        several = any(task.index is None for task in found)
        tasks = self._listed() if several or (found and self.breakers.max_percent is not None) else []
        groups, clock = Groups(tasks), self.api.clock()
        change.expect(found, groups.has_several)
        change.expect(self.wanted, lambda task: task.repeated or None)  # which a single record may not tell
        kept = []
        settled = [item for item in items if isinstance(item, Outcome)]
        selected = []
        reasons = [self.choice.reason(task, clock) for task in found]
        fitting = [task for task, reason in zip(found, reasons) if reason is None]
        refusals = iter(workers.map(change.precondition_failure, fitting))
        for task, reason in zip(found, reasons):
            refusal = None if reason else next(refusals)
            if reason:
                kept.append((task, reason))
            elif refusal:
                settled.append(Outcome(task, *refusal))
            else:
                selected.append(task)
        out_of = sum(task.ended for task in tasks)
        return _Plan(tuple(selected), tuple(settled), tuple(kept), out_of, groups, warnings=_unseen(settled))

    def _listed(self) -> list[Task]:
        """All tasks. :raises RefusedError: for an incomplete list."""
        names = self.choice.criteria.apps or tuple(task.app_name for task in self.wanted if task.app_name)
        exact = [] if any(set(name) & set("*?[") for name in names) else [(name, None) for name in dict.fromkeys(names)]
        listing = self.api.list(apps=exact)
        if not listing.complete:
            raise RefusedError(
                f"The list of tasks is incomplete ({'; '.join(listing.problems)}): nothing was changed.",
                "Which run is the last of its group would not be known.",
            )
        return list(listing.records)

    def _checked(self, plan: _Plan, clock: Clock) -> dict[str, Any]:
        """The part of the result about all tasks; warns of what is odd.

        :raises RefusedError: with the result, when a limit is exceeded.
        """
        listed = [as_session(task) for task in (*plan.selected, *(task for task, _reason in plan.kept))]
        for text in (*plan.warnings, *_age(self.params, clock), *remarks(listed, self.choice.criteria, clock)):
            self.warn(_of_tasks(text))
        result: dict[str, Any] = {
            "changed": False,
            "cutoff": self.choice.criteria.cutoff(clock),
            "complete": True,
            "naive_timestamps": count_assumed(listed, self.choice.criteria),
            "files": [],
        }
        runs = [replace(as_session(task), id=task.reference) for task in plan.selected]
        exceeded = tripped(runs, plan.out_of, self.breakers, "ended tasks")
        if exceeded:
            untried = [Outcome(task, NOT_TRIED, "A limit is exceeded.") for task in plan.selected]
            raise RefusedError(
                f"Nothing was {DELETED}: {_of_tasks(exceeded)}",
                "Narrow the selection, or raise the limit if this is meant.",
                result={**result, **self._report(plan, untried, clock)},
            )
        return result

    def _report(self, plan: _Plan, outcomes: Iterable[Outcome[Task]], clock: Clock) -> dict[str, Any]:
        """The part of the result about single tasks."""
        entries = [
            {**_record(one.target, clock), "url": self.url, "result": one.result, "msg": one.msg}
            for one in (*plan.settled, *outcomes)
        ]
        kept = [{**_record(task, clock), "reason": reason, "msg": _why(task)} for task, reason in plan.kept]
        summary = dict(Counter(entry["result"] for entry in entries))
        return {"tasks": entries, "kept": kept, "summary": summary, "unmatched_protections": plan.unmatched}

    def _archive(self, tasks: Sequence[Task]) -> Optional[TaskArchive]:
        folder = self.params.get("archive_dir")
        if folder is None or not tasks:
            return None
        # Imported here, as few runs save anything.
        from ansible_collections.aimms.cloud.plugins.module_utils.tasks.archive import TaskArchive

        return TaskArchive(self.api, Path(folder).expanduser(), tasks)


def _way(params: Mapping[str, Any]) -> str:
    """How the options name tasks: ``record``, ``id`` or ``selection``.

    :raises OptionError: when they would select all tasks, or do not go together.
    """
    if params.get("archive_dir") is not None and not str(params["archive_dir"]).strip():
        raise OptionError("archive_dir: name a folder.")
    ended = sorted(str(state).lower() for state in params.get("states") or () if states.is_active(str(state).lower()))
    if ended:
        raise OptionError(f"states: tasks that are {ended[0]} have not ended, and only ended ones are deleted.")
    narrowed = narrowed_by(params, NARROWING)
    index = params.get("group_index")
    if index is not None and (index < 0 or not params.get("task_ids") or narrowed):
        raise OptionError("group_index: it goes with task_ids, must not be negative, and selects nothing by itself.")
    if params.get("tasks") is not None:
        return "record"
    if params.get("task_ids") and not narrowed:
        return "id"
    if narrowed:
        return "selection"
    raise OptionError(
        "Without a criterion this would delete every task.",
        f"Give tasks, task_ids, or at least one of {', '.join(NARROWING)} that leaves something out.",
    )


def _named(params: Mapping[str, Any]) -> list[Task]:
    index = params.get("group_index")
    ids = dict.fromkeys(params.get("task_ids") or ())
    return [Task(checked_task_id(task_id), index or 0, in_group=index is not None) for task_id in ids]


def _records(params: Mapping[str, Any], url: str) -> list[Task]:
    """The tasks of an earlier result, each once.

    :raises OptionError: for what is no record of a task, or of another account.
    """
    tasks: dict[str, Task] = {}
    for record in params["tasks"]:
        if address_key(record.get("url") or url) != address_key(url):
            raise OptionError(f"tasks: they were planned for {shown(str(record['url']))}, and this is {url}.")
        missing = [name for name in ("id", "group_index", "app_name", "owner", "created_at") if name not in record]
        task = None if missing else Task.from_record(record)
        unread = task is not None and task.created_at is None and record["created_at"] is not None
        if task is None or unread or str(record["group_index"]).strip().startswith("-"):
            told = f"has no {missing[0]}" if missing else "has an id, index or created_at of no task"
            raise OptionError(f"tasks: a record {told}.", "Give records as aimms_task_info returns them.")
        checked_task_id(task.id)
        owner = None if record["owner"] is None else str(record["owner"])
        tasks[task.reference] = replace(task, owner=owner, in_group=task.group_index > 0)
    return list(tasks.values())


_OF_LIMITS = re.compile(r"((?:\A|\. )\d+ )sessions\b")


def _of_tasks(text: str) -> str:
    """A text about sessions, as one about tasks. A name in it comes after the word that tells what it is about."""
    for words in ("max_sessions is", "so no session counts as old"):
        text = text.replace(words, words.replace("session", "task"))
    limits = _OF_LIMITS.sub(r"\1tasks", text)
    return text.replace("session", "task", 1) if limits == text else limits


def _unseen(settled: Iterable[Outcome[Task]]) -> tuple[str, ...]:
    number = sum(one.result == "not_found" for one in settled)
    text = "The user of the key sees the tasks of an app only with Read access to it."
    return (f"{number} ids show no task. {text}",) if number else ()


def _age(params: Mapping[str, Any], clock: Clock) -> tuple[str, ...]:
    """A warning about an old plan."""
    made = planned_at(params.get("tasks") or ())
    days = 0 if made is None else int((clock.earliest - made) // 86400)
    return (
        (f"The plan is {days} days old (of {iso(made or 0)}). Only what is the same is deleted.",) if days > 0 else ()
    )


def _why(task: Task) -> str:
    return "" if valid_id(task.id) else "Its id cannot be used in a request."


def _record(task: Task, clock: Clock) -> dict[str, Any]:
    """The record, and its age, by which its time of creation and the time of this result are known."""
    created = task.created_at
    return {**record_of(task), "age_seconds": None if created is None else int(clock.earliest - created.seconds)}

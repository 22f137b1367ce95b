# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Returns tasks. Nothing is changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Callable, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.api.task_api import App, TaskApi, checked_task_id
from ansible_collections.aimms.cloud.plugins.module_utils.decoding.name_match import matches
from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError, shown
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import checked_id
from ansible_collections.aimms.cloud.plugins.module_utils.models.session_fields import id_key
from ansible_collections.aimms.cloud.plugins.module_utils.models.task import Task, newest_first
from ansible_collections.aimms.cloud.plugins.module_utils.options import (
    names_from,
    refuse_empty,
    states_from,
    zone_from,
)
from ansible_collections.aimms.cloud.plugins.module_utils.paging.listing import Listing
from ansible_collections.aimms.cloud.plugins.module_utils.remarks import MOST_STATES
from ansible_collections.aimms.cloud.plugins.module_utils.tasks.record import record_of
from ansible_collections.aimms.cloud.plugins.module_utils.times.time_option import TimeOption, time_option_from
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Clock, iso
from ansible_collections.aimms.cloud.plugins.module_utils.workers import WorkerPool

FILTERS = ("task_ids", "apps", "states", "session_ids", "created_after", "created_before")
_MOST_SINGLE_READS = 24
_CONCURRENCY = 8


@dataclass(frozen=True)
class TaskCriteria:
    """Which tasks are wanted. None: no criterion. Globs and states are compared without regard to case."""

    task_ids: Optional[tuple[str, ...]] = None
    apps: Optional[tuple[str, ...]] = None
    states: Optional[tuple[str, ...]] = None
    session_ids: Optional[tuple[str, ...]] = None
    created_after: Optional[TimeOption] = None
    created_before: Optional[TimeOption] = None

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> TaskCriteria:
        """:raises OptionError: for an empty list or text (it never means 'all'), an invalid id, state or time."""
        refuse_empty(("created_after", "created_before"), params)
        ids, apps, states, sessions = (
            names_from(params.get(name), name) for name in ("task_ids", "apps", "states", "session_ids")
        )
        for check, values in ((checked_task_id, ids), (checked_id, sessions)):
            for value in values or ():
                check(value)
        return cls(
            task_ids=None if ids is None else tuple(dict.fromkeys(ids)),
            apps=apps,
            states=states_from(states),
            session_ids=sessions,
            created_after=time_option_from(params, "created_after"),
            created_before=time_option_from(params, "created_before"),
        )

    @property
    def relative(self) -> bool:
        """Whether a time counts from now, so that the clock must be known."""
        return any(option is not None and option.ago for option in (self.created_after, self.created_before))

    @property
    def exact_apps(self) -> list[App]:
        """The apps, if none of them is a pattern; else nothing."""
        apps = self.apps or ()
        return [] if any(set(app) & set("*?[") for app in apps) else [(app, None) for app in apps]

    def fits(self, task: Task, after: Optional[float], before: Optional[float]) -> bool:
        """Whether the task is wanted. ``after``, ``before``: limits of its creation, in seconds since 1970."""
        created = None if task.created_at is None else task.created_at.seconds
        return (
            (self.task_ids is None or id_key(task.id) in map(id_key, self.task_ids))
            and (self.apps is None or matches(task.app_name, self.apps))
            and (self.states is None or task.state in self.states)
            and (self.session_ids is None or id_key(task.session_id or "") in map(id_key, self.session_ids))
            and (after is None or (created is not None and created >= after))
            and (before is None or (created is not None and created < before))
        )


def task_info(params: Mapping[str, Any], warn: Callable[[str], None]) -> dict[str, Any]:
    """The result of ``aimms_task_info``.

    :param params: the options of the module. :param warn: called with each warning for the user.
    :raises AimmsError: for unusable options, and when the tasks cannot be read.
    """
    limit = params.get("limit")
    if limit is not None and limit < 0:
        raise OptionError("limit: must not be negative.")
    criteria = TaskCriteria.from_params(params)
    api = TaskApi.connect(params, zone_from(params.get("naive_timezone")))
    clock = api.clock() if criteria.relative else Clock(None, 0.0)
    after = None if criteria.created_after is None else criteria.created_after.at(clock)
    before = None if criteria.created_before is None else criteria.created_before.at(clock)
    if after is not None and before is not None and after >= before:
        raise OptionError("created_after: it is not before created_before, so no task can fit both.")
    listing = _tasks(api, criteria, after, before)
    wanted = newest_first(task for task in listing.records if criteria.fits(task, after, before))[:limit]
    last = _last_of_group(listing, criteria)
    for text in _remarks(listing, criteria, clock):
        warn(text)
    with WorkerPool(_CONCURRENCY) as workers:
        records = workers.map(lambda task: {**_record(api, task, params), "last_of_group": last(task)}, wanted)
    return {
        "tasks": records,
        "count": len(wanted),
        "complete": listing.complete,
        "created_after": None if after is None else iso(after),
        "created_before": None if before is None else iso(before),
    }


def _last_of_group(listing: Listing[Task], criteria: TaskCriteria) -> Callable[[Task], Optional[bool]]:
    """Tells of a task whether it is the last run of its group; None where not all runs were listed."""
    if criteria.task_ids is not None:
        return lambda task: None if task.several else True
    if listing.problems or criteria.created_before or criteria.created_after:
        return lambda _task: None
    from ansible_collections.aimms.cloud.plugins.module_utils.tasks.groups import Groups

    return Groups(listing.records).is_last


def _record(api: TaskApi, task: Task, params: Mapping[str, Any]) -> dict[str, Any]:
    """The record to return, with response and log if the options want them."""
    record = record_of(task, raw=bool(params.get("include_raw")))
    if params.get("include_response"):  # few ask for either, so what masks the secrets is imported here
        from ansible_collections.aimms.cloud.plugins.module_utils.redacted_json import redacted_value

        record["response"] = redacted_value(api.response(task))
    if params.get("include_log"):
        from ansible_collections.aimms.cloud.plugins.module_utils.redaction import redacted

        record["log"] = [redacted(line) for line in api.log(task)]
    return record


def _tasks(api: TaskApi, criteria: TaskCriteria, after: Optional[float], before: Optional[float]) -> Listing[Task]:
    """All tasks that may be wanted; by id, the last one of each group. A few ids are read individually."""
    ids = criteria.task_ids
    if ids is not None and len(ids) <= _MOST_SINGLE_READS:
        return Listing([task for task in map(api.get, ids) if task is not None])
    listing = api.list(after, before, criteria.exact_apps)
    if ids is None:
        return listing
    last: dict[str, Task] = {}
    for task in sorted(listing.records, key=lambda task: task.group_index):
        last[task.key if task.several else task.id] = task
    return Listing([*last.values()], listing.problems)


def _remarks(listing: Listing[Task], criteria: TaskCriteria, clock: Clock) -> Iterator[str]:
    """Warnings about the tasks that were listed."""
    tasks: Sequence[Task] = listing.records
    if listing.problems:
        yield f"The list of tasks is incomplete: {'; '.join(listing.problems)}."
    if criteria.session_ids is not None and tasks and not any(task.session_id for task in tasks):
        yield (
            f"No task of the {len(tasks)} that this server tells of names its session, so session_ids selects none. "
            "Services before 25.2 do not tell it."
        )
    unknown = Counter(task.state for task in tasks if not task.active and not task.ended)
    for state, number in sorted(unknown.most_common(MOST_STATES)):
        yield f"{number} tasks are in the unknown state '{shown(state)}': they count as not active."
    if len(unknown) > MOST_STATES:
        yield f"There are {len(unknown) - MOST_STATES} more unknown states."
    if criteria.created_after or criteria.created_before:
        naive = sum(1 for task in tasks if task.created_at and task.created_at.assumed_utc)
        if naive:
            yield (
                f"The times of {naive} tasks name no zone: they are read as UTC. "
                "Set naive_timezone to the zone of the server."
            )
    if criteria.relative and clock.server is None:
        yield "The server sends no Date header: durations count from the clock of this machine."

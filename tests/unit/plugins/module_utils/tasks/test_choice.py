# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which tasks of any list may be deleted. Proves rules 18, 19, 22 and 24 for tasks."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.module_utils.models.task import Task
from ansible_collections.aimms.cloud.plugins.module_utils.tasks.choice import (
    TaskChoice,
    as_session,
    oldest_first,
)
from ansible_collections.aimms.cloud.plugins.module_utils.tasks.groups import Groups
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Clock, Instant, iso

NOW = 1_800_000_000.0
CLOCK = Clock(NOW, NOW)
DAY = 86400
TIMES = [iso(NOW - days * DAY) for days in (9, 3, 1.01, 1, 0.5, 0, -1)]
RECORDS = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["a", "b", "c"]),
        "state": st.sampled_from(["QUEUED", "ASSIGNED", "RUNNING", "SOLVING", "COMPLETED", "FAILED", "Odd", ""]),
        "createdAt": st.one_of(st.none(), st.sampled_from(TIMES)),
    },
    optional={
        "groupIndex": st.one_of(st.none(), st.integers(0, 4)),
        "scheduleInterval": st.sampled_from([None, "1 day"]),
        "scheduleFor": st.sampled_from([None, iso(NOW + DAY), "later"]),
        "userName": st.sampled_from(["jdoe", "VIP", None]),
        "userEnvironment": st.sampled_from(["ROOT", None]),
        "endedAt": st.one_of(st.none(), st.sampled_from(TIMES)),
    },
)


def tasks_of(records):
    """The tasks of records, as the Task API lists them."""
    found = [Task.from_record(one) for one in records]
    return list({task.key: task for task in found if task is not None}.values())


def choice(**options):
    return TaskChoice.from_params({"older_than": "1d", **options})


@settings(deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(RECORDS, max_size=8), st.booleans())
def test_never_what_is_active_or_young_or_protected_or_the_last_of_a_schedule(records, stops):
    tasks = tasks_of(records)
    groups = Groups(tasks)
    made = choice(protect_owners=["vip"], stop_schedule=stops)
    for task in tasks:
        if made.reason_not_to_delete(task, groups, CLOCK) is not None:
            continue
        others = [one for one in tasks if one.id == task.id and one is not task]
        assert task.ended
        assert task.state == "completed"
        assert task.created_at.seconds + DAY < NOW
        assert task.owner is not None
        assert "vip" not in task.owner.lower()
        if others or task.repeated:
            assert task.index is not None
            assert all(one.index is not None for one in others)
            assert stops or any(one.index > task.index for one in others)


def made_of(**values):
    """A task that ended two days ago and was created three days ago."""
    times = {"createdAt": iso(NOW - 3 * DAY), "endedAt": iso(NOW - 2 * DAY)}
    record = {"id": "a", "state": "COMPLETED", "appName": "Crew", "userName": "jdoe", "userEnvironment": "ROOT"}
    return Task.from_record({**record, **times, "sessionId": "s1", **values})


REASONS = [  # what is asked, what differs in the record, and the reason to keep it
    ({}, {}, None),
    ({"protect_task_ids": ["A"]}, {}, "protected"),
    ({"protect_owners": ["jdoe"], "created_before": "3d", "session_ids": ["s9"]}, {}, "protected"),
    ({"protect_apps": ["crew"], "apps": ["Other"]}, {}, "protected"),
    ({"task_ids": ["a"]}, {}, None),
    ({"task_ids": ["b"]}, {}, "not_selected"),
    ({"apps": ["Other"]}, {}, "not_selected"),
    ({"session_ids": ["s1"]}, {}, None),
    ({"session_ids": ["s9"]}, {}, "not_selected"),
    ({"session_ids": ["s9"]}, {"sessionId": None}, "not_selected"),
    ({"created_after": "4d"}, {}, None),
    ({"created_after": iso(NOW - 3 * DAY)}, {}, None),
    ({"created_after": iso(NOW - 3 * DAY + 1)}, {}, "not_selected"),
    ({"created_before": iso(NOW - 3 * DAY)}, {}, "not_selected"),
    ({"created_before": iso(NOW - 3 * DAY + 1)}, {}, None),
    ({"created_after": "4d", "created_before": "2d"}, {}, None),
    ({"created_after": "2d", "created_before": "1d"}, {}, "not_selected"),
    ({"created_after": "73h"}, {"createdAt": iso(NOW - 3 * DAY)[:-1]}, "not_selected"),  # 12 hours for its zone
    ({"created_after": "85h"}, {"createdAt": iso(NOW - 3 * DAY)[:-1]}, None),
    ({"created_before": "71h"}, {"createdAt": iso(NOW - 3 * DAY)[:-1]}, "not_selected"),
    ({"created_before": "59h"}, {"createdAt": iso(NOW - 3 * DAY)[:-1]}, None),
    ({"created_before": "1d"}, {"createdAt": None}, "no_reliable_time"),
    ({"older_than": None, "apps": ["crew"], "created_before": "1d"}, {"createdAt": None}, "no_reliable_time"),
    ({"older_than": None, "apps": ["crew"], "created_after": "9d"}, {"createdAt": iso(NOW + DAY)}, "no_reliable_time"),
    ({"older_than": None, "apps": ["crew"], "session_ids": ["X"]}, {"sessionId": None}, "not_selected"),
    ({"older_than": None, "apps": ["crew"]}, {"createdAt": None}, None),
    ({"older_than": None, "apps": ["crew"]}, {"state": "QUEUED", "scheduleInterval": "1 day"}, "scheduled"),
    ({"created_after": "20000d"}, {"createdAt": "2001-01-01T00:00:00Z"}, "no_reliable_time"),
    ({"older_than": None, "ended_before": "1d"}, {}, None),
    ({"older_than": None, "ended_before": "49h"}, {}, "too_young"),
    ({}, {"state": "RUNNING"}, "active"),
    ({}, {"state": "QUEUED"}, "active"),
    ({}, {"state": "QUEUED", "scheduleInterval": "1 day"}, "scheduled"),
    ({}, {"state": "FAILED"}, "not_completed"),
    ({"states": ["failed"]}, {"state": "FAILED"}, None),
    ({"states": ["completed"]}, {"state": "FAILED"}, "not_selected"),
    ({}, {"scheduleInterval": "1 day"}, "unnumbered"),
    *(({}, {name: "daily"}, "unnumbered") for name in ("recurrence", "cronExpression", "repeatEvery", "nextRunAt")),
    ({}, {"id": ".a"}, "not_selected"),
    ({}, {"scheduleInterval": "1 day", "groupIndex": 0}, "last_of_schedule"),
    ({"stop_schedule": True}, {"scheduleInterval": "1 day", "groupIndex": 0}, None),
    ({"stop_schedule": True}, {"scheduleInterval": "1 day"}, "unnumbered"),
]


@pytest.mark.parametrize(("asked", "differs", "reason"), REASONS)
def test_why_a_task_is_kept(asked, differs, reason):
    task = made_of(**differs)
    given = {name: value for name, value in {"older_than": "1d", **asked}.items() if value is not None}
    assert TaskChoice.from_params(given).reason_not_to_delete(task, Groups([task]), CLOCK) == reason


@pytest.mark.parametrize(
    ("others", "reason"),
    [([1], None), ([], "last_of_schedule"), ([None], "unnumbered"), ([1, None], "unnumbered")],
)
@pytest.mark.parametrize("told", [{}, {"scheduleInterval": "1 day"}])
def test_of_several_runs_all_but_the_last_may_be_deleted(others, reason, told):
    task = made_of(groupIndex=0, **told)
    runs = [
        task,
        *(made_of(groupIndex=index, createdAt=iso(NOW - index_time)) for index_time, index in enumerate(others)),
    ]
    if not others and not told:
        reason = None  # nothing shows that there is another one
    assert choice().reason_not_to_delete(task, Groups(runs), CLOCK) == reason


def test_an_id_that_cannot_be_one_is_refused_as_that_of_a_task():
    with pytest.raises(OptionError, match="cannot be a task id"):
        choice(task_ids=["../a"])


def test_a_task_is_judged_by_every_name_its_record_has():
    record = {"id": "a", "userName": "jdoe", "userEnvironment": "ROOT", "author": "vip@ROOT", "appName": "Crew"}
    session = as_session(Task.from_record(record))
    assert (session.owner, session.app_name) == ("jdoe@ROOT", "Crew")
    assert {"jdoe@ROOT", "vip@ROOT"} <= set(session.owner_names)
    assert as_session(Task("a", owner="eve@ROOT", app_name="Crew")).owner_names == ("eve@ROOT", "eve")


def test_a_schedule_is_no_time_that_cannot_be_read():
    session = as_session(made_of(scheduleInterval="1 day", scheduleFor="soon", endedAt="yesterday"))
    assert session.unread_times == (("ended_at", "yesterday"),)


def test_the_oldest_comes_first_and_without_a_time_it_is_the_last():
    tasks = tasks_of([{"id": "a"}, {"id": "b", "createdAt": iso(NOW)}, {"id": "c", "createdAt": iso(NOW - 5)}])
    assert [task.id for task in oldest_first(tasks)] == ["c", "b", "a"]


def test_a_task_as_a_session_has_its_own_fields_whatever_its_record_is_taken_for():
    times = {f"{name}_at": Instant(NOW + number) for number, name in enumerate(("created", "running", "ended"))}
    raw = {"id": "x", "kind": "webui", "state": "queued", "appVersion": "9", "createdAt": iso(5e8), "endedAt": iso(6e8)}
    task = Task("a", 1, "Crew", "2", state="completed", owner="jdoe@ROOT", raw=raw, **times)
    session = as_session(task)
    assert (session.id, session.kind, session.state, session.app_version) == ("a", "task", "completed", "2")
    assert (session.app_name, session.owner) == ("Crew", "jdoe@ROOT")
    assert (session.app_names[0], session.owner_names[0]) == ("Crew", "jdoe@ROOT")
    assert (session.created_at, session.started_at, session.ended_at) == tuple(times.values())
    assigned = replace(task, running_at=None, assigned_at=Instant(7.0), raw={})
    assert as_session(assigned).started_at == Instant(7.0)
    assert as_session(replace(task, assigned_at=Instant(7.0))).started_at == times["running_at"]
    assert as_session(replace(task, raw={}, owner=None, app_name=None)).owner_names == (None,)
    named = as_session(replace(task, owner=None, app_name=None, raw={**raw, "owner": "eve@ROOT", "appName": "Other"}))
    assert (named.owner, named.app_name) == ("eve@ROOT", "Other")

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tasks of a session say against ending it, whatever the age of the session."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.api.task_activity import TaskActivity
from ansible_collections.aimms.cloud.plugins.module_utils.errors import AnswerError
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.options import criteria_from
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Clock, parse_instant
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import Account

NOW = parse_instant("2026-06-30T12:00:00Z").seconds
TASK = Session("s1", "task", "running", "Crew", "1.0", "jdoe@ROOT")
SOLVE = Session("s1", "solve", "running", "Crew", "1.0", "jdoe@ROOT")
HOUR_AGO, DAY_AGO = "2026-06-30T11:00:00Z", "2026-06-29T12:00:00Z"
TOMORROW = {"groupIndex": 1, "state": "QUEUED", "scheduleFor": "2026-07-01T12:00:00Z"}
OLD = {"older_than": "8h"}
SOLVES = {"interrupt_tasks": "solve"}


@pytest.fixture(name="account")
def an_account():
    with Account() as account:
        yield account


def activity(account, **options):
    params = account.params(**options)
    return TaskActivity(params, criteria_from(params), lambda: Clock(NOW, NOW))


def add(account, name="k1", **values):
    """A task of the session that has been at work for a day."""
    account.add_task(name, "s1", **{"createdAt": DAY_AGO, **values})


CASES = [  # session, its task, options, reason, said
    (TASK, {"runningAt": HOUR_AGO}, OLD, "busy", "Its task k1/0 of jdoe@ROOT began at 2026-06-30T11:00:00Z."),
    (TASK, {"assignedAt": HOUR_AGO}, OLD, "busy", "began at 2026-06-30T11:00:00Z."),
    (TASK, {"createdAt": HOUR_AGO}, OLD, "busy", "began at 2026-06-30T11:00:00Z."),
    (TASK, {"createdAt": None}, OLD, "busy", "began at no known time."),
    (TASK, {"createdAt": None, "userName": None}, OLD, "busy", "Its task k1/0 of an unknown owner began"),
    (TASK, {"runningAt": HOUR_AGO, "state": "COMPLETED"}, OLD, "busy", "began at 2026-06-30T11:00:00Z."),
    (TASK, {"createdAt": None, "state": "COMPLETED"}, OLD, None, ""),
    (TASK, {}, OLD, None, ""),
    (TASK, {"runningAt": HOUR_AGO}, {"quiet_for": "2h"}, "busy", "began at"),
    (TASK, {"runningAt": HOUR_AGO}, {"quiet_for": "2h", "older_than": "30m"}, None, ""),
    (TASK, {"runningAt": HOUR_AGO}, {**OLD, "task_activity": "ignore"}, None, ""),
    (TASK, {"runningAt": HOUR_AGO}, {"apps": ["*w"]}, None, ""),
    (TASK, {"runningAt": "2026-06-30T01:00:00"}, OLD, "busy", "began at 2026-06-30T01:00:00Z."),
    (TASK, {"runningAt": "2026-06-30T01:00:00"}, {**OLD, "naive_timezone": "UTC"}, None, ""),
    (TASK, TOMORROW, OLD, "scheduled", "A task waits in it by its schedule."),
    (TASK, TOMORROW, {**OLD, "task_activity": "ignore"}, None, ""),
    (TASK, {"userName": "boss"}, {"protect_owners": ["boss"]}, "protected", "Its task k1/0 of boss@ROOT is protected."),
    (TASK, {"userName": "boss", "state": "FAILED"}, {"protect_owners": ["boss"]}, None, ""),
    (TASK, {"appName": "Ledger"}, {"protect_apps": ["ledger"]}, "protected", "is protected."),
    (TASK, {"appName": None, "userName": None}, {"protect_apps": ["x"], "protect_owners": ["x"]}, None, ""),
    (TASK, {"userName": "boss"}, {"protect_owners": ["boss"], "task_activity": "ignore"}, None, ""),
    (TASK, {"userName": "boss"}, {"protect_owners": ["boss"], "task_activity": "ignore", **SOLVES}, "protected", "is"),
    (SOLVE, {"userName": "boss"}, {"protect_owners": ["boss"], **SOLVES}, "protected", "is protected."),
    (SOLVE, {"userName": "boss"}, {"protect_owners": ["boss"]}, None, ""),
    (SOLVE, {"runningAt": HOUR_AGO}, {**OLD, **SOLVES}, None, ""),
    (TASK, {"userName": "boss", "state": "PUZZLED"}, {"protect_owners": ["boss"]}, "protected", "is protected."),
    (TASK, {"userName": "boss", **TOMORROW}, {"protect_owners": ["boss"]}, "protected", "is protected."),
    (TASK, {"createdAt": None, "state": "PUZZLED"}, OLD, "busy", "began at no known time."),
    (TASK, {"state": "PUZZLED"}, OLD, None, ""),
    (TASK, {"state": "QUEUED", "scheduleFor": "tomorrow"}, OLD, "scheduled", "A task waits in it by its schedule."),
    (TASK, {"sessionId": "other"}, SOLVES, "busy", "No task of it is seen, so it is not known whether one runs."),
    (TASK, {"sessionId": "other"}, OLD, None, ""),
    (SOLVE, {"sessionId": "other"}, SOLVES, None, ""),
]


@pytest.mark.parametrize(("session", "task", "options", "reason", "said"), CASES)
def test_why_a_session_is_kept(session, task, options, reason, said, account):
    add(account, **task)
    vetoes = activity(account, **options).vetoes([session])
    assert [veto.reason for veto in vetoes.values()] == ([reason] if reason else [])
    assert all(key == (session.kind, "s1") and said in veto.text for key, veto in vetoes.items())


def test_what_only_lists_sessions_asks_for_no_tasks_because_of_protections(account):
    params = {name: value for name, value in account.params(protect_owners=["x"]).items() if name != "interrupt_tasks"}
    one = TaskActivity(params, criteria_from(params), lambda: Clock(NOW, NOW))
    assert (one.vetoes([TASK]), account.requests) == ({}, [])


def test_one_of_several_tasks_is_enough(account):
    for number in range(3):
        add(account, f"k{number}", **({"runningAt": HOUR_AGO} if number == 1 else {}))
    assert list(activity(account, **OLD).vetoes([TASK])) == [("task", "s1")]


@pytest.mark.parametrize(
    ("sessions", "options"),
    [
        ([], OLD),
        ([SOLVE], OLD),
        ([Session("w", "webui", "running")], {**OLD, **SOLVES}),
        ([Session("s1", "task", "completed")], {**OLD, **SOLVES}),
        ([TASK], {"apps": ["x"], "protect_session_ids": ["y"]}),
        ([TASK], {**OLD, "protect_owners": ["x"], "task_activity": "ignore"}),
    ],
)
def test_tasks_are_not_asked_for_where_they_do_not_matter(sessions, options, account):
    assert activity(account, **options).vetoes(sessions) == {}
    assert account.requests == []


def test_the_list_of_tasks_is_read_once_for_all_sessions(account):
    sessions = [Session(f"s{number}", "task", "running", "Crew") for number in range(30)]
    for session in sessions:
        account.add_task(f"k-{session.id}", session.id, createdAt=DAY_AGO)
    one = activity(account, **OLD)
    assert (one.vetoes(sessions), len(one.found), one.warnings) == ({}, 30, [])
    assert len(account.requests) == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (OLD, "Tasks cannot be read: GET /pro-api/v2/tasks answered 403"),
        ({**OLD, **SOLVES}, "Tasks cannot be interrupted: GET /pro-api/v2/tasks answered 403"),
    ],
)
def test_where_tasks_cannot_be_read_one_warning_says_that_the_age_tells_little(options, said, account):
    account.on("GET", "/tasks", 403)
    one = activity(account, **options)
    assert one.vetoes([TASK]) == {}
    (warning,) = one.warnings
    assert warning.startswith(said)
    assert warning.endswith("So the age of a task session tells little, as one session serves many tasks.")
    assert "Read to see the task" in warning


def test_where_no_age_is_asked_for_the_warning_says_nothing_of_ages(account):
    account.on("GET", "/tasks", 403)
    one = activity(account, **SOLVES)
    assert one.vetoes([TASK]) == {}
    assert not one.warnings[0].endswith("many tasks.")


def test_what_an_incomplete_list_tells_counts_and_the_rest_is_told(account):
    add(account, runningAt=HOUR_AGO)
    account.on("GET", "/tasks", *[(200, {"total_tasks": 7, "current_batch": account.tasks})] * 9)
    one = activity(account, **OLD, **SOLVES)
    other = Session("s2", "task", "running")
    assert list(one.vetoes([TASK, other])) == [("task", "s1")]
    assert one.warnings[0].startswith("Tasks cannot be interrupted: The list of tasks is incomplete: ")


K1, DONE = {"name": "k1"}, {"name": "k1", "state": "COMPLETED"}
RUN_0, RUN_1 = {"name": "g", "groupIndex": 0}, {"name": "g", "groupIndex": 1}
LATER = {"scheduleFor": "2026-07-01T12:00:00Z"}
GRACE = [  # tasks before the grace period, tasks after it, the one that came or began meanwhile
    ([K1], [K1], None),
    ([K1], [DONE], None),
    ([K1], [{**K1, "state": "CLOSING"}], None),
    ([K1], [{**K1, "state": "PUZZLED"}], None),
    ([{**K1, "state": "QUEUED"}], [K1], None),
    ([K1], [], None),
    *(
        ([K1], [DONE, {"name": "n", "state": state}], "n/0")
        for state in "RUNNING ASSIGNED QUEUED CREATED PUZZLED".split()
    ),
    ([K1], [DONE, {"name": "n", "state": ""}], "n/0"),
    ([K1], [DONE, {"name": "n", "state": "FAILED"}], None),
    ([K1], [K1, {"name": "n", "state": "QUEUED", **LATER}], "n/0"),
    ([RUN_0], [{**RUN_0, "state": "COMPLETED"}, {**RUN_1, "state": "QUEUED"}], "g/1"),
    ([RUN_0], [{**RUN_0, "state": "COMPLETED"}, {**RUN_1, "state": "QUEUED", **LATER}], "g/1"),
    ([RUN_0], [{**RUN_0, "state": "COMPLETED"}, RUN_1], "g/1"),
    ([K1, {**RUN_1, "state": "QUEUED"}], [DONE, {**RUN_1, "state": "QUEUED"}], None),
    ([K1, {**RUN_1, "state": "QUEUED"}], [DONE, RUN_1], "g/1"),
    ([K1, {"name": "n", "state": "PUZZLED"}], [DONE, {"name": "n", "state": "PUZZLED"}], None),
    ([K1, {"name": "n", "state": "PUZZLED"}], [DONE, {"name": "n"}], "n/0"),
    ([DONE], [K1], "k1/0"),
    *(([DONE], [{**K1, "state": state}], "k1/0") for state in ("QUEUED", "PUZZLED")),
    ([K1], [DONE, K1], "k1/0"),
    ([K1], [DONE, {**K1, "createdAt": HOUR_AGO}], "k1/0"),
    ([K1, {"name": "n", "sessionId": "s2"}], [DONE, {"name": "n"}], "n/0"),
    ([K1, {"name": "n", "sessionId": None, "state": "QUEUED"}], [DONE, {"name": "n", "state": "QUEUED"}], "n/0"),
]


@pytest.mark.parametrize("zone", [None, "America/New_York"])
@pytest.mark.parametrize("session", [TASK, SOLVE])
@pytest.mark.parametrize(("before", "after", "came"), GRACE)
def test_what_was_queued_or_began_since_the_list_was_read_is_told(before, after, came, session, zone, account):
    created = {"createdAt": DAY_AGO.rstrip("Z")} if zone else {}
    for values in before:
        add(account, **{**created, **values})
    one = activity(account, naive_timezone=zone, **OLD, **SOLVES)
    one.vetoes([session, replace(session, id="s2")])
    account.tasks.clear()
    for values in after:
        add(account, **{**created, **values})
    said = f"Meanwhile task {came} of jdoe@ROOT was queued or began in it."
    assert one.began_since([session]) == ({"s1": said} if came else {})


def test_what_is_no_session_with_tasks_or_cannot_have_any_read_is_not_asked_for(account):
    one = activity(account, **OLD)
    assert (one.began_since([Session("w", "webui", "running")]), one.began_since([])) == ({}, {})
    one.problem = "x"
    assert one.began_since([TASK]) == {}
    assert account.requests == []


def test_an_incomplete_list_does_not_show_that_nothing_came(account):
    add(account)
    one = activity(account, **OLD)
    one.vetoes([TASK])
    account.on("GET", "/tasks", *[(200, {"total_tasks": 7, "current_batch": account.tasks})] * 9)
    with pytest.raises(AnswerError, match="The list of tasks is incomplete"):
        one.began_since([TASK])

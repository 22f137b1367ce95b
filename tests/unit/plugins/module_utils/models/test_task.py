# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task, read from what the Task API sends."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from ansible_collections.aimms.cloud.plugins.module_utils.models.identity import difference
from ansible_collections.aimms.cloud.plugins.module_utils.models.states import ACTIVE_STATES, ENDED_STATES
from ansible_collections.aimms.cloud.plugins.module_utils.models.task import Task, newest_first
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Instant
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils import record_checks as checks
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils import record_strategies as sent
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.record_strategies import tried

RECORD = {
    "id": "1e4d8d6c-2c9b-4f0e-9a67-0c3c1f6f2f0b",
    "groupIndex": 3,
    "appName": "CrewScheduling",
    "appVersion": "1.5.2",
    "serviceName": "MainExecution",
    "state": "SOLVING",
    "scheduleFor": None,
    "scheduleInterval": None,
    "createdAt": "2026-01-31T08:15:00.250Z",
    "assignedAt": "2026-01-31T09:16:00+01:00",
    "runningAt": 1769847420,
    "endedAt": None,
    "queueTime": 60,
    "runTime": 12.5,
    "returnCode": None,
    "errorMessage": None,
    "userName": "jdoe",
    "userEnvironment": "ROOT",
    "sessionId": "14d231b1-2b87-457c-bc83-305bb5daa4cc",
}
AS_RETURNED = {
    "id": "1e4d8d6c-2c9b-4f0e-9a67-0c3c1f6f2f0b",
    "group_index": 3,
    "state": "solving",
    "active": True,
    "app_name": "CrewScheduling",
    "app_version": "1.5.2",
    "service_name": "MainExecution",
    "owner": "jdoe@ROOT",
    "session_id": "14d231b1-2b87-457c-bc83-305bb5daa4cc",
    "created_at": "2026-01-31T08:15:00Z",
    "assigned_at": "2026-01-31T08:16:00Z",
    "running_at": "2026-01-31T08:17:00Z",
    "ended_at": None,
    "schedule_for": None,
    "schedule_interval": None,
    "queue_time": 60,
    "run_time": 12.5,
    "return_code": None,
    "error_message": "",
}
HOSTILE = [None, True, [], [1], {}, {"a": 1}, "", " ", "nonsense", -1, 0, 2.5, 10**400, -(10**5000), 1e308]
HOSTILE += [float("nan"), float("inf"), "9" * 5000, "٣", "\x00", {"id": {"id": {"id": {"id": 1}}}}]


def task(name="t", **values):
    return Task(name, **{"created_at": Instant(1000.0), **values})


def test_a_record_of_the_vendors_client_is_read_whole():
    assert Task.from_record(RECORD).as_dict() == AS_RETURNED


def snake(name):
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


PERMISSIONS = {
    "Read": True,
    "Read, Execute": False,
    "ReadWrite": False,
    "Full access, read": False,
}


@pytest.mark.parametrize(("told", "only_read"), PERMISSIONS.items())
@pytest.mark.parametrize("name", ["permissions", "Permission", "user_permissions", "accessRights"])
def test_that_it_may_only_be_read_is_taken_from_the_record(name, told, only_read):
    for value in (told, told.split(", "), [{"name": part} for part in told.split(", ")]):
        assert Task.from_record({**RECORD, name: value}).may_not_execute is only_read


@pytest.mark.parametrize("value", [None, "", [], {}, 4, "r", {"read": True, "execute": False}, ["list"]])
def test_permissions_that_cannot_be_told_say_nothing(value):
    assert not Task.from_record({**RECORD, "permissions": value}).may_not_execute
    assert not Task.from_record(RECORD).may_not_execute


@pytest.mark.parametrize("spell", [snake, str.upper, str.lower, str.title, lambda name: name[0].upper() + name[1:]])
def test_other_spellings_of_the_names_are_read_as_well(spell):
    assert Task.from_record({spell(name): value for name, value in RECORD.items()}).as_dict() == AS_RETURNED


def test_nested_names_are_read_as_well():
    nested = {
        "id": "t",
        "app": {"name": "Crew", "version": "2"},
        "user": {"name": "jdoe", "environment": "ROOT"},
        "session": {"id": "s"},
    }
    read = Task.from_record(nested)
    assert (read.app_name, read.app_version, read.owner, read.session_id) == ("Crew", "2", "jdoe@ROOT", "s")


@pytest.mark.parametrize(
    "name",
    "sessionId sessionID session_id SessionId session sessionUuid sessionGuid taskSessionId proSessionId "
    "aimmsSessionId session-id SESSION_UUID".split(),
)
def test_the_session_is_found_under_any_of_its_names(name):
    assert Task.from_record({"id": "t", name: "s"}).session_id == "s"


@pytest.mark.parametrize(
    "name", ["sessionState", "parentSessionId", "clientSession", "sessions", "id2", "session id 2"]
)
def test_what_may_be_another_session_is_not_taken_for_its_own(name):
    assert Task.from_record({"id": "t", name: "s"}).session_id is None


def test_of_two_names_for_the_session_the_plainest_counts():
    assert Task.from_record({"id": "t", "session": "x", "proSessionId": "y", "sessionId": "z"}).session_id == "z"
    assert Task.from_record({"id": "t", "sessionId": None, "session": {"id": "z"}}).session_id == "z"


@pytest.mark.parametrize("record", [{}, {"id": None}, {"id": " "}, {"id": []}, {"task": "t"}, {"sessionId": "s"}])
def test_a_record_without_an_id_is_none(record):
    assert Task.from_record(record) is None


def test_a_bare_id_is_a_task_of_which_nothing_else_is_known():
    assert Task.from_record({"id": 17}) == Task("17")
    assert Task("17").as_dict()["active"] is False


@pytest.mark.parametrize("name", RECORD)
@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_no_value_raises_and_the_result_is_json(name, value):
    read = Task.from_record({**RECORD, name: value})
    if read is not None:
        assert read.key
        assert read.reference
        json.dumps(read.as_dict(), allow_nan=False)


def test_numbers_come_as_numbers_as_whole_floats_or_as_text():
    read = Task.from_record({"id": "t", "groupIndex": 4.0, "returnCode": "-3", "queueTime": 1.5, "runTime": "2.5"})
    assert (read.group_index, read.return_code, read.queue_time, read.run_time) == (4, -3, 1.5, 2.5)
    for text in ("x", "1e9", "1,5", "9" * 19, "nan"):
        assert Task.from_record({"id": "t", "runTime": text}).run_time is None


def test_true_is_no_number_and_no_id():
    read = Task.from_record({"id": "t", "groupIndex": True, "queueTime": True, "sessionId": True})
    assert (read.group_index, read.queue_time, read.session_id) == (0, None, None)
    assert Task.from_record({"id": True}) is None


@pytest.mark.parametrize(
    ("user", "environment", "owner"),
    [
        ("jdoe", "ROOT", "jdoe@ROOT"),
        ("jdoe@EMEA", "ROOT", "jdoe@EMEA@ROOT"),
        ("jdoe@ROOT", "Root", "jdoe@ROOT"),
        ("jdoe", None, "jdoe"),
        (None, "ROOT", None),
    ],
)
def test_the_owner_is_put_together(user, environment, owner):
    assert Task.from_record({"id": "t", "userName": user, "userEnvironment": environment}).owner == owner


@pytest.mark.parametrize(("told", "index"), [(0, 0), (3, 3), (None, None), ("x", None)])
def test_an_index_is_named_to_the_server_only_where_it_named_one(told, index):
    read = Task.from_record({"id": "t", "groupIndex": told})
    assert (read.index, read.group_index) == (index, index or 0)
    assert Task("t", 2).index == 2


def test_tasks_of_one_group_differ_in_key_and_reference():
    first, second = task(group_index=0, in_group=True), task(group_index=1)
    assert (first.reference, second.reference) == ("t/0", "t/1")
    assert (first.key, second.key, task(group_index=1).run) == ("t/0@1000.0", "t/1@1000.0", "t/1")


def test_runs_that_the_server_does_not_number_differ_in_when_they_were_created():
    first, second = task(), task(created_at=Instant(1000.5))
    assert (first.run, second.run, task(created_at=None).run) == ("t/0@1000.0", "t/0@1000.5", "t/0")
    assert first.reference == second.reference == "t/0"
    assert difference(first, task(created_at=Instant(1001.0)))


COURSE = ["created_at", "assigned_at", "running_at", "ended_at", "schedule_for"]


@pytest.mark.parametrize(
    "change", [*({name: Instant(7.0)} for name in COURSE), {"state": "queued"}, {"session_id": "s"}, {"id": "u"}]
)
def test_runs_that_the_server_does_not_number_differ_in_key_by_anything_of_their_course(change):
    bare = Task("t", state="running")
    assert replace(bare, **change).key != bare.key
    numbered = replace(bare, in_group=True, created_at=Instant(1.0))
    assert (replace(numbered, **change).key == numbered.key) is not bool({"id", "created_at"} & {*change})
    uncertain = replace(bare, in_group=True)  # as if each run had the same index
    assert replace(uncertain, **change).key != uncertain.key


def test_one_of_several_runs_without_an_index_may_wait_by_a_schedule():
    assert [task(state="queued", several=several).scheduled for several in (True, False)] == [True, False]


TOMORROW = "2026-02-01T08:00:00Z"
WAITS = [  # record, whether it waits by a schedule, whether it works
    ({"state": "QUEUED"}, False, True),
    ({"state": "QUEUED", "groupIndex": 0}, False, True),
    ({"state": "QUEUED", "groupIndex": 1}, True, False),
    ({"state": "QUEUED", "scheduleFor": TOMORROW}, True, False),
    ({"state": "created", "schedule_interval": "1 day"}, True, False),
    ({"state": "QUEUED", "schedule": {"for": TOMORROW}}, True, False),
    *(
        ({"state": "QUEUED", name: unreadable}, True, False)
        for name in ("scheduleFor", "scheduleInterval")
        for unreadable in ("tomorrow", "31/02/2026", {"days": 1}, ["x"], True, 0, 10**400, float("nan"))
    ),
    ({"state": "QUEUED", "schedule": "0 5 * * *"}, True, False),
    ({"state": "QUEUED", "scheduled": True}, True, False),
    ({"state": "QUEUED", "task": {"schedule": {"days": 1}}}, True, False),
    ({"state": "QUEUED", "schedulerName": "x", "scheduleTimeZone": "UTC", "reschedules": 3}, False, True),
    *(({"state": "QUEUED", "scheduleFor": nothing}, False, True) for nothing in (None, "", " \t", False, [], {})),
    ({"state": "QUEUED", "groupIndex": 1, "runningAt": TOMORROW}, False, True),
    ({"state": "ASSIGNED", "groupIndex": 1}, False, True),
    ({"state": "RUNNING", "groupIndex": 1, "scheduleFor": TOMORROW}, False, True),
    ({"state": "COMPLETED", "groupIndex": 1, "scheduleInterval": "1 day"}, False, False),
    ({"state": "puzzled", "groupIndex": 1}, False, False),
]


@pytest.mark.parametrize(("record", "scheduled", "working"), WAITS)
def test_what_has_not_begun_and_is_repeated_or_planned_waits_by_a_schedule(record, scheduled, working):
    read = Task.from_record({"id": "t", **record})
    assert (read.scheduled, read.working) == (scheduled, working)


def test_the_schedule_is_returned():
    read = Task.from_record({"id": "t", "scheduleFor": TOMORROW, "scheduleInterval": "1 day"}).as_dict()
    assert (read["schedule_for"], read["schedule_interval"]) == (TOMORROW, "1 day")


def test_a_task_began_when_it_ran_or_was_assigned_or_was_created():
    one, two, three = Instant(1.0), Instant(2.0), Instant(3.0)
    assert task(created_at=one).began == one
    assert task(created_at=one, assigned_at=two).began == two
    assert task(created_at=one, assigned_at=two, running_at=three).began == three
    assert task(created_at=None).began is None


def test_a_task_that_gets_its_session_is_the_same_task():
    assert difference(task(state="queued"), task(state="running", session_id="s")) == ""


def test_active_and_ended_states_are_those_of_sessions():
    for state in ACTIVE_STATES:
        assert (task(state=state).active, task(state=state).ended) == (True, False)
    for state in ENDED_STATES:
        assert (task(state=state).active, task(state=state).ended) == (False, True)
    assert (task(state="dreaming").active, task(state="dreaming").ended) == (False, False)


def test_the_newest_come_first_and_those_without_a_time_last():
    tasks = [task("none", created_at=None), task("old"), task("b", created_at=Instant(2000.0), group_index=1)]
    tasks += [task("b", created_at=Instant(2000.0)), task("a", created_at=Instant(2000.0)), task("a-", created_at=None)]
    assert [one.reference for one in newest_first(tasks)] == ["a/0", "b/0", "b/1", "old/0", "a-/0", "none/0"]


def test_raw_is_the_servers_own_record():
    assert Task.from_record(RECORD).as_dict(raw=True)["raw"] == RECORD
    assert "raw" not in Task.from_record(RECORD).as_dict()


def test_what_a_task_says_of_itself_counts_more_than_what_is_nested_in_it():
    record = {"id": "k1", "session": {"id": "inner"}, "sessionId": "outer", "task": {"state": {"name": "x"}}}
    assert Task.from_record(record).session_id == "outer"
    assert Task.from_record({"id": "k1", "session": {"id": "inner"}}).session_id == "inner"


@tried(80)
@given(sent.RECORDS)
def test_any_record_is_a_task_or_none(record: dict[str, Any]) -> None:
    assert checks.task_fault({"id": "a", **record}) is None

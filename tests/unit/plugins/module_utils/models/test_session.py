# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A session from whatever the server calls its fields. Proves rules 16 (identity) and 19 (no time is made up)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import shown
from ansible_collections.aimms.cloud.plugins.module_utils.models.identity import difference
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import FIELDS, Session
from ansible_collections.aimms.cloud.plugins.module_utils.models.states import ACTIVE_STATES, ENDED_STATES
from ansible_collections.aimms.cloud.plugins.module_utils.selection import Criteria, protected
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Instant

ID = "14d231b1-2b87-457c-bc83-305bb5daa4cc"
CREATED, STARTED, ENDED = "2025-07-24T12:00:00Z", "2025-07-24T12:00:05Z", "2025-07-24T13:00:00Z"
NOON = datetime(2025, 7, 24, 12, tzinfo=timezone.utc).timestamp()

SNAKE = {
    "id": ID,
    "kind": "task",
    "state": "completed",
    "app_name": "Planner",
    "app_version": "1.2",
    "owner": "admin@ROOT",
    "created_at": CREATED,
    "started_at": STARTED,
    "ended_at": ENDED,
    "message": "done",
}
SPELLINGS = {
    "snake_case": SNAKE,
    "camelCase": {
        "sessionId": ID,
        "sessionKind": "Task",
        "sessionState": "Completed",
        "appName": "Planner",
        "appVersion": "1.2",
        "userName": "admin",
        "userEnvironment": "ROOT",
        "createdAt": CREATED,
        "startedAt": STARTED,
        "endedAt": ENDED,
        "statusMessage": "done",
    },
    "PascalCase": {
        "ID": ID,
        "Type": "TASK",
        "Status": "COMPLETED",
        "ApplicationName": "Planner",
        "ApplicationVersion": "1.2",
        "Owner": "admin@ROOT",
        "CreationTime": CREATED,
        "StartTime": STARTED,
        "EndTime": ENDED,
        "Message": "done",
    },
    "lowercase": {
        "sessionid": ID,
        "kind": "task",
        "sessionstate": "completed",
        "appname": "Planner",
        "appversion": "1.2",
        "username": "admin",
        "userenvironment": "ROOT",
        "createdat": CREATED,
        "starttime": STARTED,
        "endtime": ENDED,
        "message": "done",
    },
    "kebab-case": {
        "session-id": ID,
        "session-kind": "task",
        "session-state": " completed ",
        "app-name": "Planner",
        "app-version": "1.2",
        "owner": "admin",
        "environment": "ROOT",
        "creation-date": CREATED,
        "start-date": STARTED,
        "end-date": ENDED,
        "error-message": "done",
    },
    "nested": {
        "session": {"uuid": ID, "kind": "task"},
        "status": {"state": "completed", "message": "done"},
        "app": {"name": "Planner", "version": "1.2"},
        "owner": {"id": 17, "name": "admin", "environment": {"name": "ROOT"}},
        "times": {"created": CREATED, "started": STARTED, "ended": ENDED},
    },
    "like Kubernetes": {
        "metadata": {"name": ID, "creationTimestamp": CREATED},
        "kind": "task",
        "project": {"name": "Planner", "version": "1.2"},
        "user": {"name": "admin", "environment": "ROOT"},
        "status": {"phase": "Completed"},
        "startTime": STARTED,
        "completionTime": ENDED,
        "reason": "done",
    },
    "tasks of the vendor": {
        "id": ID,
        "kind": "task",
        "groupIndex": 0,
        "appName": "Planner",
        "appVersion": "1.2",
        "serviceName": "Solve",
        "state": "COMPLETED",
        "scheduleFor": "2025-07-24T11:00:00Z",
        "createdAt": CREATED,
        "assignedAt": "2025-07-24T12:00:02Z",
        "runningAt": STARTED,
        "endedAt": ENDED,
        "queueTime": 2,
        "runTime": 3595,
        "returnCode": 0,
        "errorMessage": "done",
        "userName": "admin",
        "userEnvironment": "ROOT",
    },
}


VENDOR = {"scheduled_for": "scheduleFor", "queue_seconds": "queueTime", "run_seconds": "runTime"}


def read(**record):
    return Session.from_record({"id": ID, **record}, "webui")


@pytest.mark.parametrize("record", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_every_spelling_gives_the_same_session(record):
    session = Session.from_record(record, "task")
    told = {name: getattr(session, name) for name in ("scheduled_for", "environment")}
    assert session == replace(Session.from_record(SNAKE, "task"), **told)
    assert session.as_dict(NOON + 90) == {
        "id": ID,
        "kind": "task",
        "state": "completed",
        "active": False,
        "app_name": "Planner",
        "app_version": "1.2",
        "owner": "admin@ROOT",
        "created_at": CREATED,
        "started_at": STARTED,
        "ended_at": ENDED,
        "age_seconds": 90,
        "message": "done",
        "user_name": "admin",
        "environment": "ROOT",
        **{name: record.get(told) for name, told in VENDOR.items()},
        **dict.fromkeys("description launch_seconds gb_hours peak_memory_mib peak_cpu_millicores link".split()),
    }


def test_the_fields_are_those_of_the_contract_in_their_order():
    assert tuple(read().as_dict(None)) == FIELDS
    assert tuple(read().as_dict(None, raw=True)) == (*FIELDS, "raw")


def test_raw_is_the_servers_own_record():
    record = {"id": ID, "gbHour": 0.5, "nested": {"a": [1]}}
    assert Session.from_record(record, "webui").as_dict(None, raw=True)["raw"] == record


def test_of_two_spellings_the_one_with_a_value_counts():
    assert read(created_at=None, createdAt=CREATED).created_at == Instant(NOON)
    assert read(created_at="", creationTime=CREATED).created_at == Instant(NOON)
    assert read(state=None, status="Running").active


def test_fields_that_only_look_alike_are_left_alone():
    session = read(updatedAt=ENDED, lastActivityAt=ENDED, expiresAt=ENDED, expires_on=ENDED, scheduleFor=ENDED)
    assert (session.created_at, session.started_at, session.ended_at) == (None, None, None)


def test_the_account_of_the_service_is_not_taken_for_the_owner():
    """A session whose owner is not known is protected; with an owner that is none it would not be."""
    assert read(account="acme").owner is None
    assert read(accountName="acme").owner is None


@pytest.mark.parametrize(
    ("record", "owner"),
    [
        ({"owner": "admin@ROOT"}, "admin@ROOT"),
        ({"owner": "admin@ROOT", "environment": "root"}, "admin@ROOT"),
        ({"owner": "admin@ROOT", "environment": "OTHER"}, "admin@ROOT@OTHER"),
        ({"user": "admin", "env": "ROOT"}, "admin@ROOT"),
        ({"createdBy": "admin"}, "admin"),
        ({"environment": "ROOT"}, None),
        ({"owner": " "}, None),
        ({"owner": 17}, None),
    ],
)
def test_the_owner(record, owner):
    assert read(**record).owner == owner


@pytest.mark.parametrize("state", sorted(ACTIVE_STATES))
def test_active_states_whatever_the_case(state):
    for spelled in (state, state.upper(), state.title()):
        session = read(state=spelled, ended_at=ENDED)
        assert (session.active, session.ended, session.state) == (True, False, state)


@pytest.mark.parametrize("state", sorted(ENDED_STATES))
def test_ended_states_whatever_the_case_and_without_an_end(state):
    for spelled in (state, state.upper(), state.title()):
        session = read(state=spelled, ended_at=None)
        assert (session.active, session.ended, session.state) == (False, True, state)


@pytest.mark.parametrize("state", ["hibernating", "", None, 4, True, ["running"], "running!", "not running"])
def test_an_unknown_state_is_neither_active_nor_ended(state):
    session = read(state=state)
    assert (session.active, session.ended) == (False, False)


@pytest.mark.parametrize("record", [{}, {"id": None}, {"id": ""}, {"id": " "}, {"id": True}, {"id": [ID]}, {"x": ID}])
def test_a_record_without_an_id_is_no_session(record):
    assert Session.from_record({**record, "state": "running"}, "webui") is None


def test_an_id_that_is_a_number_is_read_as_text():
    assert Session.from_record({"id": 42}, "webui").id == "42"


def test_the_id_of_a_nested_thing_is_not_the_sessions():
    record = {"owner": {"id": "u-1"}, "app": {"id": "a-1", "name": "Planner"}, "id": ID}
    assert Session.from_record(record, "webui").id == ID


@pytest.mark.parametrize(
    ("said", "kind"), [("task", "task"), ("SOLVE", "solve"), ("session", "webui"), (None, "webui")]
)
def test_the_kind_is_the_records_own_where_it_is_a_known_one(said, kind):
    assert read(kind=said).kind == kind


def test_a_blank_text_tells_nothing_and_another_name_of_the_field_counts():
    assert Session.from_record({"id": ID, "state": " ", "status": "Running"}, "webui").state == "running"


@pytest.mark.parametrize("when", [None, "", "never", 0, -1, True, "2025-13-01T00:00:00Z", [CREATED]])
def test_an_unreadable_time_is_null_and_has_no_age(when):
    record = read(created_at=when, ended_at=when).as_dict(NOON)
    assert (record["created_at"], record["ended_at"], record["age_seconds"]) == (None, None, None)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("never", "never"),
        ("x" * 40, "x" * 40),
        ("x" * 41, shown("x" * 41, 40)),
        (-1, "-1"),
        (["2025"], "a list"),
        (True, "True"),
        (None, None),
        ("", None),
        (" ", None),
        (0, None),
        (False, None),
    ],
)
def test_an_unreadable_time_is_told_as_it_came_but_in_short(value, told):
    assert read(created_at=value).unread_times == ((("created_at", told),) if told else ())


def test_only_the_times_that_cannot_be_read_are_told_so():
    assert read(created_at=CREATED, started_at=None, ended_at="soon").unread_times == (("ended_at", "soon"),)


def test_the_zone_of_times_without_one():
    assert read(created_at="2025-07-24T12:00:00").created_at == Instant(NOON, assumed_utc=True)
    zoned = Session.from_record({"id": ID, "created_at": "2025-07-24T12:00:00"}, "webui", timezone.utc)
    assert zoned.created_at == Instant(NOON)


def test_a_session_is_the_same_after_the_way_through_a_plan_which_has_whole_seconds():
    session = read(created_at="2025-07-24T12:00:00.789Z")
    assert difference(session, read(created_at=session.as_dict(None)["created_at"])) == ""


def test_rarer_names_count_where_the_usual_ones_are_missing():
    record = {
        "sid": "a1",
        "name": "my own",
        "stage": "Running",
        "modelName": "Crew",
        "startedBy": "chen",
        "userEnvironment": "PLANNING",
        "registeredAt": "2026-01-31T08:15:00Z",
    }
    found = Session.from_record(record, "webui")
    assert (found.id, found.state, found.app_name, found.owner) == ("a1", "running", "Crew", "chen@PLANNING")
    assert found.created_at.iso() == "2026-01-31T08:15:00Z"
    assert found.started_at is None


@pytest.mark.parametrize("name", "createdBy author assignee on_behalf_of requester initiator contactMail".split())
def test_whoever_a_record_names_may_be_protected(name):
    named = read(owner="ann@ROOT", **{name: "bob"})
    assert [protected(named, Criteria(protect_owners=(who,))) for who in ("ann", "bob", "carol")] == [True, True, False]


@pytest.mark.parametrize("name", ["description", "sessionDescription", "remarks", "comment"])
def test_the_description(name):
    assert read(**{name: " WebUI session "}).as_dict(None)["description"] == "WebUI session"


@pytest.mark.parametrize(
    "name",
    "scheduleFor schedule_for scheduledAt scheduled_for scheduled schedule scheduledStartTime plannedFor "
    "planned_start startAfter".split(),
)
def test_the_schedule_is_known_by_any_of_its_names(name):
    assert read(**{name: CREATED}).scheduled_for == Instant(NOON)
    assert read(**{name: CREATED}).as_dict(None)["scheduled_for"] == CREATED


@pytest.mark.parametrize("said", [None, "", 0, False, "-", "None", "no", "never", "NULL", "n/a", "false"])
def test_no_schedule_is_none(said):
    session = read(schedule=said)
    assert (session.scheduled_for, session.unread_times) == (None, ())


@pytest.mark.parametrize("record", [{"schedule": "every night"}, {"scheduleInterval": "P1D"}, {"scheduled": True}])
def test_a_schedule_that_is_no_time_is_told(record):
    assert [name for name, _value in read(**record).unread_times] == ["scheduled_for"]


def test_environment_and_schedule_that_only_an_earlier_read_told_are_kept():
    earlier = read(owner="ann", environment="ROOT", scheduleFor=CREATED)
    completed = read(owner="ann@ROOT").completed(earlier)
    assert (completed.environment, completed.scheduled_for) == ("ROOT", Instant(NOON))


@pytest.mark.parametrize(
    ("now", "before", "owner"),
    [("ann", "ann@ROOT", "ann@ROOT"), ("ann@ACME", "ann@ROOT", "ann@ACME"), ("ann", "Ann", "ann")],
)
def test_an_owner_without_an_environment_gets_that_of_an_earlier_read(now, before, owner):
    one, earlier = (Session("a1", "webui", "running", owner=told) for told in (now, before))
    assert one.completed(earlier).owner == owner


def test_an_app_that_only_an_earlier_read_told_can_still_be_protected():
    one, earlier = Session("a1", "webui"), Session("a1", "webui", app_name="Crew")
    assert (one.completed(earlier).app_name, "Crew" in one.completed(earlier).app_names) == ("Crew", True)


def test_the_last_activity_and_the_link_are_what_their_fields_tell():
    told = read(lastActivity=CREATED, link="https://example.com/a1")
    assert (told.active_at, told.link) == (Instant(NOON), "https://example.com/a1")


def test_a_session_is_referred_to_by_kind_and_id():
    assert Session("a1", "webui").reference == "webui/a1"


def test_of_several_names_of_an_amount_the_best_one_counts():
    told = Session.from_record({"id": "a1", "run_time": "3.00", "run_duration": "9.00"}, "solve")
    assert told.as_dict(None, fields=["run_seconds"]) == {"run_seconds": 3.0}
    untold = Session.from_record({"id": "a1", "run_time": None, "run_duration": "9.00"}, "solve")
    assert untold.as_dict(None, fields=["run_seconds"]) == {"run_seconds": None}


def test_the_unit_of_an_amount_is_in_the_innermost_name():
    record = {"id": "a1", "metadata": {"details": {"run_time_ms": 3000}}}
    assert Session.from_record(record, "solve").as_dict(None, fields=["run_seconds"]) == {"run_seconds": 3.0}

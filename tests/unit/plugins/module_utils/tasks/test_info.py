# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which tasks a question means, and what is asked of the server for it. Proves rule 18 for tasks."""

from __future__ import annotations

import json
from urllib.parse import parse_qsl, urlsplit

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.module_utils.models.task import Task
from ansible_collections.aimms.cloud.plugins.module_utils.tasks.info import FILTERS, TaskCriteria, task_info
from ansible_collections.aimms.cloud.plugins.module_utils.times.time_option import TimeOption
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Clock, Instant, parse_instant
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.loopback import KEY, Server, answer

CLOCK = Clock(server=1_000_000.0, local=0.0)
DATE = "Sat, 31 Jan 2026 12:00:00 GMT"
TASK = Task("t1", 0, "CrewScheduling", state="solving", session_id="s1", created_at=Instant(1000.0))


def criteria(**params):
    return TaskCriteria.from_params(params)


def seconds(text):
    return parse_instant(text).seconds


def page(*records, total=None, date=DATE):
    count = len(records) if total is None else total
    body = json.dumps({"total_tasks": count, "current_batch": records}).encode()
    return answer(200, body, **({"date": date} if date else {}))


def ask(server, **params):
    """The answer and the warnings."""
    settings = {"url": server.url, "api_key": KEY, "validate_certs": True, "api_generation": "auto"}
    warnings = []
    patience = {"timeout": 30, "retries": 0, "max_time": 60}
    return task_info({**settings, **patience, **params}, warnings.append), warnings


def asked(server):
    parts = [urlsplit(request.path) for request in server.requests]
    return [(part.path.rpartition("/")[2], dict(parse_qsl(part.query))) for part in parts]


@pytest.mark.parametrize(
    ("params", "fits"),
    [
        ({}, True),
        ({"task_ids": ["t0", "t1"]}, True),
        ({"task_ids": ["t"]}, False),
        ({"apps": ["x", "crew*"]}, True),
        ({"apps": ["Crew"]}, False),
        ({"states": ["SOLVING", "queued"]}, True),
        ({"states": ["running"]}, False),
        ({"session_ids": ["s1"]}, True),
        ({"session_ids": ["s2"]}, False),
        ({"apps": ["*"], "states": ["failed"]}, False),
    ],
)
def test_every_filter_must_fit(params, fits):
    assert criteria(**params).fits(TASK, None, None) is fits


@pytest.mark.parametrize(("after", "before", "fits"), [(1000, None, True), (1001, None, False), (None, 1001, True)])
def test_after_counts_the_moment_itself_and_before_does_not(after, before, fits):
    assert criteria().fits(TASK, after, before) is fits
    assert not criteria().fits(TASK, None, 1000)


def test_a_task_without_a_time_or_a_session_fits_no_filter_on_it():
    bare = Task("t")
    assert criteria().fits(bare, None, None)
    assert not criteria().fits(bare, 0, None)
    assert not criteria().fits(bare, None, 1e12)
    assert not criteria(session_ids=["s"]).fits(bare, None, None)
    assert not criteria(apps=["*"]).fits(bare, None, None)


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("value", ["", " ", [], [""], ["x", " "], [None]])
def test_an_empty_filter_is_refused(name, value):
    with pytest.raises(OptionError, match=f"{name}: an empty filter is refused"):
        criteria(**{name: value})


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-31T08:15:00Z", TimeOption(seconds("2026-01-31T08:15:00Z"))),
        ("2026-01-31T08:15", TimeOption(seconds("2026-01-31T08:15:00Z"))),
        ("2026-01-31 08:15:00", TimeOption(seconds("2026-01-31T08:15:00Z"))),
        ("2026-01-31T08:15:00+01:00", TimeOption(seconds("2026-01-31T07:15:00Z"))),
        ("2026-01-31", TimeOption(seconds("2026-01-31T00:00:00Z"))),
        ("8h", TimeOption(28800, ago=True)),
        ("PT8H", TimeOption(28800, ago=True)),
        (" 2d ", TimeOption(172800, ago=True)),
    ],
)
def test_a_moment_is_a_time_in_utc_or_a_duration(text, moment):
    assert criteria(created_after=text).created_after == moment
    assert criteria(created_before=text).created_before == moment


@pytest.mark.parametrize(
    "text",
    [
        "8",
        "1769847420",
        "1769847420000",
        "yesterday",
        "2026-02-30",
        "8 hours",
        "1900-01-01",
        "9999-12-31T23:59:59-12:00",
    ],
)
def test_what_is_neither_is_refused_with_the_forms_that_are(text):
    with pytest.raises(OptionError, match=r"created_after: .* neither a time nor a duration.*2026-01-31T08:15:00Z.*8h"):
        criteria(created_after=text)


def test_a_duration_counts_from_the_servers_clock_where_there_is_one():
    assert TimeOption(100.0, ago=True).at(CLOCK) == 999_900.0
    assert TimeOption(100.0, ago=True).at(Clock(None, 5000.0)) == 4900.0
    assert TimeOption(100.0).at(CLOCK) == 100.0


@pytest.mark.parametrize(
    "params",
    [
        {"states": ["sovling"]},
        {"task_ids": ["../x"]},
        {"session_ids": ["a b"]},
        {"limit": -1},
        {"created_after": "2026-01-31", "created_before": "2026-01-31"},
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_sent(params):
    with Server(page()) as server:
        with pytest.raises(OptionError):
            ask(server, **params)
        assert server.requests == []


def test_the_newest_come_first_and_the_limit_takes_those():
    records = [{"id": str(day), "createdAt": f"2026-01-0{day}T00:00:00Z"} for day in (2, 5, 1, 4, 3)]
    with Server(page(*records)) as server:
        result, _warnings = ask(server, limit=3)
    assert [task["id"] for task in result["tasks"]] == ["5", "4", "3"]
    assert (result["count"], result["complete"]) == (3, True)


def test_times_are_sent_and_tested_here_all_the_same():
    records = [{"id": str(hour), "state": "failed", "createdAt": f"2026-01-31T{hour:02}:30:00Z"} for hour in range(12)]
    with Server(page(*records)) as server:
        result, warnings = ask(server, created_after="8h", created_before="2026-01-31T06:00")
    assert [task["id"] for task in result["tasks"]] == ["5", "4"]
    assert "2026-01-31T04:00:00Z" <= result["created_after"] < "2026-01-31T04:00:10Z"
    assert result["created_before"] == "2026-01-31T06:00:00Z"
    assert asked(server) == [
        ("tasks", {"limit": "1"}),
        ("tasks", {"after": "2026-01-30", "before": "2026-02-02", "limit": "100"}),
    ]
    assert warnings == []


def test_a_time_needs_no_question_about_the_clock():
    with Server(page()) as server:
        result, _warnings = ask(server, created_after="2026-01-31")
    assert asked(server) == [("tasks", {"after": "2026-01-30", "limit": "100"})]
    assert (result["created_after"], result["created_before"]) == ("2026-01-31T00:00:00Z", None)


def test_few_ids_are_read_one_by_one_and_tested_too():
    replies = [answer(200, json.dumps({"id": "a", "state": "FAILED"}).encode()), answer(404), page(), answer(404)]
    with Server(*replies) as server:
        result, _warnings = ask(server, task_ids=["a", "b", "a", "c"], states=["failed"])
    assert [task["id"] for task in result["tasks"]] == ["a"]
    assert [name for name, _query in asked(server)] == ["a", "b", "tasks", "c"]


def test_many_ids_are_looked_for_in_the_list_and_of_each_group_the_last_is_taken():
    records = [{"id": "g", "groupIndex": 1}, {"id": "g", "groupIndex": 2}, {"id": "g", "groupIndex": 0}, {"id": "x"}]
    with Server(page(*records)) as server:
        result, _warnings = ask(server, task_ids=["g", *(f"t{number}" for number in range(24))])
    assert [(task["id"], task["group_index"]) for task in result["tasks"]] == [("g", 2)]
    assert [name for name, _query in asked(server)] == ["tasks"]


def test_of_runs_without_an_index_none_is_taken_for_the_last():
    with Server(page({"id": "g", "state": "RUNNING"}, {"id": "g", "state": "QUEUED"})) as server:
        result, _warnings = ask(server, task_ids=["g", *(f"t{number}" for number in range(24))])
    assert sorted(task["state"] for task in result["tasks"]) == ["queued", "running"]


def test_apps_are_asked_for_one_by_one_only_where_none_is_a_pattern():
    refused = answer(400)
    with Server(refused, page({"id": "a", "appName": "Crew"}, {"id": "b", "appName": "Other"})) as server:
        result, _warnings = ask(server, apps=["Crew"])
    assert [task["id"] for task in result["tasks"]] == ["a"]
    assert asked(server)[1] == ("tasks", {"appName": "Crew", "limit": "100"})
    for pattern in ("Cr?w", "C*", "[C]rew"):
        assert criteria(apps=["Crew", pattern]).exact_apps == []


@pytest.mark.parametrize(
    ("records", "params", "said"),
    [
        ([{"id": "a"}], {"session_ids": ["s"]}, "No task of the 1"),
        ([{"id": "a", "state": "Dreaming"}], {}, "1 tasks are in the unknown state 'dreaming'"),
        ([{"id": "a", "state": "failed", "createdAt": "2026-01-31T08:00"}], {"created_after": "1h"}, "name no zone"),
    ],
)
def test_what_the_user_should_know_is_said(records, params, said):
    with Server(page(*records)) as server:
        _result, warnings = ask(server, **params)
    assert any(said in warning for warning in warnings), warnings


def test_times_without_a_zone_are_read_in_the_zone_that_is_given_and_nothing_is_said():
    records = [
        {"id": f"t{hour}", "state": "queued", "createdAt": f"2026-01-31 {hour:02}:00:00.000000"} for hour in (8, 10)
    ]
    with Server(page(*records)) as server:
        result, warnings = ask(server, created_after="2026-01-31T08:30:00Z", naive_timezone="Europe/Amsterdam")
    assert [(task["id"], task["created_at"]) for task in result["tasks"]] == [("t10", "2026-01-31T09:00:00Z")]
    assert warnings == []


def test_nothing_is_said_about_sessions_where_some_task_names_its_own_or_there_is_none():
    for records in ([], [{"id": "a", "state": "failed"}, {"id": "b", "state": "failed", "sessionId": "s"}]):
        with Server(page(*records)) as server:
            assert ask(server, session_ids=["x"])[1] == []


def test_a_list_that_is_incomplete_is_returned_and_said():
    with Server(page({"id": "a", "state": "failed"}, total=5)) as server:
        result, warnings = ask(server)
    assert ([task["id"] for task in result["tasks"]], result["complete"]) == (["a"], False)
    assert [warning[:32] for warning in warnings] == ["The list of tasks is incomplete:"]


def test_without_a_date_header_durations_count_from_here_and_that_is_said():
    with Server(page(date=None)) as server:
        _result, warnings = ask(server, created_after="8h")
    assert warnings == ["The server sends no Date header: durations count from the clock of this machine."]


def test_the_schedule_is_told():
    record = {"id": "a", "state": "QUEUED", "scheduleFor": "2099-01-01T00:00:00Z", "scheduleInterval": "1 day"}
    with Server(page(record)) as server:
        (task,) = ask(server)[0]["tasks"]
    assert (task["schedule_for"], task["schedule_interval"]) == ("2099-01-01T00:00:00Z", "1 day")


def test_secrets_are_masked_in_the_message_and_in_the_servers_own_record():
    record = {"id": "a", "state": "FAILED", "errorMessage": "cmd --logonToken abc123def", "logonToken": "xyz"}
    with Server(page(record)) as server:
        (task,) = ask(server, include_raw=True)[0]["tasks"]
    assert task["error_message"] == task["raw"]["errorMessage"] == "cmd --logonToken ********"
    assert task["raw"]["logonToken"] == "********"


def test_the_servers_own_record_comes_when_asked_for():
    record = {"id": "a", "state": "FAILED", "scheduleFor": "x"}
    with Server(page(record)) as server:
        assert ask(server, include_raw=True)[0]["tasks"][0]["raw"] == record
        assert "raw" not in ask(server)[0]["tasks"][0]


@pytest.mark.parametrize(
    ("params", "last"),
    [({}, [True, False, True]), ({"created_after": "2020-01-01"}, [None] * 3), ({"task_ids": []}, [True])],
)
def test_which_run_is_the_last_of_its_group_is_told_where_all_runs_are_listed(params, last):
    records = [{"id": "g", "groupIndex": 1}, {"id": "g", "groupIndex": 0}, {"id": "o", "groupIndex": None}]
    body = page(*[{**one, "createdAt": f"2026-01-0{9 - index}T00:00:00Z"} for index, one in enumerate(records)])
    with Server(*[body] * 4) as server:
        params = params if "task_ids" not in params else {"task_ids": ["g", *map(str, range(30))]}
        result, _warnings = ask(server, **params)
    assert [task["last_of_group"] for task in result["tasks"]] == last

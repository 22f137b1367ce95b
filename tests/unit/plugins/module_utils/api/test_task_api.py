# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operations of the Task API, as they go over the wire. Proves rule 15 for tasks."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta, timezone
from urllib.parse import parse_qsl, urlsplit

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.api.task_api import TaskApi
from ansible_collections.aimms.cloud.plugins.module_utils.errors import (
    AnswerError,
    HttpError,
    OptionError,
    TransportError,
    UnsupportedError,
)
from ansible_collections.aimms.cloud.plugins.module_utils.http import client
from ansible_collections.aimms.cloud.plugins.module_utils.http.client import HttpClient
from ansible_collections.aimms.cloud.plugins.module_utils.http.response import Response
from ansible_collections.aimms.cloud.plugins.module_utils.models.task import Task
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Instant, parse_instant
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.loopback import (
    PausedClock,
    Server,
    answer,
    connection,
    reset,
)

TASKS = "/pro-api/v2/tasks"
NOT_FOUND = answer(404, b'{"errorId": "NotFound", "errorCode": 404, "message": "no such task"}')
REFUSED = answer(400, b'{"errorId": "Bad", "errorCode": 400, "message": "appName is required"}')
SOLVING = {"id": "t1", "groupIndex": 0, "state": "SOLVING", "sessionId": "s1"}


def page(*records, total=None):
    count = len(records) if total is None else total
    return answer(200, json.dumps({"total_tasks": count, "current_batch": records}).encode())


def one(**values):
    return answer(200, json.dumps({**SOLVING, **values}).encode())


def api(server, **options):
    return TaskApi(HttpClient(connection(server.url, **options), scope="Tasks"))


def asked(server):
    """Method, path and query of all that was asked."""
    parts = [(request.method, urlsplit(request.path)) for request in server.requests]
    return [(method, part.path, dict(parse_qsl(part.query))) for method, part in parts]


def queries(server):
    return [query for _method, _path, query in asked(server)]


def seconds(text):
    return parse_instant(text).seconds


def test_the_list_is_read_page_by_page_however_few_the_server_hands_out():
    tasks = [{"id": f"t{number}"} for number in range(4)]
    with Server(page(*tasks[:2], total=4), page(*tasks[1:3], total=4), page(*tasks[2:], total=4)) as server:
        listing = api(server).list()
    assert [task.id for task in listing.records] == ["t0", "t1", "t2", "t3"]
    assert listing.complete
    assert asked(server) == [
        ("GET", TASKS, {"limit": "100", **position}) for position in ({}, {"offset": "1"}, {"offset": "2"})
    ]


@pytest.mark.parametrize("size", [30, 100, 500])
def test_the_size_of_pages_is_the_users_where_it_is_given(size):
    with Server(page({"id": "t1"})) as server:
        assert len(api(server, page_size=size).list().records) == 1
    assert queries(server) == [{"limit": str(size)}]


def test_a_task_is_known_by_an_id_in_another_case_only_where_that_is_a_number():
    number = "68ce8ce7c4a6fd1afa97672e7080d645"
    with Server(one(id=number)) as server:
        assert api(server).get(number.upper()).id == number.upper()
    with Server(one(id="t1")) as server, pytest.raises(AnswerError):
        api(server).get("T1")


RUN = {"id": "g", "state": "RUNNING", "createdAt": "2026-01-01T00:00:00Z"}
UNNUMBERED = [  # runs of one id; how many are listed; for each, whether no request can name it
    ([RUN], [False]),
    ([RUN, {**RUN, "state": "QUEUED"}], [True, True]),
    ([RUN, {**RUN, "createdAt": None}, {**RUN, "endedAt": "2026-01-02T00:00:00Z"}], [True, True, True]),
    ([RUN, {**RUN, "scheduleFor": "2099-01-01T00:00:00Z"}], [True, True]),
    ([RUN, {**RUN, "sessionId": "s2"}], [True, True]),
    ([RUN, {**RUN, "groupIndex": 1}], [True, False]),
    ([{**RUN, "groupIndex": 0}, {**RUN, "groupIndex": 1}], [False, False]),
    ([{**RUN, "groupIndex": 0, "createdAt": f"2026-01-0{day}T08:00:00Z"} for day in (1, 2)], [True, True]),
    (
        [{**RUN, "groupIndex": day // 2, "createdAt": f"2026-01-0{day}T08:00:00Z"} for day in (1, 2, 3)],
        [False, True, True],
    ),
    ([RUN, RUN], [True]),
    ([RUN, {**RUN, "id": "other"}], [False, False]),
    ([{**RUN, "id": "a" * 32}, {**RUN, "id": "A" * 32}], [True, True]),
]


@pytest.mark.parametrize(("records", "several"), UNNUMBERED)
@pytest.mark.parametrize("size", [9, 1])
def test_runs_without_an_index_do_not_collapse_and_are_marked(records, several, size):
    pages = [page(*records[at : at + size], total=len(records)) for at in range(0, len(records), size)]
    with Server(*pages, page(total=len(records))) as server:
        found = api(server).list().records
    alike = records == [RUN, RUN]
    assert [task.several for task in found] == several or (alike and size == 1)


def test_tasks_of_one_group_are_all_listed():
    with Server(page(*({"id": "g", "groupIndex": index} for index in range(3)))) as server:
        assert [task.run for task in api(server).list().records] == ["g/0", "g/1", "g/2"]


def test_runs_that_are_not_numbered_are_all_listed():
    records = [{"id": "g", "createdAt": f"2026-01-0{day}T08:00:00"} for day in (1, 2, 3)]
    with Server(page(*records)) as server:
        listing = api(server).list()
    assert (len({task.key for task in listing.records}), listing.complete) == (3, True)


def test_a_time_without_a_zone_is_read_in_the_zone_given():
    record = {"id": "t1", "createdAt": "2026-01-01 08:00:00.000000"}
    with Server(page(record), answer(200, json.dumps(record).encode())) as server:
        tasks = TaskApi(HttpClient(connection(server.url), scope="Tasks"), timezone(timedelta(hours=2)))
        assert tasks.list().records[0].created_at == tasks.get("t1").created_at == Instant(seconds("2026-01-01T06:00Z"))


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (403, "Read to see the task, Read and Execute to interrupt or delete it"),
        (405, "not running any more, or the service is"),
    ],
)
def test_a_refusal_of_an_interrupt_says_what_may_be_the_reason(status, said):
    with Server(answer(status)) as server, pytest.raises(HttpError, match=said):
        api(server).interrupt(Task("t1"), "execution")


def test_no_tasks_is_an_empty_complete_list():
    with Server(page()) as server:
        listing = api(server).list()
    assert (listing.records, listing.complete) == ([], True)


@pytest.mark.parametrize(
    "replies",
    [
        [page({"id": "a"}, total=5)],
        [page({"id": "a"}, {"state": "RUNNING"}, total=1)],
        [page({"id": "a"}, {"id": "b"}, total=9), page({"id": "a"}, {"id": "b"}, total=9)],
    ],
    ids=["a total that is not reached", "a record without an id", "pages that repeat"],
)
def test_what_does_not_add_up_is_incomplete(replies):
    with Server(*replies) as server:
        listing = api(server).list()
    assert not listing.complete
    assert "a" in [task.id for task in listing.records]


@pytest.mark.parametrize(
    "body", [b'{"tasks": 1}', b'{"current_batch": [1]}', b"<html></html>", b"", b'"x"', b"7", b"{", b"[[]]"]
)
def test_an_answer_that_holds_no_tasks_is_an_error_and_not_an_empty_list(body):
    with Server(answer(200, body)) as server, pytest.raises(AnswerError):
        api(server).list()


def test_times_are_sent_as_whole_days_with_days_to_spare():
    with Server(page()) as server:
        api(server).list(seconds("2026-01-31T00:00Z"), seconds("2026-01-31T23:59:59Z"))
    assert queries(server) == [{"after": "2026-01-30", "before": "2026-02-02", "limit": "100"}]


def test_times_at_the_ends_of_the_calendar_can_be_sent():
    with Server(page()) as server:
        api(server).list(-5e9, 253402300799.0)
    assert queries(server) == [{"after": "1970-01-01", "before": "9999-12-31", "limit": "100"}]


def test_a_server_that_refuses_the_times_is_asked_without_them():
    with Server(REFUSED, page({"id": "a"})) as server:
        listing = api(server).list(after=1e9)
    assert [task.id for task in listing.records] == ["a"]
    assert queries(server) == [{"after": "2001-09-08", "limit": "100"}, {"limit": "100"}]


def test_a_server_that_lists_by_app_only_is_asked_app_by_app():
    with Server(REFUSED, page({"id": "a"}), page({"id": "b"}, total=7)) as server:
        listing = api(server).list(apps=[("Crew", None), ("Net", "2.0"), ("Crew", None)])
    assert [task.id for task in listing.records] == ["a", "b"]
    assert listing.problems == ["Net: a page brought nothing that was not listed before"]
    asked_for = [
        (query.get("appName"), query.get("appVersion")) for _get, path, query in asked(server) if path == TASKS
    ]
    assert asked_for == [(None, None), ("Crew", None), ("Net", "2.0"), ("Net", "2.0")]


def test_a_server_that_refuses_every_way_to_list_is_an_error_that_helps():
    with Server(REFUSED) as server:
        with pytest.raises(UnsupportedError, match=r"appName is required.*name the apps, without wildcards"):
            api(server).list(after=1e9)
        with pytest.raises(UnsupportedError, match="appName is required"):
            api(server).list(after=1e9, apps=[("Crew", None)])
    assert Counter(path for _get, path, _query in asked(server)) == {TASKS: 2 + 4, "/pro-api/v2/": 2}


def test_a_key_without_the_scope_is_told_which_one_it_lacks():
    with Server(answer(403)) as server, pytest.raises(HttpError, match="lacks the Tasks scope"):
        api(server).list(after=1e9, apps=[("Crew", None)])
    assert len(server.requests) == 1


@pytest.mark.parametrize("index", [None, 0, 3])
def test_a_task_is_read_by_id_and_by_index_when_one_is_given(index):
    with Server(one(groupIndex=index or 0)) as server:
        task = api(server).get("t1", index)
    assert (task.id, task.group_index, task.session_id) == ("t1", index or 0, "s1")
    assert asked(server) == [("GET", f"{TASKS}/t1", {} if index is None else {"groupIndex": str(index)})]


def test_without_an_index_whichever_of_the_group_the_server_gives_is_taken():
    with Server(one(groupIndex=7, createdAt="2026-01-01T08:00:00Z")) as server:
        assert api(server).get("t1").index == 7


def test_without_its_creation_nothing_shows_that_an_index_names_the_last_run():
    with Server(one(groupIndex=7)) as server:
        assert api(server).get("t1").index is None
    with Server(one(groupIndex=7)) as server:
        assert api(server).get("t1", 7).index == 7


@pytest.mark.parametrize("told", [{}, {"groupIndex": None}, {"groupIndex": "x"}, {"groupIndex": 1.5}])
@pytest.mark.parametrize("index", [0, 1])
def test_a_record_that_does_not_show_the_index_asked_for_is_none_of_that_run(index, told):
    record = {"id": "t1", "state": "RUNNING", **told}
    with (
        Server(answer(200, json.dumps(record).encode())) as server,
        pytest.raises(AnswerError, match="not shown to be the one"),
    ):
        api(server).get("t1", index)


def test_another_index_than_the_one_asked_for_is_another_run():
    with Server(one(groupIndex=0)) as server, pytest.raises(AnswerError, match="not shown to be the one"):
        api(server).get("t1", 1)


def test_a_wrapped_task_is_read():
    with Server(answer(200, json.dumps({"task": SOLVING}).encode())) as server:
        assert api(server).get("t1").state == "solving"


@pytest.mark.parametrize("status", [404, 410])
def test_an_unknown_task_is_none_once_the_service_is_known_to_be_there(status):
    with Server(answer(status), page(), answer(status)) as server:
        tasks = api(server)
        assert [tasks.get("t1"), tasks.get("t2")] == [None, None]
    assert [path for _method, path, _query in asked(server)] == [f"{TASKS}/t1", TASKS, f"{TASKS}/t2"]


def test_a_service_that_lists_by_app_only_is_there():
    with Server(NOT_FOUND, REFUSED) as server:
        assert api(server).get("t1") is None


@pytest.mark.parametrize("reply", [answer(404, b"{}"), answer(404, b"404 page not found"), answer(404, b"<html>")])
def test_where_there_is_no_task_api_not_found_is_no_answer(reply):
    with Server(reply) as server, pytest.raises(AnswerError, match=r"404.*not known whether the service said so"):
        api(server).get("t1")


def test_a_task_is_gone_where_a_whole_list_has_it_no_more():
    with Server(answer(404, b"<html>"), page({"id": "t2"})) as server:
        assert api(server).get("t1") is None
    with Server(answer(404, b"<html>"), page({"id": "t1"})) as server, pytest.raises(AnswerError, match="404"):
        api(server).get("t1")


@pytest.mark.parametrize("values", [{"id": "t2"}, {"id": "t2", "sessionId": "t1"}, {"groupIndex": 1}, {"id": None}])
def test_an_answer_about_another_task_is_an_error(values):
    with Server(one(**values)) as server, pytest.raises(AnswerError):
        api(server).get("t1", 0)


@pytest.mark.parametrize("task_id", ["", ".", "..", "a/b", "..%2Fx", "a b", "x" * 129, "é", "a\n", None, 7])
def test_an_id_that_cannot_be_one_reaches_no_path(task_id):
    with Server() as server:
        for call in (lambda: api(server).get(task_id), lambda: api(server).interrupt(Task(task_id), "solve")):
            with pytest.raises(OptionError, match="cannot be a task id"):
                call()
    assert server.requests == []


class Recorder(HttpClient):
    """Remembers the changes and sends none."""

    def send(self, *change, **named):
        self.change = (*change, named)
        return Response("PUT", 200, {}, b"")


def test_whatever_a_taken_interrupt_answers_it_was_taken():
    with Server(answer(200, b'{"setstatus": "interrupt-processed"}')) as server:
        api(server).interrupt(Task("t1"), "execution")
    assert server.methods() == ["PUT"]


@pytest.mark.parametrize("mode", ["solve", "execution"])
def test_an_interrupt_says_which_task_of_the_group_and_how(mode):
    transport = Recorder(connection("http://127.0.0.1:1"))
    TaskApi(transport).interrupt(Task("t1", 2), mode)
    body = {"setstatus": f"interrupt-{mode}"}
    assert transport.change == ("PUT", f"{TASKS}/t1", body, {"query": [("groupIndex", "2")]})


def test_an_interrupt_names_the_index_that_the_server_named():
    with Server(answer(204, b""), answer(200, b""), one()) as server:
        for index in (0, 1, None):
            api(server).interrupt(Task.from_record({"id": "t1", "groupIndex": index}), "solve")
    assert asked(server) == [("PUT", f"{TASKS}/t1", query) for query in ({"groupIndex": "0"}, {"groupIndex": "1"}, {})]


@pytest.mark.parametrize("reply", [answer(503), answer(429), reset, answer(200, b"<html>"), answer(303)])
def test_an_interrupt_is_sent_once_whatever_comes_back(reply):
    with Server(reply) as server, pytest.raises((HttpError, TransportError)):
        api(server, retries=3).interrupt(Task("t1"), "solve")
    assert server.methods() == ["PUT"]


def test_an_unknown_way_to_interrupt_is_refused():
    with Server() as server, pytest.raises(OptionError, match="solve, execution"):
        api(server).interrupt(Task("t1"), "kill")
    assert server.requests == []


def test_the_servers_clock_is_asked_for_once_at_most(monkeypatch):
    clock = PausedClock(0.0)
    monkeypatch.setattr(client, "time", clock)
    with Server(answer(200, b"[]")) as server:
        tasks = api(server)
        assert (tasks.clock().server, tasks.clock().server) == (None, None)
    assert queries(server) == [{"limit": "1"}]
    with Server(answer(200, b"[]", date="Sat, 31 Jan 2026 08:15:00 GMT")) as server:
        tasks = api(server)
        tasks.list()
        clock.now += 7
        assert tasks.clock().server == seconds("2026-01-31T08:15:07Z")
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("reply", "answers"),
    [(page(), True), (answer(403), True), (answer(400), True), (answer(503), False), (reset, False)],
)
def test_whether_the_service_answers_at_all(reply, answers):
    with Server(reply) as server:
        assert api(server).answers() is answers

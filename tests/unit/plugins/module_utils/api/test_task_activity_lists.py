# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tasks of sessions, from the list of all tasks."""

from __future__ import annotations

import json

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.api.task_activity import by_session, tasks_of_sessions
from ansible_collections.aimms.cloud.plugins.module_utils.api.task_api import TaskApi
from ansible_collections.aimms.cloud.plugins.module_utils.errors import AnswerError, UnsupportedError
from ansible_collections.aimms.cloud.plugins.module_utils.http.client import HttpClient
from ansible_collections.aimms.cloud.plugins.module_utils.models.task import Task
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Instant
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.loopback import Server, answer, connection

SOLVING = {"id": "t1", "groupIndex": 0, "state": "SOLVING", "sessionId": "s1"}


def page(*tasks, total=None):
    return answer(
        200, json.dumps({"total_tasks": len(tasks) if total is None else total, "current_batch": tasks}).encode()
    )


def api(server):
    return TaskApi(HttpClient(connection(server.url)))


def task(name, **values):
    return Task(name, **{"created_at": Instant(1000.0), **values})


def test_the_tasks_of_sessions_are_found():
    other = {"id": "t2", "state": "RUNNING", "sessionId": "s2"}
    with Server(page(SOLVING, other, {"id": "t3", "state": "QUEUED"})) as server:
        found = tasks_of_sessions(api(server), {"s1", "s9"})
    assert {session: [task.id for task in tasks] for session, tasks in found.items()} == {"s1": ["t1"]}
    assert len(server.requests) == 1


def test_a_server_that_does_not_tell_sessions_is_not_taken_for_one_without_tasks():
    with Server(page({"id": "t1"}), page()) as server:
        with pytest.raises(UnsupportedError, match="No task of the 1"):
            tasks_of_sessions(api(server), {"s1"})
        assert tasks_of_sessions(api(server), {"s1"}) == {}


def test_an_incomplete_list_will_do_only_where_every_session_has_an_active_task():
    ended = {"id": "t2", "state": "COMPLETED", "sessionId": "s2"}
    with Server(page(SOLVING, ended, total=9)) as server:
        assert list(tasks_of_sessions(api(server), {"s1"})) == ["s1"]
        for missing in ("s2", "s3"):
            with pytest.raises(AnswerError, match="list of tasks is incomplete"):
                tasks_of_sessions(api(server), {"s1", missing})


def test_the_tasks_of_a_session_come_active_first_and_newest_first():
    tasks = [
        task("done", state="completed", session_id="s", created_at=Instant(3000.0)),
        task("older", state="running", session_id="s"),
        task("newer", state="solving", session_id="s", created_at=Instant(2000.0)),
        task("other", state="running", session_id="x"),
        task("none", state="queued"),
    ]
    found = by_session(tasks, ["s", "unknown"])
    assert {session: [one.id for one in ones] for session, ones in found.items()} == {"s": ["newer", "older", "done"]}

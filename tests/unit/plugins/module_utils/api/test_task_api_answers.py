# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What hangs on a task: its response and its log."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.api.task_api import TaskApi
from ansible_collections.aimms.cloud.plugins.module_utils.errors import AnswerError, HttpError
from ansible_collections.aimms.cloud.plugins.module_utils.http.client import HttpClient
from ansible_collections.aimms.cloud.plugins.module_utils.models.task import Task
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.loopback import Server, answer, connection


def api_of(server):
    return TaskApi(HttpClient(connection(server.url), scope="Tasks"))


def test_what_hangs_on_a_task_is_read():
    lines = b'["2026-01-31 08:15:00.250 started", "2026-01-31 08:15:01.000 done"]'
    with Server(answer(200, b'{"objective": 42}'), answer(200, lines)) as server:
        api = api_of(server)
        task = Task("t1", 2, in_group=True)
        assert api.response(task) == {"objective": 42}
        assert api.log(task) == ["2026-01-31 08:15:00.250 started", "2026-01-31 08:15:01.000 done"]
        assert [request.path for request in server.requests] == [
            "/pro-api/v2/tasks/t1/response?groupIndex=2",
            "/pro-api/v2/tasks/t1/logs?groupIndex=2",
        ]


@pytest.mark.parametrize("reply", [answer(404), answer(405), answer(409), answer(204)])
def test_what_a_task_has_not_is_nothing(reply):
    with Server(reply) as server:
        assert api_of(server).response(Task("t1")) is None
        assert list(api_of(server).log(Task("t1"))) == []


@pytest.mark.parametrize("reply", [answer(404, b"<html>"), answer(404, b""), answer(409, b"busy")])
def test_what_a_page_says_of_a_part_of_a_task_is_an_error(reply):
    with Server(reply) as server, pytest.raises(HttpError):
        api_of(server).response(Task("t1"))


def test_a_log_that_is_none_is_an_error():
    with Server(answer(200, b'{"lines": [1, 2]}')) as server, pytest.raises(AnswerError):
        api_of(server).log(Task("t1"))

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read before and after a task is deleted, and what is not asked. Proves rules 16 and 22 for tasks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import StoppedError
from ansible_collections.aimms.cloud.plugins.module_utils.models.task import Task
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.scripted_change import FakeTime, use_clock
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.tasks.runs_of_tasks import (
    ALONE,
    FIRST,
    FakeApi,
    change_of,
    group,
)


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    use_clock(monkeypatch, FakeTime())


TWO = group("completed", "completed")


@pytest.mark.parametrize(
    ("target", "runs", "asked"),
    [
        (Task("g", raw={"id": "g"}), TWO, [None, 0]),
        (Task("g", raw={"id": "g"}), TWO[:1], [None]),
        (Task("o", raw={"id": "o"}), [ALONE], [None]),
        (Task("g", raw={"id": "g"}), [], [None]),
        (Task("g"), TWO, [None]),
        (Task("g", 1, in_group=True, raw={"id": "g"}), TWO, [1]),
        (Task("g", 0, in_group=True), TWO, [0]),
    ],
)
def test_a_record_without_an_index_is_read_by_the_first_one_where_the_server_numbers_runs(target, runs, asked):
    api = FakeApi(runs)
    for fresh in (False, True):
        change_of(api).read(target, fresh=fresh)
    assert api.gets == [(index, {"attempts": 1, "fresh": fresh}) for fresh in (False, True) for index in asked]


def test_the_last_run_is_asked_for_once_a_try_and_after_a_failure_on_a_new_connection():
    api = FakeApi(TWO, ["503"])
    assert change_of(api).precondition_failure(TWO[0]) is None
    assert api.gets == [(None, {"attempts": 1, "fresh": fresh}) for fresh in (False, True)]


@pytest.mark.parametrize(
    ("how", "live", "reads"),
    [
        ({}, FIRST, 1),  # whether it is alone
        ({"stops": True}, FIRST, 0),
        ({"stops": True}, ALONE, 0),
        ({"stops": True, "by_id": False}, ALONE, 1),  # whether the first index names it
        ({"stops": True}, TWO[0], 1),
    ],
)
def test_nothing_is_asked_that_decides_nothing(how, live, reads):
    api = FakeApi([live])
    change_of(api, **how).precondition_failure(live)
    assert api.reads == reads


def test_whether_a_single_numbered_task_is_alone_is_asked_once():
    api = FakeApi([FIRST])
    change = change_of(api)
    change.expect([FIRST], lambda _task: None)
    assert [change.precondition_failure(FIRST) for _time in range(2)] == [None, None]
    assert (api.reads, change.one_at_a_time) == (1, False)


def test_one_of_which_nobody_knows_whether_it_is_alone_may_be_gone():
    assert change_of(FakeApi([])).precondition_failure(FIRST) == (
        "not_found",
        "The server has no run of it any more. Nothing was sent.",
    )


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("left", [[], [replace(ALONE, id="g")]])
def test_a_last_run_that_was_seen_and_is_gone_stops_whatever_is_left(number, left):
    runs = group(*["completed"] * number)
    api = FakeApi(runs)
    change = change_of(api)
    change.precondition_failure(runs[0])
    api.runs = left
    with pytest.raises(StoppedError, match=f"Run {number - 1} of task g is gone, which nobody asked for here"):
        change.precondition_failure(runs[0])


@pytest.mark.parametrize(("stops", "reads"), [(False, 1), (True, 0)])
def test_after_a_deletion_only_the_last_run_of_a_schedule_that_goes_on_is_read(stops, reads):
    runs = group("completed", "completed")
    alone = replace(ALONE, in_group=True)
    api = FakeApi([*runs, alone])
    change = change_of(api, stops=stops)
    change.expect([alone], lambda _task: False)
    change.send(runs[0], lambda: None)
    assert api.reads == reads
    change.send(alone, lambda: None)
    assert api.reads == reads
    assert change.precondition_failure(alone) is None
    assert api.reads == reads

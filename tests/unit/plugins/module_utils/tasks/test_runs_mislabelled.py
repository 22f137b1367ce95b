# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that write the same index, or a negative one, into each run: by its id the last run is meant, or none.

Proves rule 16 for tasks.
"""

from __future__ import annotations

import contextlib

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import PartlyFailedError
from ansible_collections.aimms.cloud.plugins.module_utils.models.task import Task
from ansible_collections.aimms.cloud.plugins.module_utils.tasks.interrupt import interrupt
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import Account
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.scripted_change import FakeTime, use_clock
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.tasks.deleting_tasks import C, R, add, run

LABELS = {"always 0": 0, "always -1": -1, "always 1": 1, "none": None}
UNTOLD = {"all told": (), "no creation": ("createdAt",), "id and state": ("createdAt", "appName", "userName")}


class Mislabelling(Account):
    """It numbers its runs by ``groupIndex``, which is not what it tells."""

    def __init__(self, label, untold):
        super().__init__()
        self._label, self._untold = label, untold

    def _told(self, task):
        told = {name: value for name, value in task.items() if name not in self._untold}
        return {**told, "groupIndex": self._label}

    def _task_api(self, request, *parts):
        status, body, *more = super()._task_api(request, *parts)
        if isinstance(body, dict) and "current_batch" in body:
            body = {**body, "current_batch": [self._told(task) for task in body["current_batch"]]}
        elif isinstance(body, dict) and "id" in body:
            body = self._told(body)
        return (status, body, *more)


@pytest.fixture(name="account", params=[(label, untold) for label in LABELS for untold in UNTOLD], ids=str)
def an_account(request, monkeypatch):
    use_clock(monkeypatch, FakeTime())
    label, untold = request.param
    with Mislabelling(LABELS[label], UNTOLD[untold]) as account:
        yield account


def fill(account, *states):
    for index, state in enumerate(states):
        add(account, "g", state, 50.0 - index, groupIndex=index)


def others_than_last(account):
    """Runs that a change named, but for the last one."""
    changes = [one for one in account.requests if one.method != "GET"]
    return [one.query["groupIndex"] for one in changes if one.query.get("groupIndex") not in (None, "2")]


@pytest.mark.parametrize("how", [{}, {"stop_schedule": True}, {"max_percent": 99}], ids=str)
def test_by_its_id_no_other_run_than_the_last_one_is_deleted(account, how):
    fill(account, C, C, C)
    run(account, task_ids=["g"], **how)
    assert others_than_last(account) == []
    assert [one["groupIndex"] for one in account.tasks] in ([0, 1, 2], [0, 1])


def test_by_its_id_no_other_run_than_the_last_one_is_interrupted(account):
    fill(account, R, R, R)
    with contextlib.suppress(PartlyFailedError):
        interrupt(account.params(mode="solve", task_ids=["g"]), False, [].append)
    assert others_than_last(account) == []
    assert [one["state"] for one in account.tasks][:2] == [R, R]


@pytest.mark.parametrize("index", [-1, "-1", -(10**9)])
def test_a_negative_index_is_none(index):
    task = Task.from_record({"id": "g", "groupIndex": index})
    assert (task.index, task.group_index, task.in_group) == (None, 0, False)

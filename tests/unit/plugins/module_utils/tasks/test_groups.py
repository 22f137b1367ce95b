# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which run of a group is the last one."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.models.task import Task
from ansible_collections.aimms.cloud.plugins.module_utils.tasks.groups import Groups


@pytest.mark.parametrize(
    ("indexes", "last", "is_last"),
    [
        ([None], None, [True]),
        ([0], 0, [True]),
        ([0, 1], 1, [False, True]),
        ([3, 1, 2], 3, [True, False, False]),
        ([None, 1], None, [None, None]),
    ],
)
def test_the_last_run_of_a_group_is_the_one_with_the_largest_index_if_all_have_one(indexes, last, is_last):
    tasks = [Task("a", index or 0, in_group=index is not None) for index in indexes]
    groups = Groups([*tasks, Task("b", 9, in_group=True)])
    assert [groups.last_index(task) for task in tasks] == [last] * len(tasks)
    assert [groups.is_last(task) for task in tasks] == is_last


def test_a_task_that_the_list_does_not_have_is_the_last_one_it_knows_and_has_no_last_index():
    groups = Groups([Task("a", 0, in_group=True), Task("a", 1)])
    other = Task("b", 0, in_group=True)
    assert (groups.has_several(other), groups.last_index(other), groups.is_last(other)) == (None, None, True)


def test_a_last_run_without_an_index_after_a_numbered_one_leaves_the_last_one_open():
    numbered, without = Task("a", 1, in_group=True), Task("a")
    groups = Groups([numbered, without])
    assert [groups.last_index(task) for task in (numbered, without)] == [None, None]
    assert [groups.is_last(task) for task in (numbered, without)] == [None, None]


@pytest.mark.parametrize(
    ("tasks", "several"),
    [
        ([Task("a")], False),
        ([Task("a"), Task("a")], True),
        ([Task("a", planned=True)], True),
        ([Task("a", 2, in_group=True)], True),
        ([Task("b"), Task("b")], None),
    ],
)
def test_a_list_shows_whether_there_are_or_may_be_other_runs(tasks, several):
    assert Groups(tasks).has_several(Task("a")) is several

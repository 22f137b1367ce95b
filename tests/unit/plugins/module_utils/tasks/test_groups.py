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

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which run a request deletes: never the last one of a schedule, unless it is to be stopped. Proves rule 16."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.tasks.deleting_tasks import (
    C,
    F,
    Q,
    R,
    add,
    became,
    left,
    queries,
    reasons,
    run,
    runs,
)

SCHEDULES = [  # states of the runs; options; results by index
    ([C, C, Q], {"older_than": "1d"}, {0: "deleted", 1: "deleted"}),
    ([C, C, R], {"older_than": "1d"}, {0: "deleted", 1: "deleted"}),
    ([C, C, C], {"older_than": "1d"}, {0: "deleted", 1: "deleted"}),
    ([C, C, C], {"older_than": "1d", "stop_schedule": True}, {0: "deleted", 1: "deleted", 2: "deleted"}),
    ([C, C, Q], {"older_than": "1d", "stop_schedule": True}, {0: "deleted", 1: "deleted"}),
    ([C], {"older_than": "1d"}, {}),
    ([C], {"older_than": "1d", "stop_schedule": True}, {0: "deleted"}),
    ([C, F, Q], {"older_than": "1d"}, {0: "deleted"}),
    ([C, C, Q], {"task_ids": ["g"]}, {2: "failed"}),
    ([C, C, Q], {"task_ids": ["g"], "stop_schedule": True}, {2: "deleted"}),
    ([C, C, C], {"task_ids": ["g"]}, {2: "failed"}),
    ([C, C, C], {"task_ids": ["g"], "stop_schedule": True}, {2: "deleted"}),
    ([C, C, R], {"task_ids": ["g"], "stop_schedule": True}, {2: "failed"}),
    ([C, C, Q], {"task_ids": ["g"], "group_index": 0}, {0: "deleted"}),
    ([C, C, Q], {"task_ids": ["g"], "group_index": 2}, {2: "failed"}),
    ([C, C, Q], {"task_ids": ["g"], "group_index": 7}, {7: "not_found"}),
]


@pytest.mark.parametrize(
    ("states", "options", "expected", "told"),
    [
        (*case, told)
        for case in SCHEDULES
        for told in ({}, {"scheduleInterval": None})
        if not told or len(case[0]) > 1  # of a single run nothing else shows that it is repeated
    ],
)
def test_the_last_run_of_a_schedule_is_deleted_only_where_it_is_to_be_stopped(states, options, expected, told, account):
    account.tasks.clear()
    runs(account, *states, **told)
    foretold = became(run(account, True, **options))
    assert account.changes() == []
    result = became(run(account, **options))
    assert result == {("g", index): one for index, one in expected.items()}
    assert foretold == {key: "would_delete" if one == "deleted" else one for key, one in result.items()}
    gone = {index for index, one in expected.items() if one == "deleted"}
    assert left(account) == [("g", index) for index in range(len(states)) if index not in gone]
    assert sorted(queries(account)) == sorted(map(str, gone))  # never without an index


def test_a_task_without_an_index_is_asked_for_by_the_first_one_or_refused(account):
    missing = (404, {"errorCode": 404, "message": "no run 0 of old"})
    account.on("GET", "/old", None, missing)
    result = run(account, task_ids=["old"])
    assert (became(result), account.changes()) == ({("old", 0): "failed"}, [])
    assert "it is sent only with stop_schedule" in result["failure"]
    result = run(account, task_ids=["old"], stop_schedule=True)
    assert (became(result), queries(account)) == ({("old", 0): "deleted"}, [None])


@pytest.mark.parametrize(
    ("options", "expected", "asked"),
    [
        ({"older_than": "1d"}, {}, []),
        ({"older_than": "1d", "stop_schedule": True}, {}, []),
        ({"task_ids": ["g"]}, {"failed"}, []),
        ({"task_ids": ["g"], "group_index": 1}, {"not_found"}, []),
    ],
)
def test_of_runs_that_the_server_does_not_number_none_is_deleted(options, expected, asked, account):
    account.tasks.clear()
    for hours in (60, 50):
        add(account, "g", hours=hours)
    result = run(account, **options)
    assert set(became(result).values()) == set(expected)
    assert queries(account) == asked
    assert "tasks" in result
    if "older_than" in options:
        assert set(reasons(result).values()) == {"unnumbered"}


def test_a_server_that_deletes_the_last_run_whatever_the_index_stops_the_run(account):
    account.tasks.clear()
    runs(account, C, C, C, C, C, Q)

    def wrong():
        account.tasks.pop()
        return 200, None

    account.on("DELETE", "/g", *[wrong] * 9)
    result = run(account, older_than="1d", concurrency=4)
    assert len(account.changes()) == 1
    assert sorted(became(result).values()) == ["not_tried"] * 4 + ["unknown"]
    assert "Run 5 of task g is gone" in result["failure"]

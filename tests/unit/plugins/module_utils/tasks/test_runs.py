# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs of one id, numbered or not: a request is never about another run than the one that is told."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import PartlyFailedError
from ansible_collections.aimms.cloud.plugins.module_utils.tasks.interrupt import interrupt
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import Account
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.scripted_change import FakeTime, use_clock

NONE, MISSING = {"groupIndex": None}, {}
RUNS = {
    "works": {"state": "RUNNING"},
    "queued": {"state": "QUEUED"},
    "waits": {"state": "QUEUED", "scheduleFor": "2099-01-01T00:00:00Z", "scheduleInterval": "1 day"},
    "waits, unreadable": {"state": "QUEUED", "scheduleFor": "tomorrow"},
    "ended": {"state": "COMPLETED"},
    "puzzled": {"state": "PUZZLED"},
}
BY_ID, BY_SESSION, NAMED = {"task_ids": ["g"]}, {"session_ids": ["s1"]}, {"task_ids": ["g"], "group_index": 0}
NAMED_IN_SESSION = {"session_ids": ["s1"], "group_index": 0}
CASES = [  # runs without an index; asked for; results; the one that is interrupted
    (["works"], BY_ID, ["interrupted"], 0),
    (["works"], BY_SESSION, ["interrupted"], 0),
    (["works"], NAMED, ["failed"], None),
    (["works"], NAMED_IN_SESSION, ["failed"], None),
    (["queued"], BY_ID, ["interrupted"], 0),
    (["queued"], BY_SESSION, ["interrupted"], 0),
    (["ended"], BY_ID, ["already_ended"], None),
    (["ended"], BY_SESSION, ["already_ended"], None),
    (["waits"], BY_ID, ["not_found"], None),
    (["waits"], NAMED, ["failed"], None),
    (["waits, unreadable"], BY_ID, ["not_found"], None),
    (["waits, unreadable"], BY_SESSION, ["not_found"], None),
    (["ended", "works", "waits"], BY_ID, ["failed"], None),
    (["ended", "works", "waits"], BY_SESSION, ["failed"], None),
    (["ended", "works", "waits"], NAMED, ["failed"], None),
    (["ended", "works", "waits"], NAMED_IN_SESSION, ["failed", "failed"], None),
    (["ended", "works", "waits, unreadable"], BY_ID, ["failed"], None),
    (["works", "ended"], BY_ID, ["failed"], None),
    (["works", "ended"], BY_SESSION, ["failed"], None),
    (["works", "queued"], BY_ID, ["failed"], None),
    (["ended", "queued"], BY_ID, ["not_found"], None),
    (["ended", "queued"], BY_SESSION, ["not_found"], None),
    (["ended", "ended"], BY_ID, ["already_ended"], None),
    (["ended", "ended"], BY_SESSION, ["already_ended"], None),
    (["works", "works"], BY_SESSION, ["failed", "failed"], None),
    (["works", "puzzled"], BY_SESSION, ["failed"], None),
]


@pytest.fixture(name="account")
def an_account(monkeypatch):
    use_clock(monkeypatch, FakeTime())
    with Account() as account:
        yield account


def run(account, check_mode=False, **options):
    try:
        return interrupt(account.params(**{"mode": "solve", **options}), check_mode, [].append)["tasks"]
    except PartlyFailedError as error:
        return error.result["tasks"]


def add(account, names, index):
    """Runs of one id and one moment of creation, in one session."""
    for number, name in enumerate(names):
        account.add_task("g", "s1", createdAt="2026-01-01T00:00:00Z", assignedAt=f"2026-01-01T0{number}:00:00Z")
        del account.tasks[-1]["groupIndex"]
        account.tasks[-1].update({**RUNS[name], **index})
    return [task["state"] for task in account.tasks]


@pytest.mark.parametrize("index", [MISSING, NONE, {"groupIndex": "x"}])
@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize(("names", "asked", "told", "hit"), CASES)
def test_of_runs_that_are_not_numbered_only_one_that_is_alone_is_interrupted(
    names, asked, told, hit, check_mode, index, account
):
    before = add(account, names, index)
    entries = run(account, check_mode, **asked)
    if index != {"groupIndex": "x"} or "group_index" not in asked:
        wanted = ["would_interrupt" if check_mode and one == "interrupted" else one for one in told]
        assert [entry["result"] for entry in entries] == wanted
    after = ["COMPLETED" if number == hit and not check_mode else state for number, state in enumerate(before)]
    assert [task["state"] for task in account.tasks] == after
    assert len(account.changes()) == (hit is not None and not check_mode)


@pytest.mark.parametrize(("told", "index"), [(1, 1), (0, 0), (1, 0)])
def test_by_session_the_run_with_the_index_is_meant_before_one_without(told, index, account):
    add(account, ["works"], NONE)
    account.add_task("h", "s1", groupIndex=told)
    entries = run(account, session_ids=["s1"], group_index=index)
    meant = ("h", "interrupted") if told == index else ("g", "failed")
    assert [(entry["id"], entry["result"]) for entry in entries] == [meant]
    assert account.changes() == (["PUT h"] if told == index else [])


def test_by_session_the_index_that_is_named_is_asked_for_and_sent_though_the_list_does_not_show_it(account):
    add(account, ["works"], NONE)
    account.on("GET", "/v2/tasks/g", *[lambda: account.tasks[0].update(groupIndex=0)] * 9)
    entries = run(account, session_ids=["s1"], group_index=0)
    assert [entry["result"] for entry in entries] == ["interrupted"]
    assert {request.query.get("groupIndex") for request in account.requests if request.path.endswith("/g")} == {"0"}


def test_where_the_list_is_incomplete_one_that_waits_without_an_index_is_not_taken_for_the_only_run(account):
    add(account, ["queued"], NONE)
    account.on("GET", "/v2/tasks", *[(200, {"total_tasks": 7, "current_batch": account.tasks})] * 9)
    (entry,) = run(account, task_ids=["g"])
    assert (entry["result"], account.changes()) == ("failed", [])
    assert "The list of tasks is incomplete" in entry["msg"]


def test_one_that_works_and_one_that_is_numbered_need_no_list(account):
    add(account, ["works"], NONE)
    account.add_task("h", "s1", groupIndex=0)
    run(account, task_ids=["g", "h"])
    assert account.asked("/v2/tasks") == []

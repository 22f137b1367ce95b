# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``max_active`` while sessions are being ended: nobody is ended that need not be."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import product

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import PartlyFailedError, RefusedError
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.sessions.active_limit import ActiveLimit
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import Account, results
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.ending import kept, run
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.scripted_change import FakeTime, use_clock

ENOUGH = ("max_active", "Few enough sessions are active without ending it.")


class Counts:
    """Counts the active sessions: each time the next of these sets."""

    def __init__(self, *sets):
        self.sets, self.asked = list(sets), 0

    def __call__(self):
        self.asked += 1
        ids = self.sets.pop(0) if len(self.sets) > 1 else self.sets[0]
        return [Session(session_id, "webui") for session_id in ids]


def asked_in_turn(limit, ids):
    return [limit.refusal(Session(session_id, "webui")) for session_id in ids]


def test_one_count_is_good_for_a_batch_and_those_let_go_count_as_ended():
    counts = Counts("abcdefgh")
    limit = ActiveLimit(3, 2, counts)
    assert asked_in_turn(limit, "abcd") == [None] * 4
    assert counts.asked == 2
    assert asked_in_turn(limit, "efgh") == [None, ENOUGH, ENOUGH, ENOUGH]
    assert counts.asked == 4  # once few enough are active nothing is counted any more


def test_those_that_end_by_themselves_are_seen_by_the_next_count():
    limit = ActiveLimit(2, 2, Counts("abcdef", "abc"))
    assert asked_in_turn(limit, "abcde") == [None, None, ENOUGH, ENOUGH, ENOUGH]


def test_the_excess_is_the_most_that_a_count_is_good_for():
    assert asked_in_turn(ActiveLimit(5, 8, Counts("abcdef", "abcdef")), "abc") == [None, ENOUGH, ENOUGH]
    assert asked_in_turn(ActiveLimit(6, 8, Counts("abcdef")), "a") == [ENOUGH]
    assert asked_in_turn(ActiveLimit(0, 1, Counts("a", "a")), "ab") == [None, ENOUGH]


def test_one_that_was_let_go_stays_so_and_is_counted_once():
    limit = ActiveLimit(4, 8, Counts("abcdef"))
    assert asked_in_turn(limit, "aaba") == [None] * 4
    assert asked_in_turn(limit, "ca") == [ENOUGH, None]


def test_an_id_of_several_kinds_counts_once_unless_something_tells_two_sessions():
    twins = [Session("a", kind, owner=owner) for kind, owner in product(("webui", "solve"), ("ann", "bob"))]
    ann, bob, _ann, other_bob = twins
    limit = ActiveLimit(1, 8, lambda: [ann, other_bob])
    assert [limit.refusal(one) for one in twins] == [None, ENOUGH, None, ENOUGH]
    assert [ActiveLimit(1, 8, lambda: [bob, other_bob]).refusal(one) for one in (bob, other_bob)] == [ENOUGH, ENOUGH]


def test_where_nothing_can_be_counted_nothing_is_ended_and_nothing_counted_again():
    asked = []

    def fails():
        asked.append(1)
        raise RefusedError("The list is incomplete.")

    said = ("not_tried", "The active sessions could not be counted again. The list is incomplete.")
    assert asked_in_turn(ActiveLimit(1, 1, fails), "ab") == [said, said]
    assert asked == [1]


# From the options to what the server is left with


@pytest.fixture(name="account")
def ten_sessions(monkeypatch):
    """Ten of kind webui; waiting for their end takes no time."""
    use_clock(monkeypatch, FakeTime())
    with Account() as account:
        for number in range(10):
            account.add("webui", f"w{number}", hours=30 - number)
        yield account


def active(account):
    return {key for (_kind, key), session in account.sessions.items() if session["state"] == "running"}


def log_off(account, *ids):
    def act():
        for session_id in ids:
            account.sessions["webui", session_id]["state"] = "terminated"

    return act


def test_nobody_is_ended_when_enough_log_off_meanwhile(account):
    account.on("PATCH", "/w1/terminate", log_off(account, "w5", "w6", "w7", "w8"))
    result, _warnings = run(account, kinds=["webui"], max_active=5, concurrency=1)
    assert results(result) == {"w0": "terminated", "w1": "terminated"}
    assert kept(result) == dict.fromkeys([f"w{number}" for number in range(2, 10)], "max_active")
    assert active(account) == {"w2", "w3", "w4", "w9"}
    assert account.changes() == ["PATCH webui/w0/terminate", "PATCH webui/w1/terminate"]
    assert (result["changed"], result["summary"]) == (True, {"terminated": 2})
    told = {one["id"]: one["msg"] for one in result["kept"]}
    assert told["w2"] == ""


def test_those_of_the_selected_that_log_off_count_too(account):
    account.on("PATCH", "/w0/terminate", log_off(account, "w1", "w2", "w3", "w4"))
    result, _warnings = run(account, kinds=["webui"], max_active=5, concurrency=1)
    assert results(result) == {"w0": "terminated", **dict.fromkeys(["w1", "w2", "w3", "w4"], "already_ended")}
    assert active(account) == {"w5", "w6", "w7", "w8", "w9"}
    assert account.changes() == ["PATCH webui/w0/terminate"]


def test_all_that_are_needed_are_ended_and_no_more(account):
    result, _warnings = run(account, kinds=["webui"], max_active=3, concurrency=2)
    assert set(results(result)) == {"w0", "w1", "w2", "w3", "w4", "w5", "w6"}
    assert active(account) == {"w7", "w8", "w9"}


def test_one_that_is_about_to_end_is_not_active_in_the_count(account):
    account.sessions["webui", "w9"]["state"] = "closing"
    result, _warnings = run(account, kinds=["webui"], max_active=8, concurrency=1)
    assert results(result) == {"w0": "terminated"}
    assert kept(result)["w1"] == "max_active"


def test_other_kinds_do_not_count(account):
    account.add("task", "t1", hours=90)
    run(account, kinds=["webui"], max_active=9, concurrency=1)
    assert len(active(account) & {f"w{number}" for number in range(10)}) == 9


def test_a_list_that_fails_before_the_first_request_ends_nothing(account):
    record = run(account, True, kinds=["webui"], session_ids=["w0"])[0]["sessions"]
    account.on("GET", "/sessions/webui", *[(200, {"sessions": [], "total": 9})] * 100)
    with pytest.raises(PartlyFailedError, match=r"could not be counted again\. The list of sessions is incomplete"):
        run(account, kinds=["webui"], sessions=record, max_active=1)
    assert account.changes() == []


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_plan_is_followed_only_while_too_many_are_active(check_mode, account):
    planned = run(account, True, kinds=["webui"], older_than="1h")[0]["sessions"]
    log_off(account, "w9", "w8")()
    result, _warnings = run(account, check_mode, kinds=["webui"], sessions=planned[:8], max_active=6, concurrency=1)
    acted = "would_terminate" if check_mode else "terminated"
    assert results(result) == {"w0": acted, "w1": acted}
    assert [name for name, reason in kept(result).items() if reason == "max_active"] == [f"w{n}" for n in range(2, 8)]
    assert len(account.changes()) == (0 if check_mode else 2)


def test_interrupted_and_forced_ones_are_counted_together(account):
    for number in range(3):
        account.add("task", f"t{number}", hours=50 - number)
        account.add_task(f"task-{number}", f"t{number}")
    options = {"interrupt_tasks": "solve", "grace_period": "1s", "concurrency": 1}
    account.on("PUT", "/task-0", 403)
    result, _warnings = run(account, kinds=["task"], max_active=1, **options)
    assert results(result) == {"t0": "terminated", "t1": "interrupted"}
    assert active(account) & {"t0", "t1", "t2"} == {"t2"}
    assert account.changes() == ["PUT task-0", "PUT task-1", "PATCH task/t0/terminate"]
    assert kept(result) == {"t2": "max_active"}


@pytest.mark.parametrize(
    ("options", "left"), [({"older_than": "1h"}, 0), ({"max_active": 5}, 5), ({"max_active": 0}, 0)]
)
@pytest.mark.parametrize("runs", [2, 3])
def test_runs_at_once_end_nothing_twice_fail_nothing_and_leave_enough(runs, options, left):
    with Account() as account, ThreadPoolExecutor(runs) as several:
        for number in range(12):
            account.add("webui", f"w{number:02}", hours=40 - number)
        done = list(several.map(lambda _n: run(account, kinds=["webui"], **options)[0], range(runs)))
        assert active(account) == {f"w{number:02}" for number in range(12 - left, 12)}
    told = [one for result in done for one in results(result).values()]
    assert set(told) <= {"terminated", "already_ended"}
    assert told.count("terminated") == 12 - left


@pytest.mark.parametrize("fallback", [True, False])
def test_no_task_is_interrupted_when_enough_log_off_meanwhile(fallback, account):
    for number in range(3):
        account.add("task", f"t{number}", hours=50 - number)
        account.add_task(f"task-{number}", f"t{number}")

    def log_off_too():
        account.sessions["task", "t2"]["state"] = "completed"

    account.on("PUT", "/task-0", log_off_too)
    options = {"interrupt_tasks": "solve", "interrupt_fallback": fallback, "concurrency": 1}
    result, _warnings = run(account, kinds=["task"], max_active=1, **options)
    assert (results(result), kept(result)) == ({"t0": "interrupted"}, {"t1": "max_active", "t2": "max_active"})
    assert account.changes() == ["PUT task-0"]

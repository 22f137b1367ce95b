# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Named sessions: whom a change is to act on, and that many of them take few requests. Proves rules 16, 24 and 35."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.api.session_manager import SessionManager
from ansible_collections.aimms.cloud.plugins.module_utils.changes.named import plan_of
from ansible_collections.aimms.cloud.plugins.module_utils.changes.plan import Planner
from ansible_collections.aimms.cloud.plugins.module_utils.changes.session_changes import Termination
from ansible_collections.aimms.cloud.plugins.module_utils.logs.quiet import QuietCheck
from ansible_collections.aimms.cloud.plugins.module_utils.options import breakers_from, criteria_from
from ansible_collections.aimms.cloud.plugins.module_utils.rules.planned import session_of
from ansible_collections.aimms.cloud.plugins.module_utils.sessions.delete import delete
from ansible_collections.aimms.cloud.plugins.module_utils.sessions.terminate import terminate
from ansible_collections.aimms.cloud.plugins.module_utils.workers import WorkerPool
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import ago, results
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.ending import five_sessions
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.scripted_change import FakeTime, use_clock

UUID = "14d231b1-2b87-457c-bc83-305bb5daa4cc"
SEVERAL = ("w1", "w2", "m0", "m1", "m2")
LISTS = ("/sessions/webui", "/sessions/task", "/sessions/solve")


@pytest.fixture(name="account")
def an_account(monkeypatch):
    """Waiting for their end takes no time."""
    use_clock(monkeypatch, FakeTime())
    with five_sessions() as account:
        many(account, 3)
        yield account


@pytest.fixture
def planned(account):
    """Makes the plan of these ids, or of the records of these sessions."""
    with WorkerPool(4) as workers:

        def make(*ids, records=None, **options):
            params = account.params(**options)
            manager, criteria = SessionManager.connect(params), criteria_from(params)
            planner = Planner(manager, criteria, breakers_from(params), QuietCheck(manager, criteria), workers)
            change = Termination(manager, planner.fits)
            return plan_of(planner, change, None if records else ids, [session_of(dict(one)) for one in records or ()])

        yield make


def names(sessions):
    return [session.id for session in sessions]


def single_reads(account):
    return [one.path.rpartition("/")[2] for one in account.requests if one.method == "GET" and one.path.count("/") == 6]


# Which requests


def many(account, number, state="running", kind="webui"):
    letter = "m" if kind == "webui" else "n"
    return [account.add(kind, f"{letter}{index}", state, hours=100 + index)["id"] for index in range(number)]


def test_it_reads_a_list_instead_of_more_sessions_than_the_list_has_pages(planned, account):
    plan = planned(*SEVERAL, kinds=["webui"])
    assert (names(plan.selected), single_reads(account)) == ([*SEVERAL], [])
    assert len(account.asked("/sessions/webui")) == 1


def test_it_asks_for_the_first_page_only_of_a_list_that_has_more_pages(planned, account):
    many(account, 20)
    account.page = 4
    plan = planned(*SEVERAL, kinds=["webui"])
    assert (len(plan.selected), sorted(single_reads(account))) == (5, sorted(SEVERAL))
    assert len(account.asked("/sessions/webui")) == 1


@pytest.mark.parametrize("kinds", [["webui"], None])
def test_it_reads_no_list_for_a_few_sessions(kinds, planned, account):
    assert names(planned(*SEVERAL[:4], kinds=kinds).selected) == [*SEVERAL[:4]]
    assert set(single_reads(account)) == {*SEVERAL[:4]}
    assert account.asked("/sessions/webui") == []


@pytest.mark.parametrize("options", [{}, {"keep_versions": 1}])
def test_the_lists_in_which_ids_are_looked_for_are_read_once(options, planned, account):
    planned(*SEVERAL, **options)
    assert [len(account.asked(end)) for end in LISTS] == [1, 1, 1]


def test_records_that_tell_no_state_take_no_more_requests(planned, account):
    records = [{**account.sessions["webui", name], "state": None} for name in SEVERAL]
    assert (names(planned(records=records).selected), single_reads(account)) == ([*SEVERAL], [])


@pytest.mark.parametrize("number", [5, 7, 40, 130])
@pytest.mark.parametrize("way", ["kind and id", "id", "record"])
@pytest.mark.parametrize(
    ("act", "state", "done"), [(terminate, "running", "terminated"), (delete, "failed", "deleted")]
)
def test_it_takes_at_most_two_requests_for_each_named_session_beside_the_lists(act, state, done, way, number, account):
    ids = many(account, number, state, "task")
    ways = {"kind and id": {"kinds": ["task"], "session_ids": ids}, "id": {"session_ids": ids}}
    records = [dict(account.sessions["task", name]) for name in ids]
    options = ways.get(way) or {"sessions": records}
    result = act(account.params(**options, max_sessions=number), False, [].append)
    assert results(result) == dict.fromkeys(ids, done)
    requests = [one for one in account.requests if not one.path.endswith((*LISTS, "/openapi.yaml"))]
    assert len(requests) <= 2 * number + 2  # a list that shows no end is believed only after a read of one
    assert sum(len(account.asked(end)) for end in LISTS) <= 12


# What a list cannot tell


@pytest.mark.parametrize(
    "odd",
    [
        {"owner": None},
        {"app_name": None},
        {"created_at": None},
        {"state": None},
        {"created_at": ago(7)},
        {"owner": "eve@ROOT"},
        {"state": "terminated"},
        {"state": "odd"},
        {"id": "w9"},
        {"id": None},
        {"kind": "solve"},
    ],
)
def test_what_a_list_shows_otherwise_or_not_at_all_is_read_by_itself(odd, planned, account):
    account.in_lists = lambda one: {**one, **odd} if one["id"] == "w1" else dict(one)
    records = [account.sessions["webui", name] for name in SEVERAL]
    asked = {"protect_owners": ["x"], "protect_apps": ["x"], "older_than": "1h"}
    plan = planned(records=records, **asked)
    assert names(plan.selected) == [*SEVERAL]
    assert single_reads(account) == ["w1"] or (odd == {"id": None} and set(single_reads(account)) == {*SEVERAL})


@pytest.mark.parametrize(
    "answer", [403, 500, (200, {"sessions": [], "total": 9}), (200, b"<html>"), (302, {}, {"Location": "/"})]
)
def test_each_is_read_where_the_list_cannot_be_read_or_is_not_whole(answer, planned, account):
    account.on("GET", "/sessions/webui", *[answer] * 50)
    plan = planned(*SEVERAL, kinds=["webui"])
    assert (names(plan.selected), sorted(single_reads(account))) == ([*SEVERAL], sorted(SEVERAL))


def test_an_id_that_is_not_listed_is_looked_for_and_one_that_ended_is_settled(planned, account):
    plan = planned("w3", "nobody", "w4", "w3", "m0", "m1", kinds=["webui"])
    assert names(plan.selected) == ["w3", "m0", "m1"]
    assert {(outcome.target.id, outcome.result) for outcome in plan.settled} == {
        ("nobody", "not_found"),
        ("w4", "already_ended"),
    }
    assert sorted(single_reads(account)) == ["nobody", "w4"]


def test_what_no_kind_has_is_not_found_and_what_cannot_be_read_fails(planned, account):
    account.on("GET", "/webui/hidden", *[403] * 9)
    plan = planned("nobody", "hidden", *SEVERAL)
    assert names(plan.selected) == [*SEVERAL]
    settled = {outcome.target.id: outcome for outcome in plan.settled}
    assert {name: outcome.result for name, outcome in settled.items()} == {"nobody": "not_found", "hidden": "failed"}
    assert settled["nobody"].msg == "No session has the id nobody."
    assert "403" in settled["hidden"].msg


@pytest.mark.parametrize("state", ["running", "terminated"])
@pytest.mark.parametrize(("one", "other"), [("w1", "w1"), (UUID, UUID), (UUID, UUID.upper()), (UUID.upper(), UUID)])
def test_an_id_that_two_kinds_have_is_refused_whatever_their_states(one, other, state, planned, account):
    account.add("webui", one)
    record = account.add("task", other, state)
    account.on("GET", f"/task/{one}", *[(200, record)] * 9)
    plan = planned(*SEVERAL, one)
    assert names(plan.selected) == [name for name in SEVERAL if name != one]
    assert [(outcome.target.id, outcome.result) for outcome in plan.settled] == [(one, "failed")]


@pytest.mark.parametrize("others", [(), ("w1",)])
def test_an_id_in_upper_case_is_that_of_the_one_session_that_has_it_in_lower_case(others, planned, account):
    account.add("webui", UUID)
    assert names(planned(UUID.upper(), *others, kinds=["webui"]).selected) == [UUID, *others]


@pytest.mark.parametrize(("kinds", "kind"), [(["webui"], "webui"), (["webui", "task"], ""), (None, "")])
def test_what_is_not_found_is_of_the_kind_that_was_asked_for(kinds, kind, planned):
    (outcome,) = planned(UUID.upper(), kinds=kinds).settled
    assert (outcome.result, outcome.target.kind) == ("not_found", kind)


def test_one_that_becomes_another_one_while_it_is_looked_for_is_not_acted_on(planned, account):
    def replaced():
        account.sessions["webui", "w1"]["owner"] = "bob@ROOT"

    account.on("GET", "/webui/w1", lambda: None, replaced)
    plan = planned("w1")
    assert (plan.selected, [outcome.result for outcome in plan.settled]) == ((), ["changed_since"])


def test_a_protected_one_is_kept_all_the_same(planned):
    plan = planned(*SEVERAL, kinds=["webui"], protect_owners=["ann"])
    assert names(plan.selected) == ["w1", *SEVERAL[2:]]
    assert [(session.id, why) for session, why in plan.kept] == [("w2", "protected")]


def test_only_the_same_session_as_in_a_record_is_acted_on(planned, account):
    records = [dict(account.sessions["webui", name]) for name in SEVERAL]
    account.sessions["webui", "w2"]["owner"] = "bob@ROOT"
    plan = planned(records=records)
    assert names(plan.selected) == ["w1", *SEVERAL[2:]]
    assert [(outcome.target.id, outcome.result) for outcome in plan.settled] == [("w2", "changed_since")]


@pytest.mark.parametrize(("percent", "out_of"), [(100, None), (99, 6)])
def test_named_ones_are_counted_among_all_only_where_a_share_is_limited(percent, out_of, planned, account):
    account.add("webui", "untold", state=None)
    account.add("webui", "another")
    account.in_lists = lambda one: {**one, "kind": "task"} if one["id"] == "another" else dict(one)
    assert planned("w1", kinds=["webui"], max_percent=percent).out_of == out_of
    assert planned(*SEVERAL, kinds=["webui"], max_percent=percent).out_of == out_of


def test_what_only_a_list_shows_as_one_that_cannot_be_changed_is_read_and_changed(account):
    ids = many(account, 6, "failed", "task")
    account.in_lists = lambda one: {**one, "state": "running"} if one["id"] == "n0" else dict(one)
    assert results(delete(account.params(kinds=["task"], session_ids=ids), False, [].append)) == dict.fromkeys(
        ids, "deleted"
    )


@pytest.mark.parametrize(("options", "number"), [({}, 0), ({"keep_versions": 1}, 1), ({"max_percent": 99}, 1)])
def test_an_odd_state_of_one_that_is_not_named_is_told_only_where_all_sessions_count(options, number, account):
    account.add("webui", "odd", state="odd")
    told = []
    terminate(account.params(kinds=["webui"], session_ids=[*SEVERAL], **options), True, told.append)
    assert sum("unknown state 'odd'" in text for text in told) == number


def test_a_single_one_is_measured_by_the_versions_of_those_that_are_not_named(planned, account):
    account.add("webui", "old", app_version="0.9")
    assert names(planned("old", kinds=["webui"], keep_versions=1, max_percent=None).selected) == ["old"]
    assert names(planned("w1", kinds=["webui"], keep_versions=1, max_percent=None).selected) == []


def test_what_the_list_showed_is_read_again_before_the_change(account):
    def replaced():
        account.sessions["webui", "w1"]["owner"] = "bob@ROOT"
        account.sessions["webui", "w2"]["state"] = "terminated"

    account.on("GET", "/webui/w1", replaced)
    options = {"kinds": ["webui"], "session_ids": [*SEVERAL], "concurrency": 1}
    result = results(terminate(account.params(**options), False, [].append))
    assert result == {"w1": "changed_since", "w2": "already_ended", **dict.fromkeys(SEVERAL[2:], "terminated")}
    assert account.changes() == [f"PATCH webui/{name}/terminate" for name in SEVERAL[2:]]


def test_a_list_that_lacks_one_shows_that_it_is_deleted_only_where_a_list_had_it(account):
    ids = many(account, 5, "failed", "task")
    account.in_lists = lambda one: {**one, "id": "hidden"} if one["id"] == "n0" else dict(one)
    account.on("DELETE", "/n0", *[(202, {})] * 9)  # taken, and yet it stays
    with pytest.raises(Exception, match=r"1 of \d sessions could not be deleted") as caught:
        delete(account.params(kinds=["task"], session_ids=ids, wait_timeout="5s"), False, [].append)
    assert results(caught.value.result) == {"n0": "unknown", **dict.fromkeys(ids[1:], "deleted")}


def test_what_cannot_be_changed_says_why_whether_a_list_or_its_own_read_shows_it(account):
    ids = [*many(account, 6, "failed", "task"), "t5"]
    for named in (ids, ["t5"]):
        with pytest.raises(Exception, match=r"1 of \d sessions could not be deleted") as caught:
            delete(account.params(kinds=["task"], session_ids=named), False, [].append)
        found = {one["id"]: one for one in caught.value.result["sessions"]}["t5"]
        assert (found["result"], "force" in found["msg"]) == ("failed", True)

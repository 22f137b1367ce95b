# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A list may have other types than its own, and what waits on purpose is not stale. Proves rules 16, 17 and 19."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError, PartlyFailedError, RefusedError
from ansible_collections.aimms.cloud.plugins.module_utils.logs.info import log_info
from ansible_collections.aimms.cloud.plugins.module_utils.sessions.delete import delete
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import Account, ago, results
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.ending import kept, run
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.scripted_change import FakeTime, use_clock


@pytest.fixture(name="account")
def an_account(monkeypatch):
    """A WebUI session, and one of each further type in the list of WebUI sessions."""
    use_clock(monkeypatch, FakeTime())
    with Account() as account:
        account.add("webui", "w1", hours=30)
        for number, kind in enumerate(("external", "verify", "batch")):
            account.add("webui", f"{kind}-1", hours=40 + number, type=kind)
        yield account


@pytest.mark.parametrize("kinds", [{}, {"kinds": ["webui"]}, {"kinds": ["webui", "task"]}])
@pytest.mark.parametrize("legacy", [False, True])
def test_in_the_list_of_webui_sessions_only_those_of_that_type_are_ended(legacy, kinds, account):
    account.legacy = legacy
    result, warnings = run(account, older_than="24h", **kinds)
    assert results(result) == {"w1": "terminated"}
    assert kept(result) == {"external-1": "not_selected", "verify-1": "not_selected", "batch-1": "unknown_kind"}
    assert {one["id"]: one["kind"] for one in result["kept"]}["batch-1"] == "batch"
    assert warnings == ["1 sessions are of the unknown type 'batch': they are never changed."]
    assert len(account.changes()) == 1


@pytest.mark.parametrize("kind", ["external", "verify"])
def test_what_kinds_names_is_ended_by_the_route_of_the_list_it_stands_in(kind, account):
    result, _warnings = run(account, older_than="24h", kinds=[kind])
    assert results(result) == {f"{kind}-1": "terminated"}
    assert account.changes() == [f"PATCH webui/{kind}-1/terminate"]
    assert account.state("webui", f"{kind}-1") == "terminated"
    assert kept(result)["w1"] == "not_selected"


def test_what_the_document_has_a_route_for_is_ended_by_it(account):
    account.kinds = ["webui", "external"]
    account.add("external", "external-2", hours=50)
    result, _warnings = run(account, older_than="24h", kinds=["external"])
    assert account.changes() == ["PATCH external/external-2/terminate"]
    assert results(result) == {"external-2": "terminated"}


@pytest.mark.parametrize("named", [True, False])
def test_a_record_of_a_plan_is_ended_only_if_kinds_names_its_type(named, account):
    planned = run(account, True, older_than="24h", kinds=["external"])[0]["sessions"]
    account.requests.clear()
    result, _warnings = run(account, sessions=planned, **({"kinds": ["external"]} if named else {}))
    assert results(result) == ({"external-1": "terminated"} if named else {})
    assert account.changes() == (["PATCH webui/external-1/terminate"] if named else [])
    assert kept(result) == ({} if named else {"external-1": "not_selected"})


def test_by_its_id_an_external_session_is_found_in_any_list(account):
    result, _warnings = run(account, kinds=["external"], session_ids=["external-1", "none-1"])
    assert results(result) == {"external-1": "terminated", "none-1": "not_found"}
    assert account.changes() == ["PATCH webui/external-1/terminate"]


@pytest.mark.parametrize("name", ["external-1", "batch-1"])
def test_by_its_id_nothing_is_ended_as_what_it_is_not(name, account):
    with pytest.raises(PartlyFailedError) as failure:
        run(account, kinds=["webui"], session_ids=[name])
    assert f"The type of webui/{name} is '{name[:-2]}', not webui." in str(failure.value)
    assert account.changes() == []


def test_a_record_of_an_unknown_type_is_refused(account):
    record = {"id": "batch-1", "kind": "batch", "app_name": "Crew", "owner": "jdoe@ROOT", "created_at": ago(42)}
    with pytest.raises(OptionError, match="kind or created_at of no session"):
        run(account, sessions=[record])


def test_types_that_are_not_selected_are_not_counted(account):
    """The share is of the active sessions of the kinds, and max_active counts these."""
    with pytest.raises(RefusedError, match="1 of 1 active sessions are selected and max_percent is 50"):
        run(account, older_than="24h", max_percent=50)
    assert results(run(account, True, older_than="24h", max_active=1)[0]) == {}
    assert results(run(account, True, older_than="24h", max_active=0)[0]) == {"w1": "would_terminate"}
    with pytest.raises(RefusedError, match="3 of 3 active sessions"):
        run(account, kinds=["webui", "external", "verify"], older_than="24h", max_percent=50)


def test_on_the_legacy_generation_delete_is_not_sent_through_another_list(account):
    account.legacy = True
    with pytest.raises(PartlyFailedError) as failure:
        run(account, older_than="24h", kinds=["external"])
    assert "DELETE is not sent for external/external-1, which stands in another list." in str(failure.value)
    assert account.changes() == []


def test_the_log_is_read_by_the_route_of_the_list_it_stands_in(account):
    for name in ("external-1", "w1"):
        account.logs["webui", name] = [(ago(8), "busy"), (ago(0.5), "busy again")]
    result, _warnings = run(account, older_than="24h", quiet_for="2h", kinds=["webui", "external"])
    reasons = {"verify-1": "not_selected", "batch-1": "unknown_kind"}
    assert kept(result) == {"w1": "recent_log", "external-1": "recent_log", **reasons}
    assert account.asked("webui/external-1/logs")


def test_the_log_of_one_that_was_not_listed_is_found(account):
    account.logs["webui", "external-1"] = [(ago(8), "busy")]
    result = log_info(account.params(kind="external", session_id="external-1"), [].append)
    assert [line["message"] for line in result["lines"]] == ["busy"]


@pytest.mark.parametrize(("kinds", "gone"), [({}, ["w1"]), ({"kinds": ["external"]}, ["external-1"])])
def test_records_are_deleted_by_the_same_rules(kinds, gone, account):
    for record in account.sessions.values():
        record.update(state="finished", ended_at=ago(20))
    result = delete(account.params(ended_before="10h", concurrency=1, **kinds), False, [].append)
    assert results(result) == dict.fromkeys(gone, "deleted")
    assert account.changes() == [f"DELETE webui/{name}" for name in gone]


# What waits on purpose


@pytest.mark.parametrize("told", ["scheduleFor", "scheduledAt", "scheduled_for", "schedule", "plannedStart"])
@pytest.mark.parametrize("state", ["queued", "created"])
def test_what_is_scheduled_for_later_is_never_stale(state, told, account):
    account.add("solve", "s1", state, hours=999, **{told: ago(-1)})
    account.add("solve", "s2", state, hours=999, **{told: ago(1)})
    later = account.sessions["solve", "s1"][told]
    result, warnings = run(account, older_than="24h", kinds=["solve"])
    assert (results(result), kept(result)) == ({"s2": "terminated"}, {"s1": "scheduled"})
    assert (result["kept"][0]["scheduled_for"], result["kept"][0]["state"]) == (later, state)
    assert account.state("solve", "s1") == state
    assert warnings == []


def test_a_schedule_that_only_the_session_itself_tells_keeps_it(account):
    account.add("solve", "s1", "queued", hours=999, scheduleFor=ago(-1))
    account.in_lists = lambda record: {name: value for name, value in record.items() if name != "scheduleFor"}
    result, _warnings = run(account, older_than="24h", kinds=["solve"])
    assert results(result) == {"s1": "changed_since"}
    assert account.changes() == []


@pytest.mark.parametrize("by", [{"session_ids": ["s1"]}, {"states": ["queued"]}, {"owners": ["jdoe@*"]}])
def test_what_is_named_without_an_age_is_ended_though_it_is_scheduled(by, account):
    account.add("solve", "s1", "queued", hours=999, scheduleFor=ago(-1))
    assert results(run(account, kinds=["solve"], **by)[0]) == {"s1": "terminated"}


def test_states_are_selected_in_any_spelling_and_unknown_ones_are_told(account):
    account.add("webui", "w2", "Termination Requested", hours=30)
    account.add("webui", "w3", "hibernating", hours=30)
    account.add("webui", "w4", "finished", hours=30, type="batch")
    result, warnings = run(account, True, states=["termination_requested"], kinds=["webui"])
    assert results(result) == {"w2": "would_terminate"}
    assert warnings == [
        "1 sessions are in the unknown state 'hibernating': they count as not active.",
        "2 sessions are of the unknown type 'batch': they are never changed.",
    ]

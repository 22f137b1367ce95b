# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists that tell less than single records, or the other way round. Proves rules 16, 17 and 24.

Whatever the one or the other leaves out: what is stale ends, and what is protected lives.
"""

from __future__ import annotations

from itertools import combinations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import PartlyFailedError, RefusedError
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import Account, results
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.ending import kept, run

FIELDS = ("owner", "environment", "app_name", "created_at", "state")
SUBSETS = [names for size in range(1, len(FIELDS) + 1) for names in combinations(FIELDS, size)]
STALE = dict.fromkeys(["w1", "w2", "w3"], "terminated")
KEPT = {"vip": "protected", "pay": "protected", "young": "too_young"}
OPTIONS = {"older_than": "24h", "protect_owners": ["vip@*"], "protect_apps": ["Payroll"], "max_per_owner": 2}


def without(names):
    """Leaves fields out of a record; the environment is a part of the owner."""

    def show(record):
        shown = {name: value for name, value in record.items() if name not in names}
        if "environment" in names and "owner" in shown:
            shown["owner"] = shown["owner"].rpartition("@")[0]
        return shown

    return show


def loud(record):
    """Writes names in another case."""
    return {**record, "owner": record["owner"].upper(), "app_name": record["app_name"].upper()}


@pytest.fixture(name="account")
def an_account():
    """Three stale ones of two owners (alice of ROOT and alice of PLANNING), two protected, a young one."""
    with Account() as account:
        account.add("webui", "w1", hours=30, owner="alice@ROOT")
        account.add("webui", "w2", hours=40, owner="alice@ROOT")
        account.add("webui", "w3", hours=50, owner="alice@PLANNING")
        account.add("webui", "vip", hours=60, owner="vip@ROOT")
        account.add("webui", "pay", hours=60, owner="bob@ROOT", app_name="Payroll")
        account.add("webui", "young", hours=1, owner="alice@ROOT")
        yield account


def ended(account):
    return {name for _kind, name in account.sessions if account.state("webui", name) == "terminated"}


def test_an_environment_that_is_left_out_of_a_mail_address_is_read_too(account):
    for session in account.sessions.values():
        session["owner"] = session["owner"].replace("@", "@corp.example@")
    account.in_lists = without(["environment"])
    result, _warnings = run(account, **{**OPTIONS, "protect_owners": ["*@PLANNING"]})
    assert results(result) == {"w1": "terminated", "w2": "terminated", "vip": "terminated"}


@pytest.mark.parametrize("names", SUBSETS, ids="+".join)
def test_what_the_list_leaves_out_is_read_from_the_single_record(names, account):
    account.in_lists = without(names)
    planned = run(account, True, **OPTIONS)[0]
    assert results(planned) == dict.fromkeys(STALE, "would_terminate")
    result, _warnings = run(account, **OPTIONS)
    assert (results(result), kept(result)) == (STALE, KEPT)
    assert ended(account) == set(STALE)


@pytest.mark.parametrize("names", [names for names in SUBSETS if "state" not in names], ids="+".join)
def test_what_the_single_record_leaves_out_is_known_from_the_list(names, account):
    account.alone = without(names)
    if {"owner", "app_name", "created_at"} <= set(names):
        with pytest.raises(PartlyFailedError, match="Only the id tells that it is the same"):
            run(account, **OPTIONS)
        assert account.changes() == []
    else:
        result, _warnings = run(account, **OPTIONS)
        assert (results(result), kept(result)) == (STALE, KEPT)
        assert ended(account) == set(STALE)


@pytest.mark.parametrize("shown", ["in_lists", "alone"])
def test_another_letter_case_is_no_other_session(shown, account):
    setattr(account, shown, loud)
    result, _warnings = run(account, **OPTIONS)
    assert (results(result), kept(result)) == (STALE, KEPT)


def test_the_limit_for_each_owner_counts_by_the_environment_that_only_the_single_record_tells(account):
    account.in_lists = without(["environment"])
    with pytest.raises(RefusedError, match="2 sessions of alice@ROOT are selected and max_per_owner is 1"):
        run(account, **{**OPTIONS, "max_per_owner": 1})
    assert account.changes() == []


def test_the_oldest_are_known_by_the_single_records(account):
    account.in_lists = without(["created_at"])
    result, _warnings = run(account, max_active=4, protect_owners=["vip@*"])
    assert results(result) == {"pay": "terminated", "w3": "terminated"}


@pytest.mark.parametrize("names", [["owner"], ["owner", "created_at", "app_name"]], ids="+".join)
def test_a_plan_from_a_list_that_leaves_something_out_is_acted_on(names, account):
    account.in_lists = without(names)
    plan = run(account, True, **OPTIONS)[0]["sessions"]
    account.sessions["webui", "w2"]["owner"] = "bob@ROOT"
    result, _warnings = run(account, sessions=plan)
    assert results(result) == {**STALE, "w2": "changed_since"}
    assert "its owner was 'alice@ROOT' and is 'bob@ROOT'" in next(
        one["msg"] for one in result["sessions"] if one["id"] == "w2"
    )


def test_only_what_may_be_selected_is_read_by_itself(account):
    account.in_lists = without(["owner"])
    run(account, True, **OPTIONS)
    read = {name for name in ("w1", "w2", "w3", "vip", "pay", "young") if account.asked(f"/webui/{name}")}
    assert read >= {"w1", "w2", "w3", "vip"}
    account.requests.clear()
    run(account, True, older_than="24h", protect_owners=["vip@*"])
    assert account.asked("/webui/young") == []


def test_a_list_that_tells_everything_costs_no_single_reads(account):
    run(account, True, **OPTIONS)
    assert [one.path for one in account.requests if one.path.count("/") > 5] == []


def test_one_that_is_gone_when_it_is_read_is_left_out_and_one_that_cannot_be_read_is_kept(account):
    account.in_lists = without(["owner"])
    account.on("GET", "/webui/w1", 404)
    account.on("GET", "/webui/w2", *[503] * 9)
    result, _warnings = run(account, True, **OPTIONS)
    assert results(result) == {"w3": "would_terminate"}
    assert kept(result) == {**KEPT, "w2": "protected"}


@pytest.mark.parametrize("hidden", ["environment", "created_at"])
@pytest.mark.parametrize(
    ("protection", "reason"),
    [
        ({"protect_owners": ["alice*"]}, "protected"),
        ({"protect_owners": ["zed*"]}, "protected"),
        ({"max_per_owner": 5}, ""),
    ],
)
def test_a_single_record_that_shows_another_owner_than_the_list_frees_no_session(protection, reason, hidden, account):
    account.sessions.clear()
    session = account.add("webui", "w1", hours=30, owner="zed@ROOT")
    account.add("webui", "w2", hours=30, owner="bob@ROOT")
    account.in_lists = lambda record: without([hidden])(
        {**record, "owner": record["owner"].replace("zed@ROOT", "alice@ROOT")}
    )
    for check_mode in (True, False):
        result, _warnings = run(account, check_mode, older_than="24h", **protection)
        told = {"w2": "would_terminate" if check_mode else "terminated"}
        assert results(result) == (told if reason else {**told, "w1": "changed_since"})
        assert kept(result).get("w1", "") == reason
        text = next((one["msg"] for one in result["sessions"] if one["id"] == "w1"), "")
        assert reason or text.startswith("The list and its own record differ: its owner was 'alice")
    assert (session["state"], account.changes()) == ("running", ["PATCH webui/w2/terminate"])


def test_a_record_that_names_its_owner_twice_ends_nothing(account):
    twice = '{"id": "w1", "state": "running", "owner": "svc@ROOT", "owner": "zed@ROOT", "app_name": "Crew"}'
    account.on("GET", "/webui/w1", *[(200, bytearray(twice.encode()))] * 20)
    with pytest.raises(PartlyFailedError, match="answered 200 with something that is not valid JSON"):
        run(account, kinds=["webui"], session_ids=["w1"])
    assert account.changes() == []

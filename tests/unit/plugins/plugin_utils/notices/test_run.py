# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The announcements of a run of the role: where they are kept, what a plan leaves alone, and whom to notify."""

from __future__ import annotations

import json

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError, RefusedError
from ansible_collections.aimms.cloud.plugins.plugin_utils.notices.ledger import entries_in
from ansible_collections.aimms.cloud.plugins.plugin_utils.notices.run import (
    addressed,
    announced,
    check_store,
    confirmed,
    notice_of,
)
from ansible_collections.aimms.cloud.tests.unit.plugins.plugin_utils.role_samples import (
    record,
    selection,
    settings,
    stale,
)

DAY, BEGIN = 86400, 1_800_000_000
CLOCK = {0: "2027-01-15T08:00:00Z", 1: "2027-01-16T08:00:02Z", 2: "2027-01-17T08:00:04Z"}


def run(
    day=0,
    planned=(),
    kept=(),
    fact=None,
    path=None,
    changes=True,
    settled=(),
    seats=None,
    dies=False,
    applies=False,
    **more,
):
    """What a run makes, on the day of this number. :param dies: before its result can be told. :param applies: though a
    limit may refuse its changes.
    """
    now = BEGIN + day * (DAY + 2)
    address = more.pop("address", "https://acme.aimms.cloud")
    made = {
        **settings(notice="24h", **more),
        "address": address,
        "changes": changes or applies,
        "ledger": path,
        "began": repr(now),
    }
    picked = selection([*planned, *settled], kept, server_time=CLOCK[day], seats=seats and {"people": seats})
    found = announced(made, picked, fact, lambda: now, planned, changes)
    told = None if dies else confirmed(made, found.get("pending"), found["ledger"])
    return {**found, "ledger": told or found["ledger"]}


def ids(records):
    return [one["id"] for one in records]


def kinds_in(ledger):
    return sorted(one.kind for one in entries_in(ledger)[0])


@pytest.fixture(params=["file", "fact"])
def over_days(request, tmp_path):
    """Runs one after the other with one ledger."""
    kept = {"path": str(tmp_path / "ledger.json") if request.param == "file" else None, "fact": None}

    def day(number, planned=(), **more):
        made = run(number, planned, **{**kept, **more})
        kept["fact"] = made["ledger"] or kept["fact"]
        return made

    return day


def test_three_runs_announce_wait_and_end(over_days):
    first = over_days(0, stale(2))
    assert (ids(first["announced"]), first["due"], first["unannounced"]) == (["s0", "s1"], [], 0)
    second = over_days(1, stale(3))
    assert (ids(second["due"]), ids(second["announced"])) == (["s0", "s1"], ["s2"])
    assert [one["owner"] for one in second["to_notify"]] == ["user2@ROOT"]
    third = over_days(2, stale(3))
    assert (ids(third["due"]), third["to_notify"]) == (["s0", "s1", "s2"], [])


def test_what_could_not_be_told_is_not_announced(over_days):
    assert over_days(0, stale(1))["to_notify"] != []
    over_days(0, stale(2), dies=True)
    after = over_days(1, stale(2))
    assert (ids(after["due"]), [one["owner"] for one in after["to_notify"]]) == (["s0"], ["user1@ROOT"])


def test_what_two_runs_announce_at_once_counts_from_the_first_one(over_days, tmp_path):
    path = str(tmp_path / "ledger.json")
    runs = [run(0, stale(1), path=path, dies=True) for _number in range(2)]
    for made in runs:
        confirmed({"ledger": path}, made["pending"], None)
    assert len(entries_in((tmp_path / "ledger.json").read_text())[0]) == 1
    assert ids(run(1, stale(1), path=path)["due"]) == ["s0"]


def test_a_plan_announces_nothing_and_writes_nothing(over_days, tmp_path):
    plan = over_days(0, stale(2), changes=False)
    assert (plan["announced"], plan["to_notify"], plan["unannounced"], plan["ledger"]) == ([], [], 2, None)
    assert list(tmp_path.iterdir()) == []
    over_days(0, stale(1))
    plan = over_days(1, stale(2), changes=False)
    assert (ids(plan["due"]), plan["unannounced"]) == (["s0"], 1)
    assert over_days(1, stale(2))["to_notify"] != []


def test_the_sessions_of_a_person_end_together_or_not_at_all():
    people = [{"owner": "a@ROOT", "sessions": ["s0", "s2"]}, {"owner": "b@ROOT", "sessions": ["s1"]}]
    fact = run(0, stale(2))["ledger"]
    later = run(1, stale(3), fact=fact, seats=people)
    assert (ids(later["due"]), ids(later["announced"])) == (["s1"], ["s0", "s2"])
    assert [one["owner"] for one in later["to_notify"]] == ["user2@ROOT"]
    assert ids(run(2, stale(3), fact=later["ledger"], seats=people)["due"]) == ["s0", "s1", "s2"]


def test_whom_to_notify_of_what():
    theirs = [
        record(number, owner=owner, result="would_terminate", msg="")
        for number, owner in enumerate(("a@ROOT", "a@ROOT", None), 1)
    ]
    told = run(0, theirs)["to_notify"]
    assert [(one["owner"], one["email"], ids(one["sessions"])) for one in told] == [
        ("a@ROOT", None, ["s1", "s2"]),
        (None, None, ["s3"]),
    ]
    assert {one["due_at"] for one in told} == {"2027-01-16T08:00:01Z"}
    assert "result" not in told[0]["sessions"][0]


@pytest.mark.parametrize("asked", [{}, {"failed": True, "msg": "no"}, {"skipped": True}, {"users": []}])
def test_an_address_that_is_not_known_is_null(asked):
    told = run(0, stale(1))["to_notify"]
    assert addressed(told, asked) == told
    users = [{"owner": "user0@ROOT", "email": "user0@example.com", "full_name": None}]
    assert addressed(told, {"users": users})[0]["email"] == "user0@example.com"


@pytest.mark.parametrize(
    ("reason", "left"),
    [("too_young", 0), ("recent_log", 0), ("protected", 0), ("busy", 0), ("max_active", 0), ("not_selected", 1)],
)
def test_only_what_was_not_looked_at_stays_announced(reason, left):
    fact = run(0, stale(1))["ledger"]
    assert len(entries_in(run(1, kept=[record(0, reason=reason, msg="")], fact=fact)["ledger"])[0]) == left


@pytest.mark.parametrize("reason", ["busy", "recent_log", "protected"])
def test_a_run_that_a_limit_refuses_notes_what_it_saw_and_announces_nothing(over_days, reason):
    over_days(0, stale(2))
    seen = [record(0, reason=reason, msg="")]
    refused = over_days(1, stale(3)[1:], kept=seen, changes=False, applies=True)
    assert (refused["to_notify"], ids(refused["announced"]), refused["unannounced"]) == ([], [], 1)
    after = over_days(2, stale(3))
    assert (ids(after["due"]), [one["owner"] for one in after["to_notify"]]) == (["s1"], ["user0@ROOT", "user2@ROOT"])


def test_what_has_gone_is_dropped_but_not_of_kinds_that_were_not_listed():
    kinds = enumerate(("webui", "task", "external"))
    fact = run(0, [record(number, kind=kind, result="would_terminate") for number, kind in kinds])["ledger"]
    assert kinds_in(run(1, fact=fact, kinds=["webui"])["ledger"]) == ["external", "task"]
    assert kinds_in(run(1, fact=fact)["ledger"]) == ["external"]


@pytest.mark.parametrize(("result", "left"), [("already_ended", 0), ("changed_since", 0), ("failed", 1)])
def test_a_run_that_follows_a_plan_drops_what_it_saw_end_and_leaves_the_others(result, left):
    fact = run(0, stale(2))["ledger"]
    after = run(1, fact=fact, settled=[record(0, result=result, msg="")], follows=True)["ledger"]
    assert len(entries_in(after)[0]) == left + 1


def test_accounts_behind_one_host_leave_the_announcements_of_each_other_alone(over_days):
    for day, counts in enumerate(([2, 3], [2, 3], [0, 0])):
        for number, name in enumerate(("acme", "brew")):
            made = over_days(day, stale(counts[number]), address=f"https://gateway/{name}")
            assert len(made["announced" if day == 0 else "due"]) == counts[number]


def test_a_damaged_ledger_is_told_and_begins_anew(tmp_path):
    path = tmp_path / "l.json"
    path.write_text("{")
    made = run(1, stale(1), path=str(path))
    assert made["warning"].startswith(f"The ledger of announcements {path} is not used. It is damaged")
    assert (made["due"], len(made["announced"])) == ([], 1)
    assert run(2, stale(1), path=str(path))["warning"] == ""
    assert json.loads(path.read_text())["entries"][0]["account"] == "https://acme.aimms.cloud"


def test_without_the_time_of_the_service_nothing_is_announced():
    made = {**settings(notice="24h"), "ledger": None}
    with pytest.raises(RefusedError, match="does not tell its time"):
        announced(made, selection(stale(1), server_time=None), None, lambda: BEGIN, stale(1), True)
    assert announced(made, selection([]), None, lambda: BEGIN, [], True)["due"] == []


def test_the_notice_is_the_one_of_the_role():
    assert notice_of(settings(notice="1d12h"))(record(1)) == 1.5 * DAY


def test_a_fact_cache_must_last(tmp_path):
    made = {**settings(notice="24h"), "ledger": None}
    for plugin in ("memory", "ansible.builtin.memory"):
        with pytest.raises(OptionError, match="stale_session_cleanup_notice: announcements would be forgotten"):
            check_store(made, plugin, 0, "2.18.1")
    assert check_store({**made, "ledger": str(tmp_path)}, "memory", 1, None) == []
    assert check_store(made, "jsonfile", 0, None) == check_store(made, "jsonfile", DAY, "2.18.1") == []
    assert "forgets announcements after 86400 seconds" in check_store(made, "jsonfile", DAY, None)[0]
    for core in ("2.19.0rc1", "2.21.0", "3.0.0"):
        assert "give stale_session_cleanup_notice_file" in check_store(made, "jsonfile", DAY, core)[0]

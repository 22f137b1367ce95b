# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules over one list: who decides, what is ended and how, and limits. Proves rules 16, 17, 18, 21 and 24."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError, PartlyFailedError, RefusedError
from ansible_collections.aimms.cloud.plugins.module_utils.rules.policies import Policy
from ansible_collections.aimms.cloud.plugins.module_utils.rules.spec import POLICY
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import Account, ago, results
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.ending import run
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.scripted_change import FakeTime, use_clock


def rules(*given):
    """The rules as Ansible hands them on: all options there, those that are not given as null."""
    return [{**dict.fromkeys(POLICY), "action": "end", **rule} for rule in given]


NEVER = {"name": "never", "apps": ["Payroll"], "action": "keep"}
QUIET = {"name": "webui", "kinds": ["webui"], "older_than": "8h"}
SOLVES = {"name": "solves", "kinds": ["solve"], "older_than": "2d", "max_sessions": 5}


@pytest.fixture(name="account")
def an_account(monkeypatch):
    """Sessions for three rules, a young one, and one of a protected owner."""
    use_clock(monkeypatch, FakeTime())
    with Account() as account:
        account.add("webui", "old", hours=9)
        account.add("webui", "young", hours=1)
        account.add("webui", "pay", hours=99, app_name="Payroll")
        account.add("solve", "solve", hours=60)
        account.add("solve", "newer", hours=20)
        account.add("webui", "boss", hours=99, owner="boss@ROOT")
        account.add("task", "task", hours=99)
        yield account


def ended(account):
    return {change.split("/")[1] for change in account.changes()}


def by_policy(entries, field):
    return {one["id"]: (one["policy"], one[field]) for one in entries}


def test_the_first_rule_that_matches_decides_and_its_name_is_told(account):
    given = {"policies": rules(NEVER, QUIET, SOLVES), "protect_owners": ["boss@*"]}
    planned, warnings = run(account, True, **given)
    assert by_policy(planned["sessions"], "result") == {
        "old": ("webui", "would_terminate"),
        "solve": ("solves", "would_terminate"),
    }
    assert by_policy(planned["kept"], "reason") == {
        "young": ("webui", "too_young"),
        "pay": ("never", "policy"),
        "newer": ("solves", "too_young"),
        "boss": (None, "protected"),
        "task": (None, "not_selected"),
    }
    assert warnings == account.changes() == []
    done, _warnings = run(account, **given)
    assert results(done) == {"old": "terminated", "solve": "terminated"} == dict.fromkeys(ended(account), "terminated")
    assert [(one["name"], one["action"], one["matched"]) for one in done["policies"]] == [
        ("never", "keep", 1),
        ("webui", "end", 1),
        ("solves", "end", 1),
    ]
    assert len(account.asked("/sessions/webui")) == 2  # one list for the plan, and one for the run
    again, _warnings = run(account, **given)
    assert (again["changed"], again["sessions"]) == (False, [])


def test_what_a_rule_above_keeps_no_rule_below_ends(account):
    result, _warnings = run(account, policies=rules(NEVER, {"name": "all", "older_than": "1m"}))
    assert "pay" not in ended(account)
    assert len(result["sessions"]) == 6
    result, _warnings = run(account, policies=rules({"name": "pay", "apps": ["Payroll"]}, NEVER))
    assert results(result) == {"pay": "terminated"}


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        (lambda one: one.update(app_name=None), "pay"),
        (lambda one: one.update(app_name="PAYROLL "), "pay"),
        (lambda one: one.pop("app_name"), "pay"),
    ],
)
def test_a_rule_that_keeps_also_keeps_what_may_be_meant(account, change, kept):
    change(account.sessions["webui", kept])
    run(account, policies=rules(NEVER, {"name": "all", "older_than": "1m"}))
    assert kept not in ended(account)


@pytest.mark.parametrize(
    "limits",
    [
        {"policies": rules(QUIET, {**SOLVES, "max_sessions": 0})},
        {"policies": rules(QUIET, {**SOLVES, "max_percent": 49})},
        {"policies": rules(QUIET, {"name": "owner", "kinds": ["solve"], "older_than": "1h", "max_per_owner": 1})},
        {"policies": rules(QUIET, SOLVES), "max_sessions": 1},
        {"policies": rules(QUIET, SOLVES), "max_percent": 20},
    ],
    ids=["sessions", "percent", "owner", "all sessions", "all percent"],
)
def test_a_limit_of_one_rule_or_of_all_stops_all_before_any_change(account, limits):
    with pytest.raises(RefusedError, match="Nothing was ended: ") as caught:
        run(account, **limits)
    assert account.changes() == []
    assert set(results(caught.value.result).values()) == {"not_tried"}
    assert {one["policy"] for one in caught.value.result["sessions"]} >= {"webui"}
    own = [one for one in limits["policies"] if "max_sessions" in limits or "max_percent" in limits]
    assert bool(own) != ("policy '" in str(caught.value))


def test_each_rule_ends_in_its_own_way(account):
    account.add_task("t1", "task")
    account.add_task("t2", "solve")
    gentle = {**SOLVES, "interrupt_tasks": "solve", "grace_period": "5s", "task_activity": "ignore"}
    force = {"name": "tasks", "kinds": ["task"], "older_than": "1d", "task_activity": "ignore"}
    result, _warnings = run(account, policies=rules(force, gentle))
    assert results(result) == {"task": "terminated", "solve": "interrupted"}
    assert sorted(one.split()[0] for one in account.changes()) == ["PATCH", "PUT"]


def test_the_plan_of_a_rule_is_ended_by_that_rule(account):
    given = {"policies": rules(NEVER, QUIET, SOLVES)}
    planned = run(account, True, **given)[0]["sessions"]
    result, _warnings = run(account, sessions=planned, **given)
    assert by_policy(result["sessions"], "result") == {
        "old": ("webui", "terminated"),
        "boss": ("webui", "terminated"),
        "solve": ("solves", "terminated"),
    }
    assert result["unmatched_protections"] is None


@pytest.mark.parametrize(
    ("rename", "match"),
    [
        ({"policy": "other"}, r"old has the policy 'other', which is not there\."),
        ({"policy": "never"}, r"old has the policy 'never', which is not there\."),
        ({"policy": None}, r"old has no policy\."),
    ],
)
def test_a_plan_of_other_rules_is_refused(account, rename, match):
    given = {"policies": rules(NEVER, QUIET)}
    (planned,) = (one for one in run(account, True, **given)[0]["sessions"] if one["id"] == "old")
    account.requests.clear()
    with pytest.raises(OptionError, match=match):
        run(account, sessions=[{**planned, **rename}], **given)
    assert account.requests == []


def test_a_planned_id_of_two_kinds_is_of_the_rule_that_planned_each(account):
    account.add("solve", "old", hours=60)
    given = {"policies": rules({**QUIET, "apps": ["Crew"]}, SOLVES)}
    planned = [one for one in run(account, True, **given)[0]["sessions"] if one["id"] == "old"]
    result, _warnings = run(account, sessions=planned, **given)
    told = {(one["kind"], one["policy"], one["result"]) for one in result["sessions"]}
    assert told == {("webui", "webui", "terminated"), ("solve", "solves", "terminated")}


def test_a_plan_of_rules_is_refused_without_rules(account):
    planned = run(account, True, policies=rules(NEVER, QUIET))[0]["sessions"]
    account.requests.clear()
    with pytest.raises(OptionError, match="sessions: they were planned with policies, which are not given"):
        run(account, sessions=planned)
    assert account.requests == []


def test_a_rule_above_that_keeps_is_looked_at_again_before_each_change(account):
    states = {"name": "solving", "states": ["solving"], "action": "keep"}
    given = {"policies": rules(states, SOLVES)}
    planned = run(account, True, **given)[0]["sessions"]
    account.sessions["solve", "solve"]["state"] = "solving"
    result, _warnings = run(account, sessions=planned, **given)
    assert (result["sessions"], account.changes()) == ([], [])
    assert by_policy(result["kept"], "reason") == {"solve": ("solving", "policy")}
    account.sessions["solve", "solve"]["state"] = "running"
    account.on("GET", "/solve/solve", lambda: account.sessions["solve", "solve"].update(state="solving"))
    result, _warnings = run(account, **given)
    assert (results(result), account.changes()) == ({"solve": "changed_since"}, [])


def test_a_rule_is_in_force_only_in_its_part_of_the_day(account):
    from datetime import datetime, timezone

    hour = datetime.now(timezone.utc).hour
    now, later = (f"{(hour + n) % 24:02}:00-{(hour + n + 2) % 24:02}:00" for n in (0, 3))
    inside = {**QUIET, "between": now, "timezone": "UTC"}
    outside = {**SOLVES, "between": later, "timezone": "UTC"}
    result, _warnings = run(account, policies=rules(NEVER, outside, inside))
    assert ended(account) == {"old", "boss"}
    assert [one["in_force"] for one in result["policies"]] == [True, False, True]
    assert result["policies"][1]["notes"] == [f"It is not in force now: it is between {later}."]


def test_the_part_of_the_day_is_looked_at_again_before_each_change(account, monkeypatch):
    now = {"open": True}
    monkeypatch.setattr(Policy, "in_force", lambda self, _clock: now["open"] or not self.window)
    given = {"policies": rules(NEVER, {**QUIET, "between": "22:00-06:00", "timezone": "UTC"})}
    account.sessions.pop(("webui", "boss"))
    planned = run(account, True, **given)[0]["sessions"]
    account.on("GET", "/webui/old", lambda: now.update(open=False))
    assert results(run(account, **given)[0]) == {"old": "changed_since"}
    result, _warnings = run(account, sessions=planned, **given)
    (kept,) = result["kept"]
    assert (kept["id"], kept["reason"], kept["msg"]) == (
        "old",
        "not_selected",
        "webui: This policy is not in force now.",
    )
    assert account.changes() == []


def test_rules_that_match_nothing_or_are_never_reached_or_contradict_are_told(account):
    result, warnings = run(
        account,
        True,
        policies=rules(
            {"name": "a", "apps": ["Crew*"], "older_than": "1h"},
            {"name": "b", "apps": ["crew"], "older_than": "2h"},
            {"name": "c", "apps": ["Crew Plan"], "action": "keep", "older_than": "3h"},
            {"name": "d", "apps": ["Nobody"]},
            {"name": "e", "owners": ["jdoe@*"], "older_than": "5h", "kinds": ["webui"], "app_versions": ["1*"]},
            {"name": "f", "older_than": "2d", "newer_than": "1d"},
        ),
    )
    told = {one["name"]: one["notes"] for one in result["policies"]}
    assert told == {
        "a": [],
        "b": ["It is never reached: 'a' above decides all that it matches."],
        "c": ["It contradicts 'a' above, which ends all that it matches: it is never reached."],
        "d": ["It matches no session."],
        "e": [],
        "f": ["It matches nothing: no session is older than older_than and newer than newer_than."],
    }
    assert warnings == [f"policy '{name}': {told[name][0]}" for name in ("b", "c", "f")]


def test_seats_are_counted_within_a_rule(account):
    for number in range(3):
        account.add("webui", f"seat{number}", hours=20 + number, owner=f"user{number}@ROOT", app_name="Seats")
    seats = {"name": "seats", "kinds": ["webui"], "apps": ["Seats"], "older_than": "1h", "max_seats": 4}
    result, _warnings = run(account, policies=rules(NEVER, seats))
    assert results(result) == {"seat2": "terminated"}
    assert result["policies"][1]["seats"]["freed"] == 1


@pytest.mark.parametrize("way", ["run", "plan", "plan in check mode", "no wait"])
def test_who_leaves_by_a_rule_above_takes_no_seat(way, monkeypatch):
    use_clock(monkeypatch, FakeTime())
    with Account() as account:
        for number, owner in enumerate(("ann", "bob", "cy", "dee", "eve")):
            account.add("webui", owner, hours=20 + number, owner=f"{owner}@ROOT", app_name="X" if number < 2 else "Y")
        above = {"name": "x", "apps": ["X"], "older_than": "1h"}
        given = {"policies": rules(above, {"name": "seats", "kinds": ["webui"], "older_than": "1h", "max_seats": 2})}
        planned, _warnings = run(account, True, **given)
        assert set(results(planned)) == {"ann", "bob", "eve"}
        if "plan" in way:
            given["sessions"] = planned["sessions"]
        done, _warnings = run(account, way == "plan in check mode", wait=way != "no wait", **given)
        assert set(results(done)) == {"ann", "bob", "eve"}
        assert ended(account) == (set() if "mode" in way else {"ann", "bob", "eve"})
        assert done["policies"][1]["seats"]["active"] == 3


def test_old_versions_are_counted_for_all_rules_together(account):
    account.add("webui", "v1", hours=5, app_name="Net", app_version="1.0")
    account.add("task", "v2", hours=5, app_name="Net", app_version="2.0")
    result, _warnings = run(account, policies=rules(NEVER, {"name": "versions", "keep_versions": 1}))
    assert results(result) == {"v1": "terminated"}


def test_what_fails_under_one_rule_is_told_with_the_others(account):
    account.deaf.add("old")
    with pytest.raises(PartlyFailedError) as caught:
        run(account, policies=rules(NEVER, QUIET, SOLVES), wait_timeout="5s")
    assert results(caught.value.result) == {"old": "unknown", "boss": "terminated", "solve": "terminated"}


def test_when_the_server_is_out_no_further_rule_is_tried(account):
    for number in range(6):
        account.add("webui", f"w{number}", hours=30)
        account.on("PATCH", f"/w{number}/terminate", *[403] * 9)
    with pytest.raises(PartlyFailedError) as caught:
        run(account, policies=rules(NEVER, QUIET, SOLVES), concurrency=1)
    told = by_policy(caught.value.result["sessions"], "result")
    assert told["solve"] == ("solves", "not_tried")
    assert "solve" not in ended(account)


REFUSED = {
    "none": ([], "policies: an empty list is refused"),
    "twice": (rules(QUIET, {**QUIET, "name": "WEBUI"}), r"policies\[1\]: the name 'WEBUI' is used twice"),
    "everything": (rules({"name": "a", "kinds": ["webui"]}), "Without a criterion it would end every session"),
    "all": (rules({"name": "a", "older_than": "0s"}), "Without a criterion it would end every session"),
    "empty": (rules({**QUIET, "apps": []}), r"policies\[0\] \(webui\): apps: an empty filter is refused"),
    "unit": (rules({**QUIET, "older_than": "8"}), "'8' has no unit"),
    "grace": (rules({**QUIET, "grace_period": "soon"}), "grace_period: 'soon' is not a duration"),
    "keep": (rules({**NEVER, "quiet_for": "1h"}), "quiet_for: not in a rule that keeps"),
    "zone": (rules({**QUIET, "between": "22:00-06:00"}), "between and timezone go together"),
    "no part of the day": (rules({**QUIET, "timezone": "UTC"}), "between and timezone go together"),
    "blank zone": (rules({**QUIET, "between": "22:00-06:00", "timezone": ""}), "timezone: an empty filter is refused"),
    "odd zone": (rules({**QUIET, "between": "22:00-06:00", "timezone": "Mars/Sea"}), "timezone: 'Mars/Sea' is not"),
    "part": (rules({**QUIET, "between": "22-6", "timezone": "UTC"}), "'22-6' is no part of a day"),
    "seats": (rules({"name": "a", "max_seats": 3}), r"max_seats needs kinds: \[webui\]"),
    "name": (rules({**QUIET, "name": " "}), "is no name of a rule"),
    "negative": (rules({**QUIET, "max_sessions": -1}), "max_sessions: must not be negative"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_meant_is_refused_before_anything_is_asked(account, name):
    given, message = REFUSED[name]
    with pytest.raises(OptionError, match=message):
        run(account, policies=given)
    assert account.requests == []


@pytest.mark.parametrize("beside", [{"apps": ["A"]}, {"kinds": ["task"]}, {"max_active": 3}, {"session_ids": ["a"]}])
def test_what_selects_belongs_into_the_rules(account, beside):
    (name,) = beside
    with pytest.raises(OptionError, match=f"{name}: not beside policies"):
        run(account, policies=rules(QUIET), **beside)
    assert account.requests == []


def test_what_stands_beside_the_rules_holds_for_those_that_do_not_say_it(account):
    account.sessions["webui", "old"]["started_at"] = ago(1)
    result, _warnings = run(account, policies=rules(NEVER, QUIET), age_from="started", protect_owners=["boss"])
    assert result["sessions"] == []
    result, _warnings = run(account, policies=rules({**QUIET, "age_from": "created"}), age_from="started")
    assert set(results(result)) == {"old", "pay", "boss"}

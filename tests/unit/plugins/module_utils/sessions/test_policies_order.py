# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drawn rules and sessions: one rule decides about each session, a lower rule takes nothing, a limit stops all.

Proves rules 17, 21 and 24.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from itertools import product
from typing import Any, Optional

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.aimms.cloud.plugins.module_utils.errors import RefusedError
from ansible_collections.aimms.cloud.plugins.module_utils.rules.spec import POLICY
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import Account
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.ending import run

DRAWS = (["webui", "task"], ["A", "AB", "C"], ["ann@ROOT", "bob@ROOT", "boss@ROOT"])
SESSIONS = st.lists(st.tuples(*map(st.sampled_from, (*DRAWS, [1, 5, 20]))), max_size=6)
RULE = st.fixed_dictionaries(
    {"action": st.sampled_from(["end", "end", "keep"]), "older_than": st.sampled_from(["30m", "3h", "10h"])},
    optional={
        "kinds": st.sampled_from([["webui"], ["task"], ["webui", "task"]]),
        "apps": st.sampled_from([["A"], ["A*"], ["C", "A"]]),
        "owners": st.sampled_from([["ann@*"], ["*@ROOT"]]),
    },
)
RULES = st.lists(RULE, min_size=1, max_size=4)
HOURS = {"30m": 0.5, "3h": 3, "10h": 10, "20h": 20}
DRAWN = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
PROTECTED = {"protect_owners": ["boss@*"]}


def whole(drawn: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rules with names, as Ansible hands them on."""
    return [{**dict.fromkeys(POLICY), **rule, "name": f"rule {number}"} for number, rule in enumerate(drawn)]


def decided(session: tuple[str, str, str, int], drawn: list[dict[str, Any]]) -> Optional[int]:
    """Which rule decides about a session, by its words alone; None: none."""
    kind, app, owner, hours = session
    if owner.startswith("boss"):
        return None
    for number, rule in enumerate(drawn):
        named = any(fnmatchcase(app, glob) for glob in rule.get("apps", ["*"]))
        owned = any(fnmatchcase(owner, glob) for glob in rule.get("owners", ["*"]))
        if kind in rule.get("kinds", [kind]) and named and owned and hours > HOURS[rule["older_than"]]:
            return number
    return None


def filled(account: Account, sessions: list[tuple[str, str, str, int]]) -> None:
    account.sessions.clear()
    account.requests.clear()
    for number, (kind, app, owner, hours) in enumerate(sessions):
        account.add(kind, f"s{number}", hours=hours, app_name=app, owner=owner)


@pytest.fixture(name="account", scope="module")
def an_account():
    with Account() as account:
        yield account


@DRAWN
@given(SESSIONS, RULES)
def test_each_session_is_decided_by_the_first_rule_that_matches_and_a_protected_one_by_none(account, sessions, drawn):
    filled(account, sessions)
    result, _warnings = run(account, True, policies=whole(drawn), task_activity="ignore", **PROTECTED)
    ending = {one["id"]: one["policy"] for one in result["sessions"]}
    kept = {one["id"]: (one["reason"], one["policy"]) for one in result["kept"]}
    kinds = {kind for rule in drawn for kind in rule.get("kinds", ["webui", "task"])}
    listed = {number: session for number, session in enumerate(sessions) if session[0] in kinds}
    assert set(ending) | set(kept) == {f"s{number}" for number in listed}
    assert not set(ending) & set(kept)
    for number, session in listed.items():
        rule, name = decided(session, drawn), f"s{number}"
        if rule is not None and drawn[rule]["action"] == "end":
            assert ending[name] == f"rule {rule}"
        elif rule is not None:
            assert kept[name] == ("policy", f"rule {rule}")
        else:
            assert kept[name][0] == ("protected" if session[2].startswith("boss") else kept[name][0])
            assert kept[name][0] in ("protected", "too_young", "not_selected")
    told = {one["name"]: one["matched"] for one in result["policies"]}
    every = [decided(session, drawn) for session in sessions]
    assert told == {f"rule {number}": every.count(number) for number in range(len(drawn))}


MARGIN = 12
"""Hours: a time without a zone may be so much earlier or later."""


def ended_by(session: tuple[str, str, str, int, bool], drawn: list[dict[str, Any]]) -> Optional[int]:
    """Which rule ends a session, by its words alone; None: none, also where a rule before may mean it or not."""
    *plain, zoned = session
    off = 0 if zoned else MARGIN
    for number, rule in enumerate(drawn):
        limit = HOURS[rule["older_than"]]
        if plain[3] + off > limit and decided((*plain[:3], 1_000), [rule]) == 0:
            return number if rule["action"] == "end" and plain[3] - off > limit else None
    return None


EVERY = list(product(["webui"], ["A", "C"], ["ann@ROOT", "boss@ROOT"], [1, 8, 17, 21, 40], [False, True]))
LATE, SOON = {"action": "end", "older_than": "20h"}, {"action": "end", "older_than": "3h"}


@pytest.mark.parametrize(
    "drawn",
    [
        [LATE, SOON],
        [{**LATE, "apps": ["A"]}, SOON],
        [{**LATE, "owners": ["ann@*"]}, {**SOON, "apps": ["A*"]}, {**SOON, "older_than": "10h"}],
        [SOON, {**SOON, "older_than": "30m"}],
        [{**LATE, "apps": ["A"]}, {**LATE, "action": "keep"}, SOON],
    ],
)
def test_what_a_rule_above_may_mean_or_not_no_rule_below_ends(account, drawn):
    sessions = EVERY
    filled(account, [session[:4] for session in sessions])
    for number, (kind, *_rest, zoned) in enumerate(sessions):
        record = account.sessions[kind, f"s{number}"]
        record.update(created_at=record["created_at"].rstrip("" if zoned else "Z"))
    given = {"policies": whole(drawn), "max_sessions": None, "task_activity": "ignore", **PROTECTED}
    result, _warnings = run(account, **given)
    by_rule = [ended_by(session, drawn) for session in sessions]
    expected = {f"s{number}": f"rule {rule}" for number, rule in enumerate(by_rule) if rule is not None}
    assert {one["id"]: one["policy"] for one in result["sessions"]} == expected
    assert {one.split("/")[1] for one in account.changes()} == set(expected)
    for one in result["kept"]:
        assert (one["reason"] == "policy") == bool((one["policy"] and "certain" in one["msg"]) or keeping(one, drawn))


def keeping(kept: dict[str, Any], drawn: list[dict[str, Any]]) -> bool:
    """Whether the rule whose name a kept session has is one that keeps."""
    return bool(kept["policy"]) and drawn[int(kept["policy"].split()[1])]["action"] == "keep"


@DRAWN
@given(SESSIONS, RULES, RULE)
def test_a_rule_below_takes_nothing_from_those_above(account, sessions, drawn, added):
    filled(account, sessions)
    given = {"task_activity": "ignore", **PROTECTED}
    before, _warnings = run(account, True, policies=whole(drawn), **given)
    after, _warnings = run(account, True, policies=whole([*drawn, added]), **given)
    ended = {one["id"]: one["policy"] for one in before["sessions"]}
    assert ended.items() <= {one["id"]: one["policy"] for one in after["sessions"]}.items()
    held = {one["id"] for one in before["kept"] if one["reason"] in ("policy", "protected")}
    assert not held & {one["id"] for one in after["sessions"]}


@DRAWN
@given(SESSIONS, RULES, st.integers(0, 3), st.integers(0, 3))
def test_a_limit_of_one_rule_stops_the_whole_run_before_any_change(account, sessions, drawn, limited, most):
    filled(account, sessions)
    rules = whole(drawn)
    number = limited % len(rules)
    if rules[number]["action"] == "keep":
        rules[number].update(action="end")
        drawn = [*drawn[:number], {**drawn[number], "action": "end"}, *drawn[number + 1 :]]
    rules[number]["max_sessions"] = most
    given = {"policies": rules, "task_activity": "ignore", **PROTECTED}
    if sum(decided(session, drawn) == number for session in sessions) > most:
        with pytest.raises(RefusedError, match=f"policy 'rule {number}': ") as caught:
            run(account, **given)
        assert account.changes() == []
        assert {one["result"] for one in caught.value.result["sessions"]} == {"not_tried"}
    else:
        result, _warnings = run(account, **given)
        assert len(account.changes()) == len(result["sessions"])

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rule keeps, what is odd about rules, and which reason is told. Proves rules 18 and 24."""

from __future__ import annotations

from dataclasses import replace
from datetime import timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.rules.policies import Policy, most_telling, notes, wide
from ansible_collections.aimms.cloud.plugins.module_utils.rules.windows import Window
from ansible_collections.aimms.cloud.plugins.module_utils.selection import Criteria, reason_to_keep
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Clock, Instant

HOUR = 3600
NOW = 1753358400.0  # 2025-07-24T12:00:00Z
CLOCK = Clock(NOW, NOW)
SESSION = Session("s1", "webui", "running", "Planner", "1.0", "ann@ROOT", created_at=Instant(NOW - 9 * HOUR))


def rule(name="a", keep=False, window=None, options=None, **asked):
    return Policy(name, keep, Criteria(**asked), window=window, options=options or {})


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ({}, True),
        ({"kinds": ("task",)}, False),
        ({"session_ids": ("s1",)}, True),
        ({"session_ids": ("s2",)}, False),
        ({"states": ("queued",)}, False),
        ({"apps": ("plan*",)}, True),
        ({"apps": ("other",)}, False),
        ({"app_versions": ("2.*",)}, False),
        ({"owners": ("ann@*",), "apps": ("Planner",)}, True),
        ({"owners": ("ann@*",), "apps": ("other",)}, False),
        ({"older_than": 8 * HOUR}, True),
        ({"older_than": 10 * HOUR}, False),
        ({"newer_than": 10 * HOUR}, True),
        ({"newer_than": 8 * HOUR}, False),
    ],
)
def test_a_rule_keeps_what_all_of_its_criteria_match(asked, kept):
    assert rule(keep=True, **asked).keeps(SESSION, CLOCK) is kept
    assert rule(keep=False, **asked).keeps(SESSION, CLOCK) is False


UNTOLD = pytest.mark.parametrize(
    ("asked", "untold"),
    [
        ({"apps": ("other",)}, {"app_name": None}),
        ({"owners": ("bob@*",)}, {"owner": None}),
        ({"app_versions": ("2.*",)}, {"app_version": None}),
        ({"states": ("queued",)}, {"state": ""}),
        ({"older_than": 10 * HOUR}, {"created_at": None}),
        ({"older_than": 10 * HOUR}, {"created_at": Instant(NOW - 11 * HOUR, assumed_utc=True)}),
        ({"older_than": 10 * HOUR}, {"created_at": Instant(NOW + HOUR, assumed_utc=True)}),
        ({"newer_than": HOUR}, {"created_at": None}),
        ({"newer_than": HOUR}, {"created_at": Instant(NOW + HOUR)}),
        ({"newer_than": HOUR}, {"created_at": Instant(NOW - 2 * HOUR, assumed_utc=True)}),
    ],
)


@UNTOLD
def test_what_is_not_told_or_not_certain_may_be_what_a_rule_keeps(asked, untold):
    assert not rule(keep=True, **asked).keeps(SESSION, CLOCK)
    assert rule(keep=True, **asked).keeps(replace(SESSION, **untold), CLOCK)


@UNTOLD
def test_what_is_not_told_or_not_certain_may_be_what_a_rule_ends(asked, untold):
    assert not rule(**asked).in_doubt(SESSION, CLOCK)
    assert rule(**asked).in_doubt(replace(SESSION, **untold), CLOCK)
    assert not rule(keep=True, **asked).in_doubt(replace(SESSION, **untold), CLOCK)


@pytest.mark.parametrize(
    ("asked", "told", "doubt"),
    [
        ({"quiet_for": 10 * HOUR}, {}, False),
        ({"quiet_for": 8 * HOUR}, {}, False),  # what its log tells is no doubt
        ({"quiet_for": 10 * HOUR}, {"created_at": None}, True),
        ({"quiet_for": 10 * HOUR}, {"created_at": Instant(NOW - 11 * HOUR, assumed_utc=True)}, True),
        ({"keep_versions": 1, "older_than": 10 * HOUR}, {"created_at": None}, False),  # its version is in use
        ({"keep_versions": 1}, {"app_version": None}, True),
        ({"older_than": HOUR}, {"state": "queued", "scheduled_for": Instant(NOW + HOUR)}, False),
        ({"older_than": 10 * HOUR}, {"kind": "external", "created_at": None}, False),
        ({"older_than": 10 * HOUR, "kinds": ("external",)}, {"kind": "external", "created_at": None}, True),
        ({"older_than": 10 * HOUR, "apps": ("other",)}, {"created_at": None}, False),
        ({}, {"kind": "other"}, False),
    ],
)
def test_only_what_nobody_can_know_of_a_session_is_a_doubt(asked, told, doubt):
    assert rule(**asked).in_doubt(replace(SESSION, **told), CLOCK) is doubt


def test_to_end_two_clocks_that_differ_about_the_age_or_the_part_of_the_day_are_a_doubt():
    between = Clock(NOW, NOW + 2 * HOUR)
    assert rule(older_than=10 * HOUR).in_doubt(SESSION, between)
    assert not rule(older_than=12 * HOUR).in_doubt(SESSION, between)
    assert not rule(older_than=8 * HOUR).in_doubt(SESSION, between)
    for clock, doubt in ((CLOCK, False), (Clock(NOW + HOUR, NOW), True), (Clock(NOW + HOUR, NOW + HOUR), False)):
        assert rule(window=WINDOW, older_than=8 * HOUR).in_doubt(SESSION, clock) is doubt


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ({"older_than": 10 * HOUR}, True),
        ({"older_than": 12 * HOUR}, False),
        ({"newer_than": 10 * HOUR}, True),
        ({"newer_than": 8 * HOUR}, False),
    ],
)
def test_to_keep_one_of_two_clocks_is_enough(asked, kept):
    for clock in (Clock(NOW + 2 * HOUR, NOW), Clock(NOW, NOW + 2 * HOUR)):
        assert rule(keep=True, **asked).keeps(SESSION, clock) is kept


WINDOW = Window(13 * 60, 14 * 60, timezone.utc)


def test_to_end_both_clocks_must_say_that_it_is_the_part_of_the_day_and_to_keep_one():
    for clock, to_end, to_keep in (
        (CLOCK, False, False),
        (Clock(NOW + HOUR, NOW), False, True),
        (Clock(NOW, NOW + HOUR), False, True),
        (Clock(NOW + HOUR, NOW + HOUR + 60), True, True),
        (Clock(None, NOW + HOUR), True, True),
    ):
        assert rule(window=WINDOW).in_force(clock) is to_end
        assert rule(window=WINDOW, keep=True).in_force(clock) is to_keep
        assert rule(window=WINDOW, keep=True).keeps(SESSION, clock) is to_keep
    assert rule().in_force(CLOCK)


@pytest.mark.parametrize(
    ("above", "below", "reached"),
    [
        ({}, {"apps": ("A",)}, False),
        ({"apps": ("a*",)}, {"apps": ("A-1", "a*")}, False),
        ({"apps": ("a?",)}, {"apps": ("a*",)}, True),
        ({"apps": ("A",)}, {}, True),
        ({"apps": ("A",), "owners": ("x",)}, {"apps": ("A",)}, True),
        ({"older_than": 60}, {"older_than": 61}, False),
        ({"older_than": 60}, {"older_than": 59}, True),
        ({"older_than": 60}, {"older_than": 61, "age_from": "started"}, True),
        ({"newer_than": 60}, {"newer_than": 59}, False),
        ({"newer_than": 60}, {"newer_than": 61}, True),
        ({"newer_than": 60}, {}, True),
        ({"quiet_for": 60}, {"older_than": 60}, True),
        ({"kinds": ("webui",)}, {"kinds": ("webui",), "apps": ("A",)}, False),
        ({"kinds": ("webui",)}, {"apps": ("A",)}, True),
        ({}, {"kinds": ("external",)}, True),
        ({"session_ids": ("a", "b")}, {"session_ids": ("b",)}, False),
        ({"states": ("queued",)}, {"states": ("running",)}, True),
        ({"keep_versions": 1}, {"keep_versions": 2}, False),
        ({"window": WINDOW}, {"apps": ("A",)}, True),
        ({"window": WINDOW}, {"window": WINDOW}, False),
        ({"options": {"interrupt_tasks": "solve"}}, {"options": {"interrupt_tasks": "never"}}, True),
    ],
)
def test_a_rule_that_is_never_reached_is_told(above, below, reached):
    told = notes([rule("above", **above), rule("below", **below)])
    assert told["above"] == []
    assert told["below"] == ([] if reached else ["It is never reached: 'above' above decides all that it matches."])


def test_a_contradiction_is_told():
    keeping = [rule("k", keep=True, apps=("A",)), rule("e", apps=("A",), older_than=60)]
    assert notes(keeping)["e"] == ["It contradicts 'k' above, which keeps all that it matches: it is never reached."]
    ending = [rule("e", apps=("A",)), rule("k", keep=True, apps=("A",))]
    assert notes(ending)["k"] == ["It contradicts 'e' above, which ends all that it matches: it is never reached."]


def test_a_rule_that_can_match_nothing_is_told():
    assert "matches nothing" in notes([rule(older_than=60, newer_than=60)])["a"][0]
    assert "matches nothing" in notes([rule(states=("completed", "failed"))])["a"][0]
    assert notes([rule(states=("completed", "running"), older_than=60, newer_than=61)])["a"] == []


def test_the_reason_that_tells_most_is_told():
    assert most_telling([("not_selected", "a"), ("too_young", "b"), ("recent_log", "c")]) == ("recent_log", "c")
    assert most_telling([("too_young", "a"), ("too_young", "b")]) == ("too_young", "a")
    assert most_telling([("too_young", "a"), ("protected", "b")]) == ("protected", None)
    assert most_telling([("unknown_kind", "a"), ("not_selected", "b")]) == ("unknown_kind", "a")
    assert most_telling([("not_selected", "a")]) == ("not_selected", None)


NAMES = st.sampled_from([None, ("a",), ("a*",), ("ab", "b"), ("*",)])
AGES = st.sampled_from([None, 0, HOUR, 5 * HOUR, 10 * HOUR])
CRITERIA = st.builds(
    dict,
    kinds=st.sampled_from([None, ("webui",), ("task", "webui"), ("external",)]),
    apps=NAMES,
    owners=NAMES,
    older_than=AGES,
    newer_than=AGES,
    states=st.sampled_from([None, ("running",), ("running", "queued")]),
)
SESSIONS = st.builds(
    lambda kind, app, owner, age, state: Session(
        "s", kind, state, app, "1", owner, created_at=Instant(NOW - age * HOUR)
    ),
    st.sampled_from(["webui", "task", "external"]),
    st.sampled_from(["a", "ab", "b", "c"]),
    st.sampled_from(["a", "ab", "b", "c"]),
    st.sampled_from([0.5, 2, 7, 11]),
    st.sampled_from(["running", "queued"]),
)


@given(CRITERIA, CRITERIA, SESSIONS, st.booleans())
def test_what_is_told_to_be_never_reached_never_is(first, second, session, keep):
    above, below = rule("above", keep=keep, **first), rule("below", **second)
    told = any("never reached" in text for text in notes([above, below])["below"])
    if told and reason_to_keep(session, below.criteria, CLOCK) is None:
        has_it = above.keeps(session, CLOCK) if keep else reason_to_keep(session, above.criteria, CLOCK) is None
        assert has_it


@given(st.lists(CRITERIA, min_size=1, max_size=3), SESSIONS)
def test_the_wide_criteria_ask_for_what_each_rule_asks(asked, session):
    every = [rule(str(number), **one) for number, one in enumerate(asked)]
    if any(reason_to_keep(session, one.criteria, CLOCK) is None for one in every):
        assert reason_to_keep(session, wide(every, Criteria()), CLOCK) is None


def test_what_a_rule_needs_to_know_is_asked_for():
    asked = wide([rule(keep_versions=1), rule(owners=("x",), age_from="started", quiet_for=3)], Criteria())
    told = (asked.apps, asked.app_versions, asked.owners, asked.older_than, asked.age_from)
    assert told == (("*",), ("*",), ("*",), 0, "started")

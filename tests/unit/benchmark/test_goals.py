# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the benchmark judges: figures pair by pair, all of a figure's values, and what a quick run still refuses."""

from __future__ import annotations

from math import nan

import pytest

from ansible_collections.aimms.cloud.tests.benchmark.goals import (
    COUNT,
    GOALS,
    MET,
    MISSED,
    SHAPE,
    TIME,
    TOO_NOISY,
    Goal,
    judged,
)
from ansible_collections.aimms.cloud.tests.benchmark.measure import Contender, Measured, Spread, in_turn
from ansible_collections.aimms.cloud.tests.benchmark.stopwatch import Sample

OF_PERFORMANCE = {*map(str, range(1, 10)), "12"}


def measured(*pairs):
    rounds = [{"ours": Sample(ours), "theirs": Sample(theirs)} for ours, theirs in pairs]
    return Measured("a case", rounds=rounds)


def goal(kind=TIME, **bound):
    return Goal("1", "a case", "a name", "ours / theirs", lambda of: of.ratio("ours", "theirs"), kind=kind, **bound)


def test_every_goal_has_a_bounded_figure():
    assert {one.number for one in GOALS if one.bound} - {"0"} == OF_PERFORMANCE


def test_a_ratio_is_taken_pair_by_pair():
    assert measured((2, 1), (30, 10), (4, 4)).ratio("ours", "theirs").values == [2, 3, 1]


@pytest.mark.parametrize(
    ("values", "bounds", "outcome"),
    [
        ([1.2, 1.3, 1.5], {"high": 1.5}, MET),
        ([1.6, 1.7, 1.8], {"high": 1.5}, MISSED),
        ([1.4, 1.6, 1.7], {"high": 1.5}, TOO_NOISY),
        ([1.3, 1.4, 1.6], {"high": 1.5}, TOO_NOISY),
        ([30, 40, 50], {"low": 20}, MET),
        ([10, 15, 19], {"low": 20}, MISSED),
        ([-0.74, 1.5], {"low": 0.8, "high": 1.2}, TOO_NOISY),
        ([0.1, 0.2], {"low": 0.8, "high": 1.2}, MISSED),
        ([5], {}, MET),
    ],
)
def test_a_goal_is_missed_only_when_all_values_say_so(values, bounds, outcome):
    assert goal(**bounds).outcome(Spread(values)) == outcome


def test_a_figure_that_could_not_be_had_is_missed():
    assert goal(high=2).outcome(Spread([])) == MISSED
    assert goal(SHAPE).outcome(Spread([nan]), quick=True) == MISSED


@pytest.mark.parametrize(
    ("kind", "value", "outcome"),
    [
        (TIME, 99, MET),
        (TIME, 101, MISSED),
        (TIME, -1, MISSED),
        (COUNT, 2, MET),
        (COUNT, 2.1, MISSED),
        (SHAPE, -1, MET),
    ],
)
def test_a_quick_run_refuses_what_cannot_be_true(kind, value, outcome):
    assert goal(kind, high=2).outcome(Spread([value]), quick=True) == outcome


def test_only_cases_that_were_run_are_judged():
    assert judged({}, quick=False) == []


def test_contenders_run_in_turn_and_long_ones_only_twice():
    order = []

    def contender(name, seconds):
        return Contender(name, name, lambda: order.append(name) or Sample(seconds))

    found = in_turn(Measured("m"), [contender("a", 1), contender("b", 31)], rounds=4, tell=lambda _text: None)
    assert "".join(order) == "ababaa"
    assert found.seconds("b").values == [31, 31]
    assert found.ratio("a", "b").values == [1 / 31, 1 / 31]

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the benchmark judges: figures pair by pair, bounds by the median, and what a quick run still refuses."""

from __future__ import annotations

from math import nan

import pytest

from ansible_collections.aimms.cloud.tests.benchmark.goals import COUNT, GOALS, SHAPE, TIME, Goal, judged
from ansible_collections.aimms.cloud.tests.benchmark.measure import Contender, Measured, Spread, in_turn
from ansible_collections.aimms.cloud.tests.benchmark.stopwatch import Sample

OF_PERFORMANCE = {str(number) for number in range(1, 9)}


def measured(*pairs):
    rounds = [{"ours": Sample(ours), "theirs": Sample(theirs)} for ours, theirs in pairs]
    return Measured("a case", rounds=rounds)


def goal(kind=TIME, **bound):
    return Goal("1", "a case", "a name", "ours / theirs", lambda of: of.ratio("ours", "theirs"), kind=kind, **bound)


def test_every_goal_has_a_bounded_figure():
    assert {one.number for one in GOALS if one.bound} - {"0"} == OF_PERFORMANCE


def test_a_ratio_is_taken_pair_by_pair():
    assert measured((2, 1), (30, 10), (4, 4)).ratio("ours", "theirs").values == [2, 3, 1]


def test_the_median_is_held_against_the_bound():
    spread = measured((2, 1), (30, 10), (4, 4)).ratio("ours", "theirs")
    assert goal(high=2).met(spread)
    assert not goal(high=1.9).met(spread)
    assert not goal(low=2.1).met(spread)


def test_a_figure_that_could_not_be_had_is_missed():
    assert not goal(high=2).met(Spread([]))
    assert not goal(SHAPE).met(Spread([nan]), quick=True)


@pytest.mark.parametrize(
    ("kind", "value", "met"),
    [(TIME, 99, True), (TIME, 101, False), (TIME, -1, False), (COUNT, 2, True), (COUNT, 2.1, False), (SHAPE, -1, True)],
)
def test_a_quick_run_refuses_what_cannot_be_true(kind, value, met):
    assert goal(kind, high=2).met(Spread([value]), quick=True) is met


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

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The figures of charts: widths of bars, and lines through the runs that tell a number."""

from __future__ import annotations

import re

import pytest

from ansible_collections.aimms.cloud.plugins.plugin_utils.overview import overview
from ansible_collections.aimms.cloud.plugins.plugin_utils.page_parts.charts import (
    HEIGHT,
    WIDTH,
    bar_charts,
    line_charts,
)
from ansible_collections.aimms.cloud.tests.unit.plugins.plugin_utils import page_samples as samples


def runs(*running, **more):
    return [
        {"at": f"2026-03-{day:02}T00:00:00Z", "running": number, "stale": None, "ended": None, "freed": None, **more}
        for day, number in enumerate(running, 1)
    ]


def chart(sessions, key):
    return next(one for one in bar_charts(overview(sessions)) if one["key"] == key)


def test_the_rest_of_many_has_a_bar_to_the_same_scale():
    owners = [samples.session(number, 9, owner=f"u{number:03}") for number in range(20)]
    found = chart([*owners, samples.session(99, 9, owner="u000")], "by-owner")
    assert [one["name"] for one in found["bars"]] == [*(f"u{number:03}" for number in range(7)), "13 others"]
    assert found["names"] == [*(f"u{number:03}" for number in range(7)), None]
    assert [one["width"] for one in found["bars"]] == pytest.approx([100 * 2 / 13, *[100 / 13] * 6, 100], abs=0.01)
    assert (len(found["numbers"]), found["all"]) == (20, 20)


def test_eight_bars_need_no_rest():
    found = chart([samples.session(number, 9, owner=f"u{number}") for number in range(8)], "by-owner")
    assert (len(found["bars"]), None in found["names"]) == (8, False)


def test_a_line_goes_through_the_runs_at_their_times():
    (found,) = line_charts(runs(0, 5, None, 10, ended=0))
    running = next(one for one in found["lines"] if one["name"] == "running")
    points = [tuple(map(float, pair)) for pair in re.findall(r"[ML]([\d.]+) ([\d.]+)", running["path"])]
    assert points[:2] == [(0, HEIGHT), (pytest.approx(WIDTH / 3, abs=0.1), HEIGHT / 2)]
    assert points[2:] == [(WIDTH, 0)] * 2  # between two gaps: a dot
    assert running["path"].count("M") == 2
    assert (found["most"], found["begin"], found["end"]) == (10, "2026-03-01T00:00:00Z", "2026-03-04T00:00:00Z")


@pytest.mark.parametrize("numbers", [(), (1,), (None, None), (None, 3, None)])
def test_less_than_two_runs_make_no_line(numbers):
    assert line_charts(runs(*numbers)) == []


def test_nothing_at_all_is_a_line_at_the_bottom():
    (found,) = line_charts(runs(0, 0))
    assert f"M0.0 {HEIGHT}.0L{WIDTH}.0 {HEIGHT}.0" in [one["path"] for one in found["lines"]]


def test_another_unit_has_a_chart_of_its_own():
    assert [one["key"] for one in line_charts(runs(1, 2, freed=0.5))] == ["lines-running", "lines-freed"]

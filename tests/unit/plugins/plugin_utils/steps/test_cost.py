# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was used and stopped, in rows and lines; what the service does not tell is left out."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.plugin_utils.role_variables import file_stem
from ansible_collections.aimms.cloud.plugins.plugin_utils.steps.cost import (
    cost_lines,
    cost_rows,
    path_of_costs,
    queue_lines,
    stopped,
    stopped_lines,
)

COSTS = {
    "gb_hours": 12.5, "sessions": 3, "of": 7, "by_app": [{"name": "Crew", "gb_hours": 12.5, "sessions": 3}],
    "by_owner": [], "by_environment": [], "by_month": [{"name": None, "gb_hours": 12.5, "sessions": 3}],
}  # fmt: skip


@pytest.mark.parametrize(
    ("ended", "rate", "told"),
    [
        ([], None, 0),
        ([{"gb_hours": 6.0, "run_seconds": 7200}], 3, 1),
        ([{"gb_hours": 6.0, "run_seconds": 7200}, {"gb_hours": 1, "run_seconds": 3600}, {}], 4, 2),
        ([{"gb_hours": 0, "run_seconds": 3600}], 0, 1),
        ([{"gb_hours": None, "run_seconds": 7200}, {"gb_hours": 6.0}, {"gb_hours": 6.0, "run_seconds": 0}], None, 0),
        ([{"gb_hours": "6", "run_seconds": 7200}], None, 0),
    ],
)
def test_what_ended_sessions_used_in_an_hour_is_told_by_both_figures_or_not_at_all(ended, rate, told):
    assert stopped(ended) == {"gb_hours_per_hour": rate, "sessions": told, "of": len(ended)}


def test_the_rows_begin_with_the_whole():
    assert cost_rows(COSTS) == [
        {"group": "all", "name": None, "gb_hours": 12.5, "sessions": 3},
        {"group": "app", "name": "Crew", "gb_hours": 12.5, "sessions": 3},
        {"group": "month", "name": None, "gb_hours": 12.5, "sessions": 3},
    ]
    assert cost_rows(None) == []


def test_lines_say_of_how_many_sessions_a_figure_is():
    assert cost_lines(COSTS) == ["12.50 GbHour used, known for 3 of 7 sessions"]
    assert stopped_lines(stopped([{"gb_hours": 6.0, "run_seconds": 7200}, {}])) == [
        "3.00 GbHour per hour freed (known for 1 of 2)"
    ]
    assert queue_lines({"sessions": 2, "longest_wait_seconds": 90}) == ["2 wait in the queue, the longest for 90 s"]
    assert queue_lines({"sessions": 2, "longest_wait_seconds": None}) == ["2 wait in the queue"]


def test_what_is_not_told_has_no_line():
    assert cost_lines(None) == cost_lines({**COSTS, "gb_hours": None}) == []
    assert stopped_lines(stopped([])) == queue_lines({"sessions": 0, "longest_wait_seconds": None}) == []


def test_the_file_of_the_costs_lies_beside_that_of_the_sessions():
    assert path_of_costs("/reports/acme.csv") == "/reports/acme+costs.csv"


@pytest.mark.parametrize("host", ["acme+costs", "acme-costs", "acme.costs", "acme+costs.csv", "acme costs"])
def test_the_file_of_the_costs_is_no_other_hosts_file(host):
    assert f"/reports/{file_stem(host)}.csv" != path_of_costs("/reports/acme.csv")

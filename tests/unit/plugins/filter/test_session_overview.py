# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter session_overview, as templates call it."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.tests.unit.plugins.filter.filter_call import (
    ODD,
    call,
    ends_in_its_own_error,
    odd_records,
)
from ansible_collections.aimms.cloud.tests.unit.plugins.plugin_utils import page_samples as samples

errors = pytest.importorskip("ansible.errors", reason="filters run on controllers only")


def test_sessions_become_figures():
    sessions = [samples.session(0, 9 * samples.HOUR), samples.session(1, 7 * samples.HOUR)]
    figures = call("session_overview", sessions, stale_after="8h", cleanup={})
    assert (figures["running"], figures["stale"], figures["stale_after"]) == (2, 1, "8h")
    assert [one["id"] for one in figures["sessions"]] == [one["id"] for one in sessions]
    assert figures["cleanup"] is None


def test_a_day_makes_stale_where_nothing_else_is_said_and_half_a_day_is_allowed_for_times_without_a_zone():
    sessions = [samples.session(number, age * samples.HOUR) for number, age in enumerate((23, 25, 35, 37))]
    assert [call("session_overview", sessions, assumed=assumed)["stale"] for assumed in (False, True)] == [3, 1]


def test_a_report_of_a_clean_up_tells_what_it_did_with_each():
    running = samples.sessions(3)
    figures = call("session_overview", running, cleanup=samples.cleanup(running))
    assert figures["cleanup"]["counts"]["kept"] == 2
    assert {one["id"] for one in figures["sessions"] if one["cleanup"]} == {running[0]["id"], running[2]["id"]}


@pytest.mark.parametrize(
    ("sessions", "options", "said"),
    [
        (["x"], {}, "These are no records of sessions"),
        ([], {"stale_after": 24}, "stale_after: '24' has no unit"),
        ([], {"stale_after": "soon"}, "stale_after: 'soon' is not a duration"),
        ([], {"cleanup": {"planned": []}}, "cleanup: this is no report of the role stale_session_cleanup"),
    ],
)
def test_what_cannot_be_used_is_refused_by_the_filter_s_name(sessions, options, said):
    with pytest.raises(errors.AnsibleFilterError, match=f"session_overview: {said}") as caught:
        call("session_overview", sessions, **options)
    assert caught.value.__cause__ is None


def test_whatever_is_given_ends_in_its_own_error_or_in_figures():
    one = samples.session(1, 9 * samples.HOUR)
    for given in (*ODD, *([value] for value in ODD), *([record] for record in odd_records(one))):
        ends_in_its_own_error("session_overview", given)
    for value in ODD:
        for option in ("stale_after", "assumed", "cleanup"):
            ends_in_its_own_error("session_overview", [one], **{option: value})

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What waits and what was used: of all that was listed, each session once, and only what the service tells."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.sessions.figures import BY, Figures
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Clock

NOW = 1_795_521_600.0  # 2026-11-24
CLOCK = Clock(NOW, NOW + 5)


def record(number=0, **values):
    at = {"created_at": "2026-11-23T12:00:00Z", "kind": "webui", "state": "finished", "app_name": "Crew"}
    return Session.from_record({"id": f"s{number}", "owner": "jdoe@ROOT", **at, **values}, "webui")


def figures(*sessions, costs=True):
    made = Figures(costs=costs)
    for session in sessions:
        assert made.see(session) is session
    return made


@pytest.mark.parametrize(
    ("sessions", "waiting", "longest"),
    [
        ([], 0, None),
        ([{"state": "running"}], 0, None),
        ([{"state": "queued"}], 1, 86400),
        ([{"state": "QUEUED"}, {"state": "queued", "created_at": "2026-11-24T11:00:00Z"}], 2, 86400),
        ([{"state": "queued", "created_at": None}], 1, None),
        ([{"state": "queued", "created_at": "2026-12-24T11:00:00Z"}], 1, None),
        ([{"state": "queued", "scheduledFor": "2026-11-25T00:00:00Z"}], 0, None),
        ([{"state": "queued", "scheduledFor": "2026-11-24T11:59:00Z"}], 1, 60),
    ],
)
def test_the_queue_has_what_waits_and_not_on_purpose(sessions, waiting, longest):
    made = figures(*(record(number, **values) for number, values in enumerate(sessions)))
    assert made.queue(CLOCK) == {"sessions": waiting, "longest_wait_seconds": longest}


def test_a_session_that_is_listed_again_counts_once_as_it_was_seen_last():
    made = figures(record(state="queued", gb_hour=1), record(state="queued", gb_hour=2))
    assert made.queue(CLOCK)["sessions"] == 1
    assert made.costs(1)["gb_hours"] == 2


def test_the_sums_are_by_app_owner_environment_and_month():
    made = figures(
        record(1, gb_hour=1.5), record(2, gb_hour="0.25", app_name="Net", owner="ann@EMEA"),
        record(3, gb_hour=None), record(4), record(5, gb_hour=0, created_at="2026-10-31T23:59:59Z", app_name=None),
    )  # fmt: skip
    assert made.costs(5) == {
        "gb_hours": 1.75, "sessions": 3, "of": 5,
        "by_app": [{"name": "Crew", "gb_hours": 1.5, "sessions": 1}, {"name": "Net", "gb_hours": 0.25, "sessions": 1},
                   {"name": None, "gb_hours": 0, "sessions": 1}],
        "by_owner": [{"name": "jdoe@ROOT", "gb_hours": 1.5, "sessions": 2},
                     {"name": "ann@EMEA", "gb_hours": 0.25, "sessions": 1}],
        "by_environment": [{"name": "ROOT", "gb_hours": 1.5, "sessions": 2},
                           {"name": "EMEA", "gb_hours": 0.25, "sessions": 1}],
        "by_month": [{"name": "2026-11", "gb_hours": 1.75, "sessions": 2},
                     {"name": "2026-10", "gb_hours": 0, "sessions": 1}],
    }  # fmt: skip


def test_nothing_told_is_null_and_not_nought():
    assert figures(record(1), record(2, gb_hour="much")).costs(2) == {
        "gb_hours": None, "sessions": 0, "of": 2, **{name: [] for name in BY},
    }  # fmt: skip


def test_costs_that_nobody_wants_are_not_kept():
    assert figures(record(1, gb_hour=1), costs=False).costs(1)["sessions"] == 0


@given(
    st.lists(
        st.tuples(
            st.integers(0, 9), st.none() | st.integers(0, 10**6), st.sampled_from(["Crew", "Net", None]),
            st.sampled_from(["a@ROOT", "a@EMEA", None]),
        ),
        max_size=20,
    )
)  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_each_grouping_has_the_whole_sum(rows):
    sessions = [
        record(number, gb_hour=used and used / 1000, app_name=app, owner=owner) for number, used, app, owner in rows
    ]
    costs = figures(*sessions).costs(len(rows))
    last = {number: used for number, used, _app, _owner in rows if used is not None}
    assert costs["sessions"] == len(last)
    exact = sum(Fraction(used, 1000) for used in last.values())
    assert (costs["gb_hours"] or 0) == pytest.approx(float(exact))
    for name in BY:
        assert sum(one["sessions"] for one in costs[name]) == len(last)
        assert sum(one["gb_hours"] for one in costs[name]) == pytest.approx(float(exact))
        assert len({one["name"] for one in costs[name]}) == len(costs[name])

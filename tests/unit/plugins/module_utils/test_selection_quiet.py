# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Silence and end as criteria: what the record alone decides, and when the log must be asked. Proves rule 19."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.remarks import remarks
from ansible_collections.aimms.cloud.plugins.module_utils.selection import Criteria, decide, reason_to_keep
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Clock, Instant

HOUR, DAY = 3600, 86400
NOW = 1753358400.0
CLOCK = Clock(NOW, NOW)


def ago(seconds, **assumed):
    return None if seconds is None else Instant(NOW - seconds, **assumed)


def session(created=DAY, ended=None, started=None, state="running", kind="webui", name="s1"):
    times = {"created_at": ago(created), "started_at": ago(started), "ended_at": ago(ended)}
    return Session(name, kind, state, "Planner", "1.0", "ann@ROOT", **times)


@pytest.mark.parametrize(
    ("criteria", "ended", "expected"),
    [
        (Criteria(), None, None),
        (Criteria(quiet_for=HOUR), None, HOUR),
        (Criteria(ended_before=DAY), 2 * DAY, None),
        (Criteria(ended_before=DAY), None, DAY),
        (Criteria(ended_before=DAY, quiet_for=2 * DAY), None, 2 * DAY),
        (Criteria(ended_before=DAY, quiet_for=HOUR), None, DAY),
        (Criteria(ended_before=DAY, quiet_for=HOUR), 2 * DAY, HOUR),
    ],
)
def test_how_long_the_log_must_have_been_silent(criteria, ended, expected):
    assert criteria.required_quiet(session(ended=ended)) == expected


@pytest.mark.parametrize(
    ("created", "expected"),
    [(2 * HOUR, None), (HOUR - 1, "recent_log"), (None, "no_reliable_time"), (-60, "no_reliable_time")],
)
def test_what_was_just_created_was_not_silent(created, expected):
    assert reason_to_keep(session(created), Criteria(quiet_for=HOUR), CLOCK) == expected


@pytest.mark.parametrize(
    ("created", "ended", "expected"),
    [
        (9 * DAY, 8 * DAY, None),
        (9 * DAY, 6 * DAY, "too_young"),
        (6 * DAY, None, "too_young"),
        (9 * DAY, None, None),
        (9 * DAY, -60, "no_reliable_time"),
        (None, None, "no_reliable_time"),
        (None, 8 * DAY, None),
    ],
)
def test_what_ended_lately_or_may_have_is_kept(created, ended, expected):
    one = session(created, ended, state="completed")
    assert reason_to_keep(one, Criteria(ended_before=7 * DAY), CLOCK) == expected


@pytest.mark.parametrize("clock", [Clock(NOW - 2 * HOUR, NOW), Clock(NOW, NOW - 2 * HOUR), Clock(None, NOW)])
def test_both_clocks_must_agree_on_the_end_and_on_silence(clock):
    ended = session(9 * DAY, 7 * DAY + HOUR, state="completed")
    assert reason_to_keep(ended, Criteria(ended_before=7 * DAY), clock) is not None
    assert reason_to_keep(session(2 * HOUR), Criteria(quiet_for=HOUR), clock) is not None


def test_a_time_without_a_zone_needs_twelve_hours_to_spare():
    naive = Session("s1", "task", "completed", created_at=ago(9 * DAY), ended_at=ago(8 * DAY, assumed_utc=True))
    assert reason_to_keep(naive, Criteria(ended_before=7 * DAY + 11 * HOUR), CLOCK) is None
    assert reason_to_keep(naive, Criteria(ended_before=7 * DAY + 13 * HOUR), CLOCK) == "too_young"


def test_a_veto_keeps_just_that_session_of_that_kind():
    sessions = [session(name="a"), session(name="b"), session(name="a", kind="task")]
    decision = decide(sessions, Criteria(quiet_for=HOUR), CLOCK, vetoed={("webui", "a"): "why"})
    assert [(one.kind, one.id) for one in decision.selected] == [("webui", "b"), ("task", "a")]
    assert [(one.kind, one.id, reason) for one, reason in decision.kept] == [("webui", "a", "recent_log")]


def test_a_veto_does_not_count_as_one_that_frees_a_seat():
    sessions = [session(3 * HOUR, name="a"), session(2 * HOUR, name="b"), session(HOUR, name="c")]
    decision = decide(sessions, Criteria(), CLOCK, max_active=2, vetoed={("webui", "a")})
    assert [one.id for one in decision.selected] == ["b"]


def test_other_sessions_than_active_ones_can_be_eligible():
    sessions = [session(name="a"), session(name="b", state="completed"), session(name="c", state="hibernating")]
    decision = decide(sessions, Criteria(), CLOCK, eligible=lambda one: one.ended)
    assert [one.id for one in decision.selected] == ["b"]
    assert decision.kept == ()


def test_a_solve_that_waited_long_is_as_young_as_its_start():
    """Created three hours ago, started ten minutes ago."""
    waited = session(3 * HOUR, started=600, state="solving", kind="solve")
    assert reason_to_keep(waited, Criteria(older_than=HOUR), CLOCK) is None
    assert reason_to_keep(waited, Criteria(older_than=HOUR, age_from="started"), CLOCK) == "too_young"
    never = session(3 * HOUR, state="queued", kind="solve")
    assert reason_to_keep(never, Criteria(older_than=HOUR, age_from="started"), CLOCK) == "no_reliable_time"


def test_sessions_without_a_known_start_are_spoken_of_where_it_matters():
    sessions = [session(state="queued", name=name) for name in "ab"] + [
        session(started=HOUR),
        session(state="completed"),
    ]
    (said,) = remarks(sessions, Criteria(older_than=HOUR, age_from="started"), CLOCK)
    assert said.startswith("2 active sessions have no known start")
    assert remarks(sessions, Criteria(older_than=HOUR), CLOCK) == []
    assert remarks(sessions, Criteria(age_from="started"), CLOCK) == []


@pytest.mark.parametrize(
    ("created", "started", "ended", "expected"),
    [
        (50, 45, 40, None),
        (50, 20, 40, "no_reliable_time"),
        (20, 50, 40, "no_reliable_time"),
        (20, None, 40, "no_reliable_time"),
        (None, 20, 40, "no_reliable_time"),
        (50, 20, None, "too_young"),
        (50, 40, None, None),
        (None, 40, None, None),
        (None, None, 40, None),
        (40, 40, 40, None),
        (40 - 1 / 86400, None, 40, None),
        (40 - 1.5 / 86400, None, 40, "no_reliable_time"),
    ],
)
def test_an_end_is_the_latest_of_all_times_and_never_before_another_one(created, started, ended, expected):
    """All in days ago."""
    days = [None if one is None else one * DAY for one in (created, ended, started)]
    assert reason_to_keep(session(*days, state="completed"), Criteria(ended_before=30 * DAY), CLOCK) == expected


@pytest.mark.parametrize(("hours", "expected"), [(14, None), (14 + 1 / HOUR, "no_reliable_time")])
def test_an_end_without_a_zone_may_be_before_a_start_with_one_by_as_much_as_zones_differ(hours, expected):
    one = session(50 * DAY, None, 40 * DAY, state="completed")
    one = replace(one, ended_at=ago(40 * DAY + hours * HOUR, assumed_utc=True))
    assert reason_to_keep(one, Criteria(ended_before=30 * DAY), CLOCK) == expected
    assert reason_to_keep(one, Criteria(ended_before=40 * DAY - HOUR), CLOCK) in ("too_young", expected)


@pytest.mark.parametrize(("limit", "expected"), [(40 * DAY - 5 * HOUR, None), (40 * DAY + HOUR, "too_young")])
def test_of_times_with_and_without_a_zone_the_later_one_may_be_either(limit, expected):
    one = replace(session(50 * DAY, 40 * DAY, state="completed"), started_at=ago(41 * DAY, assumed_utc=True))
    assert reason_to_keep(one, Criteria(ended_before=limit), CLOCK) == expected
    other = replace(one, started_at=ago(40 * DAY + HOUR, assumed_utc=True))
    assert reason_to_keep(other, Criteria(ended_before=40 * DAY - 10 * HOUR), CLOCK) == "too_young"
    assert reason_to_keep(other, Criteria(ended_before=40 * DAY - 12 * HOUR), CLOCK) is None


@pytest.mark.parametrize(
    "name",
    "finished_at closed_at completedAt last_activity_at lastSeen last_heartbeat lastUsedAt resumed_at".split(),
)
def test_what_was_at_work_since_its_end_has_not_ended_long_ago(name):
    record = {"id": "s1", "state": "completed", "created_at": NOW - 50 * DAY, "ended_at": NOW - 40 * DAY}
    old, new = ({**record, name: NOW - days * DAY} for days in (41, 1))
    kept = [
        reason_to_keep(Session.from_record(one, "task"), Criteria(ended_before=30 * DAY), CLOCK)
        for one in (record, old, new)
    ]
    assert kept == [None, None, "too_young"]

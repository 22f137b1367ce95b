# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is told of odd states, types and times of the sessions that were listed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.remarks import remarks, unknowns
from ansible_collections.aimms.cloud.plugins.module_utils.selection import Criteria
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Clock, Instant

HOUR, DAY = 3600, 86400
NOW = 1753358400.0  # 2025-07-24T12:00:00Z
CLOCK = Clock(NOW, NOW)
OLD = Session("s1", "webui", "running", "Planner", "1.0", "ann@ROOT", created_at=Instant(NOW - 9 * DAY))
UNDATED = replace(OLD, id="s2", created_at=None)


def test_unknown_states_are_told_in_alphabetical_order():
    strange = [replace(OLD, state=state) for state in ("paused", "hibernating", "paused")]
    assert unknowns(strange) == [
        "1 sessions are in the unknown state 'hibernating': they count as not active.",
        "2 sessions are in the unknown state 'paused': they count as not active.",
    ]


@pytest.mark.parametrize("more", [0, 1, 3])
def test_the_five_most_frequent_unknown_states_are_told_and_how_many_more_there_are(more):
    rare = [replace(OLD, state=f"a-rare-{number}") for number in range(more)]
    frequent = [replace(OLD, state=f"frequent-{number}") for number in range(5)]
    said = unknowns([*rare, *frequent, *frequent])
    assert said == [
        *(f"2 sessions are in the unknown state 'frequent-{n}': they count as not active." for n in range(5)),
        *([f"There are {more} more unknown states."] if more else []),
    ]


def test_times_without_a_zone_are_told_with_what_to_do():
    naive = replace(OLD, created_at=Instant(NOW - DAY, assumed_utc=True))
    (said,) = remarks([OLD, naive], Criteria(), CLOCK)
    assert said == (
        "The times of 1 sessions name no zone: they are read as UTC, with 12 hours allowed for the error. "
        "Set naive_timezone to the zone of the server."
    )


@pytest.mark.parametrize("asked", [{"older_than": HOUR}, {"newer_than": HOUR}])
def test_active_sessions_without_a_start_are_told_where_an_age_is_asked(asked):
    assert remarks([OLD, UNDATED], Criteria(age_from="started", **asked), CLOCK) == [
        "2 active sessions have no known start, so with age_from: started they have no age and are not selected."
    ]


def test_all_remarks_are_made_on_sessions_that_can_be_looked_at_only_once():
    strange = replace(OLD, state="paused", created_at=Instant(NOW - DAY, assumed_utc=True))
    assert len(remarks(iter([strange, OLD]), Criteria(older_than=HOUR), Clock(None, NOW))) == 2


def test_sessions_of_unknown_types_are_told_in_any_state():
    odd = [replace(OLD, kind="batch"), replace(OLD, kind="batch", state="finished"), replace(OLD, kind="job")]
    assert unknowns([OLD, *odd]) == [
        "2 sessions are of the unknown type 'batch': they are never changed.",
        "1 sessions are of the unknown type 'job': they are never changed.",
    ]
    assert unknowns([replace(OLD, kind=f"k{number}") for number in range(6)])[5] == "There are 1 more unknown types."


def listed(count: int, state: str) -> list[Session]:
    return [Session(f"s{number}", "task", state=state) for number in range(count)]


def test_few_unknown_states_are_all_named():
    assert unknowns([*listed(2, "odd"), *listed(1, "even")]) == [
        "1 sessions are in the unknown state 'even': they count as not active.",
        "2 sessions are in the unknown state 'odd': they count as not active.",
    ]


def test_many_unknown_states_are_counted():
    sessions = [one for number in range(1, 21) for one in listed(number, f"state{number:02}")]
    texts = unknowns(sessions)
    assert len(texts) == 6
    assert "20 sessions are in the unknown state 'state20'" in texts[4]
    assert texts[5] == "There are 15 more unknown states."


def test_a_long_unknown_state_is_counted():
    [text] = unknowns(listed(1, "x" * 1000))
    assert "state '(1000 characters)'" in text

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a selection says: reasons, cutoff, figures and remarks, and which reason is told. Proves rules 17 and 19."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils import selection
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.selection import (
    Breakers,
    Criteria,
    Decision,
    counts,
    decide,
    reason_to_keep,
    remarks,
    tripped,
    unknowns,
)
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Clock, Instant

HOUR, DAY = 3600, 86400
NOW = 1753358400.0  # 2025-07-24T12:00:00Z
CLOCK = Clock(NOW, NOW)
OLD = Session("s1", "webui", "running", "Planner", "1.0", "ann@ROOT", created_at=Instant(NOW - 9 * DAY))
UNDATED = replace(OLD, id="s2", created_at=None)


def test_the_reasons_are_the_words_of_the_contract():
    names = (
        "PROTECTED TOO_YOUNG NOT_SELECTED NO_RELIABLE_TIME MAX_ACTIVE RECENT_LOG SCHEDULED UNKNOWN_KIND ACTIVE".split()
    )
    assert [getattr(selection, name) for name in names] == [name.lower() for name in names]


# The cutoff


@pytest.mark.parametrize(
    ("criteria", "cutoff"),
    [
        (Criteria(), None),
        (Criteria(newer_than=HOUR, quiet_for=HOUR), None),
        (Criteria(older_than=8 * HOUR), "2025-07-24T04:00:00Z"),
        (Criteria(older_than=0), "2025-07-24T12:00:00Z"),
        (Criteria(ended_before=DAY), "2025-07-23T12:00:00Z"),
        (Criteria(older_than=8 * HOUR, ended_before=DAY), "2025-07-24T04:00:00Z"),
    ],
)
def test_the_cutoff_is_where_the_age_asked_for_begins(criteria, cutoff):
    assert criteria.cutoff(CLOCK) == cutoff


@pytest.mark.parametrize("clock", [Clock(NOW - HOUR, NOW), Clock(NOW, NOW - HOUR)])
def test_the_cutoff_is_told_by_the_clock_that_makes_everything_younger(clock):
    assert Criteria(older_than=HOUR).cutoff(clock) == "2025-07-24T10:00:00Z"


# The reason told, where there are several


def test_what_still_runs_has_not_ended_however_old_it_is():
    assert reason_to_keep(OLD, Criteria(ended_before=DAY), CLOCK) == "too_young"


def test_a_time_is_not_needed_to_be_selected_where_nothing_must_be_put_in_order():
    assert decide([UNDATED], Criteria(), CLOCK) == Decision((UNDATED,), ())


@pytest.mark.parametrize("more", [{"vetoed": {("webui", "s2")}}, {"max_active": 0}])
def test_a_protected_session_is_told_to_be_protected_whatever_else_keeps_it(more):
    assert decide([UNDATED], Criteria(protect_apps=("Planner",)), CLOCK, **more).kept == ((UNDATED, "protected"),)


def test_a_log_that_was_not_silent_is_told_before_a_time_that_is_not_known():
    assert decide([UNDATED], Criteria(), CLOCK, max_active=0, vetoed={("webui", "s2")}).kept == (
        (UNDATED, "recent_log"),
    )


def test_without_naive_timezone_a_time_without_a_zone_has_none():
    assert Criteria().zone is None


def test_what_was_decided_cannot_be_changed():
    for thing, name in ((Criteria(), "older_than"), (Breakers(), "max_sessions"), (Decision((), ()), "selected")):
        with pytest.raises(FrozenInstanceError):
            setattr(thing, name, None)


# Figures


def test_a_breaker_for_owners_tells_the_owner_and_both_figures():
    assert tripped([OLD, UNDATED], 9, Breakers(max_per_owner=1)) == (
        "2 sessions of ann@ROOT are selected and max_per_owner is 1."
    )


def test_sessions_are_counted_in_plain_dictionaries():
    counted = counts([OLD, UNDATED, replace(OLD, state="completed")])
    assert counted == {"kind": {"webui": 3}, "state": {"running": 2, "completed": 1}, "active": {"true": 2, "false": 1}}
    assert {type(part) for part in counted.values()} == {dict}


# What is unknown, and remarks


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

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a selection says: reasons, cutoff and figures, and which reason is told. Proves rules 17 and 19."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils import selection
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.selection import (
    Breakers,
    Criteria,
    Decision,
    app_version_of,
    counts,
    decide,
    reason_to_keep,
    tripped,
)
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Clock, Instant

HOUR, DAY = 3600, 86400
NOW = 1753358400.0  # 2025-07-24T12:00:00Z
CLOCK = Clock(NOW, NOW)
OLD = Session("s1", "webui", "running", "Planner", "1.0", "ann@ROOT", created_at=Instant(NOW - 9 * DAY))
UNDATED = replace(OLD, id="s2", created_at=None)


def test_the_reasons_are_the_words_of_the_contract():
    names = (
        "PROTECTED TOO_YOUNG NOT_SELECTED NO_RELIABLE_TIME MAX_ACTIVE MAX_SEATS RECENT_LOG SCHEDULED UNKNOWN_KIND "
        "ACTIVE".split()
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
        with pytest.raises(AttributeError):
            setattr(thing, name, None)


def test_the_versions_that_were_found_to_be_old_are_no_other_criteria():
    assert Criteria(keep_versions=1, outdated={("planner", "1.0")}) == Criteria(keep_versions=1)


ANNS, BOBS = replace(OLD, id="x"), replace(OLD, id="x", kind="task", owner="bob@ROOT")


@pytest.mark.parametrize(
    ("anns", "bobs", "eligible", "is_protected"),
    [
        ("running", "running", "active", True),
        ("failed", "running", "active", False),
        ("running", "failed", "ended", True),
        ("failed", "failed", "ended", True),
        ("odd", "failed", "ended", False),
    ],
)
def test_an_id_that_two_kinds_have_is_protected_if_one_of_them_is(anns, bobs, eligible, is_protected):
    sessions = [replace(ANNS, state=anns), replace(BOBS, state=bobs)]
    criteria = Criteria(protect_owners=("ann",))
    decision = decide(sessions, criteria, CLOCK, eligible=lambda one: getattr(one, eligible))
    assert decision.selected == (() if is_protected else (sessions[1],))
    assert {reason for _one, reason in decision.kept} <= {"protected"}
    assert decide([replace(sessions[0], id="y"), sessions[1]], criteria, CLOCK, eligible=lambda _one: True).selected


def test_what_waits_on_purpose_can_be_selected_where_neither_age_nor_number_counts():
    waiting = replace(OLD, state="queued", scheduled_for=Instant(NOW + DAY))
    assert decide([waiting], Criteria(), CLOCK).selected == (waiting,)


def test_max_active_counts_no_session_of_a_kind_that_is_not_changed_unasked():
    external = replace(OLD, id="e", kind="external")
    assert decide([OLD, external], Criteria(), CLOCK, max_active=1).selected == ()
    assert decide([OLD, external], Criteria(kinds=("webui", "external")), CLOCK, max_active=1).selected == (OLD,)


def test_an_app_or_a_version_that_is_not_told_is_that_of_no_other_session():
    assert app_version_of(OLD) == ("planner", "1.0")
    assert app_version_of(replace(OLD, app_name=None, app_version=None)) == ("", "")
    assert app_version_of(replace(OLD, version_is_fraction=True)) == ("planner", "")


# Figures


def test_a_breaker_for_owners_tells_the_owner_and_both_figures():
    assert tripped([OLD, UNDATED], 9, Breakers(max_per_owner=1)) == (
        "2 sessions of ann@ROOT are selected and max_per_owner is 1."
    )


def test_of_several_owners_with_too_many_the_one_with_the_most_is_told():
    selected = [replace(OLD, id=str(number), owner=owner) for number, owner in enumerate(["ann", "ann", *["bob"] * 3])]
    assert tripped(selected, 9, Breakers(max_per_owner=1)) == "3 sessions of bob are selected and max_per_owner is 1."


def test_each_limit_that_is_exceeded_has_a_sentence():
    assert tripped([OLD, UNDATED], 2, Breakers(1, 99)) == (
        "2 sessions are selected and max_sessions is 1. 2 of 2 active sessions are selected and max_percent is 99."
    )


def test_a_state_is_counted_in_all_kinds():
    assert counts([OLD, UNDATED, replace(OLD, kind="task")])["state"] == {"running": 3}


def test_sessions_are_counted_in_plain_dictionaries():
    counted = counts([OLD, UNDATED, replace(OLD, state="completed")])
    assert (counted["kind"], counted["state"]) == ({"webui": 3}, {"running": 2, "completed": 1})
    assert (counted["active"], counted["active_by_kind"]) == ({"true": 2, "false": 1}, {"webui": 2})
    assert {type(part) for part in counted.values()} == {dict}

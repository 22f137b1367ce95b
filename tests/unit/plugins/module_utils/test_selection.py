# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which sessions are selected, and why each other one is kept. Proves rules 17, 19 and 24."""

from __future__ import annotations

from itertools import product

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.decoding.name_match import matches
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.remarks import remarks
from ansible_collections.aimms.cloud.plugins.module_utils.selection import (
    Breakers,
    Criteria,
    counts,
    decide,
    may_change,
    protected,
    reason_not_to_change,
    reason_to_keep,
    tripped,
)
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Clock, Instant

HOUR, DAY = 3600, 86400
NOW = 1753358400.0
CLOCK = Clock(NOW, NOW)


def session(name="s1", age=DAY, **fields):
    created = None if age is None else Instant(NOW - age)
    values = {"kind": "webui", "state": "running", "app_name": "Planner", "app_version": "1.0", "owner": "ann@ROOT"}
    return Session(**{"id": name, "created_at": created, **values, **fields})


def why(criteria, clock=CLOCK, **fields):
    return reason_to_keep(session(**fields), criteria, clock)


def test_nothing_asked_selects():
    assert why(Criteria()) is None


@pytest.mark.parametrize(
    "criteria",
    [
        Criteria(kinds=("task", "solve")),
        Criteria(session_ids=("s2", "S1")),
        Criteria(states=("queued",)),
        Criteria(apps=("Plan", "x*")),
        Criteria(app_versions=("2.*",)),
        Criteria(owners=("ann", "bob@*")),
        Criteria(newer_than=HOUR),
        Criteria(kinds=()),
        Criteria(session_ids=()),
        Criteria(owners=()),
    ],
)
def test_not_selected(criteria):
    assert why(criteria) == "not_selected"


@pytest.mark.parametrize(
    "criteria",
    [
        Criteria(kinds=("task", "webui")),
        Criteria(session_ids=("s1",)),
        Criteria(states=("queued", "running")),
        Criteria(apps=("nothing", "PLAN*")),
        Criteria(apps=("plann[e]r",)),
        Criteria(app_versions=("1.?",)),
        Criteria(owners=("ANN@root",)),
        Criteria(owners=("*@ROOT",)),
        Criteria(older_than=DAY - 1),
        Criteria(newer_than=DAY + 1),
        Criteria(older_than=HOUR, newer_than=2 * DAY, apps=("*",), owners=("*",), states=("running",)),
    ],
)
def test_selected(criteria):
    assert why(criteria) is None


@pytest.mark.parametrize("field", ["app_name", "app_version", "owner"])
def test_a_field_that_is_not_known_matches_no_glob(field):
    asked = {"app_name": "apps", "app_version": "app_versions", "owner": "owners"}[field]
    assert why(Criteria(**{asked: ("*",)}), **{field: None}) == "not_selected"
    assert not matches(None, ("*",))


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, None),
        ({"app_name": "PLANNER"}, None),
        ({"app_version": "2.0"}, "not_selected"),
        ({"app_name": "Else"}, "not_selected"),
        ({"app_version": None}, "not_selected"),
        ({"app_name": None}, "not_selected"),
        ({"version_is_fraction": True}, "not_selected"),
    ],
)
def test_with_keep_versions_only_older_versions_are_selected(fields, reason):
    assert why(Criteria(keep_versions=1, outdated={("planner", "1.0")}), **fields) == reason


def test_too_young():
    assert why(Criteria(older_than=DAY)) == "too_young"
    assert why(Criteria(older_than=HOUR), Clock(NOW - DAY, NOW)) == "too_young"


@pytest.mark.parametrize(
    "created",
    [None, Instant(NOW + 1), Instant(0), Instant(NOW - 11 * 366 * DAY)],
    ids=["missing", "future", "1970", "old"],
)
def test_no_reliable_time(created):
    assert why(Criteria(older_than=HOUR), created_at=created) == "no_reliable_time"
    assert why(Criteria(newer_than=HOUR), created_at=created) == "no_reliable_time"


def test_without_the_servers_clock_no_time_is_reliable():
    assert why(Criteria(older_than=HOUR), Clock(None, NOW)) == "no_reliable_time"


def test_a_time_is_not_needed_where_no_age_is_asked():
    assert why(Criteria(apps=("*",)), age=None) is None


def test_a_time_without_a_zone_needs_12_hours_to_spare():
    assumed = Instant(NOW - DAY, assumed_utc=True)
    assert why(Criteria(older_than=12 * HOUR), created_at=assumed) == "too_young"
    assert why(Criteria(older_than=12 * HOUR - 1), created_at=assumed) is None


def test_the_age_may_count_from_the_start():
    queued_long = {"age": DAY, "started_at": Instant(NOW - 600)}
    assert why(Criteria(older_than=HOUR, age_from="started"), **queued_long) == "too_young"
    assert why(Criteria(older_than=HOUR, age_from="created"), **queued_long) is None


def test_without_a_start_the_age_does_not_count_from_the_creation_instead():
    assert why(Criteria(older_than=HOUR, age_from="started"), started_at=None) == "no_reliable_time"


@pytest.mark.parametrize(
    "protection",
    [
        Criteria(protect_session_ids=("s1",)),
        Criteria(protect_session_ids=("S*",)),
        Criteria(protect_apps=("x", "plan*")),
        Criteria(protect_owners=("ann@ROOT",)),
        Criteria(protect_owners=("ANN@*",)),
        Criteria(protect_owners=("ann",)),
    ],
)
def test_protection(protection):
    assert protected(session(), protection)
    assert not protected(session("other", app_name="Else", owner="joann@ROOT"), protection)


def test_an_app_or_owner_that_is_not_known_may_be_the_protected_one():
    assert protected(session(app_name=None), Criteria(protect_apps=("Critical",)))
    assert protected(session(owner=None), Criteria(protect_owners=("boss@ROOT",)))
    assert not protected(session(app_name=None, owner=None), Criteria(protect_session_ids=("x",)))


PROTECTIONS = [{"protect_session_ids": ("s1",)}, {"protect_apps": ("planner",)}, {"protect_owners": ("ann@*",)}]
ASKED = [
    {"session_ids": ("s1",)},
    {"older_than": HOUR},
    {"apps": ("*",)},
    {"owners": ("ann@ROOT",)},
    {"states": ("queued",)},
]


@pytest.mark.parametrize(("protection", "asked"), list(product(PROTECTIONS, ASKED)))
def test_protection_beats_every_other_option(protection, asked):
    assert why(Criteria(**protection, **asked)) == "protected"
    assert decide([session()], Criteria(**protection, **asked), CLOCK, max_active=0).selected == ()


def test_the_strongest_reason_is_given():
    young = {"age": 60, "owner": "bob@ROOT"}
    everything = Criteria(older_than=HOUR, owners=("ann@*",), protect_owners=("bob@*",))
    assert why(everything, **young) == "protected"
    assert why(Criteria(older_than=HOUR, owners=("ann@*",)), **young) == "not_selected"
    assert why(Criteria(older_than=HOUR, owners=("ann@*",)), **{**young, "age": None}) == "not_selected"
    assert why(Criteria(older_than=HOUR), **{**young, "age": None}) == "no_reliable_time"
    assert why(Criteria(older_than=HOUR, newer_than=1), **young) == "too_young"


def reasons(decision):
    return {kept.id: reason for kept, reason in decision.kept}


def ids(decision):
    return [chosen.id for chosen in decision.selected]


def test_only_active_sessions_are_selected_or_kept():
    sessions = [session("a"), session("b", state="terminated"), session("c", state="hibernating"), session("d", age=1)]
    decision = decide(sessions, Criteria(older_than=HOUR), CLOCK)
    assert ids(decision) == ["a"]
    assert reasons(decision) == {"d": "too_young"}


def test_max_active_ends_the_oldest_and_only_as_many_as_needed():
    sessions = [session(f"s{age}", age * HOUR) for age in (3, 9, 1, 7, 5)] + [session("gone", state="terminated")]
    decision = decide(sessions, Criteria(), CLOCK, max_active=3)
    assert ids(decision) == ["s9", "s7"]
    assert reasons(decision) == {"s5": "max_active", "s3": "max_active", "s1": "max_active"}


def test_max_active_keeps_for_the_reason_that_counts_most():
    waits = session("s1", state="queued", scheduled_for=Instant(NOW + 1))
    untold = session("s1", None, state="queued", scheduled_for=Instant(NOW + 1))
    ann = Criteria(protect_owners=("ann@*",))
    assert reasons(decide([waits], Criteria(), CLOCK, max_active=0)) == {"s1": "scheduled"}
    assert reasons(decide([untold], Criteria(), CLOCK, max_active=0)) == {"s1": "scheduled"}
    assert reasons(decide([waits], ann, CLOCK, max_active=0)) == {"s1": "protected"}
    assert reasons(decide([session("s1", None)], Criteria(), CLOCK, max_active=0)) == {"s1": "no_reliable_time"}
    assert reasons(decide([session("s1", None)], ann, CLOCK, max_active=0)) == {"s1": "protected"}


@pytest.mark.parametrize("max_active", [5, 6, 1000])
def test_max_active_that_is_not_passed_selects_nothing(max_active):
    assert ids(decide([session(str(n)) for n in range(5)], Criteria(), CLOCK, max_active)) == []


def test_max_active_zero_is_zero():
    assert len(decide([session(str(n)) for n in range(5)], Criteria(), CLOCK, max_active=0).selected) == 5


def test_max_active_counts_all_active_ones_but_ends_only_selected_ones():
    sessions = [session("mine", 2 * HOUR, owner="ann@ROOT"), *(session(f"b{n}", owner="bob@ROOT") for n in range(4))]
    decision = decide(sessions, Criteria(owners=("ann@*",)), CLOCK, max_active=2)
    assert ids(decision) == ["mine"]
    assert set(reasons(decision).values()) == {"not_selected"}


@pytest.mark.parametrize("created", [None, Instant(NOW + 60), Instant(0)])
def test_max_active_keeps_what_cannot_be_put_in_order(created):
    decision = decide([session("a", created_at=created), session("b")], Criteria(), CLOCK, max_active=0)
    assert ids(decision) == ["b"]
    assert reasons(decision) == {"a": "no_reliable_time"}


def some(number, owner="ann@ROOT"):
    return [session(f"{owner}{n}", owner=owner) for n in range(number)]


@pytest.mark.parametrize(
    ("breakers", "trips"),
    [
        (Breakers(), False),
        (Breakers(max_sessions=10), False),
        (Breakers(max_sessions=9), True),
        (Breakers(max_sessions=0), True),
        (Breakers(max_percent=50), False),
        (Breakers(max_percent=49), True),
        (Breakers(max_percent=0), True),
        (Breakers(max_per_owner=7), False),
        (Breakers(max_per_owner=6), True),
        (Breakers(max_per_owner=0), True),
    ],
)
def test_breakers_on_ten_of_twenty_active_sessions_seven_of_them_of_one_owner(breakers, trips):
    selected = [*some(3, "bob@ROOT"), *some(7)]
    assert bool(tripped(selected, 20, breakers)) is trips


def test_no_breaker_trips_where_nothing_is_selected():
    assert tripped([], 0, Breakers(0, 0, 0)) is None


def test_a_percentage_is_of_all_active_sessions_and_not_rounded_in_favour():
    assert tripped(some(1), 3, Breakers(max_percent=33))
    assert tripped(some(1), 3, Breakers(max_percent=34)) is None
    assert tripped(some(1), 0, Breakers(max_percent=99))


def test_a_breaker_tells_its_figures():
    assert tripped(some(7), 20, Breakers(max_sessions=5)) == "7 sessions are selected and max_sessions is 5."
    assert tripped(some(7), 20, Breakers(max_percent=10)) == (
        "7 of 20 active sessions are selected and max_percent is 10."
    )
    assert "7 sessions of ann@ROOT" in tripped(some(7), 20, Breakers(max_per_owner=1))


def test_sessions_without_an_owner_count_as_one_owners():
    assert "3 sessions of an unknown owner" in tripped(some(3, None), 20, Breakers(max_per_owner=2))


def test_counts():
    listed = [session("a"), session("b", kind="task", state="completed"), session("c", state="terminated")]
    assert counts(listed) == {
        "kind": {"webui": 2, "task": 1},
        "state": {"running": 1, "completed": 1, "terminated": 1},
        "active": {"true": 1, "false": 2},
        "active_by_kind": {"webui": 1},
    }


def test_remarks_on_times_without_a_zone():
    assert remarks([session()], Criteria(older_than=1), CLOCK) == []
    assumed = [session(created_at=Instant(NOW, assumed_utc=True))]
    assert "1 sessions name no zone" in remarks(assumed, Criteria(), CLOCK)[0]


def test_remarks_on_a_server_without_a_clock():
    assert "no Date header" in remarks([session()], Criteria(older_than=1), Clock(None, NOW))[0]
    assert "no Date header" in remarks([session()], Criteria(), Clock(None, NOW))[0]  # max_active needs ages too
    assert remarks([], Criteria(older_than=1), Clock(None, NOW)) == []  # perhaps only the document was read


# What waits on purpose

WAITING = {"state": "queued", "created_at": Instant(NOW - 99 * DAY)}


@pytest.mark.parametrize("clock", [Clock(NOW, NOW), Clock(NOW + 60, NOW), Clock(NOW, NOW + 60)])
@pytest.mark.parametrize(
    ("values", "waits"),
    [
        ({"scheduled_for": Instant(NOW + 1)}, True),
        ({"scheduled_for": Instant(NOW)}, False),
        ({"scheduled_for": Instant(NOW - 1)}, False),
        ({"scheduled_for": Instant(NOW + 1), "state": "created"}, True),
        ({"scheduled_for": Instant(NOW + 1), "state": "running"}, False),
        ({"scheduled_for": Instant(NOW - 12 * HOUR + 1, assumed_utc=True)}, True),
        ({"scheduled_for": Instant(NOW - 12 * HOUR, assumed_utc=True)}, False),
        ({"unread_times": (("scheduled_for", "every night"),)}, True),
        ({"unread_times": (("scheduled_for", "every night"),), "state": "running"}, False),
        ({"unread_times": (("ended_at", "soon"),)}, False),
        ({}, False),
    ],
)
def test_what_waits_on_purpose_is_never_stale_whatever_its_age(values, waits, clock):
    one = session(**{**WAITING, **values})
    for criteria in (Criteria(older_than=HOUR), Criteria(quiet_for=HOUR), Criteria(older_than=HOUR, kinds=("webui",))):
        assert reason_to_keep(one, criteria, clock) == ("scheduled" if waits else None)
    kept = decide([one, session("b", state="running")], Criteria(), clock, max_active=0).kept
    assert kept == (((one, "scheduled"),) if waits else ())


def test_without_an_age_a_schedule_does_not_keep():
    one = session(**WAITING, scheduled_for=Instant(NOW + 1))
    assert reason_to_keep(one, Criteria(states=("queued",)), CLOCK) is None
    assert reason_to_keep(one, Criteria(older_than=HOUR, states=("running",)), CLOCK) == "not_selected"
    assert reason_to_keep(one, Criteria(older_than=HOUR, protect_owners=("*",)), CLOCK) == "protected"


# Kinds that a change touches


@pytest.mark.parametrize("kind", ["webui", "task", "solve", "external", "verify", "batch"])
def test_external_and_verify_are_changed_only_where_they_are_named_and_unknown_types_never(kind):
    one = session(kind=kind)
    unasked = {"external": "not_selected", "verify": "not_selected", "batch": "unknown_kind"}.get(kind)
    asked = "unknown_kind" if kind == "batch" else None
    assert reason_not_to_change(one, Criteria(), CLOCK) == unasked
    assert reason_not_to_change(one, Criteria(kinds=(kind,)), CLOCK) == asked
    assert reason_not_to_change(one, Criteria(kinds=("webui",)), CLOCK) == (
        asked or (None if kind == "webui" else "not_selected")
    )
    assert reason_not_to_change(one, Criteria(protect_owners=("*",)), CLOCK) == "protected"
    assert reason_to_keep(one, Criteria(), CLOCK) is None  # it is listed
    assert may_change(one, Criteria()) is (unasked is None)
    assert decide([one], Criteria(), CLOCK).selected == (() if unasked else (one,))


@pytest.mark.parametrize(
    ("kind", "name", "is_left"),
    [
        ("webui", "0B6F7C10-5D5E-4A0B-9C55-5A3E3C1F2A10", True),
        ("webui", "0b6f7c10-5d5e-4a0b-9c55-5a3e3c1f2a11", False),
        ("task", "0b6f7c10-5d5e-4a0b-9c55-5a3e3c1f2a10", False),
    ],
)
def test_what_server_filters_left_is_known_by_its_kind_and_an_id_in_any_case(kind, name, is_left):
    left = Criteria(narrowed=frozenset({("webui", "0b6f7c10-5d5e-4a0b-9c55-5a3e3c1f2a10")}))
    assert bool(decide([session(name, kind=kind)], left, CLOCK).selected) is is_left

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What odd records decide and what is said of them: owners in any case, unreadable times, clocks. Rules 17, 19."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.remarks import remarks
from ansible_collections.aimms.cloud.plugins.module_utils.selection import (
    Breakers,
    Criteria,
    distinct,
    reason_to_keep,
    tripped,
)
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Clock, Instant

HOUR, DAY = 3600, 86400
NOW = 1753358400.0
CLOCK = Clock(NOW, NOW)
CREATED = Instant(NOW - 40 * DAY)


def read(**record):
    return Session.from_record({"id": "s-1", "state": "running", "owner": "ann@ROOT", **record}, "webui")


@pytest.mark.parametrize(
    ("owners", "number"),
    [
        (("Bob@ROOT", "bob@ROOT", "BOB@root"), 3),
        (("Groß@ROOT", "gross@ROOT", "bob@ROOT"), 2),
        (("bob@ROOT", "bob@DEV", "ann@ROOT"), 1),
        ((None, None, "bob@ROOT"), 2),
    ],
)
def test_sessions_of_an_owner_are_counted_without_regard_to_letter_case(owners, number):
    sessions = [Session(str(n), "webui", owner=owner) for n, owner in enumerate(owners)]
    assert tripped(sessions, 9, Breakers(max_per_owner=number)) is None
    who = owners[0] or "an unknown owner"
    assert tripped(sessions, 9, Breakers(max_per_owner=number - 1)).startswith(f"{number} sessions of {who} ")


def test_the_environment_tells_owners_of_one_name_apart():
    sessions = [read(owner=None, user_name="alice@corp.example", environment=name) for name in ("ROOT", "DEV")]
    assert tripped(sessions, 9, Breakers(max_per_owner=1)) is None


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("11/12/2026", "11/12/2026"),
        (" 2 hours ago ", "2 hours ago"),
        ("x" * 99, "(99 characters)"),
        (-5, "-5"),
        (1e308, "1e+308"),
        (True, "True"),
        (["2026"], "a list"),
    ],
)
@pytest.mark.parametrize("name", ["created_at", "started_at", "ended_at"])
def test_times_that_cannot_be_read_are_counted_with_an_example(name, value, shown):
    readable = dict.fromkeys(("created_at", "started_at", "ended_at"), "2025-07-24T12:00:00Z")
    listed = [read(**readable), read(**{**readable, name: value}), read(**{**readable, name: "soon"})]
    (said,) = remarks(listed, Criteria(), CLOCK)
    assert said == (
        f"The {name} of 2 sessions cannot be read as a time, for example '{shown}': "
        "it counts as not known, so no session counts as old by it."
    )


@pytest.mark.parametrize("value", [None, "", " ", 0, 0.0, False, "2025-07-24T12:00:00Z", 1753358400])
def test_no_time_and_a_readable_one_are_not_remarked_upon(value):
    assert remarks([read(created_at=value, started_at=value, ended_at=value)], Criteria(), CLOCK) == []


def test_of_two_fields_the_readable_one_counts_and_nothing_is_said():
    session = read(created_at="11/12/2026", creationTime="2025-07-24T12:00:00Z")
    assert session.created_at == Instant(NOW)
    assert remarks([session], Criteria(), CLOCK) == []


def test_an_end_that_cannot_be_read_is_no_end_that_is_not_told():
    """The log says nothing about it: the session may have ended a minute ago."""
    ended = {"state": "terminated", "created_at": "2025-05-24T12:00:00Z"}
    assert reason_to_keep(read(**ended), Criteria(ended_before=DAY), CLOCK) is None
    assert reason_to_keep(read(**ended, ended_at="1 min ago"), Criteria(ended_before=DAY), CLOCK) == "no_reliable_time"


@pytest.mark.parametrize(
    ("fields", "number"),
    [
        ({}, 1),
        ({"kind": "webui"}, 1),
        ({"app_name": "Payroll"}, 2),
        ({"owner": "bob@ROOT"}, 2),
        ({"owner": None, "app_name": None, "created_at": None}, 1),
        ({"owner": "ANN"}, 1),
        ({"created_at": Instant(CREATED.seconds + 60)}, 2),
        ({"created_at": Instant(CREATED.seconds + 3600, assumed_utc=True)}, 1),
        ({"id": "s-2"}, 2),
    ],
)
def test_an_id_of_two_kinds_is_one_session_unless_something_tells_two(fields, number):
    one = {"id": "s-1", "kind": "webui", "app_name": "Crew", "owner": "ann@ROOT", "created_at": CREATED}
    both = [Session(**one), Session(**{**one, "kind": "solve", **fields})]
    assert len(distinct([*both, *both])) == number
    assert bool(tripped(both, 9, Breakers(max_sessions=1))) is (number == 2)


@pytest.mark.parametrize(("apart", "minutes"), [(0, None), (120, None), (121, 2), (-600, 10), (86400, 1440)])
def test_clocks_that_are_minutes_apart_are_remarked_upon(apart, minutes):
    said = remarks([], Criteria(), Clock(NOW + apart, NOW))
    text = (
        f"The clocks of the server and of this machine differ by {minutes} minutes: "
        "a session counts as old only if it is so by both clocks."
    )
    assert said == ([] if minutes is None else [text])

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When schedules begin, in any zone, and what of one that exists is kept."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.plugin_utils.awx.schedules import check, enabled, rule
from ansible_collections.aimms.cloud.plugins.plugin_utils.awx.variables import read

NOW = datetime(2026, 11, 30, 18, 0, tzinfo=timezone.utc)
DAILY = "FREQ=DAILY;INTERVAL=1"
NIGHT = {"name": "every night", "start": "04:30", "rule": DAILY, "enabled": True}
SUNDAY = {"name": "every Sunday", "start": "06:00", "rule": "FREQ=WEEKLY;INTERVAL=1;BYDAY=SU", "enabled": False}


def values(**more):
    given = {"project_url": "https://git.example.com/a.git", **more}
    return read({f"aimms_awx_{name}": value for name, value in given.items()})


def has(day="20261101", hour="043000", zone="Europe/Amsterdam", repeat=DAILY, is_enabled=True):
    return {"rrule": f"DTSTART;TZID={zone}:{day}T{hour} RRULE:{repeat}", "enabled": is_enabled}


@given(
    st.sampled_from(["Europe/Amsterdam", "America/Los_Angeles", "Pacific/Kiritimati", "UTC"]),
    st.integers(min_value=0, max_value=23).filter(lambda hour: hour != 2),
    st.integers(min_value=0, max_value=365 * 24 * 60),
)
def test_a_new_schedule_begins_at_the_next_time_that_fits(zone, hour, minutes):
    now = NOW + timedelta(minutes=minutes)
    made, kept = rule({**NIGHT, "start": f"{hour:02}:30"}, values(timezone=zone), None, now)
    begins = datetime.strptime(made.partition(":")[2].partition(" ")[0], "%Y%m%dT%H%M%S").replace(tzinfo=ZoneInfo(zone))
    assert timedelta(0) < begins - now <= timedelta(hours=25)
    assert kept == []


def test_a_zone_that_is_not_known_here_begins_no_later():
    made, _kept = rule(NIGHT, values(timezone="Mars/Olympus"), None, NOW)
    assert "DTSTART;TZID=Mars/Olympus:2026112" in made


def test_one_that_exists_is_left_alone_and_told_unless_a_variable_names_it():
    assert rule(NIGHT, values(), has(), NOW) == (has()["rrule"], [])
    lines = {"rrule": has()["rrule"].replace(" ", "\n"), "enabled": True}
    assert rule(NIGHT, values(), lines, NOW) == (lines["rrule"], [])
    other = has(hour="230000")
    assert rule(NIGHT, values(), other, NOW) == (
        other["rrule"],
        [f"its rule is '{other['rrule']}', not '043000 {DAILY} Europe/Amsterdam'"],
    )
    for more in ({"by_hand": "overwrite"}, {"schedules": {"every night": {"start": "04:30"}}}, {"timezone": "UTC"}):
        made, kept = rule(NIGHT, values(**more), other, NOW)
        assert made == f"DTSTART;TZID={values(**more)['timezone']}:20261201T043000 RRULE:{DAILY}"
        assert kept == []
    exact = {"schedules": {"every night": {"start": "20280101T050000", "rule": "FREQ=HOURLY;INTERVAL=2"}}}
    begins = "DTSTART;TZID=Europe/Amsterdam:20280101T050000 RRULE:FREQ=HOURLY;INTERVAL=2"
    assert rule(NIGHT, values(**exact), other, NOW)[0] == begins


def test_one_of_1_0_that_still_waits_for_2027_begins_now():
    made, kept = rule(NIGHT, values(), has(day="20270101"), NOW)
    assert made == f"DTSTART;TZID=Europe/Amsterdam:20261201T043000 RRULE:{DAILY}"
    assert kept == []
    began = has(day="20270101")
    assert rule(NIGHT, values(), began, NOW + timedelta(days=90)) == (began["rrule"], [])


@pytest.mark.parametrize("start", ["4:30", "24:00", "noon", "2027-01-01", "20270101T9900", "02:15", "20270101T020000"])
def test_a_start_that_is_none_or_an_hour_that_a_day_lacks_is_refused(start):
    with pytest.raises(OptionError, match="every night"):
        rule(NIGHT, values(schedules={"every night": {"start": start}}), None, NOW)


def test_the_switch_is_kept_and_told_unless_a_variable_names_it():
    assert enabled(SUNDAY, values(), None) == (False, [])
    assert enabled(SUNDAY, values(enabled_schedules=["every Sunday"]), None) == (True, [])
    assert enabled(SUNDAY, values(), has(is_enabled=True)) == (True, ["it is switched on"])
    assert enabled(SUNDAY, values(by_hand="overwrite"), has(is_enabled=True)) == (False, [])
    off = {"every night": {"enabled": False}}
    assert enabled(NIGHT, values(schedules=off), has()) == (False, [])


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"enabled_schedules": ["every sunday"]}, "Perhaps every Sunday is meant."),
        ({"schedules": {"each night": {}}}, "There is no schedule 'each night'"),
        ({"schedules": {"every night": {"time": "04:00"}}}, "there is no 'time'"),
        ({"schedules": {"every night": "04:00"}}, "must be a mapping"),
        ({"schedules": {"every night": {"enabled": "yes"}}}, "enabled: must be true or false"),
        ({"schedules": {"every night": {"answers": ["a"]}}}, "answers: must be a mapping"),
    ],
)
def test_a_schedule_that_there_is_not_is_refused(more, told):
    with pytest.raises(OptionError, match=told):
        check(values(**more), {made["name"]: made for made in (NIGHT, SUNDAY)})

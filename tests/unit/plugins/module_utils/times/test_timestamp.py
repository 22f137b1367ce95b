# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times in every spelling, and the two clocks an age is measured against. Proves rule 19."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Clock, Instant, iso, parse_instant

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
HOUR, DAY, YEAR = 3600, 86400, 366 * 86400
NOON = datetime(2025, 7, 24, 12, 0, 0, tzinfo=timezone.utc).timestamp()
NOW = NOON


@pytest.mark.parametrize(
    "text",
    [
        "2025-07-24T12:00:00Z",
        "2025-07-24t12:00:00z",
        "2025-07-24 12:00:00Z",
        "2025-07-24 12:00:00 UTC",
        "2025-07-24T12:00:00GMT",
        "2025-07-24T12:00Z",
        "2025-07-24T12:00:00.000Z",
        "2025-07-24T12:00:00.000000000Z",
        "2025-07-24T12:00:00+00:00",
        "2025-07-24T14:00:00+02:00",
        "2025-07-24T14:00:00+0200",
        "2025-07-24T14:00:00 +02:00",
        "2025-07-24T14:00:00+02",
        "2025-07-24T17:30:00+05:30",
        "2025-07-24T11:30:00-00:30",
        "2025-07-24T07:00:00-05:00",
        "2025-07-25T02:00:00+14:00",
        "  2025-07-24T12:00:00Z ",
        NOON,
        int(NOON),
        int(NOON) * 1000,
        int(NOON) * 10**6,
        int(NOON) * 10**9,
        str(int(NOON)),
        f"{int(NOON)}.0",
        str(int(NOON) * 1000),
    ],
)
def test_a_time_with_a_zone_or_as_an_epoch_number(text):
    assert parse_instant(text) == Instant(NOON, assumed_utc=False)


@pytest.mark.parametrize(
    ("text", "fraction"),
    [
        ("2025-07-24T12:00:00.25Z", 0.25),
        ("2025-07-24T12:00:00,5Z", 0.5),
        ("2025-07-24T12:00:00.123456789Z", 0.123456789),
        (NOON + 0.25, 0.25),
        (int(NOON) * 1000 + 250, 0.25),
    ],
)
def test_fractions_count(text, fraction):
    assert parse_instant(text).seconds == pytest.approx(NOON + fraction, abs=1e-6)


def test_a_time_without_a_zone_is_read_as_utc_and_marked():
    assert parse_instant("2025-07-24 12:00:00.000") == Instant(NOON, assumed_utc=True)


def test_a_time_without_a_zone_is_read_in_the_zone_that_is_given():
    assert parse_instant("2025-07-24T14:00:00", AMSTERDAM) == Instant(NOON, assumed_utc=False)
    assert parse_instant("2025-07-24T12:00:00", timezone.utc) == Instant(NOON, assumed_utc=False)


def test_a_zone_that_the_time_names_itself_beats_the_one_that_is_given():
    assert parse_instant("2025-07-24T12:00:00Z", AMSTERDAM) == Instant(NOON)
    assert parse_instant(NOON, AMSTERDAM) == Instant(NOON)


@pytest.mark.parametrize(
    "zone", ["UTC", "Europe/Amsterdam", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kathmandu"]
)
def test_a_time_without_zone_is_the_latest_that_it_can_mean(zone):
    place = ZoneInfo(zone)
    for minute in range(0, 366 * 24 * 60, 30):
        wall = datetime(2025, 1, 1, tzinfo=place) + timedelta(minutes=minute)
        latest = max(wall.replace(fold=fold).timestamp() for fold in (0, 1))
        assert parse_instant(wall.replace(tzinfo=None).isoformat(), place) == Instant(latest)


class CountingZone(tzinfo):
    """An hour before UTC; counts how often it is asked."""

    asked = 0

    def utcoffset(self, _time):
        self.asked += 1
        return timedelta(hours=1)

    def dst(self, _time):
        return timedelta(0)

    def tzname(self, _time):
        return "+01"


def test_a_zone_is_asked_for_each_hour_and_not_for_each_time():
    zone = CountingZone()
    times = [parse_instant(f"2025-03-01T10:{number // 60:02}:{number % 60:02}", zone) for number in range(3600)]
    assert [time.seconds - times[0].seconds for time in times] == [*range(3600)]
    assert zone.asked < 20


def test_an_hour_that_occurs_twice_is_the_later_one():
    """02:30 on the night when clocks go back is 00:30 or 01:30 UTC; the later one makes no session older."""
    later = datetime(2025, 10, 26, 1, 30, tzinfo=timezone.utc)
    assert parse_instant("2025-10-26T02:30:00", AMSTERDAM).seconds == later.timestamp()


def test_an_hour_that_does_not_occur_is_the_later_one():
    later = datetime(2025, 3, 30, 1, 30, tzinfo=timezone.utc)
    assert parse_instant("2025-03-30T02:30:00", AMSTERDAM).seconds == later.timestamp()


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        False,
        "",
        " ",
        "never",
        "null",
        "2025-07-24",
        "12:00:00",
        "2025-07-24T12",
        "2025-7-24T12:00:00Z",
        "24-07-2025 12:00:00",
        "07/24/2025 12:00:00",
        "2025-02-30T12:00:00Z",
        "2025-07-24T24:00:00Z",
        "2025-07-24T25:00:00Z",
        "2025-07-24T12:60:00Z",
        "2025-07-24T12:00:61Z",
        "2025-07-24T12:00:00+99:00",
        "2025-07-24T12:00:00+02:75",
        "2025-07-24T12:00:00Z+02:00",
        "2025-07-24T12:00:00 CEST",
        "2025-07-24T12:00:00Zjunk",
        "2025-07-24T12:00:00Z\n2025-07-24T12:00:00Z",
        "0000-00-00 00:00:00",
        "0000-01-01T00:00:00Z",
        "\uff12\uff10\uff12\uff15-07-24T12:00:00Z",
        "2025-07-24T12:00:00." + "0" * 100 + "Z",
        0,
        -1,
        12345,
        999_999_999,
        10**11,
        10**20,
        10**400,
        -NOON,
        float("nan"),
        float("inf"),
        float("-inf"),
        "1" * 5000,
        [NOON],
        {"seconds": NOON},
        b"2025-07-24T12:00:00Z",
    ],
)
def test_what_is_not_surely_a_time_is_none(value):
    assert parse_instant(value) is None
    assert parse_instant(value, AMSTERDAM) is None


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00", "9999-12-31T23:59:59"])
def test_the_ends_of_the_calendar_in_any_zone_raise_nothing(text):
    for zone in (None, AMSTERDAM, ZoneInfo("Pacific/Auckland"), ZoneInfo("America/Los_Angeles")):
        instant = parse_instant(text, zone)
        assert not Clock(NOW, NOW).older(instant, 0)


def test_iso_cuts_fractions_off():
    assert iso(NOON + 0.999) == "2025-07-24T12:00:00Z"
    assert Instant(NOON + 0.999).iso() == "2025-07-24T12:00:00Z"


def ago(seconds, *, assumed=False):
    return Instant(NOW - seconds, assumed)


@pytest.mark.parametrize(("age", "older"), [(8 * HOUR + 1, True), (8 * HOUR, False), (8 * HOUR - 1, False)])
def test_older_means_more_than_the_limit(age, older):
    assert Clock(NOW, NOW).older(ago(age), 8 * HOUR) is older


@pytest.mark.parametrize(("age", "newer"), [(8 * HOUR - 1, True), (8 * HOUR, False), (8 * HOUR + 1, False)])
def test_newer_means_less_than_the_limit(age, newer):
    assert Clock(NOW, NOW).newer(ago(age), 8 * HOUR) is newer


@pytest.mark.parametrize("clock", [Clock(NOW - HOUR, NOW), Clock(NOW, NOW - HOUR)])
def test_both_clocks_must_agree(clock):
    assert not clock.older(ago(8 * HOUR + 1800), 8 * HOUR)
    assert clock.older(ago(9 * HOUR + 1), 8 * HOUR)
    assert not clock.newer(ago(7 * HOUR + 3601), 8 * HOUR)
    assert not clock.newer(ago(8 * HOUR), 8 * HOUR)
    assert clock.newer(ago(7 * HOUR), 8 * HOUR)


def test_a_local_clock_that_runs_a_day_ahead_makes_nothing_old():
    assert not Clock(NOW, NOW + DAY).older(ago(HOUR), 8 * HOUR)


def test_without_the_servers_clock_nothing_is_old_or_new():
    clock = Clock(None, NOW)
    assert not clock.reliable(ago(DAY))
    assert not clock.older(ago(30 * DAY), HOUR)
    assert not clock.newer(ago(1), HOUR)


def test_a_missing_time_is_neither_old_nor_new():
    assert not Clock(NOW, NOW).older(None, 0)
    assert not Clock(NOW, NOW).newer(None, YEAR)


def test_a_future_time_is_neither_old_nor_new():
    assert not Clock(NOW, NOW).reliable(ago(-1))
    assert not Clock(NOW, NOW).older(ago(-1), 0)
    assert not Clock(NOW, NOW).newer(ago(-1), HOUR)


@pytest.mark.parametrize(("age", "reliable"), [(10 * YEAR - HOUR, True), (10 * YEAR + HOUR, False)])
def test_more_than_ten_years_is_not_relied_on(age, reliable):
    assert Clock(NOW, NOW).reliable(ago(age)) is reliable
    assert Clock(NOW, NOW).older(ago(age), DAY) is reliable


@pytest.mark.parametrize("epoch", [0, 1, 978307200])
def test_the_birth_dates_of_clocks_never_make_a_session_old(epoch):
    assert not Clock(NOW, NOW).older(Instant(epoch), 0)


@pytest.mark.parametrize(("age", "older"), [(20 * HOUR + 1, True), (20 * HOUR, False), (8 * HOUR + 1, False)])
def test_a_time_without_a_zone_is_old_only_with_12_hours_to_spare(age, older):
    assert Clock(NOW, NOW).older(ago(age, assumed=True), 8 * HOUR) is older


@pytest.mark.parametrize(("age", "newer"), [(12 * HOUR - 1, True), (12 * HOUR, False), (20 * HOUR, False)])
def test_a_time_without_a_zone_is_new_only_with_12_hours_to_spare(age, newer):
    assert Clock(NOW, NOW).newer(ago(age, assumed=True), DAY) is newer


def test_wherever_the_server_stands_a_time_without_a_zone_never_makes_a_young_session_old():
    """A session of 7 h 59 min, its creation told in the server's wall-clock time."""
    created = NOW - (8 * HOUR - 60)
    for hours in range(-12, 15):
        wall = datetime.fromtimestamp(created, timezone(timedelta(hours=hours))).strftime("%Y-%m-%dT%H:%M:%S")
        assert not Clock(NOW, NOW).older(parse_instant(wall), 8 * HOUR), hours


def test_the_earliest_and_the_latest_clock():
    assert (Clock(NOW, NOW + 5).earliest, Clock(NOW, NOW + 5).latest) == (NOW, NOW + 5)
    assert (Clock(NOW + 5, NOW).earliest, Clock(NOW + 5, NOW).latest) == (NOW, NOW + 5)
    assert (Clock(None, NOW).earliest, Clock(None, NOW).latest) == (NOW, NOW)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-01T02:03", 7380),
        ("1970-01-01T02:03+02:00", 180),
        ("1970-01-01T00:01:05.25+00:00", 65.25),
        ("1970-01-01T00:00:05.5", 5.5),
        ("9999-12-31T23:59:59+00:00", 253402300799),
    ],
)
def test_a_time_without_z_has_its_seconds_and_their_fraction(text, seconds):
    found = parse_instant(text)
    assert found is not None
    assert found.seconds == seconds

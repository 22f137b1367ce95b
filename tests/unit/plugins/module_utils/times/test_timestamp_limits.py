# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times at the very limits of what is read and relied on. Proves rule 19."""

from __future__ import annotations

import time

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Clock, Instant, iso, parse_instant

NOW = 1753358400.0  # 2025-07-24T12:00:00Z
CLOCK = Clock(NOW, NOW)
TEN_YEARS = 10 * 366 * 86400


@pytest.mark.parametrize(
    ("number", "seconds"),
    [
        (10**9, 10**9),
        (9_999_999_999, 9_999_999_999),
        (10**10, 10**10),
        (5 * 10**10, 5 * 10**10),
        (10**12, 10**9),
        (5 * 10**13, 5 * 10**10),
        (10**15, 10**9),
        (10**18, 10**9),
        (5 * 10**19, 5 * 10**10),
    ],
)
def test_the_size_of_a_number_tells_its_unit(number, seconds):
    """Seconds, milli-, micro- and nanoseconds from 2001 to the year 5138."""
    assert parse_instant(number) == Instant(seconds)


@pytest.mark.parametrize("number", [999_999_999, 10**11, 5 * 10**11, 10**12 - 1, 5 * 10**14, 5 * 10**17, 10**20])
def test_a_number_between_the_units_is_no_time(number):
    assert parse_instant(number) is None


@pytest.mark.parametrize("text", ["1753358400.25", "1753358400.250000000"])
def test_digits_with_a_fraction_are_seconds(text):
    assert parse_instant(text) == Instant(NOW + 0.25)


@pytest.mark.parametrize("number", [500_000_000, 10**8, 100, True])
def test_a_number_that_may_count_anything_is_no_time(number):
    assert parse_instant(number) is None


@pytest.mark.parametrize(
    "text",
    [
        "2025-07-24T12:00:00.\uff18Z",
        "2025-07-24T12:00:00+0\uff12:00",
        "1753358\uff14\uff10\uff10",
        "1753358400x",
        "1753358400.5 or so",
        "2025-07-24T12:00:00Z" + " " * 45,
    ],
)
def test_what_only_resembles_a_time_is_none(text):
    assert parse_instant(text) is None


def test_a_text_of_64_characters_is_still_read():
    assert parse_instant("2025-07-24T12:00:00Z".ljust(64)) == Instant(NOW)


@pytest.mark.parametrize(
    ("offset", "hours"), [("+09:00", -9), ("+10:00", -10), ("+19:00", -19), ("-20:00", 20), ("+23:00", -23)]
)
def test_offsets_of_up_to_a_day(offset, hours):
    assert parse_instant(f"2025-07-24T12:00:00{offset}") == Instant(NOW + hours * 3600)


@pytest.mark.parametrize("offset", ["+24:00", "+30:00", "+2", "+2:00", "+3", "+1"])
def test_what_is_no_offset(offset):
    assert parse_instant(f"2025-07-24T12:00:00{offset}") is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0001-01-01T00:00:00Z", -62135596800),
        ("0001-01-01T00:01:00+00:01", -62135596800),
        ("9999-12-31T23:59:59Z", 253402300799),
    ],
)
def test_the_first_and_the_last_second_of_the_calendar_are_times(text, seconds):
    assert parse_instant(text) == Instant(seconds)


@pytest.mark.parametrize(
    "text",
    [
        "0001-01-01T00:00:59+00:01",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:00-00:01",
        "9999-12-31T23:59:59-12:00",
    ],
)
def test_a_time_that_its_offset_moves_out_of_the_calendar_is_none(text):
    assert parse_instant(text) is None


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/Los_Angeles"])
def test_a_time_without_a_zone_is_not_read_in_the_zone_of_this_machine(monkeypatch, zone):
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert parse_instant("2025-07-24T12:00:00") == Instant(NOW, assumed_utc=True)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_ten_years_are_relied_on_and_a_second_more_is_not():
    assert CLOCK.reliable(Instant(NOW - TEN_YEARS)) is True
    assert CLOCK.reliable(Instant(NOW - TEN_YEARS - 1)) is False


def test_a_time_of_just_now_is_relied_on():
    assert CLOCK.reliable(Instant(NOW)) is True


@pytest.mark.parametrize("instant", [None, Instant(NOW + 1)])
def test_what_cannot_be_relied_on_is_plainly_false(instant):
    assert [CLOCK.reliable(instant), CLOCK.older(instant, 0), CLOCK.newer(instant, 10)] == [False, False, False]
    assert [type(answer(instant, 1)) for answer in (CLOCK.older, CLOCK.newer)] == [bool, bool]


def test_without_any_time_and_without_the_servers_clock_nothing_is_relied_on():
    assert Clock(None, NOW).reliable(None) is False


@pytest.mark.parametrize(("seconds", "text"), [(0, "1970-01-01T00:00:00Z"), (59.999999999, "1970-01-01T00:00:59Z")])
def test_seconds_are_told_as_utc_and_never_rounded_up(seconds, text):
    assert iso(seconds) == text
    assert iso(59.9999999999999) == "1970-01-01T00:00:59Z"


def test_times_and_clocks_cannot_be_changed_once_they_are_read():
    with pytest.raises(AttributeError):
        Instant(NOW).seconds = 0
    with pytest.raises(AttributeError):
        CLOCK.local = 0

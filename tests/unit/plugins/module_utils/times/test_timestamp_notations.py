# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The notations of times: one line adds one. What can mean several times is not read, and no time can raise."""

from __future__ import annotations

from datetime import datetime, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.aimms.cloud.plugins.module_utils.models.log_line import LogLine
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import FIELDS, Session
from ansible_collections.aimms.cloud.plugins.module_utils.models.task import Task
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Clock, Instant, iso, parse_instant

TEN = "2026-11-27T10:00:00Z"
NOW = 1753358400.0

READ = {
    "Fri, 27 Nov 2026 10:00:00 GMT": TEN,
    "Fri, 27 Nov 2026 10:00:00 +0000": TEN,
    "Fri, 27 Nov 2026 11:00:00 +0100": TEN,
    "Fri, 27 Nov 2026 05:00:00 -0500": TEN,
    "27 Nov 2026 10:00:00 UT": TEN,
    "27 Nov 2026 10:00 UTC": TEN,
    "fri, 27 nov 2026 10:00:00 gmt": TEN,
    "Tue, 3 Nov 2026 10:00:00 GMT": "2026-11-03T10:00:00Z",
    "/Date(1795773600000)/": TEN,
    "/Date(1795773600000+0100)/": TEN,
    "/Date(1795773600999-0700)/": TEN,
    "/Date(0)/": "1970-01-01T00:00:00Z",
    "/Date(-62135596800000)/": "0001-01-01T00:00:00Z",
    "/Date(253402300799999)/": "9999-12-31T23:59:59Z",
    "2026-11-27T09:59:60Z": TEN,
    "2026-11-27T10:59:60+01:00": TEN,
    "2026-11-27T10:00:00+00:00Z": TEN,
    "2026-11-27T10:00:00.123+0000Z": TEN,
    "2026-11-27T10:00:00-00:00Z": TEN,
    "2026-11-27T10:00:00.000 +0000": TEN,
    "2026-11-27 10:00:00 +0000": TEN,
    "2026-11-27 10:00:00 UTC": TEN,
    "2026-11-27T10:00:00Z[UTC]": TEN,
    "2026-11-27T11:00:00+01:00[Europe/Amsterdam]": TEN,
    "2026-11-27T10:00:00.1234567Z[Etc/GMT+0]": TEN,
    "20261127T100000Z": TEN,
    "20261127T100000.123Z": TEN,
    "20261127T110000+0100": TEN,
    "20261127 100000Z": TEN,
    "2026/11/27 10:00:00Z": TEN,
    "2026/11/27 11:00:00 +01:00": TEN,
    "2026-W48-5T10:00:00Z": TEN,
    "2026W485T100000Z": TEN,
    "1795773600": TEN,
    "1795773600.999": TEN,
    "1795773600123.5": TEN,
    "1795773600000000000": TEN,
    1795773600.25: TEN,
    1.7957736e12: TEN,
    "9999-12-31T23:59:59.9999999Z": "9999-12-31T23:59:59Z",
    "9999-12-31T23:59:59.999999999999+00:00": "9999-12-31T23:59:59Z",
    "9999-12-31T23:59:59Z": "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00Z": "0001-01-01T00:00:00Z",
    "2026-11-27T09:59:59.9999999Z": "2026-11-27T09:59:59Z",
}
"""Times with a zone, and what they mean."""
WITHOUT_ZONE = ("20261127T100000", "2026/11/27 10:00:00", "2026-W48-5T10:00:00.5", "2026-11-27T09:59:60")
UNREADABLE = (
    "11/12/2026",
    "11/12/2026 10:00:00",
    "27.11.2026 10:00:00",
    "2026.11.27 10:00:00",
    "2 hours ago",
    "yesterday",
    "27 nov. 2026 10:00:00",
    "27 Dez 2026 10:00:00 GMT",
    "Friday, 27-Nov-26 10:00:00 GMT",
    "Fri, 27 Nov 26 10:00:00 GMT",
    "Fri, 27 Nov 2026 10:00:00",
    "Fri, 27 Nov 2026 10:00:00 CET",
    "Fri, 31 Nov 2026 10:00:00 GMT",
    "Fri, 27 Nov 2026 25:00:00 GMT",
    "2026-11-27 10:00:00 PM",
    "2026-11-27T10:00:00+02:00Z",
    "2026-11-27T10:00:00Z+02:00",
    "2026-11-27T10:00:00[Europe/Amsterdam]",
    "2026-11-27T10:00:00Z[",
    "2026-11-27T10:00:61Z",
    "2026-11-27T24:00:00Z",
    "2026-11/27T10:00:00Z",
    "2026-1127T100000Z",
    "20261327T100000Z",
    "20261127T1000.5Z",
    "20261127T1000600Z",
    "2026-W54-1T10:00:00Z",
    "2026-W48-8T10:00:00Z",
    "0000-11-27T10:00:00Z",
    "10000-01-01T00:00:00Z",
    "+12026-11-27T10:00:00Z",
    "9999-12-31T23:59:60Z",
    "9999-12-31T23:59:59-01:00",
    "/Date(253402300800000)/",
    "/Date(-62135596800001)/",
    "/Date(9999999999999999)/",
    "/Date()/",
    "Date(1795773600000)",
    "-1795773600",
    "1e308",
    "NaN",
    1e308,
    -1e308,
    float("nan"),
    True,
    -1795773600,
    10**400,
)


@pytest.mark.parametrize(("value", "meaning"), READ.items(), ids=map(str, READ))
def test_what_can_mean_only_one_time_is_read(value, meaning):
    found = parse_instant(value)
    assert (found.iso(), found.assumed_utc) == (meaning, False)


@pytest.mark.parametrize("text", WITHOUT_ZONE)
def test_a_rare_notation_without_a_zone_is_marked_too(text):
    assert (parse_instant(text).iso(), parse_instant(text).assumed_utc) == (TEN, True)


@pytest.mark.parametrize("value", UNREADABLE, ids=[str(value)[:40] for value in UNREADABLE])
def test_what_can_mean_several_times_or_none_is_not_read(value):
    assert parse_instant(value) is None


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), -float("inf"), 1e308, 253402300800, -62135596801])
def test_seconds_that_no_calendar_has_are_null(seconds):
    assert iso(seconds) is None
    assert Instant(seconds).iso() is None


_PARTS = st.tuples(
    st.sampled_from(["0000", "0001", "1969", "2026", "9999", "10000"]),
    st.sampled_from(["-01-01", "-02-29", "-12-31", "/12/31", "1231", "-W01-1", "-W53-7"]),
    st.sampled_from(["T", " ", "t", ""]),
    st.sampled_from(["00:00:00", "23:59:59", "23:59:60", "24:00:00", "000000", "235960", "99:99:99", "00:00"]),
    st.sampled_from(["", ".9999999", ",999999999999", ".0"]),
    st.sampled_from(["", "Z", "+00:00Z", "+23:59", "-2359", " +14", "[UTC]", "Z[UTC]"]),
).map("".join)
_MILLISECONDS = st.integers(-(10**15), 10**15).map(lambda count: f"/Date({count})/")
_ANY = st.one_of(_PARTS, _MILLISECONDS, st.text(), st.floats(), st.integers(), st.booleans(), st.none())


@given(_ANY)
def test_no_time_of_a_record_can_raise_anywhere(value):
    """Whatever the value: what is read can be shown, subtracted and compared."""
    found = parse_instant(value)
    if found is not None:
        assert len(found.iso()) == len(TEN)
        assert len(LogLine(found, "").text()) == len("2026-11-27 10:00:00.000 ")
        assert parse_instant(found.iso()).seconds == found.seconds // 1
    names = ("created_at", "started_at", "ended_at")
    session = Session.from_record({"id": "s-1", **dict.fromkeys(names, value)}, "webui")
    assert tuple(session.as_dict(NOW)) == FIELDS
    Task.from_record({"id": "t-1", "createdAt": value, "endedAt": value}).as_dict()
    for clock in (Clock(NOW, NOW), Clock(None, NOW), Clock(-62135596800.0, 253402300799.0)):
        assert not (clock.older(found, 3600) and clock.newer(found, 3600))


@pytest.mark.parametrize("month", range(1, 13))
@pytest.mark.parametrize("day", range(1, 8))
def test_each_month_and_each_day_of_the_week_is_read(month, day):
    made = datetime(2026, month, day, 10, tzinfo=timezone.utc)
    assert parse_instant(format_datetime(made, usegmt=True)) == Instant(made.timestamp())

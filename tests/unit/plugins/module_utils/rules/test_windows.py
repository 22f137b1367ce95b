# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A part of each day, by the wall clock of a zone, also over midnight and on days with another offset."""

from __future__ import annotations

from datetime import datetime, timezone
from zoneinfo import ZoneInfo

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.module_utils.rules.windows import Window, window_from

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc).timestamp()


@pytest.mark.parametrize(
    ("between", "time", "inside"),
    [
        ("22:00-06:00", "2026-01-15T21:00", True),
        ("22:00-06:00", "2026-01-15T20:59:59", False),
        ("22:00-06:00", "2026-01-15T04:59:59", True),
        ("22:00-06:00", "2026-01-15T05:00", False),
        ("22:00-06:00", "2026-07-15T20:00", True),
        ("22:00-06:00", "2026-07-15T04:00", False),
        ("22:00 - 06:00", "2026-01-15T23:00", True),
        ("08:00-18:00", "2026-01-15T07:00", True),
        ("08:00-18:00", "2026-01-15T17:00", False),
        ("02:00-03:00", "2026-03-29T01:30", False),
        ("02:00-03:00", "2026-10-25T00:30", True),
        ("02:00-03:00", "2026-10-25T01:30", True),
        ("00:00-23:59", "2026-01-15T22:59:30", False),
    ],
)
def test_a_time_is_read_on_the_wall_clock_of_the_zone(between, time, inside):
    assert window_from(between, "between", AMSTERDAM).contains(at(time)) is inside


def test_each_minute_is_inside_or_in_the_other_part_of_the_day():
    night, day = Window(22 * 60, 6 * 60, timezone.utc), Window(6 * 60, 22 * 60, timezone.utc)
    for minute in range(0, 24 * 60, 7):
        assert night.contains(minute * 60.0) != day.contains(minute * 60.0)


@pytest.mark.parametrize(
    "text", ["", "22", "22-6", "22:00", "24:00-06:00", "22:60-06:00", "22:00-06:00 CET", "٢٢:00-06:00", "10:00-10:00"]
)
def test_what_is_no_part_of_a_day_is_refused(text):
    with pytest.raises(OptionError, match=r"^between: "):
        window_from(text, "between", AMSTERDAM)

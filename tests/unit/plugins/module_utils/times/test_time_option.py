# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A moment is a time or a duration before now, and nothing else."""

from __future__ import annotations

from datetime import timedelta, timezone

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.module_utils.times.time_option import TimeOption, time_option_from
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Clock

CLOCK = Clock(server=1_000_000.0, local=2_000_000.0)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-01-31", 1769817600.0),
        ("2026-01-31T08:15:00Z", 1769847300.0),
        ("2026-01-31 08:15", 1769847300.0),
        ("2026-01-31T09:15:00+01:00", 1769847300.0),
    ],
)
def test_a_time_is_that_time_whatever_the_clock(text, seconds):
    assert time_option_from({"begin": text}, "begin") == TimeOption(seconds)
    assert time_option_from({"begin": text}, "begin").at(CLOCK) == seconds


def test_a_time_without_a_zone_is_read_in_the_zone_given():
    zone = timezone(timedelta(hours=2))
    assert time_option_from({"begin": "2026-01-31 10:15"}, "begin", zone) == TimeOption(1769847300.0)


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("2h", 7200), ("1d12h", 129600), ("PT8H", 28800)])
def test_a_duration_is_that_long_ago_by_the_clock_of_the_server(text, seconds):
    moment = time_option_from({"end": text}, "end")
    assert moment == TimeOption(seconds, ago=True)
    assert moment.at(CLOCK) == 1_000_000.0 - seconds
    assert moment.at(Clock(None, 2_000_000.0)) == 2_000_000.0 - seconds


@pytest.mark.parametrize("text", ["yesterday", "8", 8, "1769847300", "2026-13-01", "-2h", "2026-01-31T25:00"])
def test_anything_else_is_an_error_that_names_the_option(text):
    with pytest.raises(OptionError, match=rf"^begin: '{text}' is neither a time nor a duration.*2026-01-31.*8h"):
        time_option_from({"begin": text}, "begin")


def test_what_is_not_given_is_none():
    assert time_option_from({}, "begin") is None
    assert time_option_from({"begin": None}, "begin") is None

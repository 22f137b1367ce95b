# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Durations: what is read, and that nothing is guessed. Proves rule 18."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.module_utils.times.duration import parse_duration

HOUR, DAY, WEEK = 3600, 86400, 604800


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("45m", 45 * 60),
        ("8h", 8 * HOUR),
        ("2d", 2 * DAY),
        ("1w", WEEK),
        ("1d12h", 36 * HOUR),
        ("1w2d3h4m5s", WEEK + 2 * DAY + 3 * HOUR + 4 * 60 + 5),
        ("8H", 8 * HOUR),
        ("1W2D3H4m5S", WEEK + 2 * DAY + 3 * HOUR + 4 * 60 + 5),
        ("  8h ", 8 * HOUR),
        ("0s", 0),
        ("007d", 7 * DAY),
        ("36600d", 36600 * DAY),
        ("3162240000s", 36600 * DAY),
    ],
)
def test_a_number_with_a_unit(text, seconds):
    assert parse_duration(text, "older_than") == seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("PT8H", 8 * HOUR),
        ("PT90S", 90),
        ("PT45M", 45 * 60),
        ("P2D", 2 * DAY),
        ("P1W", WEEK),
        ("P12W", 12 * WEEK),
        ("P30D", 30 * DAY),
        ("P1DT12H", 36 * HOUR),
        ("pt1h30m", 90 * 60),
        ("PT0S", 0),
    ],
)
def test_iso_8601(text, seconds):
    assert parse_duration(text, "older_than") == seconds


@pytest.mark.parametrize("text", ["8", "0", "86400", 8, " 30 ", "\uff18"])
def test_a_bare_number_is_refused_for_its_missing_unit(text):
    with pytest.raises(OptionError, match=r"^older_than: '.*' has no unit\. Use .*8h"):
        parse_duration(text, "older_than")


@pytest.mark.parametrize(
    "text",
    [
        *"- -8h +8h 8.5h 8,5h 8h30 h 8x 8hh 8h8h 12h1d 1m1h 8_0h 8h; 1e3s 0x8h inf nan None True".split(),
        *"1M 2d3M P PT P1DT T8H P1Y P1M P1Y2M P1H PT1D P1.5D PT8H30".split(),
        "\uff18h",
        "PT\uff18H",
        "8h\n8h",
        "",
        " ",
        "8 h",
        "1d 12h",
        "1 day",
        "eight hours",
        "{{ limit }}",
        8.5,
        None,
        True,
        ["8h"],
    ],
)
def test_anything_else_is_refused(text):
    with pytest.raises(OptionError, match=r"(?s)^older_than: '.*' (is not a duration|has no unit)"):
        parse_duration(text, "older_than")


CENTURIES = ["36601d", "36600d1s", "5300w", "99999999999999999999w", "1w99999999999h", "9" * 5000 + "s"]


@pytest.mark.parametrize("text", [*CENTURIES, "1w" + "9" * 5000 + "h"])
def test_more_than_a_century_is_refused_in_one_sentence_that_names_option_and_value(text):
    with pytest.raises(OptionError) as caught:
        parse_duration(text, "older_than")
    assert str(caught.value) == f"older_than: '{text}' is longer than a century."


@pytest.mark.parametrize(("text", "what"), [("8", "has no unit"), ("eight", "is not a duration")])
def test_a_refusal_names_option_value_and_the_forms_that_there_are(text, what):
    with pytest.raises(OptionError) as caught:
        parse_duration(text, "quiet_for")
    assert str(caught.value) == (
        f"quiet_for: '{text}' {what}. "
        "Use a number with a unit, such as 90s, 45m, 8h, 2d, 1w, 1d12h, or ISO 8601 such as PT8H."
    )


def test_the_option_is_named():
    with pytest.raises(OptionError, match=r"^wait_timeout:"):
        parse_duration("120", "wait_timeout")

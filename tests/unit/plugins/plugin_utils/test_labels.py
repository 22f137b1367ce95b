# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of pages and tables: ages, times, reasons and results, and foreign text without tricks."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.plugin_utils import labels


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 seconds"),
        (1, "1 second"),
        (1.9, "1 second"),
        (60, "1 minute"),
        (3661, "1 hour 1 minute"),
        (90_000, "1 day 1 hour"),
        (86_400 + 59, "1 day"),
        (None, "not known"),
        (-5, "not known"),
    ],
)
def test_ages_are_said_in_words(seconds, said):
    assert labels.age(seconds) == said


@pytest.mark.parametrize("value", [None, "", "2026-01-31", 5])
def test_an_odd_time_is_shown_as_it_is(value):
    assert labels.utc_time(value) == labels.clean(value)
    assert labels.utc_time("2026-01-31T08:15:59Z") == "2026-01-31 08:15 UTC"


def test_reasons_and_results_are_said_in_words_also_new_ones():
    assert labels.reason("recent_log").startswith("still at work")
    assert labels.reason("a_new_one") == "a new one"
    assert labels.result({"result": "failed", "msg": "503\n"}) == "could not be ended. 503"
    assert labels.result({"result": "as_never_before"}) == "as never before"
    assert labels.cleanup_note(None) == "not listed by it"
    assert labels.cleanup_note({"list": "planned", "why": "would_terminate", "msg": ""}) == "planned to be ended"
    assert labels.cleanup_note({"list": "failed", "why": "unknown", "msg": "x"}) == "nobody knows whether it ended. x"


@pytest.mark.parametrize(
    ("seconds", "shown"), [(None, "?"), ("x", "?"), (59, "0m"), (3599, "59m"), (3700, "1h01m"), (183600, "2d03h")]
)
def test_a_short_age_has_two_units_at_most(seconds, shown):
    assert labels.short_age(seconds) == shown

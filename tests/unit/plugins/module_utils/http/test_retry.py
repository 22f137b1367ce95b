# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a read is tried again and after how long. Proves rule 6."""

from __future__ import annotations

import time
from email.utils import formatdate

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.http.retry import backoff, http_date, retry_after

NOON = 1753358400.0  # Thu, 24 Jul 2025 12:00:00 GMT


def test_the_pause_is_full_jitter_up_to_twenty_seconds():
    bounds = [(low, high) for attempt in range(9) for low, high in [backoff(attempt, lambda low, high: (low, high))]]
    assert bounds == [(0.0, high) for high in (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 20.0, 20.0, 20.0)]


def test_any_number_of_attempts_has_a_pause():
    assert backoff(10**6, lambda _low, high: high) == 20.0


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0.0),
        ("7", 7.0),
        (" 7 ", 7.0),
        ("86400", 86400.0),
        ("99999999999", 99999999999.0),
        ("999999999999", float("inf")),
        ("9" * 5000, float("inf")),
        ("Thu, 24 Jul 2025 12:00:30 GMT", 30.0),
        ("Thursday, 24-Jul-25 12:00:30 GMT", 30.0),
        ("Thu Jul 24 12:00:30 2025", 30.0),
        ("Thu, 24 Jul 2025 14:00:30 +0200", 30.0),
        ("Thu, 24 Jul 2025 11:00:00 GMT", 0.0),
    ],
)
def test_retry_after_in_seconds_or_as_a_date(header, seconds):
    assert retry_after(header, NOON) == seconds


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        " ",
        "-5",
        "+5",
        "1.5",
        "1e3",
        "0x10",
        "soon",
        "7 s",
        "\uff17",
        "nan",
        "inf",
        "7, 8",
        "Thu, 99 Jul 2025 12:00:00 GMT",
        "Thu, 24 Jul 99999 12:00:00 GMT",
        "Thu, 24 Jul 2025 12:00:00 +99999999999999999999",
        "24 Jul",
        "Jul--25 12:0: GM",
        "2025-07-24T12:00:30Z?",
        "\x00",
        ",,,",
    ],
)
def test_a_malformed_retry_after_is_ignored(header):
    assert retry_after(header, NOON) is None


def test_http_dates_go_both_ways():
    assert http_date(formatdate(NOON, usegmt=True)) == NOON


@pytest.mark.parametrize(
    "text", ["Thu, 24 Jul 2025 12:00:00", "Thu Jul 24 12:00:00 2025", "Thu, 24 Jul 2025 12:00:00 -0000"]
)
@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/Los_Angeles"])
def test_a_date_without_a_zone_is_not_read_in_the_local_one(monkeypatch, text, zone):
    """HTTP dates are in GMT; the server's clock must not depend on where this machine stands (rule 19)."""
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert http_date(text) in (NOON, None)
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    "text", [None, "", "now", "0", "Thu, 32 Jul 2025 12:00:00 GMT", "Thu, 24 Jul 2025 25:00:00 GMT"]
)
def test_what_is_no_date(text):
    assert http_date(text) is None

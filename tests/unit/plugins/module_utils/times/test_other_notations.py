# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The less usual notations of a time, as text in the usual one; test_timestamp has the times that they mean."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.times.other_notations import as_usual


@pytest.mark.parametrize(
    ("text", "usual"),
    [
        ("20260131T081500Z", "2026-01-31T08:15:00Z"),
        ("2026/01/31 08:15:00.25+0100", "2026-01-31T08:15:00.25+0100"),
        ("2026-W05-6T08:15:00Z", "2026-01-31T08:15:00Z"),
        ("2026W056T081500", "2026-01-31T08:15:00"),
        ("2026-W60-1T08:15:00Z", "T08:15:00Z"),
        ("Sat, 31 Jan 2026 08:15:00 GMT", "2026-01-31T08:15:00Z"),
        ("1 feb 2026 08:15 +0200", "2026-02-01T08:15+0200"),
        ("31/01/2026", ""),
        ("Jan 31, 2026", ""),
        ("", ""),
    ],
)
def test_what_can_mean_one_time_only_is_written_in_the_usual_way(text, usual):
    assert as_usual(text) == usual

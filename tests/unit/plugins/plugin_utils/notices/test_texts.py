# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plan says of announcements; nothing without a notice."""

from __future__ import annotations

from ansible_collections.aimms.cloud.plugins.plugin_utils.notices.texts import notice_lines

NOTHING = {"due": [], "announced": [], "to_notify": []}


def test_without_a_notice_nothing_is_said():
    assert notice_lines({"unannounced": None}) == notice_lines({}) == []


def test_a_first_run_says_that_nothing_is_known_and_a_plan_that_it_announces_nothing():
    assert notice_lines({"unannounced": 2, "first_notice": True, "result": NOTHING}) == [
        "nothing is known of announcements of earlier runs",
        "0 of them are due: they were announced long enough ago",
        "2 of them are not announced yet; only an apply announces",
    ]


def test_the_first_end_of_a_notice_is_told():
    announced = [{"due_at": "2026-03-04T00:00:00Z"}, {"due_at": "2026-03-03T00:00:00Z"}]
    result = {**NOTHING, "announced": announced, "to_notify": [{"sessions": announced[:1]}]}
    assert notice_lines({"unannounced": 0, "first_notice": False, "result": result})[1:] == [
        "1 of them are announced now",
        "2 wait, the first until 2026-03-03T00:00:00Z",
    ]

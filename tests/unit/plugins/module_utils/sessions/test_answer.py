# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is common to all sessions of an answer; test_info has what it consists of."""

from __future__ import annotations

from ansible_collections.aimms.cloud.plugins.module_utils.sessions.answer import ClockSnapshot
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Clock


def test_all_are_judged_by_the_clocks_of_one_moment_the_first_that_the_server_told():
    told = [Clock(None, 1.0), Clock(None, 2.0), Clock(7.0, 3.0), Clock(9.0, 5.0)]
    snapshot = ClockSnapshot(lambda: told.pop(0))
    assert [snapshot.clock() for _time in range(3)] == [Clock(None, 2.0), Clock(7.0, 3.0), Clock(7.0, 3.0)]

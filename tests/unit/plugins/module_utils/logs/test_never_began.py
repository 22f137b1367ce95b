# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Only a record whose start is told to be none, and which shows nothing that a run leaves, is one that never began."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.logs.never_began import never_began
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session


@pytest.mark.parametrize(
    ("state", "told", "never"),
    [
        ("terminated", {"started_at": None}, True),
        ("cancelled", {"started_at": "", "queue_time": 90, "run_time": 0}, True),
        ("terminated", {"started_at": "2026-01-31T08:00:00Z"}, False),
        ("terminated", {}, False),
        ("terminated", {"started_at": None, "run_time": "612.24"}, False),
        ("completed", {"started_at": None}, False),
    ],
)
def test_its_start_is_told_as_none_and_it_has_left_nothing(state, told, never):
    session = Session.from_record({"id": "s1", "state": state, **told}, "task")
    assert never_began(session) is never

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of the work on one target: what its result says of a change. Proves rule 23."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.changes.change import Attempt, Outcome
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.scripted_change import Target

A = Target("a")


def test_it_begins_with_nothing_sent_read_or_failed():
    assert Attempt(A) == Attempt(A, None, False, False, False, 0, 0.0, 0.0, 0.0, 0.0, 0.0, 0, "")


@pytest.mark.parametrize(
    ("known", "result", "changed"),
    [
        ({}, "unknown", False),
        ({}, "failed", False),
        ({"sends": 1}, "unknown", False),
        ({"asked": True}, "unknown", True),
        ({"asked": True}, "failed", False),
        ({"asked": True}, "not_tried", False),
        ({"asked": True, "taken": True}, "requested", True),
        ({"asked": True, "taken": True}, "unknown", True),
        ({"asked": True, "taken": True}, "failed", True),
    ],
)
def test_what_may_have_been_carried_out_is_a_change(known, result, changed):
    attempt = Attempt(A, **known)
    attempt.settle(result, "Why.", unread=True)
    assert attempt.outcome == Outcome(A, result, "Why.", changed, True)


def test_a_result_has_no_message_of_its_own():
    attempt = Attempt(A)
    attempt.settle("requested")
    assert attempt.outcome == Outcome(A, "requested")

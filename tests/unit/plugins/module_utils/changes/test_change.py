# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a single read says of a change: nothing to do, done, or not decided yet. Proves rules 16 and 23."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.changes.change import Outcome, settle
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.scripted_change import ScriptedChange, Target

A = Target("a")
OVER, CLOSING = A.as_done(), replace(A, state="closing")
ANOTHER, ANOTHER_OVER = replace(A, owner="ann"), replace(A, owner="ann").as_done()
PUZZLED = replace(A, state="puzzled", active=False)
ASKED = ({"sent": True}, {"accepted": True}, {"sent": True, "accepted": True})
CHANGE = ScriptedChange()


def settled(live, **known):
    """The outcome after this read, whether or not it is settled."""
    outcome = Outcome(A, "pending", **known)
    decided = settle(CHANGE, outcome, live)
    assert decided is (outcome.result != "pending")
    return outcome


@pytest.mark.parametrize("known", ASKED)
@pytest.mark.parametrize("live", [None, OVER, ANOTHER, ANOTHER_OVER])
def test_after_a_request_what_is_gone_over_or_another_one_is_done(live, known):
    assert settled(live, **known).result == "terminated"


@pytest.mark.parametrize(
    ("live", "result", "said"),
    [
        (None, "not_found", "The server has no such session."),
        (OVER, "already_ended", "It had ended before."),
        (ANOTHER, "changed_since", "belongs to another session. Nothing was sent."),
        (ANOTHER_OVER, "changed_since", "belongs to another session. Nothing was sent."),
        (PUZZLED, "unknown", "Its state 'puzzled' is neither active nor ended; nothing was sent."),
    ],
)
def test_before_a_request_nothing_of_that_is_claimed_to_be_done(live, result, said):
    outcome = settled(live)
    assert outcome.result == result
    assert said in outcome.msg


@pytest.mark.parametrize("live", [A, CLOSING])
@pytest.mark.parametrize("known", [{}, *ASKED])
def test_one_that_is_active_is_not_settled(live, known):
    assert settled(live, **known) == Outcome(A, "pending", **known)


@pytest.mark.parametrize("known", ASKED)
def test_after_a_request_a_state_that_nobody_knows_settles_nothing(known):
    assert settled(PUZZLED, **known).result == "pending"


@pytest.mark.parametrize("known", [{}, *ASKED])
def test_the_outcome_is_about_the_session_as_it_is_now_but_never_about_another_one(known):
    assert settled(OVER, **known).target is OVER
    assert settled(ANOTHER, **known).target is A
    assert settled(None, **known).target is A


@pytest.mark.parametrize(
    ("known", "asked"), [({}, False), ({"sends": 1, "late": True}, False), *((known, True) for known in ASKED)]
)
def test_the_server_was_asked_when_a_request_was_sent_or_accepted(known, asked):
    assert Outcome(A, "pending", **known).asked is asked

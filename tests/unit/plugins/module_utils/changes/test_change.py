# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a single read says of a change: nothing to do, done, or not decided yet. Proves rules 16 and 23."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.changes.change import Change, Outcome, verdict
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.scripted_change import ScriptedChange, Target

A = Target("a")
OVER, CLOSING = A.as_done(), replace(A, state="closing")
ANOTHER, ANOTHER_OVER = replace(A, owner="ann"), replace(A, owner="ann").as_done()
UNTOLD, UNTOLD_OVER = replace(A, owner=None, app_name="Crew"), replace(A, owner=None, app_name="Crew").as_done()
PUZZLED = replace(A, state="puzzled", active=False)
CHANGE = ScriptedChange()


def said(live, planned=A, *, asked):
    return verdict(CHANGE, planned, live, asked=asked)


@pytest.mark.parametrize("live", [None, OVER, ANOTHER, ANOTHER_OVER, UNTOLD_OVER])
def test_after_a_request_what_is_gone_over_or_another_one_is_done(live):
    outcome = said(live, asked=True)
    assert (outcome.result, outcome.changed) == ("terminated", True)


@pytest.mark.parametrize(
    ("live", "result", "msg"),
    [
        (None, "not_found", "The server has no such session."),
        (OVER, "already_ended", "It had ended before."),
        (ANOTHER, "changed_since", "another session: its owner was 'jdoe' and is 'ann'. Nothing was sent."),
        (ANOTHER_OVER, "changed_since", "another session: its owner was 'jdoe' and is 'ann'. Nothing was sent."),
        (PUZZLED, "unknown", "Its state 'puzzled' is neither active nor ended; nothing was sent."),
        (UNTOLD, "failed", "there is no app, owner or created_at to compare. Nothing was sent."),
        (UNTOLD_OVER, "failed", "there is no app, owner or created_at to compare. Nothing was sent."),
    ],
)
def test_before_a_request_nothing_of_that_is_claimed_to_be_done(live, result, msg):
    outcome = said(live, asked=False)
    assert (outcome.result, outcome.changed) == (result, False)
    assert msg in outcome.msg


@pytest.mark.parametrize("live", [A, CLOSING])
@pytest.mark.parametrize("asked", [False, True])
def test_one_that_is_active_is_not_settled(live, asked):
    assert said(live, asked=asked) is None


@pytest.mark.parametrize("live", [PUZZLED, UNTOLD])
def test_after_a_request_what_nobody_knows_settles_nothing(live):
    assert said(live, asked=True) is None


def test_where_no_read_ever_tells_more_than_the_id_the_id_is_enough():
    nobody = replace(A, owner=None)
    assert said(nobody, nobody, asked=False) is None


@pytest.mark.parametrize("asked", [False, True])
def test_the_outcome_is_about_the_session_as_it_is_now_but_never_about_another_one(asked):
    assert said(OVER, asked=asked).target is OVER
    assert said(ANOTHER, asked=asked).target is A
    assert said(None, asked=asked).target is A


def test_an_outcome_is_no_change_unless_it_says_so():
    assert Outcome(A, "failed") == Outcome(A, "failed", "", False, False)


def test_the_base_of_all_changes_has_no_list_and_leaves_the_rest_to_each():
    base = Change(None)
    assert (base.list_cost([A]), base.listed([A]), base.is_done(OVER), base.is_done(A)) == (None, None, True, False)
    for call in (
        lambda: base.read(A, fresh=False), lambda: base.send(A, None), lambda: base.precondition_failure(A),
    ):  # fmt: skip
        with pytest.raises(NotImplementedError):
            call()

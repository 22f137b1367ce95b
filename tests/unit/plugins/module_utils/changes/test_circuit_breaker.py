# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stop after several targets in a row that fail alike. Proves rule 28."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.changes.circuit_breaker import NOT_TRIED_MSG, CircuitBreaker


def noted(*signatures):
    breaker = CircuitBreaker()
    for signature in signatures:
        breaker.note(signature)
    return breaker


def test_five_alike_in_a_row_stop():
    assert not noted(*["HttpError 403"] * 4).stopped
    assert noted(*["HttpError 403"] * 5).stopped
    assert NOT_TRIED_MSG == "Not tried: 5 in a row failed in the same way before it."


@pytest.mark.parametrize("between", ["", "HttpError 400"])
def test_a_success_or_another_failure_starts_the_count_again(between):
    assert not noted(*["HttpError 403"] * 4, between, *["HttpError 403"] * 4).stopped


def test_successes_are_not_alike():
    assert not noted(*[""] * 9).stopped


def test_a_stop_is_for_good():
    assert noted(*["HttpError 403"] * 5, "").stopped


def test_a_stop_after_some_in_doubt_ends_when_one_of_them_turns_out_well():
    breaker = CircuitBreaker()
    for _number in range(5):
        breaker.note("HttpError 503", in_doubt=True)
    assert breaker.stopped
    breaker.note("")
    assert not breaker.stopped
    for _number in range(4):
        breaker.note("HttpError 503", in_doubt=True)
    breaker.note("HttpError 503")
    breaker.note("")
    assert breaker.stopped


def test_a_stop_for_a_reason_is_at_once_and_for_good_and_the_first_reason_counts():
    breaker = CircuitBreaker()
    assert breaker.reason == NOT_TRIED_MSG
    breaker.stop("The record is gone.")
    breaker.stop("Another one.")
    breaker.note("")
    assert (breaker.stopped, breaker.reason) == (True, "The record is gone.")

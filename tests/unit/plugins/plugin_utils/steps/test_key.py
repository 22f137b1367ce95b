# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run was told of its key, and what reports and figures make of it."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.plugin_utils.steps.key import FIELDS, expiry_of, key_of, key_remarks

NONE = dict.fromkeys(FIELDS)
KEY = {**NONE, "user": "svc", "environment": "ROOT", "administrator": True, "expires_at": "2027-01-31T08:15:00Z"}


@pytest.mark.parametrize(
    "registered", [{}, {"skipped": True}, {"failed": True, "msg": "no"}, {**NONE, "not_told": ["x"]}]
)
def test_without_an_answer_nothing_is_known(registered):
    assert key_of(registered) is None


def test_only_what_is_told_of_the_key_is_kept():
    assert key_of({**KEY, "invocation": {"module_args": {"api_key": "x"}}, "remarks": ["y"]}) == {
        **KEY,
        "warned": True,
    }
    assert key_of(KEY) == {**KEY, "warned": False}


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        (KEY, "The API key belongs to svc@ROOT, an administrator, and expires at 2027-01-31T08:15:00Z."),
        (
            {**KEY, "expires_in_days": -1, "administrator": None},
            "The API key belongs to svc@ROOT, and expired at 2027-01-31T08:15:00Z.",
        ),
        ({**KEY, "expires_at": None, "administrator": None}, "The API key belongs to svc@ROOT."),
        (
            {**KEY, "environment": None, "administrator": False, "expires_at": None},
            "The API key belongs to svc, who is not an administrator: it sees only the sessions of that user.",
        ),
        (
            {**NONE, "expires_at": "2027-01-31T08:15:00Z"},
            "The API key belongs to an unknown user, and expires at 2027-01-31T08:15:00Z.",
        ),
    ],
)
def test_a_page_says_what_is_known_if_there_was_a_warning(key, sentence):
    assert key_remarks({**key, "warned": True}) == [sentence]


def test_a_page_says_nothing_of_what_is_not_known_or_as_it_should_be():
    assert key_remarks(None) == []
    assert key_remarks({**KEY, "warned": False}) == []


def test_the_expiry_is_a_time_or_not_known():
    assert expiry_of(KEY) == 1801383300
    assert expiry_of(NONE) is None
    assert expiry_of(None) is None

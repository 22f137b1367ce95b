# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Survey defaults and answers: what is given is first, what somebody changed is kept and told."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.plugin_utils.awx.surveys import answers, required, scheduled, survey

TEXT = {"variable": "older_than", "type": "text", "required": True, "default": "24h"}
CHOICE = {"variable": "apply", "type": "multiplechoice", "choices": ["yes", "no"], "required": True, "default": "no"}
NUMBER = {"variable": "most", "type": "integer", "min": 0, "max": 100, "required": True, "default": 50}
LINES = {"variable": "owners", "type": "textarea", "required": False, "default": ""}
SPEC = [TEXT, CHOICE, NUMBER, LINES]


def test_answers_become_what_awx_takes():
    given = {"older_than": 8, "apply": True, "most": "20", "owners": ["a", "b"]}
    assert answers(given, SPEC, "x") == {"older_than": "8", "apply": "yes", "most": 20, "owners": "a\nb"}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"older_then": "8h"}, "Perhaps older_than is meant."),
        ({"apply": "maybe"}, "must be one of yes, no"),
        ({"most": 101}, "must be 0 to 100"),
        ({"most": "many"}, "must be a whole number"),
        ({"most": True}, "must be a whole number"),
        ({"owners": {"a": 1}}, "must be a text or a number"),
        ({"owners": None}, "must be a text or a number"),
    ],
)
def test_an_answer_that_awx_would_refuse_is_refused(given, told):
    with pytest.raises(OptionError, match=told):
        answers(given, SPEC, "x")


def test_a_default_that_somebody_changed_is_kept_and_told_unless_it_is_given_or_overwritten():
    changed = [{**TEXT, "default": "8h"}, CHOICE, {"variable": "own", "default": "x"}]
    spec, kept = survey(SPEC, {}, changed, keep=True)
    assert [(one["variable"], one["default"]) for one in spec] == [
        ("older_than", "8h"), ("apply", "no"), ("most", 50), ("owners", ""), ("own", "x")
    ]  # fmt: skip
    assert kept == ["the default of older_than is '8h', not '24h'", "the question own was added"]
    assert survey(SPEC, {"older_than": "1h"}, changed, keep=True)[0][0]["default"] == "1h"
    assert survey(SPEC, {}, changed, keep=False) == (SPEC, [])
    assert survey(SPEC, {}, [{**CHOICE, "default": "perhaps"}], keep=True) == (
        SPEC,
        ["the default of apply was 'perhaps', which is no answer any more: it becomes 'no'"],
    )
    assert survey(SPEC, {}, [{**NUMBER, "default": "50"}], keep=True) == (SPEC, [])
    spec, kept = survey(SPEC, {}, [{**NUMBER, "default": "60"}], keep=True)
    assert (spec[2]["default"], kept) == (60, ["the default of most is '60', not '50'"])


def test_the_answers_of_a_schedule():
    shipped, has = {"apply": "yes"}, {"older_than": "8h", "apply": "yes", "most": 50, "gone": "x"}
    fresh = {"older_than": "24h", "apply": "yes", "most": 50}
    assert scheduled(SPEC, shipped, {}, {}, keep=True) == (fresh, [])
    assert scheduled(SPEC, shipped, has, {}, keep=True) == (
        {**fresh, "older_than": "8h"},
        ["older_than is '8h', not '24h'"],
    )
    assert scheduled(SPEC, shipped, has, {"older_than": "1h"}, keep=True) == ({**fresh, "older_than": "1h"}, [])
    assert scheduled(SPEC, shipped, has, {}, keep=False) == (fresh, [])
    assert scheduled(SPEC, shipped, {"apply": "perhaps"}, {}, keep=True) == (
        fresh,
        ["apply was 'perhaps', which is no answer any more: it becomes 'yes'"],
    )
    assert set(required(SPEC)) == {"older_than", "apply", "most"}

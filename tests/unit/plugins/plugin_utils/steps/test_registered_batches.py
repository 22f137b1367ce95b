# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The results of all batches, held as short texts: the same as if each step had the records of all before it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.aimms.cloud.plugins.module_utils.decoding.written import records_in
from ansible_collections.aimms.cloud.plugins.plugin_utils.role_outcomes import after_batch
from ansible_collections.aimms.cloud.plugins.plugin_utils.steps.registered import (
    held_after,
    records_of,
    released,
    text_of,
)
from ansible_collections.aimms.cloud.tests.unit.plugins.plugin_utils import role_samples

RESULTS = ["terminated", "already_ended", "failed", "not_tried", "unknown"]
BATCHES = st.lists(st.lists(st.sampled_from(RESULTS), max_size=7), min_size=1, max_size=6)


def batch_of(results, number):
    sessions = [{"id": f"{number}-{place}", "kind": "webui", "result": one} for place, one in enumerate(results)]
    kept = [{"id": f"k{number}", "reason": "protected"}]
    summary = dict.fromkeys(results, 1)
    return {"sessions": [{**one, "msg": "é{{ x }}\ud800"} for one in sessions], "kept": kept, "summary": summary}


@settings(max_examples=60, deadline=None)
@given(BATCHES)
def test_it_is_what_the_records_would_be(batches):
    values, whole, held = role_samples.settings(), None, None
    for number, results in enumerate(batches):
        batch, archive = batch_of(results, number), {"files": [{"path": f"/{number}"}]}
        if not results:
            batch = {"skipped": True}
        whole = after_batch(whole, values, [], batch, archive)
        held = json.loads(json.dumps(held_after(held, values, [], batch, archive)))
        assert {name: held[name] for name in ("stopped", "trouble", "began")} == {
            name: whole[name] for name in ("stopped", "trouble", "began")
        }
    assert {name: released(held)[name] for name in whole} == whole


@pytest.mark.parametrize("batches", [2, 40])
def test_a_step_returns_little_whatever_came_before_it(batches):
    values, held = role_samples.settings(), None
    for number in range(batches):
        held = held_after(held, values, [], batch_of(["terminated"] * 200, number))
        assert set(held) == {"began", "stopped", "trouble", "recent", "held"}
        assert len(held["recent"]) == 5
    assert max(map(len, held["held"])) < 5000
    assert len(released(held)["outcomes"]) == 200 * batches


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text())))
)
def test_a_batch_is_a_text_for_ansible_and_the_same_records_for_the_modules(records):
    text = text_of(records)
    assert not text.startswith(("[", "{"))  # which ansible-core 2.16 would evaluate
    assert records_of(text) == records_in(text, "sessions") == records

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A ledger comes back as it was written; one that was damaged or edited anywhere has no entries."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.aimms.cloud.plugins.plugin_utils.notices.ledger import (
    Entry,
    entries_in,
    identity_of,
    written,
)

TIMES = st.integers(10**9, 10**10)
TEXTS = st.text(max_size=8)
ENTRIES = st.builds(
    Entry,
    account=TEXTS,
    kind=st.sampled_from(["webui", "task"]),
    id=TEXTS,
    app_name=st.none() | TEXTS,
    owner=st.none() | TEXTS,
    created_at=st.none() | TEXTS,
    announced_at=TIMES,
    announced_by_server=TIMES,
    notice=st.integers(1, 10**6),
    seen_at=TIMES,
)
ONE = Entry("acme", "webui", "s1", "A", "a@ROOT", "2026-03-01T00:00:00Z", 10**9, 10**9 + 1, 3600, 10**9)


def text_of(*entries):
    return json.dumps(written(entries), indent=1)


@given(st.lists(ENTRIES, max_size=4))
def test_a_ledger_comes_back_as_it_was_written_as_text_and_as_a_fact(entries):
    ledger = json.loads(text_of(*entries))
    assert entries_in(ledger) == entries_in(text_of(*entries)) == (tuple(entries), "")


@given(st.lists(ENTRIES, min_size=1, max_size=3), st.data())
def test_a_damaged_ledger_has_no_other_entries_than_it_had(entries, data):
    text = text_of(*entries)
    begin = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(begin, len(text)))
    damaged = text[:begin] + data.draw(st.text(max_size=5)) + text[end:]
    assert entries_in(damaged)[0] in ((), tuple(entries))


@pytest.mark.parametrize("name", [*written([ONE])["entries"][0]])
@pytest.mark.parametrize("value", ["2001-09-09T01:46:39Z", 1, None, True, [], "x"])
def test_one_that_was_edited_by_hand_has_no_entries(name, value):
    ledger = written([ONE])
    ledger["entries"][0][name] = value
    assert entries_in(ledger)[0] == ()
    assert "edited" in entries_in(json.dumps(ledger))[1]


@pytest.mark.parametrize("nothing", [None, "", {}])
def test_where_there_is_none_nothing_is_wrong(nothing):
    assert entries_in(nothing) == ((), "")


@pytest.mark.parametrize(
    "odd",
    ["{", "[]", "null", "7", '"x"', [], 7, "[" * 100_000, {"format": 1}, {**written([ONE]), "format": 2}, "\ud800"],
)
def test_what_is_no_ledger_has_no_entries_and_says_so(odd):
    entries, problem = entries_in(odd)
    assert (entries, bool(problem)) == ((), True)


def test_a_session_has_the_identity_of_its_announcement():
    record = {"id": "s1", "kind": "webui", "app_name": "A", "owner": "a@ROOT", "created_at": "2026-03-01T00:00:00Z"}
    assert identity_of("acme", record) == ONE.identity
    for name in record:
        assert identity_of("acme", {**record, name: "other"}) != ONE.identity

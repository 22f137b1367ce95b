# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans and records as text: read in each form that a survey, ``-e`` or a template gives. A new form is one line."""

from __future__ import annotations

import json

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.decoding.written import is_written, records_in, value_in
from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError

MADE = "2026-01-01T00:00:00Z"
RECORDS = [{"id": "a", "owner": None, "created_at": MADE, "active": True}, {"id": "b,c"}]
WAYS = {
    "JSON": json.dumps(RECORDS),
    "JSON with lines": f"\n {json.dumps(RECORDS, indent=2)}\n",
    "Python": str(RECORDS),
    "YAML": f"[{{id: a, owner: null, created_at: {MADE}, active: true}}, {{id: 'b,c'}}]",
    "report": json.dumps({"applied": False, "planned": RECORDS}),
    "report of Python": str({"applied": False, "planned": RECORDS}),
}


@pytest.mark.parametrize("way", WAYS)
def test_records_are_read_in_every_form(way):
    assert records_in(WAYS[way], "sessions") == RECORDS


def test_one_record_is_a_list_of_it():
    assert records_in('{"id": "a"}', "sessions") == [{"id": "a"}]
    assert records_in("[]", "sessions") == []


@pytest.mark.parametrize("value", [None, RECORDS, 3, "", " ", "plan.json", "id=a", "/x/[1]"])
def test_what_is_no_text_of_a_list_stays_as_it_is(value):
    assert is_written(value) is False
    assert records_in(value, "sessions") is value


@pytest.mark.parametrize("text", ["[{", '{"planned": 3}', '["a"]', "[1]", "{" * 9000, '{"planned": [{}, "x"]}'])
def test_what_cannot_be_read_is_refused(text):
    with pytest.raises(OptionError) as caught:
        records_in(text, "sessions")
    assert "is no list of records. Give a list, or one as JSON text." in str(caught.value)
    assert len(str(caught.value)) < 400


def test_a_value_is_a_list_or_a_mapping_or_none():
    assert value_in(' {"planned": []}\n', "plan") == {"planned": []}
    assert value_in("[a, b", "plan") is None
    assert value_in("3", "plan") is None
    assert value_in("{[1]: 2}", "plan") is None


@pytest.mark.parametrize("text", ["- a\n---\n- b\n", "---\n- a\n...\n---\n- b\n", "[a]\n--- [b]", '["a"]\n---\n["b"]'])
def test_several_documents_are_none_as_all_but_the_first_would_be_lost(text):
    assert value_in(text, "plan") is None
    assert value_in("---\n- a\n...\n", "plan") == ["a"]


@pytest.mark.parametrize(
    "text",
    [
        '{"id": "a", "id": "b"}', "{'id': None, 'id': ('b',)}", "id: a\nid: b\n", '[{"x": {"id":\t1,\t"id":\t2}}]',
        "- id: a\n  <<: {x: 1}\n  id: b\n",
    ],
)  # fmt: skip
def test_a_name_that_stands_twice_is_refused_as_one_of_both_would_be_lost(text):
    with pytest.raises(OptionError, match="plan: 'id' stands twice in a mapping"):
        value_in(text, "plan")


def test_a_merged_name_is_no_second_one():
    assert value_in("- &a {id: a, x: 1}\n- {<<: *a, id: b}", "plan") == [{"id": "a", "x": 1}, {"id": "b", "x": 1}]


@pytest.mark.parametrize("link", ["[%s]", "{<<: [%s]}", "{p: [%s]}"])
def test_what_aliases_stand_for_counts_each_time_as_it_is_written_out(link):
    """What is read goes through templates and JSON, which write each alias out."""
    levels = [f"a{level}: &a{level} {link % ', '.join([f'*a{level - 1}'] * 10)}" for level in range(1, 12)]
    assert value_in("\n".join(["a0: &a0 {x: {z: 1}, y: 2}", *levels]), "plan") is None
    assert value_in("\n".join(["a0: &a0 {x: {z: 1}, y: 2}", *levels[:3]]), "plan") is not None

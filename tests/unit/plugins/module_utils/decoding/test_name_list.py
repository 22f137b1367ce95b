# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of names in every form that people give: the names that were meant, or a refusal. Proves rule 18."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ansible_collections.aimms.cloud.plugins.module_utils.decoding.name_list import names_from
from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.selection import Criteria, protected
from ansible_collections.aimms.cloud.tests.ways_to_write import WAYS

quickly = settings(deadline=None, database=None, max_examples=60, suppress_health_check=list(HealthCheck))
NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12) | st.text(
    "ab [](){}*?!@,;:|'\"\\-#~\n\r\t\u00a0\u200b\ufeffSß", min_size=1, max_size=12
)
OPTIONS = st.sampled_from("owners apps app_versions states protect_apps protect_owners protect_session_ids".split())
AS_ITEM = {
    "list": lambda name: [name],
    "nested": lambda name: [[[name]], ()],
    "tuple": lambda name: (name,),
    "JSON": lambda name: json.dumps([name]),
    "JSON with its own characters": lambda name: json.dumps([name], ensure_ascii=False),
    "Python": lambda name: repr([name]),
    "Python tuple": lambda name: repr((name,)),
    "YAML": lambda name: f"---\n- {json.dumps(name)}\n",
    "YAML in single quotes": lambda name: "- '" + name.replace("'", "''") + "'",
    "blanks": lambda name: [f"\ufeff\u00a0 {name}\u200b\t\r\n"],
}
"""Forms in which everything in a name is written as it is."""


def read(value, option):
    """The names, or None if they are refused."""
    try:
        return names_from(value, option)
    except OptionError:
        return None


def is_cut(name):
    """Whether a line end within a name makes several of it, in any form."""
    return len(name.strip().splitlines()) > 1


@pytest.mark.parametrize("value", [1.1, [1.1], ["a", [24.1]], (1.0,), "(1.10, 2)", float("nan")])
@pytest.mark.parametrize("option", ["app_versions", "protect_apps"])
def test_a_fraction_is_refused_as_yaml_reads_another_version_as_it(value, option):
    with pytest.raises(OptionError, match=r"it may be another text that YAML read as a number, as 1\.10: put it in"):
        names_from(value, option)


@pytest.mark.parametrize("value", ["1.10", ["1.10"], "[1.10]", '[1.10, "2"]', "1.10, 2", "- 1.10", "[1.10, v2]"])
def test_but_not_where_it_is_written_as_text(value):
    assert names_from(value, "app_versions")[0] == "1.10"


@pytest.mark.parametrize("label", WAYS)
def test_each_way_to_write_a_protection_is_understood_or_refused(label):
    option, value, name, refused = WAYS[label]
    if refused:
        with pytest.raises(OptionError, match=rf"^{option}: "):
            names_from(value, option)
    else:
        names = names_from(value, option)
        session = Session(name, "webui", app_name=name, owner=name)
        assert protected(session, Criteria(**{option: names}))
        assert not protected(Session("x", "webui", app_name="other", owner="other@NONE"), Criteria(**{option: names}))


@pytest.mark.parametrize("form", AS_ITEM)
@quickly
@given(name=NAMES, option=OPTIONS)
@example(name="[PROD]", option="protect_apps")
@example(name="- a", option="protect_apps")
@example(name="it's", option="protect_apps")
def test_a_name_in_any_form_is_itself_or_refused_in_all_of_them(form, name, option):
    found = read(AS_ITEM[form](name), option)
    if found is None or is_cut(name):
        return
    if not found:  # a list that is written as an item, and empty
        assert set(name) <= set("[](),\n\r\t \u00a0\u200b\ufeff")
        return
    assert len(found) == 1
    assert name.strip().strip("\u200b\ufeff").strip() == found[0] or found == read([name], option)
    assert names_from(list(found), option) == found


@quickly
@given(value=st.recursive(NAMES, lambda inner: st.lists(inner, max_size=3) | st.tuples(inner)), option=OPTIONS)
def test_what_was_read_is_read_again_as_itself(value, option):
    found = read(value, option)
    if found is not None:
        assert names_from(list(found), option) == found
        assert all(name and name == name.strip() for name in found)


def test_null_is_none_and_an_empty_list_protects_nothing():
    assert names_from(None, "protect_owners") is None
    for empty in ([], (), [[]], "[]", "()"):
        assert names_from(empty, "protect_owners") == ()
        assert names_from(empty, "stale_session_cleanup_protect_owners") == ()
        with pytest.raises(OptionError, match=r"^owners: an empty filter is refused; it never means 'all'"):
            names_from(empty, "owners")


@pytest.mark.parametrize("empty", ["", " ", "\n", "\u200b", [""], ["a", None], "a,,b", ",", ",a", "[null]", "- a\n-"])
def test_an_empty_name_is_refused(empty):
    with pytest.raises(OptionError, match=r"^protect_owners: an empty filter is refused"):
        names_from(empty, "protect_owners")


@pytest.mark.parametrize("value", [{"a": 1}, [{"a": 1}], True, [False], b"a", [b"a"], object(), ["a", {}]])
def test_what_is_no_text_is_refused(value):
    with pytest.raises(OptionError, match=r"^protect_owners: '.*' cannot be a name: it is neither a text nor a list"):
        names_from(value, "protect_owners")


@pytest.mark.parametrize(
    ("value", "protection", "filtered"),
    [
        (["Doe, Jane"], ("Doe, Jane",), ("Doe, Jane",)),
        (["a*, b"], ("a*, b",), None),
        (["a; b, c"], None, None),
        (["[PROD]"], ("[PROD]",), ("[PROD]",)),
        ("[PROD]", ("[PROD]",), None),
        ("[a, b]", ("a", "b"), ("a", "b")),
        ("a,", ("a",), ("a",)),
    ],
)
def test_what_may_be_a_name_or_a_list_is_a_protection_but_no_filter(value, protection, filtered):
    assert read(value, "protect_apps") == protection
    assert read(value, "apps") == filtered


def test_a_list_without_an_end_is_refused():
    deep: list[object] = []
    deep.append(deep)
    for value in (deep, "[" * 30 + "'a'" + "]" * 30, "[" * 100_000 + "]" * 100_000):
        assert read(value, "protect_owners") is None


def test_the_message_shows_the_item_and_says_what_to_do():
    with pytest.raises(OptionError) as refused:
        names_from("carol@*,svc-*;admin@*", "protect_owners")
    assert str(refused.value) == (
        "protect_owners: 'svc-*;admin@*' cannot be a name: only commas and line ends separate names. Give a list of "
        "names or shell globs, or text with commas or line ends between them. In a name, '?' stands for any character."
    )

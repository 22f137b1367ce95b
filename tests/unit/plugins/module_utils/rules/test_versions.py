# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which versions of an app are old: the newest ones in use never, and none whose order is not certain."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.aimms.cloud.plugins.module_utils.rules.versions import outdated


def old(*versions, newest=1, app="planner"):
    """The old ones, in the order in which they were given."""
    found, warnings = outdated(((app, version) for version in versions), (), newest)
    assert not (found and warnings)
    return [version for version in versions if (app, version) in found]


@pytest.mark.parametrize(
    ("oldest", "newest"),
    [
        ("22.1.0", "24.1.10"),
        ("1.9", "1.10"),
        ("1.0", "1.0.1"),
        ("1", "1.1"),
        ("1.0", "v1.1"),
        ("1.0.0-rc1", "1.0.0-rc2"),
        ("1.0-beta.9", "1.0-beta.10"),
        ("2025-11-30", "2026-01-02"),
        ("r9", "r10"),
        ("1.0.1-beta", "1.1"),
        ("1.2", "1." + "9" * 5000),
        ("0.0000000000000000000009", "0.10"),
    ],
)
def test_numbers_are_compared_as_numbers(oldest, newest):
    assert old(oldest, newest) == old(newest, oldest) == [oldest]


@pytest.mark.parametrize(
    ("one", "other"),
    [("1.0", "1.0.0"), ("1.0", "v1.0"), ("1.01", "1.1"), ("1-2", "1.2"), ("1.0", "01.0")],
)
def test_what_is_the_same_version_makes_none_old(one, other):
    assert old(one, other) == []
    assert old(one, other, "9.9") == [one, other]
    assert old("0.1", one, other, newest=2) == []


@pytest.mark.parametrize(
    "versions",
    [
        ("prod", "test"),
        ("1.0", "1.0-test"),
        ("1.0", "1.0b"),
        ("1.0-alpha", "1.0-beta"),
        ("1.0", "2.0", "latest"),
        ("1.0+abc", "1.0+def"),
        ("1.٣", "1.4"),
        ("1.0", "2.0", "2.x"),
    ],
)
def test_where_the_order_is_not_certain_all_are_kept_with_a_warning(versions):
    found, (warning,) = outdated((("planner", version) for version in versions), (), 1)
    assert found == set()
    assert warning.startswith("keep_versions: all sessions of planner are kept, as it is not certain which is newer, ")


def test_where_few_enough_are_in_use_their_order_does_not_matter():
    assert outdated([("planner", "prod"), ("planner", "test"), ("other", "1")], (), 2) == (set(), [])


def test_each_app_has_its_own_newest_ones_and_one_without_order_does_not_keep_the_others():
    in_use = [("a", "1.0"), ("a", "2.0"), ("b", "7.0"), ("c", "x"), ("c", "y")]
    found, warnings = outdated(in_use, (), 1)
    assert (found, len(warnings)) == ({("a", "1.0")}, 1)


def test_what_is_not_known_is_not_old_and_makes_nothing_old():
    assert outdated([("", "1.0"), ("", "2.0"), ("a", ""), ("a", "1.0")], [("a", "")], 1) == (set(), [])


@pytest.mark.parametrize(("newest", "expected"), [(1, {"0.9", "1.0"}), (2, {"0.9"}), (3, set())])
def test_what_is_not_in_use_may_be_old_but_makes_nothing_old(newest, expected):
    in_use, others = [("a", "1.0"), ("a", "2.0")], [("a", "3.0"), ("a", "0.9")]
    assert outdated(in_use, others, newest)[0] == {("a", version) for version in expected}


def test_several_are_kept():
    assert old("1.0", "1.1", "1.2", "1.10", newest=2) == ["1.0", "1.1"]


VERSIONS = st.lists(st.from_regex(r"v?[0-9]{1,2}([.-](0|1|10|9|a|rc1)){0,3}", fullmatch=True), max_size=8)


@given(VERSIONS, st.integers(1, 4))
def test_the_newest_are_never_old_whatever_the_order_in_which_they_come(versions, newest):
    found = old(*versions, newest=newest)
    assert set(found) == set(old(*reversed(versions), newest=newest))
    assert len(set(versions)) - len(set(found)) >= min(newest, len(set(versions)))


@given(VERSIONS, VERSIONS, st.integers(1, 3))
def test_a_part_of_the_list_makes_no_more_old_than_all_of_it(versions, more, newest):
    others = [("a", version) for version in more]
    every, warnings = outdated((("a", version) for version in [*versions, *more]), others, newest)
    part, _warnings = outdated((("a", version) for version in versions), others, newest)
    assert part <= every or warnings

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole log, and how much there is of it."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import AnswerError
from ansible_collections.aimms.cloud.plugins.module_utils.logs.reader import Extent, LogReader
from ansible_collections.aimms.cloud.plugins.module_utils.paging.log_pages import LogPage
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.served_log import Manager, log


@pytest.mark.parametrize("backwards", [True, False])
def test_a_whole_log_comes_oldest_first(backwards):
    manager = Manager(log(*range(100)), backwards=backwards)
    assert list(LogReader(manager).all("webui", "s1")) == log(*range(100))


def test_a_log_that_is_not_whole_is_an_error_for_who_saves_it():
    manager = Manager(log(*range(100)))
    manager.log_page = lambda *_arguments: LogPage(tuple(log(1, 2)), 50)
    with pytest.raises(AnswerError, match="cannot be read whole"):
        list(LogReader(manager).all("webui", "s1"))


@pytest.mark.parametrize("backwards", [True, False])
@pytest.mark.parametrize("total", [True, False])
def test_of_a_log_all_is_read_to_compare_it(total, backwards):
    manager = Manager(log(*range(100)), total=total, backwards=backwards)
    texts = [f"line of {age}" for age in reversed(range(100))]
    assert LogReader(manager).extent("webui", "s1") == Extent(100, texts)
    assert len(manager.asked) <= 12
    assert LogReader(Manager([], total=total)).extent("webui", "s1") == Extent(0, [])


@pytest.mark.parametrize("backwards", [True, False])
def test_of_a_long_log_some_pages_are_read_if_the_server_counts(backwards):
    manager = Manager(log(*range(10_000)), backwards=backwards)
    extent = LogReader(manager).extent("webui", "s1")
    assert (extent.entries, len(manager.asked)) == (10_000, 9)
    ages = [int(text.rpartition(" ")[2]) for text in extent.texts]
    assert ages == sorted(ages, reverse=True)
    assert {0, 9_999} <= set(ages)
    assert max(before - after for before, after in zip(ages, ages[1:])) < 1300


@pytest.mark.parametrize("style", ["none", "offset"])
def test_of_a_long_log_all_is_read_where_the_server_does_not_jump(style):
    manager = Manager(log(*range(6_000)), style=style)
    serve = manager.log_page

    def log_page(route, kind, session_id, query):
        stuck = len(manager.asked) < 3 and style == "offset"
        return serve(route, kind, session_id, [one for one in query if not stuck or one[0] != "offset"])

    manager.log_page = log_page
    extent = LogReader(manager).extent("webui", "s1")
    assert (extent.entries, len(extent.texts)) == (6_000, 6_000)
    assert (extent.texts[0], extent.texts[-1]) == ("line of 5999", "line of 0")

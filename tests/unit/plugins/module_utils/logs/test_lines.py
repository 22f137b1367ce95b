# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines that a filter selects, and the last ones without reading all."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.logs.lines import read
from ansible_collections.aimms.cloud.plugins.module_utils.logs.reader import LineFilter, LogReader
from ansible_collections.aimms.cloud.plugins.module_utils.paging.log_pages import LogPage
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.served_log import NOW, Manager, log


@pytest.mark.parametrize("backwards", [True, False], ids=["newest first", "oldest first"])
@pytest.mark.parametrize("tail", [1, 2, 3, 10, 25, 99, 100, 500])
def test_the_last_lines_are_read_without_the_others(tail, backwards):
    manager = Manager(log(*range(100)), backwards=backwards)
    found = read(LogReader(manager), "webui", "s1", LineFilter(), tail=tail)
    assert list(found.lines) == log(*range(min(tail, 100)))
    assert found.problems == []
    assert len(manager.asked) <= 2 + backwards + tail // 10  # the last page must show that the first is the newest


@pytest.mark.parametrize("filtering", ["obeys", "ignores"])
@pytest.mark.parametrize("total", [True, False])
def test_the_last_lines_with_a_text_are_the_last_of_these(total, filtering):
    manager = Manager(log(*range(100)), filtering, total=total)
    found = read(LogReader(manager), "webui", "s1", LineFilter(contains="9"), tail=3)
    assert [line.message for line in found.lines] == ["line of 29", "line of 19", "line of 9"]


def test_a_total_that_is_too_large_does_not_hide_the_last_lines():
    class Boastful(Manager):
        def log_page(self, *arguments):
            page = super().log_page(*arguments)
            return LogPage(page.lines, page.total + 40)

    found = read(LogReader(Boastful(log(*range(100)))), "webui", "s1", LineFilter(), tail=3)
    assert list(found.lines) == log(0, 1, 2) or found.problems


@pytest.mark.parametrize(("limit", "cut"), [(5, True), (100, False), (101, False), (0, True)])
def test_a_limit_gives_the_oldest_lines_and_says_whether_there_are_more(limit, cut):
    for backwards in (False, True):
        found = read(
            LogReader(Manager(log(*range(100)), backwards=backwards)), "webui", "s1", LineFilter(), limit=limit
        )
        assert list(found.lines) == log(*range(100))[:limit]
        assert found.cut is cut


def test_both_ends_are_included_and_case_does_not_matter():
    wanted = LineFilter(NOW - 20, NOW - 10, "LINE")
    found = read(LogReader(Manager(log(*range(100)), "ignores")), "webui", "s1", wanted)
    assert list(found.lines) == log(*range(10, 21))

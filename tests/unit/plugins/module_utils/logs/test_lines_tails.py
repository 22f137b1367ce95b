# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The last lines of a log, in every style of pagination, and a log that grows while it is read backwards."""

from __future__ import annotations

from itertools import chain
from types import SimpleNamespace

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import AnswerError
from ansible_collections.aimms.cloud.plugins.module_utils.logs.lines import read
from ansible_collections.aimms.cloud.plugins.module_utils.logs.newest import NewestLines
from ansible_collections.aimms.cloud.plugins.module_utils.logs.reader import LineFilter, LogReader
from ansible_collections.aimms.cloud.plugins.module_utils.models.log_line import LogLine
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.pagination import Pagination
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.routes import Route
from ansible_collections.aimms.cloud.plugins.module_utils.paging.log_pages import LogPage, LogPages, understood
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Instant

NOW = 1_700_000_000.0
OFFSET = Pagination("offset", "offset", "limit", 10)


def log(*numbers, at=None):
    """Lines in the order of these numbers, one a second; ``at`` is the one time of all."""
    return tuple(LogLine(Instant(NOW + (number if at is None else at)), f"line {number}") for number in numbers)


class Manager:
    """Serves one log page by page; ``grow`` lines are written after each page. ``asked`` has the queries."""

    def __init__(self, lines, pagination=OFFSET, *, backwards=False, grow=0, total=True):
        self.lines, self.pagination, self.backwards, self.grow, self.total = (
            list(lines),
            pagination,
            backwards,
            grow,
            total,
        )
        self.asked = []
        self.routes = SimpleNamespace(log_routes=lambda _kind: [Route("GET", "/x/{kind}/{id}", (), self.pagination)])

    def log_page(self, _route, _kind, _session_id, query):
        return self(dict(query))

    def __call__(self, query):
        self.asked.append(dict(query))
        size = int(query.get("limit", 10))
        base = self.pagination.base or 0
        start = (int(query["page"]) - base) * size if "page" in query else int(query.get("offset", 0))
        shown = self.lines[::-1] if self.backwards else self.lines
        page = LogPage(tuple(shown[start : start + size]), len(shown) if self.total else None)
        self.lines += log(*range(len(self.lines), len(self.lines) + self.grow))
        return page


def tail(manager, count, wanted=None):
    return read(LogReader(manager), "webui", "s1", wanted or LineFilter(), tail=count)


@pytest.mark.parametrize("base", [0, 1])
@pytest.mark.parametrize("backwards", [True, False])
@pytest.mark.parametrize("count", [1, 5, 11, 45])
def test_with_page_numbers_the_last_lines_are_jumped_to(count, backwards, base):
    manager = Manager(log(*range(45)), Pagination("page", "page", "limit", 10, base), backwards=backwards)
    assert list(tail(manager, count).lines) == list(log(*range(45))[-count:])
    assert len(manager.asked) <= 2 + (count + 9) // 10


def test_where_the_size_cannot_be_asked_for_the_last_lines_are_jumped_to_all_the_same():
    manager = Manager(log(*range(45)), Pagination("offset", "offset"))
    assert list(tail(manager, 3).lines) == list(log(42, 43, 44))
    assert [query.get("offset") for query in manager.asked] == [None, "42"]


def test_where_all_lines_of_the_first_page_have_one_time_the_last_page_tells_which_way_they_go():
    for backwards in (False, True):
        old, new = log(*range(10), at=1), log(*range(10, 24), at=9)
        manager = Manager([*old, *new], backwards=backwards)
        manager.pagination = Pagination("offset", "offset", "limit", 10)
        assert list(tail(manager, 3).lines) == [*old, *new][-3:]


def test_where_no_two_lines_differ_in_time_all_are_read_in_the_server_s_order():
    manager = Manager(log(*range(45), at=1))
    assert list(tail(manager, 3).lines) == list(log(42, 43, 44, at=1))
    assert {"limit": "10", "offset": "10"} in manager.asked


@pytest.mark.parametrize("given", [10, 5])
def test_a_server_that_ignores_where_to_go_on_is_not_believed(given):
    manager = Manager(log(*range(45)))
    manager.log_page = lambda *_asked: LogPage(log(*range(given)), 45)
    assert tail(manager, 3).problems == ["a page brought nothing that was not listed before"]


def test_a_log_whose_end_cannot_be_reached_is_no_silence():
    manager = Manager(log(*range(45)))
    manager.log_page = lambda _route, _kind, _session_id, query: Manager.__call__(
        manager, {"limit": dict(query)["limit"]}
    )
    with pytest.raises(AnswerError, match="session s1 cannot be read whole: a page brought nothing that was not"):
        NewestLines(manager).newest("webui", "s1", NOW)


@pytest.mark.parametrize("total", [True, False], ids=["total", "no total"])
@pytest.mark.parametrize("grow", [0, 1, 4])
def test_lines_that_newer_ones_push_on_are_read_once_and_none_is_skipped(grow, total):
    manager = Manager(log(*range(45)), backwards=True, grow=grow, total=total)
    pages = LogPages(manager, OFFSET)
    lines = list(chain.from_iterable(page.lines for page in pages.forward()))
    assert lines == list(reversed(log(*range(45))))
    assert pages.problem is None


def test_lines_that_come_faster_than_they_can_be_read_are_a_problem_where_no_total_tells():
    manager = Manager(log(*range(45)), backwards=True, grow=15, total=False)
    pages = LogPages(lambda query: manager(query) if len(manager.asked) < 4 else LogPage(()), OFFSET)
    assert list(pages.forward())
    assert pages.problem == "lines were written faster than they could be read"


def test_without_a_document_one_page_that_is_the_whole_log_is_not_asked_for_again_by_guesses():
    for lines in (log(), log(1, 2, 3)):
        manager = Manager(lines)
        pages = understood(manager, Pagination("unknown"))
        assert (pages.pagination.style, manager.asked) == ("none", [{}])

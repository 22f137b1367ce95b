# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The newest line is found by the cheapest request that can be trusted, the last lines without reading all."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import AnswerError
from ansible_collections.aimms.cloud.plugins.module_utils.logs.reader import LineFilter, LogReader
from ansible_collections.aimms.cloud.plugins.module_utils.models.log_line import LogLine
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.document import Parameter
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.pagination import Pagination
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.routes import Route
from ansible_collections.aimms.cloud.plugins.module_utils.paging.log_pages import LogPage
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Instant

NOW = 1_753_358_400.0
BEGIN = Parameter("begin", "query", "string", "date-time")
TEXT = Parameter("contains", "query", "string")


def log(*ages):
    """Lines that were written so many seconds ago."""
    return [LogLine(Instant(NOW - age), f"line of {age}") for age in sorted(ages, reverse=True)]


class Manager:
    """Serves one log; ``filtering`` is what it makes of a begin time: obeys, ignores or lies (it finds nothing)."""

    def __init__(self, lines, filtering="obeys", *, offered=True, total=True, backwards=False, style="offset"):
        self.lines, self.filtering, self.total, self.asked = lines, filtering, total, []
        self.backwards = backwards
        pagination = Pagination(style, "offset", "limit", 10, True) if style == "offset" else Pagination("none")
        route = Route("GET", "/x/{kind}/{id}", (BEGIN, TEXT) if offered else (), pagination)
        self.routes = SimpleNamespace(log_routes=lambda _kind: [route])

    def log_page(self, _route, _kind, _session_id, query):
        asked = dict(query)
        self.asked.append(asked)
        lines = self.lines
        if "begin" in asked and self.filtering != "ignores":
            begin = datetime.fromisoformat(asked["begin"].replace("Z", "+00:00")).timestamp()
            lines = [line for line in lines if line.timestamp.seconds >= begin]
            if self.filtering == "lies":
                lines = []
        if "contains" in asked and self.filtering != "ignores":
            lines = [line for line in lines if asked["contains"] in line.message]
        lines = lines[::-1] if self.backwards else lines
        start, size = int(asked.get("offset", 0)), int(asked.get("limit", 10**6))
        return LogPage(tuple(lines[start : start + size]), len(lines) if self.total else None)


def newest(manager, since=3600):
    return LogReader(manager).newest_time("webui", "s1", NOW - since)


def age(instant):
    return None if instant is None else NOW - instant.seconds


@pytest.mark.parametrize("filtering", ["obeys", "ignores", "lies"])
@pytest.mark.parametrize("offered", [True, False], ids=["offered", "not offered"])
@pytest.mark.parametrize("backwards", [True, False], ids=["newest first", "oldest first"])
@pytest.mark.parametrize("total", [True, False], ids=["total", "no total"])
@pytest.mark.parametrize("ages", [[10], [7200, 10], list(range(10, 9000, 90)), [3601, 3600.5, 3599, 3590]])
def test_a_line_written_lately_is_never_missed(ages, total, backwards, offered, filtering):
    manager = Manager(log(*ages), filtering, offered=offered, total=total, backwards=backwards)
    assert age(newest(manager)) < 3600


@pytest.mark.parametrize("filtering", ["obeys", "ignores", "lies"])
@pytest.mark.parametrize("ages", [[7200], list(range(4000, 9000, 50))])
def test_a_log_that_has_been_silent_is_told_from_one_that_was_not(ages, filtering):
    found = newest(Manager(log(*ages), filtering))
    assert age(found) >= 3600


def test_many_lines_within_the_second_of_the_limit_hide_no_newer_one():
    ages = [3600 + number / 100 for number in range(150)] + [5]
    assert age(newest(Manager(log(*ages)))) < 3600


def test_once_the_filter_is_proven_each_quiet_log_costs_two_requests():
    """One shows that no line is newer, one that there is a line."""
    manager = Manager(log(*range(4000, 9000, 50)))
    logs = LogReader(manager)
    logs.newest_time("webui", "s1", NOW - 3600)
    first = len(manager.asked)
    assert first <= 4
    for number in range(5):
        assert age(logs.newest_time("webui", f"s{number}", NOW - 3600)) >= 3600
    assert len(manager.asked) == first + 10


def test_a_filter_that_finds_nothing_is_not_believed_again():
    manager = Manager(log(7200, 10), "lies")
    logs = LogReader(manager)
    for _number in range(3):
        assert age(logs.newest_time("webui", "s1", NOW - 3600)) == 10
    assert sum("begin" in query for query in manager.asked) == 1


def test_an_empty_log_has_no_newest_line_and_proves_no_filter():
    manager = Manager([])
    logs = LogReader(manager)
    assert logs.newest_time("webui", "s1", NOW - 3600) is None
    manager.lines, manager.filtering = log(10), "lies"
    assert age(logs.newest_time("webui", "s1", NOW - 3600)) == 10


@pytest.mark.parametrize("filtering", ["obeys", "ignores", "lies"])
def test_no_filter_makes_a_log_without_a_line_a_quiet_one(filtering):
    manager = Manager(log(7200), filtering)
    logs = LogReader(manager)
    assert age(logs.newest_time("webui", "s1", NOW - 3600)) == 7200
    manager.lines = []
    assert logs.newest_time("webui", "s2", NOW - 3600) is None


def test_a_newest_line_without_a_time_is_no_silence():
    """The lines before it may be old: nothing tells when it was written."""
    with pytest.raises(AnswerError, match="The newest line of the log has no time that can be read"):
        newest(Manager([*log(9000, 8000), LogLine(None, "x")], "ignores"))


def test_lines_without_a_time_are_no_silence():
    manager = Manager([LogLine(None, "x")] * 3, "ignores")
    with pytest.raises(AnswerError, match="no time that can be read"):
        newest(manager)


@pytest.mark.parametrize("backwards", [True, False], ids=["newest first", "oldest first"])
@pytest.mark.parametrize("tail", [1, 2, 3, 10, 25, 99, 100, 500])
def test_the_last_lines_are_read_without_the_others(tail, backwards):
    manager = Manager(log(*range(100)), backwards=backwards)
    found = LogReader(manager).read("webui", "s1", LineFilter(), tail=tail)
    assert list(found.lines) == log(*range(min(tail, 100)))
    assert found.problems == []
    assert len(manager.asked) <= 2 + tail // 10


@pytest.mark.parametrize("filtering", ["obeys", "ignores"])
@pytest.mark.parametrize("total", [True, False])
def test_the_last_lines_with_a_text_are_the_last_of_these(total, filtering):
    manager = Manager(log(*range(100)), filtering, total=total)
    found = LogReader(manager).read("webui", "s1", LineFilter(contains="9"), tail=3)
    assert [line.message for line in found.lines] == ["line of 29", "line of 19", "line of 9"]


def test_a_total_that_is_too_large_does_not_hide_the_last_lines():
    class Boastful(Manager):
        def log_page(self, *arguments):
            page = super().log_page(*arguments)
            return LogPage(page.lines, page.total + 40)

    found = LogReader(Boastful(log(*range(100)))).read("webui", "s1", LineFilter(), tail=3)
    assert list(found.lines) == log(0, 1, 2) or found.problems


@pytest.mark.parametrize(("limit", "cut"), [(5, True), (100, False), (101, False), (0, True)])
def test_a_limit_gives_the_oldest_lines_and_says_whether_there_are_more(limit, cut):
    for backwards in (False, True):
        found = LogReader(Manager(log(*range(100)), backwards=backwards)).read("webui", "s1", LineFilter(), limit=limit)
        assert list(found.lines) == log(*range(100))[:limit]
        assert found.cut is cut


def test_both_ends_are_included_and_case_does_not_matter():
    wanted = LineFilter(NOW - 20, NOW - 10, "LINE")
    found = LogReader(Manager(log(*range(100)), "ignores")).read("webui", "s1", wanted)
    assert list(found.lines) == log(*range(10, 21))


@pytest.mark.parametrize("backwards", [True, False])
def test_a_whole_log_comes_oldest_first(backwards):
    manager = Manager(log(*range(100)), backwards=backwards)
    assert list(LogReader(manager).all("webui", "s1")) == log(*range(100))


def test_a_log_that_is_not_whole_is_an_error_for_who_saves_it():
    manager = Manager(log(*range(100)))
    manager.log_page = lambda *_arguments: LogPage(tuple(log(1, 2)), 50)
    with pytest.raises(AnswerError, match="cannot be read whole"):
        list(LogReader(manager).all("webui", "s1"))

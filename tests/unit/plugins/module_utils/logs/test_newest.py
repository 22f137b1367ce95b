# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The newest line is found by the cheapest request that can be trusted."""

from __future__ import annotations

from contextlib import suppress

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import AnswerError
from ansible_collections.aimms.cloud.plugins.module_utils.logs.newest import NewestLines
from ansible_collections.aimms.cloud.plugins.module_utils.models.log_line import LogLine
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.served_log import NOW, Manager, log


def newest(manager, since=3600):
    return NewestLines(manager).newest("webui", "s1", NOW - since)


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
    """One shows that no line is newer, one that there is a line. The first log is read whole: it proves the filter."""
    manager = Manager(log(*range(4000, 9000, 50)))
    logs = NewestLines(manager)
    logs.newest("webui", "s1", NOW - 3600)
    first = len(manager.asked)
    assert first <= 15
    for number in range(5):
        assert age(logs.newest("webui", f"s{number}", NOW - 3600)) >= 3600
    assert len(manager.asked) == first + 10


@pytest.mark.parametrize("backwards", [True, False])
@pytest.mark.parametrize("length", [15, 40, 300, 2000])
def test_a_log_that_is_grouped_by_container_has_its_newest_line_anywhere(length, backwards):
    """The first and the last container are in order; the one between them is at work."""
    lines = [*log(*range(9000, 9000 + length)), *log(*range(72, 72 + length)), *log(*range(4000, 4000 + length))]
    manager = Manager(lines, offered=False, backwards=backwards)
    assert age(newest(manager)) == 72


def test_a_filter_that_finds_nothing_is_not_believed_again():
    manager = Manager(log(7200, 10), "lies")
    logs = NewestLines(manager)
    for _number in range(3):
        assert age(logs.newest("webui", "s1", NOW - 3600)) == 10
    assert sum("begin" in query for query in manager.asked) == 1


def test_an_empty_log_has_no_newest_line_and_proves_no_filter():
    manager = Manager([])
    logs = NewestLines(manager)
    assert logs.newest("webui", "s1", NOW - 3600) is None
    manager.lines, manager.filtering = log(10), "lies"
    assert age(logs.newest("webui", "s1", NOW - 3600)) == 10


@pytest.mark.parametrize("filtering", ["obeys", "ignores", "lies"])
def test_no_filter_makes_a_log_without_a_line_a_quiet_one(filtering):
    manager = Manager(log(7200), filtering)
    logs = NewestLines(manager)
    assert age(logs.newest("webui", "s1", NOW - 3600)) == 7200
    manager.lines = []
    assert logs.newest("webui", "s2", NOW - 3600) is None


def test_a_newest_line_without_a_time_is_no_silence():
    """The lines before it may be old: nothing tells when it was written."""
    with pytest.raises(AnswerError, match="The newest line of the log has no time that can be read"):
        newest(Manager([*log(9000, 8000), LogLine(None, "x")], "ignores"))


def test_lines_without_a_time_are_no_silence():
    manager = Manager([LogLine(None, "x")] * 3, "ignores")
    with pytest.raises(AnswerError, match="no time that can be read"):
        newest(manager)


GROUPS = {
    "works": log(*range(1200, 2000, 50)),
    "old": log(*range(200_000, 201_000, 50)),
    "older": log(*range(205_200, 206_200, 50)),
}


@pytest.mark.parametrize("backwards", [True, False], ids=["newest first", "oldest first"])
@pytest.mark.parametrize("total", [True, False])
@pytest.mark.parametrize("order", ["old works older", "works older old", "works old older", "older old works"])
def test_a_log_that_is_grouped_by_container_does_not_hide_the_one_that_works(order, total, backwards):
    lines = [line for name in order.split() for line in GROUPS[name]]
    manager = Manager(lines, "ignores", total=total, backwards=backwards)
    found = None
    with suppress(AnswerError):  # a veto too
        found = newest(manager)
    assert found is None or age(found) < 3600


@pytest.mark.parametrize("order", [["old", "older"], ["older", "old"]])
def test_groups_that_are_all_quiet_are_quiet(order):
    assert age(newest(Manager([line for name in order for line in GROUPS[name]], "ignores"))) == 200_000


def test_a_filter_that_is_proven_finds_the_newest_line_wherever_it_stands():
    logs = NewestLines(manager := Manager(log(7200)))
    assert age(logs.newest("webui", "s1", NOW - 3600)) == 7200
    manager.lines = [line for name in ("older", "works", "old") for line in GROUPS[name]]
    assert age(logs.newest("webui", "s2", NOW - 3600)) < 3600

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


@pytest.mark.parametrize(("total", "requests"), [(True, 1), (False, 12)])
def test_how_much_there_is_of_a_log_costs_one_request_where_the_server_tells_it(total, requests):
    manager = Manager(log(*range(100)), total=total)
    assert LogReader(manager).extent("webui", "s1") == Extent(100, "line of 99")
    assert len(manager.asked) == requests
    assert LogReader(Manager([], total=total)).extent("webui", "s1") == Extent(0)

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The model of what a run costs: requests and seconds from sizes."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.tests.benchmark import model
from ansible_collections.aimms.cloud.tests.benchmark.model import Cost, Machine

MACHINE = Machine(play=0.9, module=0.1, page=Cost(0.002, 0.002), request=Cost(0.001, 0.003), lookup=0.8)


@pytest.mark.parametrize(("sessions", "read"), [(0, 1), (99, 1), (100, 2), (101, 2), (199, 2), (200, 3), (1000, 11)])
def test_pages_overlap_by_one_session_and_there_is_always_a_first(sessions, read):
    assert model.pages(sessions, 100) == read


def test_ending_takes_two_requests_a_session_and_two_listings_and_of_many_one_read_more():
    assert model.end_requests(1000, 100) == 1 + 11 + 2000 + 1 + 11
    assert model.end_requests(9, 100) == 1 + 1 + 18 + 1
    few, many = (model.end_seconds(MACHINE, count, 100, 0.02, 16) for count in (9, 10))
    assert few - many > model.PAUSE - 0.1


@pytest.mark.parametrize(("latency", "wait"), [(0.02, 0.001), (0.02, 0.01), (0.0, 0.003)])
def test_waiting_is_found_again_from_the_seconds_it_made(latency, wait):
    seconds = model.shared(500, latency, Cost(0.0001, wait), 8)
    found = model.solved(lambda tried: model.shared(500, latency, Cost(0.0001, tried), 8), seconds)
    assert found == pytest.approx(wait)


def test_nothing_is_found_where_waiting_alone_takes_longer_than_was_measured():
    assert model.solved(lambda tried: 1 + tried, 0.9) == 0


def test_workers_share_the_waiting_but_not_the_work():
    assert model.shared(96, 0.02, Cost(), 8) == pytest.approx(12 * 0.02)
    assert model.shared(96, 0.02, Cost(0.01), 8) == pytest.approx(96 * 0.01)


def test_a_longer_list_takes_longer_by_its_pages():
    short, long = (model.list_seconds(MACHINE, [count], 100, 0.02) for count in (9_901, 99_001))
    assert long - short == pytest.approx(900 * (0.02 + 0.002) / 8, rel=0.01)


def test_a_limit_of_requests_is_what_counts_on_a_server_that_has_one():
    assert model.limited_seconds(MACHINE, 405, 20, 5) == pytest.approx(1.0 + 20)


def test_many_accounts_wait_side_by_side_and_work_on_the_cores():
    assert model.account_seconds(3.0, 0.1, 0.5, 20, 10, 2) == pytest.approx(0.5 + 2 * 3.0)
    assert model.account_seconds(0.6, 0.6, 0.5, 20, 10, 2) == pytest.approx(0.5 + 20 * 0.6 / 2)

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The model of what a run costs: requests and seconds from sizes."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.tests.benchmark import model
from ansible_collections.aimms.cloud.tests.benchmark.model import Machine

MACHINE = Machine(play=0.9, module=0.1, session=0.00002, request=0.001, lookup=0.8)


def test_a_kind_without_sessions_still_costs_a_page():
    assert model.pages([250, 0, 100], 100) == 3 + 1 + 1


def test_ending_takes_two_requests_a_session_and_two_listings():
    assert model.end_requests(1000, 10) == 1 + 10 + 2000 + 10


@pytest.mark.parametrize(("latency", "work"), [(0.02, 0.001), (0.02, 0.01), (0.0, 0.003)])
def test_work_is_found_again_from_the_seconds_it_made(latency, work):
    seconds = model.shared(500, latency, work, 8)
    assert model.work_of(seconds, 500, latency, 8) == pytest.approx(work)


def test_workers_share_the_waiting_but_not_the_work():
    assert model.shared(100, 0.02, 0.0, 8) == pytest.approx(0.25)
    assert model.shared(100, 0.02, 0.01, 8) == pytest.approx(1.0)


def test_a_longer_list_takes_longer_by_its_pages():
    short, long = (model.list_seconds(MACHINE, count, count // 100, 0.02, 8) for count in (10_000, 100_000))
    assert long - short == pytest.approx(900 * (0.02 + 0.002) / 8, rel=0.01)


def test_a_limit_of_requests_is_what_counts_on_a_server_that_has_one():
    assert model.limited_seconds(MACHINE, 405, 20, 5) == pytest.approx(1.0 + 20)


def test_many_accounts_wait_side_by_side_and_work_on_the_cores():
    assert model.account_seconds(3.0, 0.1, 0.5, 20, 10, 2) == pytest.approx(0.5 + 2 * 3.0)
    assert model.account_seconds(0.6, 0.6, 0.5, 20, 10, 2) == pytest.approx(0.5 + 20 * 0.6 / 2)

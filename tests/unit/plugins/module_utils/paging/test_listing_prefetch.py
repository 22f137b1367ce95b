# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages of a list that are fetched before they are asked for, in any order. Proves rules 20 and 29."""

from __future__ import annotations

import random
import sys

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.models.envelope import Page
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.pagination import Pagination
from ansible_collections.aimms.cloud.plugins.module_utils.paging.listing import read_all
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.simulated_list import (
    MAKE,
    AnyOrder,
    Churn,
    SimulatedList,
)

RUNS = 500 if sys.gettrace() is None else 100  # measuring coverage makes each many times slower
OFFSET = Pagination("offset", "offset", "limit", 100)
PAGE = Pagination("page", "page", "limit", 100, base=1)
STYLES = {
    "offset": ("offset", OFFSET),
    "page": ("page", PAGE),
    "page of a fixed size": ("page", Pagination("page", "page", base=1)),
    "page, first number not told": ("page", Pagination("page", "page", "limit", 100)),
}
every_style = pytest.mark.parametrize(("style", "pagination"), STYLES.values(), ids=STYLES.keys())
both_styles = pytest.mark.parametrize(("style", "pagination"), [("offset", OFFSET), ("page", PAGE)])


def ahead(server, pagination, seed=1):
    """The list, read while up to eight pages are fetched in advance."""
    pages = AnyOrder(server.fetch, random.Random(seed))
    return read_all(pages, pagination, pages.expect)


def ids(sessions):
    return {session.id for session in sessions}


@every_style
@pytest.mark.parametrize("more", [True, False])
def test_every_session_once_in_its_order_and_with_no_more_requests(style, pagination, more):
    for length in (0, 1, 99, 100, 101, 199, 200, 330, 400, 1501):
        one, other = (SimulatedList(style, MAKE[:length], tells_more=more) for _time in range(2))
        listing, calmly = ahead(one, pagination), read_all(other.fetch, pagination)
        assert [session.id for session in listing.records] == [session.id for session in MAKE[:length]]
        assert listing.problems == calmly.problems == []
        assert sorted(map(str, one.requests)) == sorted(map(str, other.requests))


@both_styles
@pytest.mark.parametrize("cap", [7, 30, 99])
def test_a_server_that_hands_out_fewer_than_asked(style, pagination, cap):
    server = SimulatedList(style, cap=cap)
    listing = ahead(server, pagination)
    assert (ids(listing.records), listing.problems) == (ids(MAKE[:330]), [])


@every_style
def test_no_session_that_lived_all_along_is_missed(style, pagination):
    missed, incomplete, most_requests = {}, 0, 0
    for seed in range(RUNS):
        server = SimulatedList(style, MAKE[:330], cap=(100, 20)[seed % 2], tells_more=seed % 5 == 0)
        server.churn = Churn(seed, most=(1, 3, 6, 20)[seed % 4] if seed % 2 == 0 else 1)
        listing = ahead(server, pagination, seed)
        survivors = ids(MAKE[:330]) & ids(server.sessions)
        listed = [session.id for session in listing.records]
        assert len(listed) == len(set(listed)), f"seed {seed}: a session is listed twice"
        if survivors - set(listed):
            missed[seed] = (len(survivors - set(listed)), listing.complete)
        incomplete += not listing.complete
        most_requests = max(most_requests, len(server.requests))
    assert missed == {}
    assert incomplete < RUNS / 10, "a list that moves can still be read completely"
    assert most_requests <= 130


# Servers that say what is not true


@both_styles
@pytest.mark.parametrize("total", [0, 1, 50, 150, 329, 331, 1000, 10**9])
def test_a_total_that_is_not_true_is_incomplete_and_costs_few_requests(style, pagination, total):
    def lying(server):
        def fetch(query):
            page = server.fetch(query)
            return Page(page.records, total, page.next, page.more)

        return fetch

    one, other = SimulatedList(style), SimulatedList(style)
    pages = AnyOrder(lying(one), random.Random(total))
    listing, calmly = read_all(pages, pagination, pages.expect), read_all(lying(other), pagination)
    assert listing.problems == calmly.problems != []
    assert len(one.requests) <= len(other.requests) + 2 * pages.most


@both_styles
def test_a_server_that_ignores_the_page_parameter_is_incomplete(style, pagination):
    server = SimulatedList(style)
    first = server.fetch({})
    pages = AnyOrder(lambda query: server.requests.append(query) or first, random.Random(1))
    listing = read_all(pages, pagination, pages.expect)
    assert (listing.complete, len(listing.records)) == (False, 100)
    assert len(server.requests) < 10 + pages.most


@both_styles
def test_a_list_without_an_end_stops_after_1000_pages(style, pagination):
    server, small = (
        SimulatedList(style, MAKE[:3000], cap=2),
        Pagination(pagination.style, pagination.position, "limit", 2, 1),
    )
    pages = AnyOrder(server.fetch, random.Random(1))
    listing = read_all(pages, small, pages.expect)
    assert "1000 pages" in listing.problems[0]
    assert len(server.requests) <= 1000


@both_styles
def test_a_total_that_only_counts_its_page_costs_no_more_requests(style, pagination):
    def counting(server):
        def fetch(query):
            page = server.fetch(query)
            return Page(page.records, len(page.records))

        return fetch

    one, other = SimulatedList(style), SimulatedList(style)
    pages = AnyOrder(counting(one), random.Random(1))
    assert read_all(pages, pagination, pages.expect).problems == read_all(counting(other), pagination).problems
    assert one.requests == other.requests


def test_a_list_that_moved_more_often_than_is_stepped_back_for_is_read_again():
    """Of every page the first half has moved away when the next one is read; the count fits all the same."""
    server, order = SimulatedList("offset", MAKE[:2000], cap=20), []

    def fetch(query):
        order.append(int(query.get("offset", "0")))
        if len(order) > 1 and order[-1] > max(order[:-1], default=0):
            del server.sessions[:10]
            server.sessions += MAKE[2000 + 10 * len(order) : 2010 + 10 * len(order)]
        return server.fetch(query)

    listing = read_all(fetch, Pagination("offset", "offset", "limit", 20))
    assert order.count(0) > 1
    assert ids(server.sessions) & ids(MAKE[:2000]) <= ids(listing.records)


# Pages that cannot overlap


def test_1000_full_pages_are_read_twice_and_no_more_where_the_list_stands_still():
    sessions = [Session(f"{number:06d}", "webui", "running") for number in range(10_000)]
    small = Pagination("offset", "offset", "limit", 10)
    server = SimulatedList("offset", sessions, cap=10)
    listing = ahead(server, small)
    assert (len(listing.records), listing.problems) == (10_000, [])
    assert len(server.requests) == 2000


@pytest.mark.parametrize("later", [0, -1])
def test_what_two_passes_miss_alike_is_found_by_the_count_at_the_moment_between_them(later):
    """A session that crosses from one page to another, read before, hides from both passes: its number is missing.

    That at the end another one has gone, so that the last count fits, is no proof.
    """
    server, crossing = SimulatedList("page", MAKE[:200]), MAKE[100]

    def fetch(query):
        page = server.fetch(query)
        hidden = [session for session in page.records if session != crossing or len(server.requests) > 5]
        return Page(hidden, page.total + (later if query.get("page", "1") != "1" else 0))

    pages = AnyOrder(fetch, random.Random(1))
    listing = read_all(pages, PAGE, pages.expect)
    assert crossing in listing.records


@pytest.mark.parametrize("moving", [1, 2])
def test_a_pass_takes_no_page_that_was_fetched_during_the_one_before(moving):
    passes = []

    def fetch(query):
        number = int(query.get("page", "1"))
        if number == 1:
            passes.append([])
        passes[-1].append(number)
        ended_early = number == 2 and len(passes) <= moving
        return Page(MAKE[20 * number : 20 * number + 20], 40 if ended_early else 100)

    pages = AnyOrder(fetch, random.Random(1))
    listing = read_all(pages, Pagination("page", "page", base=1), pages.expect)
    assert len(listing.records) == 100
    assert {tuple(sorted(numbers)) for numbers in passes[moving:]} == {(1, 2, 3, 4, 5)}


def test_an_error_of_a_page_passes_through():
    def fetch(query):
        if query.get("offset", "0") == "198":
            raise ConnectionError("gone")
        return SimulatedList("offset").fetch(query)

    pages = AnyOrder(fetch, random.Random(1))
    with pytest.raises(ConnectionError, match="gone"):
        read_all(pages, OFFSET, pages.expect)

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A long list, read page by page. Proves rules 20 and 29."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.models.envelope import Page
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.models.task import Task
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.document import Parameter
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.pagination import Pagination, pagination_from
from ansible_collections.aimms.cloud.plugins.module_utils.paging import listing
from ansible_collections.aimms.cloud.plugins.module_utils.paging.pages import NO_PROGRESS, NO_WAY
from ansible_collections.aimms.cloud.plugins.module_utils.paging.undocumented import read_undocumented
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.simulated_list import MAKE, SimulatedList


def read_all(fetch, pagination):
    return read_undocumented(fetch) if pagination.style == "unknown" else listing.read_all(fetch, pagination)


OFFSET = Pagination("offset", "offset", "limit", 100)
PAGE = Pagination("page", "page", "limit", 100, base=1)
CURSOR = Pagination("cursor", "cursor", "limit", 100)
NONE, UNKNOWN = Pagination("none"), Pagination("unknown")
STYLES = {
    "offset": ("offset", OFFSET),
    "page from 1": ("page", PAGE),
    "cursor": ("cursor", CURSOR),
    "keyset cursor": ("keyset", CURSOR),
    "next address": ("link", NONE),
    "undocumented offset": ("offset", UNKNOWN),
    "undocumented page": ("page", UNKNOWN),
    "undocumented next address": ("link", UNKNOWN),
}
TOLD = {"a total": (True, False), "more": (False, True), "both": (True, True), "neither": (False, False)}
every_style = pytest.mark.parametrize(("style", "pagination"), STYLES.values(), ids=STYLES.keys())
documented = pytest.mark.parametrize(("style", "pagination"), [*STYLES.values()][:5], ids=[*STYLES][:5])


def ids(listing):
    return [session.id for session in listing.records]


@every_style
@pytest.mark.parametrize(("total", "more"), TOLD.values(), ids=TOLD.keys())
def test_every_session_once(style, pagination, total, more):
    for length in (1, 99, 100, 101, 199, 200, 330, 400):
        server = SimulatedList(style, MAKE[:length], tells_total=total, tells_more=more)
        listing = read_all(server.fetch, pagination)
        assert ids(listing) == [session.id for session in MAKE[:length]]
        if pagination.style != "unknown" or length > 100 or total or more:
            assert listing.problems == []


@pytest.mark.parametrize("base", [0, 1])
@pytest.mark.parametrize("told", [True, False])
def test_pages_that_count_from_0_or_1_whether_told_or_not(base, told):
    server = SimulatedList("page", base=base)
    listing = read_all(server.fetch, Pagination("page", "page", "limit", 100, base=base if told else None))
    assert (ids(listing), listing.problems) == ([session.id for session in MAKE[:330]], [])


@every_style
def test_an_empty_list_is_one_request_and_complete(style, pagination):
    server = SimulatedList(style, [])
    assert read_all(server.fetch, pagination).complete
    assert len(server.requests) == 1


@pytest.mark.parametrize(("style", "pagination"), [way for way in STYLES.values() if way[0] != "keyset"])
def test_records_that_share_an_id_are_told_apart_by_their_key(style, pagination):
    tasks = [Task(f"{number // 3:06d}", number % 3) for number in range(330)]
    listing = read_all(SimulatedList(style, tasks).fetch, pagination)
    assert (listing.records, listing.problems) == (tasks, [])


def test_330_sessions_by_offset_take_four_requests():
    server = SimulatedList("offset")
    assert read_all(server.fetch, OFFSET).complete
    assert [request.get("offset", "0") for request in server.requests] == ["0", "99", "198", "297"]


@every_style
def test_a_server_that_hands_out_fewer_than_asked(style, pagination):
    for cap in (7, 30, 99):
        server = SimulatedList(style, cap=cap)
        assert ids(read_all(server.fetch, pagination)) == [session.id for session in MAKE[:330]]


@documented
@pytest.mark.parametrize("total", [True, False])
def test_a_server_that_ignores_the_page_parameter_is_incomplete(style, pagination, total):
    server = SimulatedList(style, tells_total=total)
    first = server.fetch({})
    listing = read_all(lambda query: server.requests.append(query) or first, pagination)
    assert not listing.complete
    assert len(listing.records) == 100
    assert len(server.requests) < 10


@pytest.mark.parametrize("total", [0, 1, 50, 150, 329, 331, 1000])
@pytest.mark.parametrize(("style", "pagination"), [("offset", OFFSET), ("page", PAGE), ("cursor", CURSOR)])
def test_a_total_that_does_not_add_up_is_incomplete(style, pagination, total):
    server = SimulatedList(style)

    def fetch(query):
        page = server.fetch(query)
        return Page(page.records, total, page.next, page.more)

    assert not read_all(fetch, pagination).complete


@pytest.mark.parametrize(("style", "pagination"), [("offset", OFFSET), ("page", PAGE)])
def test_a_total_that_is_only_the_pages_own_number_is_seen_through(style, pagination):
    server = SimulatedList(style)

    def fetch(query):
        page = server.fetch(query)
        return Page(page.records, len(page.records))

    listing = read_all(fetch, pagination)
    assert len(listing.records) == 330 or not listing.complete


def test_a_full_page_with_no_way_to_the_next_is_not_called_complete():
    pagination = pagination_from([Parameter("limit", "query", "integer", maximum=100)])
    listing = read_all(SimulatedList("fixed", tells_total=False).fetch, pagination)
    assert not listing.complete


@pytest.mark.parametrize(
    ("cap", "total", "problems"), [(500, True, []), (500, False, [NO_WAY]), (100, False, [NO_WAY])]
)
def test_a_size_with_no_way_to_the_next_page_is_used_but_shows_no_end(cap, total, problems):
    """A list of 330 and a server that gives 100 of them look alike."""
    pagination = pagination_from([Parameter("limit", "query", "integer", maximum=500)])
    listing = read_all(SimulatedList("fixed", tells_total=total, cap=cap).fetch, pagination)
    assert (len(listing.records), listing.problems) == (min(cap, 330), problems)


def test_more_without_a_way_to_it_is_incomplete():
    assert not read_all(lambda query: Page(MAKE[:100], more=True), CURSOR).complete
    assert not read_all(lambda query: Page(MAKE[:100], more=True), NONE).complete


def test_a_cursor_whose_parameter_nobody_told_is_incomplete():
    server = SimulatedList("cursor", tells_total=False)
    assert not read_all(server.fetch, NONE).complete
    assert server.requests == [{}]


def test_a_cursor_that_goes_round_in_circles_is_incomplete():
    pages = {"": (0, "b"), "b": (100, "a"), "a": (0, "b")}

    def fetch(query):
        start, following = pages[query.get("cursor", "")]
        return Page(MAKE[start : start + 100], None, following)

    assert read_all(fetch, CURSOR).problems == [NO_PROGRESS]


@documented
@pytest.mark.parametrize("length", [80, 150, 330])
def test_a_page_that_is_said_not_to_be_whole_makes_the_list_incomplete_on_every_way(style, pagination, length):
    for number in (1, 2, 4):
        server = SimulatedList(style, MAKE[:length])

        def fetch(query, server=server, number=number):
            page = server.fetch(query)
            return replace(page, partial="it came from a cache" if len(server.requests) == number else "")

        found = read_all(fetch, pagination)
        assert len(server.requests) < number or not found.complete


@every_style
def test_records_without_an_id_make_it_incomplete(style, pagination):
    server = SimulatedList(style)

    def fetch(query):
        page = server.fetch(query)
        broken = 1 if len(server.requests) == 2 else 0
        return Page(page.records, page.total, page.next, page.more, broken)

    assert not read_all(fetch, pagination).complete


@pytest.mark.parametrize(
    ("style", "pagination"),
    [
        ("offset", Pagination("offset", "offset", "limit", 2)),
        ("page", Pagination("page", "page", "limit", 2, base=1)),
        ("cursor", Pagination("cursor", "cursor", "limit", 2)),
        ("link", NONE),
        ("offset", UNKNOWN),
        ("link", UNKNOWN),
    ],
)
def test_a_list_without_an_end_stops_after_1000_pages(style, pagination):
    server = SimulatedList(style, MAKE[:3000], cap=2, default=2, tells_total=False)
    listing = read_all(server.fetch, pagination)
    assert not listing.complete
    assert "1000 pages" in listing.problems[0]
    assert len(server.requests) <= 1001


@pytest.mark.parametrize(("style", "pagination"), [("offset", OFFSET), ("page", PAGE), ("cursor", CURSOR)])
def test_a_list_of_almost_1000_pages_is_complete(style, pagination):
    sessions = [Session(f"{number:06d}", "webui", "running") for number in range(15_500)]
    smaller = Pagination(pagination.style, pagination.position, "limit", 16, base=pagination.base)
    listing = read_all(SimulatedList(style, sessions, cap=16).fetch, smaller)
    assert (len(listing.records), listing.problems) == (15_500, [])


def test_a_session_that_changes_while_the_list_is_read_is_listed_once_as_it_was_last():
    ended = [Session(session.id, "webui", "terminated") for session in MAKE[:330]]
    server = SimulatedList("offset", MAKE[:330])

    def end_all(sessions):
        sessions[:] = ended

    server.churn = end_all
    listing = read_all(server.fetch, OFFSET)
    assert len(listing.records) == 330
    assert {session.id: session.state for session in listing.records}["000099"] == "terminated"


def test_pages_that_did_not_overlap_are_read_again_though_the_total_fits():
    names = ["a", "b", "c", "d"]

    def fetch(query):
        begin = int(query.get("offset", 0))
        page = Page(
            [Session(name, "webui") for name in names[begin : begin + 100 if begin or names[0] == "b" else 1]], 4
        )
        names[:] = ["b", "c", "d", "e"]  # one goes and another one comes as soon as the first page was read
        return page

    assert ids(read_all(fetch, OFFSET)) == ["a", "c", "d", "e", "b"]


def test_an_error_of_a_page_passes_through_and_no_part_is_returned():
    def fetch(query):
        if query.get("offset", "0") != "0":
            raise ConnectionError("gone")
        return Page(MAKE[:100], 330)

    with pytest.raises(ConnectionError, match="gone"):
        read_all(fetch, OFFSET)

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading a list that moves: 1,000 seeded runs in each style (fewer where coverage is measured). Proves rule 20.

A session that lived from the first request to the last must be listed, whatever vanished and appeared around it.
"""

from __future__ import annotations

import random
import sys

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.models.envelope import Page
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.pagination import Pagination
from ansible_collections.aimms.cloud.plugins.module_utils.paging import listing
from ansible_collections.aimms.cloud.plugins.module_utils.paging.undocumented import read_undocumented
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.simulated_list import MAKE, Churn, SimulatedList


def read_all(fetch, pagination):
    return read_undocumented(fetch) if pagination.style == "unknown" else listing.read_all(fetch, pagination)


RUNS = 1000 if sys.gettrace() is None else 100  # measuring coverage makes each many times slower
IDS = {session.id for session in MAKE[:100]}
STYLES = {
    "offset": ("offset", Pagination("offset", "offset", "limit", 100)),
    "page": ("page", Pagination("page", "page", "limit", 100, base=1)),
    "page of a fixed size": ("page", Pagination("page", "page", base=1)),
    "page, first number not told": ("page", Pagination("page", "page", "limit", 100)),
    "cursor that is a position": ("cursor", Pagination("cursor", "cursor", "limit", 100)),
    "cursor that is the last session": ("keyset", Pagination("cursor", "cursor", "limit", 100)),
    "address of the next page": ("link", Pagination("none")),
    "undocumented offset": ("offset", Pagination("unknown")),
    "undocumented page": ("page", Pagination("unknown")),
    "undocumented address": ("link", Pagination("unknown")),
}


@pytest.mark.parametrize("name", ["page", "cursor that is a position"])
def test_a_session_that_crosses_the_same_border_in_every_pass_is_found(name):
    """Newest first: one appears on top before each pass, one of the first page ends after it was read."""
    style, pagination = STYLES[name]
    server, fresh = SimulatedList(style, MAKE[:330]), iter(MAKE[330:])

    def fetch(query):
        if query.get(pagination.position, "1") == "1" and server.requests:
            server.sessions.insert(0, next(fresh))
        page = server.fetch(query)
        if query.get(pagination.position, "1") == "1":
            server.sessions.pop(1)
        return page

    listed = {session.id for session in read_all(fetch, pagination).records}
    assert {session.id for session in MAKE[100:330]} <= listed


@pytest.mark.parametrize("name", ["offset", "page", "page of a fixed size", "cursor that is a position"])
def test_a_session_that_is_hidden_while_the_count_stays_the_same_is_found(name):
    """One vanishes before the border of two pages, one appears at the end: as many are seen as were counted."""
    style, pagination = STYLES[name]
    server = SimulatedList(style, MAKE[:330])

    def fetch(query):
        page = server.fetch(query)
        if len(server.requests) == 1:
            server.sessions = [*MAKE[:50], *MAKE[51:331]]
        return page

    assert MAKE[100] in read_all(fetch, pagination).records


@pytest.mark.parametrize(("vanishing", "seed"), [(1, 238), (1, 687), (4, 36)])
def test_a_session_that_two_passes_in_a_row_lose_is_found(vanishing, seed):
    """Each request sees some of the old ones gone; these draws hid one and the same twice."""
    chance, alive = random.Random(seed), list(MAKE[:100])

    def fetch(query):
        for _time in range(vanishing):
            alive.remove(chance.choice(alive))
        size = min(int(query["limit"]), 20)
        start = (int(query.get("page", "1")) - 1) * size
        return Page(alive[start : start + size], len(alive))

    listing = read_all(fetch, Pagination("page", "page", "limit", 20, base=1))
    assert {session.id for session in alive} <= {session.id for session in listing.records}


class Crowd:
    """100 sessions of which up to four go, and others come, with each request; pages of at most 20 by number."""

    def __init__(self, seed, *, newest_first):
        self.chance, self.alive, self.fresh = random.Random(seed), list(MAKE[:100]), iter(MAKE[100:])
        self.vanishing, self.appearing = self.chance.randint(1, 4), self.chance.randint(0, 4)
        self.newest_first = newest_first

    def fetch(self, query):
        for _time in range(min(self.vanishing, len(self.alive))):
            self.alive.remove(self.chance.choice(self.alive))
        for _time in range(self.chance.randint(0, self.appearing)):
            self.alive.insert(0 if self.newest_first else len(self.alive), next(self.fresh))
        size = min(int(query["limit"]), 20)
        start = (int(query.get("page", "1")) - 1) * size
        return Page(self.alive[start : start + size], len(self.alive))


@pytest.mark.parametrize("newest_first", [False, True])
def test_pages_of_chosen_sizes_overlap_where_pages_are_numbered(newest_first):
    """In pages of one size, 1 list in 200 lost a session."""
    missed, incomplete = [], 0
    for seed in range(RUNS):
        crowd = Crowd(seed, newest_first=newest_first)
        listing = read_all(crowd.fetch, Pagination("page", "page", "limit", 20, base=1))
        incomplete += not listing.complete
        listed = {one.id for one in listing.records}
        if listing.complete and {one.id for one in crowd.alive} & IDS - listed:
            missed.append(seed)
    assert missed == []
    assert incomplete < RUNS / 50


@pytest.mark.parametrize(("style", "pagination"), STYLES.values(), ids=STYLES.keys())
def test_no_session_that_lived_all_along_is_missed(style, pagination):
    missed, incomplete, most_requests = {}, 0, 0
    for seed in range(RUNS):
        server = SimulatedList(style, MAKE[:330], tells_total=seed % 2 == 0, tells_more=seed % 5 == 0)
        server.churn = Churn(seed, most=(1, 3, 6, 20)[seed % 4], ordered=style == "keyset")
        listing = read_all(server.fetch, pagination)
        survivors = {session.id for session in MAKE[:330]} & {session.id for session in server.sessions}
        listed = [session.id for session in listing.records]
        assert len(listed) == len(set(listed)), f"seed {seed}: a session is listed twice"
        if survivors - set(listed):
            missed[seed] = (len(survivors - set(listed)), listing.complete)
        incomplete += not listing.complete
        most_requests = max(most_requests, len(server.requests))
    assert missed == {}
    assert incomplete < RUNS / 10, "a list that moves can still be read completely"
    assert most_requests <= 80

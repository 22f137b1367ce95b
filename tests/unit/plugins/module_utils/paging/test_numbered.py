# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbered pages of chosen sizes: one pass where that proves enough, two where the server does otherwise. Rule 20."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from typing import Callable, Optional

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import HttpError
from ansible_collections.aimms.cloud.plugins.module_utils.models.envelope import Page
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.pagination import Pagination
from ansible_collections.aimms.cloud.plugins.module_utils.paging import numbered
from ansible_collections.aimms.cloud.plugins.module_utils.paging.listing import read_all
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.simulated_list import MAKE, AnyOrder

RUNS = 250
ONE = Pagination("page", "page", "size", 50, base=1)
IDS = {session.id for session in MAKE[:330]}


@dataclass
class Numbered:
    """A server that counts its pages. ``asked`` holds number and size of each request."""

    sessions: list = field(default_factory=lambda: MAKE[:330])
    base: int = 1
    changes: Callable[[Numbered], None] = lambda server: None
    sized: Callable[[int], int] = lambda size: size
    answered: Callable[[Numbered, Page], Page] = lambda server, page: page
    asked: list[tuple[int, int]] = field(default_factory=list)

    def fetch(self, query):
        if self.asked:
            self.changes(self)
        number, size = int(query.get("page", self.base)), self.sized(min(int(query["size"]), 50))
        self.asked.append((number, size))
        begin = max(0, number - self.base) * size
        page = Page(tuple(self.sessions[begin : begin + size]), len(self.sessions))
        return self.answered(self, page)


def ids(records):
    return {session.id for session in records}


def test_the_sizes_make_the_pages_overlap():
    server = Numbered()
    assert read_all(server.fetch, ONE).complete
    assert server.asked[:4] == [(1, 50), (2, 49), (3, 48), (4, 47)]
    assert len(server.asked) == 8


@pytest.mark.parametrize("said", [None, 0, 1])
@pytest.mark.parametrize("base", [0, 1])
@pytest.mark.parametrize("length", [51, 60, 97, 98, 99, 330, 1000])
def test_whatever_the_document_says_of_the_first_page(said, base, length):
    """A last page that is full, as with 98, is no end that is shown."""
    server, calmly = Numbered(MAKE[:length], base), Numbered(MAKE[:length], base)
    pages = AnyOrder(server.fetch, random.Random(1))
    found = read_all(pages, replace(ONE, base=said), pages.expect)
    assert (found.records, found.problems) == (MAKE[:length], [])
    assert len(server.asked) <= (length + 1) // 40 + 2
    assert read_all(calmly.fetch, replace(ONE, base=said)).complete
    assert sorted(calmly.asked) == sorted(server.asked)


def refuse(server, page):
    if server.asked[-1][1] not in (50, 44):
        raise HttpError("GET /sessions/webui", 422)
    return page


def refuse_later(server, page):
    if len(server.asked) == 4:
        raise HttpError("GET /sessions/webui", 404, form="detail Invalid page.")
    return page


ODD: dict[str, Callable[[Numbered, Page], Page]] = {
    "it refuses other sizes": refuse,
    "it refuses a page in between": refuse_later,
    "the total is told at first only": lambda server, page: page if len(server.asked) == 1 else Page(page.records),
    "the total is another one later": lambda server, page: replace(page, total=329 + (len(server.asked) != 3)),
    "more follows the last one": lambda server, page: replace(page, more=bool(page.records)),
    "nothing follows the second one": lambda server, page: replace(
        page, more=False if len(server.asked) == 2 else None
    ),
    "a record is left out": lambda server, page: (
        replace(page, records=page.records[1:]) if len(server.asked) == 3 else page
    ),
}
SIZED: dict[str, Callable[[int], int]] = {
    "it has one size": lambda size: 50,
    "it has another size": lambda size: 50 if size == 50 else 20,
    "it rounds sizes": lambda size: -(-size // 10) * 10,
    "it rounds sizes down": lambda size: size // 10 * 10,
}


@pytest.mark.parametrize("ahead", [False, True])
@pytest.mark.parametrize("base", [0, 1])
@pytest.mark.parametrize(
    "server",
    [*(Numbered(answered=odd) for odd in ODD.values()), *(Numbered(sized=sized) for sized in SIZED.values())],
    ids=[*ODD, *SIZED],
)
def test_a_server_that_gives_other_pages_is_read_twice_from_a_first_page_that_is_kept(server, base, ahead):
    server = replace(server, base=base, asked=[])
    pages, paging = AnyOrder(server.fetch, random.Random(1)), replace(ONE, base=base)
    found = read_all(pages, paging, pages.expect) if ahead else read_all(server.fetch, paging)
    assert ids(found.records) == IDS
    assert found.complete
    assert 14 < len(server.asked) <= 16 + 12 + 8 * ahead


@pytest.mark.parametrize("length", [0, 1, 20, 50])
@pytest.mark.parametrize("total", [True, False])
def test_one_page_is_read_as_ever(length, total):
    server = Numbered(MAKE[:length], answered=lambda _server, page: page if total else Page(page.records))
    assert read_all(server.fetch, ONE).complete
    assert server.asked.count((1, 50)) <= 2
    assert total is False or length == 50 or len(server.asked) == 1


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize("flaw", [{"partial": "a page came from a cache"}, {"broken": 1}], ids=str)
def test_a_list_with_a_page_that_is_not_whole_is_not_read_again(number, flaw):
    server = Numbered(answered=lambda server, page: replace(page, **flaw) if len(server.asked) == number else page)
    assert not read_all(server.fetch, ONE).complete
    assert len(server.asked) == 8


def test_a_record_that_cannot_be_read_is_no_reason_to_read_the_list_again():
    """Its page has one record less. The first page is asked for once, as in one pass."""
    server = Numbered(
        answered=lambda server, page: (
            replace(page, broken=1, records=page.records[1:]) if len(server.asked) == 3 else page
        )
    )
    assert not read_all(server.fetch, ONE).complete
    assert [size for _number, size in server.asked].count(50) <= 2


def test_a_page_that_the_server_fails_to_give_ends_the_list_at_once():
    def failing(server, page):
        if len(server.asked) == 3:
            raise HttpError("GET /sessions/webui", 500)
        return page

    server = Numbered(answered=failing)
    with pytest.raises(HttpError):
        read_all(server.fetch, ONE)
    assert len(server.asked) == 3


def test_after_one_pass_that_proves_too_little_whole_pages_are_read_twice():
    def swap(server):
        if len(server.asked) == 3:
            server.sessions = [*server.sessions[1:], MAKE[330]]

    server = Numbered(changes=swap)
    assert read_all(server.fetch, ONE).complete
    assert {(2, 50), (3, 50), (1, 44), (2, 44)} <= {*server.asked}


def test_more_than_was_asked_for_at_once_is_no_page_to_overlap():
    server = Numbered(sized=lambda _size: 60)
    assert read_all(server.fetch, ONE).complete
    assert server.asked.count((2, 60)) == 2


def test_each_record_keeps_its_own_key():
    server = Numbered(answered=lambda _server, page: replace(page, keys=tuple(one.id for one in page.records)))
    found = read_all(server.fetch, ONE)
    assert (found.records, len(server.asked)) == (MAKE[:330], 8)


def test_how_many_pages_there_are_of_a_smaller_size_shows_nothing():
    def counted(server, page):
        return replace(page, pages=-(-page.total // server.asked[-1][1]))

    server = Numbered(MAKE[:690], answered=counted)
    assert read_all(server.fetch, ONE).complete
    assert len(server.asked) <= 690 // 40 + 2


@pytest.mark.parametrize("length", [20, 49])
def test_a_list_of_one_page_expects_no_other_one(length):
    expected = []
    assert read_all(Numbered(MAKE[:length]).fetch, ONE, lambda queries: expected.append([*queries])).complete
    assert expected == [[]]


def test_small_pages_overlap_at_too_few_places():
    small = Numbered(MAKE[:95], sized=lambda size: min(size, 10))
    assert read_all(small.fetch, ONE).complete
    assert {size for _number, size in small.asked} == {10}


def test_more_pages_than_may_be_asked_for_do_not_overlap(monkeypatch):
    monkeypatch.setattr(numbered, "_MOST_FULL_PAGES", 3)
    few, many = Numbered(MAKE[:150]), Numbered(MAKE[:151])
    assert read_all(few.fetch, ONE).complete
    assert read_all(many.fetch, ONE).complete
    assert [49 in {size for _number, size in server.asked} for server in (few, many)] == [True, False]


class Moving:
    """Between two answers, some end and some come, often as many: then the total shows nothing."""

    def __init__(self, seed: int) -> None:
        self.chance, self.fresh = random.Random(seed), iter(MAKE[330:])
        self.often = self.chance.choice([0.02, 0.1, 0.5, 1])
        self.most = self.chance.choice([1, 3, 30])
        self.at: Optional[float] = self.chance.choice([0, 1, None])

    def __call__(self, server: Numbered) -> None:
        if self.chance.random() > self.often:
            return
        number = self.chance.randint(1, self.most)
        for _time in range(number):
            server.sessions.remove(self.chance.choice(server.sessions))
        for _time in range(number if self.chance.random() < 0.8 else self.chance.randint(0, number)):
            place = self.chance.random() if self.at is None else self.at
            server.sessions.insert(round(place * len(server.sessions)), next(self.fresh))


@pytest.mark.parametrize("ahead", [False, True])
@pytest.mark.parametrize("base", [0, 1])
def test_no_session_that_lived_all_along_is_missed(ahead, base):
    """Whatever the document says of the first page. In what is read in one pass, up to 30 at once go and come."""
    missed, once, incomplete = [], 0, 0
    for seed in range(RUNS):
        moving = Moving(seed)
        server = Numbered(base=base, changes=moving)
        pages = AnyOrder(server.fetch, random.Random(seed))
        paging = replace(ONE, base=(None, 0, 1)[seed % 3])
        found = read_all(pages, paging, pages.expect) if ahead else read_all(server.fetch, paging)
        one_pass = len(server.asked) < 12
        lost = found.complete and IDS & ids(server.sessions) - ids(found.records)
        missed += [seed] if lost and (one_pass or moving.most < 30) else []
        incomplete += not found.complete
        once += one_pass
    assert missed == []
    assert incomplete < RUNS / 12
    assert once > RUNS / 4

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Threads that fetch pages before they are asked for. Proves rule 29's bound on what is asked in vain."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.models.envelope import Page
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.paging.prefetch import AT_ONCE, Prefetcher
from ansible_collections.aimms.cloud.plugins.module_utils.workers import WorkerPool
from ansible_collections.aimms.cloud.tests.timing import PATIENCE, until


def query(number):
    return {"offset": str(number)}


def queries(count):
    return [query(number) for number in range(count)]


class Pages:
    """Pages of one session each, and which thread asked for which."""

    def __init__(self, together=1):
        self.asked = {}
        self._barrier = threading.Barrier(together)

    def __call__(self, query):
        self.asked[query["offset"]] = threading.current_thread()
        if int(query["offset"]) < self._barrier.parties > 1:
            self._barrier.wait(PATIENCE)
        return Page([Session(query["offset"], "webui")])


def as_it_is(page):
    return page


@pytest.fixture(name="threads")
def pool():
    """Eight threads, or so it seems: more would show a bound that is not kept."""
    with ThreadPoolExecutor(32) as made:
        yield made


def test_eight_pages_are_fetched_at_once_and_each_only_once(threads):
    pages = Pages(together=8)
    ahead = Prefetcher(pages, threads, as_it_is)
    ahead.expect(queries(50))
    assert [ahead(query(number)).records[0].id for number in range(50)] == [str(number) for number in range(50)]
    assert len(pages.asked) == 50
    assert threading.main_thread() not in pages.asked.values()


def test_what_reads_an_answer_is_called_by_the_reader_and_only_for_what_is_asked_for(threads):
    pages, read = Pages(), []

    def page_of(answer):
        read.append((answer.records[0].id, threading.current_thread()))
        return answer

    ahead = Prefetcher(pages, threads, page_of)
    ahead.expect(queries(20))
    for number in (0, 1, 70):
        ahead(query(number))
    assert read == [(name, threading.main_thread()) for name in ("0", "1", "70")]


def test_never_more_than_eight_pages_are_fetched_in_vain(threads):
    pages = Pages()
    ahead = Prefetcher(pages, threads, as_it_is)
    ahead.expect(queries(10**6))
    ahead(query(0))
    ahead(query(-1))
    threads.shutdown()
    assert len(pages.asked) <= AT_ONCE + 2


def test_what_nobody_expected_is_fetched_by_the_one_who_asks(threads):
    pages = Pages()
    ahead = Prefetcher(pages, threads, as_it_is)
    ahead.expect(queries(3))
    ahead(query(7))
    assert pages.asked["7"] is threading.main_thread()


def test_a_single_page_is_not_worth_a_thread(threads):
    pages = Pages()
    ahead = Prefetcher(pages, threads, as_it_is)
    ahead.expect(queries(1))
    assert pages.asked == {}
    ahead(query(0))
    assert pages.asked == {"0": threading.main_thread()}


def test_what_was_fetched_before_a_pass_is_not_taken_for_one_of_its_pages(threads):
    pages = Pages()
    ahead = Prefetcher(pages, threads, as_it_is)
    ahead.expect(queries(3))
    ahead(query(0))
    ahead.expect(())
    ahead(query(1))
    assert pages.asked["1"] is threading.main_thread()


def test_what_is_forgotten_and_not_begun_is_never_fetched():
    pages, gate = Pages(), threading.Event()
    with ThreadPoolExecutor(1) as threads:
        threads.submit(gate.wait, PATIENCE)
        ahead = Prefetcher(pages, threads, as_it_is)
        ahead.expect(queries(9))
        ahead.expect(())
        gate.set()
    assert pages.asked == {}


def test_the_threads_have_ended_and_begun_nothing_new_once_the_list_is_done():
    asked, gate = [], threading.Event()

    def fetch(query):
        asked.append(query)
        gate.wait(5)  # if nothing is called off
        return Page([])

    with WorkerPool(AT_ONCE) as threads:
        begun = [threads.submit(fetch, query(number)) for number in range(AT_ONCE + 5)]
        until(lambda: len(asked) == AT_ONCE)
        begun[-1].add_done_callback(lambda _called_off: gate.set())
    assert all(future.done() for future in begun)
    assert len(asked) == AT_ONCE


def test_only_an_error_of_a_page_that_is_asked_for_is_raised(threads):
    def fetch(asked):
        if asked == query(2):
            raise ConnectionError("gone")
        return Page([])

    ahead = Prefetcher(fetch, threads, as_it_is)
    ahead.expect(queries(4))
    assert [ahead(query(number)).records for number in (0, 1, 3)] == [[], [], []]
    with pytest.raises(ConnectionError, match="gone"):
        ahead(query(2))


def test_what_follows_is_begun_once_and_only_when_all_that_is_expected_is_being_fetched(threads):
    pages, begun = Pages(), []
    ahead = Prefetcher(pages, threads, as_it_is)
    ahead.then(lambda: begun.append(len(pages.asked)))
    ahead.expect(queries(AT_ONCE + 2))
    for number in range(2):
        ahead(query(number))
        assert begun == []
    ahead(query(2))
    assert len(begun) == 1
    for number in range(3, AT_ONCE + 2):
        ahead(query(number))
    ahead.expect(queries(2))
    assert len(begun) == 1


def test_a_list_without_work_for_threads_begins_nothing_that_follows(threads):
    ahead = Prefetcher(Pages(), threads, as_it_is)
    ahead.then(lambda: pytest.fail("begun"))
    ahead.expect(queries(1))
    ahead(query(0))
    ahead.expect(())


def test_pages_that_were_called_off_were_not_asked_for():
    gate = threading.Event()
    with ThreadPoolExecutor(1) as threads:
        threads.submit(gate.wait, PATIENCE)
        ahead = Prefetcher(Pages(), threads, as_it_is)
        ahead.expect(queries(9))
        ahead(query(70))
        ahead.expect(())
        gate.set()
        assert ahead.asked == 1

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Threads that fetch pages before they are asked for. Proves rule 29's bound on what is asked in vain."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.api.session_manager import SessionManager
from ansible_collections.aimms.cloud.plugins.module_utils.errors import HttpError
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.options import criteria_from
from ansible_collections.aimms.cloud.plugins.module_utils.paging.listing import Page
from ansible_collections.aimms.cloud.plugins.module_utils.paging.prefetch import AT_ONCE, Prefetcher, Threads
from ansible_collections.aimms.cloud.tests.timing import PATIENCE, until
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import Account


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


@pytest.fixture(name="threads")
def pool():
    """Eight threads, or so it seems: more would show a bound that is not kept."""
    with ThreadPoolExecutor(32) as made:
        yield made


def test_eight_pages_are_fetched_at_once_and_each_only_once(threads):
    pages = Pages(together=8)
    ahead = Prefetcher(pages, threads)
    ahead.expect(queries(50))
    assert [ahead(query(number)).records[0].id for number in range(50)] == [str(number) for number in range(50)]
    assert len(pages.asked) == 50
    assert threading.main_thread() not in pages.asked.values()


def test_never_more_than_eight_pages_are_fetched_in_vain(threads):
    pages = Pages()
    ahead = Prefetcher(pages, threads)
    ahead.expect(queries(10**6))
    ahead(query(0))
    ahead(query(-1))
    threads.shutdown()
    assert len(pages.asked) <= AT_ONCE + 2


def test_what_nobody_expected_is_fetched_by_the_one_who_asks(threads):
    pages = Pages()
    ahead = Prefetcher(pages, threads)
    ahead.expect(queries(3))
    ahead(query(7))
    assert pages.asked["7"] is threading.main_thread()


def test_a_single_page_is_not_worth_a_thread(threads):
    pages = Pages()
    ahead = Prefetcher(pages, threads)
    ahead.expect(queries(1))
    assert pages.asked == {}
    ahead(query(0))
    assert pages.asked == {"0": threading.main_thread()}


def test_what_was_fetched_before_a_pass_is_not_taken_for_one_of_its_pages(threads):
    pages = Pages()
    ahead = Prefetcher(pages, threads)
    ahead.expect(queries(3))
    ahead(query(0))
    ahead.expect(())
    ahead(query(1))
    assert pages.asked["1"] is threading.main_thread()


def test_what_is_forgotten_and_not_begun_is_never_fetched():
    pages, gate = Pages(), threading.Event()
    with ThreadPoolExecutor(1) as threads:
        threads.submit(gate.wait, PATIENCE)
        ahead = Prefetcher(pages, threads)
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

    with Threads() as threads:
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

    ahead = Prefetcher(fetch, threads)
    ahead.expect(queries(4))
    assert [ahead(query(number)).records for number in (0, 1, 3)] == [[], [], []]
    with pytest.raises(ConnectionError, match="gone"):
        ahead(query(2))


def test_what_follows_is_begun_once_and_only_when_all_that_is_expected_is_being_fetched(threads):
    pages, begun = Pages(), []
    ahead = Prefetcher(pages, threads)
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
    ahead = Prefetcher(Pages(), threads)
    ahead.then(lambda: pytest.fail("begun"))
    ahead.expect(queries(1))
    ahead(query(0))
    ahead.expect(())


def test_pages_that_were_called_off_were_not_asked_for():
    gate = threading.Event()
    with ThreadPoolExecutor(1) as threads:
        threads.submit(gate.wait, PATIENCE)
        ahead = Prefetcher(Pages(), threads)
        ahead.expect(queries(9))
        ahead(query(70))
        ahead.expect(())
        gate.set()
        assert ahead.asked == 1


@pytest.fixture(name="account")
def service():
    """95 WebUI sessions and one task, ten on a page."""
    with Account(page=10) as made:
        for number in range(95):
            made.add("webui", f"w-{number:02}", hours=number + 1)
        made.add("task", "t-1")
        yield made


def test_a_long_list_is_read_whole_and_each_page_once(account):
    manager = SessionManager.connect(account.params())
    listing = manager.list(["webui", "task"])
    assert (len(listing.sessions), listing.problems) == (96, [])
    offsets = [int(asked.get("offset", 0)) for asked in account.asked("/sessions/webui")]
    assert sorted(offsets) == list(range(0, 95, 9))
    assert len(account.asked("/sessions/task")) == 1


def test_what_is_held_of_a_session_is_decided_as_it_is_read(account):
    manager = SessionManager.connect(account.params(), criteria_from(account.params()).zone)
    listing = manager.list(["webui"], (), lambda session: Session("", session.kind, session.state))
    assert {(session.id, session.state) for session in listing.sessions} == {("", "running")}
    assert len(listing.sessions) == 95


def test_the_records_are_held_only_where_they_are_wanted(account):
    manager = SessionManager.connect(account.params())
    assert all(session.raw["id"] == session.id for session in manager.list(["webui"]).sessions)
    assert not any(session.raw for session in manager.list(["webui"], raw=False).sessions)


def test_a_page_that_fails_fails_the_list(account):
    account.on("GET", "/sessions/webui", lambda: None, lambda: None, *[500] * 40)
    with pytest.raises(Exception, match="500"):
        SessionManager.connect(account.params()).list(["webui"])


def test_the_first_page_of_the_next_kind_is_not_waited_for_and_asked_for_once(account, monkeypatch):
    manager = SessionManager.connect(account.params())
    both, get = threading.Barrier(2), manager._client.get

    def together(path, query=(), **how):
        if path.endswith("/task") or ("offset", "90") in query:  # the last page of the kind before
            both.wait(PATIENCE)
        return get(path, query, **how)

    monkeypatch.setattr(manager._client, "get", together)
    listing = manager.list(["webui", "task", "solve"])
    assert (len(listing.sessions), listing.problems) == (96, [])
    assert [len(account.asked(f"/sessions/{kind}")) for kind in ("webui", "task", "solve")] == [11, 1, 1]
    assert manager.list_cost(["webui", "task", "solve"]) == 13


def test_lists_of_one_page_are_read_one_after_the_other_on_one_connection(account):
    for number in range(5, 95):
        del account.sessions["webui", f"w-{number:02}"]
    manager = SessionManager.connect(account.params())
    before = len(manager._client._connections._all)
    assert len(manager.list(["webui", "task"]).sessions) == 6
    assert len(manager._client._connections._all) == before == 1


def test_a_kind_that_the_server_has_not_is_passed_over_though_it_was_begun_early(account):
    manager = SessionManager.connect(account.params())
    manager.routes = replace(manager.routes, sure_kinds=False)
    account.on("GET", "/sessions/solve", 404)
    assert len(manager.list().sessions) == 96
    assert len(account.asked("/sessions/solve")) == 1


def test_what_the_next_kind_answers_is_no_matter_of_this_one(account):
    account.on("GET", "/sessions/task", 500)
    account.on("GET", "/sessions/webui", *[lambda: None] * 10, 501)
    with pytest.raises(HttpError, match="/webui answered 501"):
        SessionManager.connect(account.params()).list(["webui", "task"])

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The threads of a run: how many, in which order, and what happens at the end."""

from __future__ import annotations

import threading

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.workers import WorkerPool, in_thread
from ansible_collections.aimms.cloud.tests.timing import PATIENCE


def test_as_many_work_at_once_as_the_pool_has():
    together = threading.Barrier(16, timeout=PATIENCE)
    with WorkerPool(16) as workers:
        assert len(workers.map(lambda _item: together.wait(), range(16))) == 16


def test_a_pool_of_one_works_on_one_at_a_time():
    before, given = set(threading.enumerate()), threading.Event()

    def items():
        yield from range(4)
        given.set()

    def work(_item):
        given.wait(PATIENCE)
        return len(set(threading.enumerate()) - before)

    with WorkerPool(1) as workers:
        assert list(workers.map(work, items())) == [1] * 4


def test_results_are_in_the_order_of_the_items_and_a_size_of_none_is_one():
    with WorkerPool(8) as workers:
        assert workers.map(lambda number: number * 2, range(50)) == list(range(0, 100, 2))
    with WorkerPool(0) as workers:
        assert workers.map(str, [1, 2]) == ["1", "2"]


def test_an_error_is_raised_and_what_has_not_begun_is_cancelled():
    begun, raised = [], threading.Event()

    def work(number):
        begun.append(number)
        if number == 0:
            raise KeyError(number)
        raised.wait(60)

    with WorkerPool(1) as workers:
        with pytest.raises(KeyError):
            workers.map(work, range(10))
        raised.set()
    assert begun in ([0], [0, 1])


def test_what_was_submitted_and_has_not_begun_is_cancelled_at_the_end():
    begun, ended = [], threading.Event()

    def work(number):
        begun.append(number)
        ended.wait(60)

    with WorkerPool(1) as workers:
        futures = [workers.submit(work, number) for number in range(10)]
        futures[-1].add_done_callback(lambda _cancelled: ended.set())
    assert begun in ([], [0])
    assert all(future.cancelled() for future in futures[1:])


def test_without_work_no_thread_is_started():
    before = threading.active_count()
    with WorkerPool(8) as workers:
        assert workers.map(str, []) == []
        assert threading.active_count() == before


def test_a_call_in_a_thread_begins_at_once_and_its_result_is_waited_for():
    begun, may_end = threading.Event(), threading.Event()

    def call():
        begun.set()
        assert may_end.wait(PATIENCE)
        return threading.current_thread()

    wait = in_thread(call)
    assert begun.wait(PATIENCE)
    may_end.set()
    thread = wait()
    assert (thread is threading.current_thread(), thread.is_alive(), wait() is thread) == (False, False, True)


def test_what_a_call_in_a_thread_raises_is_raised_to_who_waits():
    def call():
        raise KeyError("lost")

    wait = in_thread(call)
    with pytest.raises(KeyError, match="lost"):
        wait()

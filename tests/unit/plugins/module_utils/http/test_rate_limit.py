# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast requests follow one another where the server limits their rate. Proves the pacing of rules 6 and 7."""

from __future__ import annotations

import heapq
from random import Random

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.http.rate_limit import ClientRateLimiter

BEFORE = float("-inf")


class Clock:
    """A clock that moves where somebody sleeps."""

    def __init__(self):
        self.now = 100.0
        self.pauses = []

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds
        self.pauses.append(seconds)


@pytest.fixture(name="clock")
def a_clock():
    return Clock()


@pytest.fixture(name="rate_limiter")
def a_throttle(clock):
    return ClientRateLimiter(clock.monotonic, clock.sleep)


def ask(rate_limiter, status=200, *, change=False, patience=60.0):
    begun = rate_limiter.begin(change=change, patience=patience)
    rate_limiter.end(begun, status)
    return begun


def gaps(rate_limiter, count):
    """Seconds between reads that go out as soon as they may."""
    moments = [ask(rate_limiter) for _number in range(count)]
    return [later - earlier for earlier, later in zip(moments, moments[1:])]


def test_nothing_waits_while_the_server_takes_everything(rate_limiter, clock):
    for status in (200, 404, 500, 503):
        for change in (False, True):
            ask(rate_limiter, status, change=change)
    assert clock.pauses == []


def test_after_a_limit_requests_come_at_the_rate_that_was_taken_before(rate_limiter, clock):
    for _number in range(40):
        clock.now += 0.05
        ask(rate_limiter)
    ask(rate_limiter, 429)
    ask(rate_limiter)
    first, *_others = gaps(rate_limiter, 3)
    assert 0.04 < first < 0.06


def test_what_was_taken_longer_than_a_second_ago_does_not_count(rate_limiter, clock):
    for _number in range(50):
        ask(rate_limiter)
    clock.now += 1.01
    for _number in range(5):
        ask(rate_limiter)
    ask(rate_limiter, 429)
    ask(rate_limiter)
    assert rate_limiter.seconds_to_wait(clock.now, change=False) == pytest.approx(1 / 4)


def test_the_rate_is_never_below_one_a_second(rate_limiter, clock):
    for _number in range(5):
        clock.now += 2
        ask(rate_limiter, 429)
    clock.now += 1
    rate_limiter.begin(change=False, patience=60)
    assert 0.9 < rate_limiter.seconds_to_wait(clock.now, change=False) <= 1.0


def test_after_the_first_limit_the_rate_doubles_every_seven_tenths_of_a_second(rate_limiter, clock):
    for _number in range(11):
        ask(rate_limiter)
    ask(rate_limiter, 429)
    for moment, rate in ((0.0, 10), (0.7, 20), (1.4, 40), (2.1, 80)):
        clock.now = 100.0 + moment
        ask(rate_limiter)
        assert rate_limiter.seconds_to_wait(clock.now, change=False) == pytest.approx(1 / rate)


def limited_twice(rate_limiter, clock):
    """Limits in the search for the rate and, more than a second later, at the rate of 20 a second."""
    ask(rate_limiter, 429)
    clock.now += 2.0
    for _number in range(20):
        begun = ask(rate_limiter)
    clock.now = begun + 0.5
    ask(rate_limiter, 429)
    return clock.now


def test_after_the_second_limit_the_rate_grows_slowly_at_first_and_then_fast(rate_limiter, clock):
    at = limited_twice(rate_limiter, clock)
    rates = []
    for since in (0.0, 1.0, 2.0, 4.0, 8.0):
        clock.now = at + since
        rate_limiter._free_at = BEFORE
        ask(rate_limiter)
        rates.append(1 / rate_limiter.seconds_to_wait(clock.now, change=False))
    growth = [rate / rates[0] for rate in rates]
    assert growth == pytest.approx([1, 2 ** (1 / 16), 2 ** (1 / 4), 2, 16])
    clock.now = at + 1000
    rate_limiter.seconds_to_wait(clock.now, change=False)
    assert rate_limiter.seconds_to_wait(clock.now, change=False) == pytest.approx(1 / rates[0] / 2**20, rel=1e-3)


def test_a_limit_within_a_second_of_the_first_leaves_the_rate_to_be_searched(rate_limiter, clock):
    ask(rate_limiter, 429)
    clock.now += 0.9
    ask(rate_limiter, 429)
    at = clock.now
    clock.now = at + 0.7
    ask(rate_limiter)
    assert rate_limiter.seconds_to_wait(clock.now, change=False) == pytest.approx(1 / 2)


def test_answers_to_requests_from_before_a_limit_say_nothing_new(rate_limiter, clock):
    for _number in range(10):
        ask(rate_limiter)
    early = [rate_limiter.begin(change=False, patience=60) for _number in range(8)]
    clock.now += 0.05
    for begun in early:
        rate_limiter.end(begun, 429)
        clock.now += 0.2
    ask(rate_limiter)
    assert rate_limiter.seconds_to_wait(clock.now, change=False) < 1 / 10


def test_a_change_goes_before_the_reads_that_wait(rate_limiter, clock):
    ask(rate_limiter, 429)
    ask(rate_limiter)
    with rate_limiter._waiting(True):
        clock.now += rate_limiter.seconds_to_wait(clock.now, change=True)
        assert rate_limiter.seconds_to_wait(clock.now, change=False) > 0
        assert rate_limiter.seconds_to_wait(clock.now, change=True) == 0
    assert rate_limiter.seconds_to_wait(clock.now, change=False) > 0


def test_reads_wait_for_every_change_that_waits(rate_limiter, clock):
    ask(rate_limiter, 429)
    with rate_limiter._waiting(True), rate_limiter._waiting(False):
        with rate_limiter._waiting(True):
            assert rate_limiter.seconds_to_wait(clock.now, change=False) > 0
        assert rate_limiter.seconds_to_wait(clock.now, change=False) > 0
    clock.now += 5
    assert rate_limiter.seconds_to_wait(clock.now, change=False) == 0


def test_only_requests_from_after_an_answer_count_as_new(rate_limiter, clock):
    for _number in range(11):
        ask(rate_limiter)
    first = rate_limiter.begin(change=False, patience=60)
    clock.now += 0.3
    second = rate_limiter.begin(change=False, patience=60)
    clock.now += 0.1
    rate_limiter.end(first, 429)
    clock.now += 0.7
    rate_limiter.end(second, 429)
    ask(rate_limiter)
    assert rate_limiter.seconds_to_wait(clock.now, change=False) == pytest.approx(1 / 20)


def test_a_change_is_paced_too(rate_limiter, clock):
    ask(rate_limiter, 429)
    first = ask(rate_limiter, change=True)
    assert ask(rate_limiter, change=True) > first + 0.3
    assert len(clock.pauses) == 1


def test_nobody_waits_longer_than_its_patience(rate_limiter, clock):
    ask(rate_limiter, 429)
    ask(rate_limiter)
    begun = clock.now
    assert ask(rate_limiter, patience=0.25) == pytest.approx(begun + 0.25)
    assert ask(rate_limiter, patience=-1.0) == clock.now


# All together


class Served:
    """Workers that end sessions, each by a read and a change, on a server that takes so many requests a second."""

    def __init__(self, limit, burst, retry_after, latency, sessions, workers=16, seed=1):
        self.now, self.left, self.refused, self.asked = 0.0, sessions, 0, 0
        self._limit, self._burst, self._retry_after, self._latency = limit, burst, retry_after, latency
        self._tokens, self._filled, self._rng = float(burst), 0.0, Random(seed)
        self._throttle = ClientRateLimiter(lambda: self.now, None)
        self._events, self._count = [], 0
        for _number in range(workers):
            self._after(0.0, self._next)
        while self._events:
            self.now, _number, act, arguments = heapq.heappop(self._events)
            act(*arguments)

    def _after(self, seconds, act, *arguments):
        self._count += 1
        heapq.heappush(self._events, (self.now + seconds, self._count, act, arguments))

    def _next(self):
        if self.left:
            self.left -= 1
            self._ask(False)

    def _ask(self, change):
        wait = self._throttle.seconds_to_wait(self.now, change=change)
        if wait > 0:
            self._after(wait, self._ask, change)
        else:
            self._after(self._latency / 2, self._arrive, self.now, change)

    def _arrive(self, begun, change):
        self.asked += 1
        self._tokens = min(self._burst, self._tokens + (self.now - self._filled) * self._limit)
        self._filled = self.now
        taken = self._tokens >= 1
        self._tokens -= taken
        self.refused += not taken
        self._after(self._latency / 2, self._answered, begun, change, taken)

    def _answered(self, begun, change, taken):
        self._throttle.end(begun, 200 if taken else 429)
        if not taken:
            pause = self._rng.uniform(0, 0.5) if self._retry_after is None else self._retry_after
            self._after(pause, self._ask, False)
        elif change:
            self._next()
        else:
            self._ask(True)


@pytest.mark.parametrize("retry_after", [None, 1.0])
@pytest.mark.parametrize("latency", [0.002, 0.05, 0.1])
@pytest.mark.parametrize(("limit", "burst", "sessions"), [(20, 5, 200), (20, 20, 200), (5, 5, 120), (100, 10, 1000)])
def test_a_limited_server_is_used_to_its_limit_and_hardly_beyond(limit, burst, sessions, latency, retry_after):
    served = Served(limit, burst, retry_after, latency, sessions)
    assert served.now <= (1.2 if limit == 20 else 1.25) * 2 * sessions / limit
    assert served.refused <= 0.3 * served.asked

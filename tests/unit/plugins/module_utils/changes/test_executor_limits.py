# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server that puts requests off (429) because many share its limit. Proves rules 7 and 28."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.changes import executor
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.scripted_change import (
    FakeTime,
    ScriptedChange,
    Target,
    make,
    status,
    use_clock,
    use_longest_pauses,
)

A = Target("a")
OVER = A.as_done()


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """Time that passes only where the machine sleeps, and chance that always takes the longest pause."""
    fake = FakeTime()
    use_clock(monkeypatch, fake)
    use_longest_pauses(monkeypatch)
    return fake


class Shared(ScriptedChange):
    """A server on which others are served meanwhile: reads or changes, as ``served`` says."""

    served = "read"

    def put_off(self, _target):
        self._answered_at[self.served] = executor.time.monotonic()
        raise status(429, self.after)

    def __init__(self, what, times, *, after=1.0, retries=2, **options):
        self.after, self.times = after, times
        then = [A, OVER] if what == "read" else [None]
        script = {"a": [self.put_off] * times + then}
        changes = {"reads": script} if what == "read" else {"reads": {"a": [self.live]}, "sends": script}
        super().__init__(**changes, retries=retries, **options)
        self.served = what

    def live(self, target):
        return OVER if self.count("send", "a") > self.times else target


def one(change, **pace):
    return make(change, [A], **pace)[0]


def test_a_read_is_put_off_any_number_of_times_while_others_are_read(clock):
    change = Shared("read", 9)
    assert one(change).result == "terminated"
    assert clock.pauses[:9] == [1.0] * 9


def test_a_read_that_is_put_off_without_a_word_waits_no_longer_each_time(clock):
    change = Shared("read", 9, after=None)
    assert one(change).result == "terminated"
    assert clock.pauses[:9] == [1.0] * 9


@pytest.mark.parametrize("what", ["read", "send"])
def test_none_is_put_off_for_longer_than_one_call_may_last(what, clock):
    change = Shared(what, 999, max_time=20)
    outcome = one(change, wait=0)
    assert (outcome.result, outcome.asked) == ("failed", False)
    assert "429" in outcome.msg
    assert 18 < clock.now - 1000 < 23


def test_a_change_is_put_off_any_number_of_times_while_others_are_made_each_after_a_read(clock):
    change = Shared("send", 9)
    assert one(change).result == "terminated"
    assert change.log == [("read", "a"), ("send", "a")] * 10 + [("read", "a")]
    assert clock.pauses[:9] == [1.0] * 9


@pytest.mark.parametrize("what", ["read", "send"])
def test_others_that_were_served_before_are_no_reason_to_go_on(what):
    change = Shared(what, 999, retries=2)
    change.served = "nothing"
    change._answered_at[what] = 1000.0
    outcome = one(change)
    assert (outcome.result, change.count(what, "a")) == ("failed", 3)


def test_changes_of_others_are_no_reason_to_read_on_nor_reads_to_ask_on():
    for what, other in (("read", "send"), ("send", "read")):
        change = Shared(what, 999, retries=2)
        change.served = other
        assert one(change).result == "failed"
        assert change.count(what, "a") == 3


def test_how_often_it_was_put_off_counts_anew_from_one_when_others_were_served():
    change = Shared("send", 999, retries=2)
    with_others = change.put_off

    def put_off(target):
        change.served = "send" if change.count("send", "a") <= 3 else "nothing"
        with_others(target)

    change._scripts["send"]["a"] = [put_off]
    assert one(change).result == "failed"
    assert change.count("send", "a") == 3 + 2


def test_a_single_retry_is_enough_while_others_are_served():
    assert one(Shared("send", 9, retries=1)).result == "terminated"

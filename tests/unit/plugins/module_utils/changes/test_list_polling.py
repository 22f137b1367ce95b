# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of many that is looked for in one list. Proves rules 16, 23 and 26."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import HttpError, TransportError
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.scripted_change import (
    GONE,
    RESET,
    FakeTime,
    ScriptedChange,
    crowd,
    make,
    results,
    status,
    use_clock,
)

MANY = crowd(6)
OVER = [target.as_done() for target in MANY]
PUZZLED = [replace(target, state="puzzled", active=False) for target in MANY]


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """Time that passes only where the machine sleeps."""
    fake = FakeTime()
    use_clock(monkeypatch, fake)
    return fake


def reads(*later, targets=MANY):
    """Scripts in which each is read as it is, and then as ``later`` says (over: at its end)."""
    told = {"over": lambda target: target.as_done(), "alive": lambda target: target}
    return {target.id: [target, *(told.get(one, one) for one in later)] for target in targets}


def back(change, kind="read"):
    """What was asked after the last request for a change."""
    last = max(index for index, (what, _name) in enumerate(change.log) if what == "send")
    return [name for what, name in change.log[last + 1 :] if what == kind]


def test_one_list_shows_the_end_of_all_and_a_read_confirms_it():
    change = ScriptedChange(lists=[OVER])
    outcomes = make(change, MANY)
    assert set(results(outcomes)) == {"terminated"}
    assert [outcome.target for outcome in outcomes] == OVER
    assert (back(change), back(change, "list")) == (["t05"], [6])
    assert change.fresh[-1]


@pytest.mark.parametrize("alive", [{"t05"}, {target.id for target in MANY}])
def test_a_list_whose_word_a_read_contradicts_is_not_believed_nor_is_a_later_one(alive):
    script = {**reads("over"), **reads("alive", targets=[target for target in MANY if target.id in alive])}
    change = ScriptedChange(script, lists=[OVER] * 9)
    outcomes = make(change, MANY, wait=20)
    assert {one.target.id for one in outcomes if one.result == "unknown"} == alive
    assert {one.target.id for one in outcomes if one.result == "terminated"} == {one.id for one in MANY} - alive
    assert back(change, "list") == [6]


def test_a_list_that_cannot_be_confirmed_settles_nothing():
    script = {**reads("over"), "t05": [MANY[5], RESET, OVER[5]]}
    change = ScriptedChange(script, lists=[OVER] * 9)
    assert set(results(make(change, MANY))) == {"terminated"}
    assert sorted(back(change)) == [*(target.id for target in MANY), "t05"]


def test_after_three_lists_that_could_not_be_confirmed_no_more_are_asked_for():
    script = {**reads(*["alive"] * 4, "over"), "t05": [*[MANY[5], RESET] * 3, MANY[5], OVER[5]]}
    change = ScriptedChange(script, lists=[[*MANY[:5], OVER[5]]] * 9)
    assert set(results(make(change, MANY))) == {"terminated"}
    assert back(change, "list") == [6, 6, 6]


@pytest.mark.parametrize(("cost", "lists"), [(4, 1), (5, 0), (7, 0), (None, 0)])
def test_a_list_is_asked_for_only_where_it_takes_fewer_requests_than_reading_each(cost, lists):
    change = ScriptedChange(reads("over"), lists=[OVER], cost=cost)
    assert set(results(make(change, MANY))) == {"terminated"}
    assert len(back(change, "list")) == lists
    assert len(back(change)) == (1 if lists else 6)


def test_those_that_the_list_shows_alive_are_looked_for_again():
    first = [*OVER[:2], *MANY[2:]]
    change = ScriptedChange(lists=[first, OVER])
    assert set(results(make(change, MANY))) == {"terminated"}
    assert (back(change), back(change, "list")) == (["t01", "t05"], [6, 4])


def test_a_few_that_are_left_are_read_one_by_one():
    change = ScriptedChange(reads("over"), lists=[[*OVER[:4], *MANY[4:]], OVER], cost=2)
    assert set(results(make(change, MANY))) == {"terminated"}
    assert (sorted(back(change)), back(change, "list")) == (["t03", "t04", "t05"], [6])


def test_what_the_list_lacks_is_read_by_itself():
    change = ScriptedChange({**reads(GONE, targets=MANY[:1]), **reads("over", targets=MANY[1:2])}, lists=[OVER[2:]])
    assert set(results(make(change, MANY))) == {"terminated"}
    assert back(change) == ["t05", "t00", "t01"]


def test_what_the_list_lacks_and_is_alive_is_waited_for():
    change = ScriptedChange(reads("alive", "over", targets=MANY[:1]), lists=[OVER[1:]])
    assert set(results(make(change, MANY))) == {"terminated"}
    assert back(change) == ["t05", "t00", "t00"]


@pytest.mark.parametrize("owner", [None, "somebody else"])
def test_a_list_that_shows_another_one_or_leaves_out_whose_it_is_settles_nothing(owner):
    others = [replace(target, owner=owner) for target in OVER]
    change = ScriptedChange(reads("alive"), lists=[others] * 9)
    outcomes = make(change, MANY, wait=5)
    assert set(results(outcomes)) == {"unknown"}
    assert [outcome.target for outcome in outcomes] == MANY
    assert back(change, "list") == [6, 6, 6]


@pytest.mark.parametrize(
    "failure",
    [None, HttpError("GET /sessions", 503), RESET, TransportError("no"), KeyError("x"), HttpError("GET", 403)],
)
def test_without_a_whole_list_each_is_read(failure):
    change = ScriptedChange(reads("alive", "over"), lists=[failure, OVER])
    assert set(results(make(change, MANY))) == {"terminated"}
    assert len(back(change)) == 6 + 1
    assert back(change, "list") == [6, 6]


def test_after_three_lists_that_failed_no_more_are_asked_for():
    change = ScriptedChange(reads(*["alive"] * 8, "over"), lists=[None] * 9)
    assert set(results(make(change, MANY))) == {"terminated"}
    assert back(change, "list") == [6] * 3


def test_an_outdated_list_is_found_out_by_one_that_is_read_by_itself():
    change = ScriptedChange(reads("over"), lists=[MANY] * 9)
    assert set(results(make(change, MANY))) == {"terminated"}
    assert back(change, "list") == [6]
    assert sorted(back(change)) == [target.id for target in MANY]


def test_a_slow_end_costs_one_list_and_one_read_in_each_round(clock):
    change = ScriptedChange(lists=[MANY] * 5 + [OVER])
    assert set(results(make(change, MANY))) == {"terminated"}
    assert (len(back(change)), len(back(change, "list"))) == (6, 6)


@pytest.mark.parametrize("first", [MANY, None])
def test_nobody_is_given_up_on_the_word_of_a_list(first, clock):
    """The list never shows the end. Each is read by itself before it is said that nobody knows, read before or not."""
    script = reads(*["alive"] * 20)
    script["t05"] = [MANY[5], lambda target: target.as_done() if clock.now > 1060 else target]
    change = ScriptedChange(script, lists=[first] + [MANY] * 99)
    outcomes = make(change, MANY, wait=60)
    assert results(outcomes) == ["unknown"] * 5 + ["terminated"]
    assert set(back(change)[-6:]) == {target.id for target in MANY}
    assert 60 <= clock.now - 1000 < 66


def test_after_three_lists_that_were_outdated_no_more_are_asked_for():
    targets = crowd(8)
    script = {one.id: [one, *[one] * min(number, 3), one.as_done()] for number, one in enumerate(targets)}
    change = ScriptedChange(script, lists=[targets] * 9)
    assert set(results(make(change, targets))) == {"terminated"}
    assert back(change, "list") == [8, 7, 6]


def test_what_nobody_accepted_is_not_looked_for_in_a_list():
    change = ScriptedChange(reads("alive"), {"*": [RESET]}, lists=[OVER] * 9)
    make(change, MANY[:4])
    assert change.log.count(("list", 4)) == 0


def test_what_is_in_doubt_is_not_looked_for_in_a_list():
    precondition_failure = [replace(target, state="unfit") for target in MANY]
    script = {one.id: [one, other, other, one.as_done()] for one, other in zip(MANY, precondition_failure)}
    change = ScriptedChange(script, {"*": [RESET]}, refuse=["unfit"], lists=[precondition_failure] * 9)
    assert set(results(make(change, MANY))) == {"terminated"}
    assert [what for what, _name in change.log if what == "list"] == []


def test_what_could_not_be_read_is_not_looked_for_in_a_list():
    script = {**reads("over"), **reads(status(503, 86400.0), "over", targets=MANY[:2])}
    change = ScriptedChange(script, lists=[[], OVER], cost=0)
    assert set(results(make(change, MANY))) == {"terminated"}
    assert back(change, "list") == [6]


def test_a_state_that_nobody_knows_is_no_end():
    change = ScriptedChange(reads("over"), lists=[PUZZLED, PUZZLED, OVER])
    assert set(results(make(change, MANY))) == {"terminated"}
    assert len(back(change, "list")) == 1


def test_a_state_that_nobody_knows_contradicts_no_list_that_shows_no_end():
    change = ScriptedChange(lists=[PUZZLED, OVER])
    assert set(results(make(change, MANY))) == {"terminated"}
    assert back(change, "list") == [6, 6]


def test_a_list_is_not_believed_where_a_read_shows_a_state_that_nobody_knows():
    change = ScriptedChange({**reads("over"), "t05": [MANY[5], PUZZLED[5]]}, lists=[OVER] * 9)
    assert results(make(change, MANY)) == ["terminated"] * 5 + ["unknown"]
    assert back(change, "list") == [6]


def test_without_waiting_nothing_is_listed():
    change = ScriptedChange(lists=[OVER])
    assert set(results(make(change, MANY, wait=None))) == {"requested"}
    assert back(change, "list") == []
    change = ScriptedChange(reads("over"), lists=[OVER])
    assert set(results(make(change, MANY, wait=0))) == {"terminated"}
    assert back(change, "list") == []


def test_nobody_is_given_up_because_a_list_took_long(clock):
    """Each was read before; the time is over when the list has come, and each is read once more."""

    def slow():
        clock.sleep(100)
        return MANY

    script = {one.id: [one, lambda target: target.as_done() if clock.now > 1060 else target] for one in MANY}
    change = ScriptedChange(script, lists=[None, slow])
    assert set(results(make(change, MANY, wait=60))) == {"terminated"}


# Servers that lie


class Liar:
    """A server whose lists lag, lack some or fields of some, show others, fail, and whose targets change hands."""

    def __init__(self, rng, clock):
        self._rng, self._clock = rng, clock
        self.live = {target.id: target for target in crowd(12)}
        self.ends_at, self.told, self.asked = {}, {target.id: {target} for target in crowd(12)}, set()
        self._past = []

    def read(self, target):
        self._move()
        if self._rng.random() < 0.1:
            raise RESET
        return self._tell(self.live[target.id])

    def send(self, target):
        self._move()
        fate = self._rng.random()
        if fate > 0.1:
            self.asked.add(target.id)
            self.ends_at.setdefault(target.id, self._clock.now + self._rng.choice([0, 0, 1, 5, 100]))
        if fate < 0.2:
            raise RESET

    def list(self):
        self._move()
        self._past.append(dict(self.live))
        if self._rng.random() < 0.2:
            return self._rng.choice([None, RESET, KeyError("x")])
        shown = self._past[max(0, len(self._past) - 1 - self._rng.choice([0, 0, 1, 3]))]
        found = [target for target in shown.values() if target and self._rng.random() > 0.1]
        found = [replace(one, owner=None) if self._rng.random() < 0.1 else one for one in found]
        return [self._tell(one) for one in found]

    def _tell(self, target):
        if target:
            self.told[target.id].add(target)
        return target

    def _move(self):
        for name, target in self.live.items():
            if target and self._clock.now >= self.ends_at.get(name, float("inf")):
                self.live[name] = target.as_done() if self._rng.random() < 0.9 else None
                self.ends_at.pop(name)
            elif target and self._rng.random() < 0.002:
                self.live[name] = replace(target, owner="maria")


@pytest.mark.parametrize("begin", [0, 20, 40])
def test_whatever_lists_say_nothing_is_said_that_the_server_did_not_show(begin, clock):
    for seed in range(begin, begin + 20):
        server = Liar(Random(f"liar-{seed}"), clock)
        change = ScriptedChange({"*": [server.read]}, {"*": [server.send]}, lists=[server.list] * 200)
        outcomes = make(change, crowd(12), wait=30)
        clock.now = 1000.0
        assert len(outcomes) == 12
        for outcome in outcomes:
            check(outcome, server, change)


def check(outcome, server, change):
    """What is said of one is what the server was left with, and what it showed."""
    name, live = outcome.target.id, server.live[outcome.target.id]
    assert change.count("send", name) <= 3
    if outcome.result == "terminated":
        assert name in server.asked or outcome.changed
        assert live is None or live.ended or live.owner == "maria"
    elif outcome.result in ("unknown", "failed"):
        assert live is not None or "could not be read" in outcome.msg
    if outcome.target.ended:
        assert outcome.target in server.told[name]

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No session is due without an announcement so long ago: over histories of runs with jumping clocks and lost ledgers.

One of the two clocks of a history is right, as nothing else tells how long ago something was; the other one jumps.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.aimms.cloud.plugins.plugin_utils.notices.decision import Clocks, Seen, review
from ansible_collections.aimms.cloud.plugins.plugin_utils.notices.ledger import entries_in, identity_of, written

HOUR, DAY = 3600, 86400
BEGIN = 1_800_000_000.0
ACCOUNT = "acme"


def session(number, made=0, kind="webui"):
    created = f"2026-03-{made % 27 + 1:02}T00:00:00Z"
    return {"id": f"s{number}", "kind": kind, "app_name": "A", "owner": f"user{number}@ROOT", "created_at": created}


def key(record):
    return record["kind"], record["id"]


def decide(entries, planned, now=BEGIN, notice=DAY, server=None, **seen):
    clocks = Clocks(now, now if server is None else server)
    return review(entries, ACCOUNT, Seen(planned, **seen), lambda _one: notice, clocks)


def test_a_session_is_announced_waits_and_is_due():
    one = session(1)
    first = decide((), [one])
    assert [key(each) for each in first.new] == [key(one)]
    assert (first.due, first.waiting) == ((), ())
    assert (first.new[0]["announced_at"], first.new[0]["due_at"]) == ("2027-01-15T08:00:00Z", "2027-01-16T08:00:01Z")
    second = decide(first.entries, [one], BEGIN + DAY - 1)
    assert (len(second.waiting), second.new, second.due) == (1, (), ())
    third = decide(second.entries, [one], BEGIN + DAY + 1)
    assert [each["due_at"] for each in third.due] == ["2027-01-16T08:00:01Z"]


@pytest.mark.parametrize("name", ["id", "kind", "app_name", "owner", "created_at"])
def test_another_session_is_announced_anew(name):
    entries = decide((), [session(1)]).entries
    made = decide(entries, [{**session(1), name: "other"}], BEGIN + 9 * DAY)
    assert (len(made.new), made.due) == (1, ())


@pytest.mark.parametrize("started", ["other", None])
def test_where_the_creation_is_not_told_another_start_is_another_session(started):
    unmade = {**session(1), "created_at": None, "started_at": "2026-03-02T00:00:00Z"}
    entries = decide((), [unmade]).entries
    assert len(decide(entries, [unmade], BEGIN + 2 * DAY).due) == 1
    made = decide(entries, [{**unmade, "started_at": started}], BEGIN + 2 * DAY)
    assert (len(made.new), made.due) == (1, ())


def test_an_announcement_is_not_earlier_than_it_was_by_either_clock():
    """The times of the ledger are whole seconds, and the service told its time a while before."""
    made = review((), ACCOUNT, Seen([session(1)]), lambda _one: DAY, Clocks(BEGIN + 30.9, BEGIN, spent=30.9))
    (entry,) = made.entries
    assert entry.announced_at >= BEGIN + 30.9
    assert entry.announced_by_server >= BEGIN + 31.9
    assert decide(made.entries, [session(1)], BEGIN + DAY + 30.8, server=BEGIN + 2 * DAY).due == ()
    assert decide(made.entries, [session(1)], BEGIN + 2 * DAY, server=BEGIN + DAY + 30.8).due == ()


def test_an_announcement_that_runs_confirm_is_not_forgotten():
    entries = decide((), [session(1)]).entries
    for days in (80, 160, 240):
        made = decide(entries, [session(1)], BEGIN + days * DAY)
        entries = made.entries
    assert (len(made.due), made.new) == (1, ())


def test_both_clocks_must_agree():
    entries = decide((), [session(1)]).entries
    for now, server in ((BEGIN + 9 * DAY, BEGIN + HOUR), (BEGIN + HOUR, BEGIN + 9 * DAY)):
        assert decide(entries, [session(1)], now, server=server).due == ()


def test_what_is_not_stale_any_more_is_announced_anew():
    entries = decide((), [session(1), session(2), session(3)]).entries
    left = decide(entries, [], BEGIN + 1, live={("webui", "s2")}, gone=lambda _kind, name: name == "s1").entries
    assert sorted(one.id for one in left) == ["s2", "s3"]
    assert len(decide(left, [session(1)], BEGIN + 2 * DAY).new) == 1


def test_a_shorter_notice_does_not_hold_for_what_was_promised_longer_and_a_longer_one_does():
    entries = decide((), [session(1)], notice=DAY).entries
    assert decide(entries, [session(1)], BEGIN + 2 * HOUR, notice=HOUR).due == ()
    assert decide(entries, [session(1)], BEGIN + DAY + 1, notice=2 * DAY).due == ()
    assert len(decide(entries, [session(1)], BEGIN + 2 * DAY + 1, notice=2 * DAY).due) == 1


@pytest.mark.parametrize("late", [1, 400 * DAY])
def test_an_announcement_of_the_future_or_of_long_ago_counts_for_nothing(late):
    entries = decide((), [session(1)], BEGIN if late > 1 else BEGIN + 9 * DAY).entries
    made = decide(entries, [session(1)], BEGIN + late)
    assert (len(made.new), made.due, len(made.entries)) == (1, (), 1)


def test_announcements_of_another_account_are_left_alone_and_count_for_nothing_here():
    theirs = review((), "other", Seen([session(1)]), lambda _one: DAY, Clocks(BEGIN, BEGIN)).entries
    made = decide(theirs, [session(1)], BEGIN + 2 * DAY, gone=lambda _kind, _id: True)
    assert (made.due, len(made.new)) == ((), 1)
    assert set(theirs) < set(made.entries)


def test_each_session_has_its_own_notice():
    notices = {"s1": None, "s2": HOUR, "s3": DAY}
    planned = [session(1), session(2), session(3)]

    def at(now, entries):
        return review(entries, ACCOUNT, Seen(planned), lambda one: notices[one["id"]], Clocks(now, now))

    first = at(BEGIN, ())
    assert [one["id"] for one in first.due] == ["s1"]
    assert [one["id"] for one in at(BEGIN + 2 * HOUR, first.entries).due] == ["s1", "s2"]


# Histories

STATES = ("stale", "stale", "stale", "young", "elsewhere", "gone", "replaced")
OBSERVED = st.tuples(*(st.sampled_from(STATES) for _number in range(3)))
STEPS = st.one_of(
    st.tuples(st.just("run"), OBSERVED, st.booleans(), st.sampled_from([HOUR, DAY])),
    st.tuples(st.just("twice"), OBSERVED, OBSERVED, st.sampled_from([HOUR, DAY])),
    st.tuples(st.just("wait"), st.sampled_from([1.5, 600.0, HOUR, 5 * HOUR, DAY + 2.0, 120.0 * DAY])),
    st.tuples(st.just("jump"), st.sampled_from([-400.0 * DAY, -DAY, -400.0, 400.0, DAY, 9.0 * DAY, 400.0 * DAY])),
    st.tuples(st.just("damage"), st.integers(0, 10**6), st.text(max_size=3), st.integers(0, 50)),
    st.tuples(st.just("edit"), st.sampled_from(["announced_at", "announced_by_server", "seen_at"]), st.booleans()),
    st.tuples(st.just("foreign")),
)


@dataclass
class World:
    """An account with three sessions, its ledger as text, and when each was truly announced, and for how long."""

    local_is_right: bool
    now: float = BEGIN
    offset: float = 0.0
    ledger: str = ""
    made: list[int] = field(default_factory=lambda: [0, 0, 0])
    truth: dict = field(default_factory=dict)
    numbers: count = field(default_factory=lambda: count(1))
    ended: int = 0

    def clocks(self, spent):
        """Of a run that read the time of the service ``spent`` seconds ago, in whole seconds."""
        wrong = self.now + self.offset
        local, server = (self.now, wrong) if self.local_is_right else (wrong, self.now)
        return Clocks(local, float(int(server - spent)), spent)

    def see(self, observed):
        """What a run sees now: a replaced session has the same id, and is another one."""
        planned, told = [], {}
        for number, state in enumerate(observed):
            if state == "replaced":
                self.made[number] = next(self.numbers)
            one = session(number, self.made[number])
            if state in ("stale", "replaced"):
                planned.append(one)
            elif state != "gone":
                told[key(one)] = state
        live = {name for name, state in told.items() if state == "elsewhere"}
        return Seen(planned, live, lambda kind, name: (kind, name) in told or kind == "webui")

    def run(self, seen, applied, notice, spent=0.7):
        entries, _problem = entries_in(self.ledger)
        made = review(entries, ACCOUNT, seen, lambda _one: notice, self.clocks(spent))
        for one in made.due:
            announced, promised = self.truth[identity_of(ACCOUNT, one)]
            assert self.now - announced >= max(notice, promised)
            self.ended += 1
        if not applied:
            return
        for identity in list(self.truth):
            name = identity[1:3]
            planned = [identity_of(ACCOUNT, one) for one in seen.planned]
            if identity not in planned and name not in seen.live:
                del self.truth[identity]
        for one in made.new:
            self.truth[identity_of(ACCOUNT, one)] = (self.now, notice)
        self.ledger = json.dumps(written(made.entries))

    def take(self, step):
        name, *more = step
        if name == "run":
            self.run(self.see(more[0]), more[1], more[2])
        elif name == "twice":  # both have read the sessions before one of them writes the ledger
            for seen in [self.see(more[0]), self.see(more[1])]:
                self.run(seen, True, more[2])
        elif name == "wait":
            self.now += more[0]
        elif name == "jump":
            self.offset += more[0]
        elif name == "foreign":
            self.ledger = self.ledger.replace(f'"{ACCOUNT}"', '"other"')
        elif name == "damage":
            at = more[0] % (len(self.ledger) + 1)
            self.ledger = self.ledger[:at] + more[1] + self.ledger[at + more[2] :]
        else:
            self.edit(*more)

    def edit(self, name, earlier):
        """By hand: as long as the checksum is left as it was."""
        entries, _problem = entries_in(self.ledger)
        if entries:
            ledger = json.loads(self.ledger)
            for one in ledger["entries"]:
                one[name] = "2020-01-01T00:00:00Z" if earlier else "9999-01-01T00:00:00Z"
            self.ledger = json.dumps(ledger)


@settings(max_examples=300, deadline=None)
@given(st.booleans(), st.lists(STEPS, min_size=6, max_size=25))
def test_no_session_is_ever_due_without_an_announcement_so_long_ago(local_is_right, steps):
    world = World(local_is_right)
    for step in steps:
        world.take(step)


@pytest.mark.parametrize("local_is_right", [True, False])
def test_these_histories_do_end_sessions(local_is_right):
    world = World(local_is_right)
    stale = ("stale", "stale", "young")
    for step in (("run", stale, True, DAY), ("wait", DAY + 2.0), ("run", stale, True, DAY)):
        world.take(step)
    assert world.ended == 2

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is one person, whose sessions are ended, and what became of each person."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.rules import seats
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Instant

steadily = settings(
    max_examples=100, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
OWNERS = [
    "ann@ROOT",
    "ann@ACME",
    "ann",
    "ANN@root",
    "bob@ROOT",
    "bob@x.org@ROOT",
    "bob@x.org",
    "cy@ROOT",
    None,
    "",
    "4" * 32,
]


def session(session_id, owner, at=0.0, state="running"):
    return Session(session_id, "webui", state, owner=owner, created_at=Instant(at))


def began(one):
    return one.created_at.seconds


def grouped(*owners):
    """The ids of the sessions of these owners, by person."""
    found = seats.people_of([session(str(number), owner) for number, owner in enumerate(owners)])
    return sorted("".join(one.id for one in own) for own in found.values())


@pytest.mark.parametrize(
    ("owners", "people"),
    [
        (["ann@ROOT", "bob@ROOT", "ann@ROOT"], ["02", "1"]),
        (["jane_acme.com@ROOT", "jane@acme.com@root", "jane_acme.com"], ["012"]),
        (["jane_acme@ROOT", "jane@acme@ROOT", "j_v1.2@R"], ["0", "1", "2"]),
        (["ann@ROOT", "ANN@root", "\uff41nn@ROOT", "a\u200bnn@ROOT"], ["0123"]),
        (["STRASSE@R", "stra\u00dfe@R", "I@R", "\u0131@R"], ["01", "23"]),
        (["ann@ROOT", "ann@ACME"], ["0", "1"]),
        (["ann@ROOT", "ann", "ann@ACME"], ["012"]),
        (["anna@ROOT", "ann"], ["0", "1"]),
        (["j@x.org@ROOT", "j@x.org", "j@y.org@ROOT"], ["01", "2"]),
        ([None, "", "ann", "\u200b", " "], ["2"]),
        (["14d231b1-2b87-457c-bc83-305bb5daa4cc", "ann"], ["1"]),
        (["4711", "ann"], ["0", "1"]),
        (["jane_x.co.uk@ROOT", "jane@x.co.uk@ROOT"], ["01"]),
        ([], []),
    ],
)
def test_a_person_is_an_owner_as_owners_are_compared(owners, people):
    assert grouped(*owners) == people


def chosen(sessions, max_seats, endable=None):
    ids = [one.reference for one in sessions] if endable is None else [f"webui/{one}" for one in endable]
    return seats.choose(sessions, ids, max_seats, began)


ANN_TWICE = [session("a1", "ann@R", 1), session("a2", "ann@R", 30), session("b", "bob@R", 20), session("c", "cy@R", 10)]


@pytest.mark.parametrize(
    ("max_seats", "endable", "people"),
    [
        (3, None, []),
        (2, None, ["cy@R"]),
        (1, None, ["cy@R", "bob@R"]),
        (0, None, ["cy@R", "bob@R", "ann@R"]),
        (0, ["a1", "b", "c"], ["cy@R", "bob@R"]),
        (2, ["a1", "a2", "b"], ["bob@R"]),
        (2, [], []),
    ],
)
def test_the_longest_inactive_come_first_as_many_as_needed_and_none_by_half(max_seats, endable, people):
    choice = chosen(ANN_TWICE, max_seats, endable)
    assert (choice.active, [person.owner for person in choice.chosen]) == (3, people)


def test_who_is_about_to_leave_is_not_active_and_what_is_about_to_end_is_of_its_person():
    sessions = [session("a", "ann@R", 1, "closing"), session("b1", "bob@R", 2), session("b2", "bob@R", 3, "closing")]
    choice = chosen(sessions, 0)
    assert (choice.active, [person.owner for person in choice.chosen]) == (1, ["bob@R"])
    assert [one.id for one in choice.chosen[0].sessions] == ["b1", "b2"]
    assert chosen(sessions, 1).chosen == ()
    assert chosen(sessions, 0, ["a", "b1"]).chosen == ()


any_sessions = st.lists(
    st.tuples(st.sampled_from(OWNERS), st.integers(0, 5), st.sampled_from(["running", "closing"]), st.booleans()),
    max_size=12,
)


@steadily
@given(any_sessions, st.integers(0, 5))
def test_whatever_the_sessions_people_are_whole_endable_and_no_more_than_needed(rows, max_seats):
    sessions = [session(f"s{number}", owner, at, state) for number, (owner, at, state, _may) in enumerate(rows)]
    endable = [one.id for one, (_owner, _at, _state, may) in zip(sessions, rows) if may]
    choice = chosen(sessions, max_seats, endable)
    ids = [one.id for person in choice.chosen for one in person.sessions]
    assert len(set(ids)) == len(ids)
    assert set(ids) <= set(endable)
    assert len(choice.chosen) <= max(0, choice.active - max_seats)
    # By the strictest reading of owners, too: the same name, with an environment or not, is never ended by half,
    for name in ("ann", "bob", "bob@x.org", "cy"):
        alone = any((one.owner or "").lower() == name for one in sessions)
        own = {one.id for one in sessions if (one.owner or "").lower().startswith(f"{name}@")} if alone else set()
        assert own <= set(ids) or not own & set(ids)
    # and those who are left are as many as there may be, if there were so many.
    full = {(one.owner or "").lower() for one in sessions if seats.is_owned(one) and not one.ending}
    left = {
        (one.owner or "").lower() for one in sessions if seats.is_owned(one) and not one.ending and one.id not in ids
    }
    named = {owner for owner in full if not any(other.startswith(f"{owner}@") for other in full)}
    assert len(left & named) >= min(max_seats, choice.active)


NOW = [session("a1", "ann@R"), session("b", "bob@R"), session("c", "cy@R")]


@pytest.mark.parametrize(
    ("active", "own", "max_seats", "refused"),
    [
        (NOW, NOW[:1], 2, None),
        (NOW, NOW[:1], 3, (True, "Few enough people are active")),
        ([*NOW, session("a2", "ann@R")], NOW[:1], 2, (False, "a2 is active too, and not planned")),
        ([*NOW, session("a2", "ann")], NOW[:1], 2, (False, "a2 is active too")),
        ([*NOW, session("a2", None)], NOW[:1], 2, None),
        (NOW[1:], NOW[:1], 1, (False, "does not have it any more")),
        (NOW, [session("x", None)], 2, (False, "Its owner is not told")),
        (NOW, [NOW[0], session("x", None)], 2, (False, "Its owner is not told")),
        ([*NOW, session("a2", "ann@R"), session("a3", "ann@R", state="odd")], NOW[:1], 2, (False, "a2 is active too")),
        ([*NOW, session("a2", "ann@R", state="odd"), session("a3", "ann@R")], NOW[:1], 2, (False, "a2 may be active")),
        ([*NOW, session("a2", "ann"), session("a3", "ann")], NOW[:1], 2,
         (False, "All sessions of a person are ended, or none: a2 is active too, and not planned.")),
        ([session("a1", "ann@R"), session("a2", "ann@S")], [session("a1", "ann@R"), session("a2", "ann@S")], 1,
         (False, "one person")),
    ],
)  # fmt: skip
def test_one_person_is_compared_with_those_active_now(active, own, max_seats, refused):
    found = seats.refusal(active, own, max_seats)
    assert (found and found[0]) == (refused and refused[0])
    assert refused is None or refused[1] in found[1]


def told(*outcomes):
    """What became of a person whose sessions have these results."""
    planned = {"max": 1, "people": [{"owner": "ann@R", "sessions": [str(number) for number in range(len(outcomes))]}]}
    sessions = [
        {"id": str(n), "result": one, "msg": f"It is {one}."}
        for n, one in enumerate(outcomes)
        if one not in (None, "kept")
    ]
    kept = [{"id": str(number), "msg": "It is kept."} for number, one in enumerate(outcomes) if one == "kept"]
    found = seats.with_results(planned, sessions, kept)
    (person,) = found["people"]
    assert found["freed"] == (person["result"] == "freed")
    return person["result"], person["msg"]


@pytest.mark.parametrize(
    ("outcomes", "result", "msg"),
    [
        (["would_terminate", "would_terminate"], "would_free", "would_terminate"),
        (["terminated", "terminated"], "freed", ""),
        (["terminated", "already_ended", "not_found"], "freed", ""),
        (["already_ended", "not_found"], "left", ""),
        (["already_ended", "kept"], "kept", "kept"),
        (["kept", "changed_since"], "kept", "kept"),
        (["changed_since"], "kept", "changed_since"),
        (["terminated", "changed_since"], "failed", "changed_since"),
        (["terminated", "kept"], "failed", "kept"),
        (["terminated", "unknown"], "failed", "unknown"),
        (["kept", "failed"], "failed", "failed"),
        (["kept", "unknown"], "failed", "unknown"),
        (["unknown", "failed", "terminated"], "failed", "unknown"),
        (["terminated", "not_tried"], "failed", "not_tried"),
        (["not_tried", "not_tried"], "not_tried", "not_tried"),
        (["requested", "already_ended"], "requested", "requested"),
        ([None, None], "not_tried", ""),
    ],
)
def test_what_became_of_a_person_is_the_worst_of_their_sessions(outcomes, result, msg):
    assert told(*outcomes) == (result, msg and f"It is {msg}.")


def test_what_nothing_is_said_of_has_an_empty_message():
    planned = {"max": 1, "people": [{"owner": "ann@R", "sessions": ["a"]}]}
    (person,) = seats.with_results(planned, [{"id": "a", "result": "requested"}])["people"]
    assert (person["result"], person["msg"]) == ("requested", "")


def test_the_figures_say_who_and_since_when():
    people = chosen(ANN_TWICE, 2).chosen
    found = seats.figures(3, 2, people, lambda at: f"t{at:.0f}")
    assert found == {"active": 3, "max": 2, "to_free": 1, "freed": 0, "people": [
        {"owner": "cy@R", "sessions": ["c"], "active_at": "t10"}]}  # fmt: skip
    assert seats.figures(1, 2, (), str)["to_free"] == 0


def test_a_person_of_whom_no_time_is_known_has_none_in_the_figures():
    (person,) = seats.choose([session("1", "ann@R")], ["webui/1"], 0, lambda _one: inf).chosen
    assert seats.figures(1, 0, [person], str)["people"][0]["active_at"] is None


@pytest.mark.parametrize("owners", [["ann", "ann@ROOT"], ["ann", "ANN@ROOT"], ["ANN@ROOT", "ann"]])
def test_the_message_names_the_owner_with_an_environment(owners):
    (person,) = chosen([session(str(number), owner) for number, owner in enumerate(owners)], 0).chosen
    assert person.owner == max(owners, key=len)


def test_what_is_kept_as_a_person_is_not_whole_says_which_session_is_the_reason():
    sessions = [*ANN_TWICE, session("n", None)]
    spared = [sessions[0], sessions[2], sessions[4]]
    why = seats.reasons(sessions, ["webui/a1", "webui/b", "webui/c", "webui/n"], spared)
    assert {key[1]: text[:30] for key, text in why.items()} == {
        "a1": "All sessions of a person are e", "n": "Its owner is not told, so it i"}  # fmt: skip
    assert "a2" in why["webui", "a1"]
    assert "a2" in seats.reasons([*ANN_TWICE, session("a3", "ann@R")], ["webui/a1"], spared)["webui", "a1"]
    assert seats.unowned(sessions) == ["1 active sessions tell no owner: max_seats neither counts nor ends them."]
    assert seats.unowned(ANN_TWICE) == []

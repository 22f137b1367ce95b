# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds and states of sessions are those of the contract, and each part knows every one of them."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.models.states import (
    ACTIVE_STATES,
    EARLY_STATES,
    ENDED_STATES,
    ENDING_STATES,
    KINDS,
    KINDS_ON_REQUEST,
    is_waiting,
    same_state,
)
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.routes import default_routes
from ansible_collections.aimms.cloud.plugins.module_utils.options import KIND, SELECTION


def read(record):
    return Session.from_record({"id": "s-1", **record}, "webui")


def test_the_active_states_are_those_of_the_contract():
    assert {"queued", "assigned", "launching", "running", "solving", "closing"} == ACTIVE_STATES
    assert not ACTIVE_STATES & ENDED_STATES


@pytest.mark.parametrize("state", "created initializing ready Created INITIALIZING launching".split())
def test_what_begins_is_active_on_all_generations(state):
    session = read({"state": state})
    assert (session.active, session.ending, session.ended) == (True, False, False)
    assert is_waiting(session.state) is (state.lower() == "created")


def test_what_waits_to_be_started():
    states = sorted(ACTIVE_STATES | EARLY_STATES | ENDED_STATES | ENDING_STATES)
    assert [state for state in states if is_waiting(read({"state": state}).state)] == ["created", "queued"]


@pytest.mark.parametrize(
    "state",
    """finished terminated completed failed crashed ended closed stopped killed cancelled canceled interrupted
    aborted deleted expired error""".split(),
)
def test_these_states_are_ended_ones(state):
    assert read({"state": state}).ended


@pytest.mark.parametrize("before", ["STATE_", "SESSION_STATE_", "session_status_", "Status_"])
@pytest.mark.parametrize("state", ["running", "terminated", "closing", "unspecified", "state"])
@pytest.mark.parametrize("shape", [lambda state: state, lambda state: {"value": state}, lambda state: {"name": state}])
def test_the_words_before_a_state_are_left_out(before, state, shape):
    assert read({"state": shape(f"{before}{state.upper()}")}).state == state
    assert read({"state": shape(state)}) == read({"state": state})
    assert read({"state": f"{before[:-1]}{state}"}).state not in (state, "")


@pytest.mark.parametrize("state", sorted(ENDING_STATES))
@pytest.mark.parametrize(
    "spell",
    [
        str,
        str.upper,
        str.title,
        lambda state: state.replace("_", " "),
        lambda state: state.replace("_", "-"),
        lambda state: state.title().replace("_", ""),
        lambda state: f" {state}\n",
    ],
)
def test_what_is_about_to_end_is_active_in_every_spelling(spell, state):
    session = read({"state": spell(state)})
    assert (session.active, session.ending, session.ended) == (True, True, False)


@pytest.mark.parametrize(
    "state", ["", "puzzled", "terminate", "not terminated", "un-ended", "requested", "ending?ended", "closing" * 99]
)
def test_what_only_resembles_a_state_is_none(state):
    session = read({"state": state})
    assert (session.active, session.ending, session.ended) == (False, False, False)


@pytest.mark.parametrize("state", sorted((ACTIVE_STATES | ENDED_STATES) - ENDING_STATES))
def test_what_runs_waits_or_has_ended_is_not_about_to_end(state):
    assert not read({"state": state}).ending
    assert not ENDED_STATES & ENDING_STATES


def test_the_kinds_are_those_of_the_contract():
    assert KINDS == ("webui", "task", "solve", "external", "verify")
    assert KINDS_ON_REQUEST == ("external", "verify")


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_can_be_read_asked_for_and_reached(kind):
    assert read({"kind": kind.upper()}).kind == kind
    assert kind in KIND["choices"]
    assert kind in SELECTION["kinds"]["choices"]
    assert default_routes("current").path("get", kind, "ID").endswith(f"/sessions/{kind}/ID")


# The record's own type counts, whatever list it stood in.
TYPES = [
    ({"type": "external"}, "external"),
    ({"kind": "webui", "type": "external"}, "external"),
    ({"kind": "Verify", "type": "WebUI"}, "verify"),
    ({"type": "Solve"}, "solve"),
    ({"sessionType": "EXTERNAL SESSION"}, "external"),
    ({"type": {"name": "external"}}, "external"),
    ({"category": "external"}, "external"),
    ({"type": "WebUI Session"}, "webui"),
    ({"type": "web-ui"}, "webui"),
    ({"@type": "aimms:WebUISession"}, "webui"),
    ({"kind": "task"}, "task"),
    # What every record may have tells nothing: the list counts.
    *(({"type": text}, "webui") for text in ("sessions", "Session", "SessionDto", "#/components/schemas/Session", " ")),
    ({"type": 5}, "webui"),
    ({"category": "finance"}, "webui"),
    ({}, "webui"),
    # An unknown type is none of the list's.
    ({"type": "Batch"}, "batch"),
    ({"type": "Batch", "kind": "webui"}, "batch"),
    ({"type": "Batch", "kind": "external"}, "batch"),
    ({"kind": "web"}, "web"),
    ({"type": "x" * 99}, "x" * 64),
    ({"type": "externally managed"}, "externally managed"),
]


@pytest.mark.parametrize(("record", "kind"), TYPES, ids=[str(row[0])[:40] for row in TYPES])
def test_the_own_type_of_a_record_counts(record, kind):
    assert read(record).kind == kind


@pytest.mark.parametrize(
    ("state", "states", "same"),
    [
        ("running", ("running",), True),
        ("shuttingdown", ("shutting_down",), True),
        ("termination requested", ("termination_requested", "closing"), True),
        ("running", ("queued", "closing"), False),
        ("", ("queued",), False),
    ],
)
def test_a_state_is_the_same_in_any_spelling(state, states, same):
    assert same_state(state, states) is same

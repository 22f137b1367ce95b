# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds and states of sessions are those of the contract, and each part knows every one of them."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.models.states import (
    ACTIVE_STATES,
    ENDED_STATES,
    ENDING_STATES,
    KINDS,
)
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.routes import default_routes
from ansible_collections.aimms.cloud.plugins.module_utils.options import KIND, SELECTION


def read(record):
    return Session.from_record({"id": "s-1", **record}, "webui")


def test_the_active_states_are_those_of_the_contract():
    assert {"queued", "assigned", "launching", "running", "solving", "closing"} == ACTIVE_STATES
    assert not ACTIVE_STATES & ENDED_STATES


@pytest.mark.parametrize(
    "state",
    """finished terminated completed failed crashed ended closed stopped killed cancelled canceled interrupted
    aborted deleted expired error""".split(),
)
def test_these_states_are_ended_ones(state):
    assert read({"state": state}).ended


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
    assert KINDS == ("webui", "task", "solve")


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_can_be_read_asked_for_and_reached(kind):
    assert read({"kind": kind.upper()}).kind == kind
    assert kind in KIND["choices"]
    assert kind in SELECTION["kinds"]["choices"]
    assert default_routes("current").path("get", kind, "ID").endswith(f"/sessions/{kind}/ID")

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is held of a list that is sifted as it is read decides and tells the same as the whole list."""

from __future__ import annotations

from typing import Any, Optional

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.remarks import count_assumed, remarks, unknowns
from ansible_collections.aimms.cloud.plugins.module_utils.selection import (
    Criteria,
    compactor,
    counts,
    decide,
    is_active,
    reason_to_keep,
)
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Clock, Instant

NOW = 1_700_000_000.0
HOUR = 3600
_TIMES = st.one_of(
    st.none(),
    st.builds(Instant, st.sampled_from([NOW - age * HOUR for age in (-1, 0, 1, 13, 30, 99, 10**6)]), st.booleans()),
)
SESSIONS = st.lists(
    st.builds(
        Session,
        id=st.sampled_from("abcdefgh"),
        kind=st.sampled_from(["webui", "task", "external", "batch"]),
        state=st.sampled_from(["running", "queued", "finished", "failed", "odd", "strange"]),
        app_name=st.sampled_from([None, "Crew", "Fleet"]),
        owner=st.sampled_from([None, "jdoe@ROOT", "asmith@ROOT"]),
        created_at=_TIMES,
        started_at=_TIMES,
        ended_at=_TIMES,
        unread_times=st.sampled_from(
            [(), (("created_at", "11/12/2026"),), (("ended_at", "soon"), ("started_at", "x"))]
        ),
    ),
    max_size=12,
    unique_by=lambda session: (session.kind, session.id),
)
CRITERIA = st.builds(
    Criteria,
    kinds=st.sampled_from([None, ("webui",)]),
    states=st.sampled_from([None, ("running",), ("finished", "failed")]),
    owners=st.sampled_from([None, ("jdoe*",)]),
    older_than=st.sampled_from([None, 2 * HOUR, 24 * HOUR]),
    newer_than=st.sampled_from([None, 48 * HOUR]),
    age_from=st.sampled_from(["created", "started"]),
    ended_before=st.sampled_from([None, HOUR]),
    protect_apps=st.sampled_from([(), ("Crew",)]),
)
CLOCKS = st.sampled_from([Clock(NOW, NOW), Clock(NOW - 60, NOW), Clock(None, NOW)])
quickly = settings(
    max_examples=200, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


def ended(session: Session) -> bool:
    return session.ended


@quickly
@given(SESSIONS, CRITERIA, CLOCKS)
def test_what_is_selected_and_told_of_all_is_the_same(sessions: list[Session], criteria: Criteria, clock: Any) -> None:
    compact = compactor(lambda session: reason_to_keep(session, criteria, clock) is None)
    held = [compact(session) for session in sessions]
    assert [one for one in held if one.id] == [one for one in sessions if reason_to_keep(one, criteria, clock) is None]
    assert counts(held) == counts(sessions)
    assert unknowns(held) == unknowns(sessions)
    assert remarks(held, criteria, clock) == remarks(sessions, criteria, clock)
    assert count_assumed(held, criteria) == count_assumed(sessions, criteria)


@pytest.mark.parametrize("eligible", [is_active, ended])
@quickly
@given(SESSIONS, CRITERIA, CLOCKS, st.sampled_from([None, 0, 1, 3]), st.sampled_from([set(), {("webui", "a")}]))
def test_the_decision_is_the_same(
    eligible: Any, sessions: list[Session], criteria: Criteria, clock: Any, most: Optional[int], vetoed: Any
) -> None:
    compact = compactor(lambda session: session.active or eligible(session))
    held = [one for one in map(compact, sessions) if one.id]
    whole = decide(sessions, criteria, clock, most, vetoed, eligible)
    assert decide(held, criteria, clock, most, vetoed, eligible) == whole
    assert sum(map(eligible, held)) == sum(map(eligible, sessions))


def test_those_that_look_alike_share_one_outline() -> None:
    compact = compactor(lambda session: session.state == "running")
    held = [compact(Session(f"s{number}", "webui", "failed", created_at=Instant(NOW - number))) for number in range(99)]
    assert len({id(outline) for outline in held}) == 1
    assert compact(Session("r", "webui", "running")) == Session("r", "webui", "running")
    assert not any(outline.id for outline in held)

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The protections that match nobody are told, whatever else is listed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.protections import UnmatchedProtections
from ansible_collections.aimms.cloud.plugins.module_utils.selection import Criteria

CRITERIA = Criteria(
    protect_session_ids=("s-*", "t-*"), protect_apps=("Planner [PROD]", "Typo"), protect_owners=("ann@*", "bob", "bbo")
)


def unmatched(*sessions, criteria=CRITERIA):
    see = UnmatchedProtections(criteria)
    for session in sessions:
        assert see(session) is session
    return see.names


def test_all_are_told_when_there_is_no_session():
    assert unmatched() == ["s-*", "t-*", "Planner [PROD]", "Typo", "ann@*", "bob", "bbo"]
    assert unmatched(criteria=Criteria()) == []


def test_each_counts_by_itself():
    ended = Session("s-1", "task", "finished", app_name="planner  [prod]", owner="ANN@ROOT")
    other = Session("x", "webui", "running", app_name="Other", owner="bob@ACME")
    assert unmatched(ended) == ["t-*", "Typo", "bob", "bbo"]
    assert unmatched(other, ended, other) == ["t-*", "Typo", "bbo"]


def test_what_is_not_known_tells_nothing_of_a_name():
    assert unmatched(Session("x", "webui", "running")) == unmatched()
    assert "ann@*" not in unmatched(Session("x", "webui", "running", owner="ann@ROOT"))
    assert "Planner [PROD]" in unmatched(Session("x", "webui", "running", owner="ann@ROOT"))


def test_one_that_is_given_twice_is_told_once():
    assert unmatched(criteria=Criteria(protect_apps=("x", "x"), protect_owners=("x",))) == ["x"]


def test_nothing_is_lost_between_threads():
    owners = tuple(f"user{number}" for number in range(200))
    see = UnmatchedProtections(Criteria(protect_owners=owners))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(see, (Session(owner, "webui", "running", app_name="a", owner=owner) for owner in owners)))
    assert see.names == []

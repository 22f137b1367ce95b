# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a list does not tell is left out of the criteria, and read where the decision needs it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.rules.untold import by_what_is_told, in_doubt, suffices
from ansible_collections.aimms.cloud.plugins.module_utils.selection import Breakers, Criteria
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Instant

SESSION = Session("s1", "webui", "running", "Planner", "1.0", "ann@ROOT", created_at=Instant(1753358400.0))


@pytest.mark.parametrize(
    ("asked", "untold"),
    [
        ({"owners": ("ann@*",)}, {"owner": None}),
        ({"protect_owners": ("ann@*",)}, {"owner": None}),
        ({"apps": ("Planner",)}, {"app_name": None}),
        ({"protect_apps": ("Planner",)}, {"app_name": None}),
        ({"app_versions": ("1.*",)}, {"app_version": None}),
        ({"keep_versions": 1}, {"app_version": None}),
        ({"keep_versions": 1}, {"app_name": None}),
        ({"older_than": 60}, {"created_at": None}),
    ],
)
def test_what_is_not_told_is_left_out_and_needed(asked, untold):
    criteria, session = Criteria(**asked), replace(SESSION, **untold)
    assert by_what_is_told(SESSION, criteria) is criteria
    assert by_what_is_told(session, criteria) == Criteria()
    assert suffices(SESSION, criteria, Breakers(), None)
    assert not suffices(session, criteria, Breakers(), None)


def test_a_limit_for_owners_needs_the_owner_and_an_order_the_time():
    unowned, undated = replace(SESSION, owner=None), replace(SESSION, created_at=None)
    assert suffices(unowned, Criteria(), Breakers(), None)
    assert not suffices(unowned, Criteria(), Breakers(max_per_owner=1), None)
    assert suffices(undated, Criteria(), Breakers(), None)
    assert not suffices(undated, Criteria(), Breakers(), 3)
    assert not suffices(unowned, Criteria(), Breakers(), None, by_person=True)


def test_an_owner_without_an_environment_is_in_doubt():
    assert in_doubt(["ann@"])
    assert in_doubt([None])
    assert not in_doubt(["ann@ROOT"])

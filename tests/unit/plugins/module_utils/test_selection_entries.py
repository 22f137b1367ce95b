# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries of a protection that may be one name or several: all of them are protected."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.selection import Criteria, protected


def session(app_name):
    return Session("s1", "webui", "running", app_name=app_name, owner="ann@ROOT")


@pytest.mark.parametrize(
    ("entry", "name"),
    [
        ("Fleet Crew", "Crew"),
        ("Fleet, Planner Two", "Planner Two"),
        ("[Planner Two]", "Planner Two"),
        ("Fleet [alpha]", "[alpha]"),
        ("* Crew", "Crew"),
        ("Planner [[]PROD]", "Planner [PROD]"),
        ("Planner[[]12]", "Planner2"),
        ("Fleet a[[]b[cd]", "a[bc"),
        ("Fleet, [Planner Two]", "Planner Two"),
        ("Fleet, *, Crew", "Crew"),
    ],
)
def test_an_entry_that_may_be_several_names_protects_them_all(entry, name):
    assert protected(session(app_name=name), Criteria(protect_apps=(entry,)))
    assert not protected(session(app_name="Zebra"), Criteria(protect_apps=(entry,)))
    assert not protected(session(app_name="Fl"), Criteria(protect_apps=(entry,)))


@pytest.mark.parametrize("entry", ["Fleet *?@*", "Fleet, *@*"])
def test_a_part_of_an_entry_that_every_name_matches_protects_nobody(entry):
    one = Session("s1", "webui", "running", app_name="Crew", owner="ann")
    assert not protected(one, Criteria(protect_owners=(entry,)))

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The protections and filters that match nobody are told, whatever else is listed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from ansible_collections.aimms.cloud.plugins.module_utils.decoding import name_match
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.protections import Unmatched
from ansible_collections.aimms.cloud.plugins.module_utils.selection import Criteria

CRITERIA = Criteria(
    protect_session_ids=("s-*", "t-*"), protect_apps=("Planner [PROD]", "Typo"), protect_owners=("ann@*", "bob", "bbo")
)


def unmatched(*sessions, criteria=CRITERIA):
    see = Unmatched(criteria)
    for session in sessions:
        assert see(session) is session
    return see.protections


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


def test_a_list_of_a_thousand_names_is_compiled_once_and_the_sessions_of_an_owner_are_looked_at_once():
    names = tuple(f"user{number}" for number in range(1000))
    sessions = [
        Session(f"s-{number}", "webui", "running", app_name="a", owner=names[number % 50]) for number in range(500)
    ]
    before, patterns = name_match._pattern.cache_info().misses, name_match._pattern.cache_info
    criteria = Criteria(protect_owners=names, owners=tuple(f"no-{name}" for name in names))
    assert unmatched(*sessions, criteria=criteria) == list(names[50:])
    assert patterns().misses - before <= 2 * len(names) + 10
    asked = patterns().hits
    assert unmatched(*sessions, *sessions, criteria=criteria) == list(names[50:])
    assert patterns().hits - asked < 3 * len(names) * 50


def test_nothing_is_lost_between_threads():
    owners = tuple(f"user{number}" for number in range(200))
    see = Unmatched(Criteria(protect_owners=owners))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(see, (Session(owner, "webui", "running", app_name="a", owner=owner) for owner in owners)))
    assert see.protections == []


FILTERS = Criteria(owners=("ann@*", "bob"), apps=("Planner [PROD]", "Typo"), app_versions=("1.*",))


def filter_warnings(*sessions, criteria=FILTERS):
    see = Unmatched(criteria)
    for session in sessions:
        see(session)
    return see.warnings


def test_names_of_a_selection_that_match_no_session_are_told_by_option():
    ended = Session("s-1", "task", "finished", app_name="planner  [prod]", app_version="1.2", owner="ANN@ROOT")
    other = Session("x", "webui", "running", app_name="Typo")
    bob = "owners: no session matches 'bob'. An owner is user@ENVIRONMENT."
    assert filter_warnings(ended) == ["apps: no session matches 'Typo'.", bob]
    assert filter_warnings(ended, other) == [bob]
    assert filter_warnings(other) == [
        "apps: no session matches 'Planner [PROD]'.",
        "app_versions: no session matches '1.*'.",
        "owners: no session matches 'ann@*', 'bob'. An owner is user@ENVIRONMENT.",
    ]


def test_where_there_is_no_session_or_no_filter_no_name_is_odd():
    assert filter_warnings() == []
    assert filter_warnings(Session("x", "webui", "running"), criteria=CRITERIA) == []


def test_of_many_names_some_are_told_and_the_others_counted():
    names = tuple("abcdef")
    assert filter_warnings(Session("x", "webui", "running"), criteria=Criteria(apps=names[:5])) == [
        "apps: no session matches 'a', 'b', 'c', 'd', 'e'."
    ]
    assert filter_warnings(Session("x", "webui", "running"), criteria=Criteria(apps=names)) == [
        "apps: no session matches 'a', 'b', 'c', 'd', 'e' and 1 more."
    ]

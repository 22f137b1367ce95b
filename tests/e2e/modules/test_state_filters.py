# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans from long lists: of servers that can list active sessions only, and of some that say so and do otherwise.

Proves rules 17, 18, 20, 21 and 24: the plan, its limits and its warnings are those of the whole list.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from plays import Ansible, Result, info, results_of, terminate

HOUR, DAY = 3600, 86400
PAGE, PAGES = 20, 21
PLAN: dict[str, Any] = {"older_than": "1h", "kinds": ["webui"]}
STALE = ("old", "older", "oldest")
STYLES = {"current-states": 6, "current-page-states": 6, "current-one-state": 6}
"""By dialect, the most requests for a list that is narrowed: one of active sessions, and counts before and after it."""
MISREAD = ("ignored", "refused", "first", "all_counted")
UNTOLD: dict[str, dict[str, Any]] = {
    "in another case": {"overrides": {"state": "Running"}},
    "in a state that the document does not name": {"overrides": {"state": "shutting_down"}},
    "in an unknown state": {"overrides": {"state": "hibernating"}},
    "in no state": {"omit": ["state"]},
}


def populate(server: Any, count: int = PAGE * (PAGES - 1), **of_old: Any) -> Any:
    """Ended sessions, a page of which has room for all active ones: three old ones, a young and a guarded one.

    :param of_old: what is told otherwise of ``old``.
    """
    server.set(page_cap=PAGE)
    server.add_session(count=count, age=5 * DAY, state="terminated", owner="jdoe@ROOT", app_name="Crew")
    for number, name in enumerate(STALE):
        more = of_old if name == "old" else {}
        server.add_session(id=name, age=(2 + number) * DAY, owner="jdoe@ROOT", app_name="Crew", **more)
    server.add_session(id="young", age=60, owner="jdoe@ROOT", app_name="Crew")
    server.add_session(id="guarded", age=9 * DAY, owner="svc-night@ROOT", app_name="Crew")
    return server


def lists(server: Any, kinds: str = "webui") -> list[str]:
    """The queries of the requests for the list of a kind, in any order."""
    asked = (one for one in server.requests() if re.search(f"/sessions/(?:{kinds})$", one["path"]))
    return sorted(str(one["query"]) for one in asked)


def filtered(server: Any) -> list[str]:
    """Those that a filter by state was sent with."""
    return [query for query in lists(server) if "state" in query]


def whole(server: Any) -> bool:
    """Whether the whole list was read in the end: more pages without a filter than two counts are."""
    return len(lists(server)) - len(filtered(server)) >= PAGES


def ended(server: Any) -> set[str]:
    """The ids of the sessions that a request ended."""
    return {one["id"] for one in server.state()["sessions"].values() if one["ended_how"] == "terminate"}


def reasons(result: Result) -> dict[str, str]:
    """Why each session was kept, by id."""
    return {session["id"]: session["reason"] for session in result["kept"]}


def plan(ansible: Ansible, server: Any, **options: Any) -> Result:
    """The result of check mode. Nothing was changed. An option that is None is left out."""
    given = {name: value for name, value in {**PLAN, **options}.items() if value is not None}
    played = ansible.play(terminate("plan", **given), server=server, check=True)
    assert server.changes() == []
    return played["plan"]


@pytest.mark.parametrize("dialect", STYLES)
def test_a_plan_takes_pages_of_active_sessions_only(dialect: str, ansible: Ansible, serve: Any) -> None:
    server = populate(serve(dialect=dialect))
    told = plan(ansible, server, protect_owners=["svc-*"], max_percent=60)
    assert results_of(told) == dict.fromkeys(STALE, "would_terminate")
    assert reasons(told) == {"young": "too_young", "guarded": "protected"}
    assert (told["failed"], told["complete"], told["unmatched_protections"]) == (False, True, [])
    assert not told.get("warnings")
    assert len(lists(server)) <= STYLES[dialect]


@pytest.mark.parametrize("dialect", STYLES)
def test_what_a_narrowed_plan_ends(dialect: str, ansible: Ansible, serve: Any) -> None:
    server = populate(serve(dialect=dialect))
    played = ansible.play(terminate("one", **PLAN, protect_owners=["svc-*"]), server=server)
    assert results_of(played["one"]) == dict.fromkeys(STALE, "terminated")
    assert ended(server) == {*STALE}
    assert len(lists(server)) <= STYLES[dialect]  # what ended is read by itself, as the whole list is long
    again = ansible.play(terminate("two", **PLAN, protect_owners=["svc-*"]), server=server)
    assert (again["two"]["changed"], again["two"]["sessions"], ended(server)) == (False, [], {*STALE})


@pytest.mark.parametrize("reads", MISREAD)
@pytest.mark.parametrize("dialect", ["current-states", "current-page-states"])
def test_where_the_filter_is_misread_all_are_listed(dialect: str, reads: str, ansible: Ansible, serve: Any) -> None:
    server = populate(serve(dialect=dialect), state="queued")
    server.update_session("older", state="created")
    server.set(state_filter=reads)
    told = plan(ansible, server, protect_owners=["svc-*"], max_percent=60)
    assert results_of(told) == dict.fromkeys(STALE, "would_terminate")
    assert reasons(told) == {"young": "too_young", "guarded": "protected"}
    assert (told["failed"], told["complete"], told["unmatched_protections"]) == (False, True, [])
    assert filtered(server)
    assert whole(server)


@pytest.mark.parametrize("how", UNTOLD)
def test_what_the_filter_misses_is_listed(how: str, ansible: Ansible, serve: Any) -> None:
    server = populate(serve(dialect="current-states"), **UNTOLD[how])
    server.set(state_filter="shown")
    narrowed = plan(ansible, server, protect_owners=["svc-*"])
    assert filtered(server)
    assert whole(server)
    server.clear_requests()
    server.set(document_of="current", state_filter="")
    told = plan(ansible, server, protect_owners=["svc-*"])
    assert not filtered(server)
    for name in ("failed", "summary", "unmatched_protections", "complete", "warnings"):
        assert narrowed.get(name) == told.get(name), name
    assert (results_of(narrowed), reasons(narrowed)) == (results_of(told), reasons(told))


@pytest.mark.parametrize("kind", ["start", "end"])
def test_what_begins_or_ends_meanwhile_is_seen(kind: str, ansible: Ansible, serve: Any) -> None:
    server = populate(serve(dialect="current-states"))
    server.actor(kind, path="/sessions/webui[?].*state", count=1, **({"ids": ["old"]} if kind == "end" else {}))
    told = plan(ansible, server)
    assert len(server.actors()[0]["did"]) == 1
    assert whole(server)
    gone = {"old"} if kind == "end" else set()
    assert results_of(told).keys() == {*STALE, "guarded"} - gone
    assert len(told["kept"]) == (2 if kind == "start" else 1)


def test_a_share_is_one_of_all_active_sessions(ansible: Ansible, serve: Any) -> None:
    server = populate(serve(dialect="current-states"))
    told = plan(ansible, server, protect_owners=["svc-*"], max_percent=59)
    assert told["failed"]
    assert re.search("3 of 5 active sessions are selected and max_percent is 59", told["msg"])
    assert not whole(server)


@pytest.mark.parametrize(
    ("options", "unmatched", "warned"),
    [
        ({"protect_owners": ["svc-*", "nobody@ROOT"]}, ["nobody@ROOT"], ""),
        ({"protect_owners": ["svc-*", "past@ROOT"]}, [], ""),
        ({"apps": ["Crew", "Misspelled"]}, [], "apps: no session matches 'Misspelled'"),
        ({"owners": ["past@ROOT", "jdoe@ROOT"]}, [], ""),
    ],
    ids=["protects nobody", "protects an ended one", "misspelled", "of an ended one"],
)
def test_which_names_match_is_told_of_all_sessions(
    options: dict[str, Any], unmatched: list[str], warned: str, ansible: Ansible, serve: Any
) -> None:
    server = populate(serve(dialect="current-states"))
    server.add_session(id="past", age=6 * DAY, state="terminated", owner="past@ROOT", app_name="Crew")
    told = plan(ansible, server, **options)
    assert told["unmatched_protections"] == unmatched
    assert warned in " ".join(told.get("warnings") or [])
    assert bool(told.get("warnings")) == bool(warned)
    assert whole(server)


@pytest.mark.parametrize("options", [{"keep_versions": 1}, {"max_seats": 1}], ids=["keep_versions", "max_seats"])
def test_where_others_count_all_are_listed(options: dict[str, Any], ansible: Ansible, serve: Any) -> None:
    server = populate(serve(dialect="current-states"))
    plan(ansible, server, **options)
    assert not filtered(server)
    assert whole(server)


def test_figures_of_all_sessions_come_from_all(ansible: Ansible, serve: Any) -> None:
    server = populate(serve(dialect="current-states"))
    told = ansible.play(info(kinds=["webui"], states=["running"]), server=server)["info"]
    assert told["counts"]["state"] == {"running": 5, "terminated": PAGE * (PAGES - 1)}
    assert not filtered(server)


def test_a_short_list_takes_no_request_more(ansible: Ansible, serve: Any) -> None:
    asked = {}
    for dialect in ("current", "current-states"):
        server = populate(serve(dialect=dialect), count=5 * PAGE)
        assert results_of(plan(ansible, server)).keys() == {*STALE, "guarded"}
        asked[dialect] = lists(server)
    assert asked["current"] == asked["current-states"]


def test_only_the_long_list_of_several_kinds_is_narrowed(ansible: Ansible, serve: Any) -> None:
    server = populate(serve(dialect="current-states"))
    server.add_session(id="task", kind="task", age=4 * DAY, owner="jdoe@ROOT", app_name="Crew")
    server.add_session(id="done", kind="task", age=4 * DAY, state="completed", owner="jdoe@ROOT", app_name="Crew")
    told = plan(ansible, server, kinds=None, task_activity="ignore")
    assert results_of(told) == dict.fromkeys((*STALE, "guarded", "task"), "would_terminate")
    assert reasons(told) == {"young": "too_young"}
    assert len(lists(server)) <= STYLES["current-states"]
    others = lists(server, "task|solve|external|verify")
    assert 2 <= len(others) <= 5
    assert not any("state" in query for query in others)

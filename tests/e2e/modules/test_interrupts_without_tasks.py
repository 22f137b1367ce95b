# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions whose task is unknown or cannot be interrupted: terminated or left alone, by ``interrupt_fallback``."""

from __future__ import annotations

from typing import Any

import pytest
from plays import Ansible, Played, Task, control, results_of, terminate
from task_sessions import HOUR, fates, sent, task_session, texts

pytestmark = pytest.mark.once

SPELLINGS = ["sessionID", "session_id", "session.id", "SessionUuid"]
RECORD = ("id", "kind", "app_name", "owner", "created_at")
WHY = {
    "scope": "lacks the Tasks scope",
    "down": "answered 500",
    "cut": "/pro-api/v2/tasks",
    "untold": "names its session",
    "html": "/pro-api/v2/tasks",
}
PASSING = ("down", "cut", "html")  # no word of the service itself


def gently(name: str, *ids: str, **options: Any) -> Task:
    """End task and solve sessions with an interrupt first."""
    chosen = {"interrupt_tasks": "solve", "grace_period": "10s", "kinds": ["task"], **options}
    return terminate(name, session_ids=list(ids), **chosen)


def both(why: str, **options: Any) -> list[Task]:
    """The task without and with termination as a fallback."""
    return [
        gently(f"{why} kept", f"{why}-kept", interrupt_fallback=False, **options),
        gently(f"{why} forced", f"{why}-forced", **options),
    ]


@pytest.fixture(scope="module")
def server(shared_serve: Any) -> Any:
    """Two sessions for each reason, one for each field name, and the other sessions that are needed."""
    server = shared_serve(generation="current")
    server.set(interrupt_delay=0.2)
    for why in (*WHY, "missing"):
        task_session(server, f"{why}-kept")
        task_session(server, f"{why}-forced")
    for spelling in SPELLINGS:
        task_session(server, f"by-{spelling}")
    server.add_session(id="solve1", kind="solve", age=HOUR)
    server.add_session(id="solve2", kind="solve", age=HOUR, task_id="t-solve2")
    return server


@pytest.fixture(scope="module")
def partly(server: Any) -> list[dict[str, Any]]:
    """A plan with a session that has a task and one that has none."""
    solve = server.add_session(id="partly-solve", kind="solve", age=HOUR)
    return [{name: one[name] for name in RECORD} for one in (task_session(server, "partly"), solve)]


@pytest.fixture(scope="module")
def played(shared_ansible: Ansible, server: Any, partly: list[dict[str, Any]]) -> Played:
    """Test each reason, and restore the server's settings after each."""

    def setting(**values: Any) -> Task:
        return control(server, "POST", "/settings", values)

    def during(fault: dict[str, Any], tasks: list[Task]) -> list[Task]:
        return [control(server, "POST", "/faults", fault), *tasks, control(server, "DELETE", "/faults")]

    tasks = both("scope", api_key="{{ session_key }}")
    tasks += [setting(tasks_status=500), *both("down"), setting(tasks_status=0, task_missing=True), *both("missing")]
    tasks.append(gently("solve1", "solve1", kinds=["solve"], interrupt_fallback=False))
    tasks += [setting(task_missing=False, task_session_field=""), *both("untold")]
    tasks += during({"kind": "reset", "path_contains": "/pro-api"}, both("cut"))
    tasks += during({"kind": "html", "path_contains": "/pro-api"}, both("html"))
    for spelling in SPELLINGS:
        tasks += [setting(task_session_field=spelling), gently(spelling, f"by-{spelling}", interrupt_fallback=False)]
    tasks.append(gently("solve2", "solve2", kinds=["solve"], interrupt_fallback=False))
    tasks += [setting(wrong_total=7), terminate("partly", sessions=partly, interrupt_tasks="solve")]
    return shared_ansible.play(*tasks, server=server, session_key=server.session_key)


@pytest.mark.parametrize("why", WHY)
def test_with_fallback_the_session_is_ended_by_force_unless_it_may_pass(why: str, played: Played, server: Any) -> None:
    result, name = played[f"{why} forced"], f"{why}-forced"
    forced = why not in PASSING
    assert results_of(result) == {name: "terminated" if forced else "failed"}
    assert ("was ended by force" if forced else "was not ended by force") in texts(result)[name]
    assert WHY[why] in texts(result)[name]
    assert fates(server)[name] == (("terminated", 1, 0) if forced else ("running", 0, 0))
    assert (result["failed"], result["changed"]) == (not forced, forced)


@pytest.mark.parametrize("why", WHY)
def test_without_fallback_the_session_lives_on_and_nothing_is_sent(why: str, played: Played, server: Any) -> None:
    result, name = played[f"{why} kept"], f"{why}-kept"
    assert results_of(result) == {name: "failed"}
    assert "was not ended by force" in texts(result)[name]
    assert WHY[why] in texts(result)[name]
    assert fates(server)[name] == ("running", 0, 0)
    assert (result["failed"], result["changed"]) == (True, False)


@pytest.mark.parametrize("why", WHY)
def test_one_warning_says_that_no_task_can_be_interrupted(why: str, played: Played) -> None:
    for name in (f"{why} forced", f"{why} kept"):
        warnings = [text for text in played[name].get("warnings", []) if "task" in text]
        assert len(warnings) == 1
        assert WHY[why] in warnings[0]


@pytest.mark.parametrize("name", ["missing forced", "missing kept"])
def test_a_session_of_which_no_task_is_seen_lives_on_with_a_warning(name: str, played: Played, server: Any) -> None:
    result, session = played[name], name.replace(" ", "-")
    assert (results_of(result), result["failed"], result["changed"]) == ({}, False, False)
    assert [(one["id"], one["reason"]) for one in result["kept"]] == [(session, "busy")]
    (warning,) = [text for text in result["warnings"] if "task" in text]
    assert "no task of them is seen" in warning
    assert fates(server)[session] == ("running", 0, 0)


def test_a_task_api_that_fails_is_left_alone_after_the_retries(played: Played, server: Any) -> None:
    assert len(played) == 31
    refused = [entry for entry in server.requests() if entry["path"].startswith("/pro-api") and entry["status"] == 500]
    assert len(refused) == 2 * 2


def test_a_solve_session_without_a_task_is_ended_whatever_the_fallback(played: Played, server: Any) -> None:
    assert results_of(played["solve1"]) == {"solve1": "terminated"}
    assert texts(played["solve1"]) == {"solve1": ""}
    assert not played["solve1"]["failed"]
    assert fates(server)["solve1"] == ("terminated", 1, 0)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_task_is_found_however_it_spells_its_session(spelling: str, played: Played, server: Any) -> None:
    name = f"by-{spelling}"
    assert results_of(played[spelling]) == {name: "interrupted"}
    assert fates(server)[name] == ("completed", 0, 1)


def test_a_solve_session_with_a_task_is_interrupted(played: Played, server: Any) -> None:
    assert results_of(played["solve2"]) == {"solve2": "interrupted"}
    assert fates(server)["solve2"] == ("completed", 0, 1)


def test_a_task_that_was_found_is_interrupted_although_the_list_may_lack_others(played: Played, server: Any) -> None:
    assert results_of(played["partly"]) == {"partly": "interrupted", "partly-solve": "failed"}
    assert fates(server)["partly"] == ("completed", 0, 1)


def test_nothing_but_the_tasks_of_those_sessions_was_interrupted(played: Played, server: Any) -> None:
    assert not played["solve2"]["failed"]
    expected = [*(f"t-by-{spelling}" for spelling in SPELLINGS), "t-solve2", "t-partly"]
    assert set(sent(server, "PUT").items()) <= {(name, 1) for name in expected}

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""End sessions with an interrupt: a session is terminated only if it is still active after the grace period.

Proves rules 16, 21 and 27 for interrupts.
"""

from __future__ import annotations

from typing import Any

import pytest
from plays import Ansible, Played, Task, ids_of, info, results_of, terminate
from task_sessions import HOUR, Meanwhile, fates, sent, task_session, texts

pytestmark = pytest.mark.once

OLD = {"older_than": "1h", "interrupt_tasks": "solve", "grace_period": "20s"}
BAD_PERIODS = ["60", "soon", ""]


def by_id(name: str, *ids: str, **options: Any) -> Task:
    """End task sessions with an interrupt first, by default with a grace period of one second."""
    chosen = {"interrupt_tasks": "solve", "grace_period": "1s", "kinds": ["task"], **options}
    return terminate(name, session_ids=list(ids), **chosen)


# On both generations


@pytest.fixture(scope="module")
def accounts(shared_serve: Any) -> dict[str, Any]:
    """Two task sessions, a WebUI session and (if the generation has any) a solve session, all old; many young tasks."""
    servers = {name: shared_serve(generation=name) for name in ("legacy", "current")}
    for name, server in servers.items():
        server.set(interrupt_delay=0.3)
        server.add_session(id="web", age=9 * HOUR)
        task_session(server, "old1", age=8 * HOUR, state="solving")
        task_session(server, "old2", age=7 * HOUR, state="queued")
        task_session(server, "procedure", age=60)
        server.add_session(kind="task", count=130, age=30)
        if name == "current":
            server.add_session(id="solve", kind="solve", age=6 * HOUR)
    return servers


@pytest.fixture(scope="module")
def gentle(shared_ansible: Ansible, accounts: dict[str, Any]) -> Played:
    """Plan, end, end again; interrupt a procedure; refused options."""
    check = {**terminate("check", **OLD), "check_mode": True}
    tasks = [check, terminate("end", **OLD), terminate("again", **OLD)]
    tasks.append(by_id("procedure", "procedure", interrupt_tasks="execution", grace_period="20s"))
    return shared_ansible.play(*tasks, server=accounts)


@pytest.fixture(params=["legacy", "current"])
def generation(request: pytest.FixtureRequest) -> str:
    """Each generation of the service."""
    return str(request.param)


def test_what_has_a_task_is_interrupted_and_all_else_ended(generation: str, gentle: Played) -> None:
    end = gentle.on(generation)["end"]
    expected = {"web": "terminated", "old1": "interrupted", "old2": "interrupted"}
    assert results_of(end) == {**expected, **({"solve": "terminated"} if generation == "current" else {})}
    assert (end["changed"], end["failed"], end.get("warnings", [])) == (True, False, [])
    assert end["summary"]["interrupted"] == 2
    assert texts(end)["old1"] == "Its task was interrupted (solve); it is completed."
    assert not any(entry["active"] for entry in end["sessions"])


def test_the_server_ended_an_interrupted_session_by_itself(
    generation: str, gentle: Played, accounts: dict[str, Any]
) -> None:
    assert gentle.code == 0
    truth = fates(accounts[generation])
    assert truth["old1"] == truth["old2"] == ("completed", 0, 1)
    assert truth["procedure"] == ("failed", 0, 1)
    assert truth["web"] == ("terminated", 1, 0)
    assert truth.get("solve", ("terminated", 1, 0)) == ("terminated", 1, 0)
    assert accounts[generation].state(summary=True)["record_destroyed"] == []


def test_interrupting_the_execution_says_so(generation: str, gentle: Played) -> None:
    procedure = gentle.on(generation)["procedure"]
    assert results_of(procedure) == {"procedure": "interrupted"}
    assert texts(procedure)["procedure"] == "Its task was interrupted (execution); it is failed."


def test_check_mode_names_the_same_sessions_and_sends_nothing(
    generation: str, gentle: Played, accounts: dict[str, Any]
) -> None:
    mine = gentle.on(generation)
    assert list(results_of(mine["check"])) == list(results_of(mine["end"]))
    assert set(results_of(mine["check"]).values()) == {"would_terminate"}
    assert mine["check"]["changed"]
    gone = len(mine["end"]["sessions"]) + 1
    assert len(accounts[generation].changes()) == gone


def test_a_second_run_does_nothing(generation: str, gentle: Played) -> None:
    again = gentle.on(generation)["again"]
    assert (again["sessions"], again["changed"], again["failed"]) == ([], False, False)


def test_a_session_without_a_task_is_ended_before_any_interrupt(generation: str, gentle: Played, accounts: Any) -> None:
    assert not gentle.on(generation)["end"]["failed"]
    changes = [entry["path"] for entry in accounts[generation].changes()]
    assert "webui/web" in changes[0]


def test_only_the_young_are_left(generation: str, gentle: Played, accounts: dict[str, Any]) -> None:
    assert len(gentle) == 8
    assert accounts[generation].state(summary=True)["active"] == 130


# Grace


@pytest.fixture(scope="module")
def server(shared_serve: Any) -> Any:
    """A server where an interrupt takes a second, or succeeds and has no effect (deaf)."""
    server = shared_serve(generation="current")
    server.set(interrupt_delay=1)
    for name in ("quick", "slow", "later", "unwaited", "over"):
        task_session(server, name)
    for name in ("deaf", "unwaited-deaf", "moved-deaf", "gone-deaf", "forbidden-deaf"):
        task_session(server, name)
        server.fault("no_content", method="PUT", path_contains=f"/t-{name}")
    for index in (0, 1):
        task_session(server, f"run{index}", task_id="t-run", group_index=index)
    server.update_session("over", state="completed")
    server.fault("403", method="PATCH", path_contains="/forbidden-deaf/")
    return server


@pytest.fixture(scope="module")
def untouched(shared_serve: Any) -> Any:
    """A server that must not get a request."""
    return shared_serve(generation="current")


@pytest.fixture(scope="module")
def graces(shared_ansible: Ansible, server: Any, untouched: Any) -> Played:
    """One task for each way in which the grace period can end."""
    tasks = [
        by_id("in time", "quick", "deaf", "over", "nobody", grace_period="2s"),
        by_id("too slow", "slow", "later", grace_period="0s"),
        by_id("not waited for", "unwaited", "unwaited-deaf", grace_period="2s", wait=False),
        by_id("moved", "moved-deaf", "gone-deaf", states=["running"]),
        by_id("forbidden", "forbidden-deaf", grace_period="0s"),
        by_id("first run", "run0", grace_period="5s"),
        *[by_id(f"period {text}", "quick", grace_period=text, url=untouched.url) for text in BAD_PERIODS],
    ]

    def move() -> None:
        server.update_session("moved-deaf", state="closing")

    def remove() -> None:
        server.remove_session("gone-deaf")

    with Meanwhile(server, move, name="moved-deaf"), Meanwhile(server, remove, name="gone-deaf"):
        return shared_ansible.play(*tasks, server=server)


def test_force_is_used_on_what_ignored_the_interrupt_and_on_nothing_else(graces: Played, server: Any) -> None:
    result = graces["in time"]
    assert results_of(result) == {
        "over": "already_ended",
        "nobody": "not_found",
        "quick": "interrupted",
        "deaf": "terminated",
    }
    assert "It was ended by force." in texts(result)["deaf"]
    assert "accepted, but after 2 s it is still running" in texts(result)["deaf"]
    assert not result["failed"]
    assert fates(server)["quick"] == ("completed", 0, 1)
    assert fates(server)["deaf"] == ("terminated", 1, 0)
    assert sent(server, "PUT")["t-deaf"] == 1


def test_without_grace_what_was_interrupted_is_ended_at_once(graces: Played, server: Any) -> None:
    assert results_of(graces["too slow"]) == {"slow": "terminated", "later": "terminated"}
    assert all("by force" in text for text in texts(graces["too slow"]).values())
    assert fates(server)["slow"] == fates(server)["later"] == ("terminated", 1, 1)


def test_without_waiting_only_force_is_not_awaited(graces: Played, server: Any) -> None:
    assert results_of(graces["not waited for"]) == {"unwaited": "interrupted", "unwaited-deaf": "requested"}
    assert fates(server)["unwaited"] == ("completed", 0, 1)


def test_what_no_longer_fits_after_its_interrupt_is_not_forced_and_is_a_change(graces: Played, server: Any) -> None:
    moved = graces["moved"]
    assert fates(server)["moved-deaf"] == ("closing", 0, 0)
    assert results_of(moved)["moved-deaf"] not in ("terminated", "interrupted", "already_ended")
    assert "nothing was sent" not in texts(moved)["moved-deaf"]
    assert moved["changed"]


def test_a_session_that_is_gone_after_its_interrupt_is_not_said_to_run(graces: Played) -> None:
    assert results_of(graces["moved"])["gone-deaf"] == "interrupted"
    assert texts(graces["moved"])["gone-deaf"].startswith("Its task was interrupted (solve)")
    assert "running" not in texts(graces["moved"])["gone-deaf"]


def test_an_interrupt_counts_as_a_change_even_where_force_fails(graces: Played) -> None:
    forbidden = graces["forbidden"]
    assert results_of(forbidden) == {"forbidden-deaf": "failed"}
    assert "403" in forbidden["msg"]
    assert (forbidden["failed"], forbidden["changed"]) == (True, True)


def test_of_a_group_only_the_run_of_the_session_is_interrupted(graces: Played, server: Any) -> None:
    assert results_of(graces["first run"]) == {"run0": "interrupted"}
    assert fates(server)["run0"] == ("completed", 0, 1)
    assert fates(server)["run1"] == ("running", 0, 0)


@pytest.mark.parametrize("period", BAD_PERIODS)
def test_a_period_that_cannot_be_read_is_refused_before_any_request(
    period: str, graces: Played, untouched: Any
) -> None:
    assert graces[f"period {period}"]["failed"]
    assert "grace_period: " in graces[f"period {period}"]["msg"]
    assert untouched.requests() == []


# Many


@pytest.fixture(scope="module")
def many(shared_serve: Any) -> Any:
    """Twenty task sessions of one app, the oldest first, and twenty of another app."""
    server = shared_serve(generation="current")
    server.set(interrupt_delay=0.5, latency_ms=5)
    for number in range(20):
        task_session(server, f"a{number:02}", app_name="A", age=(60 - number) * HOUR)
        task_session(server, f"b{number:02}", app_name="B", age=(60 - number) * HOUR)
    return server


@pytest.fixture(scope="module")
def bulk(shared_ansible: Ansible, many: Any) -> Played:
    """End sessions by ``max_active``, then a plan with high concurrency, then a selection one by one."""
    gentle = {"interrupt_tasks": "solve", "grace_period": "20s"}
    return shared_ansible.play(
        {**info("plan", apps=["a"], kinds=["task"]), "register": "plan"},
        terminate("check", apps=["a"], max_active=37, **gentle) | {"check_mode": True},
        terminate("max_active", apps=["a"], max_active=37, **gentle),
        terminate("plan again", sessions="{{ plan.sessions }}", concurrency=16, **gentle),
        terminate("one by one", apps=["b"], concurrency=1, **gentle),
        server=many,
    )


def test_max_active_interrupts_the_oldest_and_only_as_many_as_needed(bulk: Played) -> None:
    expected = ["a00", "a01", "a02"]
    assert list(results_of(bulk["check"])) == list(results_of(bulk["max_active"])) == expected
    assert set(results_of(bulk["max_active"]).values()) == {"interrupted"}
    kept = {one["id"]: one["reason"] for one in bulk["max_active"]["kept"]}
    assert kept["a03"] == "max_active"


def test_a_plan_is_carried_out_by_interrupting(bulk: Played, many: Any) -> None:
    result = results_of(bulk["plan again"])
    assert result == {**dict.fromkeys(ids_of(bulk["plan"]["sessions"]), "interrupted"), **dict.fromkeys(
        ["a00", "a01", "a02"], "already_ended"
    )}  # fmt: skip
    planned = [one["id"] for one in bulk["plan"]["sessions"] if one["id"] > "a02"]
    assert [name for name, what in result.items() if what == "interrupted"] == planned
    assert max(entry["in_flight"] for entry in many.requests()) in range(2, 17)


def test_one_by_one_comes_to_the_same(bulk: Played, many: Any) -> None:
    assert results_of(bulk["one by one"]) == dict.fromkeys([f"b{number:02}" for number in range(20)], "interrupted")
    assert set(fates(many).values()) == {("completed", 0, 1)}
    assert len(many.changes()) == 40

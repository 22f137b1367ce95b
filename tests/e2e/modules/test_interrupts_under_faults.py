# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interrupts with lost, late or missing answers, and sessions that change before their interrupt.

Proves rules 7, 16, 23 and 28 for interrupts: a session whose interrupt worked is not terminated.
"""

from __future__ import annotations

from typing import Any

import pytest
from plays import Ansible, Played, control, info, results_of, terminate
from task_sessions import HOUR, Meanwhile, fates, sent, task_session, texts

pytestmark = pytest.mark.once

WORKED: dict[str, dict[str, Any]] = {
    "reset-before": {"kind": "reset", "count": 1},
    "reset-after": {"kind": "reset", "count": 1, "before": False},
    "close-after": {"kind": "close", "count": 1, "before": False},
    "error-before": {"kind": "500", "count": 2},
    "error-after": {"kind": "500", "count": 1, "before": False},
    "gateway-after": {"kind": "502", "body": "html", "count": 1, "before": False},
    "always-after": {"kind": "503", "retry_after": "0", "before": False},
    "timeout-before": {"kind": "timeout", "seconds": 3, "count": 1},
    "timeout-after": {"kind": "timeout", "seconds": 3, "count": 1, "before": False},
    "truncated": {"kind": "truncate", "count": 1},
    "page-before": {"kind": "html", "count": 1},
    "page-after": {"kind": "html", "count": 1, "before": False},
    "limited": {"kind": "429", "retry_after": "1", "count": 2},
    "stale": {"kind": "stale_keepalive", "count": 1},
    "cut-on-read": {"kind": "reset", "count": 2, "method": "GET"},
    "error-on-read": {"kind": "503", "retry_after": "0", "count": 2, "method": "GET"},
    "page-on-read": {"kind": "html", "count": 1, "method": "GET"},
    "nothing-on-read": {"kind": "empty", "count": 1, "method": "GET"},
    "nonsense-on-read": {"kind": "wrong_json", "count": 1, "method": "GET"},
}
"""Faults on a request to interrupt, or on the read of the task before it, that another one, or patience, gets over."""
FORCED: dict[str, dict[str, Any]] = {
    "forbidden": {"kind": "403"},
    "conflict": {"kind": "409"},
}
"""Refusals of the service itself, that leave nothing but force."""
LEFT: dict[str, dict[str, Any]] = {
    "much-too-often": {"kind": "429", "retry_after": "86400"},
    "elsewhere": {"kind": "redirect"},
    "broken": {"kind": "500", "retry_after": "0"},
    "unread": {"kind": "504", "retry_after": "0", "method": "GET"},
}
"""Faults that may pass, or are not the service's own word: no force follows them."""


@pytest.fixture(scope="module")
def services(shared_serve: Any) -> dict[str, Any]:
    """Two servers with the same sessions and faults. An interrupt takes half a second, or three seconds."""
    servers = {"quick": shared_serve(generation="current"), "slow": shared_serve(generation="current")}
    for name, delay in (("quick", 0.5), ("slow", 3)):
        servers[name].set(interrupt_delay=delay)
        for session, fault in {**WORKED, **FORCED, **LEFT}.items():
            task_session(servers[name], session)
            servers[name].fault(**{"method": "PUT", "path_contains": f"/t-{session}", **fault})
    return servers


@pytest.fixture(scope="module")
def played(shared_ansible: Ansible, services: dict[str, Any]) -> Played:
    """End all sessions at once on each server."""
    gentle = {"interrupt_tasks": "solve", "grace_period": "25s", "timeout": 1, "retries": 4, "concurrency": 20}
    return shared_ansible.play(terminate("end", older_than="1h", **gentle), server=services)


@pytest.fixture(params=["quick", "slow"])
def service(request: pytest.FixtureRequest) -> str:
    """Each service."""
    return str(request.param)


@pytest.mark.parametrize("name", WORKED)
def test_what_was_interrupted_in_the_end_is_not_killed(
    name: str, service: str, played: Played, services: dict[str, Any]
) -> None:
    state, terminated, interrupted = fates(services[service])[name]
    assert (state, terminated) == ("completed", 0)
    assert 1 <= interrupted <= 3
    assert results_of(played.on(service)["end"])[name] == "interrupted"


@pytest.mark.parametrize("name", FORCED)
def test_what_cannot_be_interrupted_is_ended_by_force_and_the_reason_told(
    name: str, service: str, played: Played, services: dict[str, Any]
) -> None:
    end = played.on(service)["end"]
    assert fates(services[service])[name] == ("terminated", 1, 0)
    assert results_of(end)[name] == "terminated"
    assert "by force" in texts(end)[name]
    assert f"/tasks/t-{name}" in texts(end)[name]


@pytest.mark.parametrize("name", LEFT)
def test_what_may_be_interrupted_later_lives_on_and_the_reason_is_told(
    name: str, service: str, played: Played, services: dict[str, Any]
) -> None:
    end = played.on(service)["end"]
    assert fates(services[service])[name] == ("running", 0, 0)
    assert results_of(end)[name] == "failed"
    assert "was not ended by force" in texts(end)[name]
    assert f"/tasks/t-{name}" in texts(end)[name]


def test_every_result_is_there(service: str, played: Played) -> None:
    end = played.on(service)["end"]
    assert (end["failed"], end["changed"]) == (True, True)
    assert end["summary"] == {"interrupted": len(WORKED), "terminated": len(FORCED), "failed": len(LEFT)}


def test_no_interrupt_is_sent_more_than_three_times(service: str, played: Played, services: dict[str, Any]) -> None:
    assert played.on(service)["end"]["sessions"]
    counts = sent(services[service], "PUT")
    assert max(counts.values()) == 3
    assert counts["t-forbidden"] == counts["t-conflict"] == counts["t-elsewhere"] == counts["t-much-too-often"] == 1
    assert counts["t-stale"] == 1 or services[service].faults()[-1]


def test_a_task_that_cannot_be_read_is_read_four_times_at_most(
    service: str, played: Played, services: dict[str, Any]
) -> None:
    assert played.on(service)["end"]["sessions"]
    assert sent(services[service], "GET")["t-unread"] <= 4


# Sessions that change during the run


@pytest.fixture(scope="module")
def moving(shared_serve: Any) -> Any:
    """A server whose sessions change while the first one is being interrupted."""
    server = shared_serve(generation="current")
    for number in range(1, 8):
        task_session(server, f"m{number}", age=(90 - number) * HOUR, owner="chen@PLANNING", app_name="Crew")
    server.fault("timeout", method="PUT", path_contains="/t-m1", count=1, seconds=2)
    return server


@pytest.fixture(scope="module")
def moved(shared_ansible: Ansible, moving: Any) -> Played:
    """Carry out a plan one by one. Some sessions have changed before, others change during it."""

    def change() -> None:
        moving.update_session("m4", owner="jdoe@ROOT")
        moving.update_session("m5", state="closing")
        moving.update_session("m6", state="completed")

    again = {"id": "m2", "kind": "task", "task_id": "t-again", "age": 60, "owner": "chen@PLANNING", "app_name": "Crew"}
    gentle = {"interrupt_tasks": "solve", "grace_period": "10s", "concurrency": 1, "states": ["running"]}
    with Meanwhile(moving, change, name="t-m1"):
        return shared_ansible.play(
            {**info("plan", older_than="1h"), "register": "plan"},
            control(moving, "DELETE", "/sessions/m2"),
            control(moving, "POST", "/sessions", again),
            control(moving, "PATCH", "/sessions/m3", {"app_name": "Other"}),
            terminate("end", sessions="{{ plan.sessions }}", protect_apps=["x*"], timeout=1, **gentle),
            server=moving,
        )


def test_only_the_same_session_still_selected_is_interrupted(moved: Played, moving: Any) -> None:
    assert results_of(moved["end"]) == {
        "m1": "interrupted",
        "m2": "changed_since",
        "m3": "changed_since",
        "m4": "changed_since",
        "m5": "changed_since",
        "m6": "already_ended",
        "m7": "interrupted",
    }
    assert not moved["end"]["failed"]
    assert set(sent(moving, "PUT")) == {"t-m1", "t-m7"}
    assert sent(moving, "PATCH") == {}


# Servers that fail


@pytest.fixture(scope="module")
def down(shared_serve: Any) -> Any:
    """A server with task sessions that cannot be read, others that it refuses to interrupt, and one more."""
    server = shared_serve(generation="current")
    for number in range(1, 9):
        task_session(server, f"d{number}", app_name="Down", age=(90 - number) * HOUR)
        task_session(server, f"r{number}", app_name="Refused", age=(90 - number) * HOUR)
    server.fault("403", method="PUT", path_contains="/tasks/t-r")
    task_session(server, "natural")
    server.fault("503", method="GET", path_contains="/sessions/task/d", retry_after="0")
    server.fault("timeout", method="GET", path_contains="/tasks/t-natural", seconds=2)
    return server


@pytest.fixture(scope="module")
def outage(shared_ansible: Ansible, down: Any) -> Played:
    """End all with an interrupt. The last one, whose task cannot be read, ends by itself."""
    gentle = {"interrupt_tasks": "solve", "grace_period": "2s", "wait_timeout": "2s", "concurrency": 1}
    natural = {"session_ids": ["natural"], "kinds": ["task"], "timeout": 1}
    with Meanwhile(
        down, lambda: down.update_session("natural", state="completed"), method="GET", name="/tasks/t-natural"
    ):
        return shared_ansible.play(
            terminate("down", apps=["down"], **gentle),
            terminate("refused", apps=["refused"], interrupt_fallback=False, **gentle),
            terminate("natural", **natural, **gentle),
            server=down,
        )


def test_an_outage_costs_four_reads_a_session_and_stops_after_five(outage: Played, down: Any) -> None:
    assert list(results_of(outage["down"]).values()) == ["failed"] * 5 + ["not_tried"] * 3
    reads = {name: count for name, count in sent(down, "GET").items() if name.startswith("d")}
    assert max(reads.values()) <= 4
    assert set(reads) == {f"d{number}" for number in range(1, 6)}
    assert not [name for name in sent(down, "PATCH") if name.startswith("d")]


def test_interrupts_that_are_refused_stop_after_five_alike(outage: Played, down: Any) -> None:
    assert list(results_of(outage["refused"]).values()) == ["failed"] * 5 + ["not_tried"] * 3
    assert (outage["refused"]["failed"], outage["refused"]["changed"]) == (True, False)
    assert sent(down, "PUT") == {f"t-r{number}": 1 for number in range(1, 6)}


def test_a_read_that_failed_is_not_taken_for_an_interrupt(outage: Played, down: Any) -> None:
    assert results_of(outage["natural"]) == {"natural": "already_ended"}
    assert not outage["natural"]["changed"]
    assert fates(down)["natural"] == ("completed", 0, 0)

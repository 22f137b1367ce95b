# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions that change, incomplete lists and failing servers while sessions are being ended.

Proves rules 10, 16, 20, 23, 26, 28 and 29.
"""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

import pytest
from plays import Ansible, Played, control, ids_of, info, results_of, terminate
from timing import until

pytestmark = pytest.mark.once

HOUR = 3600
PLAN = {**info("plan", older_than="1h"), "register": "plan"}
SELECTION = {"older_than": "1h", "concurrency": 1}


def crowd(serve: Any, count: int = 12, **options: Any) -> Any:
    """A server with sessions s01, s02 …, the oldest first, all older than an hour."""
    server = serve(**{"generation": "current", **options})
    for number in range(1, count + 1):
        server.add_session(id=f"s{number:02}", age=(100 - number) * HOUR, owner="chen@PLANNING", app_name="Crew")
    return server


def active(server: Any) -> list[str]:
    """The ids of the active sessions."""
    return ids_of([one for one in server.state()["sessions"].values() if one["active"]])


def acted(server: Any) -> list[Any]:
    """The changing requests that had an effect."""
    return [entry for entry in server.changes() if entry["acted"]]


# The session must still be the same


def test_session_that_changed_since_the_plan_is_left_alone(ansible: Ansible, serve: Any) -> None:
    server = crowd(serve, 5)
    replaced = {"id": "s01", "age": 90 * HOUR, "owner": "chen@PLANNING", "app_name": "Crew"}
    played = ansible.play(
        PLAN,
        control(server, "DELETE", "/sessions/s01"),
        control(server, "POST", "/sessions", replaced),
        control(server, "PATCH", "/sessions/s02", {"owner": "jdoe@ROOT"}),
        control(server, "PATCH", "/sessions/s03", {"app_name": "Other"}),
        control(server, "DELETE", "/sessions/s04"),
        terminate("end", sessions="{{ plan.sessions }}"),
        server=server,
    )
    assert results_of(played["end"]) == {
        "s01": "changed_since",
        "s02": "changed_since",
        "s03": "changed_since",
        "s04": "not_found",
        "s05": "terminated",
    }
    assert not played["end"]["failed"]
    assert [entry["path"].split("/")[-2] for entry in server.changes()] == ["s05"]
    assert active(server) == ["s01", "s02", "s03"]


@pytest.mark.parametrize("way", ["replace_on_get", "reown_on_get"])
def test_session_that_changes_between_list_and_request_is_left_alone(way: str, ansible: Ansible, serve: Any) -> None:
    server = crowd(serve, 2)
    server.fault("truncate", method="GET", path_contains="/sessions/webui/s", count=2)
    server.set(**{way: 1})
    played = ansible.play(
        terminate("selection", session_ids=["s01"], owners=["chen@*"], concurrency=1),
        terminate("id", session_ids=["s02"], kinds=["webui"]),
        server=server,
    )
    assert results_of(played["selection"]) == {"s01": "changed_since"}
    assert set(results_of(played["id"]).values()) <= {"changed_since"}
    assert server.changes() == [] or not acted(server)
    assert active(server) == ["s01", "s02"]


def test_request_is_not_repeated_on_another_session(ansible: Ansible, serve: Any) -> None:
    server = crowd(serve, 1)
    server.set(replace_on_get=1)
    server.fault("reset", method="PATCH")
    played = ansible.play(terminate("end", **SELECTION), server=server)
    assert played["end"]["sessions"][0]["result"] in ("terminated", "changed_since", "unknown")
    assert len(server.changes()) == 1
    assert active(server) == ["s01"]


def test_session_that_no_longer_fits_is_left_alone(ansible: Ansible, serve: Any) -> None:
    server = crowd(serve, 2)
    again = {"sessions": "{{ plan.sessions }}", "states": ["running"], "protect_apps": ["x*"]}
    queued = control(server, "PATCH", "/sessions/s01", {"state": "closing"})
    played = ansible.play(PLAN, queued, terminate("end", **again), server=server)
    assert results_of(played["end"]) == {"s02": "terminated"}
    assert {one["id"]: one["reason"] for one in played["end"]["kept"]} == {"s01": "not_selected"}


def test_session_that_stops_fitting_while_others_are_ended_is_left_alone(ansible: Ansible, serve: Any) -> None:
    server = crowd(serve, 2)
    server.fault("timeout", method="PATCH", path_contains="s01", count=1)

    def close_the_second() -> None:
        until(server.changes)
        server.update_session("s02", state="closing")
        server.clear_faults()  # until now the first request has no answer

    meanwhile = threading.Thread(target=close_the_second)
    meanwhile.start()
    played = ansible.play(terminate("end", **SELECTION, states=["running"]), server=server)
    meanwhile.join()
    assert results_of(played["end"]) == {"s01": "terminated", "s02": "changed_since"}
    assert {entry["path"].split("/")[-2] for entry in server.changes()} == {"s01"}


# Incomplete lists


@pytest.mark.parametrize("setting", [{"ignore_paging": True}, {"wrong_total": 7}], ids=["paging", "total"])
def test_incomplete_list_is_listed_but_not_acted_on(setting: dict[str, Any], ansible: Ansible, serve: Any) -> None:
    server = crowd(serve, 12, page_cap=5)
    server.set(**setting)
    played = ansible.play(
        info("info"),
        terminate("end", **SELECTION),
        {**terminate("check", **SELECTION), "check_mode": True},
        terminate("by id", session_ids=["s01"], kinds=["webui"], max_percent=50),
        server=server,
    )
    assert played["info"]["complete"] is False
    for name in ("end", "check", "by id"):
        assert played[name]["failed"]
        assert "incomplete" in played[name]["msg"]
    assert server.changes() == []


def test_sessions_that_come_and_go_meanwhile_do_not_hide_others(ansible: Ansible, serve: Any) -> None:
    server = crowd(serve, 40, page_cap=5)
    server.set(churn_vanish=1, churn_appear=1, churn_mode="hide")
    played = ansible.play(terminate("end", **SELECTION, kinds=["webui"]), server=server)
    if not played["end"]["failed"]:
        assert not [name for name in active(server) if name.startswith("s")]
    else:
        assert "incomplete" in played["end"]["msg"]
        assert server.changes() == []


BROKEN = "html empty no_content wrong_json nan deep bigint bom gzip_bomb big_body redirect echo_key".split()


@pytest.fixture(scope="module")
def broken(shared_ansible: Ansible, shared_serve: Any) -> Played:
    """One attempt for each way in which the list of WebUI sessions can be broken."""
    server = crowd(shared_serve, 1)
    for fault in BROKEN:
        # After a 400 the first page is asked for without a size, and with smaller ones.
        server.fault(fault, method="GET", path_contains="/sessions/webui", count=5 if fault == BROKEN[-1] else 1)
    attempts = [terminate(fault, **SELECTION, kinds=["webui"]) for fault in BROKEN]
    played = shared_ansible.play(*attempts, server=server)
    assert [fault["hits"] for fault in server.faults()] == [*[1] * (len(BROKEN) - 1), 5]
    assert server.changes() == []
    return played


@pytest.mark.parametrize("fault", BROKEN)
def test_broken_list_is_one_clear_error_and_nothing_is_done(fault: str, broken: Played) -> None:
    message = broken[fault]["msg"]
    assert broken[fault]["failed"]
    assert "/sessions/webui" in message
    assert "Unexpected" not in message
    assert len(message) < 300


# Faults during the run


def test_failure_in_the_middle_leaves_every_result(ansible: Ansible, serve: Any) -> None:
    server = crowd(serve, 6)
    server.fault("403", method="PATCH", path_contains="s03")
    played = ansible.play(terminate("end", **SELECTION), server=server)
    end = played["end"]
    assert (end["failed"], end["changed"]) == (True, True)
    assert results_of(end) == {**dict.fromkeys(["s01", "s02", "s04", "s05", "s06"], "terminated"), "s03": "failed"}
    assert end["summary"] == {"terminated": 5, "failed": 1}
    assert "1 of 6 sessions" in end["msg"]
    assert "403" in end["msg"]
    assert active(server) == ["s03"]


@pytest.mark.parametrize("outage", [{"path_contains": "/webui/s"}, {"skip": 2}], ids=["single", "whole"])
def test_outage_stops_after_five_alike_and_lists_the_rest(outage: Any, ansible: Ansible, serve: Any) -> None:
    server = crowd(serve, 12)
    server.fault("503", retry_after="0", **outage)
    selection = {**SELECTION, "kinds": ["webui"], "wait_timeout": "5s"}
    played = ansible.play(terminate("end", **selection), server=server, defaults={"retries": 4})
    outcome = results_of(played["end"])
    assert [outcome[f"s{number:02}"] for number in range(1, 13)] == ["failed"] * 5 + ["not_tried"] * 7
    assert played["end"]["failed"]
    reads = Counter(entry["path"] for entry in server.requests() if "/webui/s" in entry["path"])
    assert max(reads.values()) <= 4
    assert server.changes() == []


def test_refused_requests_stop_after_five_alike(ansible: Ansible, serve: Any) -> None:
    server = crowd(serve, 12)
    server.fault("500", method="PATCH", retry_after="0")
    played = ansible.play(terminate("end", **SELECTION, wait_timeout="1s"), server=server)
    outcome = results_of(played["end"])
    assert Counter(outcome.values()) == {"unknown": 5, "not_tried": 7}
    sent = Counter(entry["path"] for entry in server.changes())
    assert max(sent.values()) <= 3
    assert len(active(server)) == 12


def test_failures_of_different_kinds_do_not_stop_the_others(ansible: Ansible, serve: Any) -> None:
    server = crowd(serve, 12)
    for number in range(1, 11, 2):
        server.fault("403", method="PATCH", path_contains=f"s{number:02}")
    played = ansible.play(terminate("end", **SELECTION), server=server)
    assert Counter(results_of(played["end"]).values()) == {"terminated": 7, "failed": 5}


def test_answer_that_was_lost_is_found_out_and_not_sent_again(ansible: Ansible, serve: Any) -> None:
    server = crowd(serve, 4)
    for fault, name in (("reset", "s01"), ("close", "s02"), ("500", "s03"), ("truncate", "s04")):
        server.fault(fault, method="PATCH", path_contains=name, count=1, before=False)
    played = ansible.play(terminate("end", **SELECTION), server=server)
    assert results_of(played["end"]) == dict.fromkeys(["s01", "s02", "s03", "s04"], "terminated")
    assert not played["end"]["failed"]
    assert len(server.changes()) == 4


def test_terminated_is_not_said_on_the_server_s_word_alone(ansible: Ansible, serve: Any) -> None:
    server = crowd(serve, 2)
    server.set(terminate_ignored=True)
    played = ansible.play(terminate("end", **SELECTION, wait_timeout="1s"), server=server)
    assert set(results_of(played["end"]).values()) == {"unknown"}
    assert played["end"]["failed"]
    assert "still running" in played["end"]["msg"]
    assert active(server) == ["s01", "s02"]


def test_stale_connections_do_no_harm(ansible: Ansible, serve: Any) -> None:
    server = crowd(serve, 6)
    server.fault("stale_keepalive", method="PATCH", count=2)
    played = ansible.play(terminate("end", older_than="1h", concurrency=2), server=server)
    assert set(results_of(played["end"]).values()) == {"terminated"}
    assert len(acted(server)) == 6


def test_last_request_is_read_back_even_without_waiting(ansible: Ansible, serve: Any) -> None:
    server = crowd(serve, 1)
    server.fault("503", method="PATCH", retry_after="0", count=2)
    server.fault("503", method="PATCH", retry_after="0", before=False)
    played = ansible.play(terminate("end", **SELECTION, wait=False), server=server)
    assert results_of(played["end"]) == {"s01": "terminated"}
    assert len(server.changes()) == 3

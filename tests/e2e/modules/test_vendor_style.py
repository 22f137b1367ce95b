# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service in the vendor's newest style: everything works, and with its zone given nothing has to be warned of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from plays import Ansible, Played, ids_of, info, results_of, template, terminate

pytestmark = pytest.mark.once

HOUR = 3600
ZONE = {"naive_timezone": "UTC"}
STALE = {**ZONE, "older_than": "8h", "kinds": ["webui", "task", "solve"]}
ENDED = {"kinds": ["solve"], **ZONE, "ended_before": "1d"}
LATER = {"schedule": "2099-01-01 06:00:00"}
SESSIONS: tuple[dict[str, Any], ...] = (
    {"id": "webui-old", "age": 30 * HOUR, "owner": "jane.doe@corp.example@ACME"},
    {"id": "webui-young", "age": HOUR, "owner": "jane.doe@ROOT"},
    {"id": "external-r", "kind": "external", "age": 50 * HOUR, "app_name": "<external>"},
    {"id": "verify-a", "kind": "verify", "age": 50 * HOUR},
    {"id": "task-busy", "kind": "task", "created_at": "2026-01-01T00:00:00Z"},
    {"id": "task-old", "kind": "task", "age": 30 * HOUR},
    {"id": "solve-ended", "kind": "solve", "age": 90 * HOUR, "state": "finished"},
    {"id": "solve-later", "kind": "solve", "age": 30 * HOUR, "state": "created", "overrides": LATER},
)  # fmt: skip


@pytest.fixture(scope="module")
def server(shared_serve: Any) -> Any:
    """The account. The task of `task-busy` has just begun."""
    made = shared_serve(dialect="current-vendor")
    for session in SESSIONS:
        made.add_session(**{"kind": "webui", "log_count": 30, **session})
    now = made.state(summary=True)["now"]
    made.update_session("task-busy", started_at=now)
    ended = {"created_at": "2026-01-01T00:00:00Z", "started_at": "2026-01-01T00:00:00Z"}
    made.update_session("solve-ended", **ended, ended_at="2026-01-02T00:00:00Z")
    return made


@pytest.fixture(scope="module")
def played(shared_ansible: Ansible, server: Any, tmp_path_factory: pytest.TempPathFactory) -> Played:
    """List, look up, plan, end, end again, read and save logs, delete, and list tasks."""
    folder = tmp_path_factory.mktemp("logs")
    look_up = "query('aimms.cloud.aimms_session', 'webui', naive_timezone='UTC', url=url, api_key=acme_api_key)"
    log = {"kind": "webui", "session_id": "webui-old"}
    return shared_ansible.play(
        info("list", **ZONE, include_raw=True),
        info("not in", **ZONE, server_filters={"user_name_not_in": "jane.doe"}),
        info("sorted", **ZONE, kinds=["webui"], server_filters={"sort": "-app_name,created_at"}),
        template(look_up + " | map(attribute='id') | sort", "look up"),
        {**terminate("plan", **STALE), "check_mode": True},
        terminate("end", **STALE, protect_owners=["*@ROOT"]),
        terminate("again", **STALE),
        {"name": "lines", "aimms.cloud.aimms_session_log_info": {**log, **ZONE, "contains": "logontoken"}},
        {
            "name": "save",
            "aimms.cloud.aimms_session_log_download": {
                "kind": "webui", "session_ids": ["webui-old"], "dest": f"{folder}/",
            },
        },
        {"name": "delete", "aimms.cloud.aimms_session_delete": ENDED},
        {"name": "tasks", "aimms.cloud.aimms_task_info": {"states": ["running"]}},
        server=server,
    )  # fmt: skip


def test_every_session_is_listed_with_its_own_type(played: Played) -> None:
    listed = {one["id"]: one["kind"] for one in played["list"]["sessions"]}
    assert listed == {one["id"]: one.get("kind", "webui") for one in SESSIONS}
    assert played["list"]["complete"]


def test_a_record_has_what_the_portal_shows(played: Played) -> None:
    (record,) = [one for one in played["list"]["sessions"] if one["id"] == "webui-old"]
    assert (record["owner"], record["user_name"], record["environment"]) == (
        "jane.doe@corp.example@ACME", "jane.doe@corp.example", "ACME",
    )  # fmt: skip
    assert (record["queue_seconds"], record["launch_seconds"]) == (0, float(record["raw"]["launch_time"]))
    assert record["peak_memory_mib"] == record["raw"]["peak_memory_mi"]
    assert record["peak_cpu_millicores"] == record["raw"]["peak_cpu_m"]
    assert record["created_at"].endswith("Z")
    assert record["description"]


def test_the_filters_of_the_service_can_be_used(played: Played) -> None:
    assert "webui-young" not in ids_of(played["not in"]["sessions"])
    assert "webui-old" in ids_of(played["not in"]["sessions"])
    assert ids_of(played["sorted"]["sessions"]) == ["webui-old", "webui-young"]


def test_only_what_is_stale_is_ended(played: Played, server: Any) -> None:
    assert results_of(played["plan"]) == {"webui-old": "would_terminate", "task-old": "would_terminate"}
    reasons = {one["id"]: one["reason"] for one in played["plan"]["kept"]}
    assert reasons == {
        "webui-young": "too_young", "task-busy": "busy", "solve-later": "scheduled",
        "external-r": "not_selected", "verify-a": "not_selected",
    }  # fmt: skip
    assert results_of(played["end"]) == {"webui-old": "terminated"}
    assert results_of(played["again"]) == {"task-old": "terminated"}
    state = server.state()
    ended = {name for name, one in state["sessions"].items() if one["ended_how"] == "terminate"}
    assert ended == {"webui-old", "task-old"}


def test_logs_are_read_and_saved(played: Played) -> None:
    assert played["lines"]["count"] == 1
    assert played["save"]["files"][0]["lines"] == 30
    assert Path(played["save"]["files"][0]["path"]).is_file()


def test_records_of_ended_sessions_are_deleted(played: Played, server: Any) -> None:
    assert results_of(played["delete"]) == {"solve-ended": "deleted"}
    assert [one["id"] for one in server.state()["removed"]] == ["solve-ended"]


def test_nothing_is_warned_of(played: Played) -> None:
    assert [row["task"] for row in played.rows if row["result"].get("warnings")] == []
    assert "[WARNING]" not in played.output

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Delete records that change during the run, with lost answers, and with the end taken from a record or a log.

Proves rules 7, 16, 19 and 23 for this module.
"""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

import pytest
from deleting_records import CHECK, DAY, HOUR, delete, deleted, populate
from plays import Ansible, control, info, results_of
from written_logs import ago, lines, reasons

pytestmark = pytest.mark.once

LOST: dict[str, dict[str, Any]] = {
    "reset": {},
    "timeout": {"seconds": 0.3},
    "truncate": {},
    "503": {"body": "html"},
}


def test_nothing_is_deleted_from_an_incomplete_list(ansible: Ansible, serve: Any) -> None:
    server = populate(serve(generation="current"))
    server.set(wrong_total=7)
    played = ansible.play(delete("run", older_than="1d"), server=server)
    assert played["run"]["failed"]
    assert "incomplete" in played["run"]["msg"]
    assert server.changes() == []


def test_record_that_changed_since_the_plan_stays(ansible: Ansible, serve: Any) -> None:
    server = populate(serve(generation="current"))
    played = ansible.play(
        {**info("plan", older_than="1d", states=["terminated", "completed", "failed"]), "register": "plan"},
        control(server, "DELETE", "/sessions/e1"),
        control(server, "POST", "/sessions", {"id": "e1", "age": 8 * DAY, "state": "terminated", "owner": "jdoe@ROOT"}),
        control(server, "PATCH", "/sessions/e2", {"owner": "maria@ROOT"}),
        control(server, "PATCH", "/sessions/t1", {"state": "running"}),
        delete("run", sessions="{{ plan.sessions }}"),
        server=server,
    )
    assert results_of(played["run"]) == {"e1": "changed_since", "e2": "changed_since", "t1": "failed", "t2": "deleted"}
    assert deleted(server) == ["t2"]


def test_record_that_changes_just_before_stays(ansible: Ansible, serve: Any) -> None:
    ways = ("replace_on_get", "reown_on_get")
    servers = {way: populate(serve(generation="current")) for way in ways}
    for way, server in servers.items():
        server.fault("truncate", method="GET", path_contains="/sessions/webui/e", count=1)
        server.set(**{way: 1})
    one = {"older_than": "8d12h", "kinds": ["webui"], "concurrency": 1}
    played = ansible.play(delete("run", **one), server=servers)
    for way, server in servers.items():
        assert results_of(played.on(way)["run"]) == {"e1": "changed_since"}
        assert server.changes() == []


def test_lost_answers_are_found_out_and_lost_requests_sent_again(ansible: Ansible, serve: Any) -> None:
    server = serve(generation="current")
    for kind, options in LOST.items():
        for moment in ("after", "before"):
            server.add_session(id=f"{kind}-{moment}", age=9 * DAY, state="terminated")
            where = {"method": "DELETE", "path_contains": f"/{kind}-{moment}", "before": moment == "before"}
            server.fault(kind, **where, count=1, **options)
    played = ansible.play(delete("run", older_than="1d", wait_timeout="30s"), server=server)
    ids = {f"{kind}-{moment}" for kind in LOST for moment in ("after", "before")}
    told = "truncate-before"  # 2xx says that it was taken, whatever becomes of the body: it is not sent again
    assert results_of(played["run"]) == {name: "unknown" if name == told else "deleted" for name in ids}
    assert Counter(deleted(server)) == {name: 1 if name.endswith("after") or name == told else 2 for name in ids}


def test_end_is_told_by_the_record_or_by_the_last_line(ansible: Ansible, serve: Any) -> None:
    server = serve(generation="current")
    old = {"age": 40 * DAY, "state": "terminated"}
    server.add_session(id="quiet", **old, last_log_at=ago(20 * DAY))
    server.add_session(id="empty", **old, logs=[])
    server.add_session(id="noisy", **old, last_log_at=ago(3 * DAY))
    server.add_session(id="future", **old, logs=lines(["from tomorrow"], time.time() + DAY))
    server.add_session(id="new", age=3 * DAY, state="terminated", logs=[])
    server.add_session(id="active", age=40 * DAY, last_log_at=ago(20 * DAY))
    job = {"kind": "task", "age": 40 * DAY, "state": "completed", "last_log_at": ago(HOUR)}
    server.add_session(id="over", **job, ended_at=ago(20 * DAY))
    server.add_session(id="late", **job, ended_at=ago(3 * DAY))
    server.add_session(id="untold", **job, ended_at=ago(20 * DAY), omit=["ended_at"])
    server.add_session(id="ahead", **job, ended_at=ago(-DAY))
    forced = {**delete("force", ended_before="7d", force=True), **CHECK}
    played = ansible.play(forced, delete("run", ended_before="7d"), server=server)
    gone = ["over", "quiet"]
    assert results_of(played["run"]) == dict.fromkeys(gone, "deleted")
    assert sorted(one["id"] for one in server.state()["removed"]) == gone
    kept = reasons(played["run"])
    assert [kept[name] for name in ("noisy", "future", "untold", "empty")] == ["recent_log"] * 4
    assert (kept["new"], kept["late"], kept["ahead"]) == ("too_young", "too_young", "no_reliable_time")
    assert played["run"]["warnings"] == ["The logs of 1 sessions have no line, so they are kept."]
    assert results_of(played["force"]) == dict.fromkeys(gone, "would_delete")


def test_only_logs_that_matter_are_asked_for(ansible: Ansible, serve: Any) -> None:
    server = serve(generation="current")
    for number in range(12):
        server.add_session(id=f"w{number:02}", age=40 * DAY, state="terminated")
    server.add_session(id="job", kind="task", age=40 * DAY, state="completed", ended_at=ago(20 * DAY))
    server.add_session(id="kept", age=40 * DAY, state="terminated", owner="maria@ROOT")
    server.add_session(id="live", age=40 * DAY)
    played = ansible.play(delete("run", ended_before="7d", protect_owners=["maria"]), server=server)
    assert len(played["run"]["sessions"]) == 13
    asked = Counter(entry["path"].split("/")[-2] for entry in server.requests() if entry["path"].endswith("/logs"))
    assert set(asked) == {f"w{number:02}" for number in range(12)}
    assert sum(asked.values()) <= 2 * 12 + 4

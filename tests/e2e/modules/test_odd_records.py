# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records that tell owner, app and times in odd ways: which sessions live, and what is said. Proves rules 19 and 24."""

from __future__ import annotations

import time
from typing import Any

import pytest
from plays import Ansible, Played, results_of, terminate
from written_logs import reasons, warnings_of

DAY = 86400
UUID = "14d231b1-2b87-457c-bc83-305bb5daa4cc"
NAMED = {"id": UUID, "userName": "svc-x", "environmentName": "ROOT"}
OWNERS = {
    "mail": "alice@corp.example@ROOT",
    "object": NAMED,
    "id": UUID,
    "number": {"id": 17},
    "no-environment": "alice",
    "list": ["svc-x", "bob"],
    "other": "alice@corp.example@DEV",
    "other-object": {**NAMED, "userName": "bob", "environmentName": "DEV"},
}
"""What the record of each session tells as owner. Only the last two can be ended: the others may be of ROOT."""
OLD = time.time() - 5 * DAY
TIMES = {
    "rfc-1123": time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(OLD)),
    "dotnet": f"/Date({int(OLD)}000+0100)/",
    "java": time.strftime("%Y-%m-%dT%H:%M:%S.123456Z[UTC]", time.gmtime(OLD)),
    "both": time.strftime("%Y-%m-%dT%H:%M:%S+00:00Z", time.gmtime(OLD)),
    "far": "9999-12-31T23:59:59.9999999Z",
    "ambiguous": "11/12/2026",
    "said": "2 hours ago",
}
READ = ["both", "dotnet", "java", "rfc-1123"]


@pytest.fixture(scope="module", name="servers")
def servers_with_odd_records(shared_serve: Any) -> dict[str, Any]:
    """Accounts with odd owners, apps and times. All sessions are five days old."""
    servers = {name: shared_serve() for name in ("apps", "times")}
    servers["owners"] = shared_serve(dialect="current")  # whose records tell an owner in one field only
    old = {"kind": "webui", "age": 5 * DAY}
    for name, owner in OWNERS.items():
        servers["owners"].add_session(id=name, **old, overrides={"owner": owner})
    for name, app in {"named": {"id": UUID, "name": "x", "title": "Planner"}, "id": UUID, "other": "Crew"}.items():
        servers["apps"].add_session(id=name, **old, overrides={"app_name": app})
    for name, told in TIMES.items():
        servers["times"].add_session(id=name, **old, overrides={"created_at": told})
    end = {"started_at": TIMES["far"], "ended_at": TIMES["far"], "message": "\ud800 \x00"}
    servers["times"].add_session(id="end", **old, overrides=end)
    return servers


@pytest.fixture(scope="module", name="played")
def what_was_played(shared_ansible: Ansible, servers: dict[str, Any]) -> Played:
    """One play over all of them."""
    protecting = {"protect_owners": "{{ {'owners': ['*@ROOT']}[inventory_hostname] | default(omit) }}"}
    protecting["protect_apps"] = "{{ {'apps': ['planner']}[inventory_hostname] | default(omit) }}"
    return shared_ansible.play(terminate("run", older_than="1d", kinds=["webui"], **protecting), server=servers)


def ended(server: Any) -> list[str]:
    """The ids of the sessions that are no longer active."""
    return sorted(name for name, one in server.state()["sessions"].items() if not one["active"])


def test_each_field_that_may_hold_the_owner_protects(played: Played, servers: dict[str, Any]) -> None:
    run = played.on("owners")["run"]
    assert ended(servers["owners"]) == ["other", "other-object"]
    assert results_of(run) == dict.fromkeys(["other", "other-object"], "terminated")
    assert set(reasons(run).values()) == {"protected"}
    owners = {entry["id"]: entry["owner"] for entry in (*run["sessions"], *run["kept"])}
    assert (owners["object"], owners["mail"]) == ("svc-x@ROOT", "alice@corp.example@ROOT")


def test_each_field_that_may_hold_the_app_protects(played: Played, servers: dict[str, Any]) -> None:
    assert ended(servers["apps"]) == ["other"]
    assert reasons(played.on("apps")["run"]) == {"named": "protected", "id": "protected"}


def test_what_can_mean_only_one_time_counts_and_no_other(played: Played, servers: dict[str, Any]) -> None:
    run = played.on("times")["run"]
    assert not run["failed"], run["msg"]
    assert ended(servers["times"]) == sorted([*READ, "end"])
    assert results_of(run) == dict.fromkeys(sorted([*READ, "end"]), "terminated")
    assert reasons(run) == dict.fromkeys(["far", "ambiguous", "said"], "no_reliable_time")
    assert "The created_at of 2 sessions cannot be read as a time, for example '" in warnings_of(run)
    shown = {entry["id"]: entry for entry in (*run["sessions"], *run["kept"])}
    assert shown["far"]["created_at"] == shown["end"]["started_at"] == "9999-12-31T23:59:59Z"
    assert shown["said"]["created_at"] is None

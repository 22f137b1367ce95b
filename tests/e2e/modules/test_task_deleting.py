# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deleting tasks: only ended and selected ones, and no schedule that is to go on. Proves rules 16-18, 21-24, 26, 27.

What the user is told and what the server is left with, through real ansible-playbook.
"""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest
from plays import Ansible, Played, Result, Task
from task_sessions import task_session

pytestmark = pytest.mark.once

DAY = 86400


def delete(name: str, **options: Any) -> Task:
    """A task of a play that deletes tasks of the service."""
    return {"name": name, "aimms.cloud.aimms_task_delete": options}


def became(result: Result) -> dict[str, str]:
    """The result of each run, as ID.INDEX."""
    return {f"{one['id']}.{one['group_index']}": one["result"] for one in result["tasks"]}


def reasons(result: Result) -> dict[str, str]:
    """Why each was kept."""
    return {f"{one['id']}.{one['group_index']}": one["reason"] for one in result["kept"]}


def populate(server: Any) -> Any:
    """Old and young tasks, some ended, one repeated every day that goes on, and one that has stopped."""
    for name in ("old", "older", "vip"):
        task_session(server, name, state="completed", age=40 * DAY, owner=f"{name}@ROOT")
    task_session(server, "young", state="completed", age=DAY)
    task_session(server, "bad", state="failed", age=40 * DAY)
    task_session(server, "works", age=40 * DAY)
    for group, last in (("daily", "queued"), ("over", "completed")):
        for index in range(3):
            state = last if index == 2 else "completed"
            task_session(
                server, f"{group}{index}", task_id=group, group_index=index, state=state, age=(40 - index) * DAY
            )
    return server


@pytest.fixture(scope="module")
def server(shared_serve: Any) -> Any:
    return populate(shared_serve(generation="current"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("archive")


@pytest.fixture(scope="module")
def played(shared_ansible: Ansible, server: Any, folder: Path) -> Played:
    selected = {"older_than": "30d", "protect_owners": ["vip"], "naive_timezone": "UTC"}
    return shared_ansible.play(
        delete("nothing named"),
        delete("limit", **selected, max_tasks=5),
        delete("an active one", task_ids=["t-works"], stop_schedule=True),
        delete("last of a schedule", task_ids=["daily"]),
        {**delete("check", **selected), "check_mode": True},
        delete("delete", **selected, archive_dir=str(folder)),
        {**delete("again", **selected), "register": "plan"},
        delete("refused by the service", task_ids=["t-bad"]),
        delete("no scope", task_ids=["t-young"], api_key="{{ session_key }}"),
        delete("stop", task_ids=["daily"], stop_schedule=True),
        delete("stop again", task_ids=["over"], group_index=2, stop_schedule=True),
        server=server,
        session_key=server.session_key,
    )


EXPECTED = {"t-old.0", "t-older.0", "daily.0", "daily.1", "over.0", "over.1"}


def test_what_could_mean_too_much_or_must_go_on_is_refused(played: Played) -> None:
    said = {
        "nothing named": "would delete every task",
        "limit": "6 tasks are selected and max_tasks is 5",
        "an active one": "only tasks that have ended are deleted",
        "last of a schedule": "deleting it would stop the schedule",
        "refused by the service": "only while it is queued, or when it is completed",
        "no scope": "lacks the Tasks scope",
    }
    for name, text in said.items():
        assert played[name]["failed"], name
        assert not played[name]["changed"], name
        assert text in played[name]["msg"], name


def test_only_ended_tasks_are_deleted_and_no_schedule_is_stopped(played: Played) -> None:
    assert became(played["check"]) == dict.fromkeys(EXPECTED, "would_delete")
    assert became(played["delete"]) == dict.fromkeys(EXPECTED, "deleted")
    assert reasons(played["delete"]) == {
        "t-vip.0": "protected",
        "t-young.0": "too_young",
        "t-bad.0": "not_completed",
        "t-works.0": "active",
        "daily.2": "scheduled",
        "over.2": "last_of_schedule",
    }
    assert (played["again"]["changed"], played["again"]["tasks"]) == (False, [])


def test_a_schedule_is_stopped_only_where_it_is_asked_for(played: Played, server: Any) -> None:
    assert (became(played["stop"]), became(played["stop again"])) == ({"daily.2": "deleted"}, {"over.2": "deleted"})
    state = server.state()
    assert state["stopped_schedules"] == ["daily", "over"]
    assert sorted(state["tasks"]) == ["t-bad", "t-vip", "t-works", "t-young"]
    changes = [(entry["path"].rpartition("/")[2], entry["query"]) for entry in server.changes()]
    assert len(changes) == len(EXPECTED) + 3
    assert all("groupIndex=" in str(query) or "groupIndex" in query for _path, query in changes)
    assert state["sessions"]["works"]["state"] == "running"


def test_response_and_log_of_what_is_gone_are_in_the_archive(played: Played, folder: Path) -> None:
    names = {f"{name}.{part}.gz" for name in EXPECTED for part in ("response", "log")}
    assert (
        {path.name for path in folder.iterdir()}
        == names
        == {Path(one["path"]).name for one in played["delete"]["files"]}
    )
    assert b"objective" in gzip.decompress((folder / "daily.1.response.gz").read_bytes())
    assert b"logonToken ********" in gzip.decompress((folder / "t-old.0.log.gz").read_bytes())

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks that ended long ago: planned, saved, deleted. Every case is a host in one run.

Proves rules 17, 22, 24, 26 and 27 for tasks.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from cleanup_runs import HOUR, Run

pytestmark = pytest.mark.once

DAY = 24 * HOUR
COLLECTION = Path(__file__).resolve().parents[3]


def add(account: Any, name: str, days: float = 120, state: str = "completed", **values: Any) -> str:
    """Add a task that began so many days ago, and ended at once if it has ended."""
    given = {"id": f"s-{name}", "task_id": name, "kind": "task", "state": state, "age": days * DAY, **values}
    if state in ("completed", "failed"):
        now = datetime.fromisoformat(account.state(summary=True)["now"].replace("Z", "+00:00"))
        given["ended_at"] = (now - timedelta(days=days - 0.1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return str(account.add_session(**given)["task_id"])


def fill(account: Any) -> Any:
    """Old tasks, and what must stay: young, active, protected, failed ones, and the last run of a schedule."""
    for number in range(12):
        add(account, f"old{number}")
    add(account, "young", 80)
    add(account, "works", state="running")
    add(account, "boss", owner="boss@ROOT")
    add(account, "kept", app_name="Kept")
    add(account, "named")
    add(account, "bad", state="failed")
    for index in range(3):
        state = "queued" if index == 2 else "completed"
        add(account, f"daily{index}", state=state, task_id="daily", group_index=index)
    return account


PROTECT = {"protect_owners": "boss@*", "protect_apps": ["kept"], "protect_task_ids": "nam*, nobody"}
MEANT = {f"old{number}": [0] for number in range(12)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: Any) -> Path:
    return Path(tmp_path_factory.mktemp("files"))


@pytest.fixture(scope="module")
def accounts(start_account: Any) -> dict[str, Any]:
    made = {name: fill(start_account()) for name in ("acme", "bare", "plan", "unsaved", "limit", "misspelt", "nowhere")}
    made["unsaved"].fault("status", status=503, path_contains="old3/response")
    return made


@pytest.fixture(scope="module")
def run(accounts: dict[str, Any], folder: Path, run_task_retention: Callable[..., Run]) -> Run:
    common = {"apply": True, "archive_dir": str(folder / "archive"), "report_dir": str(folder / "reports"), **PROTECT}
    given: dict[str, Any] = {
        "acme": {"batch_size": 5},
        "bare": {"archive": "no", "archive_dir": "", "states": "Completed, failed", "report_dir": ""},
        "plan": {"apply": "no"},
        "unsaved": {"batch_size": 6},
        "limit": {"max_tasks": "13"},
        "misspelt": {"protect_owner": "x"},
        "nowhere": {"archive_dir": ""},
    }
    return run_task_retention({name: (accounts[name], {**common, **own}) for name, own in given.items()})


def left(account: Any) -> dict[str, list[int]]:
    tasks: dict[str, list[int]] = account.state()["tasks"]
    return tasks


STAYS = {name: [0] for name in ("young", "works", "boss", "kept", "named", "bad")} | {"daily": [2]}


def test_exactly_what_is_meant_is_deleted_and_the_schedule_goes_on(accounts: dict[str, Any], run: Run) -> None:
    assert run.failure("acme") == ""
    assert left(accounts["acme"]) == STAYS
    assert accounts["acme"].state()["stopped_schedules"] == []
    result = run.result("acme")
    gone = {*MEANT, "daily"}
    assert {one["id"] for one in result["deleted"]} == {one["id"] for one in result["planned"]} == gone
    assert len(result["deleted"]) == 14
    reasons = {one["id"]: one["reason"] for one in result["kept"]}
    assert reasons == {
        **dict.fromkeys(("boss", "kept", "named"), "protected"),
        "young": "too_young",
        "bad": "not_completed",
    }
    assert result["unmatched_protections"] == ["nobody"]


def test_what_the_service_refuses_is_told_and_nothing_is_saved_where_nothing_is_to_be(
    accounts: dict[str, Any], run: Run, folder: Path
) -> None:
    assert left(accounts["bare"]) == STAYS
    assert run.failure("bare").startswith("1 of 15 planned tasks could not be deleted: bad. DELETE")
    assert run.result("bare")["archived"] == []
    assert not (folder / "archive/bare").exists()


def test_response_and_log_are_saved_before(accounts: dict[str, Any], run: Run, folder: Path) -> None:
    runs = {f"{one['id']}.{one['group_index']}" for one in run.result("acme")["deleted"]}
    names = {f"{name}.{part}.gz" for name in runs for part in ("response", "log")}
    assert {path.name for path in (folder / "archive/acme").iterdir()} == names
    assert {Path(one["path"]).name for one in run.result("acme")["archived"]} == names
    assert b"objective" in gzip.decompress((folder / "archive/acme/daily.0.response.gz").read_bytes())


def test_what_cannot_be_saved_stays_and_stops_no_other(accounts: dict[str, Any], run: Run) -> None:
    assert left(accounts["unsaved"]) == {**STAYS, "old3": [0]}
    (failed,) = run.result("unsaved")["failed"]
    assert (failed["id"], failed["result"]) == ("old3", "failed")
    assert run.failure("unsaved").startswith("1 of 14 planned tasks could not be deleted: old3. Not deleted, as its")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("limit", "14 tasks are selected and task_retention_max_tasks is 13. Narrow"),
        ("misspelt", "task_retention_protect_owner: the role has no such variable."),
        ("nowhere", "task_retention_archive_dir: is needed"),
        ("plan", ""),
    ],
)
def test_what_is_refused_or_only_planned_changes_nothing(
    accounts: dict[str, Any], run: Run, name: str, said: str
) -> None:
    assert said in run.failure(name)
    assert bool(said) is bool(run.failure(name))
    assert accounts[name].changes() == []
    assert not accounts[name].state()["stopped_schedules"]


def test_report_and_artifact_have_what_became_of_each(run: Run, folder: Path) -> None:
    written = json.loads((folder / "reports/acme.json").read_text())
    assert {name: written[name] for name in run.result("acme")} == run.result("acme")
    assert "## Deleted" in (folder / "reports/acme.md").read_text()
    plan = json.loads((folder / "reports/plan.json").read_text())
    assert (len(plan["planned"]), plan["deleted"], plan["archived"]) == (14, [], [])
    published = run.artifact["task_retention_result"]["deleted"]
    assert sum(one["host"] == "acme" for one in published) == 14


def test_the_second_run_has_nothing_to_do_and_check_mode_changes_nothing(
    accounts: dict[str, Any], run: Run, folder: Path, run_task_retention: Callable[..., Run]
) -> None:
    for account in accounts.values():
        account.clear_requests()
    (play,) = yaml.safe_load((COLLECTION / "playbooks/purge_tasks.yml").read_text())
    plays = [{**play, "hosts": "acme"}, {**play, "hosts": "plan", "check_mode": True}]
    common = {"apply": True, "archive_dir": str(folder / "later"), **PROTECT}
    hosts = {name: (accounts[name], common) for name in ("acme", "plan")}
    later = run_task_retention(hosts, plays=plays)
    assert later.result("acme")["planned"] == []
    assert len(later.result("plan")["planned"]) == 14
    assert accounts["acme"].changes() == accounts["plan"].changes() == []
    assert not (folder / "later").exists()


def test_the_example_stands_in_the_documentation_too() -> None:
    role = COLLECTION / "roles/task_retention"
    (play,) = yaml.safe_load((role / "README.md").read_text().split("```yaml\n")[1].split("```")[0])
    spec = yaml.safe_load((role / "meta/argument_specs.yml").read_text())["argument_specs"]["main"]
    assert yaml.safe_load(spec["examples"]) == [play]

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records of sessions that ended long ago: planned, archived, deleted. Every case is a host in one run.

Proves rules 17, 22, 24, 26 and 27.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from cleanup_runs import HOUR, Run, ids

DAY = 24 * HOUR
COLLECTION = Path(__file__).resolve().parents[3]
SURVEY = {
    "kinds": "task\nsolve",
    "ended_before": "60d",
    "owners": "",
    "apps": "Hello*, Nothing",
    "protect_owners": "",
    "protect_apps": "",
    "protect_session_ids": "",
    "max_sessions": "500",
    "max_percent": "100",
    "max_per_owner": "",
    "archive_logs": "no",
    "archive_dir": "",
    "report_dir": "",
    "batch_size": "1",
}
REFUSED = {
    "place": ({"archive_dir": ""}, "session_retention_archive_dir: is needed"),
    "number": ({"max_sessions": "2"}, "3 sessions are selected and session_retention_max_sessions is 2."),
    "batch": ({"batch_size": 0}, "session_retention_batch_size: must be at least 1"),
    "legacy": ({}, "This server cannot delete the records of sessions"),
}


class Case:
    """A host: its account, the records to delete, and the variables of its run."""

    def __init__(self, account: Any, meant: list[str], **given: Any) -> None:
        self.account, self.meant, self.given = account, set(meant), given
        self.before = set(account.state()["sessions"])

    def gone(self) -> set[str]:
        return self.before - set(self.account.state()["sessions"])


def _add(account: Any, *ages: float, **values: Any) -> list[str]:
    """Add task sessions that ended some days ago and ran for a day."""
    state = account.state(summary=True)
    made = []
    for age in ages:
        own = {"kind": "task", "state": "completed", "age": (age + 1) * DAY, "ended_at": _days_ago(state["now"], age)}
        made.append(account.add_session(**{**own, **values})["id"])
    return made


def _days_ago(now: str, days: float) -> str:
    from datetime import datetime, timedelta

    moment = datetime.fromisoformat(now.replace("Z", "+00:00")) - timedelta(days=days)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: Any) -> Path:
    return Path(tmp_path_factory.mktemp("files"))


@pytest.fixture(scope="module")
def cases(start_account: Any) -> dict[str, Case]:
    made = {"acme": _all(start_account())}
    account = start_account()
    old = _add(account, 40, 50, 60)
    account.fault("status", status=403, path_contains=f"{old[1]}/logs")
    made["unsaved"] = Case(account, [old[0], old[2]], batch_size=2)
    account = start_account()
    _add(account, 40)
    _add(account, 70, app_name="Other")
    made["asked"] = Case(account, _add(account, 70, 80), **SURVEY)
    account = start_account()
    account.add_session(kind="webui", app_name="Crew", app_version="1.9")
    _add(account, 40, app_name="Crew", app_version="2.0")
    _add(account, 40, app_name="Crew", app_version="1.10")
    meant = _add(account, 40, app_name="Crew", app_version="1.7")
    made["dated"] = Case(account, meant, app_versions="1.*", keep_versions="1", naive_timezone="UTC")
    planned = start_account()
    _add(planned, 40)
    made["plan"] = Case(planned, [], apply=False)
    held, legacy = start_account(), start_account(generation="legacy")
    for account in (held, legacy):
        _add(account, 40, 50, 60, owner="anna@ROOT")
        _add(account, 1)
    return made | {
        name: Case(legacy if name == "legacy" else held, [], **given) for name, (given, _message) in REFUSED.items()
    }


def _all(account: Any) -> Case:
    """Records of every kind: ended long ago, ended recently, active, protected."""
    _add(account, 20, 1)
    account.add_session(kind="task", age=90 * DAY)
    account.add_session(kind="webui", age=90 * DAY, state="terminated", quiet=10 * DAY)
    _add(account, 90, owner="boss@ROOT")
    _add(account, 90, app_name="Kept")
    named = _add(account, 90)
    meant = _add(account, 22, 45) + _add(account, 90, kind="solve", state="failed")
    meant.append(account.add_session(kind="webui", age=90 * DAY, state="terminated", quiet=40 * DAY)["id"])
    protect = {"protect_owners": "boss@*", "protect_apps": ["kept"], "protect_session_ids": named}
    return Case(account, meant, batch_size=3, **protect)


@pytest.fixture(scope="module")
def run(cases: dict[str, Case], folder: Path, run_retention: Callable[..., Run]) -> Run:
    for name in ("acme", "plan", "number"):
        cases[name].given["report_dir"] = str(folder / "reports")
    common = {"apply": True, "archive_dir": str(folder / "archive")}
    hosts = {name: (case.account, {**common, **case.given}) for name, case in cases.items()}
    (play,) = yaml.safe_load((COLLECTION / "playbooks/purge_session_records.yml").read_text())
    asked = {**play, "hosts": "asked", "vars": {**play.get("vars", {}), "awx_job_id": 1}}
    return run_retention(hosts, plays=[asked, {**play, "hosts": "all:!asked"}])


@pytest.fixture(scope="module")
def later(run: Run, cases: dict[str, Case], folder: Path, run_retention: Callable[..., Run]) -> Run:
    """A second run, and check mode for the whole play where records are left."""
    for case in cases.values():
        case.account.clear_requests()
    (play,) = yaml.safe_load((COLLECTION / "playbooks/purge_session_records.yml").read_text())
    plays = [{**play, "hosts": "acme"}, {**play, "hosts": "plan", "check_mode": True}]
    hosts = {"acme": (cases["acme"].account, cases["acme"].given), "plan": (cases["plan"].account, {"apply": True})}
    common = {"archive_dir": str(folder / "archive"), "report_dir": str(folder / "later")}
    return run_retention(
        {name: (one, {"apply": True, **own, **common}) for name, (one, own) in hosts.items()}, plays=plays
    )


@pytest.mark.parametrize("name", ["acme", "unsaved", "asked", "dated", "plan", *REFUSED])
def test_exactly_what_is_meant_is_deleted(cases: dict[str, Case], run: Run, name: str) -> None:
    assert cases[name].gone() == cases[name].meant
    assert cases[name].account.state()["record_destroyed"] == []
    if run.result(name):
        assert ids(run.result(name)["deleted"]) == cases[name].meant


def test_what_is_kept_is_told_with_its_reason(cases: dict[str, Case], run: Run) -> None:
    assert run.failure("acme") == ""
    result = run.result("acme")
    assert ids(result["planned"]) == cases["acme"].meant
    reasons = sorted(session["reason"] for session in result["kept"])
    assert reasons == [*["protected"] * 3, "recent_log", "too_young", "too_young"]
    shown = run.lines("acme")
    assert shown[1].startswith("4 of 10 ended sessions have old records")
    assert "4 logs to be saved first" in shown
    assert max(len(line) for line in shown if not line.startswith(("The report", "Next: "))) <= 75


def test_the_logs_are_saved_before_their_records_go(cases: dict[str, Case], run: Run, folder: Path) -> None:
    archived = run.result("acme")["archived"]
    assert {file["session_id"] for file in archived} == cases["acme"].meant
    assert {path.name for path in (folder / "archive/acme").iterdir()} == {
        f"{file['kind']}-{file['session_id']}.log.gz" for file in archived
    }
    secrets = [one["logon_token"] for one in cases["acme"].account.state()["removed"]]
    for file in archived:
        text = gzip.decompress(Path(file["path"]).read_bytes()).decode()
        assert "--logonToken ********" in text
        assert not any(secret in text for secret in secrets)
    assert [step["task"].split(" | ")[1][:5] for step in run.steps("of batch", "acme")] == ["Save ", "Delet"] * 2


def test_a_record_whose_log_cannot_be_saved_stays(cases: dict[str, Case], run: Run) -> None:
    (failed,) = run.result("unsaved")["failed"]
    assert failed["id"] in cases["unsaved"].account.state()["sessions"]
    assert failed["result"] == "not_tried"
    assert failed["msg"].startswith("Not deleted, as its log could not be saved: ")
    assert run.failure("unsaved").startswith(
        f"1 of 3 planned records could not be deleted: {failed['id']}. Not deleted"
    )
    deletions = [request["path"] for request in cases["unsaved"].account.changes()]
    assert not any(failed["id"] in path for path in deletions)


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_changes_nothing(cases: dict[str, Case], run: Run, name: str) -> None:
    assert REFUSED[name][1] in run.failure(name)
    assert cases[name].account.changes() == []


def test_a_refused_plan_is_reported_all_the_same(run: Run, folder: Path) -> None:
    written = json.loads((folder / "reports/number.json").read_text())
    assert (written["refused"], len(written["planned"])) == (run.failure("number"), 3)
    assert "max\\_sessions" not in (folder / "reports/number.md").read_text().split("## Planned")[1]


def test_planning_changes_nothing_and_reports(cases: dict[str, Case], run: Run, folder: Path) -> None:
    result = run.result("plan")
    assert (len(result["planned"]), result["deleted"], result["archived"]) == (1, [], [])
    assert cases["plan"].account.changes() == []
    assert not (folder / "archive/plan").exists()
    assert "nothing was changed" in (folder / "reports/plan.md").read_text()


def test_the_report_and_the_artifact_have_every_record(cases: dict[str, Case], run: Run, folder: Path) -> None:
    written = json.loads((folder / "reports/acme.json").read_text())
    assert {name: written[name] for name in run.result("acme")} == run.result("acme")
    page = (folder / "reports/acme.md").read_text()
    listed = page.split("## Deleted")[1].split("## ")[0]
    assert {key for key in cases["acme"].meant if key in listed} == cases["acme"].meant
    published = run.artifact["session_retention_result"]
    assert {one["id"] for one in published["deleted"] if one["host"] == "acme"} == cases["acme"].meant


def test_the_second_run_has_nothing_to_do(cases: dict[str, Case], later: Run) -> None:
    assert later.failure("acme") == ""
    assert later.result("acme")["planned"] == []
    assert cases["acme"].account.changes() == []


def test_check_mode_of_the_play_deletes_and_writes_nothing(cases: dict[str, Case], later: Run, folder: Path) -> None:
    result = later.result("plan")
    assert (len(result["planned"]), result["archived"], result["report"]) == (1, [], None)
    assert cases["plan"].account.changes() == []
    assert {path.name for path in (folder / "later").iterdir()} == {"acme.json", "acme.md"}
    assert not (folder / "archive/plan").exists()


def test_the_example_stands_in_the_documentation_too() -> None:
    role = COLLECTION / "roles/session_retention"
    (play,) = yaml.safe_load((role / "README.md").read_text().split("```yaml\n")[1].split("```")[0])
    spec = yaml.safe_load((role / "meta/argument_specs.yml").read_text())["argument_specs"]["main"]
    assert yaml.safe_load(spec["examples"]) == [play]

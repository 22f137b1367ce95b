# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Saved logs, interrupts and ``quiet_for`` in the cleanup. Every case is a host in one run.

Proves rules 16, 17, 23 and 24.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cleanup_runs import HOUR, Run, add_stale, ended, ids


class Case:
    """A host: its account, the sessions to end, the sessions to keep, and the variables of its run."""

    def __init__(self, account: Any, meant: list[str], left: list[str], **given: Any) -> None:
        self.account, self.meant, self.left, self.given = account, set(meant), set(left), given


@pytest.fixture(scope="module")
def folder(tmp_path_factory: Any) -> Path:
    return Path(tmp_path_factory.mktemp("files"))


@pytest.fixture(scope="module")
def cases(start_account: Any, folder: Path) -> dict[str, Case]:
    (folder / "taken").touch()
    account = start_account()
    made = {"saved": Case(account, add_stale(account, 3), [], archive_logs=True, batch_size=2)}
    made["unsaved"] = _unsaved(start_account())
    account = start_account()
    taken = {"archive_logs": True, "archive_dir": str(folder / "taken"), "batch_size": 5}
    made["homeless"] = Case(account, [], add_stale(account, 7), **taken)
    made |= {f"tasks-{name}": _with_tasks(start_account(), **options) for name, options in TASKS.items()}
    made["quiet"] = _quiet(start_account())
    made["unseen"] = _unseen(start_account())
    made |= {name: _young(start_account(), name) for name in ("auto", "ignore")}
    return made


TASKS: dict[str, dict[str, Any]] = {
    "stubborn": {"grace_period": "1s"},
    "alone": {"interrupt_fallback": False},
}


def _unsaved(account: Any) -> Case:
    stale = add_stale(account, 4)
    account.fault("status", status=403, path_contains=f"{stale[1]}/logs")
    return Case(
        account, [key for key in stale if key != stale[1]], [stale[1]], archive_logs=True, interrupt_tasks="never"
    )


def _with_tasks(account: Any, **given: Any) -> Case:
    refused = 403 if "interrupt_fallback" in given else 0
    account.set(interrupt_ignored=given.get("grace_period") is not None, tasks_status=refused)
    stale = add_stale(account, 3)
    left = [stale[1]] if "interrupt_fallback" in given else []
    return Case(account, [key for key in stale if key not in left], left, **given)


def _unseen(account: Any) -> Case:
    """Without any task that the key may see."""
    account.set(task_missing=True)
    meant, left = add_stale(account, 2)
    return Case(account, [meant], [left])


def _young(account: Any, activity: str) -> Case:
    """A task session whose task began an hour ago."""
    meant, young = add_stale(account, 2)
    account.update_session(young, started_at=account.add_session(age=HOUR)["started_at"])
    left = [young] if activity == "auto" else []
    return Case(account, [meant, young] if activity == "ignore" else [meant], left, task_activity=activity)


def _quiet(account: Any) -> Case:
    meant = add_stale(account, 2, quiet=3 * HOUR)
    left = add_stale(account, 1, quiet=0.5 * HOUR) + add_stale(account, 1, quiet=3 * HOUR, owner="boss@ROOT")
    (queued,) = add_stale(account, 1, quiet=3 * HOUR)
    account.update_session(queued, started_at=account.add_session(age=HOUR)["started_at"])
    given = {"quiet_for": "2h", "age_from": "started", "protect_owners": "boss@*", "interrupt_tasks": "execution"}
    return Case(account, meant, [*left, queued], **given)


@pytest.fixture(scope="module")
def run(cases: dict[str, Case], folder: Path, run_cleanup: Callable[..., Run]) -> Run:
    for name in REPORTED:
        cases[name].given["report_dir"] = str(folder / "reports")
    common = {"apply": True, "archive_dir": str(folder / "archive")}
    return run_cleanup({name: (case.account, {**common, **case.given}) for name, case in cases.items()})


def _report(folder: Path, name: str) -> str:
    return (folder / "reports" / f"{name}.md").read_text()


EVERY = ["saved", "unsaved", "homeless", "quiet", "unseen", "auto", "ignore", *(f"tasks-{name}" for name in TASKS)]
REPORTED = ("saved", "unsaved", "quiet", "tasks-stubborn")


@pytest.mark.parametrize("name", EVERY)
def test_exactly_what_is_meant_is_ended(cases: dict[str, Case], run: Run, name: str) -> None:
    case, result = cases[name], run.result(name)
    assert ended(case.account) == ids(result["terminated"]) == case.meant
    assert case.left <= {key for key, session in case.account.state()["sessions"].items() if session["active"]}


def test_logs_are_saved_before_the_end(cases: dict[str, Case], run: Run, folder: Path) -> None:
    archived, case = run.result("saved")["archived"], cases["saved"]
    place = folder / "archive/saved"
    assert place.stat().st_mode & 0o777 == 0o750
    assert {file["session_id"] for file in archived} == case.meant
    assert {file["path"] for file in archived} == {str(path) for path in place.iterdir()}
    for file in archived:
        path = Path(file["path"])
        assert (path.name, path.stat().st_mode & 0o777) == (f"{file['kind']}-{file['session_id']}.log.gz", 0o640)
        text = gzip.decompress(path.read_bytes()).decode()
        assert "--logonToken ********" in text
        assert case.account.session(file["session_id"])["logon_token"] not in text
    order = [step["task"].split(" | ")[1][:10] for step in run.steps("of batch", "saved")]
    assert order == ["Save the l", "End the se"] * 2


def test_the_report_names_the_saved_logs(run: Run, folder: Path) -> None:
    listed = _report(folder, "saved").split("## Saved logs")[1]
    assert all(file["path"] in listed for file in run.result("saved")["archived"])
    assert json.loads((folder / "reports/saved.json").read_text())["archived"] == run.result("saved")["archived"]


def test_a_session_whose_log_cannot_be_saved_lives_on(cases: dict[str, Case], run: Run, folder: Path) -> None:
    case, result = cases["unsaved"], run.result("unsaved")
    (failed,) = result["failed"]
    assert ({failed["id"]}, failed["result"]) == (case.left, "not_tried")
    assert failed["msg"].startswith("Not ended, as its log could not be saved: ")
    assert "403" in failed["msg"]
    assert run.failure("unsaved").startswith(
        f"1 of 4 planned sessions could not be ended: {failed['id']}. Not ended, as"
    )
    assert {file["session_id"] for file in result["archived"]} == case.meant
    assert [request for request in case.account.changes() if failed["id"] in request["path"]] == []
    assert failed["id"] in _report(folder, "unsaved").split("## Failed")[1].split("## ")[0]


def test_without_a_folder_for_the_logs_nothing_is_ended(cases: dict[str, Case], run: Run) -> None:
    assert cases["homeless"].account.changes() == []
    assert [session["result"] for session in run.result("homeless")["failed"]] == ["not_tried"] * 7
    assert "taken" in run.failure("homeless")
    assert len(run.steps("Save the logs of batch", "homeless")) == 1


@pytest.mark.parametrize(
    ("name", "state", "how", "result", "terminations"),
    [
        ("saved", "completed", "interrupt-solve", "interrupted", 0),
        ("quiet", "failed", "interrupt-execution", "interrupted", 0),
        ("unsaved", "terminated", "terminate", "terminated", 1),
        ("tasks-stubborn", "terminated", "terminate", "terminated", 1),
    ],
)
def test_tasks_end_as_asked(
    cases: dict[str, Case], run: Run, name: str, state: str, how: str, result: str, terminations: int
) -> None:
    (told,) = [session for session in run.result(name)["terminated"] if session["kind"] == "task"]
    truth = cases[name].account.session(told["id"])
    assert (truth["state"], truth["ended_how"], truth["terminate_requests"]) == (state, how, terminations)
    assert (told["result"], truth["interrupt_requests"]) == (result, int(name != "unsaved"))
    assert ("by force" in told["msg"]) == (name == "tasks-stubborn")


@pytest.mark.parametrize(("name", "title"), [("saved", "interrupt"), ("tasks-stubborn", "force")])
def test_what_ended_by_interrupt_and_what_by_force_is_told_apart(run: Run, folder: Path, name: str, title: str) -> None:
    (task,) = [session for session in run.result(name)["terminated"] if session["kind"] == "task"]
    assert f"| {task['id']} |" in _report(folder, name).split(f"## Terminated by {title}")[1].split("## ")[0]
    assert "1 may have tasks, which are interrupted first (solve)" in run.lines(name)
    shown = run.lines(name)
    interrupted = int(title == "interrupt")
    assert f"3 of 3 ended, {interrupted} by interrupt and {3 - interrupted} by force" in shown


def test_without_the_fallback_a_session_without_a_task_lives_on(cases: dict[str, Case], run: Run) -> None:
    (failed,) = run.result("tasks-alone")["failed"]
    assert ({failed["id"]}, failed["result"]) == (cases["tasks-alone"].left, "failed")
    assert "interrupt_fallback" in run.failure("tasks-alone")


@pytest.mark.parametrize("name", ["unseen", "auto"])
def test_a_session_whose_task_is_young_or_not_seen_is_kept_and_no_failure(
    cases: dict[str, Case], run: Run, name: str
) -> None:
    assert [one["id"] for one in run.result(name)["kept"] if one["reason"] == "busy"] == [*cases[name].left]
    assert run.result(name)["failed"] == []
    shown = run.lines(name)
    assert "1 kept as busy" in shown


def test_a_recent_log_line_or_a_late_start_keeps_a_session(cases: dict[str, Case], run: Run, folder: Path) -> None:
    kept = {session["id"]: session["reason"] for session in run.result("quiet")["kept"]}
    assert sorted(kept[key] for key in cases["quiet"].left) == ["protected", "recent_log", "too_young"]
    page = _report(folder, "quiet")
    assert "Stale is what was started before" in page
    assert "Its log was silent for 2h." in page
    written = json.loads((folder / "reports/quiet.json").read_text())
    assert (written["quiet_for"], written["age_from"]) == ("2h", "started")
    shown = run.lines("quiet")
    assert {"their age counts from their start", "2 silent for 2h", "1 kept as recent log"} <= set(shown)


def test_no_line_is_wider_than_a_terminal(run: Run) -> None:
    others = ("Nothing was ended", "The report is", "Next: ")
    lines = [line for host in EVERY for line in run.lines(host) if not line.startswith(others)]
    assert max(map(len, lines)) <= 70

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two accounts, one of each generation: check mode, plan, apply, apply again.

Proves rules 21, 23 and 27.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cleanup_runs import HOUR, TERMINATE, Run, add_stale, ended, ids


@dataclass
class Story:
    """The accounts and their stale sessions, the runs in order, the changes of each, and the sessions ended by then."""

    reports: Path
    accounts: dict[str, Any] = field(default_factory=dict)
    stale: dict[str, set[str]] = field(default_factory=dict)
    runs: dict[str, Run] = field(default_factory=dict)
    changes: dict[tuple[str, str], list[Any]] = field(default_factory=dict)
    ended: dict[tuple[str, str], set[str]] = field(default_factory=dict)


@pytest.fixture(scope="module")
def story(start_account: Any, run_cleanup: Callable[..., Run], tmp_path_factory: Any) -> Story:
    told = Story(tmp_path_factory.mktemp("reports"))
    for host in ("legacy", "current"):
        account = told.accounts[host] = start_account(generation=host, end_delay=0.3)
        account.add_session(age=90 * HOUR, state="terminated")
        told.stale[host] = set(add_stale(account, 5))
    for name, options in {
        "check": {"apply": True, "cmdline": "--check"},
        "plan": {},
        "apply": {"apply": True, "batch_size": 2},
        "again": {"apply": True},
    }.items():
        for account in told.accounts.values():
            account.clear_requests()
        hosts = {host: (account, {}) for host, account in told.accounts.items()}
        told.runs[name] = run_cleanup(hosts, report_dir=str(told.reports / name), **options)
        for host, account in told.accounts.items():
            told.changes[host, name], told.ended[host, name] = account.changes(), ended(account)
    return told


each_generation = pytest.mark.parametrize("host", ["legacy", "current"])


@each_generation
@pytest.mark.parametrize("name", ["check", "plan"])
def test_planning_names_the_stale_sessions_and_changes_nothing(story: Story, name: str, host: str) -> None:
    run = story.runs[name]
    assert run.status == "successful", run.stdout
    result = run.result(host)
    assert ids(result["planned"]) == story.stale[host]
    assert (result["terminated"], result["failed"]) == ([], [])
    assert run.steps("batch |", host) == []
    assert story.changes[host, name] == []
    assert len(story.ended[host, name]) == 1


def test_check_mode_writes_no_file_and_says_what_would_change(story: Story) -> None:
    assert not (story.reports / "check").exists()
    assert story.runs["check"].result("current")["report"] is None
    said = {name: story.runs[name].steps("Make batches", "current")[0]["res"]["changed"] for name in story.runs}
    assert said == {"check": True, "plan": False, "apply": False, "again": False}


@each_generation
def test_applying_ends_exactly_what_was_planned(story: Story, host: str) -> None:
    run = story.runs["apply"]
    assert run.status == "successful", run.stdout
    result = run.result(host)
    assert ids(result["terminated"]) == ids(result["planned"]) == story.stale[host]
    assert story.ended[host, "apply"] - story.ended[host, "plan"] == story.stale[host]
    assert len(story.changes[host, "apply"]) == len(story.stale[host])
    assert story.accounts[host].state()["record_destroyed"] == []


@each_generation
def test_each_batch_is_a_step_of_its_own(story: Story, host: str) -> None:
    steps = story.runs["apply"].steps("End the sessions of batch", host)
    assert {step["task_action"] for step in steps} == {TERMINATE}
    assert [len(step["res"]["sessions"]) for step in steps] == [2, 2, 1]


@each_generation
def test_the_second_run_has_nothing_to_do(story: Story, host: str) -> None:
    run = story.runs["again"]
    assert run.status == "successful"
    assert run.result(host)["planned"] == []
    assert story.changes[host, "again"] == []
    assert story.ended[host, "again"] == story.ended[host, "apply"]
    changed = {step["task"] for step in run.steps("", host) if step["res"].get("changed")}
    assert changed == set()


@each_generation
def test_the_report_tells_what_the_server_was_left_with(story: Story, host: str) -> None:
    result = story.runs["apply"].result(host)
    written = json.loads((story.reports / "apply" / f"{host}.json").read_text())
    assert (written["host"], written["applied"], written["refused"]) == (host, True, "")
    assert {name: written[name] for name in result} == result
    truth = story.accounts[host].state()["sessions"]
    for session in written["terminated"]:
        left = truth[session["id"]]
        requests = (left["terminate_requests"], left["interrupt_requests"])
        meant = ("completed", (0, 1)) if session["kind"] == "task" else ("terminated", (1, 0))
        assert (left["state"], requests, left["ended_by"]) == (*meant, "admin")
        assert {left[name] == session[name] for name in ("kind", "owner", "app_name", "app_version")} == {True}
    assert ids(written["kept"]) == {key for key, session in truth.items() if session["active"]}
    assert {session["reason"] for session in written["kept"]} == {"too_young"}


@each_generation
def test_the_readable_report_has_every_session_under_what_became_of_it(story: Story, host: str) -> None:
    result = story.runs["apply"].result(host)
    page = Path(result["report"]["markdown"]).read_text()
    parts = {part.split("\n")[0]: part for part in page.split("## ")}
    interrupted = {session["id"] for session in result["terminated"] if session["kind"] == "task"}
    for title, meant in (("interrupt", interrupted), ("force", story.stale[host] - interrupted)):
        assert {key for key in story.stale[host] if key in parts[f"Terminated by {title}"]} == meant
    assert {key for key in ids(result["kept"]) if key in parts["Kept"]} == ids(result["kept"])
    assert "Planned" not in parts
    plan = Path(story.runs["plan"].result(host)["report"]["markdown"]).read_text()
    listed = plan.split("## Planned")[1].split("## ")[0]
    assert {key for key in story.stale[host] if key in listed} == story.stale[host]
    assert "nothing was changed" in plan


@each_generation
def test_the_plan_is_shown_to_who_watches(story: Story, host: str) -> None:
    *shown, report, following = story.runs["plan"].lines(host)
    assert report.endswith(f"{host}.html (.json, .md, .xml)")
    assert following.startswith("Next: to end these and no others, set stale_session_cleanup_apply=true and")
    assert shown[1].startswith("5 of 13 active sessions are stale")
    assert all(any(key[:12] in line and "user" in line for line in shown) for key in story.stale[host])
    assert max(len(line) for line in shown) <= 70


def test_the_statistic_of_the_run_has_the_sessions_of_all_accounts(story: Story) -> None:
    published = story.runs["apply"].artifact["stale_session_cleanup_result"]
    assert ids(published["terminated"]) == story.stale["legacy"] | story.stale["current"]
    assert len(published["kept"]) == 16
    assert {one["host"]: one["id"] in story.stale[one["host"]] for one in published["terminated"]} == {
        "legacy": True,
        "current": True,
    }
    assert {report["json"] for report in published["report"]} == {
        str(story.reports / "apply" / f"{host}.json") for host in story.accounts
    }

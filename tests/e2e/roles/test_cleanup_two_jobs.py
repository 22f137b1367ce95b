# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two AWX jobs: a plan that is applied later, from a file and from an artifact; ``max_active`` acts only once.

Every case is a host in both jobs. The second one has the artifact of the first as an extra variable, as in a workflow.
Proves rules 16, 17, 24 and 27.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cleanup_runs import HOUR, Run, add_stale, ended, ids

ARTIFACT = "{{ stale_session_cleanup_result }}"
SELECTING = {
    "kinds": ["solve"],
    "owners": ["nobody@*"],
    "apps": ["None"],
    "older_than": "30d",
    "age_from": "started",
    "max_active": 0,
}
NO_PLANS = {
    "missing": ("missing.json", "cannot be read"),
    "broken": ("broken.json", "is no plan"),
    "other": ("other.json", "is no plan"),
    "words": (["planned"], "is no plan"),
    "null": (None, "is no plan"),
    "lost": ("{{ artifact_that_never_came }}", "artifact_that_never_came"),
    "elsewhere": (
        [
            dict.fromkeys(["app_name", "owner", "created_at"], None)
            | {"id": "a", "kind": "webui", "url": "https://b.example"}
        ],
        "sessions: they were planned for https://b.example, and this is http://127.0.0.1",
    ),
    "partial": ([{"id": "a", "kind": "webui"}], "sessions: a record has no app_name"),
}


@dataclass
class Story:
    """The accounts by host, the planned sessions of each, and the two jobs."""

    folder: Path
    accounts: dict[str, Any] = field(default_factory=dict)
    planned: dict[str, list[str]] = field(default_factory=dict)
    runs: dict[str, Run] = field(default_factory=dict)
    freed: set[str] = field(default_factory=set)


@pytest.fixture(scope="module")
def story(start_account: Any, run_cleanup: Callable[..., Run], tmp_path_factory: Any) -> Story:
    told = Story(tmp_path_factory.mktemp("reports"))
    for seed, host in enumerate(
        ("file", "paris", "oslo", "seats", "limit", "quiet", "noticed")
    ):  # another seed gives other ids
        generation = "legacy" if host == "oslo" else "current"
        account = told.accounts[host] = start_account(generation=generation, seed=seed)
        told.planned[host] = add_stale(account, 7 if host == "file" else 3, quiet=20 * HOUR)
    told.accounts["file"].update_session(told.planned["file"][3], owner="boss@ROOT", app_name="{{ 6 * 7 }}")
    own: dict[str, Any] = {host: {} for host in told.accounts}
    told.accounts["unasked"] = start_account()
    own |= {host: {"report_dir": str(told.folder)} for host in ("file", "limit")}
    ledger = {"notice_file": str(told.folder / "ledger-{host}.json")}
    own |= {"quiet": {"quiet_for": "10h"}, "noticed": {"notice": "24h", **ledger}}
    own["seats"] = {"apply": True, "kinds": "webui", "max_active": "9"}
    told.runs["plan"] = run_cleanup({host: (told.accounts[host], given) for host, given in own.items()})
    told.freed = ended(told.accounts["seats"])
    _meanwhile(told)
    result = {"stale_session_cleanup_result": told.runs["plan"].artifact["stale_session_cleanup_result"]}
    told.runs["apply"] = run_cleanup(_second(told, own["seats"]), extra=result, apply=True)
    return told


def _meanwhile(told: Story) -> None:
    """Between the jobs sessions change: one is replaced, one ends, one is removed, one logs, and a new one is stale."""
    account, planned = told.accounts["file"], told.planned["file"]
    account.update_session(planned[0], owner="other@ROOT")
    account.update_session(planned[1], state="completed")
    account.remove_session(planned[2])
    account.update_session(planned[4], append_logs=[{"message": "still at work"}])
    told.accounts["quiet"].update_session(told.planned["quiet"][0], append_logs=[{"message": "still at work"}])
    told.accounts["paris"].update_session(told.planned["paris"][0], app_name="Another")
    for host in ("file", "paris", "oslo"):
        add_stale(told.accounts[host], 1)
    for account in told.accounts.values():
        account.clear_requests()


def _second(told: Story, seats: dict[str, Any]) -> dict[str, Any]:
    (told.folder / "broken.json").write_text("{")
    (told.folder / "other.json").write_text('{"sessions": []}')
    given = {
        "file": {"plan": str(told.folder / "file.json"), "protect_owners": "boss@*", "quiet_for": "10h", **SELECTING},
        "paris": {"plan": ARTIFACT, **SELECTING},
        "oslo": {"plan": ARTIFACT},
        "seats": seats,
        "quiet": {"plan": ARTIFACT},
        "noticed": {"plan": ARTIFACT, "notice_file": str(told.folder / "ledger-{host}.json")},
        "limit": {"plan": str(told.folder / "limit.json"), "max_sessions": 2},
    }
    hosts = {host: (told.accounts[host], own) for host, own in given.items()}
    hosts["empty"] = (told.accounts["limit"], {"plan": []})
    unasked = told.accounts["unasked"]
    for name, (plan, _message) in NO_PLANS.items():
        path = str(told.folder / str(plan)) if str(plan).endswith(".json") else plan
        hosts[name] = (unasked, {"plan": path})
    return hosts


def test_the_first_job_plans_and_changes_nothing(story: Story) -> None:
    for host in ("file", "paris", "oslo", "limit"):
        assert ids(story.runs["plan"].result(host)["planned"]) == set(story.planned[host])
        assert story.runs["plan"].result(host)["terminated"] == []


def test_a_plan_by_file_ends_what_is_still_the_same_and_nothing_else(story: Story) -> None:
    account, planned, result = story.accounts["file"], story.planned["file"], story.runs["apply"].result("file")
    assert story.runs["apply"].failure("file") == ""
    assert ids(result["planned"]) == ids(result["terminated"]) == set(planned[5:])
    assert ended(account) == {planned[1], *planned[5:]}
    skipped = {session["id"]: session["result"] for session in result["skipped"]}
    assert skipped == {planned[0]: "changed_since", planned[1]: "already_ended", planned[2]: "not_found"}
    assert all(session["msg"] for session in result["skipped"])
    kept = {session["id"]: session["reason"] for session in result["kept"]}
    assert kept == {planned[3]: "protected", planned[4]: "recent_log"}
    assert len(account.changes()) == 2


def test_the_plan_tells_what_became_of_it(story: Story) -> None:
    shown = story.runs["apply"].figures("file")
    assert shown[0] == "2 of 7 sessions of the earlier plan are to be ended"
    assert {"1 changed since", "1 already ended", "1 not found", "1 kept as protected"} <= set(shown)
    assert shown[1].startswith("The plan was made 0 days and 0 hours ago, at 20")
    assert shown[2] == f"It is for {story.accounts['file'].url}."
    assert max(map(len, shown)) <= 70


def test_what_a_plan_was_made_with_and_depends_on_the_time_holds_where_it_is_applied(story: Story) -> None:
    (busy, *idle), apply = story.planned["quiet"], story.runs["apply"]
    assert (apply.failure("quiet"), ended(story.accounts["quiet"])) == ("", set(idle))
    kept = {session["id"]: session["reason"] for session in apply.result("quiet")["kept"]}
    assert kept == {busy: "recent_log"}
    assert (apply.failure("noticed"), ended(story.accounts["noticed"])) == ("", set())
    assert ids(apply.result("noticed")["announced"]) == set(story.planned["noticed"])


@pytest.mark.parametrize("host", ["paris", "oslo"])
def test_an_artifact_of_two_accounts_gives_each_its_own(story: Story, host: str) -> None:
    result = story.runs["apply"].result(host)
    meant = story.planned[host][1:] if host == "paris" else story.planned[host]
    assert ended(story.accounts[host]) == ids(result["terminated"]) == set(meant)
    assert ids(result["skipped"]) == set(story.planned[host]) - set(meant)
    foreign = [key for other in story.planned if other != host for key in story.planned[other]]
    asked = " ".join(request["path"] for request in story.accounts[host].requests())
    assert not any(key in asked for key in foreign)


@pytest.mark.parametrize("job", ["plan", "apply"])
@pytest.mark.parametrize("host", ["file", "paris", "oslo", "seats", "limit"])
def test_the_artifact_of_a_job_tells_what_that_job_did(story: Story, job: str, host: str) -> None:
    published, result = story.runs[job].artifact["stale_session_cleanup_result"], story.runs[job].result(host)
    for name in ("planned", "terminated", "kept", "failed", "skipped"):
        assert {one["id"] for one in published[name] if one["host"] == host} == ids(result[name])


def test_a_name_in_a_plan_is_no_template(story: Story) -> None:
    (protected,) = [one for one in story.runs["apply"].result("file")["kept"] if one["reason"] == "protected"]
    assert protected["app_name"] == "{{ 6 * 7 }}"


def test_the_limits_hold_over_a_plan(story: Story) -> None:
    assert "3 sessions are selected and stale_session_cleanup_max_sessions is 2." in story.runs["apply"].failure(
        "limit"
    )
    assert ids(story.runs["apply"].result("limit")["planned"]) == set(story.planned["limit"])


def test_an_empty_plan_ends_nothing(story: Story) -> None:
    assert story.runs["apply"].failure("empty") == ""
    assert story.runs["apply"].result("empty")["planned"] == []
    assert story.accounts["limit"].changes() == []


@pytest.mark.parametrize("name", NO_PLANS)
def test_what_is_no_plan_fails_before_any_request(story: Story, name: str) -> None:
    assert NO_PLANS[name][1] in story.runs["apply"].failure(name)
    assert story.runs["apply"].lines(name) == []
    assert story.accounts["unasked"].requests() == []


def test_seats_are_freed_once_the_oldest_first(story: Story) -> None:
    account = story.accounts["seats"]
    webui = [key for key in story.planned["seats"] if account.session(key)["kind"] == "webui"]
    assert story.freed == {webui[-1]}
    assert story.runs["apply"].result("seats")["planned"] == []
    assert account.changes() == []
    assert ended(account) == story.freed


def test_the_report_of_a_plan_can_be_read_by_programs(story: Story) -> None:
    written = json.loads((story.folder / "file.json").read_text())
    assert (written["host"], written["applied"], written["followed_a_plan"]) == ("file", False, False)
    assert ids(written["planned"]) == set(story.planned["file"])

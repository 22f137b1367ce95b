# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Three runs with a notice: announced, waiting, ended. The ledgers, in files and cached facts, are aged by a day.

Every case is a host in all runs. What the service is left with, and what the owners are told, is looked at.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cleanup_runs import HOUR, Run, add_stale, ended, ids
from prometheus_client.parser import text_string_to_metric_families

TIMES = ("announced_at", "announced_by_server", "seen_at")
FACT = "aimms_cleanup_announcements"
HOSTS = ("file", "fact", "torn", "young", "follow")
EVERY = (*HOSTS, "untold")


def aged(ledger: dict[str, Any], hours: float) -> dict[str, Any]:
    """The ledger as if its runs had been earlier. It is written as the role does it, with its checksum."""
    for entry in ledger["entries"]:
        for name in TIMES:
            then = datetime.fromisoformat(entry[name].rstrip("Z")) - timedelta(hours=hours)
            entry[name] = f"{then.isoformat()}Z"
    text = json.dumps([ledger["format"], ledger["entries"]], sort_keys=True)
    return {**ledger, "checksum": hashlib.sha256(text.encode()).hexdigest()}


@dataclass
class Story:
    """The accounts by host, the stale sessions of each at the start, the folder of all files, and the runs."""

    folder: Path
    accounts: dict[str, Any] = field(default_factory=dict)
    stale: dict[str, list[str]] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)
    ended: list[dict[str, set[str]]] = field(default_factory=list)

    def pass_time(self, hours: float) -> None:
        """Age all ledgers."""
        for path in self.folder.glob("ledger-*.json"):
            path.write_text(json.dumps(aged(json.loads(path.read_text()), hours)))
        for path in (self.folder / "facts").iterdir():
            written = json.loads(path.read_text())
            wrapped = "__payload__" in written  # since ansible-core 2.19
            facts = json.loads(written["__payload__"]) if wrapped else written
            if FACT in facts:
                facts[FACT] = aged(facts[FACT], hours)
                path.write_text(json.dumps({"__payload__": json.dumps(facts)} if wrapped else facts))

    def result(self, number: int, host: str) -> Any:
        """The fact that a run has set on a host."""
        return self.runs[number].result(host)


@pytest.fixture(scope="module")
def story(start_account: Any, run_cleanup: Callable[..., Run], tmp_path_factory: Any) -> Story:
    told = Story(tmp_path_factory.mktemp("notices"))
    for seed, host in enumerate(EVERY):
        account = told.accounts[host] = start_account(seed=seed)
        account.set(users={"user0@ROOT": {}})
        told.stale[host] = add_stale(account, 2, quiet=20 * HOUR)
    told.accounts["file"].update_session(told.stale["file"][0], app_name="{{ 6 * 7 }}")
    common = {"notice": "24h", "report_dir": str(told.folder / "reports"), "older_than": "24h", "apply": True}
    shared = str(told.folder / "ledger-shared.json")
    ledgers = {host: {"notice_file": shared} for host in ("file", "young", "follow", "untold")}
    ledgers["torn"] = {"notice_file": str(told.folder / "ledger-{host}.json")}

    def run(**more: Any) -> None:
        own = {host: {**common, **ledgers.get(host, {}), **more.get(host, {})} for host in EVERY}
        own["file"]["metrics_file"] = str(told.folder / "{host}.prom")
        hosts = {host: (told.accounts[host], own[host]) for host in EVERY}
        told.runs.append(run_cleanup(hosts, fact_cache=told.folder / "facts"))
        told.ended.append({host: ended(account) for host, account in told.accounts.items()})

    (told.folder / "full/untold.json").mkdir(parents=True)
    run(torn={"apply": False}, untold={"report_dir": str(told.folder / "full")})
    assert not (told.folder / "ledger-torn.json").exists()
    told.pass_time(25)
    (told.folder / "ledger-torn.json").write_text((told.folder / "ledger-shared.json").read_text()[:-40])
    told.accounts["young"].update_session(told.stale["young"][0], append_logs=[{"message": "still at work"}])
    for host in ("file", "fact", "follow"):
        told.stale[host] += add_stale(told.accounts[host], 1, owner="late@ROOT")
    run(follow={"plan": str(told.folder / "reports/follow.json")}, young={"quiet_for": "10h"})
    told.pass_time(25)
    run()
    return told


@pytest.mark.parametrize("host", HOSTS)
def test_the_first_run_ends_nothing_and_tells_all_owners_but_a_plan_tells_nobody(story: Story, host: str) -> None:
    result, announced = story.result(0, host), set() if host == "torn" else set(story.stale[host][:2])
    assert (story.runs[0].failure(host), story.ended[0][host]) == ("", set())
    assert ids(result["planned"]) == set(story.stale[host][:2])
    addresses = {one["owner"]: one["email"] for one in result["to_notify"]}
    assert addresses == ({"user0@ROOT": "user0@example.com", "user1@ROOT": None} if announced else {})
    assert ids(result["announced"]) == announced
    assert (result["due"], result["terminated"], result["failed"]) == ([], [], [])
    assert {one["id"] for one in result["kept"] if one["reason"] == "announced"} == announced


@pytest.mark.parametrize("host", ["file", "fact"])
def test_a_day_later_the_announced_are_ended_and_a_later_one_is_announced(story: Story, host: str) -> None:
    result, (*first, late) = story.result(1, host), story.stale[host]
    assert story.ended[1][host] == ids(result["terminated"]) == ids(result["due"]) == set(first)
    assert [one["owner"] for one in result["to_notify"]] == ["late@ROOT"]
    assert ids(result["announced"]) == {late}
    assert story.ended[2][host] == {*first, late}
    assert [story.result(2, host)[name] for name in ("announced", "to_notify")] == [[], []]


def test_a_run_that_follows_a_plan_obeys_the_notice_and_forgets_no_other_announcement(story: Story) -> None:
    assert story.ended[1]["follow"] == set(story.stale["follow"][:2])
    assert story.result(1, "follow")["to_notify"] == []
    assert story.ended[2]["follow"] == story.ended[1]["follow"]
    assert [one["owner"] for one in story.result(2, "follow")["to_notify"]] == ["late@ROOT"]


def test_a_run_that_could_not_tell_its_result_has_announced_nothing(story: Story) -> None:
    assert "untold.json cannot be written" in story.runs[0].failure("untold")
    assert (story.result(0, "untold"), story.ended[1]["untold"]) == ({}, set())
    assert len(story.result(1, "untold")["to_notify"]) == 2
    assert story.ended[2]["untold"] == set(story.stale["untold"])


def test_what_only_a_plan_saw_and_a_damaged_ledger_are_announced_anew(story: Story) -> None:
    assert story.ended[1]["torn"] == set()
    assert len(story.result(1, "torn")["to_notify"]) == 2
    assert story.ended[2]["torn"] == set(story.stale["torn"])
    (step,) = story.runs[1].steps("Make batches", "torn")
    assert "is not used. It is damaged" in str(step["res"]["warnings"])


def test_a_session_that_was_at_work_meanwhile_is_announced_anew(story: Story) -> None:
    busy, idle = story.stale["young"]
    assert (story.ended[1]["young"], story.ended[2]["young"]) == ({idle}, {idle})
    assert ids(story.result(2, "young")["announced"]) == {busy}


def shown(run: Run, host: str) -> list[str]:
    return run.figures(host)


def test_each_run_says_what_is_announced_and_due(story: Story) -> None:
    assert "2 of them are not announced yet; only an apply announces" in shown(story.runs[0], "torn")
    assert "2 of them are announced now" in shown(story.runs[0], "file")
    assert "2 of them are due: they were announced long enough ago" in shown(story.runs[1], "file")
    outcome = story.runs[1].lines("file")
    assert {"2 of 2 ended, 1 by interrupt and 1 by force", "1 wait for their notice to be over"} <= set(outcome)
    assert max(map(len, shown(story.runs[1], "file"))) <= 75


def test_reports_and_figures_show_what_is_due_and_ended(story: Story) -> None:
    reports = story.folder / "reports"
    written = json.loads((reports / "file.json").read_text())
    assert (written["notice"], len(written["due"]), len(written["terminated"])) == ("24h", 1, 1)
    assert "| planned | announced | due |" in (reports / "young.md").read_text()
    assert "Announced: the time each may end" in (reports / "young.md").read_text()
    page = (reports / "young.html").read_text()
    assert ">Announced<" in page
    assert "1 wait until their notice is over." in page
    families = text_string_to_metric_families((story.folder / "file.prom").read_text())
    figures = {one.name.removeprefix("aimms_session_cleanup_"): one.samples[0].value for one in families}
    assert (figures["announced_sessions"], figures["due_sessions"]) == (0, 1)


def test_the_ledger_is_for_its_owner_only_and_a_name_in_it_is_no_template(story: Story) -> None:
    assert (story.folder / "ledger-shared.json").stat().st_mode & 0o777 == 0o600
    announced = story.result(0, "file")["announced"]
    assert "{{ 6 * 7 }}" in {one["app_name"] for one in announced}

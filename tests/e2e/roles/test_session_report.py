# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports on several accounts in one run: files, counts, results of the last cleanup, and user errors."""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from typing import Any

import pytest
from cleanup_runs import HOUR, Run, add_stale, ids

TRAP = "{{ lookup('ansible.builtin.pipe', 'touch {SPRUNG}') }}"
FORMULA = "=1+1@<script>"


@dataclass
class Story:
    """Accounts after a cleanup and a report: the folders and the two runs."""

    folder: Path
    accounts: dict[str, Any] = field(default_factory=dict)
    runs: dict[str, Run] = field(default_factory=dict)
    before: dict[str, Any] = field(default_factory=dict)

    def report(self, host: str = "acme") -> Any:
        return json.loads((self.folder / f"pages/{host}.json").read_text())

    def page(self, host: str = "acme") -> str:
        return (self.folder / f"pages/{host}.html").read_text()


@pytest.fixture(scope="module")
def story(
    start_account: Any, run_cleanup: Callable[..., Run], run_report: Callable[..., Run], tmp_path_factory: Any
) -> Story:
    told = Story(tmp_path_factory.mktemp("reports"))
    acme = told.accounts["acme"] = start_account()
    trap = TRAP.replace("{SPRUNG}", str(told.folder / "sprung"))
    add_stale(acme, 3)
    acme.add_session(age=50 * HOUR, owner="svc-x@ROOT", app_name=FORMULA, app_version=trap)
    acme.add_session(age=2 * HOUR, owner=trap, app_name=trap)
    acme.add_session(age=90 * HOUR, state="terminated")
    cleanup = {"apply": True, "report_dir": str(told.folder / "last"), "protect_owners": ["svc-*"]}
    told.runs["cleanup"] = run_cleanup({"acme": (acme, cleanup)})
    acme.add_session(age=0.5 * HOUR, owner="late@ROOT")
    shutil.copy(told.folder / "last/acme.json", told.folder / "last/clash.json")
    told.before = acme.state()["sessions"]
    acme.clear_requests()
    last, pages = str(told.folder / "last"), str(told.folder / "pages")
    hosts = {
        "acme": {"dir": pages, "cleanup": last},
        "twin": {"dir": pages, "formats": "html"},
        "few": {"dir": "beside", "formats": "csv,\n html", "owners": "admin@*", "cleanup": ""},
        "none": {"stale_after": "", "formats": "", "cleanup": f"{last}/not-yet.json"},
        "clash": {"dir": last, "cleanup": f"{last}/clash.json"},
        "versions": {"app_versions": ["9.9*"], "keep_versions": 1, "naive_timezone": "UTC"},
        "wrong": {"dir": pages, "formats": ["html", "pdf"]},
        "unit": {"dir": pages, "stale_after": "24"},
        "misspelt": {"dir": pages, "owner": "x"},
        "kind": {"dir": pages, "kinds": "webu"},
    }
    (told.folder / "pages/.twin+history.json").mkdir(parents=True)
    told.runs["report"] = run_report({host: (acme, given) for host, given in hosts.items()})
    return told


def test_nothing_is_changed_and_nothing_on_the_account(story: Story) -> None:
    assert story.accounts["acme"].changes() == []
    assert story.accounts["acme"].state()["sessions"] == story.before
    steps = story.runs["report"].steps("", "acme")
    assert {step["task"] for step in steps if step["res"].get("changed")} == set()


def test_the_report_has_exactly_what_runs(story: Story) -> None:
    report = story.report()
    active = {key for key, one in story.before.items() if one["active"]}
    assert ids(report["sessions"]) == active
    assert (report["running"], report["stale"], report["complete"]) == (len(active), 1, True)
    assert [one["owner"] for one in report["sessions"] if one["stale"]] == ["svc-x@ROOT"]
    assert sum(one["running"] for one in report["by_owner"]) == len(active)


def test_the_report_says_what_the_last_clean_up_did_and_why_it_kept_each(story: Story) -> None:
    report, result = story.report(), story.runs["cleanup"].result("acme")
    assert report["cleanup"]["counts"]["kept"] == len(result["kept"]) == 10
    assert ids(report["cleanup"]["terminated"]) == ids(result["terminated"])
    fates = {one["owner"]: one["cleanup"] and one["cleanup"]["why"] for one in report["sessions"]}
    assert (fates["svc-x@ROOT"], fates["late@ROOT"]) == ("protected", None)
    assert {one["reason"] for one in result["kept"]} == {"too_young", "protected"}
    assert "too young: not older than the limit" in story.page()
    assert "protected: its owner" in story.page()


def test_all_three_files_say_the_same(story: Story) -> None:
    report = story.report()
    with (story.folder / "pages/acme.csv").open(newline="", encoding="utf-8") as stream:
        lines = list(csv.DictReader(stream))
    assert [line["id"] for line in lines] == [one["id"] for one in report["sessions"]]
    rows = json.loads(re.search(r'id="rows">(.*?)</script>', story.page(), re.DOTALL)[1])
    assert [row[5] for row in rows] == [one["id"] for one in report["sessions"]]
    assert f">{report['running']}<" in story.page()
    assert 'href="acme.csv"' in story.page()


def test_accounts_with_a_folder_in_common_have_a_page_over_all(story: Story) -> None:
    index, report = (story.folder / "pages/index.html").read_text(), story.report()
    assert re.findall(r'href="(.*?)"', index) == ["acme.html", "twin.html"]
    assert f"<dd>{2 * report['running']}</dd>" in index
    assert not (Path(story.runs["report"].result("few")["report"]["html"]).parent / "index.html").exists()


def test_a_history_is_kept_and_one_that_cannot_be_is_no_failure(story: Story) -> None:
    history, report = json.loads((story.folder / "pages/.acme+history.json").read_text()), story.report()
    (run,) = history["runs"]
    assert (run["running"], run["stale"], run["ended"]) == (report["running"], report["stale"], 3)
    (step,) = story.runs["report"].steps("Write the files", "twin")
    assert not step["failed"]
    assert any(".twin+history.json cannot be written" in text for text in step["res"]["warnings"])


def test_names_are_neither_run_nor_templates_nor_formulas(story: Story) -> None:
    assert not (story.folder / "sprung").exists()
    assert "<script>" not in re.sub(r"<script>\s*\"use strict\"", "", story.page())
    assert "lookup(&#39;ansible.builtin.pipe" in story.page()
    text = (story.folder / "pages/acme.csv").read_text()
    assert f"'{FORMULA}" in text
    assert f",{FORMULA}" not in text
    assert any("lookup('ansible" in (one["owner"] or "") for one in story.runs["report"].result("acme")["oldest"])


def test_a_relative_folder_begins_where_ansible_was_started(story: Story, collections: str) -> None:
    report = story.runs["report"].result("few")["report"]
    assert set(report) == {"html", "csv"}
    assert all(Path(path).is_file() and Path(path).parent.name == "beside" for path in report.values())
    assert "Only these owners: admin@*." in Path(report["html"]).read_text()
    assert not list(Path(collections).rglob("beside"))


def test_without_a_folder_the_figures_are_shown_and_no_file_is_written(story: Story) -> None:
    run = story.runs["report"]
    assert run.result("none")["report"] is None
    shown = run.lines("none")
    assert shown[1] == "11 sessions run or wait, 1 of them are older than 24h"
    assert shown[-1] == "There is no report, as session_report_dir is not set"


def test_only_the_versions_that_are_asked_for_are_reported(story: Story) -> None:
    assert story.runs["report"].result("versions")["running"] == 0


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("clash", "the report of the cleanup is there"),
        ("wrong", "must be some of html, json, csv, not html, pdf."),
        ("unit", "'24' has no unit"),
        ("misspelt", "session_report_owner: the role has no such variable. Perhaps session_report_owners is meant."),
        ("kind", "value of session_report_kinds must be one or more of: webui, task, solve"),
    ],
)
def test_wrong_turns_are_explained_and_write_nothing(story: Story, host: str, said: str) -> None:
    assert said in json.dumps([step["res"] for step in story.runs["report"].steps("", host) if step["failed"]]).replace(
        '\\"', '"'
    )
    assert not (story.folder / f"pages/{host}.html").exists()
    assert "planned" in json.loads((story.folder / "last/clash.json").read_text())


def test_the_statistic_has_the_sums_and_each_account(story: Story) -> None:
    published = story.runs["report"].artifact["session_report_result"]
    assert [one["host"] for one in published["accounts"]] == ["acme", "twin", "few", "none", "versions"]
    assert published["running"] == sum(one["running"] for one in published["accounts"])
    assert published["accounts"][0]["by_age"] == story.report()["by_age"]
    assert "sessions" not in published["accounts"][0]


def test_check_mode_reads_and_writes_no_file(story: Story, run_report: Callable[..., Run], tmp_path: Path) -> None:
    run = run_report(story.accounts["acme"], dir=str(tmp_path / "made"), cmdline="--check")
    assert run.status == "successful", run.stdout
    assert (run.result()["running"], run.result()["report"]) == (11, None)
    assert not (tmp_path / "made").exists()


def test_the_clean_up_writes_the_same_page(story: Story) -> None:
    report = story.runs["cleanup"].result("acme")["report"]
    html = Path(report["html"]).read_text()
    rows = json.loads(re.search(r'id="rows">(.*?)</script>', html, re.DOTALL)[1])
    assert {row[5] for row in rows} == ids(story.runs["cleanup"].result("acme")["kept"])
    assert "All that was planned has ended." in html
    assert html.split("<style>")[1].split("</style>")[0] == story.page().split("<style>")[1].split("</style>")[0]


@pytest.mark.once
def test_two_and_a_half_thousand_sessions_cost_little_more_than_eight(
    start_account: Any, run_report: Callable[..., Run], tmp_path: Path
) -> None:
    """In processor time of all that the run started."""
    account, used = start_account(), []
    for more in (0, 2492):
        if more:
            account.add_session(count=more, age=30 * HOUR)
        before = getrusage(RUSAGE_CHILDREN)
        run = run_report(account, dir=str(tmp_path))
        after = getrusage(RUSAGE_CHILDREN)
        used.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert run.result()["running"] == 2500
    (table,) = [path for path in tmp_path.glob("*.csv") if "+" not in path.name]
    assert len(table.read_text().splitlines()) == 2501
    print(f"\n{used[0]:.1f} s, then {used[1]:.1f} s of a processor")
    assert used[1] < 3 * used[0]

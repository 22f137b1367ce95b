# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Policies in real plays: plan, apply, what was planned by another job, limits, and rules that never came.

Proves rules 17, 18, 21 and 24.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from cleanup_runs import HOUR, Run, ended, ids

RULES = [
    {"name": "payroll", "apps": ["Payroll"], "action": "keep"},
    {"name": "webui", "kinds": ["webui"], "older_than": "8h", "max_per_owner": 9},
    {"name": "solves", "kinds": "solve, task", "older_than": "2d", "interrupt_tasks": "never"},
    {"name": "nobody", "apps": ["No such app"]},
]
PLAN = {"planned": [{"id": "w1", "kind": "webui", "policy": "webui"}]}
REFUSED = {
    "empty": ({"policies": []}, "an empty list of rules is refused"),
    "blank": ({"policies": " "}, "it is empty, so the rules never came"),
    "file": ({"policies_file": ""}, "it is empty, so the rules never came"),
    "missing": ({"policies_file": "none.yml"}, "none.yml cannot be read"),
    "word": ({"policies": [{**RULES[1], "older": "8h"}]}, "older"),
    "everything": ({"policies": [{"name": "a", "kinds": ["webui"]}]}, "Without a criterion it would end every session"),
    "untold": ({"policies": [{"name": "a", "older_than": "8h", "owners": None}]}, "owners: null is refused"),
    "beside": ({"policies": RULES, "apps": ["Crew"]}, "stale_session_cleanup_apps: not beside"),
    "limit": ({"policies": [{**RULES[1], "max_sessions": 1}, RULES[2]]}, "policy 'webui': 5 sessions are selected"),
    "plan without its rules": ({"plan": PLAN}, "stale_session_cleanup_plan: it was made with policies"),
    "plan of other rules": (
        {"plan": PLAN, "policies": RULES[2:]},
        "which is not given here. Give stale_session_cleanup_p",
    ),
    "whole": (
        {"policies": RULES, "max_sessions": 4},
        "5 sessions are selected and stale_session_cleanup_max_sessions is 4.",
    ),
}


def fill(account: Any) -> dict[str, set[str]]:
    """Sessions of each rule, one of a protected owner, and young ones. Returns their ids by rule."""

    def add(number: int, hours: float, **values: Any) -> set[str]:
        return {
            account.add_session(age=(hours + n) * HOUR, **{"owner": f"user{n}@ROOT", **values})["id"]
            for n in range(number)
        }

    add(1, 99, kind="webui", owner="boss@ROOT")
    add(1, 20, kind="solve")
    return {
        "payroll": add(2, 99, kind="webui", app_name="Payroll"),
        "webui": add(3, 9, kind="webui"),
        "solves": add(1, 60, kind="solve") | add(1, 70, kind="task"),
    }


class Story:
    """What ran, with the accounts and files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.accounts: dict[str, Any] = {}
        self.meant: dict[str, dict[str, set[str]]] = {}
        self.runs: dict[str, Run] = {}


@pytest.fixture(scope="module")
def story(
    start_account: Any,
    run_cleanup: Callable[..., Run],
    run_report: Callable[..., Run],
    tmp_path_factory: pytest.TempPathFactory,
) -> Story:
    told = Story(tmp_path_factory.mktemp("policies"))
    for name in ("acme", "jobs", "held"):
        told.accounts[name] = start_account()
        told.meant[name] = fill(told.accounts[name])
    rules = told.folder / "rules.yml"
    rules.write_text(yaml.safe_dump({"policies": RULES}), encoding="utf-8")
    common = {"protect_owners": ["boss@*"], "report_dir": str(told.folder / "reports"), "task_activity": "ignore"}
    held = told.accounts["held"]
    plan = {
        "acme": (told.accounts["acme"], {"policies": RULES, **common}),
        "jobs": (told.accounts["jobs"], {"policies_file": str(rules), **common}),
    }
    told.runs["plan"] = run_cleanup(plan)
    metrics = {"metrics_file": str(told.folder / "{host}.prom"), "apply": True, "batch_size": 2}
    planned = {"plan": str(told.folder / "reports/jobs.json"), "policies_file": str(rules)}
    apply = {
        "acme": (told.accounts["acme"], {"policies": RULES, **common, **metrics}),
        "jobs": (told.accounts["jobs"], {**common, **metrics, **planned, "report_dir": str(told.folder / "applied")}),
    }
    refused = {
        name: (held, {"apply": True, "protect_owners": ["boss@*"], **given}) for name, (given, _why) in REFUSED.items()
    }
    told.runs["apply"] = run_cleanup({**apply, **refused})
    pages = {"dir": str(told.folder / "pages"), "cleanup": str(told.folder / "reports")}
    told.runs["report"] = run_report({"acme": (told.accounts["acme"], pages)})
    return told


def test_the_plan_tells_each_rule_and_what_is_odd_about_it(story: Story) -> None:
    for host in ("acme", "jobs"):
        assert story.runs["plan"].failure(host) == ""
        lines = story.runs["plan"].figures(host)
        assert lines[0] == "5 of 17 active sessions are to be ended by policies"
        at = lines.index("policy payroll: 2 kept")
        assert lines[at + 1 : at + 5] == [
            "policy webui: 3 to be ended",
            "policy solves: 2 to be ended",
            "policy nobody: 0 to be ended",
            "  It matches no session.",
        ]
        assert max(map(len, lines)) < 80


def test_each_session_is_planned_kept_and_ended_by_its_rule(story: Story) -> None:
    for run in ("plan", "apply"):
        result, meant = story.runs[run].result("acme"), story.meant["acme"]
        for name in ("webui", "solves"):
            assert ids([one for one in result["planned"] if one["policy"] == name]) == meant[name]
        kept = [one for one in result["kept"] if one["reason"] == "policy"]
        assert ids(kept) == meant["payroll"]
        assert {one["policy"] for one in kept} == {"payroll"}
        assert {one["owner"]: one["policy"] for one in result["kept"] if one["reason"] == "protected"} == {
            "boss@ROOT": None
        }
    assert story.runs["apply"].failure("acme") == ""
    assert ended(story.accounts["acme"]) == story.meant["acme"]["webui"] | story.meant["acme"]["solves"]
    assert {one["name"]: one["terminated"] for one in story.runs["apply"].result("acme")["policies"]} == {
        "payroll": 0,
        "webui": 3,
        "solves": 2,
        "nobody": 0,
    }


def test_a_plan_of_rules_is_applied_by_another_job_with_the_same_rules(story: Story) -> None:
    assert story.runs["apply"].failure("jobs") == ""
    assert ended(story.accounts["jobs"]) == story.meant["jobs"]["webui"] | story.meant["jobs"]["solves"]
    assert {one["policy"] for one in story.runs["apply"].result("jobs")["terminated"]} == {"webui", "solves"}


@pytest.mark.parametrize("name", REFUSED)
def test_rules_that_cannot_be_meant_and_limits_end_nothing(story: Story, name: str) -> None:
    assert REFUSED[name][1] in story.runs["apply"].failure(name)
    assert story.accounts["held"].changes() == []
    assert ended(story.accounts["held"]) == set()


def test_a_rule_with_a_notice_announces_first_and_the_others_end_at_once(
    start_account: Any, run_cleanup: Callable[..., Run], tmp_path: Path
) -> None:
    account = start_account()
    meant = fill(account)
    rules = [RULES[0], {**RULES[1], "notice": "24h"}, RULES[2]]
    given = {"policies": rules, "protect_owners": ["boss@*"], "notice_file": str(tmp_path / "ledger.json")}
    run = run_cleanup({"acme": (account, {"apply": True, "task_activity": "ignore", **given})})
    assert run.failure("acme") == ""
    assert ended(account) == meant["solves"]
    assert ids(run.result("acme")["announced"]) == meant["webui"]


def test_reports_page_table_and_figures_have_the_names_of_the_rules(story: Story) -> None:
    report = json.loads((story.folder / "reports/acme.json").read_text(encoding="utf-8"))
    assert [one["name"] for one in report["policies"]] == ["payroll", "webui", "solves", "nobody"]
    page = (story.folder / "reports/acme.md").read_text(encoding="utf-8")
    assert "| webui | end | 3 | 3 | 0 | 0 | 8 |" in page
    html = (story.folder / "reports/acme.html").read_text(encoding="utf-8")
    assert "<h3>Policies</h3>" in html
    assert "by force (policy solves)" in html
    figures = (story.folder / "acme.prom").read_text(encoding="utf-8")
    assert 'policy="webui",what="ended"} 3' in figures
    assert 'policy="payroll",what="kept"} 2' in figures
    with (story.folder / "pages/acme.csv").open(encoding="utf-8", newline="") as lines:
        rows = {row["id"]: row["cleanup_policy"] for row in csv.DictReader(lines)}
    assert {key for key, name in rows.items() if name == "payroll"} == story.meant["acme"]["payroll"]

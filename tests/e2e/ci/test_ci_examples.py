# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The CI examples work: their scripts are run with bash against the emulator.

Proves rules 12 and 21 for them: the plan changes nothing, and the key is in no output, report or artifact.
"""

from __future__ import annotations

import base64
import json
import shutil
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from ci_jobs import FOLDER, Job, jobs, parsed, run

HOUR = 3600.0
EXAMPLES = ["github-actions.yml", "gitlab-ci.yml", "Jenkinsfile"]


def cases_of(folder: Path) -> list[tuple[str, str, str]]:
    """Of each test case of the JUnit report of a job, its class, what came of it, and the message."""
    found = []
    (report,) = folder.glob("*.xml")
    for case in ElementTree.parse(report).iter("testcase"):
        part = next(iter(case), None)
        outcome = ("passed", "") if part is None else (part.tag, str(part.get("message")))
        found.append((str(case.get("classname")), *outcome))
    assert found
    return found


def hand_on(job: Job, source: Path, target: Path) -> None:
    """Copy the artifacts of a job to the folder of the next job."""
    target.mkdir()
    for name in job.kept:
        shutil.copytree(source / name, target / name)


def leaks(key: str, *texts: str, folder: Path) -> list[str]:
    """The places that contain the key, in the output and in all files of a folder."""
    forms = [key.encode(), base64.b64encode(key.encode())[:-4]]
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 3
    found = [f"output {number}" for number, text in enumerate(texts) if any(form in text.encode() for form in forms)]
    return found + [str(path) for path in files if any(form in path.read_bytes() for form in forms)]


@pytest.mark.parametrize(
    "example", [EXAMPLES[0], *(pytest.param(name, marks=pytest.mark.once) for name in EXAMPLES[1:])]
)
def test_a_plan_fails_its_report_and_an_approved_one_is_carried_out(
    example: str, serve: Any, collections: str, tmp_path: Path
) -> None:
    account = serve()
    account.add_session(count=6, age=HOUR)
    stale = {account.add_session(age=40 * HOUR, owner=f"user{n}@ROOT")["id"] for n in range(3)}
    kept = account.add_session(age=40 * HOUR, owner="svc-nightly@ROOT")["id"]
    found = jobs(example, {"AIMMS_ACCOUNT": "acme", "AIMMS_API_KEY": account.admin_key})
    environment = {"AIMMS_URL": account.url, "ANSIBLE_COLLECTIONS_PATH": collections}
    environment |= {name: str(tmp_path / name) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()

    planned = run(found["plan"], "Plan", first, environment)
    assert planned.returncode == 2, planned.stdout + planned.stderr
    assert account.changes() == []
    assert "3 of 4 stale sessions are planned to be ended." in planned.stdout
    planner = account.state()["sessions"][kept]["app_name"]
    cases = {name: (part, text) for name, part, text in cases_of(first / "plan")}
    assert {name: part for name, (part, _text) in cases.items()} == {
        **{f"{planner}.user{n}@ROOT": "failure" for n in range(3)},
        f"{planner}.svc-nightly@ROOT": "skipped",
    }
    assert cases[f"{planner}.user0@ROOT"][1].startswith(f"Stale: {planner}")
    (written,) = (first / "plan").glob("*.xml")
    assert str(tmp_path) not in written.read_text(encoding="utf-8")
    counted = ""
    if "Count" in found["plan"].scripts:
        told = run(found["plan"], "Count", first, environment)
        counted = told.stdout or (tmp_path / "GITHUB_OUTPUT").read_text(encoding="utf-8")
        assert counted.strip() in ("3", "stale=3"), told.stderr

    assert found["apply"].fetched
    hand_on(found["plan"], first, second)
    young = account.add_session(age=40 * HOUR)["id"]  # stale too, but not in the approved plan
    applied = run(found["apply"], "Apply", second, environment)
    assert applied.returncode == 0, applied.stdout + applied.stderr
    state = account.state()["sessions"]
    assert {key for key, session in state.items() if not session["active"]} == stale
    assert state[kept]["active"]
    assert state[young]["active"]
    assert sorted(part for _name, part, _text in cases_of(second / "applied")) == ["passed"] * 3
    name = account.url.partition("://")[2].replace(":", "-")  # of the account, here by its address
    report = json.loads((second / f"applied/{name}.json").read_text(encoding="utf-8"))
    assert {entry["id"] for entry in report["terminated"]} == stale
    texts = (planned.stdout, planned.stderr, applied.stdout, applied.stderr, counted)
    assert leaks(account.admin_key, *texts, folder=tmp_path) == []


def test_a_wrong_key_leaves_nothing_to_apply(serve: Any, collections: str, tmp_path: Path) -> None:
    account = serve()
    found = jobs("github-actions.yml", {"AIMMS_ACCOUNT": "acme", "AIMMS_API_KEY": "not-the-key"})
    environment = {"AIMMS_URL": account.url, "ANSIBLE_COLLECTIONS_PATH": collections}
    environment |= {name: str(tmp_path / name) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    assert run(found["plan"], "Plan", tmp_path, environment).returncode == 2
    ((_name, part, said),) = cases_of(tmp_path / "plan")
    assert part == "error"
    assert "answered 401" in said
    assert run(found["plan"], "Count", tmp_path, environment).returncode == 1
    assert (tmp_path / "GITHUB_OUTPUT").read_text(encoding="utf-8") == ""


@pytest.mark.once
def test_the_key_comes_from_the_store_and_only_where_it_is_needed() -> None:
    for name in EXAMPLES:
        for job in jobs(name, {"AIMMS_ACCOUNT": "acme", "AIMMS_API_KEY": "KEY"}).values():
            assert "KEY" not in "".join(text for text, _own in job.scripts.values())
            if name != "gitlab-ci.yml":  # in GitLab, project variables are set in all jobs
                assert "KEY" not in job.variables.values()
                assert [script for script, (_text, own) in job.scripts.items() if "KEY" in own.values()] in (
                    ["Plan"],
                    ["Apply"],
                )
    assert "AIMMS_API_KEY" not in json.dumps(parsed("gitlab-ci.yml"))


@pytest.mark.once
def test_nothing_is_applied_without_an_approval() -> None:
    github, gitlab = parsed("github-actions.yml"), parsed("gitlab-ci.yml")
    assert github["permissions"] == {"contents": "read"}
    assert github["jobs"]["apply"]["environment"] != github["jobs"]["plan"]["environment"]
    assert github["jobs"]["apply"]["needs"] == "plan"
    assert gitlab["apply"]["when"] == "manual"
    assert gitlab["apply"]["environment"]
    text = (FOLDER / "Jenkinsfile").read_text(encoding="utf-8")
    assert text.count("{") == text.count("}")
    assert text.count("'''") % 2 == 0
    assert text.index("input {") < text.index("stale_session_cleanup_apply=true")
    for name in EXAMPLES:
        plan = jobs(name, {"AIMMS_ACCOUNT": "acme", "AIMMS_API_KEY": "KEY"})["plan"]
        assert all("apply" not in script for script, _own in plan.scripts.values())

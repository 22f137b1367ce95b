# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The project's own workflows may no more than they need, and know every ansible-core that the gates know."""

from __future__ import annotations

import ast
import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).absolute().parents[2]
FILES = sorted((ROOT / ".github/workflows").glob("*.yml"))
WRITING = {"release.yml": {"release"}}
"""Jobs that may write."""


def content(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_workflow_reads_only_but_for_the_job_that_releases(path):
    made = content(path)
    assert made["permissions"] == {"contents": "read"}
    assert {name for name, job in made["jobs"].items() if "permissions" in job} == WRITING.get(path.name, set())
    assert all("timeout-minutes" in job for job in made["jobs"].values())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_actions_are_pinned_and_a_checkout_leaves_no_token(path):
    for job in content(path)["jobs"].values():
        for step in job["steps"]:
            if "uses" in step:
                assert re.fullmatch(r"actions/[a-z-]+@v\d+", step["uses"])
            if step.get("uses", "").startswith("actions/checkout"):
                assert step["with"]["persist-credentials"] is False
            assert "${{ secrets." not in step.get("run", ""), "a secret goes through the environment"


def test_only_the_job_that_publishes_has_a_secret_and_somebody_must_let_it_pass():
    jobs = content(ROOT / ".github/workflows/release.yml")["jobs"]
    assert [name for name, job in jobs.items() if "secrets." in str(job)] == ["publish"]
    assert jobs["publish"]["environment"]
    assert "secrets." not in "".join(path.read_text(encoding="utf-8") for path in FILES if path.name != "release.yml")


@pytest.mark.parametrize(("tag", "passes"), [("newest", True), ("v0.0.1", False), ("v1", False)])
def test_a_tag_is_compared_with_the_version_and_the_changelog(tag, passes, tmp_path):
    steps = content(ROOT / ".github/workflows/release.yml")["jobs"]["build"]["steps"]
    (script,) = (step["run"] for step in steps if step.get("name") == "Compare the tag with the version")
    newest = max(content(ROOT / "changelogs/changelog.yaml")["releases"], key=lambda one: [*map(int, one.split("."))])
    (tmp_path / "changelogs").mkdir()
    (tmp_path / "galaxy.yml").write_text(f"name: cloud\nversion: {newest}\n")
    (tmp_path / "changelogs/changelog.yaml").write_text((ROOT / "changelogs/changelog.yaml").read_text())
    environment = {"PATH": os.environ["PATH"], "GITHUB_REF_NAME": f"v{newest}" if tag == "newest" else tag}
    made = subprocess.run(["bash", "-ec", script], cwd=tmp_path, env=environment, check=False, timeout=30)
    assert (made.returncode == 0) is passes


def test_every_ansible_core_has_its_job():
    source = ast.parse((ROOT / "tests/gates/pythons.py").read_text(encoding="utf-8"))
    (known,) = (
        ast.literal_eval(node.value)
        for node in source.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "CONTROLLERS"
    )
    matrix = content(ROOT / ".github/workflows/every-core.yml")["jobs"]["core"]["strategy"]["matrix"]
    assert matrix["core"] == [core for core, _first, _last in known]

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the jobs of the CI examples from their files, as a CI runner does: scripts, variables, artifacts."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from plays import ROOT

FOLDER = ROOT / "extensions/ci"
_GIVEN = re.compile(r"\$\{\{\s*(?:secrets|vars)\.(\w+)\s*\}\}")


@dataclass
class Job:
    """A CI job: its scripts by name, each with its variables. Scripts that install software are left out."""

    scripts: dict[str, tuple[str, dict[str, str]]]
    variables: dict[str, str]
    kept: list[str] = field(default_factory=list)
    fetched: bool = True


def jobs(name: str, given: Mapping[str, str]) -> dict[str, Job]:
    """The jobs ``plan`` and ``apply`` of an example.

    :param given: the stored variables of the CI: AIMMS_ACCOUNT and AIMMS_API_KEY.
    """
    return {"github-actions.yml": _github, "gitlab-ci.yml": _gitlab, "Jenkinsfile": _jenkins}[name](given)


def parsed(name: str) -> dict[Any, Any]:
    """A YAML example, parsed."""
    content: dict[Any, Any] = yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))
    return content


def _github(given: Mapping[str, str]) -> dict[str, Job]:
    content = parsed("github-actions.yml")
    made = {}
    for name, job in content["jobs"].items():
        steps = job["steps"]
        scripts = {
            step["name"]: (step["run"], {key: _filled(value, given) for key, value in step.get("env", {}).items()})
            for step in steps
            if "run" in step and step["name"] != "Install"
        }
        kept = [step["with"]["path"].split() for step in steps if "upload-artifact" in step.get("uses", "")]
        fetched = any("download-artifact" in step.get("uses", "") for step in steps)
        made[name] = Job(scripts, content.get("env", {}), kept[0], fetched)
    return made


def _filled(value: str, given: Mapping[str, str]) -> str:
    """A value with the stored variables filled in. Any other kind of expression is an error."""
    filled = _GIVEN.sub(lambda match: given[match[1]], value)
    assert "${{" not in filled, value
    return filled


def _gitlab(given: Mapping[str, str]) -> dict[str, Job]:
    content = parsed("gitlab-ci.yml")
    return {
        name: Job(
            {name.capitalize(): ("\n".join(content[name]["script"]), {})},
            {**content.get("variables", {}), **given},
            content[name]["artifacts"]["paths"],
            "plan" in content[name].get("needs", []),
        )
        for name in ("plan", "apply")
    }


def _jenkins(given: Mapping[str, str]) -> dict[str, Job]:
    text = (FOLDER / "Jenkinsfile").read_text(encoding="utf-8")
    variables = dict(re.findall(r"^        (\w+) = '([^']*)'$", text, re.MULTILINE))
    made = {}
    for stage in re.split(r"^        stage\(", text, flags=re.MULTILINE)[1:]:
        scripts = {}
        for match in re.finditer(r"sh (?:label: |\(label: )'(\w+)'.*?'''(.*?)'''", stage, re.DOTALL):
            if match[1] != "Install":
                secret = "withCredentials([string(credentialsId: 'aimms-api-key', variable: 'AIMMS_API_KEY')])"
                inside = secret in stage[: match.start()] and match[1] != "Count"
                own = {"AIMMS_API_KEY": given["AIMMS_API_KEY"]} if inside else {}
                scripts[match[1]] = (match[2].replace("\\\\", "\\"), own)
        made[stage[1:].split("'")[0].lower()] = Job(
            scripts, variables, re.findall(r"archiveArtifacts artifacts: '([^']*)'", stage), "unstash 'plan'" in stage
        )
    return made


def run(job: Job, script: str, folder: Path, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a script of a job with bash in the job's folder. As on a CI runner, the first command that fails ends it."""
    text, own = job.scripts[script]
    tools = str(Path(sys.executable).parent)
    variables = {
        "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_PIPELINING": "true",
    }
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", text],
        cwd=folder,
        env={**variables, **environment, **job.variables, **own},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""playbooks/awx_setup.yml with the real modules of awx.awx against ``fake_awx``: what it creates, and idempotence."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "robustness/secret_leaks"))

from awx_jobs import AWX, load
from awx_rules import offered
from fake_awx import TOKEN, FakeAwx, serving
from forms import Finder, canary
from gates.awx_modules import awx_modules

pytestmark = pytest.mark.once
KEY = canary(Random("awx_setup"), "_-.~+/%:")
PREFIX = "Ops "
HOSTS = {"acme": {"aimms_account": "acme"}, "acme-test": {"aimms_account": "acme-test"}}


@pytest.fixture(scope="module")
def awx_collection(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The path with the collection awx.awx."""
    given = os.environ.get("AWX_MODULES")
    return str(awx_modules(Path(sys.executable), Path(given) if given else tmp_path_factory.mktemp("awx") / "modules"))


class Setup:
    """Runs the playbook against one AWX."""

    def __init__(self, awx: FakeAwx, path: str, folder: Path) -> None:
        self.awx, self._path, self._folder = awx, path, folder
        self.output = ""

    def run(self, *options: str, **variables: Any) -> dict[str, int]:
        """Run it. Returns the number of tasks that were ok, changed, failed and so on."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("ANSIBLE_", "AIMMS_", "CONTROLLER_", "TOWER_"))
        }
        environment = kept | {
            "HOME": str(self._folder),
            "ANSIBLE_HOME": str(self._folder / "home"),
            "ANSIBLE_COLLECTIONS_PATH": self._path,
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_PIPELINING": "true",
            "CONTROLLER_HOST": self.awx.url,
            "CONTROLLER_OAUTH_TOKEN": TOKEN,
            "AIMMS_ACCOUNT": "acme",
            "AIMMS_API_KEY": KEY,
        }
        given = {
            "aimms_awx_prefix": PREFIX,
            "aimms_awx_project_url": "https://git.example.com/a.git",
            "aimms_awx_accounts": HOSTS,
        }
        command = [
            str(Path(sys.executable).parent / "ansible-playbook"),
            "-i",
            "localhost,",
            "aimms.cloud.awx_setup",
            *options,
        ]
        command += ["-e", json.dumps({**given, **variables})]
        made = subprocess.run(
            command, env=environment, cwd=self._folder, capture_output=True, text=True, timeout=300, check=False
        )
        self.output = made.stdout + made.stderr
        recap = self.output.rpartition("PLAY RECAP")[2].splitlines()
        counts = dict(
            pair.split("=") for pair in next(line for line in recap if line.startswith("localhost")).split()[2:]
        )
        return {name: int(count) for name, count in counts.items()}


@pytest.fixture(scope="module")
def built(awx_collection: str, collections: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Setup]:
    """An AWX after the first run, which had the highest verbosity."""
    files = [path for path in (AWX / "project").rglob("*") if path.is_file()]
    names = {path.relative_to(AWX / "project").as_posix(): path.read_text(encoding="utf-8") for path in files}
    with serving(FakeAwx({name for name, text in names.items() if offered(name, text)})) as awx:
        setup = Setup(awx, f"{collections}{os.pathsep}{awx_collection}", tmp_path_factory.mktemp("setup"))
        counts = setup.run("-vvvvv", aimms_awx_slices=3)
        assert (counts["failed"], counts["unreachable"]) == (0, 0), setup.output[-6000:]
        assert Finder([KEY, TOKEN]).count(setup.output) == {}
        yield setup


def test_it_builds_the_credential_types_as_they_are_written(built: Setup) -> None:
    for name in ("account", "accounts"):
        made, written = built.awx.named("credential_types", PREFIX + name), load(f"credential_types/{name}.yml")
        assert {key: made[key] for key in ("description", "kind", "inputs", "injectors")} == {
            key: written[key] for key in ("description", "kind", "inputs", "injectors")
        }


def test_it_makes_a_credential_of_the_environment_and_gives_it_to_every_template(built: Setup) -> None:
    ((number, made),) = built.awx.items["credentials"].items()
    assert made["inputs"] == {"account": "acme", "api_key": KEY}
    for template in built.awx.items["job_templates"]:
        assert built.awx.links["job_templates", template, "credentials"] == [number]


def test_it_builds_project_inventory_and_hosts(built: Setup) -> None:
    awx = built.awx
    project = awx.named("projects", PREFIX + "project")
    assert (project["scm_type"], project["scm_url"]) == ("git", "https://git.example.com/a.git")
    inventory = next(iter(awx.items["inventories"]))
    found = {host["name"]: (host["inventory"], json.loads(host["variables"])) for host in awx.items["hosts"].values()}
    assert found == {name: (inventory, variables) for name, variables in HOSTS.items()}


def test_it_builds_the_templates_with_their_surveys(built: Setup) -> None:
    questions = load("questions.yml")
    for written in load("job_templates.yml"):
        made = built.awx.named("job_templates", PREFIX + written["name"])
        assert made["playbook"] == written["playbook"]
        assert json.loads(made["extra_vars"]) == written["extra_vars"]
        assert (made["survey_enabled"], made["job_slice_count"], made["ask_limit_on_launch"]) == (
            bool(written["survey"]),
            3 if written["sliced"] else 1,
            not written["sliced"],
        )
        if not written["survey"]:
            continue
        (spec,) = [
            survey["spec"] for (kind, number), survey in built.awx.surveys.items()
            if kind == "job_templates" and built.awx.items[kind][number] is made
        ]  # fmt: skip
        assert spec == [question for question in questions if question["variable"] in written["survey"]]


def test_the_workflow_has_the_nodes_as_they_are_written(built: Setup) -> None:
    awx = built.awx
    nodes = {node["identifier"]: number for number, node in awx.items["workflow_job_template_nodes"].items()}
    for written in load("workflow.yml")["nodes"]:
        number = nodes.pop(written["identifier"])
        for way in ("success", "failure", "always"):
            after = awx.links.get(("workflow_job_template_nodes", number, f"{way}_nodes"), [])
            names = [awx.items["workflow_job_template_nodes"][one]["identifier"] for one in after]
            assert names == written.get(way, [])
        target = awx.items["workflow_job_template_nodes"][number]["unified_job_template"]
        if "template" in written:
            assert awx.items["job_templates"][target]["name"] == PREFIX + written["template"]
        else:
            assert awx.items["workflow_approval_templates"][target] == written["approval"]
    assert nodes == {}


def test_it_builds_the_schedules(built: Setup) -> None:
    for written in load("schedules.yml"):
        made = built.awx.named("schedules", PREFIX + written["name"])
        assert made["enabled"] == written["enabled"]
        assert made["rrule"] == f"DTSTART;TZID=Europe/Amsterdam:{written['start']} RRULE:{written['rule']}"
        assert written["extra_data"].items() <= made["extra_data"].items()


def test_a_second_run_sends_no_changing_request_and_a_third_changes_only_what_differs(built: Setup) -> None:
    built.awx.requests.clear()
    counts = built.run(aimms_awx_slices=3)
    assert built.awx.requests == []
    assert (counts["failed"], counts["changed"]) == (0, 0)
    counts = built.run("--start-at-task", "Schedules", aimms_awx_enabled_schedules=["every Sunday"])
    assert (counts["failed"], counts["changed"]) == (0, 1)
    assert [(method, path.split("/")[3]) for method, path, _body in built.awx.requests] == [("PATCH", "schedules")]
    assert built.awx.named("schedules", PREFIX + "every Sunday")["enabled"] is True


def test_without_a_project_it_says_what_is_missing_before_anything_is_sent(built: Setup) -> None:
    built.awx.requests.clear()
    assert built.run(aimms_awx_project_url="")["failed"] == 1
    assert "Give aimms_awx_project_url" in built.output
    assert built.awx.requests == []

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""playbooks/awx_setup.yml with the real modules of awx.awx against ``fake_awx``: what it makes, keeps, tells, removes.

The decisions themselves are tested in tests/unit/plugins/plugin_utils/awx.
"""

from __future__ import annotations

import json
import os
import shutil
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
from fake_jobs import failure
from fake_workflows import NOBODY, WorkflowJob
from forms import Finder, canary
from gates.awx_modules import awx_modules
from module_forks import ModuleForks

pytestmark = pytest.mark.once
KEY, OTHER_KEY = (canary(Random(f"awx_setup {name}"), "_-.~+/%:") for name in "ab")
SECRET = canary(Random("awx_setup chat"), "-")
PREFIX, ORGANIZATION = "Ops ", "Optimization"
QUESTIONS = {question["variable"]: question for question in load("questions.yml")}
CHAT = {
    "name": "Chat",
    "notification_type": "slack",
    "notification_configuration": {"channels": ["#ops"], "token": SECRET},
}


@pytest.fixture(scope="module")
def awx_collection(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The path with the collection awx.awx."""
    given = os.environ.get("AWX_MODULES")
    return str(awx_modules(Path(sys.executable), Path(given) if given else tmp_path_factory.mktemp("awx") / "modules"))


@pytest.fixture(scope="module")
def controller_collection(awx_collection: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The path with ansible.controller, made of awx.awx as its publisher makes it: other names, another type."""
    folder = tmp_path_factory.mktemp("controller")
    whole = folder / "ansible_collections/ansible/controller"
    shutil.copytree(Path(awx_collection) / "ansible_collections/awx/awx", whole)
    for path in [*whole.rglob("*.py"), *whole.rglob("*.yml"), *whole.rglob("*.json")]:
        text = path.read_text(encoding="utf-8").replace("awx.awx", "ansible.controller")
        text = text.replace('_COLLECTION_TYPE = "awx"', '_COLLECTION_TYPE = "controller"')
        path.write_text(text.replace('"namespace": "awx"', '"namespace": "ansible"'), encoding="utf-8")
    return str(folder)


class Setup:
    """Runs the playbook against one AWX."""

    def __init__(self, awx: FakeAwx, path: str, folder: Path) -> None:
        self.awx, self.path, self._folder = awx, path, folder
        self.output = ""
        self._modules = ModuleForks()  # of this HOME
        self.launched: list[tuple[str, dict[str, Any]]] = []
        self.environment = {"AIMMS_ACCOUNT": "acme", "AIMMS_API_KEY": KEY}
        self.variables: dict[str, Any] = {
            "aimms_awx_prefix": PREFIX,
            "aimms_awx_organization": ORGANIZATION,
            "aimms_awx_project_url": "https://git.example.com/a.git",
        }

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
            "ANSIBLE_COLLECTIONS_PATH": self.path,
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_PIPELINING": "true",
            "CONTROLLER_HOST": self.awx.url,
            "CONTROLLER_OAUTH_TOKEN": TOKEN,
            **self.environment,
        }
        environment |= self._modules.variables(environment)
        self.awx.requests.clear()
        self.awx.jobs.launched.clear()
        command = [str(Path(sys.executable).parent / "ansible-playbook"), "-i", "localhost,", *options]
        given = {f"aimms_awx_{name}": value for name, value in variables.items()}
        given["ansible_python_interpreter"] = environment["ANSIBLE_PYTHON_INTERPRETER"]
        path = self._folder / "variables.json"  # Ansible shows what stands on its command line
        path.write_text(json.dumps({**self.variables, **given}), encoding="utf-8")
        command += ["aimms.cloud.awx_setup", "-e", f"@{path}"]
        made = subprocess.run(
            command, env=environment, cwd=self._folder, capture_output=True, text=True, timeout=300, check=False
        )
        self.output = made.stdout + made.stderr
        assert Finder([KEY, OTHER_KEY, TOKEN, SECRET]).count(self.output) == {}
        recap = self.output.rpartition("PLAY RECAP")[2].splitlines()
        counts = dict(
            pair.split("=") for pair in next(line for line in recap if line.startswith("localhost")).split()[2:]
        )
        return {name: int(count) for name, count in counts.items()}

    def changes(self) -> list[str]:
        """The collections that got changing requests, but for launches and syncs."""
        own = [path for _method, path, _body in self.awx.requests if not path.endswith(("/launch/", "/update/"))]
        return [path.removeprefix(self.awx.root).partition("/")[0] for path in own]


def _awx(root: str = "/api/v2/") -> FakeAwx:
    files = [path for path in (AWX / "project").rglob("*") if path.is_file()]
    names = {path.relative_to(AWX / "project").as_posix(): path.read_text(encoding="utf-8") for path in files}
    return FakeAwx({name for name, text in names.items() if offered(name, text)}, root)


@pytest.fixture(scope="module")
def built(
    controller_collection: str, awx_collection: str, collections: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Setup]:
    """Automation Platform after the first run, by its own collection, at the highest verbosity. Later: awx.awx."""
    with serving(_awx("/api/controller/v2/")) as awx:
        setup = Setup(awx, f"{collections}{os.pathsep}{controller_collection}", tmp_path_factory.mktemp("setup"))
        awx.create("instance_groups", {"name": "near"})
        given = {"labels": ["aimms"], "instance_groups": ["near"], "prevent_instance_group_fallback": True}
        given |= {"notification_templates": [CHAT], "notifications": {"error": ["Chat"], "approvals": ["Chat"]}}
        given |= {"execution_environment_image": "registry.example.com/aimms:1", "slices": 3}
        setup.variables |= {f"aimms_awx_{name}": value for name, value in given.items()}
        counts = setup.run("-vvvvv")
        assert (counts["failed"], counts["unreachable"]) == (0, 0), setup.output[-6000:]
        setup.launched = list(awx.jobs.launched)
        setup.path = f"{collections}{os.pathsep}{awx_collection}"
        setup.environment["CONTROLLER_OPTIONAL_API_URLPATTERN_PREFIX"] = "/api/controller/"
        yield setup


def test_it_builds_the_credential_types_as_they_are_written(built: Setup) -> None:
    for name in ("account", "accounts"):
        made, written = built.awx.named("credential_types", PREFIX + name), load(f"credential_types/{name}.yml")
        assert {key: made[key] for key in ("description", "kind", "inputs", "injectors")} == {
            key: written[key] for key in ("description", "kind", "inputs", "injectors")
        }


def test_a_credential_of_the_environment_bears_the_name_of_its_account(built: Setup) -> None:
    name = f"{PREFIX}key acme"
    assert built.awx.named("credentials", name)["inputs"] == {"account": "acme", "api_key": KEY}
    for template in built.awx.items["job_templates"].values():
        assert built.awx.linked("job_templates", template["name"], "credentials") == [name]


def test_a_new_organization_gets_a_galaxy_credential_and_the_host_says_its_account(built: Setup) -> None:
    assert built.awx.linked("organizations", ORGANIZATION, "galaxy_credentials") == ["Ansible Galaxy"]
    (host,) = built.awx.items["hosts"].values()
    assert (host["name"], json.loads(host["variables"])) == ("acme", {"aimms_account": "acme"})
    image = built.awx.named("execution_environments", f"{PREFIX}execution environment")
    assert (image["image"], image["pull"]) == ("registry.example.com/aimms:1", "missing")


def test_it_builds_the_templates_with_their_surveys(built: Setup) -> None:
    for written in load("job_templates.yml"):
        name = PREFIX + written["name"]
        made = built.awx.named("job_templates", name)
        assert made["playbook"] == written["playbook"]
        assert json.loads(made["extra_vars"]) == written["extra_vars"]
        assert made["job_slice_count"] == (3 if written["sliced"] else 1)
        asked = (made["survey_enabled"], made["ask_limit_on_launch"], made["ask_credential_on_launch"])
        assert asked == (bool(written["survey"]), not written["sliced"], True)
        assert made["prevent_instance_group_fallback"] is True
        if written["survey"]:
            spec = built.awx.surveys["job_templates", built.awx.number("job_templates", name)]["spec"]
            assert spec == [question for question in QUESTIONS.values() if question["variable"] in written["survey"]]
        linked = {part: built.awx.linked("job_templates", name, part) for part in ("labels", "instance_groups")}
        assert linked == {"labels": ["aimms"], "instance_groups": ["near"]}
        told = built.awx.linked("job_templates", name, "notification_templates_error")
        assert told == ([] if written.get("answer") else ["Chat"])


def test_the_workflow_has_the_nodes_as_they_are_written(built: Setup) -> None:
    awx, workflow = built.awx, PREFIX + load("workflow.yml")["name"]
    made = awx.named("workflow_job_templates", workflow)
    assert (made["ask_limit_on_launch"], made["allow_simultaneous"]) == (True, True)
    assert awx.linked("workflow_job_templates", workflow, "notification_templates_approvals") == ["Chat"]
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


@pytest.mark.parametrize(
    ("answer", "ends", "told"),
    [
        (("approved", 43199.0), True, [("approvals", "Chat", "approved")]),
        (("denied", 60.0), False, [("approvals", "Chat", "denied"), ("error", "Chat", "failed")]),
        (("approved", 43200.0), False, [("approvals", "Chat", "timed_out"), ("error", "Chat", "failed")]),
        (NOBODY, False, [("approvals", "Chat", "timed_out"), ("error", "Chat", "failed")]),
    ],
)
def test_nothing_ends_without_an_approval_in_time_and_who_is_named_is_told(
    built: Setup, monkeypatch: pytest.MonkeyPatch, answer: tuple[str, float], ends: bool, told: list[Any]
) -> None:
    awx, workflow = built.awx, load("workflow.yml")
    asks = PREFIX + next(node["template"] for node in workflow["nodes"] if node["identifier"] == "check")
    monkeypatch.setattr(
        awx.jobs, "run", lambda template, _variables: ("failed" if template["name"] == asks else "successful", [])
    )
    awx.jobs.launched.clear()
    job = WorkflowJob(awx, awx.number("workflow_job_templates", PREFIX + workflow["name"]), answer)
    assert job.told == [("approvals", "Chat", "running"), *told]
    assert (job.status, job.ran[-1]) == (("successful", "apply") if ends else ("failed", "approval"))
    assert (PREFIX + workflow["apply"] in [name for name, _variables in awx.jobs.launched]) == ends


def test_who_approves_sees_the_plan_and_who_operates_starts_nothing_that_ends_without_an_approval(built: Setup) -> None:
    workflow = load("workflow.yml")

    def may(team: str, role: str, name: str) -> bool:
        kind = "workflow_job_templates" if name == workflow["name"] else "job_templates"
        return built.awx.may(PREFIX + team, role, kind, PREFIX + name)

    assert may("approvers", "execute", workflow["name"])
    assert may("approvers", "approval", workflow["name"])
    assert may("approvers", "read", workflow["plan"])
    assert may("operators", "execute", workflow["name"])
    assert not may("operators", "approval", workflow["name"])
    for template in load("job_templates.yml"):
        assert may("auditors", "read", template["name"])
        assert may("operators", "execute", template["name"]) == bool(template.get("operators"))
        assert not may("approvers", "execute", template["name"])
        assert not may("auditors", "execute", template["name"])


def test_it_builds_the_schedules(built: Setup) -> None:
    for written in load("schedules.yml"):
        made = built.awx.named("schedules", PREFIX + written["name"])
        assert made["enabled"] == written["enabled"]
        hour = written["start"].replace(":", "") + "00"
        assert made["rrule"].endswith(f"T{hour} RRULE:{written['rule']}")
        assert written["extra_data"].items() <= made["extra_data"].items()


def test_it_launches_the_report_and_the_answers_of_every_schedule_and_changes_nothing_by_it(built: Setup) -> None:
    launched = {name for name, _variables in built.launched}
    planning = {written["template"] for written in load("schedules.yml")} - {"end stale sessions"}
    planning = planning - {load("workflow.yml")["name"]} | {"plan stale sessions"}
    assert launched == {PREFIX + name for name in planning}
    for _name, variables in built.launched:
        assert not [name for name, value in variables.items() if name.endswith("_apply") and value not in (False, "no")]


def test_a_second_run_changes_what_a_variable_names_and_keeps_and_tells_what_somebody_changed(
    built: Setup, tmp_path: Path
) -> None:
    """One account becomes two, by a credential for many; and a job that is tried at the end fails."""
    awx = built.awx
    night, morning = (awx.named("schedules", f"{PREFIX}every {name}") for name in ("night", "morning"))
    night["rrule"], morning["enabled"] = night["rrule"].replace("T043000", "T230000"), False
    awx.named("hosts", "acme")["variables"] = '{"aimms_account": "acme", "note": "ours"}'
    keys = tmp_path / "keys"
    keys.write_text(f"acme: {KEY}\nbrew: {OTHER_KEY}")
    del built.environment["AIMMS_API_KEY"]
    built.environment["AIMMS_ACCOUNTS_FILE"] = str(keys)
    said = "The API key is not accepted"
    awx.jobs.run = lambda template, _variables: (
        ("failed", [failure("brew", said)]) if template["name"].endswith("report sessions") else ("successful", [])
    )
    built.variables["aimms_awx_accounts"] = {"acme": {}, "brew": {}}
    counts = built.run(enabled_schedules=["every Sunday"], answers={"session_report_stale_after": "12h"})
    assert counts["failed"] == 1
    assert f"brew: {said}" in built.output
    assert awx.named("credentials", f"{PREFIX}keys")["inputs"] == {"accounts": keys.read_text()}
    for template in awx.items["job_templates"].values():
        assert awx.linked("job_templates", template["name"], "credentials") == [f"{PREFIX}keys"]
    found = {host["name"]: json.loads(host["variables"]) for host in awx.items["hosts"].values()}
    assert found == {"acme": {"aimms_account": "acme", "note": "ours"}, "brew": {"aimms_account": "brew"}}
    patched = [path.split("/")[4] for method, path, _body in awx.requests if method == "PATCH"]
    assert patched == ["schedules", "schedules"]
    assert set(built.changes()) == {"credentials", "hosts", "job_templates", "schedules"}
    assert "every night: its rule is" in built.output
    assert "every morning: it is switched off" in built.output
    assert "T230000" in night["rrule"]
    assert awx.named("schedules", f"{PREFIX}every Sunday")["enabled"] is True
    assert morning["extra_data"]["session_report_stale_after"] == "12h"


def test_what_is_wrong_is_told_before_anything_is_written(built: Setup) -> None:
    del built.environment["AIMMS_ACCOUNTS_FILE"]
    built.environment |= {"AIMMS_ACCOUNT": "brew", "AIMMS_API_KEY": OTHER_KEY}
    assert built.run()["failed"] == 1
    assert built.awx.requests == []
    assert "is for brew.aimms.cloud, and the inventory has other accounts: acme (acme.aimms.cloud)" in built.output


def test_a_project_that_cannot_be_synced_is_told_with_what_git_said(built: Setup) -> None:
    built.awx.jobs.broken = "fatal: repository not found"
    assert built.run(credential=f"{PREFIX}keys")["failed"] == 1
    assert "The sync of the project failed: job" in built.output
    assert "repository not found" in built.output
    built.awx.jobs.broken = ""


def test_all_of_it_goes_and_only_that(built: Setup) -> None:
    awx = built.awx
    kind = awx.number("credential_types", f"{PREFIX}account")
    awx.create("credentials", {"name": "theirs", "credential_type": kind, "inputs": {"api_key": "k"}})
    assert built.run(state="absent")["failed"] == 0, built.output[-3000:]
    left = {name: sorted(item.get("name", "") for item in items.values()) for name, items in awx.items.items() if items}
    assert left.pop("workflow_approval_templates")  # AWX itself takes them away with their nodes
    assert left == {
        "organizations": ["Default", ORGANIZATION],
        "credential_types": ["Ansible Galaxy", f"{PREFIX}account", f"{PREFIX}accounts"],
        "credentials": ["Ansible Galaxy", "theirs"],
        "instance_groups": ["near"],
        "labels": ["aimms"],
    }
    assert "The credential theirs stays" in built.output

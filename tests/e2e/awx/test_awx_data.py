# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AWX accepts the files of extensions/awx, and they match the variables of the roles. Proves rule 14 for them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "robustness/secret_leaks"))

from awx_rules import credential_type_problems, injected, offered, schedule_problems, survey_problems
from openly import openly

pytestmark = pytest.mark.once
ROOT = Path(__file__).resolve().parents[3]
AWX, PROJECT = ROOT / "extensions/awx", ROOT / "extensions/awx/project"
TYPES = sorted((AWX / "credential_types").iterdir())
NEVER_ASKED = {
    "stale_session_cleanup_plan",
    "stale_session_cleanup_policies",  # rules select, and so do the questions, which have answers always
    "stale_session_cleanup_notice",  # it needs fact storage in the template: who switches that on gives it there
    # Where figures go is a variable of the inventory.
    *(f"stale_session_cleanup_metrics_{what}" for what in "url user password validate_certs".split()),
    "stale_session_cleanup_batch_size",
    "session_retention_batch_size",
    "task_retention_batch_size",
}


def _load(name: str) -> Any:
    return yaml.safe_load((AWX / name).read_text(encoding="utf-8"))


QUESTIONS = {question["variable"]: question for question in _load("questions.yml")}
TEMPLATES = {template["name"]: template for template in _load("job_templates.yml")}
WORKFLOW = _load("workflow.yml")
SURVEYS = {made["name"]: [QUESTIONS[name] for name in made["survey"]] for made in (*TEMPLATES.values(), WORKFLOW)}


def _options(role: str) -> dict[str, Any]:
    path = ROOT / "roles" / role / "meta/argument_specs.yml"
    found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"]["main"]["options"]
    return found


OPTIONS = {name: option for role in (ROOT / "roles").iterdir() for name, option in _options(role.name).items()}


@pytest.mark.parametrize("path", TYPES, ids=lambda path: path.stem)
def test_awx_takes_the_credential_types(path: Path) -> None:
    made = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert credential_type_problems(made) == []
    assert all({"id", "label", "type"} <= set(field) for field in made["inputs"]["fields"])
    secrets = {field["id"] for field in made["inputs"]["fields"] if field.get("secret")}
    assert secrets == {"account": {"api_key"}, "accounts": {"accounts"}}[path.stem]
    assert not any(field["type"] == "boolean" and field.get("default") for field in made["inputs"]["fields"])


@pytest.mark.parametrize(
    ("given", "verified", "ca"),
    [
        ({}, True, None),
        ({"account": "", "url": "", "ca_certificate": "", "skip_tls_verify": False}, True, None),
        ({"skip_tls_verify": True}, False, None),
        ({"skip_tls_verify": "true"}, True, None),
        ({"ca_certificate": "PEM"}, True, "/a/file"),
    ],
)
def test_certificates_are_verified_unless_somebody_says_no(
    given: dict[str, Any], verified: bool, ca: str | None, collections: str
) -> None:
    environment, text = injected(_load("credential_types/account.yml"), {"api_key": "k", **given}, "/a/file")
    assert text == given.get("ca_certificate", "")
    read = _read(collections, environment)
    assert (read["validate_certs"], read.get("ca_path")) == (verified, ca)
    assert (read.get("account"), read.get("url"), read["api_key"]) == (None, None, "k")


_READ = """\
import json
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.parameters import set_fallbacks
from ansible_collections.aimms.cloud.plugins.module_utils.options import CONNECTION
given = {}
set_fallbacks(CONNECTION, given)
read = ArgumentSpecValidator(CONNECTION).validate(given)
print(json.dumps({**read.validated_parameters, "errors": read.error_messages,
                  "variables": [option["fallback"][1][0] for option in CONNECTION.values()]}))
"""


def _read(collections: str, environment: dict[str, str]) -> Any:
    """The connection that the modules read from environment variables."""
    whole = {"PATH": os.environ["PATH"], "PYTHONPATH": collections, **environment}
    made = subprocess.run([sys.executable, "-c", _READ], env=whole, capture_output=True, text=True, check=True)
    read = json.loads(made.stdout)
    assert read["errors"] == []
    return read


def test_every_variable_that_is_injected_is_read_by_the_modules_or_the_project(collections: str) -> None:
    names = {name for path in TYPES for name in yaml.safe_load(path.read_text())["injectors"]["env"]}
    assert names - set(_read(collections, {"AIMMS_API_KEY": "k"})["variables"]) == {"AIMMS_ACCOUNTS_FILE"}


def test_every_playbook_of_the_project_finds_the_key_of_a_host_in_the_same_way() -> None:
    found = {}
    for path in PROJECT.glob("*.yml"):
        for play in yaml.safe_load(path.read_text(encoding="utf-8")):
            if play.get("ansible.builtin.import_playbook", "").startswith("aimms.") or path.stem == "check_accounts":
                found[path.name] = play["vars"]["aimms_api_key"]
    sending = {template["playbook"] for template in TEMPLATES.values()} - {"check_plan.yml"}
    assert set(found) == sending | {"check_accounts.yml"}
    assert len(set(found.values())) == 1


@pytest.mark.parametrize("name", [name for name, survey in SURVEYS.items() if survey])
def test_awx_takes_the_surveys(name: str) -> None:
    assert survey_problems(SURVEYS[name]) == []


@pytest.mark.parametrize("name", sorted(set(QUESTIONS) - {"aimms_hosts"}))
def test_a_question_is_an_option_of_a_role_with_its_default(name: str) -> None:
    question, option = QUESTIONS[name], OPTIONS[name]
    default = option.get("default", "")
    if option["type"] == "bool":
        assert (question["type"], question["choices"]) == ("multiplechoice", ["yes", "no"])
        default = "yes" if default else "no"
    if option["type"] == "list":
        assert question["type"] in ("text", "textarea")
        default = ",".join(default)
    if option["type"] == "int":
        assert question["type"] == "integer"
    assert question["default"] == default
    assert type(question["default"]) is type(default)
    assert question["required"] == ("default" in option)


def test_the_surveys_leave_out_only_what_a_template_says_itself_and_what_is_a_path_in_a_container() -> None:
    roles = {
        "end stale sessions": "stale_session_cleanup",
        "purge session records": "session_retention",
        "purge tasks": "task_retention",
        "report sessions": "session_report",
    }
    for name, role in roles.items():
        left = set(_options(role)) - {*TEMPLATES[name]["survey"], *TEMPLATES[name]["extra_vars"]} - NEVER_ASKED
        assert {option for option in left if OPTIONS[option]["type"] != "path"} == set()
    assert {*WORKFLOW["survey"], "stale_session_cleanup_fail_on_stale", "aimms_hosts"} == set(
        TEMPLATES["end stale sessions"]["survey"]
    )
    for template in TEMPLATES.values():  # a slice without a host of the limit fails, one without an asked host does not
        asked = "aimms_hosts" in template["survey"], template["extra_vars"].get("aimms_sliced", False)
        assert asked == (template["sliced"], template["sliced"])
    assert set(TEMPLATES[WORKFLOW["apply"]]["survey"]) < set(WORKFLOW["survey"])
    assert {name for made in (*TEMPLATES.values(), WORKFLOW) for name in made["survey"]} == set(QUESTIONS)


def test_only_what_is_named_so_changes_anything() -> None:
    applying = {name: template["extra_vars"].get("stale_session_cleanup_apply") for name, template in TEMPLATES.items()}
    changing = {"end planned sessions": True, "end stale sessions": True}
    assert applying == {
        "plan stale sessions": False,
        "check that nothing is planned": None,
        "check that something is planned": None,
        **changing,
        "purge session records": None,
        "purge tasks": None,
        "report sessions": None,
    }
    assert QUESTIONS["session_retention_apply"]["default"] == QUESTIONS["task_retention_apply"]["default"] == "no"
    assert not TEMPLATES[WORKFLOW["plan"]]["sliced"]
    assert not TEMPLATES[WORKFLOW["apply"]]["sliced"]


def test_each_node_of_the_workflow_is_there_and_nothing_is_asked_or_ended_without_a_plan() -> None:
    nodes = {node["identifier"]: node for node in WORKFLOW["nodes"]}
    ways = {
        name: {one for way in ("success", "failure", "always") for one in node.get(way, ())}
        for name, node in nodes.items()
    }
    assert set.union(*ways.values()) == set(nodes) - {"plan"}
    assert {node["template"] for node in nodes.values() if "template" in node} < set(TEMPLATES)
    # An approval comes only after the answer that something is planned, and what changes only after the approval.
    assert [name for name, after in ways.items() if "approval" in after] == ["check", "check-after-failure"]
    assert (nodes["check"]["failure"], nodes["check-after-failure"]["success"]) == (["approval"], ["approval"])
    assert TEMPLATES[nodes["check"]["template"]]["extra_vars"] == {"aimms_planned": "nothing"}
    assert TEMPLATES[nodes["check-after-failure"]["template"]]["extra_vars"] == {"aimms_planned": "something"}
    assert [name for name, after in ways.items() if "apply" in after] == ["approval"]
    assert "always" not in nodes["approval"]
    assert WORKFLOW["allow_simultaneous"] is True
    # An approval of yesterday is over before the workflow asks again.
    assert nodes["approval"]["approval"]["timeout"] < 86400


def test_names_are_unique_among_all_that_can_be_launched() -> None:
    names = [*TEMPLATES, WORKFLOW["name"], "project"]
    assert len(set(names)) == len(names)
    assert {WORKFLOW["plan"], WORKFLOW["apply"]} < set(TEMPLATES)


def test_awx_takes_the_schedules_and_what_changes_without_asking_is_disabled() -> None:
    for schedule in _load("schedules.yml"):
        spec = SURVEYS[schedule["template"]]
        answers = {question["variable"]: question["default"] for question in spec if question["required"]}
        hour = schedule["start"].replace(":", "")
        rule = f"DTSTART;TZID=Europe/Amsterdam:20270101T{hour}00 RRULE:{schedule['rule']}"
        assert schedule_problems(rule, {**answers, **schedule["extra_data"]}, spec) == []
        assert schedule["enabled"] == (
            schedule["template"] in (WORKFLOW["name"], "plan stale sessions", "report sessions")
        )


def test_awx_offers_the_playbooks_of_the_templates_and_no_other_file() -> None:
    paths = [path.relative_to(PROJECT).as_posix() for path in PROJECT.rglob("*") if path.is_file()]
    found = {path for path in paths if offered(path, (PROJECT / path).read_text(encoding="utf-8"))}
    assert found == {template["playbook"] for template in TEMPLATES.values()} | {"check_accounts.yml"}
    assert "collections/requirements.yml" in paths
    assert not any(os.access(PROJECT / path, os.X_OK) for path in paths)


def test_the_key_stands_only_where_it_cannot_leak() -> None:
    paths = [ROOT / "playbooks/awx_setup.yml", *(ROOT / "playbooks/tasks").glob("*.yml"), *PROJECT.rglob("*.yml")]
    assert [what for path in paths for what in openly(yaml.safe_load(path.read_text(encoding="utf-8")))] == []

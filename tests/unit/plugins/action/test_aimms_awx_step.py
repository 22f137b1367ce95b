# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of the set-up of AWX without Ansible around them: what is asked, and what is told."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from ansible.errors import AnsibleError
from ansible.parsing.splitter import parse_kv
from ansible.plugins.action import ActionBase

from ansible_collections.aimms.cloud.plugins.action.aimms_awx_step import ActionModule

PLAYBOOKS = Path(__file__).absolute().parents[4] / "playbooks"
KEY = "canary-key-0123456789"
GIVEN = {"aimms_awx_project_url": "https://git.example.com/a.git", "aimms_awx_prefix": "P "}


class Lookup:
    """AWX with one organization and what a test adds."""

    def __init__(self, **answers):
        self.answers = {"me": [{"is_superuser": True}], "organizations": [{"id": 7}], **answers}
        self.asked = []

    def run(self, terms, _variables, **query):
        self.asked.append((terms[0], query["query_params"]))
        found = self.answers.get(terms[0], [])
        if isinstance(found, Exception):
            raise found
        return found


@pytest.fixture
def step(monkeypatch):
    """Runs a step; ``lookups`` are the plugins that are installed."""
    monkeypatch.setattr(ActionBase, "run", lambda _self, _tmp=None, _task_vars=None: {})
    monkeypatch.delenv("AIMMS_URL", raising=False)
    monkeypatch.setenv("AIMMS_ACCOUNT", "acme")
    monkeypatch.setenv("AIMMS_API_KEY", KEY)

    def begin(name, variables=None, lookups=None, **arguments):
        lookups = {"awx.awx.controller_api": Lookup()} if lookups is None else lookups
        task = SimpleNamespace(args={"step": name, **arguments}, async_val=0, check_mode=False, diff=False)
        loader = SimpleNamespace(load_from_file=lambda path: yaml.safe_load(Path(path).read_text()))
        templar = SimpleNamespace(template=lambda value: value)
        action = ActionModule(task, None, None, loader, templar, None)
        own = SimpleNamespace(get=lambda full, *_given: lookups.get(full))
        action._shared_loader_obj = SimpleNamespace(lookup_loader=own)
        return action.run(task_vars={"playbook_dir": str(PLAYBOOKS), **GIVEN, **(variables or {})})

    return begin


GALAXY = [{"id": 3, "name": "Ansible Galaxy"}]


def test_the_plan_has_no_key_and_is_not_printed(step):
    made = step("plan", lookups={"awx.awx.controller_api": Lookup(credentials=GALAXY)})
    assert made["_ansible_no_log"] is True
    assert KEY not in json.dumps(made)
    assert made["plan"]["credential"]["name"] == "P key acme"
    assert made["plan"]["galaxy_credentials"] == ["3"]


def test_the_collection_of_automation_platform_comes_first(step):
    both = {"awx.awx.controller_api": Lookup(), "ansible.controller.controller_api": Lookup(credentials=GALAXY)}
    step("plan", lookups=both)
    assert both["awx.awx.controller_api"].asked == []
    assert both["ansible.controller.controller_api"].asked


def test_without_a_collection_or_an_answer_it_says_so(step):
    assert "is not installed. Install awx.awx" in step("plan", lookups={})["msg"]
    refused = {"awx.awx.controller_api": Lookup(me=AnsibleError("HTTP 401"))}
    assert step("plan", lookups=refused)["msg"] == "AWX cannot be asked for me: HTTP 401"


def test_a_misspelt_variable_is_refused_before_awx_is_asked(step):
    lookups = {"awx.awx.controller_api": Lookup()}
    made = step("plan", {"aimms_awx_organisation": "X"}, lookups)
    assert made["failed"] is True
    assert "Perhaps aimms_awx_organization is meant" in made["msg"]
    assert lookups["awx.awx.controller_api"].asked == []


def test_words_of_extra_variables_that_ansible_drops_are_refused_before_awx_is_asked(step):
    lookups = {"awx.awx.controller_api": Lookup()}
    made = step("plan", parse_kv("aimms_awx_state = absent"), lookups)
    assert made["msg"].startswith("-e: some words of an extra variable are not NAME=VALUE")
    assert lookups["awx.awx.controller_api"].asked == []


def test_hosts_without_a_line_in_the_file_of_keys_are_refused(step, monkeypatch, tmp_path):
    monkeypatch.delenv("AIMMS_API_KEY")
    path = tmp_path / "keys"
    monkeypatch.setenv("AIMMS_ACCOUNTS_FILE", str(path))
    more = {"aimms_awx_accounts": {"acme": {}, "brew": {}}, "aimms_awx_galaxy_credentials": []}
    assert "cannot be read" in step("plan", more)["msg"]
    path.write_text(f"acme: {KEY}\n")
    made = step("plan", more)
    assert made["msg"].endswith("has no line 'HOST: KEY' for brew.")
    path.write_text(f"acme: {KEY}\nbrew: {KEY}\n")
    assert KEY not in json.dumps(step("plan", more))


def test_what_is_to_go_is_looked_up_by_its_names(step):
    types = [{"id": 1, "name": "P account"}, {"id": 9, "name": "P other"}]
    lookup = Lookup(credential_types=types, credentials=[{"id": 5, "name": "P key acme", "credential_type": 1}])
    lookup.answers["credentials"][0]["organization"] = 7
    made = step("plan", {"aimms_awx_state": "absent"}, {"awx.awx.controller_api": lookup})
    assert made["plan"]["credentials"] == [{"name": "P key acme", "type": "P account"}]
    assert made["plan"]["credential_types"] == ["P account"]


def test_jobs_that_failed_fail_the_step_and_others_are_told(step):
    good = {"item": {"what": "the report"}, "status": "successful", "id": 5}
    assert step("tell", results=[good])["lines"] == ["the report: job 5 was successful"]
    made = step("tell", results=[good, {"item": {"what": "schedule every night"}, "msg": "no"}])
    assert made["msg"].startswith("Not all jobs were successful: schedule every night: no.")
    made = step("explain", what="sync of the project", result={"msg": "HTTP 403"}, hint="Mend it.")
    assert made["msg"] == "The sync of the project failed: HTTP 403. Mend it."

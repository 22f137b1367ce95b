# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWX hands to the roles is taken by them: the defaults of each survey, with the answers of each schedule."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from ansible_collections.aimms.cloud.plugins.plugin_utils.role_variables import read_values

ROOT = Path(__file__).absolute().parents[2]
AWX = ROOT / "extensions/awx"


def load(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


QUESTIONS = {one["variable"]: one for one in load(AWX / "questions.yml")}
TEMPLATES = {one["name"]: one for one in load(AWX / "job_templates.yml")}
WORKFLOW = load(AWX / "workflow.yml")
OPTIONS = {
    path.parents[1].name: load(path)["argument_specs"]["main"]["options"]
    for path in (ROOT / "roles").glob("*/meta/argument_specs.yml")
}
LAUNCHES = [(name, {}) for name in TEMPLATES]
LAUNCHES += [(one["template"], one["extra_data"]) for one in load(AWX / "schedules.yml")]


def launched(name, answers):
    """The variables of each job that a launch starts. A question that is not answered is an empty text."""
    templates = [TEMPLATES[name]] if name in TEMPLATES else []
    if name == WORKFLOW["name"]:
        templates = [TEMPLATES[node["template"]] for node in WORKFLOW["nodes"] if "template" in node]
        answers = {**{one: QUESTIONS[one]["default"] for one in WORKFLOW["survey"]}, **answers}
    for template in templates:
        own = {one: QUESTIONS[one]["default"] for one in template["survey"]}
        yield {**own, **template["extra_vars"], **{one: told for one, told in answers.items() if one in own}}


@pytest.mark.parametrize(("name", "answers"), LAUNCHES)
def test_the_roles_take_what_is_shipped(name, answers):
    for variables in launched(name, answers):
        for role, options in OPTIONS.items():
            given = {one: value for one, value in variables.items() if one.startswith(f"{role}_")}
            if given:
                read_values(role, options, given, in_awx=True)

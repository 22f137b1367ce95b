# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of the set-up of AWX: misspelt ones and wrong types are refused, and each stands in the README."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.plugin_utils.awx.variables import PREFIX, VARIABLES, read

ROOT = Path(__file__).absolute().parents[5]
GIVEN = {"aimms_awx_project_url": "https://git.example.com/a.git"}


def test_defaults_hold_and_what_is_given_is_known():
    values = read({**GIVEN, "aimms_awx_slices": "3", "aimms_awx_update_secrets": "yes", "aimms_awx_labels": "a, b"})
    assert (values["prefix"], values["state"]) == ("AIMMS Cloud ", "present")
    assert (values["slices"], values["update_secrets"], values["labels"]) == (3, True, ["a", "b"])
    assert set(values["explicit"]) == {"project_url", "slices", "update_secrets", "labels"}
    assert read({**GIVEN, "aimms_awx_credential": " ", "aimms_awx_prefix": "X "})["prefix"] == "X "


def test_json_of_the_command_line_is_read():
    values = read({**GIVEN, "aimms_awx_answers": '{"a": 1}', "aimms_awx_enabled_schedules": '["every Sunday"]'})
    assert (values["answers"], values["enabled_schedules"]) == ({"a": 1}, ["every Sunday"])


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"aimms_awx_organisation": "X"}, "Perhaps aimms_awx_organization is meant."),
        ({"aimms_awxprefix": "X"}, "the set-up has no such variable"),
        ({"aimms_awx_team": {}}, "Perhaps aimms_awx_teams is meant."),
        ({"aimms_awx_teams": {"approver": "X"}}, "Perhaps approvers is meant."),
        ({"aimms_awx_notifications": {"failure": ["X"]}}, "there is no 'failure'"),
        ({"aimms_awx_notification_templates": [{"name": "X"}]}, "mappings with name and notification_type"),
        ({"aimms_awx_notification_templates": {"name": "X"}}, "must be a list of mappings, not a mapping"),
        ({"aimms_awx_state": "gone"}, "must be one of present, absent, not 'gone'"),
        ({"aimms_awx_by_hand": "no"}, "must be one of keep, overwrite"),
        ({"aimms_awx_slices": "three"}, "must be a whole number"),
        ({"aimms_awx_slices": 0}, "must be at least 1"),
        ({"aimms_awx_slices": True}, "must be a whole number"),
        ({"aimms_awx_update_secrets": "maybe"}, "neither true nor false"),
        ({"aimms_awx_labels": {"a": 1}}, "must be a list of names, not a mapping"),
        ({"aimms_awx_accounts": "acme"}, "must be a mapping, not 'acme'"),
        ({"aimms_awx_credential": ["a"]}, "must be a text, not a list"),
        ({"aimms_awx_prefix": " "}, "must be a text that tells"),
        ({"aimms_awx_project_url": ""}, "aimms_awx_project_url: is needed."),
    ],
)
def test_what_is_misspelt_or_of_another_type_is_refused(given, told):
    with pytest.raises(OptionError, match=re.escape(told)):
        read({**GIVEN, **given})


def test_to_remove_needs_no_project():
    assert read({"aimms_awx_state": "absent"})["state"] == "absent"


def test_the_readme_names_every_variable_and_no_other():
    text = (ROOT / "extensions/awx/README.md").read_text(encoding="utf-8")
    named = {row.split("|")[1].strip() for row in text.splitlines() if row.startswith(f"| `{PREFIX}")}
    assert sorted(named) == sorted(f"`{PREFIX}{name}`" for name in VARIABLES)

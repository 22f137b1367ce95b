# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation of the roles' action names what the action has, and the roles use nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from ansible_collections.aimms.cloud.plugins.action.aimms_role_step import ActionModule

ROOT = Path(__file__).absolute().parents[4]
OPTIONS = yaml.safe_load((ROOT / "plugins/modules/aimms_role_step.yml").read_text())["DOCUMENTATION"]["options"]
STEPS = {name.removeprefix("_step_") for name in dir(ActionModule) if name.startswith("_step_")}


def test_every_option_and_every_step_is_documented():
    assert set(OPTIONS) == set(ActionModule._VALID_ARGS)
    assert set(OPTIONS["step"]["choices"]) == STEPS
    assert set(OPTIONS["role"]["choices"]) == {path.name for path in (ROOT / "roles").iterdir()}


def test_the_roles_use_every_step_and_no_other():
    text = "".join(path.read_text() for path in (ROOT / "roles").rglob("tasks/*.yml"))
    assert set(re.findall(r"^ +step: (\w+)$", text, re.MULTILINE)) == STEPS


def test_it_is_no_module_of_the_group():
    assert "aimms_role_step" not in (ROOT / "meta/runtime.yml").read_text()

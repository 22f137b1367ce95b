# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation of the roles' action names what the action has, and the roles use nothing else."""

from __future__ import annotations

import re
from pathlib import Path

from ansible_collections.aimms.cloud.tests.unit.plugins.doc_fragments.documentation import documented

ROOT = Path(__file__).absolute().parents[4]
# Read, not imported: these tests also run where only modules can be imported.
ACTION = (ROOT / "plugins/action/aimms_role_step.py").read_text(encoding="utf-8")
STEPS = set(re.findall(r"def _step_(\w+)\(", ACTION))
OWN = {"role", "step", "number"}


def test_every_option_and_every_step_is_documented():
    options = documented("modules", "aimms_role_step")
    assert set(options) == OWN
    assert "_VALID_ARGS" not in ACTION  # Ansible's own words would come before those of the step that reads
    assert set(options["step"]["choices"]) == STEPS
    assert set(options["role"]["choices"]) == {path.name for path in (ROOT / "roles").iterdir()}


def test_the_roles_use_every_step_and_no_other():
    text = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "roles").rglob("tasks/*.yml"))
    assert set(re.findall(r"^ +step: (\w+)$", text, re.MULTILINE)) == STEPS

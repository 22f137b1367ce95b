# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation of the roles' action names what the action has, and the roles use nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

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


def judged(tasks):
    """The tasks that judge their own result, also those in blocks."""
    for task in tasks:
        for part in ("block", "rescue", "always"):
            yield from judged(task.get(part, ()))
        yield from [task] if "register" in task and {"changed_when", "failed_when"} & set(task) else []


@pytest.mark.parametrize(
    "path", sorted((ROOT / "roles").glob("*/tasks/*.yml")), ids=lambda path: "-".join(path.parts[-3::2])
)
def test_a_step_that_fails_is_judged_without_what_it_would_have_returned(path):
    """Else the error of the judgement hides the reason."""
    for task in judged(yaml.safe_load(path.read_text(encoding="utf-8"))):
        said = [task.get("changed_when", False), task.get("failed_when", False)]
        every = [one for entry in said for one in (entry if isinstance(entry, list) else [entry])]
        bare = [one for one in every if re.search(rf"{task['register']}[.](?!\w+ [|] default[(])", str(one))]
        assert bare == []

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation of the set-up's action names what the action has, and the playbook uses nothing else."""

from __future__ import annotations

import re
from pathlib import Path

from ansible_collections.aimms.cloud.tests.unit.plugins.doc_fragments.documentation import documented

ROOT = Path(__file__).absolute().parents[4]
# Read, not imported: these tests also run where only modules can be imported.
ACTION = (ROOT / "plugins/action/aimms_awx_step.py").read_text(encoding="utf-8")
STEPS = set(re.findall(r"def _step_(\w+)\(", ACTION))


def test_every_step_is_documented_and_used():
    options = documented("modules", "aimms_awx_step")
    assert set(options) == {"step", "what", "hint", "result", "results"}
    assert set(options["step"]["choices"]) == STEPS
    files = [ROOT / "playbooks/awx_setup.yml", *(ROOT / "playbooks/tasks").glob("awx_*.yml")]
    text = "".join(path.read_text(encoding="utf-8") for path in files)
    assert set(re.findall(r"^ +step: (\w+)$", text, re.MULTILINE)) == STEPS

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What modules say about check mode, diff mode and the action group."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
import yaml

from ansible_collections.aimms.cloud.tests.unit.plugins.doc_fragments.documentation import PLUGINS, part_of

ROOT = Path(__file__).absolute().parents[4]
MODULES = sorted(path.stem for path in (ROOT / "plugins/modules").glob("*.py"))
PARTS = ("documentation", "actiongroup", "reads", "changes", "files")
MODES = {"check_mode", "diff_mode"}


def attributes(part):
    return part_of("attributes", part)["attributes"]


@pytest.mark.parametrize("part", PARTS)
def test_it_adds_no_option(part):
    assert part_of("attributes", part)["options"] == {}


def test_both_modes_are_described_once():
    assert all(attributes("documentation")[mode]["description"] for mode in MODES)
    assert set(attributes("documentation")) == MODES


@pytest.mark.parametrize("part", ["reads", "changes", "files"])
def test_check_mode_is_supported_and_diff_mode_is_not_each_with_a_reason(part):
    found = attributes(part)
    assert {mode: found[mode]["support"] for mode in found} == {"check_mode": "full", "diff_mode": "none"}
    assert all(found[mode]["details"] for mode in MODES)


def test_the_action_group_is_the_one_of_the_collection():
    [name] = attributes("actiongroup")["action_group"]["membership"]
    runtime = yaml.safe_load((ROOT / "meta/runtime.yml").read_text(encoding="utf-8"))
    assert attributes("actiongroup")["action_group"]["support"] == "full"
    assert [f"aimms.cloud.{group}" for group in runtime["action_groups"]] == [name]


ACTIONS = {path.stem for path in (ROOT / "plugins/action").glob("*.py")}


@pytest.mark.parametrize("module", sorted({*MODULES} - ACTIONS))
def test_each_module_says_what_it_does_in_check_mode(module):
    documentation = yaml.safe_load(import_module(f"{PLUGINS}.modules.{module}").DOCUMENTATION)
    used = {name for name in documentation["extends_documentation_fragment"] if ".attributes" in name}
    deed = "reads" if module.endswith("_info") else "files" if module.endswith("_download") else "changes"
    assert used == {f"aimms.cloud.attributes{part}" for part in ("", ".actiongroup", f".{deed}")}


def test_the_action_group_is_the_modules_that_exist():
    runtime = yaml.safe_load((ROOT / "meta/runtime.yml").read_text(encoding="utf-8"))
    assert sorted(runtime["action_groups"]["aimms"]) == MODULES

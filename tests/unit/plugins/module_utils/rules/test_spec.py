# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rule says what selects and how to end, and has no default that could stand for a word beside the rules."""

from __future__ import annotations

from ansible_collections.aimms.cloud.plugins.module_utils.options import BREAKERS, SELECTION
from ansible_collections.aimms.cloud.plugins.module_utils.rules.spec import POLICIES, POLICY


def test_only_the_action_has_a_default():
    assert {name for name, entry in POLICY.items() if "default" in entry} == {"action"}
    assert {name for name, entry in POLICY.items() if entry.get("required")} == {"name"}
    assert POLICIES["policies"]["options"] is POLICY


def test_what_selects_and_limits_is_of_the_same_type_as_beside_the_rules():
    for name, entry in {**SELECTION, **BREAKERS}.items():
        if name in POLICY:
            assert POLICY[name] == {part: value for part, value in entry.items() if part not in ("default", "aliases")}

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation of a rule says what its specification says."""

from __future__ import annotations

import yaml

from ansible_collections.aimms.cloud.plugins.doc_fragments.policies import ModuleDocFragment
from ansible_collections.aimms.cloud.plugins.module_utils.options import SELECTION
from ansible_collections.aimms.cloud.plugins.module_utils.rules.spec import POLICY

OPTIONS = yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"]["policies"]["suboptions"]


def test_each_part_of_a_rule_is_documented_in_the_order_and_with_the_type_of_its_specification():
    told = {
        name: {key: value for key, value in entry.items() if key != "description"} for name, entry in OPTIONS.items()
    }
    assert list(told) == list(POLICY)
    assert told == POLICY


def test_a_rule_has_all_that_selects_but_what_holds_for_all_rules():
    for_all = {"protect_session_ids", "protect_apps", "protect_owners", "naive_timezone", "server_filters"}
    assert set(SELECTION) - set(POLICY) == for_all

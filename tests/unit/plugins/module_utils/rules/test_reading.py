# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules as people write them: lists in every form, and no null that would count as 'not given'."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.module_utils.rules.reading import read_rules
from ansible_collections.aimms.cloud.plugins.module_utils.rules.spec import POLICY


@pytest.mark.parametrize("written", ["A,B", "A\nB", '["A", "B"]', ["A", ["B "]]])
def test_lists_in_rules_are_read_in_every_form(written):
    params = {"policies": [{"name": "a", "apps": written}]}
    read_rules({"policies": {"options": POLICY}}, params)
    assert params["policies"][0]["apps"] == ["A", "B"]


@pytest.mark.parametrize("rule", [{"name": "a", "apps": None}, {"name": "a", "older_than": None, "apps": ["A"]}])
def test_a_null_in_a_rule_is_refused(rule):
    with pytest.raises(OptionError, match=r"policies\[0\]\..*: null is refused"):
        read_rules({"policies": {"options": POLICY}}, {"policies": [rule]})


@pytest.mark.parametrize("odd", [None, "text", [], [1], ["a"]])
def test_what_is_no_list_of_rules_is_left_to_the_checks_of_ansible(odd):
    read_rules({"policies": {"options": POLICY}}, {"policies": odd})

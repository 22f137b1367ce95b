# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The selection options are documented as they are specified."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.options import SELECTION
from ansible_collections.aimms.cloud.tests.unit.plugins.doc_fragments.documentation import fragment, told

OPTIONS = fragment("aimms.cloud.selection")


def test_each_option_is_documented_in_the_order_type_default_and_choices_of_its_specification():
    assert told(OPTIONS) == told(SELECTION)
    assert list(OPTIONS) == list(SELECTION)


@pytest.mark.parametrize("name", SELECTION)
def test_each_option_is_described(name):
    assert OPTIONS[name]["description"]


def test_no_option_has_a_default_that_selects():
    """Without any option nothing is selected, so that a forgotten one never ends all sessions."""
    assert {name: option["default"] for name, option in OPTIONS.items() if "default" in option} == {
        "age_from": "created",
        "task_activity": "auto",
    }

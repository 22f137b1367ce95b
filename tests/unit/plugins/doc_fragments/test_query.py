# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a question about sessions are documented as they are specified."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.models.session import FIELDS
from ansible_collections.aimms.cloud.plugins.module_utils.options import QUERY, SELECTION
from ansible_collections.aimms.cloud.tests.unit.plugins.doc_fragments.documentation import fragment, told

OPTIONS = fragment("aimms.cloud.query")


def test_each_option_that_is_none_of_the_selection_is_documented_as_it_is_specified():
    assert told(OPTIONS) == told({name: option for name, option in QUERY.items() if name not in SELECTION})


@pytest.mark.parametrize("name", sorted(set(QUERY) - set(SELECTION)))
def test_each_option_is_described(name):
    assert OPTIONS[name]["description"]


def test_the_fields_that_can_be_asked_for_are_those_of_a_session_in_their_order():
    assert OPTIONS["fields"]["choices"] == list(FIELDS)
    assert OPTIONS["sort_by"]["default"] in FIELDS

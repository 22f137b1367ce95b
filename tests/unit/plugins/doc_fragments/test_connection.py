# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connection options are documented as they are specified, and found at the same places by modules and lookups."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.options import CONNECTION
from ansible_collections.aimms.cloud.tests.unit.plugins.doc_fragments.documentation import fragment, told

OPTIONS = fragment("aimms.cloud.connection")


def test_each_option_is_documented_as_it_is_specified():
    assert told(OPTIONS) == told(CONNECTION)
    assert list(OPTIONS) == list(CONNECTION)


@pytest.mark.parametrize("name", CONNECTION)
def test_each_option_is_described(name):
    assert OPTIONS[name]["description"]


@pytest.mark.parametrize("name", CONNECTION)
def test_the_variable_of_a_connection_option_is_the_same_everywhere(name):
    """In the fallback of modules, in the text of the fragment, and where the lookup finds it: env, ini and vars."""
    variable = f"AIMMS_{name.upper()}"
    _function, variables = CONNECTION[name]["fallback"]
    assert variables == [variable]
    assert f"E({variable})" in " ".join(fragment("aimms.cloud.connection")[name]["description"])
    elsewhere = fragment("aimms.cloud.connection.plugin")[name]
    assert elsewhere["env"] == [{"name": variable}]
    assert elsewhere["vars"] == [{"name": f"aimms_{name}"}]
    ini = [] if name == "api_key" else [{"section": "aimms_cloud", "key": name}]
    assert elsewhere.get("ini", []) == ini


def test_the_lookup_finds_no_option_that_modules_do_not_have():
    assert set(fragment("aimms.cloud.connection.plugin")) == set(CONNECTION)

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An option by another name is that option, and never lost beside it."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.decoding.other_names import rename

SPEC = {"session_ids": {"aliases": ["id", "session_id"]}, "limit": {}}


@pytest.mark.parametrize("name", ["id", "session_id", "session_ids"])
@pytest.mark.parametrize("value", ["a", None, []])
def test_an_option_has_its_own_name(name, value):
    params = {name: value, "limit": 1, "other": 2}
    assert rename(SPEC, params) is None
    assert params == {"session_ids": value, "limit": 1, "other": 2}


def test_what_is_not_given_is_not_made():
    params = {}
    assert rename(SPEC, params) is None
    assert params == {}


@pytest.mark.parametrize("names", [("id", "session_ids"), ("id", "session_id")])
def test_an_option_given_twice_is_an_error(names):
    assert "are the same option. Give it once." in str(rename(SPEC, dict.fromkeys(names, "a")))

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The address of a service in an answer."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.openapi.address import address_in


@pytest.mark.parametrize(
    ("answer", "address"),
    [
        ("https://x/y", "https://x/y"),
        ({"uri": "https://x/y"}, "https://x/y"),
        ({"data": {"serviceUrl": "https://x/y"}}, "https://x/y"),
        ({"id": "s1"}, None),
        ([], None),
    ],
)
def test_an_address_is_found_in_an_answer(answer, address):
    assert address_in(answer) == address

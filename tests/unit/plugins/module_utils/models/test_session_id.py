# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may stand in a path as a session's id. Proves rule 15."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.models.session import valid_id

ID = "14d231b1-2b87-457c-bc83-305bb5daa4cc"


@pytest.mark.parametrize(
    "session_id",
    [ID, "68ce8ce7c4a6fd1afa97672e7080d645", "webui-tyg.x_1", "a", "0", "A" * 128, "a..b", "a.", "a-"],
)
def test_valid_ids(session_id):
    assert valid_id(session_id)


@pytest.mark.parametrize(
    "session_id",
    [
        *". .. ../x x/../y a/b /a a\\b ..%2F..%2Fx %2e%2e a%20b a?b a#b a;b a:b a@b -a _a .a ~a *".split(),
        "é",
        "\uff41",
        "a\x00",
        "a\n",
        "\na",
        "",
        " ",
        "a b",
        "a ",
        "A" * 129,
        None,
        7,
        True,
        ["a"],
        b"a",
    ],
)
def test_what_cannot_stand_in_a_path_is_no_id(session_id):
    assert not valid_id(session_id)

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which ids are the same though they are written in another case: numbers, but never names."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.models.session_fields import id_key
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.records import open_record

UUID, HEX = "14d231b1-2b87-457c-bc83-305bb5daa4cc", "68ce8ce7c4a6fd1afa97672e7080d645"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (UUID, UUID.upper(), True),
        (UUID, UUID.title(), True),
        (HEX, HEX.upper(), True),
        (UUID, f"{UUID[:-1]}d", False),
        (UUID, UUID.replace("-", ""), False),
        ("webui-tyg", "webui-TYG", False),
        ("s" + HEX[1:], "S" + HEX[1:], False),
        ("abc", "ABC", False),
        (f"{UUID}\n", f"{UUID.upper()}\n", False),
    ],
)
def test_ids_in_another_case(one, other, same):
    assert (id_key(one) == id_key(other)) is same
    if same:
        assert open_record({"data": {"id": other}}, one) == {"id": other}
    else:
        with pytest.raises(ValueError, match="no record with that id"):
            open_record({"data": {"id": other}}, one)

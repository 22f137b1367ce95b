# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Escapes, in any characters and up to three times. ``test_masking.py`` has what is masked in them."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.decoding.escapes import unescaped


@pytest.mark.parametrize("times", [0, 1, 2, 3])
def test_a_text_is_found_however_often_it_was_escaped(times):
    text = "a-b/c %41"
    for _time in range(times):
        text = quote(text, safe="")
    assert "a-b/c %41" in unescaped(text)
    assert text in unescaped(text)


@pytest.mark.parametrize(
    "text", ["", "%", "100%", "%zz", "\udcff%", "%ff", "&#;", "&#x;", "&#123456;", "\\u12", "\\xg"]
)
def test_what_is_no_escape_stays(text):
    assert unescaped(text) in (text, f"{text} \N{REPLACEMENT CHARACTER}")


@pytest.mark.parametrize(
    "escape", ["%2d", "&#45;", "&#045;", "&#x2D;", "&#x002d;", "\\u002d", "\\\\u002D", "\\x2d", "%5Cx2d"]
)
def test_each_notation_of_a_character(escape):
    assert f"a-7f/{chr(45)}" in unescaped(f"a{escape}7f/{escape}")

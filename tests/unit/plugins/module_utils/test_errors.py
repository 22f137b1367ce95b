# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an error says and what it tells about the request: hint, sent, whether trying again may help. Proves rule 10."""

from __future__ import annotations

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError, printable, shown


def test_a_message_of_our_own_is_one_line_too():
    assert str(OptionError("owners:\x1b 'a\nb'", "Say more.")) == "owners:  'a b' Say more."
    assert printable("Zo\u00eb \u4e2d \U0001f600") == "Zo\u00eb \u4e2d \U0001f600"


def test_foreign_text_is_shown_whole_or_not_at_all():
    assert shown("a" * 60) == "a" * 60
    assert shown("a" * 61) == "(61 characters)"

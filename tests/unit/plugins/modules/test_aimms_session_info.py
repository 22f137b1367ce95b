# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""XX"""

from __future__ import annotations

from importlib import import_module

import yaml

from ansible_collections.aimms.cloud.tests.unit.plugins.doc_fragments.documentation import PLUGINS, documented


def test_the_fields_of_a_session_are_documented_in_the_info_module():
    code = import_module(f"{PLUGINS}.modules.aimms_session_info")
    fields = documented("modules", "aimms_session_info")["fields"]["choices"]
    returned = yaml.safe_load(code.RETURN)["sessions"]["contains"]
    assert list(returned) == [*fields, "service_uri", "raw"]

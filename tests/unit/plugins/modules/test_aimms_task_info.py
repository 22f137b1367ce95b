# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""XX"""

from __future__ import annotations

from importlib import import_module

import yaml

from ansible_collections.aimms.cloud.plugins.module_utils.models.task import Task


def test_the_fields_of_a_task_are_documented_in_the_info_module():
    code = import_module("ansible_collections.aimms.cloud.plugins.modules.aimms_task_info")
    documented = list(yaml.safe_load(code.RETURN)["tasks"]["contains"])
    extra = ["response", "log"]
    assert [name for name in documented if name not in extra] == list(Task("t").as_dict(raw=True))
    assert set(extra) <= set(documented)

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The specification of the option ``policies``."""

from __future__ import annotations

from ansible_collections.aimms.cloud.plugins.module_utils.options import BREAKERS, SELECTION, Spec

POLICY: Spec = {
    "name": {"type": "str", "required": True},
    "description": {"type": "str"},
    "action": {"type": "str", "default": "end", "choices": ["end", "keep"]},
    **{
        name: {part: value for part, value in entry.items() if part not in ("default", "aliases")}
        for name, entry in SELECTION.items()
        if not name.startswith("protect_") and name not in ("naive_timezone", "server_filters")
    },
    "between": {"type": "str"},
    "timezone": {"type": "str"},
    "interrupt_tasks": {"type": "str", "choices": ["never", "solve", "execution"]},
    "grace_period": {"type": "str"},
    "interrupt_fallback": {"type": "bool"},
    "max_seats": {"type": "int"},
    **{name: {"type": "int"} for name in BREAKERS},
}
"""A named rule: what it selects, and how it ends that. What it does not say is as beside the rules, or not limited."""

POLICIES: Spec = {"policies": {"type": "list", "elements": "dict", "options": POLICY}}

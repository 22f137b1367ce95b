# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The address of a service in a response. Pure."""

from __future__ import annotations

from typing import Any, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.models.envelope import DEPTH, mappings_in
from ansible_collections.aimms.cloud.plugins.module_utils.models.field_names import letters_only


def address_in(answer: Any) -> Optional[str]:
    """The address in a response, bare or in a field such as ``uri``; None without one."""
    if isinstance(answer, str):
        return answer or None
    for candidate in mappings_in(answer, DEPTH):
        for name, value in candidate.items():
            named = letters_only(name).endswith(("uri", "url", "address", "endpoint", "href"))
            if named and isinstance(value, str) and value:
                return value
    return None

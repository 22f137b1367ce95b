# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The address of a service in a response. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.models.envelope import DEPTH
from ansible_collections.aimms.cloud.plugins.module_utils.models.field_names import letters_only


def address_in(answer: Any) -> Optional[str]:
    """The address in a response, bare or in a field such as ``uri``; None without one."""
    if isinstance(answer, str):
        return answer or None
    for candidate in _mappings_in(answer, DEPTH):
        for name, value in candidate.items():
            named = letters_only(name).endswith(("uri", "url", "address", "endpoint", "href"))
            if named and isinstance(value, str) and value:
                return value
    return None


def _mappings_in(answer: Any, depth: int) -> Iterator[Mapping[str, Any]]:
    if isinstance(answer, Mapping):
        yield answer
        nested = list(answer.values())
    else:
        nested = answer if isinstance(answer, list) and len(answer) == 1 else []
    for value in nested if depth else []:
        yield from _mappings_in(value, depth - 1)

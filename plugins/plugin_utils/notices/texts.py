# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plan says of announcements. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Record = Mapping[str, Any]


def notice_lines(found: Record) -> list[str]:
    """How many of the planned sessions may be ended, and how many wait for their notice to be over."""
    if found.get("unannounced") is None:
        return []
    result = found["result"]
    new = sum(len(one["sessions"]) for one in result["to_notify"])
    lines = ["nothing is known of announcements of earlier runs"] if found["first_notice"] else []
    lines.append(f"{len(result['due'])} of them are due: they were announced long enough ago")
    lines += [f"{new} of them are announced now"] if new else []
    lines += [f"{len(result['announced'])} wait, the first until {_first_due(result)}"] if result["announced"] else []
    if found["unannounced"]:
        lines.append(f"{found['unannounced']} of them are not announced yet; only an apply announces")
    return lines


def _first_due(result: Record) -> str:
    return min(str(one["due_at"]) for one in result["announced"])

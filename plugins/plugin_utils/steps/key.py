# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run was told of its API key, for reports and figures. Never the key itself. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import parse_instant

FIELDS = ("user", "environment", "groups", "administrator", "key_name", "scopes", "expires_at", "expires_in_days")


def key_of(registered: Mapping[str, Any]) -> Optional[dict[str, Any]]:
    """What ``aimms_key_info`` told, and whether it warned; None if it was not asked, or nothing was told."""
    key = {name: registered.get(name) for name in FIELDS}
    told = any(value is not None for value in key.values())
    return {**key, "warned": bool(registered.get("remarks"))} if told else None


def key_remarks(key: Optional[Mapping[str, Any]]) -> list[str]:
    """A sentence on the key for the top of a page; none if nothing is known or to be warned of."""
    if not (key and key["warned"]):
        return []
    owner = "@".join(str(key[name]) for name in ("user", "environment") if key[name]) or "an unknown user"
    kinds = {True: ", an administrator", False: ", who is not an administrator: it sees only the sessions of that user"}
    verb = "expired" if (key["expires_in_days"] or 0) < 0 else "expires"
    ends = f", and {verb} at {key['expires_at']}" if key["expires_at"] else ""
    return [f"The API key belongs to {owner}{kinds.get(key['administrator'], '')}{ends}."]


def expiry_of(key: Optional[Mapping[str, Any]]) -> Optional[int]:
    """When the key expires, in seconds since 1970; None if that is not known."""
    instant = parse_instant(key["expires_at"]) if key else None
    return None if instant is None else int(instant.seconds)

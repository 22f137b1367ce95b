# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``aimms_awx_state: absent`` takes out of AWX: only what the set-up made, by its names. Pure."""

from __future__ import annotations

from typing import Any

from ansible_collections.aimms.cloud.plugins.plugin_utils.awx.variables import TEAMS, names_of

Data = dict[str, Any]


def removal(values: Data, shipped: Data, there: Data) -> Data:
    """Names of what is to go. Credentials of other names stay, and then the credential types stay too.

    :param there: what AWX has. Without the organization there is nothing.
    """
    prefix = values["prefix"]
    found: Data = {"names": names_of(values), "kept": [], "credentials": [], "credential_types": []}
    found["organization"] = there["organization"] is not None
    found["templates"] = [prefix + made["name"] for made in shipped["templates"]]
    found["workflow"] = prefix + shipped["workflow"]["name"]
    found["teams"] = [] if values["teams"] is not None else [prefix + name for name in TEAMS]
    found["notification_templates"] = [made["name"] for made in values["notification_templates"]]
    for one in there["credentials"]:
        name, kind = one["name"], there["kinds"][one["credential_type"]]
        begins = {"account": f"{prefix}key", "accounts": f"{prefix}keys"}[kind]
        own = name == begins or (kind == "account" and name.startswith(f"{begins} "))
        if own and one.get("organization") == there["organization"] and name != values["credential"]:
            found["credentials"].append({"name": name, "type": prefix + kind})
        else:
            found["kept"].append(f"The credential {name} stays, as the set-up did not make it, and so does its type.")
    left = len(there["credentials"]) - len(found["credentials"])
    if there["is_superuser"] and not left:
        found["credential_types"] = [one["name"] for one in there["credential_types"]]
    return found

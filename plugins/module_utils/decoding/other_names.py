# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that are given by another name. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError


def rename(spec: Mapping[str, Mapping[str, Any]], params: dict[str, Any]) -> Optional[OptionError]:
    """Give each option in ``params`` its own name in place of an alias.

    :return: the error for an option that is given by two names: one of them would be lost.
    """
    for name, entry in spec.items():
        given = [one for one in (name, *entry.get("aliases", ())) if one in params]
        if len(given) > 1:
            return OptionError(f"{' and '.join(given)} are the same option.", "Give it once.")
        if given:
            params[name] = params.pop(given[0])
    return None

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first reading of the option ``policies``, before Ansible checks it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.module_utils.options import Spec, read_names, refuse_nulls


def read_rules(spec: Spec, params: Mapping[str, Any]) -> None:
    """Read the lists of names within records that have options of their own, in place, as ``read_names``.

    :raises OptionError: also for a null: Ansible's checks make it 'not given'.
    """
    for option, entry in spec.items():
        inner, value = entry.get("options") or {}, params.get(option)
        for number, record in enumerate(value if inner and isinstance(value, list) else ()):
            if isinstance(record, dict):
                try:
                    refuse_nulls([name for name, own in record.items() if own is None], every=True)
                    record.update(read_names(inner, record))
                except OptionError as error:
                    text = f"{option}[{number}].{error}"
                    raise OptionError(text) from None

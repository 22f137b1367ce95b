# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A filter as a template calls it."""

from __future__ import annotations

import importlib
from typing import Any


def call(name: str, *values: Any, **options: Any) -> Any:
    """What the filter of this name returns."""
    module = importlib.import_module(f"ansible_collections.aimms.cloud.plugins.filter.{name}")
    return module.FilterModule().filters()[name](*values, **options)

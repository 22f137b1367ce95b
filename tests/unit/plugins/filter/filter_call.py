# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A filter as a template calls it."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

ODD = (float("nan"), float("inf"), [1], ["a", ["b"]], {"a": 1}, {}, [], None, True, "x", 5, -1, 10**400, b"x", {1, 2})
"""What a template may give where something else is meant."""


def call(name: str, *values: Any, **options: Any) -> Any:
    """What the filter of this name returns."""
    module = importlib.import_module(f"ansible_collections.aimms.cloud.plugins.filter.{name}")
    return module.FilterModule().filters()[name](*values, **options)


def odd_records(record: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The record with each odd value in each of its fields."""
    for name in record:
        for value in ODD:
            yield {**record, name: value}


def ends_in_its_own_error(name: str, *values: Any, **options: Any) -> None:
    """Call the filter: it returns something, or raises its own error; any other one is raised."""
    from ansible.errors import AnsibleFilterError  # controllers have it

    with suppress(AnsibleFilterError):
        call(name, *values, **options)

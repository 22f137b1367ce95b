# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the documentation of plugins says about their options, in a form that specifications can be compared with."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import yaml

PLUGINS = "ansible_collections.aimms.cloud.plugins"


def part_of(file: str, part: str = "documentation") -> dict[str, Any]:
    """A part of a file of doc_fragments, such as ``PLUGIN``."""
    fragments = import_module(f"{PLUGINS}.doc_fragments.{file}").ModuleDocFragment
    return yaml.safe_load(getattr(fragments, part.upper()))


def fragment(name: str) -> dict[str, Any]:
    """The options of a doc fragment, as ``aimms.cloud.connection.plugin`` names it."""
    return part_of(*name.split(".")[2:]).get("options", {})


def documented(kind: str, name: str) -> dict[str, Any]:
    """All documented options of a plugin: its own over those of its fragments, merged option by option."""
    own = yaml.safe_load(import_module(f"{PLUGINS}.{kind}.{name}").DOCUMENTATION)
    merged: dict[str, Any] = {}
    for options in [*map(fragment, own.get("extends_documentation_fragment", ())), own.get("options", {})]:
        for option, entry in options.items():
            merged[option] = {**merged.get(option, {}), **entry}
    return merged


def told(options: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """What documentation and specification must agree on, by option, with the defaults of both made plain."""
    return {name: said(option) for name, option in options.items()}


def said(option: Mapping[str, Any]) -> dict[str, Any]:
    """The same of one option."""
    return {
        "type": option.get("type", "str"),
        "elements": option.get("elements"),
        "default": option.get("default"),
        "choices": option.get("choices"),
        "required": option.get("required", False),
        "options": {name: said(one) for name, one in (option.get("suboptions") or option.get("options") or {}).items()},
    }

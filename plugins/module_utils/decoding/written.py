# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans and records that are given as text, as a survey or ``-e`` gives them. Pure."""

from __future__ import annotations

import ast
import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from ansible_collections.aimms.cloud.plugins.module_utils.decoding.strict_yaml import Twice, yaml_in
from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError, shown


def is_written(value: object) -> bool:
    """Whether it is a text that begins as a list or a mapping: no path of a file does."""
    return isinstance(value, str) and value.lstrip()[:1] in ("{", "[")


def value_in(text: str, option: str) -> Any:
    """The list or mapping that the text is, as JSON, as Python writes it, or as YAML; None if it is none of them.

    :raises OptionError: for a name that stands twice in a mapping: one of its values would be lost without a sound.
    """
    for read in (_json_in, _python_in, lambda one: yaml_in(one.encode(), whole=True)):
        try:
            value = read(text.strip())
        except Twice as error:
            raise OptionError(f"{option}: '{shown(error.name)}' stands twice in a mapping.", "Give it once.") from None
        except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
            continue
        if isinstance(value, (list, dict)):
            return value
    return None


def records_in(value: object, option: str) -> Any:
    """The records of a text that begins as a list or a mapping, as of a report with ``planned``; else the value itself.

    :raises OptionError: when the text cannot be read.
    """
    if not is_written(value):
        return value
    found = value_in(str(value), option)
    found = found.get("planned", [found]) if isinstance(found, dict) else found
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise OptionError(
            f"{option}: '{shown(str(value))}' is no list of records.", "Give a list, or one as JSON text."
        )
    return found


def _json_in(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_unique)


def _unique(pairs: Sequence[tuple[Any, Any]]) -> dict[Any, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Twice(Counter(name for name, _value in pairs).most_common(1)[0][0])
    return found


def _python_in(text: str) -> Any:
    tree = ast.parse(text, mode="eval")
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            _unique([(key.value, None) for key in node.keys if isinstance(key, ast.Constant)])
    return ast.literal_eval(tree)

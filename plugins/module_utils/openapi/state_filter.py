# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""By which parameter a server lists sessions in certain states only: one whose values are all known here. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.models.field_names import letters_only
from ansible_collections.aimms.cloud.plugins.module_utils.models.states import is_active, is_ended
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.document import Parameter

_NAME = re.compile(r"\A(?:sessions?)?(?:states?|status(?:es)?)(?:in)?\Z")
_MOST_QUERIES = 4
_REPEATED, _BY_COMMA = "repeated", "by comma"

Filters = tuple[tuple[str, str], ...]
"""Query parameters, as name and value; a name may be there several times."""


@dataclass(frozen=True)
class StateFilter:
    """The query for the active sessions, and the queries that together are for all ended ones."""

    active: Filters
    ended: tuple[Filters, ...]


def state_filter(parameters: Sequence[Parameter]) -> Optional[StateFilter]:
    """The filter by state; None where the document leaves any doubt.

    The document must name the values, each must mean one thing here, and it must tell how several of them are sent.
    """
    return next(filter(None, map(_filter_by, parameters)), None)


def _filter_by(parameter: Parameter) -> Optional[StateFilter]:
    listed = parameter.items.get("enum")
    values = [str(value) for value in listed] if isinstance(listed, list) else parameter.enum
    active, ended = (tuple(filter(phase, values)) for phase in (is_active, is_ended))
    known = active and ended and len(active) + len(ended) == len(values)
    if not known or parameter.inside or not _NAME.match(letters_only(parameter.name)):
        return None
    if not parameter.items:
        one_by_one = tuple(((parameter.name, value),) for value in ended)
        single = len(active) == 1 and len(ended) <= _MOST_QUERIES and parameter.type == "string"
        return StateFilter(((parameter.name, active[0]),), one_by_one) if single else None
    style = _style(parameter.entry)
    if not style:
        return None
    return StateFilter(_several(parameter.name, style, active), (_several(parameter.name, style, ended),))


def _style(entry: Mapping[str, Any]) -> str:
    """How several values are sent; empty for a way that is not known here."""
    if "schema" in entry:
        told = f"{entry.get('style', 'form')} {entry.get('explode', True)}"
        return {"form True": _REPEATED, "form False": _BY_COMMA}.get(told, "")
    told = "" if "content" in entry else str(entry.get("collectionFormat", "csv"))  # 2.0
    return {"multi": _REPEATED, "csv": _BY_COMMA}.get(told, "")


def _several(name: str, style: str, values: Sequence[str]) -> Filters:
    return ((name, ",".join(values)),) if style == _BY_COMMA else tuple((name, value) for value in values)

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the body of an error says: its message, the reasons of a validation, and its id. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from ansible_collections.aimms.cloud.plugins.module_utils.decoding.strict_json import is_page, json_in

_TEXTS = "message detail title error msg text explanation reason description defaultmessage".split()
_REASONS = set(
    "errors details extra issues violations messages validationerrors fielderrors fieldviolations invalidparams causes "
    "errordetails validation problems".split()
)
_PLACES = "loc field param parameter pointer propertypath property path instancepath key name source members".split()
_MOST_REASONS, _DEEPEST_REASON = 5, 4
_CODES = ("errorid", "errorcode")
_WRAPPERS = ("error", "fault")
_LONGEST_TEXT = 16 * 1024  # characters: more than any message, and than any key behind the part that is shown


@dataclass(frozen=True)
class ErrorBody:
    """What the body of an error says. ``form`` and ``coded``: as in ``HttpError``. It may contain the key."""

    text: str = ""
    form: str = ""
    coded: bool = False


def error_body(body: bytes) -> ErrorBody:
    """The message, the reasons and the error id of an error, under any of their usual names."""
    try:
        error = json_in(body)
    except ValueError:
        return ErrorBody("(an HTML page)" if is_page(body) else "")
    if not isinstance(error, Mapping):
        return ErrorBody()
    inner = next((value for name, value in error.items() if _plain(name) in _WRAPPERS), None)
    error = inner if isinstance(inner, Mapping) else error
    values = {
        _plain(name): value for name, value in error.items() if isinstance(value, (str, int)) and value is not True
    }
    text = next((str(values[name]) for name in _TEXTS if name in values), "")
    head = text.strip().rstrip(".:")
    reasons = dict.fromkeys(one for one in islice(_reasons_of(error, bool(text)), _MOST_REASONS) if one != head)
    text = ": ".join(filter(None, (head, "; ".join(reasons)))) if reasons else text
    error_id = values.get("errorid", "")
    text = " ".join((f"{text[:_LONGEST_TEXT]} (errorId {error_id})" if error_id else text[:_LONGEST_TEXT]).split())
    return ErrorBody(text, " ".join([*sorted(map(_plain, error)), text]) or "{}", any(map(values.get, _CODES)))


def _reasons_of(error: Mapping[str, Any], has_text: bool) -> Iterator[str]:
    """What is wrong in particular: ``detail: [{loc, msg}]``, ``message: [...]``, ``errors: {field: [...]}`` and alike.

    An error without any of these may have a list of texts for each field.
    """
    nested = {_plain(name): value for name, value in error.items() if isinstance(value, (list, Mapping))}
    named = [value for name, value in nested.items() if name in _REASONS.union(_TEXTS)]
    lists = {} if has_text or named else {name: value for name, value in error.items() if isinstance(value, list)}
    fields = {name: [one for one in value if isinstance(one, str)] for name, value in lists.items()}
    for value in named or [fields]:
        yield from _reasons(value, "", _DEEPEST_REASON)


def _reasons(value: Any, place: str, depth: int) -> Iterator[str]:
    """The texts in a value, each after the name of what it is about."""
    if isinstance(value, str):
        told = value.strip(" .")
        yield from [f"{place}: {told}" if place else told] if told else []
    elif isinstance(value, list) and depth:
        for one in value[:_MOST_REASONS]:
            yield from _reasons(one, place, depth - 1)
    elif isinstance(value, Mapping) and depth:
        fields = {_plain(name): one for name, one in value.items()}
        text = next((fields[name] for name in _TEXTS if fields.get(name) and isinstance(fields[name], str)), "")
        places = (_last_name(fields[name]) for name in _PLACES if name in fields)
        for name, one in [(next(filter(None, places), place), text)] if text else [*value.items()][:_MOST_REASONS]:
            yield from _reasons(one, str(name), depth - 1)


def _last_name(value: Any) -> str:
    """The name in the description of a place: the text, or the last one of several."""
    inner = list(value.values()) if isinstance(value, Mapping) else value if isinstance(value, list) else [value]
    return next((one for one in reversed(inner) if isinstance(one, str)), "")


def _plain(name: str) -> str:
    return name.lower().rpartition(":")[2].replace("_", "").replace("-", "")

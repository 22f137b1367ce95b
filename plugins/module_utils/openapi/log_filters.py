# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""By which parameters a server filters a log: known names with a type that says how to write the value. Pure.

The server's filters only save requests, the lines are filtered again here. So a filter is rather left out than guessed,
and times are widened: a wanted line that the server drops would never be missed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Optional

from ansible_collections.aimms.cloud.plugins.module_utils.models.field_names import letters_only
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.document import Parameter
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import iso

_DAY_IN_ANY_ZONE = 86400 + 14 * 3600
_AROUND = (
    r"(?:filter|logs?|logged|timestamp|datetime|time|date|unix|epoch|utc|iso|ts|ms|millis(?:econds)?|sec(?:ond)?s?)*"
)
_NAMES = {
    "begin": r"begin(?:ning)?|start(?:ing)?|from|since|after|notbefore|earliest|min|gte?",
    "end": r"end(?:ing)?|to|until|till|upto|before|notafter|latest|max|lte?",
}
_TIMES = {edge: re.compile(rf"\A{_AROUND}(?:{names}){_AROUND}\Z") for edge, names in _NAMES.items()}
_TEXT = re.compile(
    r"\A(?:filter|logs?|lines?|messages?)*(?:contain(?:s|ing)?|search|grep|text|substring|keyword)"
    r"(?:text|string|term|phrase)*(ci|ignorecase|caseinsensitive)?\Z"
)
_PLAIN = re.compile(r"[\w ,:;/=@#-]+")  # text that is the same as a pattern
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SINCE_1970, _MILLISECONDS, _SECONDS = {"epoch", "unix"}, {"ms", "millis", "milliseconds"}, {"sec", "seconds"}
_LONGEST_NAME = 64


@dataclass(frozen=True)
class LogFilters:
    """The parameters that surely filter; None where there is none."""

    begin: Optional[Parameter] = None
    end: Optional[Parameter] = None
    contains: Optional[Parameter] = None

    def query(self, begin: Optional[float], end: Optional[float], contains: Optional[str]) -> dict[str, str]:
        """The query that asks at least for the lines from ``begin`` to ``end`` that contain a text.

        :param begin: seconds since 1970, None: from the first line. :param end: the same, None: to the last one.
        """
        query: dict[str, Optional[str]] = {}
        if self.begin and begin is not None and math.isfinite(begin):
            query[self.begin.name] = _written(self.begin, math.floor(begin), -1)
        if self.end and end is not None and math.isfinite(end):
            query[self.end.name] = _written(self.end, math.ceil(end), 1)
        if self.contains and contains and _means_itself(self.contains, contains):
            query[self.contains.name] = contains
        return {name: value for name, value in query.items() if value is not None}


def filters_from(parameters: Sequence[Parameter]) -> LogFilters:
    """The filters of a log operation. :param parameters: its query parameters, except for those that paging uses."""
    usable = [
        one for one in parameters if one.place in ("query", "") and not one.enum and len(one.name) <= _LONGEST_NAME
    ]
    times = [one for one in usable if one.format in ("date-time", "date") or _per_second(one)]
    texts = [one for one in usable if one.type == "string" and not one.format]
    return LogFilters(_named(_TIMES["begin"], times), _named(_TIMES["end"], times), _named(_TEXT, texts))


def _named(pattern: re.Pattern[str], parameters: Sequence[Parameter]) -> Optional[Parameter]:
    return next((one for one in parameters if pattern.match(letters_only(one.name))), None)


def _means_itself(parameter: Parameter, text: str) -> bool:
    """Whether the server finds a text in any case: by the parameter's name, or as the text has no letters."""
    named = _TEXT.match(letters_only(parameter.name))
    any_case = bool(named and named.group(1)) or text.lower() == text.upper()
    return any_case and bool(_PLAIN.fullmatch(text))


def _per_second(parameter: Parameter) -> int:
    """For a number whose name or format says that it counts from 1970: how many are a second. 0 for any other."""
    told = {word.lower() for word in _WORD.findall(f"{parameter.name} {parameter.format}")}
    milliseconds, seconds = (not told.isdisjoint(unit) for unit in (_MILLISECONDS, _SECONDS))
    if parameter.type not in ("integer", "number") or told.isdisjoint(_SINCE_1970) or milliseconds == seconds:
        return 0
    return 1000 if milliseconds else 1


def _written(parameter: Parameter, seconds: int, direction: int) -> Optional[str]:
    """A time as the parameter wants it, a second or more beyond; None for one that cannot be written."""
    if parameter.format == "date":
        day = iso(seconds + direction * _DAY_IN_ANY_ZONE)
        return day and day[:10]
    moment = seconds + direction
    return iso(moment) if parameter.format == "date-time" else str(max(0, moment) * _per_second(parameter))

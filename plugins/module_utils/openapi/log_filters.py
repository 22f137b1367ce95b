# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""By which parameters a server filters a log, told from their names and descriptions. Pure.

The server's filters only save time, the lines are filtered again here. So a filter is rather left out than guessed, and
times are widened: a wanted line that the server drops would never be missed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from re import Match
from typing import Optional

from ansible_collections.aimms.cloud.plugins.module_utils.openapi.document import Parameter
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import EPOCH

BEGIN, END, CONTAINS = "begin", "end", "contains"
_OTHER_EDGE = {BEGIN: END, END: BEGIN}
_DAY = 86400
_FURTHEST_ZONE = 14 * 3600


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


# Names, as nothing but small letters.
_TIME = (
    r"(?:timestamp|datetime|time|date|moment|instant|epoch|unix|iso|utc|ts|ms(?:ecs?)?|milli(?:s|secs?|seconds?)?"
    r"|sec(?:ond)?s?)*"
)
_AROUND = r"(?:filter|logs?|logged|at|is|incl(?:usive)?)*"
_EDGES = {
    BEGIN: (
        "since|notbefore",
        "begin(?:ning)?|start(?:ing)?|from|after|onorafter",
        "min(?:imum)?|earliest|lower|gte?|ge|newer(?:than)?|laterthan",
    ),
    END: (
        "until|till|notafter",
        "end(?:ing)?|to|upto|before|onorbefore",
        "max(?:imum)?|latest|upper|lte?|le|older(?:than)?|earlierthan|stop",
    ),
}
"""Names that are about time by themselves, those that may be, and those that are only with a word about time."""
_NAMED = {
    edge: re.compile(
        rf"\A{_AROUND}(?P<time>{_TIME}){_AROUND}(?:(?P<timely>{timely})|(?P<plain>{plain})|(?P<bound>{bound}))"
        rf"{_AROUND}(?P<unit>{_TIME}){_AROUND}\Z"
    )
    for edge, (timely, plain, bound) in _EDGES.items()
}
_NAMED_TEXT = re.compile(
    r"\A(?:filter|logs?|lines?|messages?|msg|body|content|text)*"
    r"(?:contain(?:s|ing)?|search(?:for)?|grep|(?:full)?text|substr(?:ing)?|keyword|phrase|needle|find)"
    r"(?:text|string|term|phrase|word|search|logs?|lines?|messages?|ci|ignorecase|caseinsensitive)*\Z"
)

# Descriptions.
_A_TIME = r"(?:time|date|moment|instant|timestamp|point in time)"
_THIS = r"(?:this|that|the given|a given|the specified|a certain)"
_SPAN = r"(?:the|a) (?:time|period|range|interval|window)"
_SAID = {
    BEGIN: _pattern(
        r"\b(?:(?:on|at) or after|not before|(?:no|not) (?:earlier|older) than|(?<!no )(?<!not )(?:newer|later) than"
        rf"|earliest {_A_TIME}|lower bound|since {_THIS}|(?<!not )(?:from|after|starting (?:at|from)) {_THIS} {_A_TIME}"
        rf"|(?:begin|beginning|start) of {_SPAN}|(?:begin|beginning|start|starting)[ -]{_A_TIME})\b"
    ),
    END: _pattern(
        r"\b(?:(?:on|at) or before|not after|(?:no|not) (?:later|newer) than|(?<!no )(?<!not )(?:older|earlier) than"
        rf"|latest {_A_TIME}|upper bound|until {_THIS}|(?<!not )(?:up to|before|ending (?:at|with)) {_THIS} {_A_TIME}"
        rf"|end of {_SPAN}|(?:end|ending|stop)[ -]{_A_TIME})\b"
    ),
    CONTAINS: _pattern(
        r"\b(?:lines?|entries|messages?|records|logs?)\b[^.;]{0,40}\b(?:contain(?:s|ing)?|with|hold(?:s|ing)?"
        r"|includ(?:es?|ing)|that have)\b[^.;]{0,20}\b(?:text|string|substring|words?|phrase|term)\b"
        r"|\b(?:this|the|a|that) (?:given )?(?:text|string|substring|phrase) (?:occurs|appears|is found|is contained)"
        r"|\bfull[- ]?text search|\btext (?:to (?:search|look) for|search|that (?:the|a) (?:line|message))"
        r"|\bsearch(?:es)? for\b[^.;]{0,20}\b(?:text|string)"
    ),
}
_TIMELY = _pattern(
    r"\b(?:dates?|times?|datetime|timestamps?|moment|instant|epoch|unix|iso[- ]?8601|rfc[- ]?3339|utc|ms"
    r"|(?:milli|micro|nano)?seconds?|since 1970)\b|yyyy|\b20\d\d-\d\d-\d\d"
)
_NO_TIME = _pattern(
    r"\b(?:offset|index|cursor|continuation|opaque|pages?|position|sequence|skip|identifier|ids?|line numbers?|token"
    r"|number of|how many|count|bytes?)\b"
)
_RELATIVE = _pattern(
    r"\bsort|\border|st (?:\w+ )?first\b|\bago\b|\brelative|\bduration|\belapsed"
    r"|\b(?:last|past|recent|previous) (?:\w+ )?(?:second|minute|hour|day)s?\b"
    r"|\b(?:since|from|after|before) the (?:start|begin|beginning|launch|end|first|last)\b"
    r"|\bsessions?\b[^.;]{0,30}\b(?:created|started|ended|finished|begun|launched)\b"
    r"|\b(?:creation|start|begin|beginning|end)(?: time)? of (?:the|a) session\b"
)
_NO_TEXT = _pattern(
    r"\bregular|regex|\bpattern|\bwildcard|\bglob\b|\bexact|\bequal|\bprefix|\b(?:start|begin|end)s? with\b"
    r"|\bwhole words?\b|\bexpression|\bsyntax|\bquery language|\bhighlight|\bsession(?:'s)? (?:name|id)"
)
_WITHOUT = _pattern(r"\bwithout (?!regard|respect|case)|\b(?:not|n't|never) (?:contain|includ|hav)|\bno such text")
_LEFT_OUT = _pattern(
    r"\b(?:left out|leaves? out|omit(?:s|ted)?|exclud(?:es?|ed|ing)|dropped|skipped|hid(?:es?|den|ing)|removed"
    r"|not (?:given|returned|listed|shown|included))\b"
)
_SAME_CASE = _pattern(r"case[- ]sensitive|\bcase matters\b|\b(?:same|matching|exact) case\b|\bcase must match")

# Formats of times.
_OTHER_FORMS = _pattern(
    r"yyyymmdd|\bdd[-/. ]?m{2,3}\b|\bmm[-/. ]dd\b|\brfc[- ]?(?:822|1123|2822|850|5322)\b|http[- ]date|yyyy[/.]mm"
    r"|\b20\d\d/\d\d"
)
_SHOWN = _pattern(
    r"(?:yyyy|20\d\d)-(?:mm|\d\d)-(?:dd|\d\d)(?:(?P<between>'?t'?|[ ])(?:hh|\d\d):(?:mm|mi|\d\d)"
    r"(?P<seconds>:(?:ss|\d\d)(?P<fraction>[.,](?:s+|m+|f+|\d+))?)?"
    r"(?P<zone>'?z\b'?|\s?[+-](?:hh|\d\d):?(?:mm|\d\d)|x{1,3}\b|\s?±)?)?"
)
_WITHOUT_ZONE = _pattern(
    r"\blocal (?:date|time)|\b(?:without|no) (?:an? |any )?(?:time[- ]?)?(?:zone|offset)|\bzone-?less|\bnaive\b"
    r"|localdatetime|\bserver(?:'s)? time\b"
)
_UNITS = (
    (10**9, _pattern(r"nanos|\bnano|\bns\b")),
    (10**6, _pattern(r"micros|\bmicro|\bus\b|µs")),
    (10**3, _pattern(r"milli|\bms\b|\bmsecs?\b|\b1\d{12}\b")),
    (1, _pattern(r"\bsec(?:ond)?s?\b|\b1\d{9}\b")),
)
_UNIX = _pattern(r"\bunix|\bepoch|\bposix")
_A_NUMBER = _pattern(r"\bunix|\bepoch|\bposix|\bms\b|\bmillis\b|since 1970|\bin (?:milli|micro|nano)?seconds\b")
_ISO = _pattern(r"\biso\b|\brfc\b")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
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
        query: dict[str, str] = {}
        for parameter, edge, seconds in ((self.begin, BEGIN, begin), (self.end, END, end)):
            written = _written(parameter, edge, seconds) if parameter and seconds is not None else None
            if parameter and written is not None:
                query[parameter.name] = written
        if self.contains and contains and (contains.lower() == contains.upper() or not _heeds_case(self.contains)):
            query[self.contains.name] = contains
        return query


def _heeds_case(contains: Parameter) -> bool:
    """Whether the document says that the server's text search heeds case."""
    return bool(_SAME_CASE.search(contains.description))


def filters_from(parameters: Sequence[Parameter]) -> LogFilters:
    """The filters of a log operation.

    :param parameters: its query parameters, but for those that paging uses. A sure name counts more than a description.
    """
    able = [one for one in parameters if one.place in ("query", "") and not one.enum and len(one.name) <= _LONGEST_NAME]
    found: dict[str, Parameter] = {}
    for role in (BEGIN, END, CONTAINS):
        for parameter in _candidates(able, role):
            if parameter not in found.values():
                found.setdefault(role, parameter)
    return LogFilters(found.get(BEGIN), found.get(END), found.get(CONTAINS))


def _candidates(parameters: Sequence[Parameter], role: str) -> Iterator[Parameter]:
    """The parameters that surely play the role, by name before by description."""
    if role == CONTAINS:
        texts = [one for one in parameters if one.type in ("string", "") and not one.format]
        texts = [one for one in texts if not _NO_TEXT.search(one.description)]
        yield from (one for one in texts if _NAMED_TEXT.match(_plain(one)) and not _negated(one))
        yield from (one for one in texts if _says(one, role) and not _without(one) and not _left_out(one))
        return
    times = [one for one in parameters if _may_be_time(one)]
    yield from (one for one in times if _named(one, role))
    yield from (one for one in times if _said(one, role))


def _may_be_time(parameter: Parameter) -> bool:
    if parameter.type not in ("string", "integer", "number", "") or _RELATIVE.search(parameter.description):
        return False
    counted = _NO_TIME.search(parameter.description)
    return not (counted and (parameter.type != "string" or not _timely(parameter)))


def _named(parameter: Parameter, edge: str) -> bool:
    """Whether the name tells; a plain ``from`` may be anything where nothing speaks of time, unless it is a text."""
    match = _NAMED[edge].match(_plain(parameter))
    contradicted = _says(parameter, _OTHER_EDGE[edge]) and not _says(parameter, edge) and not _left_out(parameter)
    if not match or contradicted:
        return False
    if match.group("time") or match.group("unit") or match.group("timely") or _timely(parameter):
        return True
    return bool(match.group("plain")) and parameter.type == "string" and not parameter.format


def _said(parameter: Parameter, edge: str) -> bool:
    other = _OTHER_EDGE[edge]
    if _NAMED[other].match(_plain(parameter)) or not _timely(parameter) or _left_out(parameter):
        return False
    return _says(parameter, edge) and not _says(parameter, other)


def _says(parameter: Parameter, role: str) -> bool:
    return bool(_SAID[role].search(parameter.description))


def _without(parameter: Parameter) -> bool:
    return bool(_WITHOUT.search(parameter.description))


def _left_out(parameter: Parameter) -> bool:
    return bool(_LEFT_OUT.search(parameter.description))


def _negated(parameter: Parameter) -> bool:
    """Whether it keeps lines without the text: "lines without it are left out" does not."""
    return _without(parameter) != _left_out(parameter)


def _timely(parameter: Parameter) -> bool:
    """Whether format or description speak of a time."""
    return bool(_TIMELY.search(f"{_spaced(parameter.format)} {parameter.description}"))


def _plain(parameter: Parameter) -> str:
    return re.sub(r"[^a-z]", "", parameter.name.lower())


def _spaced(name: str) -> str:
    return " ".join(_WORD.findall(name))


def _said_of(parameter: Parameter) -> str:
    return f"{_spaced(parameter.name)} {_spaced(parameter.format)} {parameter.description}"


def _written(parameter: Parameter, edge: str, seconds: float) -> Optional[str]:
    """A time as the parameter wants it, a second or more beyond; None where that cannot be told or written."""
    if not math.isfinite(seconds):
        return None
    moment = math.floor(seconds) - 1 if edge == BEGIN else math.ceil(seconds) + 1
    try:
        return _as_number(parameter, edge, moment) if _is_number(parameter) else _as_text(parameter, edge, moment)
    except (OverflowError, ValueError):
        return None


def _is_number(parameter: Parameter) -> bool:
    if parameter.type in ("integer", "number") or re.match(r"u?int\d+|double|float", parameter.format):
        return True
    said = _said_of(parameter)
    if parameter.format.startswith("date") or _ISO.search(said) or _SHOWN.search(said):
        return False
    return bool(_A_NUMBER.search(said))


def _as_number(parameter: Parameter, edge: str, moment: int) -> Optional[str]:
    """Since 1970, in the unit that is told; without one, seconds are small enough for a beginning in any unit."""
    said = _said_of(parameter)
    units = [unit for unit, pattern in _UNITS if pattern.search(said)]
    if not units and _UNIX.search(said):
        units = [1]
    if len(units) != 1:
        return str(max(0, moment)) if edge == BEGIN else None
    return str(max(0, moment) * units[0])


def _as_text(parameter: Parameter, edge: str, moment: int) -> Optional[str]:
    """In the form that is shown; ISO 8601 in UTC where none is."""
    sign = -1 if edge == BEGIN else 1
    said = f"{parameter.format} {parameter.description}"
    shown = list(_SHOWN.finditer(said))
    timed = [form for form in shown if form.group("between")]
    if parameter.format == "date" or (shown and not timed and parameter.format != "date-time"):
        return _moment(moment + sign * (_DAY + _FURTHEST_ZONE)).date().isoformat()
    if not timed and parameter.format != "date-time" and _OTHER_FORMS.search(said):
        return None
    form = next((form for form in timed if form.group("zone")), timed[0] if timed else None)
    zoned = bool(form.group("zone")) if form else not _WITHOUT_ZONE.search(said)
    if not zoned:
        moment += sign * _FURTHEST_ZONE
    if form and not form.group("seconds"):
        moment += sign * 60
    return _shaped(_moment(moment), form) + ("Z" if zoned else "")


def _shaped(moment: datetime, form: Optional[Match[str]]) -> str:
    if form is None:
        return moment.isoformat()
    between = " " if form.group("between") == " " else "T"
    written = moment.isoformat(between, "seconds" if form.group("seconds") else "minutes")
    return f"{written}.000" if form.group("fraction") else written


def _moment(seconds: int) -> datetime:
    return (EPOCH + timedelta(seconds=seconds)).replace(tzinfo=None)

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A line of a log: text that begins with its time, or a record with any field names. Pure."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta, tzinfo
from typing import Any, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.models.field_names import letters_only
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import EPOCH, Instant, parse_instant

# The usual names of fields, as their letters only, the most certain first.
_TIMES = (
    "timestamp time ts datetime logtime logtimestamp loggedat logdate logdatetime eventtime eventtimestamp eventdate "
    "linetime linetimestamp messagetime timestamputc utctimestamp utctime timeutc timestampms timestampmillis timems "
    "timemillis tsms epochms epochmillis unixtime epochtime epoch instant moment when at createdat created writtenat "
    "emittedat occurredat recordedat asctime isotime timeiso observedtimestamp receivedat ingestedat date timedate "
    "timestampdate timeseconds timestampseconds instantepochsecond epochsecond t"
).split()
_MESSAGES = (
    "message msg line logmessage logline text log content body messagetext linetext logtext messagebody logcontent "
    "textpayload rawmessage fullmessage formattedmessage renderedmessage entry logentry payload event eventoriginal "
    "eventmessage raw rawlog output data value description shortmessage m"
).split()
_RANK = {name: rank for names in (_TIMES, _MESSAGES) for rank, name in enumerate(names)}
_NO_MESSAGES = set(
    "level severity loglevel priority pod podname container containername host hostname node nodename namespace stream "
    "source logger loggername thread threadname process pid service servicename component module category kind type id "
    "sessionid session user owner app appname version file filename function cursor offset traceid spanid requestid "
    "uid uuid tag facility environment account status state".split()
)
"""Usual fields beside the message. An unknown field may be the message, but not these."""

_DAY = re.compile(r"\A\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_CLOCK = re.compile(r"\A\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,12})?)?(?:[Zz]|[+-]\d{2}:?\d{2})?\Z", re.ASCII)
_BEGINNING = re.compile(
    r"(\[)?"
    r"(\d{4}[-/]\d{2}[-/]\d{2}[Tt ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,12})?)?"
    r"(?:[Zz]|[ ](?:UTC|GMT|Z)(?!\w)|[ ]?[+-](?:0\d|1[0-4]):?(?:00|15|30|45)|[+-](?:0\d|1[0-4]))?"
    r"|1\d{12}|\d{10}\.\d{1,9})"
    r"(?(1)\][:,]?[ \t]?|[:,]?(?:[ \t]|\Z))",
    re.ASCII,
)


@dataclass(frozen=True)
class LogLine:
    """One line; ``timestamp`` is None when it is unknown."""

    timestamp: Optional[Instant]
    message: str

    def as_dict(self) -> dict[str, Optional[str]]:
        """``timestamp`` as ``YYYY-MM-DDTHH:MM:SS.mmmZ`` in UTC, or None, and ``message``."""
        stamp = self._stamp()
        return {"timestamp": f"{stamp}Z" if stamp else None, "message": self.message}

    def text(self) -> str:
        """The line as in the portal: ``2025-07-24 12:21:11.306 message``; without a time only the message."""
        stamp = self._stamp()
        return f"{stamp.replace('T', ' ')} {self.message}" if stamp else self.message

    def _stamp(self) -> str:
        """The time in UTC in whole milliseconds, without its zone; '' when it is unknown."""
        if self.timestamp is None:
            return ""
        # Add almost a microsecond against the rounding of floats: .306 must not become .305.
        milliseconds = math.floor(self.timestamp.seconds * 1000 + 0.0009)
        return (EPOCH + timedelta(milliseconds=milliseconds)).replace(tzinfo=None).isoformat(timespec="milliseconds")


@dataclass(frozen=True)
class _Field:
    """A field of a record; ``path`` is its name after that of the object around it, '' for an outer field."""

    depth: int
    name: str
    path: str
    value: Any

    @property
    def rank(self) -> int:
        return min(_RANK.get(self.name, len(_RANK)), _RANK.get(self.path, len(_RANK)))

    @property
    def is_object(self) -> bool:
        return isinstance(self.value, Mapping)

    def named(self, names: Container[str]) -> bool:
        return self.name in names or self.path in names


def lines_from(records: Iterable[Any], zone: Optional[tzinfo] = None) -> list[LogLine]:
    """The lines in a server's records, in their order.

    A record is an object with a time and a message, or text that begins with its time. Text without a time has that of
    the line before.

    :param zone: the zone of times without one (``naive_timezone``).
    :raises ValueError: for any other record: no line is ever left out.
    """
    lines: list[LogLine] = []
    for record in records:
        if isinstance(record, str):
            line = _from_text(record, zone)
            if line.timestamp is None and lines:
                line = LogLine(lines[-1].timestamp, line.message)
        elif isinstance(record, Mapping):
            line = _from_fields(record, zone)
        else:
            raise ValueError(f"a log line is neither text nor an object but {type(record).__name__}")
        lines.append(line)
    return lines


def _from_text(text: str, zone: Optional[tzinfo]) -> LogLine:
    line = text.rstrip("\r\n")
    match = _BEGINNING.match(line)
    moment = parse_instant(match.group(2), zone) if match else None
    if match is None or moment is None:
        return LogLine(None, line)
    return LogLine(moment, line[match.end() :])


def _from_fields(record: Mapping[Any, Any], zone: Optional[tzinfo]) -> LogLine:
    fields = _fields_of(record)
    moment, others = _time(fields, zone)
    message = _message(others)
    if message is None and moment is None:
        raise ValueError("a log line has neither a time nor a message that can be told")
    if moment is None:
        return _from_text(message or "", zone)
    return LogLine(moment, (message or "").rstrip("\r\n"))


def _fields_of(record: Mapping[Any, Any]) -> list[_Field]:
    """The fields that are not null, the most certain first: outer ones, those in objects, then objects themselves."""
    outer = [_Field(0, letters_only(name), "", value) for name, value in record.items() if value is not None]
    inner = [
        _Field(1, letters_only(name), field.name + letters_only(name), value)
        for field in outer
        if field.is_object
        for name, value in field.value.items()
        if value is not None and not isinstance(value, Mapping)
    ]
    return sorted([*outer, *inner], key=lambda field: (field.is_object, field.depth, field.rank))


def _time(fields: list[_Field], zone: Optional[tzinfo]) -> tuple[Optional[Instant], list[_Field]]:
    """The time and the other fields: by name, from ``date`` and ``time``, or the only text that is a time."""
    for field in fields:
        moment = parse_instant(field.value, zone) if field.named(_TIMES) else None
        if moment:
            return moment, [other for other in fields if other is not field]
    texts = {field.name: field.value for field in fields if isinstance(field.value, str)}
    day, clock = texts.get("date", ""), texts.get("time", "")
    if _DAY.match(day) and _CLOCK.match(clock):
        return parse_instant(f"{day}T{clock}", zone), [field for field in fields if field.name not in ("date", "time")]
    texts_with_time = [
        field
        for field in fields
        if isinstance(field.value, str) and ":" in field.value and parse_instant(field.value, zone)
    ]
    if len(texts_with_time) == 1:
        return parse_instant(texts_with_time[0].value, zone), [
            field for field in fields if field is not texts_with_time[0]
        ]
    return None, fields


def _message(fields: list[_Field]) -> Optional[str]:
    """The message by its name, or else the only text that is not a usual field beside it."""
    for field in fields:
        if field.named(_MESSAGES):
            value = field.value
            return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    texts = [field.value for field in fields if isinstance(field.value, str) and field.name not in _NO_MESSAGES]
    return texts[0] if len(texts) == 1 else None

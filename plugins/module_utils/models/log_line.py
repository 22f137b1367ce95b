# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A line of a session's log, whatever the server calls its fields, or as plain text that begins with its time. Pure."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta, tzinfo
from typing import Any, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.models.field_names import LONGEST_NAME
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import EPOCH, Instant, parse_instant

_EARLIEST, _LATEST = -62135596800, 253402300800
"""The years 1 to 9999, in seconds since 1970."""

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
"""Both the surest first, without anything but letters."""
_RANK = {name: rank for names in (_TIMES, _MESSAGES) for rank, name in enumerate(names)}
_BESIDES = set(
    "level severity loglevel priority pod podname container containername host hostname node nodename namespace stream "
    "source logger loggername thread threadname process pid service servicename component module category kind type id "
    "sessionid session user owner app appname version file filename function cursor offset traceid spanid requestid "
    "uid uuid tag facility environment account status state".split()
)
"""Fields that are told beside the message; an unknown field may be the message, these never are."""

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
    """One line; ``timestamp`` is None where it is not known."""

    timestamp: Optional[Instant]
    message: str

    def as_dict(self) -> dict[str, Optional[str]]:
        """``timestamp`` as ``YYYY-MM-DDTHH:MM:SS.mmmZ`` in UTC, or None, and ``message``."""
        stamp = self._stamp()
        return {"timestamp": f"{stamp}Z" if stamp else None, "message": self.message}

    def text(self) -> str:
        """The line as the portal shows it: ``2025-07-24 12:21:11.306 message``; only the message without a time."""
        stamp = self._stamp()
        return f"{stamp.replace('T', ' ')} {self.message}" if stamp else self.message

    def _stamp(self) -> str:
        """The time in UTC without its zone, cut off to milliseconds, or nothing."""
        if self.timestamp is None:
            return ""
        # Not quite a microsecond makes up for what a float cannot hold: .306 must not become .305.
        milliseconds = math.floor(self.timestamp.seconds * 1000 + 0.0009)
        return (EPOCH + timedelta(milliseconds=milliseconds)).replace(tzinfo=None).isoformat(timespec="milliseconds")


@dataclass(frozen=True)
class _Leaf:
    """A field; ``path`` has the outer name before its own where it is nested."""

    depth: int
    name: str
    path: str
    value: Any

    @property
    def rank(self) -> int:
        return min(_RANK.get(self.name, len(_RANK)), _RANK.get(self.path, len(_RANK)))

    def named(self, names: Container[str]) -> bool:
        return self.name in names or self.path in names


def lines_from(records: Iterable[Any], zone: Optional[tzinfo] = None) -> list[LogLine]:
    """The lines in a server's records, in their order.

    A record is an object with a time and a message, or text that begins with its time; text without one goes on with
    the line before it and has that line's time.

    :param zone: the zone of times that name none (``naive_timezone``).
    :raises ValueError: for anything else, and for an object with neither: a line is never silently left out.
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
    moment = _moment(match.group(2).replace("/", "-"), zone) if match else None
    if match is None or moment is None:
        return LogLine(None, line)
    return LogLine(moment, line[match.end() :])


def _from_fields(record: Mapping[Any, Any], zone: Optional[tzinfo]) -> LogLine:
    leaves = _leaves(record)
    moment, others = _time(leaves, zone)
    message = _message(others)
    if message is None and moment is None:
        raise ValueError("a log line has neither a time nor a message that can be told")
    if moment is None:
        return _from_text(message or "", zone)
    return LogLine(moment, (message or "").rstrip("\r\n"))


def _leaves(record: Mapping[Any, Any]) -> list[_Leaf]:
    """The fields that are not null, the surest first: outer ones, those nested once, objects as a whole."""
    outer = [_Leaf(0, _plain(name), "", value) for name, value in record.items() if value is not None]
    inner = [
        _Leaf(1, _plain(name), leaf.name + _plain(name), value)
        for leaf in outer
        if isinstance(leaf.value, Mapping)
        for name, value in leaf.value.items()
        if value is not None and not isinstance(value, Mapping)
    ]
    plain = [leaf for leaf in outer if not isinstance(leaf.value, Mapping)]
    whole = [_Leaf(2, leaf.name, "", leaf.value) for leaf in outer if isinstance(leaf.value, Mapping)]
    return sorted([*plain, *inner, *whole], key=lambda leaf: (leaf.depth, leaf.rank))


def _time(leaves: list[_Leaf], zone: Optional[tzinfo]) -> tuple[Optional[Instant], list[_Leaf]]:
    """The time and the other fields: by name, as ``date`` and ``time`` apart, or the only text that reads as one."""
    for leaf in leaves:
        moment = _moment(leaf.value, zone) if leaf.named(_TIMES) else None
        if moment:
            return moment, [other for other in leaves if other is not leaf]
    texts = {leaf.name: leaf.value for leaf in leaves if isinstance(leaf.value, str)}
    day, clock = texts.get("date", ""), texts.get("time", "")
    if _DAY.match(day) and _CLOCK.match(clock):
        return _moment(f"{day}T{clock}", zone), [leaf for leaf in leaves if leaf.name not in ("date", "time")]
    timely = [
        leaf for leaf in leaves if isinstance(leaf.value, str) and ":" in leaf.value and _moment(leaf.value, zone)
    ]
    if len(timely) == 1:
        return _moment(timely[0].value, zone), [leaf for leaf in leaves if leaf is not timely[0]]
    return None, leaves


def _message(leaves: list[_Leaf]) -> Optional[str]:
    """The field called so, or else the only text that is not one of the usual fields beside it."""
    for leaf in leaves:
        if leaf.named(_MESSAGES):
            return (
                leaf.value if isinstance(leaf.value, str) else json.dumps(leaf.value, ensure_ascii=False, default=str)
            )
    texts = [leaf.value for leaf in leaves if isinstance(leaf.value, str) and leaf.name not in _BESIDES]
    return texts[0] if len(texts) == 1 else None


def _moment(value: Any, zone: Optional[tzinfo]) -> Optional[Instant]:
    """A time that can be shown, or None."""
    moment = parse_instant(value, zone)
    return moment if moment and _EARLIEST <= moment.seconds < _LATEST else None


def _plain(name: object) -> str:
    return re.sub(r"[^a-z]", "", str(name)[:LONGEST_NAME].lower())

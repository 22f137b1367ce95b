# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A line of a log: text that begins with its time, or a record with any field names. Pure."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta, tzinfo
from typing import Any, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.models.field_names import (
    FieldResolver,
    flatten_fields,
    names_as_words,
    words,
)
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import EPOCH, Instant, parse_instant

_NOISE = frozenset(
    "log line event entry record message at utc ms millis iso epoch unix second seconds meta metadata attributes "
    "fields info details".split()
)
_NAMES = {
    "time": "timestamp, time, time stamp, ts, date time, datetime, logged, moment, instant, when, at, created, "
    "written, emitted, occurred, recorded, observed, observed timestamp, received, ingested, asctime, unixtime, epoch, "
    "epoch ms, epoch millis, date, t",
    "day": "date",
    "clock": "time",
    "message": "message, msg, line, log message, event message, line log, text, log, content, body, payload text, raw, "
    "full, formatted, rendered, entry, entry log, payload, event, original, output, data, value, description, short, m",
}
"""The usual names of fields as words, the most certain first."""
_WANTED = names_as_words(_NAMES)
_RESOLVER = FieldResolver(_WANTED, noise=_NOISE, by_own_name=True)
_BESIDE = frozenset(
    "level severity priority pod name container host hostname node namespace stream source logger thread process pid "
    "service component module category kind type id session user owner app version file filename function cursor "
    "offset trace span request uid uuid tag facility environment account status state date time timestamp".split()
)
"""Words of usual fields beside the message. A field of an unknown name may be the message, but not of these alone."""

_DAY = re.compile(r"\A\d{4}-\d{2}-\d{2}\Z", re.ASCII)
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


def lines_from(records: Iterable[Any], zone: Optional[tzinfo] = None) -> list[LogLine]:
    """The lines in a server's records, in their order.

    A record is an object with a time and a message, or text that begins with its time. Text without a time has that of
    the line before it in the log.

    :param zone: the zone of times without one (``naive_timezone``).
    :raises ValueError: for any other record: no line is ever left out.
    """
    lines: list[LogLine] = []
    untimed = set()
    for record in records:
        if isinstance(record, str):
            line = _from_text(record, zone)
            if line.timestamp is None:
                untimed.add(len(lines))
        elif isinstance(record, Mapping):
            line = _from_fields(record, zone)
        else:
            raise ValueError(f"a log line is neither text nor an object but {type(record).__name__}")
        lines.append(line)
    times = [line.timestamp.seconds for line in lines if line.timestamp]
    step = -1 if times and times[0] > times[-1] else 1  # newest first: the line before it in the log comes after it
    for number in sorted(untimed, reverse=step < 0):
        if 0 <= number - step < len(lines):
            lines[number] = LogLine(lines[number - step].timestamp, lines[number].message)
    return lines


def _from_text(text: str, zone: Optional[tzinfo]) -> LogLine:
    line = text.rstrip("\r\n")
    match = _BEGINNING.match(line)
    moment = parse_instant(match.group(2), zone) if match else None
    if match is None or moment is None:
        return LogLine(None, line)
    return LogLine(moment, line[match.end() :])


def _from_fields(record: Mapping[Any, Any], zone: Optional[tzinfo]) -> LogLine:
    """By the names of the fields; a time or a message of an unknown name is the only text that may be one."""
    at = _RESOLVER.resolve(record).values_in(record)
    days = [f"{day}T{clock}" for day, clock in zip(at["day"], at["clock"]) if _DAY.match(str(day))]
    moment = next(filter(None, (parse_instant(value, zone) for value in [*at["time"], *days])), None)
    messages = at["message"] or [
        value for name, value in record.items() if isinstance(value, Mapping) and _words(name) in _WANTED["message"]
    ]
    if moment is None or not messages:
        texts = [(name, value) for name, _path, value in flatten_fields(record, 1, " ") if isinstance(value, str)]
        times = [(text, parse_instant(text, zone) if ":" in text else None) for _name, text in texts]
        found = [time for text, time in times if time and text not in messages]
        moment = moment or (found[0] if len(found) == 1 else None)
        unread = [name_text for name_text, (_text, time) in zip(texts, times) if not time]
        unknown = [text for name, text in unread if not {*_words(name)} <= _BESIDE]
        messages = messages or (unknown if len(unknown) == 1 else [])
    if moment is None and not messages:
        raise ValueError("a log line has neither a time nor a message that can be told")
    message = messages[0] if messages else ""
    text = message if isinstance(message, str) else json.dumps(message, ensure_ascii=False, default=str)
    return _from_text(text, zone) if moment is None else LogLine(moment, text.rstrip("\r\n"))


def _words(name: Any) -> tuple[str, ...]:
    return words(str(name), _NOISE)

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Returns lines of the log of a session. Nothing is changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Callable

from ansible_collections.aimms.cloud.plugins.module_utils.api.session_manager import SessionManager
from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.module_utils.logs.lines import read
from ansible_collections.aimms.cloud.plugins.module_utils.logs.reader import LineFilter, LogReader
from ansible_collections.aimms.cloud.plugins.module_utils.models.log_line import LogLine
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import checked_id
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.log_filters import filters_from
from ansible_collections.aimms.cloud.plugins.module_utils.options import refuse_empty, zone_from
from ansible_collections.aimms.cloud.plugins.module_utils.redaction import redacted
from ansible_collections.aimms.cloud.plugins.module_utils.times.time_option import time_option_from

_LONG_WORD = 4  # letters
_FEW = 20  # lines


def log_info(params: Mapping[str, Any], warn: Callable[[str], None]) -> dict[str, Any]:
    """The result of ``aimms_session_log_info``.

    :param warn: called with each warning for the user.
    :raises AimmsError: for unusable options, and when the log cannot be read; HttpError 404: no such session.
    """
    refuse_empty(("begin", "end", "contains"), params)
    tail, limit = params.get("tail"), params.get("limit")
    for name, number in (("tail", tail), ("limit", limit)):
        if number is not None and number < 0:
            raise OptionError(f"{name}: must not be negative.")
    zone = zone_from(params.get("naive_timezone"))
    begin, end = (time_option_from(params, name, zone) for name in ("begin", "end"))
    kind, session_id = params.get("kind"), checked_id(params["session_id"])
    manager = SessionManager.connect(params, zone)
    kinds = manager.routes.checked_kinds([kind] if kind else None)
    if not kind:
        from ansible_collections.aimms.cloud.plugins.module_utils.api.any_kind import only_one

        kind = only_one(manager, kinds, session_id).kind
    if manager.clock().server is None and any(option and option.ago for option in (begin, end)):
        manager.get(kind, session_id, raw=False)  # any answer of the service tells its clock; the document's may be old
    clock = manager.clock()
    begin_at, end_at = (option.at(clock) if option else None for option in (begin, end))
    wanted = LineFilter(begin_at, end_at, params.get("contains"))
    if wanted.begin is not None and wanted.end is not None and wanted.begin > wanted.end:
        raise OptionError("begin: it is after end, so no line can fit both.")
    reader = LogReader(manager)
    found = read(reader, kind, session_id, wanted, tail, limit, _proven(reader, kind, session_id, wanted))
    cut = found.cut or (limit is not None and len(found.lines) > limit)
    lines = [line.as_dict() for line in found.lines][:limit]
    for line in lines if params["redact"] else ():
        line["message"] = redacted(str(line["message"]))
    for text in manager.warnings:
        warn(text)
    if found.problems:
        warn(f"The lines are not all that were asked for: {'; '.join(found.problems)}.")
    return {"lines": lines, "count": len(lines), "complete": not (found.problems or cut)}


def _proven(reader: LogReader, kind: str, session_id: str, wanted: LineFilter) -> LineFilter:
    """What of a filter to ask the server for: a line that is known must have come through one of its kind.

    A server may read a time in another zone or in whole minutes, and a text as an expression or with its letter case.
    """
    offered = filters_from(reader.manager.routes.log_routes(kind)[0].filters)
    text = wanted.contains if offered.contains and (wanted.contains or "").replace(" ", "").isalnum() else None
    sent = LineFilter(wanted.begin if offered.begin else None, wanted.end if offered.end else None, text)
    if sent == LineFilter():
        return sent
    for line in reversed(_some(reader, kind, session_id, LineFilter())):  # the first one's time may be a whole hour
        words = [word for word in line.message.split() if word.isalpha() and len(word) >= _LONG_WORD]
        if line.timestamp is None or (text and not words):
            continue
        at, part = line.timestamp.seconds, words[0][1:].swapcase() if text else None
        narrow = LineFilter(at if sent.begin is not None else None, at if sent.end is not None else None, part)
        return sent if line in _some(reader, kind, session_id, narrow) else LineFilter()
    return LineFilter()


def _some(reader: LogReader, kind: str, session_id: str, wanted: LineFilter) -> Sequence[LogLine]:
    """The first lines that the server returns."""
    return next((page.lines for page in reader.pages(kind, session_id, wanted, size=_FEW).forward()), ())

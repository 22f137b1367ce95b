# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Returns lines of the log of a session. Nothing is changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable

from ansible_collections.aimms.cloud.plugins.module_utils.api.session_manager import SessionManager
from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.module_utils.logs.reader import LineFilter, LogReader
from ansible_collections.aimms.cloud.plugins.module_utils.logs.redaction import redacted
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import checked_id
from ansible_collections.aimms.cloud.plugins.module_utils.options import refuse_empty, zone_from
from ansible_collections.aimms.cloud.plugins.module_utils.times.time_option import time_option_from


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
    kind, session_id = params["kind"], checked_id(params["session_id"])
    manager = SessionManager.connect(params, zone)
    manager.routes.checked_kinds([kind])
    if manager.clock().server is None and any(option and option.ago for option in (begin, end)):
        manager.get(kind, session_id, raw=False)  # any answer of the service tells its clock; the document's may be old
    clock = manager.clock()
    begin_at, end_at = (option.at(clock) if option else None for option in (begin, end))
    wanted = LineFilter(begin_at, end_at, params.get("contains"))
    if wanted.begin is not None and wanted.end is not None and wanted.begin > wanted.end:
        raise OptionError("begin: it is after end, so that no line can fit both.")
    found = LogReader(manager).read(kind, session_id, wanted, tail, limit)
    cut = found.cut or (limit is not None and len(found.lines) > limit)
    lines = [line.as_dict() for line in found.lines][:limit]
    for line in lines if params["redact"] else ():
        line["message"] = redacted(str(line["message"]))
    for text in manager.warnings:
        warn(text)
    if found.problems:
        warn(f"The lines are not all that were asked for: {'; '.join(found.problems)}.")
    return {"lines": lines, "count": len(lines), "complete": not (found.problems or cut)}

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A manager that serves one log, as servers do it in their ways."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace

from ansible_collections.aimms.cloud.plugins.module_utils.models.log_line import LogLine
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.document import Parameter
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.pagination import Pagination
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.routes import Route
from ansible_collections.aimms.cloud.plugins.module_utils.paging.log_pages import LogPage
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Instant

NOW = 1_753_358_400.0
BEGIN = Parameter("begin", "query", "string", "date-time")
TEXT = Parameter("contains", "query", "string")


def log(*ages):
    """Lines that were written so many seconds ago."""
    return [LogLine(Instant(NOW - age), f"line of {age}") for age in sorted(ages, reverse=True)]


class Manager:
    """Serves one log; ``filtering`` is what it makes of a begin time: obeys, ignores or lies (it finds nothing)."""

    def __init__(self, lines, filtering="obeys", *, offered=True, total=True, backwards=False, style="offset"):
        self.lines, self.filtering, self.total, self.asked = lines, filtering, total, []
        self.backwards = backwards
        pagination = Pagination(style, "offset", "limit", 10, True) if style == "offset" else Pagination("none")
        route = Route("GET", "/x/{kind}/{id}", (BEGIN, TEXT) if offered else (), pagination)
        self.routes = SimpleNamespace(log_routes=lambda _kind: [route])

    def log_page(self, _route, _kind, _session_id, query):
        asked = dict(query)
        self.asked.append(asked)
        lines = self.lines
        if "begin" in asked and self.filtering != "ignores":
            begin = datetime.fromisoformat(asked["begin"].replace("Z", "+00:00")).timestamp()
            lines = [line for line in lines if line.timestamp.seconds >= begin]
            if self.filtering == "lies":
                lines = []
        if "contains" in asked and self.filtering != "ignores":
            lines = [line for line in lines if asked["contains"] in line.message]
        lines = lines[::-1] if self.backwards else lines
        start, size = int(asked.get("offset", 0)), int(asked.get("limit", 10**6))
        return LogPage(tuple(lines[start : start + size]), len(lines) if self.total else None)

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The routes of a session-manager without a readable document. Pure."""

from __future__ import annotations

from typing import Optional

from ansible_collections.aimms.cloud.plugins.module_utils.models.states import KINDS, LEGACY_KINDS
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.pagination import UNKNOWN, Pagination
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.roots import BASE
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.routes import (
    ANY_KIND,
    DELETE,
    LEGACY_LOGS,
    LIST,
    LOGS,
    READ,
    TERMINATE,
    Route,
    Routes,
)


def default_routes(generation: Optional[str] = None) -> Routes:
    """The routes of the vendor's pages, for a server without a readable document. None: of both generations."""
    session_path = f"{BASE}/sessions/{{kind}}/{{id}}"
    unpaged = Pagination(UNKNOWN)
    routes = {
        LIST: Route("GET", f"{BASE}/sessions/{{kind}}", pagination=unpaged),
        READ: Route("GET", session_path),
        DELETE: Route("DELETE", session_path),
        TERMINATE: Route("PATCH", f"{session_path}/terminate"),  # legacy servers too: it can destroy nothing
    }
    if generation != "legacy":
        routes[LOGS] = Route("GET", f"{session_path}/logs", pagination=unpaged)
        routes["download"] = Route("GET", f"{session_path}/logs/download")
        routes["uri"] = Route("GET", f"{BASE}/sessions/{{id}}/{{service}}/uri")
    if generation != "current":
        routes[LEGACY_LOGS] = Route("GET", f"{BASE}/sessions/logs/{{kind}}/{{id}}", pagination=unpaged)
    by_operation = {(name, ANY_KIND): route for name, route in routes.items()}
    legacy = generation == "legacy"
    return Routes(by_operation, LEGACY_KINDS if legacy else KINDS, {}, documented=False, sure_kinds=legacy)

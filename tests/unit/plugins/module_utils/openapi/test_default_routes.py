# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The routes of a server without a readable document: those of the vendor's pages."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.openapi.default_routes import default_routes

BASE = "/pro/session-manager/v1"


@pytest.mark.parametrize(
    ("generation", "kinds", "logs"),
    [
        (None, ("webui", "task", "solve", "external", "verify"), ["/sessions/task/ID/logs", "/sessions/logs/task/ID"]),
        ("current", ("webui", "task", "solve", "external", "verify"), ["/sessions/task/ID/logs"]),
        ("legacy", ("webui", "task"), ["/sessions/logs/task/ID"]),
    ],
)
def test_without_a_document_the_vendors_routes(generation, kinds, logs):
    found = default_routes(generation)
    assert (found.kinds, found.documented) == (kinds, False)
    assert found.path("list", "task") == f"{BASE}/sessions/task"
    assert found.path("get", "task", "ID") == f"{BASE}/sessions/task/ID"
    assert found.path("terminate", "task", "ID") == f"{BASE}/sessions/task/ID/terminate"
    assert [route.path("task", "ID") for route in found.log_routes("task")] == [BASE + path for path in logs]
    assert found.offers("download", "task") == (generation != "legacy")

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a session-manager is, and its OpenAPI document. Pure, and without the code that reads the document."""

from __future__ import annotations

ROOT = "/pro/session-manager"
BASE = f"{ROOT}/v1"
DOCUMENT, IN_JSON = f"{BASE}/openapi.yaml", f"{BASE}/openapi.json"

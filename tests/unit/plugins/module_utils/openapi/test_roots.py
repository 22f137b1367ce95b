# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the service and its document are, as on the vendor's pages."""

from __future__ import annotations

from ansible_collections.aimms.cloud.plugins.module_utils.openapi import roots


def test_the_document_is_below_the_service_in_two_forms():
    assert roots.BASE == "/pro/session-manager/v1"
    assert {roots.DOCUMENT, roots.IN_JSON} == {f"{roots.BASE}/openapi.yaml", f"{roots.BASE}/openapi.json"}

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which generation of the session-manager answers, and what follows from it. No other file decides this.

``DELETE /sessions/{kind}/{id}`` ends a session on the legacy generation and destroys its record on the current one.
"""

from __future__ import annotations

from ansible_collections.aimms.cloud.plugins.module_utils.errors import UnsupportedError
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.document import Document
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.routes import CURRENT, LEGACY, Routes

AUTO = "auto"


def generation_of(document: Document) -> str:
    """The generation that a document describes: any path that speaks of terminating makes it the current one."""
    return CURRENT if any("terminat" in path.lower() for path in document.paths()) else LEGACY


def check_option(wanted: str, found: str) -> None:
    """Compare the option ``api_generation`` with what the document describes.

    :raises UnsupportedError: when they differ: acting on the wrong generation could destroy records.
    """
    if wanted not in (AUTO, found):
        raise UnsupportedError(
            f"api_generation is {wanted}, but the server's OpenAPI document describes the {found} one.",
            "Leave api_generation at auto: on the wrong generation DELETE would destroy records.",
        )


def end_operation(routes: Routes) -> str:
    """The operation that ends a session: DELETE only where a document describes the legacy generation."""
    return "delete" if routes.documented and routes.generation == LEGACY else "terminate"


def must_probe(routes: Routes) -> bool:
    """Whether no document tells the generation, so that each session must show it by having no terminate route."""
    return not routes.documented and routes.generation != CURRENT


def refusal_to_delete(routes: Routes) -> str:
    """Why DELETE must not be sent to delete a record; empty where it may be."""
    if routes.generation == CURRENT:
        return ""
    if routes.documented:
        return "DELETE ends a session there, and no record is ever deleted"
    return "it has no readable OpenAPI document, so DELETE might end sessions instead of deleting their records"

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The generation of a session-manager, from its OpenAPI document, and what depends on it.

Without a document, ``Termination.send`` (``changes/session_changes``) finds it out for each session.

``DELETE /sessions/{kind}/{id}`` ends a session on the legacy generation and destroys its record on the current one.
"""

from __future__ import annotations

from ansible_collections.aimms.cloud.plugins.module_utils.errors import UnsupportedError
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.document import Document
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.routes import CURRENT, LEGACY, Routes

AUTO = "auto"


def generation_of(document: Document) -> str:
    """The generation that a document describes: the current one if any path contains ``terminat``."""
    return CURRENT if any("terminat" in path.lower() for path in document.paths()) else LEGACY


def check_option(wanted: str, found: str) -> None:
    """:raises UnsupportedError: when the option ``api_generation`` differs from the generation in the document."""
    if wanted not in (AUTO, found):
        raise UnsupportedError(
            f"api_generation is {wanted}, but the server's OpenAPI document describes the {found} one.",
            "Leave api_generation at auto: on the wrong generation DELETE would destroy records.",
        )


def end_operation(routes: Routes) -> str:
    """The operation that ends a session: ``delete`` only if a document describes the legacy generation."""
    return "delete" if routes.documented and routes.generation == LEGACY else "terminate"


def must_probe(routes: Routes) -> bool:
    """Whether the generation is unknown: ending then tries the terminate route, and DELETE only after 404 or 405.

    True without a document, also if ``api_generation`` is ``legacy``: a wrong option must not destroy records.
    """
    return not routes.documented and routes.generation != CURRENT


def refusal_to_delete(routes: Routes) -> str:
    """Why DELETE must not be sent to delete a record; empty if it may be sent."""
    if routes.generation == CURRENT:
        return ""
    if routes.documented:
        return "DELETE ends a session there, and no record is ever deleted"
    return "it has no readable OpenAPI document, so DELETE might end sessions instead of deleting their records"

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds the routes of a server: from its OpenAPI document or, if that cannot be read, from the vendor's pages."""

from __future__ import annotations

from ansible_collections.aimms.cloud.plugins.module_utils.api.generations import AUTO, check_option, generation_of
from ansible_collections.aimms.cloud.plugins.module_utils.errors import HttpError
from ansible_collections.aimms.cloud.plugins.module_utils.http.client import HttpClient
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.document import Document, UnreadableDocument
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.routes import (
    BASE,
    Routes,
    default_routes,
    routes_from,
)

DOCUMENT = f"{BASE}/openapi.yaml"


def discover(client: HttpClient, wanted: str = AUTO) -> tuple[Routes, list[str]]:
    """Read the server's document. Returns the routes and warnings for the user.

    :param wanted: the option ``api_generation``.
    :raises UnsupportedError: when the document contradicts ``wanted``.
    :raises TransportError: when the server cannot be reached or redirects.
    """
    try:
        document = Document.parse(client.get(DOCUMENT).body)
        routes = routes_from(document, generation_of(document))
        why = "it describes no list of sessions"
    except HttpError as error:
        routes, why = None, f"the server answered {error.status}"
    except UnreadableDocument as error:
        routes, why = None, str(error)
    if routes is None:
        warning = f"The server's OpenAPI document could not be used ({why}): falling back to the documented routes."
        return default_routes(None if wanted == AUTO else wanted), [warning]
    check_option(wanted, str(routes.generation))
    return routes, []

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds the routes of a server: from its OpenAPI document or, if that cannot be read, from the vendor's pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.api.generations import (
    AUTO,
    CURRENT,
    Generation,
    check_option,
    generation_of,
    undocumented,
    unknown,
)
from ansible_collections.aimms.cloud.plugins.module_utils.errors import HttpError, shown
from ansible_collections.aimms.cloud.plugins.module_utils.http.client import HttpClient
from ansible_collections.aimms.cloud.plugins.module_utils.http.response import Response
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.document import Document, UnreadableDocument
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.roots import DOCUMENT, IN_JSON
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.routes import (
    LIST,
    Routes,
    default_routes,
    routes_from,
)

_NOT_SHOWN = (401, 403, 404, 410)


class Discovery(NamedTuple):
    """What was found: routes, generation, warnings for the user, and the document's date (seconds since 1970)."""

    routes: Routes
    generation: Generation
    warnings: list[str]
    dated: Optional[float] = None


def discover(
    client: HttpClient, wanted: str = AUTO, path: str = DOCUMENT, begun: Optional[Callable[[], Response]] = None
) -> Discovery:
    """Read the server's document; where there is none, or only PyYAML is missing to read it, the one in JSON.

    :param wanted: the option ``api_generation``. :param begun: waits for the read of ``path``, if it has begun already.
    :raises UnsupportedError: when the document contradicts ``wanted``.
    :raises TransportError: when the server cannot be reached or redirects.
    """
    try:
        answer = begun() if begun else client.get(path, static=True)
        routes = routes_from(Document.parse(answer.body), client.connection.page_size)
    except HttpError as error:
        if error.status == 404 and path != IN_JSON:
            return discover(client, wanted, IN_JSON)
        for_good = error.status in _NOT_SHOWN or (path == IN_JSON and not error.retryable)
        return _without(f"the server answered {error.status}", wanted, for_good=for_good)
    except UnreadableDocument as error:
        other = discover(client, wanted, IN_JSON) if error.reader_missing and path != IN_JSON else None
        for_good = error.reader_missing or (path == IN_JSON and error.something_else)
        return other if other and other.routes.documented else _without(str(error), wanted, for_good=for_good)
    if routes is None:
        return _without("it describes no list of sessions", wanted)
    generation = generation_of(routes)
    if answer.cached and generation != CURRENT:
        generation = unknown("its OpenAPI document came from a cache and may be an old one.")
    check_option(wanted, generation)
    routes = routes if routes.spellings else replace(routes, kinds=generation.kinds)
    return Discovery(routes, generation, list(_remarks(routes, client.connection.page_size)), answer.dated)


def _without(why: str, wanted: str, *, for_good: bool = False) -> Discovery:
    """Without a document. ``for_good``: the server has none or does not show it; else it may have one the next time."""
    warning = f"The server's OpenAPI document could not be used ({why}): falling back to the documented routes."
    generation = undocumented(wanted) if for_good else unknown(f"its OpenAPI document could not be used now ({why}).")
    return Discovery(default_routes(None if wanted == AUTO else wanted), generation, [warning])


def _remarks(routes: Routes, size: Optional[int]) -> Iterator[str]:
    if routes.unknown_kinds:
        names = ", ".join(shown(kind) for kind in routes.unknown_kinds[:5])
        yield f"The server also has sessions of kinds that are not known here ({names}): they are left out."
    if size and not any(route.pagination.size_name for route in routes.all(LIST)):
        yield "page_size has no effect: the server's OpenAPI document names no parameter for it."

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How tasks are listed, by the OpenAPI document of a Task API. It is read where the vendor's way does not work."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Callable, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.errors import AimmsError, HttpError
from ansible_collections.aimms.cloud.plugins.module_utils.http.client import HttpClient
from ansible_collections.aimms.cloud.plugins.module_utils.models.field_names import letters_only
from ansible_collections.aimms.cloud.plugins.module_utils.models.task import Task
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.document import (
    Document,
    Operation,
    UnreadableDocument,
)
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.pagination import Pagination, pagination_from
from ansible_collections.aimms.cloud.plugins.module_utils.paging.listing import Listing

_ROOT = "/pro-api/v2"
_DOCUMENTS = (f"{_ROOT}/", f"{_ROOT}/openapi.json")
_APP, _VERSION = ("appname", "app", "applicationname"), ("appversion", "version", "applicationversion")
Way = tuple[str, Pagination]
"""Path and paging."""


def list_as_documented(
    client: HttpClient,
    known: Way,
    apps: Iterable[tuple[str, Optional[str]]],
    read: Callable[[list[tuple[str, list[tuple[str, str]]]], str, Pagination], Listing[Task]],
) -> Optional[Listing[Task]]:
    """The tasks, as the server's document says that they are listed.

    None without a document, where it only tells the ``known`` way, and where its way does not lead to a whole list.

    :param apps: names and versions, for a server that must be told the app. :param read: reads by queries, each after
        the app that it is about, and by path and paging.
    """
    found = _operation(client, known[0])
    if found is None:
        return None
    path, operation = found
    query, paging = operation.query(), pagination_from(operation.query(), operation.answer())
    app = next((one.name for one in query if letters_only(one.name) in _APP and one.required), "")
    version = next((one.name for one in query if letters_only(one.name) in _VERSION), "")
    if not app and (path, *_steps(paging)) == (known[0], *_steps(known[1])):
        return None
    named = [(name, [(app, name), (version, number)]) for name, number in dict.fromkeys(apps)] if app else [("", [])]
    queries = [(name, [(key, value) for key, value in pairs if key and value]) for name, pairs in named]
    try:
        listed = read(queries, path, paging)
    except HttpError:
        return None
    return listed if queries and listed.complete else None


def _operation(client: HttpClient, known: str, place: int = 0) -> Optional[tuple[str, Operation]]:
    """The path and the operation that lists tasks, by the document or, after a 404, by the next one."""
    try:
        document = Document.parse(client.get(_DOCUMENTS[place], static=True).body)
    except (AimmsError, UnreadableDocument) as error:
        again = isinstance(error, HttpError) and error.status == 404 and place + 1 < len(_DOCUMENTS)
        return _operation(client, known, place + 1) if again else None
    for operation in document.operations():
        full = f"{document.server_path()}{operation.path}"
        path = f"{_ROOT}/{full.partition(f'{_ROOT}/')[2] or operation.path.lstrip('/')}"
        if (operation.method, path.rstrip("/")) == ("GET", known):
            return path, operation
    return None


def _steps(paging: Pagination) -> tuple[object, ...]:
    return (paging.style, paging.position, paging.size_name, paging.inside, paging.required)

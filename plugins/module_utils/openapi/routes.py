# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The routes of a session-manager, read from its OpenAPI document. Pure.

What a route is used for depends on the generation of the service, which is decided in ``api/generations``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Optional

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError, UnsupportedError
from ansible_collections.aimms.cloud.plugins.module_utils.models.states import KINDS
from ansible_collections.aimms.cloud.plugins.module_utils.openapi import pagination
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.document import Document, Operation, Parameter
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.pagination import Pagination

ROOT = "/pro/session-manager"
BASE = f"{ROOT}/v1"
LEGACY, CURRENT = "legacy", "current"
_LITERAL = re.compile(r"\A[A-Za-z0-9][A-Za-z0-9._~-]*\Z", re.ASCII)
_ANY_KIND = "*"
_OLD_LOGS = "logs as legacy"
_SHAPES: dict[tuple[str, ...], dict[str, str]] = {
    ("{kind}",): {"GET": "list"},
    ("{kind}", "{id}"): {"GET": "get", "DELETE": "delete"},
    ("{kind}", "{id}", "terminate"): {"PATCH": "terminate", "POST": "terminate", "PUT": "terminate"},
    ("{kind}", "{id}", "logs"): {"GET": "logs"},
    ("{kind}", "{id}", "logs", "download"): {"GET": "download"},
    ("logs", "{kind}", "{id}"): {"GET": "logs"},
    ("logs", "{kind}", "{id}", "download"): {"GET": "download"},
    ("{id}", "{service}", "uri"): {"GET": "uri"},
}
"""What stands below ``/sessions`` in a path, and the operations there by method."""


@dataclass(frozen=True)
class Route:
    """One operation: its method, its path with ``{kind}`` and ``{id}``, and how to use it.

    ``filters`` are the query parameters that paging does not use.
    """

    method: str
    template: str
    filters: tuple[Parameter, ...] = ()
    pagination: Pagination = field(default=Pagination(pagination.NONE))
    needs_body: bool = False

    def path(self, kind: str, session_id: str = "", service: str = "") -> str:
        """The path for one session; all arguments were checked before."""
        return self.template.replace("{kind}", kind).replace("{id}", session_id).replace("{service}", service)


@dataclass(frozen=True)
class Routes:
    """The routes of a server, by operation and kind, and its generation (None: no document told)."""

    routes: dict[tuple[str, str], Route]
    kinds: tuple[str, ...]
    spellings: dict[str, str] = field(default_factory=dict)
    generation: Optional[str] = None
    documented: bool = True
    sure_kinds: bool = True

    def route(self, operation: str, kind: str) -> Route:
        """The route of ``operation`` (list, get, terminate, delete, logs, download, uri) for ``kind``.

        :raises UnsupportedError: when the document has none.
        """
        found = self.routes.get((operation, kind)) or self.routes.get((operation, _ANY_KIND))
        if found is None:
            raise UnsupportedError(f"The server's OpenAPI document offers no '{operation}' for {kind} sessions.")
        return found

    def offers(self, operation: str, kind: str) -> bool:
        """Whether there is a route of ``operation`` for ``kind``."""
        return (operation, kind) in self.routes or (operation, _ANY_KIND) in self.routes

    def log_routes(self, kind: str) -> list[Route]:
        """The routes to try for the log, in their order: more than one only where no document tells.

        :raises UnsupportedError: when the document has none.
        """
        old = self.routes.get((_OLD_LOGS, _ANY_KIND))
        first = [self.route("logs", kind)] if old is None or self.offers("logs", kind) else []
        return first + ([old] if old else [])

    def path(self, operation: str, kind: str, session_id: str = "") -> str:
        """The path of ``operation``, with the kind as the server spells it."""
        return self.route(operation, kind).path(self.spelled(kind), session_id)

    def spelled(self, kind: str) -> str:
        """The kind as the server spells it in a path."""
        return self.spellings.get(kind, kind)

    def checked_kinds(self, wanted: Optional[Iterable[str]]) -> tuple[str, ...]:
        """The kinds asked for, or all that the server has.

        :raises OptionError: for a kind that the document does not have.
        """
        if wanted is None:
            return self.kinds
        kinds = tuple(dict.fromkeys(wanted))
        missing = [kind for kind in kinds if kind not in self.kinds]
        if missing:
            raise OptionError(f"kinds: this server has no {missing[0]} sessions.", f"It has {', '.join(self.kinds)}.")
        return kinds

    def check_filters(self, kind: str, names: Iterable[str]) -> None:
        """:raises OptionError: for a server filter that the document does not name for listing this kind."""
        known = [parameter.name for parameter in self.route("list", kind).filters]
        for name in names:
            if name not in known:
                offered = f"It names {', '.join(sorted(known))}." if known else "It names none."
                raise OptionError(
                    f"server_filters: the server's OpenAPI document names no filter '{name}' for {kind} sessions.",
                    offered if self.documented else "No document could be read, so no filter can be checked.",
                )


def routes_from(document: Document, generation: str) -> Optional[Routes]:
    """The routes in the document of a server of this generation; None when it describes no list of sessions."""
    routes: dict[tuple[str, str], Route] = {}
    spellings: dict[str, str] = {}
    sure = True
    server_path = document.server_path()
    for operation in document.operations():
        found = _recognise(operation.method, _full_path(server_path, operation.path))
        if found is None:
            continue
        role, kind, template = found
        key = (role, kind.lower())
        if key in routes and (role != "terminate" or operation.method != "PATCH" or routes[key].method == "PATCH"):
            continue  # the first route of a role counts; of several ways to terminate, PATCH
        routes[key] = _route(operation, role, template)
        if kind != _ANY_KIND:
            spellings[kind.lower()] = kind
        elif role == "list":
            enum = [
                value for parameter in operation.parameters if parameter.place == "path" for value in parameter.enum
            ]
            spellings.update({value.lower(): value for value in enum if value.lower() in KINDS})
            sure = bool(enum)
    if not any(role == "list" for role, _kind in routes):
        return None
    kinds = tuple(kind for kind in KINDS if kind in spellings) or KINDS[: 3 if generation == CURRENT else 2]
    return Routes(routes, kinds, spellings, generation, sure_kinds=sure)


def default_routes(generation: Optional[str]) -> Routes:
    """The routes that the vendor's pages name, for a server without a readable document.

    Even a user's word that it is the legacy one does not make DELETE safe: each session must show it (``probing``).
    """
    one = f"{BASE}/sessions/{{kind}}/{{id}}"
    unpaged = Pagination(pagination.UNKNOWN)
    routes = {
        ("list", _ANY_KIND): Route("GET", f"{BASE}/sessions/{{kind}}", pagination=unpaged),
        ("get", _ANY_KIND): Route("GET", one),
        ("delete", _ANY_KIND): Route("DELETE", one),
        ("terminate", _ANY_KIND): Route("PATCH", f"{one}/terminate"),
    }
    if generation != LEGACY:
        routes["logs", _ANY_KIND] = Route("GET", f"{one}/logs", pagination=unpaged)
        routes["download", _ANY_KIND] = Route("GET", f"{one}/logs/download")
        routes["uri", _ANY_KIND] = Route("GET", f"{BASE}/sessions/{{id}}/{{service}}/uri")
    if generation != CURRENT:
        routes[_OLD_LOGS, _ANY_KIND] = Route("GET", f"{BASE}/sessions/logs/{{kind}}/{{id}}", pagination=unpaged)
    kinds = KINDS[:2] if generation == LEGACY else KINDS
    return Routes(routes, kinds, {}, generation, documented=False, sure_kinds=generation == LEGACY)


def _full_path(server_path: str, path: str) -> str:
    """The path on the host: the document's own where it lies below the service's root, else below its known base."""
    for full in (f"{server_path}{path}", path):
        start = full.find(f"{ROOT}/")
        if start >= 0:
            return full[start:]
    return f"{BASE}{path}"


def _recognise(method: str, full: str) -> Optional[tuple[str, str, str]]:
    """What an operation does, its kind (``*`` for a placeholder) and its path; None for what is not of sessions."""
    parts = [part for part in full.split("/") if part]
    at = next((index for index, part in enumerate(parts) if part.lower() == "sessions"), None)
    if at is None or not all(map(_LITERAL.match, parts[: at + 1])):
        return None
    below = parts[at + 1 :]
    shape = next((shape for shape in _SHAPES if _has_shape(below, shape)), ())
    does = _SHAPES.get(shape, {}).get(method)
    if does is None:
        return None
    named = [wanted if wanted.startswith("{") else part for part, wanted in zip(below, shape)]
    template = "/".join(["", *parts[: at + 1], *named]) + "/" * full.endswith("/")
    kind = next((part for part, wanted in zip(below, shape) if wanted == "{kind}"), "{}")
    return does, _ANY_KIND if _placeholder(kind) else kind, template


def _route(operation: Operation, does: str, template: str) -> Route:
    """How to use a recognised operation."""
    query = operation.query()
    style = pagination.pagination_from(query)
    filters = tuple(p for p in query if p.name not in (style.position, style.size_name))
    pages = style if does in ("list", "logs") else Pagination(pagination.NONE)
    return Route(operation.method, template, filters, pages, operation.needs_body)


def _has_shape(below: list[str], shape: tuple[str, ...]) -> bool:
    """Whether a path's parts are those of a shape; a kind may be a placeholder or written out."""
    return len(below) == len(shape) and all(
        (wanted == "{kind}" and part.lower() in KINDS) or _placeholder(part)
        if wanted.startswith("{")
        else part.lower() == wanted
        for part, wanted in zip(below, shape)
    )


def _placeholder(part: str) -> bool:
    return part.startswith("{") and part.endswith("}")

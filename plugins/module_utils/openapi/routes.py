# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The routes of a session-manager, read from its OpenAPI document. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Optional

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError, UnsupportedError
from ansible_collections.aimms.cloud.plugins.module_utils.models.states import KINDS, LEGACY_KINDS
from ansible_collections.aimms.cloud.plugins.module_utils.openapi import pagination
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.document import Document, Operation, Parameter
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.pagination import Pagination

ROOT = "/pro/session-manager"
BASE = f"{ROOT}/v1"
LEGACY, CURRENT = "legacy", "current"
_LITERAL = re.compile(r"\A[A-Za-z0-9][A-Za-z0-9._~-]*\Z", re.ASCII)
_ANY_KIND = "*"
_LEGACY_LOGS = "logs as legacy"  # the legacy log route of a server without a document
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
"""The parts of a path after ``/sessions``, and the operation of each method there."""


@dataclass(frozen=True)
class Route:
    """One operation. ``template`` is its path with placeholders, ``filters`` its query parameters except paging's."""

    method: str
    template: str
    filters: tuple[Parameter, ...] = ()
    pagination: Pagination = field(default=Pagination(pagination.NONE))
    needs_body: bool = False

    def path(self, kind: str, session_id: str = "", service: str = "") -> str:
        """The path for one session. The caller has checked all arguments."""
        return self.template.replace("{kind}", kind).replace("{id}", session_id).replace("{service}", service)


@dataclass(frozen=True)
class Routes:
    """The routes of a server by operation and kind, and its generation (None: unknown).

    ``documented``: whether they are from the server's own document. ``sure_kinds``: whether it certainly has ``kinds``.
    """

    by_operation: dict[tuple[str, str], Route]
    kinds: tuple[str, ...]
    spellings: dict[str, str] = field(default_factory=dict)
    generation: Optional[str] = None
    documented: bool = True
    sure_kinds: bool = True

    def route(self, operation: str, kind: str) -> Route:
        """The route of ``operation`` (list, get, terminate, delete, logs, download, uri) for ``kind``.

        :raises UnsupportedError: when there is none.
        """
        route = self.by_operation.get((operation, kind)) or self.by_operation.get((operation, _ANY_KIND))
        if route is None:
            raise UnsupportedError(f"The server's OpenAPI document offers no '{operation}' for {kind} sessions.")
        return route

    def offers(self, operation: str, kind: str) -> bool:
        """Whether there is a route of ``operation`` for ``kind``."""
        return (operation, kind) in self.by_operation or (operation, _ANY_KIND) in self.by_operation

    def log_routes(self, kind: str) -> list[Route]:
        """The routes to try for the log, in this order. More than one only without a document.

        :raises UnsupportedError: when there is none.
        """
        legacy = self.by_operation.get((_LEGACY_LOGS, _ANY_KIND))
        first = [self.route("logs", kind)] if legacy is None or self.offers("logs", kind) else []
        return first + ([legacy] if legacy else [])

    def path(self, operation: str, kind: str, session_id: str = "") -> str:
        """The path of ``operation``, with the kind as the server spells it."""
        return self.route(operation, kind).path(self.spelled(kind), session_id)

    def spelled(self, kind: str) -> str:
        """The kind as the server spells it in a path."""
        return self.spellings.get(kind, kind)

    def checked_kinds(self, wanted: Optional[Iterable[str]]) -> tuple[str, ...]:
        """The wanted kinds, each once; None: all kinds of the server.

        :raises OptionError: for a kind that the server does not have.
        """
        if wanted is None:
            return self.kinds
        kinds = tuple(dict.fromkeys(wanted))
        missing = [kind for kind in kinds if kind not in self.kinds]
        if missing:
            raise OptionError(f"kinds: this server has no {missing[0]} sessions.", f"It has {', '.join(self.kinds)}.")
        return kinds

    def check_filters(self, kind: str, names: Iterable[str]) -> None:
        """:raises OptionError: for a name that is not a filter of this kind's list in the document."""
        known = [parameter.name for parameter in self.route("list", kind).filters]
        for name in names:
            if name not in known:
                offered = f"It names {', '.join(sorted(known))}." if known else "It names none."
                raise OptionError(
                    f"server_filters: the server's OpenAPI document names no filter '{name}' for {kind} sessions.",
                    offered if self.documented else "No document could be read, so no filter can be checked.",
                )


def routes_from(document: Document, generation: str) -> Optional[Routes]:
    """The routes in the document of a server of this generation; None if it has no list of sessions."""
    routes: dict[tuple[str, str], Route] = {}
    spellings: dict[str, str] = {}
    sure = True
    server_path = document.server_path()
    for operation in document.operations():
        recognised = _recognise(operation.method, _full_path(server_path, operation.path))
        if recognised is None:
            continue
        name, kind, template = recognised
        key = (name, kind.lower())
        if key in routes and (name != "terminate" or operation.method != "PATCH" or routes[key].method == "PATCH"):
            continue  # the first route of an operation is used; of several ways to terminate, PATCH
        routes[key] = _route(operation, name, template)
        if kind != _ANY_KIND:
            spellings[kind.lower()] = kind
        elif name == "list":
            enum = [value for part in operation.parameters if part.place == "path" for value in part.enum]
            spellings.update({value.lower(): value for value in enum if value.lower() in KINDS})
            sure = bool(enum)
    if not any(name == "list" for name, _kind in routes):
        return None
    kinds = tuple(kind for kind in KINDS if kind in spellings) or (LEGACY_KINDS if generation == LEGACY else KINDS)
    return Routes(routes, kinds, spellings, generation, sure_kinds=sure)


def default_routes(generation: Optional[str]) -> Routes:
    """The routes of the vendor's pages, for a server without a readable document. None: for both generations."""
    session_path = f"{BASE}/sessions/{{kind}}/{{id}}"
    unpaged = Pagination(pagination.UNKNOWN)
    routes = {
        ("list", _ANY_KIND): Route("GET", f"{BASE}/sessions/{{kind}}", pagination=unpaged),
        ("get", _ANY_KIND): Route("GET", session_path),
        ("delete", _ANY_KIND): Route("DELETE", session_path),
        ("terminate", _ANY_KIND): Route("PATCH", f"{session_path}/terminate"),  # legacy servers too: see must_probe
    }
    if generation != LEGACY:
        routes["logs", _ANY_KIND] = Route("GET", f"{session_path}/logs", pagination=unpaged)
        routes["download", _ANY_KIND] = Route("GET", f"{session_path}/logs/download")
        routes["uri", _ANY_KIND] = Route("GET", f"{BASE}/sessions/{{id}}/{{service}}/uri")
    if generation != CURRENT:
        routes[_LEGACY_LOGS, _ANY_KIND] = Route("GET", f"{BASE}/sessions/logs/{{kind}}/{{id}}", pagination=unpaged)
    kinds = LEGACY_KINDS if generation == LEGACY else KINDS
    return Routes(routes, kinds, {}, generation, documented=False, sure_kinds=generation == LEGACY)


def _full_path(server_path: str, path: str) -> str:
    """The path on the host. A path of the document that is not below ``ROOT`` is taken as relative to ``BASE``."""
    for full in (f"{server_path}{path}", path):
        start = full.find(f"{ROOT}/")
        if start >= 0:
            return full[start:]
    return f"{BASE}{path}"


def _recognise(method: str, full: str) -> Optional[tuple[str, str, str]]:
    """The name of an operation, its kind (``*`` for a placeholder) and its path; None if it is not about sessions."""
    parts = [part for part in full.split("/") if part]
    at = next((index for index, part in enumerate(parts) if part.lower() == "sessions"), None)
    if at is None or not all(map(_LITERAL.match, parts[: at + 1])):
        return None
    below = parts[at + 1 :]
    shape = next((shape for shape in _SHAPES if _has_shape(below, shape)), ())
    name = _SHAPES.get(shape, {}).get(method)
    if name is None:
        return None
    named = [wanted if _is_placeholder(wanted) else part for part, wanted in zip(below, shape)]
    template = "/".join(["", *parts[: at + 1], *named]) + "/" * full.endswith("/")
    kind = dict(zip(shape, below)).get("{kind}", "{}")
    return name, _ANY_KIND if _is_placeholder(kind) else kind, template


def _route(operation: Operation, name: str, template: str) -> Route:
    query = operation.query()
    paging = pagination.pagination_from(query)
    filters = tuple(parameter for parameter in query if parameter.name not in (paging.position, paging.size_name))
    used = paging if name in ("list", "logs") else Pagination(pagination.NONE)
    return Route(operation.method, template, filters, used, operation.needs_body)


def _has_shape(below: list[str], shape: tuple[str, ...]) -> bool:
    """Whether the parts of a path match a shape; a kind may be a placeholder or one of the known kinds."""

    def fits(part: str, wanted: str) -> bool:
        if _is_placeholder(wanted):
            return _is_placeholder(part) or (wanted == "{kind}" and part.lower() in KINDS)
        return part.lower() == wanted

    return len(below) == len(shape) and all(map(fits, below, shape))


def _is_placeholder(part: str) -> bool:
    return part.startswith("{") and part.endswith("}")

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The routes of a session-manager, read from its OpenAPI document. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError, UnsupportedError, shown
from ansible_collections.aimms.cloud.plugins.module_utils.models.states import KINDS, KINDS_ON_REQUEST, LEGACY_KINDS
from ansible_collections.aimms.cloud.plugins.module_utils.openapi import pagination
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.document import Document, Operation, Parameter
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.pagination import Pagination
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.roots import BASE, ROOT

_LITERAL = re.compile(r"\A[A-Za-z0-9][A-Za-z0-9._~-]*\Z", re.ASCII)
_STRIPPED = re.compile(r"(?:/session-manager)?(/v[0-9]+/.*)", re.ASCII)
ANY_KIND = "*"
_MOST_OFFERED = 6
LIST, READ, TERMINATE, DELETE = "list", "get", "terminate", "delete"
LOGS, LEGACY_LOGS = "logs", "logs as legacy"
"""Operations. A current server may still have the log route of the legacy generation."""
_ENDING = re.compile(r"terminat|(?<![a-z])(?:stop|end|kill|cancel|abort|close|finish|quit|shut)", re.IGNORECASE)
_SHAPES: dict[tuple[str, ...], dict[str, str]] = {
    ("{kind}",): {"GET": LIST},
    ("{kind}", "{id}"): {"GET": READ, "DELETE": DELETE},
    ("{kind}", "{id}", "terminate"): dict.fromkeys(("PATCH", "POST", "PUT"), TERMINATE),
    ("{kind}", "{id}", "logs"): {"GET": LOGS},
    ("{kind}", "{id}", "logs", "download"): {"GET": "download"},
    ("logs", "{kind}", "{id}"): {"GET": LEGACY_LOGS},
    ("logs", "{kind}", "{id}", "download"): {"GET": "download"},
    ("{id}", "{service}", "uri"): {"GET": "uri"},
}
"""The parts of a path after ``/sessions``, and the operation of each method there."""


class Route(NamedTuple):
    """One operation. ``template`` is its path with placeholders, ``filters`` its query parameters except paging's.

    ``words``: what the document says that it does. ``id``: how the document calls it. ``id_name``: the name of the
    placeholder for the session's id.
    """

    method: str
    template: str
    filters: tuple[Parameter, ...] = ()
    pagination: Pagination = Pagination(pagination.NONE)
    needs_body: bool = False
    words: str = ""
    id: str = ""
    id_name: str = ""

    def path(self, kind: str, session_id: str = "", service: str = "") -> str:
        """The path for one session. The caller has checked all arguments."""
        return self.template.replace("{kind}", kind).replace("{id}", session_id).replace("{service}", service)


@dataclass(frozen=True)
class Routes:
    """The routes of a server by operation and kind.

    ``documented``: whether they are from the server's own document. ``sure_kinds``: whether it certainly has ``kinds``.
    ``others``: method and path of what may change sessions in another way; ``unknown_kinds``: more kinds that it has.
    """

    by_operation: dict[tuple[str, str], Route]
    kinds: tuple[str, ...]
    spellings: dict[str, str] = field(default_factory=dict)
    documented: bool = True
    sure_kinds: bool = True
    others: tuple[str, ...] = ()
    unknown_kinds: tuple[str, ...] = ()

    def route(self, operation: str, kind: str) -> Route:
        """The route of ``operation`` (list, get, terminate, delete, logs, download, uri) for ``kind``.

        :raises UnsupportedError: when there is none.
        """
        route = self.by_operation.get((operation, kind)) or self.by_operation.get((operation, ANY_KIND))
        if route is None:
            raise UnsupportedError(
                f"The server's OpenAPI document offers no '{operation}' for {kind} sessions.", self.offer()
            )
        return route

    def all(self, operation: str) -> list[Route]:
        """The routes of ``operation`` for any kind."""
        return [route for (name, _kind), route in self.by_operation.items() if name == operation]

    def offer(self) -> str:
        """A sentence with all operations that may change sessions."""
        changes = [f"{route.method} {route.template}" for route in self.by_operation.values() if route.method != "GET"]
        offered = [shown(one, 120) for one in dict.fromkeys((*changes, *self.others))]
        more = f" and {len(offered) - _MOST_OFFERED} more" if len(offered) > _MOST_OFFERED else ""
        return f"To change sessions it offers {', '.join(offered[:_MOST_OFFERED]) or 'nothing'}{more}."

    def offers(self, operation: str, kind: str) -> bool:
        """Whether there is a route of ``operation`` for ``kind``."""
        return (operation, kind) in self.by_operation or (operation, ANY_KIND) in self.by_operation

    def log_routes(self, kind: str) -> list[Route]:
        """The routes to try for the log, in this order. More than one only without a document.

        :raises UnsupportedError: when there is none.
        """
        offered = [self.route(name, kind) for name in (LOGS, LEGACY_LOGS) if self.offers(name, kind)]
        return (offered or [self.route(LOGS, kind)])[: 1 if self.documented else None]

    def path(self, operation: str, kind: str, session_id: str = "") -> str:
        """The path of ``operation``, with the kind as the server spells it."""
        return self.route(operation, kind).path(self.spelled(kind), session_id)

    def spelled(self, kind: str) -> str:
        """The kind as the server spells it in a path."""
        return self.spellings.get(kind, kind)

    def checked_kinds(self, wanted: Optional[Iterable[str]]) -> tuple[str, ...]:
        """The kinds whose lists have the wanted ones; None: all kinds of the server.

        External sessions without a list of their own may stand in any.

        :raises OptionError: for a kind that the server does not have.
        """
        if wanted is None:
            return self.kinds
        kinds = tuple(dict.fromkeys(wanted))
        missing = [kind for kind in kinds if kind not in self.kinds]
        if missing and set(missing) <= set(KINDS_ON_REQUEST):
            return self.kinds
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


def routes_from(document: Document, page_size: Optional[int] = None) -> Optional[Routes]:
    """The routes in a document; None if it has no list of sessions. :param page_size: the option."""
    routes: dict[tuple[str, str], Route] = {}
    spellings: dict[str, str] = {}
    foreign: dict[str, None] = {}
    others: list[str] = []
    sure = True
    server_path = document.server_path()
    for operation in document.operations():
        full = _full_path(server_path, operation.path)
        recognised = _recognise(operation.method, full)
        if recognised is None:
            if _may_change(operation.method, full):
                others.append(f"{operation.method} {operation.path}")
            foreign.update(_foreign_kind(full))
            continue
        name, kind, template, id_name = recognised
        key = (name, kind.lower())
        if key in routes and (name != TERMINATE or operation.method != "PATCH" or routes[key].method == "PATCH"):
            continue  # the first route of an operation is used; of several ways to terminate, PATCH
        routes[key] = _route(operation, name, template, page_size)._replace(id_name=id_name)
        if kind != ANY_KIND:
            spellings[kind.lower()] = kind
        elif name == LIST:
            enum = [value for part in operation.parameters if part.place == "path" for value in part.enum]
            spellings.update({value.lower(): value for value in enum if value.lower() in KINDS})
            foreign.update(dict.fromkeys(value for value in enum if value.lower() not in KINDS))
            sure = bool(enum)
    if not any(name == LIST for name, _kind in routes):
        return None
    read = {operation.path for operation in document.operations()}
    unread = (path for path in document.paths() if path not in read)
    others += [f"{path} (which cannot be read)" for path in unread if _may_change("", _full_path(server_path, path))]
    kinds = tuple(kind for kind in KINDS if kind in spellings) or KINDS
    return Routes(routes, kinds, spellings, sure_kinds=sure, others=tuple(others), unknown_kinds=tuple(foreign))


def default_routes(generation: Optional[str] = None) -> Routes:
    """The routes of the vendor's pages, for a server without a readable document. None: of both generations."""
    session_path = f"{BASE}/sessions/{{kind}}/{{id}}"
    unpaged = Pagination(pagination.UNKNOWN)
    routes = {
        LIST: Route("GET", f"{BASE}/sessions/{{kind}}", pagination=unpaged),
        READ: Route("GET", session_path),
        DELETE: Route("DELETE", session_path),
        TERMINATE: Route("PATCH", f"{session_path}/terminate"),  # legacy servers too: it can destroy nothing
    }
    if generation != "legacy":
        routes[LOGS] = Route("GET", f"{session_path}/logs", pagination=unpaged)
        routes["download"] = Route("GET", f"{session_path}/logs/download")
        routes["uri"] = Route("GET", f"{BASE}/sessions/{{id}}/{{service}}/uri")
    if generation != "current":
        routes[LEGACY_LOGS] = Route("GET", f"{BASE}/sessions/logs/{{kind}}/{{id}}", pagination=unpaged)
    by_operation = {(name, ANY_KIND): route for name, route in routes.items()}
    legacy = generation == "legacy"
    return Routes(by_operation, LEGACY_KINDS if legacy else KINDS, {}, documented=False, sure_kinds=legacy)


def _full_path(server_path: str, path: str) -> str:
    """The path on the host; one that is not below ``ROOT`` is relative to ``BASE``, or a proxy strips its begin."""
    for full in (f"{server_path}{path}", path):
        start = full.find(f"{ROOT}/")
        if start >= 0:
            return full[start:]
    stripped = next(filter(None, map(_STRIPPED.match, (f"{server_path}{path}", path))), None)
    return f"{ROOT}{stripped.group(1)}" if stripped else f"{BASE}{path}"


def _recognise(method: str, full: str) -> Optional[tuple[str, str, str, str]]:
    """The name of an operation, its kind (``*``: a placeholder), its path and ``id_name``; None: not about sessions."""
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
    told = dict(zip(shape, below))
    kind = told.get("{kind}", "{}")
    return name, ANY_KIND if _is_placeholder(kind) else kind, template, told.get("{id}", "")[1:-1]


def _may_change(method: str, full: str) -> bool:
    """Whether an operation that is not recognised may end or change sessions ('': its methods cannot be read)."""
    below = full.partition(f"{ROOT}/")[2].lower()
    return bool(_ENDING.search(below)) or (method != "GET" and ("session" in below or "{" in below))


def _foreign_kind(full: str) -> dict[str, None]:
    """The kind, if the path is that of a list of sessions of a kind that is not known here."""
    parts = [part for part in full.split("/") if part]
    at = next((index for index, part in enumerate(parts) if part.lower() == "sessions"), len(parts))
    below = parts[at + 1 :]
    return {below[0]: None} if len(below) == 1 and _LITERAL.match(below[0]) else {}


def _route(operation: Operation, name: str, template: str, page_size: Optional[int]) -> Route:
    query = operation.query()
    listed = name in (LIST, LOGS, LEGACY_LOGS)
    paging = pagination.pagination_from(query, operation.answer()) if listed else Pagination(pagination.NONE)
    used = (paging.position, paging.size_name, paging.inside)
    filters = tuple(one for one in query if (one.inside or one.name) not in used)
    paging = paging.in_pages_of(page_size)
    return Route(operation.method, template, filters, paging, operation.needs_body, operation.words, operation.id)


def _has_shape(below: list[str], shape: tuple[str, ...]) -> bool:
    """Whether the parts of a path match a shape; a kind may be a placeholder or one of the known kinds."""

    def fits(part: str, wanted: str) -> bool:
        if _is_placeholder(wanted):
            return _is_placeholder(part) or (wanted == "{kind}" and part.lower() in KINDS)
        return part.lower() == wanted

    return len(below) == len(shape) and all(map(fits, below, shape))


def _is_placeholder(part: str) -> bool:
    return part.startswith("{") and part.endswith("}")

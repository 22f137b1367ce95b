# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services as web frameworks make them: a document, answers, the most that a page holds, and the end of a list.

A service is drawn from these tables: one more line in a table is one more example for all combinations. In memory.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from random import Random
from typing import Any, Callable, NamedTuple, Optional
from urllib.parse import urlencode

from ansible_collections.aimms.cloud.plugins.module_utils.errors import HttpError
from ansible_collections.aimms.cloud.plugins.module_utils.models.envelope import Page, open_list
from ansible_collections.aimms.cloud.plugins.module_utils.models.log_line import lines_from
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.document import Document
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.pagination import Pagination
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.routes import routes_from
from ansible_collections.aimms.cloud.plugins.module_utils.paging.listing import read_all
from ansible_collections.aimms.cloud.plugins.module_utils.paging.log_pages import LogPage, LogPages

Answer = tuple[Any, dict[str, str]]


class Style(NamedTuple):
    """Names of position and size, and what is special: how they are sent, the first page's number, the next page."""

    position: str
    size: str = ""
    sent: str = ""
    base: int = 0
    said: Optional[int] = None
    next: str = ""


STYLES = {
    "FastAPI": Style("offset", "limit"),
    "ABP": Style("SkipCount", "MaxResultCount"),
    "OData": Style("$skip", "$top"),
    "offset without a size": Style("skip"),
    "Django REST": Style("page", "page_size", base=1, said=1),
    "Flask, whose document says 0": Style("page", "per_page", base=1, said=0),
    "Spring": Style("page", "size", base=0, said=0),
    "page numbers from 0, said to be from 1": Style("page", "size", base=0, said=1),
    "page numbers, of which nothing is said": Style("pageNo", "rowsPerPage", base=1),
    "page numbers of a fixed size": Style("page", base=1),
    "springdoc": Style("page", "size", sent="form", said=0),
    "JSON:API by page": Style("number", "size", sent="deepObject", base=1),
    "JSON:API by offset": Style("offset", "limit", sent="deepObject"),
    "LoopBack": Style("offset", "limit", sent="json"),
    "cursor in the body": Style("cursor", "limit", next="body"),
    "cursor that is named like its parameter": Style("pageToken", "limit", next="pageToken"),
    "cursor, left out at the end": Style("cursor", "limit", next="left out"),
    "cursor without a size": Style("cursor", next="body"),
    "Link": Style("page_token", "limit", next="header"),
    "address of the next page": Style("offset", "limit", next="address"),
    "only a size": Style("", "limit"),
    "nothing that pages": Style(""),
    "names of nobody": Style("lo", "anzahl"),
    "an object that is not described": Style("criteria", sent="blind"),
}
FULL: dict[str, Callable[[list[dict[str, str]], int], Any]] = {
    "bare": lambda rows, total: rows,
    "items": lambda rows, total: {"items": rows},
    "vendor": lambda rows, total: {"total_tasks": total, "current_batch": rows},
    "meta": lambda rows, total: {"data": rows, "meta": {"total": total}},
    "count": lambda rows, total: {"count": total, "results": rows},
    "count of the page": lambda rows, total: {"count": len(rows), "results": rows},
    "hydra": lambda rows, total: {
        "@id": "/s", "hydra:member": rows, "hydra:totalItems": total, "hydra:search": {"hydra:mapping": [{"a": 1}]}
    },
    "Spring": lambda rows, total: {"content": rows, "page": {"size": 20, "totalElements": total, "number": 0}},
    "HATEOAS": lambda rows, total: {"page": {"totalElements": total}} | ({"_embedded": {"s": rows}} if rows else {}),
    "Go": lambda rows, total: {"data": rows or None, "total": total},
    "unknown names": lambda rows, total: {"rooms": [{"n": 1}], "theirs": rows, "rowTotal": total, "took": 3},
}  # fmt: skip
"""Envelopes: the records of a page and the number of all."""
PAST = ("empty", "404", "null", "last page again")
LIMITS = ("maximum", "3.0", "3.1", "float", "enum", "nothing")
OVER = ("cut", "400", "422")
CAPS = (5, 7, 10, 20, 33, 50, 100)


@dataclass
class Service:
    """One service. ``honest``: it does what its document says, in a way that can be known."""

    style: Style
    envelope: str
    length: int
    cap: int
    limit: str
    over: str
    past: str
    documented: int
    required: bool
    schema: bool
    header: bool
    deaf: bool
    by_size_asked: bool
    requests: int = 0

    @classmethod
    def draw(cls, chance: Random) -> Service:
        """Any of them."""
        cap = chance.choice(CAPS)
        length = chance.choice([0, 1, 2, cap - 1, cap, cap + 1, 2 * cap, 2 * cap + 1, chance.randint(3, 330)])
        style = STYLES[chance.choice([*STYLES])]
        limit = chance.choice(LIMITS)
        documented = cap if chance.random() < 0.5 or limit == "enum" else chance.choice([100, 250, 1000])
        return cls(
            style, chance.choice([*FULL]), length, cap, limit, chance.choice(OVER), chance.choice(PAST),
            documented, chance.random() < 0.2 and not style.next, chance.random() < 0.5, chance.random() < 0.1,
            chance.random() < 0.05, chance.random() < 0.1,
        )  # fmt: skip

    @property
    def tells(self) -> bool:
        """Whether an answer tells of its own when the list has ended."""
        untold = self.envelope in ("bare", "items", "count", "count of the page", "unknown names")
        return not untold or self.header or bool(self.style.next)

    @property
    def readable(self) -> bool:
        """Whether it can be read to its end by what it says."""
        blind = self.style.sent == "blind" or self.style.position in ("", "lo")
        nameless = self.envelope == "unknown names" and not self.schema
        nowhere = self.envelope == "bare" and self.style.next not in ("", "header") and not self.header
        if self.deaf or blind or self.by_size_asked or nameless or nowhere:
            return False
        return self.past in ("empty", "404") or self.tells

    def wrong(self, result: Result) -> bool:
        """Whether what was called complete is not the list. What a log has beside its lines is no harm."""
        return result.found < self.length or (result.found > self.length and result.of == "sessions")

    def pagination(self) -> Pagination:
        """As its document says."""
        tree = {"openapi": "3.0.3", "paths": {"/sessions/{kind}": {"get": self._operation()}}}
        routes = routes_from(Document(json.loads(json.dumps(tree))))
        assert routes is not None
        return routes.route("list", "webui").pagination

    def _operation(self) -> dict[str, Any]:
        position: dict[str, Any] = {"type": "string" if self.style.next not in ("", "address") else "integer"}
        if self.style.said is not None:
            position["minimum"] = self.style.said
        elif position["type"] == "integer":
            position["minimum"] = 0
        fields = {self.style.position: position, self.style.size: self._size_schema()}
        fields.pop("", None)
        inner = {"type": "object", "properties": fields, "required": [self.style.position]}
        ways: dict[str, list[dict[str, Any]]] = {
            "": [
                {"name": name, "schema": part, "required": self.required and name == self.style.position}
                for name, part in fields.items()
            ],
            "form": [{"name": "pageable", "schema": inner, "required": self.required}],
            "deepObject": [{"name": "page", "schema": inner, "style": "deepObject", "required": self.required}],
            "json": [{"name": "filter", "content": {"application/json": {"schema": inner}}, "required": self.required}],
            "blind": [{"name": "criteria", "schema": {"type": "object"}}],
        }
        parameters = [{"in": "query", **one} for one in ways[self.style.sent]]
        text = {"name": "state", "in": "query", "schema": {"type": "string"}}
        return {"parameters": [text, *parameters], "responses": {"200": self._response()} if self.schema else {}}

    def _size_schema(self) -> dict[str, Any]:
        most = self.documented
        told: dict[str, Any] = {
            "maximum": {"maximum": most},
            "3.0": {"maximum": most + 1, "exclusiveMaximum": True},
            "3.1": {"exclusiveMaximum": most + 1},
            "float": {"maximum": float(most)},
            "enum": {"enum": sorted({5, most})},
            "nothing": {},
        }
        return {"type": "integer", "minimum": 1, **told[self.limit]}

    def _response(self) -> dict[str, Any]:
        body = FULL[self.envelope]([{"id": "a"}], 1)
        return {"content": {"application/json": {"schema": _schema_of(body)}}}

    def answer(self, query: dict[str, str]) -> Answer:
        """What it answers. :raises HttpError: a refusal, or 404 past the end."""
        self.requests += 1
        given = self._arrived(query)
        asked = int(given.get(self.style.size, 0)) if self.style.size else 0
        if self.required and self.style.position not in given:
            raise _refused(422)
        if asked > self.cap and self.over != "cut":
            raise _refused(int(self.over))
        size = min(asked or min(20, self.cap), self.cap)
        start = 0 if self.deaf else self._start(given, asked if self.by_size_asked and asked else size)
        if self.style.position in ("", "criteria") and not self.style.size and self.style.sent != "blind":
            size = max(self.length, 1)
        start, found = self._window(start, size)
        return self._wrapped(found, start + size, query)

    def _arrived(self, query: dict[str, str]) -> dict[str, Any]:
        if self.style.sent == "json":
            given: dict[str, Any] = json.loads(query.get("filter", "{}"))
            return given
        if self.style.sent == "deepObject":
            return {name[5:-1]: value for name, value in query.items() if name.startswith("page[")}
        return dict(query)

    def _start(self, given: dict[str, Any], size: int) -> int:
        position = int(given.get(self.style.position, self.style.base)) if self.style.position else 0
        by_page = self.style.position.lower().startswith(("page", "number")) and not self.style.next
        if not by_page:
            return max(position - (0 if self.style.position in given else self.style.base), 0)
        if position < self.style.base and self.past == "404":
            raise _refused(404)
        return max(position - self.style.base, 0) * size

    def _window(self, start: int, size: int) -> tuple[int, list[dict[str, str]]]:
        rows = [{"id": f"{number:06d}"} for number in range(start, min(start + size, self.length))]
        if rows or not start:
            return start, rows
        if self.past == "404":
            raise _refused(404)
        if self.past == "last page again":
            return self._window(max(self.length - 1, 0) // size * size, size) if self.length else (0, [])
        return start, rows

    def _wrapped(self, rows: list[dict[str, str]], end: int, query: dict[str, str]) -> Answer:
        body = FULL[self.envelope](rows, self.length)
        headers = {"X-Total-Count": str(self.length)} if self.header else {}
        more = end < self.length and bool(self.style.position)
        address = f"/s?{urlencode({**query, self.style.position: end})}"
        if self.past == "null" and not rows and self.envelope in ("bare", "items"):
            body = None if self.envelope == "bare" else {"items": None}
        if self.style.next == "header" and more:
            headers["Link"] = f'<{address}>; rel="next"'
        elif self.style.next and isinstance(body, dict):
            name = {"body": "next", "left out": "next", "address": "next"}.get(self.style.next, self.style.next)
            value = address if self.style.next == "address" else str(end)
            body.update({name: value if more else None} if more or self.style.next != "left out" else {})
        return body, headers


def _schema_of(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return {"type": "object", "properties": {name: _schema_of(inner) for name, inner in value.items()}}
    if isinstance(value, list):
        return {"type": "array", "items": _schema_of(value[0]) if value else {}}
    return {"type": "integer" if isinstance(value, int) else "string"}


def _refused(status: int) -> HttpError:
    return HttpError("GET /sessions/webui", status, form="detail Invalid page.")


class Result(NamedTuple):
    """What became of a reading: whether it was called complete, how many records came, the requests, what was said."""

    complete: bool
    found: int
    requests: int
    said: str
    of: str = "sessions"


def read_sessions(service: Service) -> Result:
    """Read its list as one of sessions."""

    def page(opened: Page[Any]) -> Page[Session]:
        sessions = [Session(record["id"], "webui") for record in opened.records if "id" in record]
        return Page(sessions, opened.total, opened.next, opened.more, len(opened.records) - len(sessions))

    fetch, pagination = _fetch(service, page)
    try:
        listing = read_all(fetch, pagination)
    except (HttpError, ValueError) as error:
        return Result(False, 0, service.requests, str(error))
    return Result(listing.complete, len(listing.records), service.requests, "; ".join(listing.problems))


def read_log(service: Service) -> Result:
    """Read its list as a log."""

    def page(opened: Page[Any]) -> LogPage:
        lines = lines_from([record.get("id", "") for record in opened.records])
        return LogPage(tuple(lines), opened.total, opened.next, opened.more)

    fetch, pagination = _fetch(service, page)
    pages = LogPages(fetch, pagination)
    try:
        found = {line.message for page in pages.forward() for line in page.lines}
    except (HttpError, ValueError) as error:
        return Result(False, 0, service.requests, str(error), "lines")
    return Result(not pages.problem, len(found), service.requests, pages.problem or "", "lines")


def _fetch(service: Service, made: Callable[[Page[Any]], Any]) -> tuple[Callable[[Any], Any], Pagination]:
    pagination = service.pagination()

    def fetch(query: Any) -> Any:
        body, headers = service.answer(dict(query))
        return made(open_list(json.loads(json.dumps(body)), headers, pagination.names))

    return fetch, pagination

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What web frameworks emit, in its smallest form, on real sockets: a document and a function that answers.

Each is read as a list of sessions and as a log, of several lengths. The next framework is one line of ``DRIVEN``.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Callable, Optional
from urllib.parse import parse_qsl, urlsplit

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.api.session_manager import SessionManager
from ansible_collections.aimms.cloud.plugins.module_utils.errors import AnswerError, HttpError
from ansible_collections.aimms.cloud.plugins.module_utils.http.client import HttpClient
from ansible_collections.aimms.cloud.plugins.module_utils.logs.lines import read
from ansible_collections.aimms.cloud.plugins.module_utils.logs.newest import NewestLines
from ansible_collections.aimms.cloud.plugins.module_utils.logs.reader import LineFilter, LogReader
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.loopback import connection

BASE = "/pro/session-manager/v1"
Rows = Sequence[Mapping[str, Any]]
Query = Mapping[str, str]
Reply = tuple[int, Any, dict[str, str]]
Answer = Callable[[Rows, Query], Reply]
Wrap = Callable[[list[Any], int], Any]
LENGTHS = (0, 1, 20, 49, 50, 51, 100, 110, 250)


def refused(status: int, **body: Any) -> Reply:
    """A refusal in JSON."""
    return status, body or {"detail": "No."}, {}


def by_offset(
    rows: Rows,
    query: Query,
    *,
    names: str = "offset limit",
    wrap: Wrap = lambda found, total: found,
    cap: int = 50,
    over: int = 0,
    allowed: Sequence[int] = (),
    required: int = 0,
) -> Reply:
    """A window of the rows. ``over``: the status above the cap. ``required``: that without an offset."""
    offset, limit = names.split()
    size = int(query.get(limit, 20))
    if (required and offset not in query) or (over and size > cap) or (allowed and size not in (20, *allowed)):
        return refused(over or required or 400)
    start = int(query.get(offset, 0))
    return 200, wrap(list(rows[start : start + min(size, cap)]), len(rows)), {}


def by_page(
    rows: Rows,
    query: Query,
    *,
    names: str = "page size",
    wrap: Wrap = lambda found, total: found,
    base: int = 1,
    past: int = 200,
    cap: int = 50,
) -> Reply:
    """A page of the rows; page 0 is like page 1 where that is the first. ``past``: the status past the last page."""
    number, size = (int(query.get(name, usual)) for name, usual in zip(names.split(), (base, 20)))
    size, start = min(size, cap), max(0, number - base) * min(size, cap)
    found = list(rows[start : start + size])
    return (
        refused(past, detail="Invalid page.")
        if start and not found and past != 200
        else (200, wrap(found, len(rows)), {})
    )


def by_filter(rows: Rows, query: Query) -> Reply:
    """LoopBack: position and size in JSON."""
    return by_offset(rows, {name: str(value) for name, value in json.loads(query.get("filter", "{}")).items()})


def counted_in_header(rows: Rows, query: Query) -> Reply:
    """Go: a slice that is nil is null."""
    status, found, _headers = by_offset(rows, query)
    return status, found or None, {"X-Total-Count": str(len(rows))}


def whole(name: str, required: bool = False, **schema: Any) -> dict[str, Any]:
    """A query parameter that is a number."""
    return {"name": name, "in": "query", "required": required, "schema": {"type": "integer", **schema}}


def inner(name: str, fields: Sequence[str], **more: Any) -> dict[str, Any]:
    """A query parameter that is an object with these numbers."""
    schema = {"type": "object", "properties": {field: {"type": "integer", "minimum": 0} for field in fields}}
    return {"name": name, "in": "query", "schema": schema, **more}


def hydra(found: list[Any], total: int) -> Any:
    """API Platform."""
    mapping = {"@type": "hydra:IriTemplate", "hydra:mapping": [{"variable": "page"}, {"variable": "state"}]}
    rows = [{"@id": f"/sessions/{number}", "@type": "Session", **row} for number, row in enumerate(found)]
    return {"@id": "/sessions", "hydra:member": rows, "hydra:totalItems": total, "hydra:search": mapping}


def hateoas(found: list[Any], total: int) -> Any:
    """Spring HATEOAS."""
    page = {"page": {"size": 20, "totalElements": total}, "_links": {"self": {"href": "/x"}}}
    return {"_embedded": {"sessionList": found}, **page} if found else page


def drf(found: list[Any], total: int) -> Any:
    """Django REST."""
    return {"count": total, "next": None, "previous": None, "results": found}


def drf_of_999(found: list[Any], _total: int) -> Any:
    """As if more were on later pages."""
    return drf(found, 999)


def spring(found: list[Any], total: int) -> Any:
    """Spring Data."""
    return {"content": found, "page": {"size": 20, "number": 0, "totalElements": total}}


def go(found: list[Any], total: int) -> Any:
    """Go: a slice that is nil is null."""
    return {"data": found or None, "total": total}


def go_left_out(found: list[Any], total: int) -> Any:
    """Go, with omitempty."""
    return {"data": found, "total": total} if found else {"total": total}


def abp(found: list[Any], total: int) -> Any:
    """ABP."""
    return {"items": found, "totalCount": total}


LIMIT, OFFSET = whole("limit"), whole("offset")
PAGEABLE = {"name": "pageable", "in": "query", "required": True, "schema": {"$ref": "#/components/schemas/Pageable"}}
AS_JSON = {"content": {"application/json": {"schema": inner("", ["offset", "limit"])["schema"]}}}
ABP = partial(by_offset, names="SkipCount MaxResultCount", wrap=abp)
UNDER_50 = partial(by_offset, over=400)
DRF_SIZED = partial(by_page, names="page page_size", wrap=drf, past=404)
FLASK = partial(by_page, names="page per_page", past=404)
DEEP = partial(by_page, names="page[number] page[size]")
HYDRA = partial(by_page, names="page itemsPerPage", wrap=hydra)
DRIVEN: dict[str, tuple[list[dict[str, Any]], Answer]] = {
    "Django REST": ([whole("page", minimum=0)], partial(by_page, wrap=drf, past=404)),
    "Django REST with a size": ([whole("page"), whole("page_size")], DRF_SIZED),
    "said to be from 0": ([whole("page", minimum=0)], partial(by_page, wrap=abp, past=404)),
    "said to be from 0, then empty": ([whole("page", minimum=0)], partial(by_page, wrap=abp)),
    "said to be from 1": ([whole("page", minimum=1)], partial(by_page, wrap=abp, base=0)),
    "Flask-SQLAlchemy": ([whole("page", minimum=0), whole("per_page")], FLASK),
    "Litestar": ([whole("offset", True), LIMIT], partial(by_offset, required=400)),
    "FastAPI": ([whole("offset", True, minimum=0), whole("limit", True)], partial(by_offset, required=422)),
    "page numbers that are required": ([whole("page", True), whole("size")], partial(by_page, past=404)),
    "50.0": ([OFFSET, whole("limit", maximum=50.0)], UNDER_50),
    "exclusiveMaximum of 3.1": ([OFFSET, whole("limit", exclusiveMaximum=51)], UNDER_50),
    "exclusiveMaximum of 3.0": ([OFFSET, whole("limit", maximum=51, exclusiveMaximum=True)], UNDER_50),
    "enum": ([OFFSET, whole("limit", enum=[10, 25, 50])], partial(by_offset, over=400, allowed=(10, 25, 50))),
    "400 above 50, of which nothing is said": ([OFFSET, LIMIT], UNDER_50),
    "422 above 10, of which nothing is said": ([OFFSET, whole("limit", True)], partial(by_offset, cap=10, over=422)),
    "a maximum that is not true": ([OFFSET, whole("limit", maximum=1000)], partial(by_offset, cap=100)),
    "springdoc": ([PAGEABLE], partial(by_page, wrap=spring, base=0)),
    "springdoc without a total": ([PAGEABLE], partial(by_page, base=0)),
    "deepObject": ([inner("page", ["number", "size"], style="deepObject")], DEEP),
    "LoopBack": ([{"name": "filter", "in": "query", **AS_JSON}], by_filter),
    "Spring HATEOAS": ([whole("page", default=0), whole("size")], partial(by_page, wrap=hateoas, base=0)),
    "Go, an object": ([OFFSET, LIMIT], partial(by_offset, wrap=go)),
    "Go, null": ([OFFSET, LIMIT], counted_in_header),
    "Go, left out": ([OFFSET, LIMIT], partial(by_offset, wrap=go_left_out)),
    "API Platform": ([whole("page", default=1), whole("itemsPerPage")], HYDRA),
    "ABP": ([whole("SkipCount"), whole("MaxResultCount")], ABP),
}  # fmt: skip
"""Those that are read whole."""
NOT_DRIVEN: dict[str, tuple[list[dict[str, Any]], Answer]] = {
    "LoopBack without a description": ([{"name": "filter", "in": "query", "schema": {"type": "object"}}], by_filter),
    "names of nobody": ([whole("lo", minimum=0), whole("anzahl")], partial(by_offset, names="lo anzahl")),
    "a later page that is gone": ([whole("page")], partial(by_page, wrap=drf_of_999, past=404)),
}  # fmt: skip
"""Those that are never called complete."""


def document(parameters: list[dict[str, Any]], prefix: str = BASE) -> dict[str, Any]:
    """The OpenAPI document."""
    kind = {"name": "kind", "in": "path", "schema": {"type": "string", "enum": ["webui"]}}
    fields = {**{name: {"type": "integer"} for name in ("page", "size")}, "sort": {"type": "array"}}
    pageable = {"type": "object", "properties": fields}
    paths = {
        f"{prefix}/sessions/{{kind}}": {"get": {"parameters": [kind, *parameters]}},
        f"{prefix}/sessions/{{kind}}/{{id}}": {"get": {}},
        f"{prefix}/sessions/{{kind}}/{{id}}/terminate": {"patch": {}},
        f"{prefix}/sessions/{{kind}}/{{id}}/logs": {"get": {"parameters": [kind, *parameters]}},
    }
    return {"openapi": "3.0.3", "paths": paths, "components": {"schemas": {"Pageable": pageable}}}


class Service(ThreadingHTTPServer):
    """So many sessions, each with a log of as many lines. ``asked``: the queries of the list."""

    def __init__(self, parameters: list[dict[str, Any]], answer: Answer, length: int, prefix: str = BASE) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.document, self.answers = document(parameters, prefix), answer
        self.sessions = [{"id": f"s-{number:04}", "state": "running"} for number in range(length)]
        times = (f"2026-03-01T{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}Z" for number in range(length))
        self.lines = [{"timestamp": time, "message": f"line {number}"} for number, time in enumerate(times)]
        self.asked: list[Query] = []

    def manager(self, **options: Any) -> SessionManager:
        """The session-manager for it."""
        return SessionManager(HttpClient(connection(f"http://127.0.0.1:{self.server_port}", **options)))


class _Handler(BaseHTTPRequestHandler):
    server: Service
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def do_GET(self) -> None:
        """The document, a list or a log."""
        address = urlsplit(self.path)
        query = dict(parse_qsl(address.query))
        reply: Reply = 404, {"detail": "Not found."}, {}
        if address.path == f"{BASE}/openapi.yaml":
            reply = 200, self.server.document, {}
        elif address.path == f"{BASE}/sessions/webui":
            self.server.asked.append(query)
            reply = self.server.answers(self.server.sessions, query)
        elif address.path == f"{BASE}/sessions/webui/s-0000/logs":
            reply = self.server.answers(self.server.lines, query)
        status, body, headers = reply
        text = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(text)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing."""


@contextmanager
def served(name: str, length: int, prefix: str = BASE) -> Iterator[Service]:
    """The service of a framework."""
    with Service(*{**DRIVEN, **NOT_DRIVEN}[name], length, prefix) as service:
        threading.Thread(target=service.serve_forever, args=(0.01,), daemon=True).start()
        yield service
        service.shutdown()


def lines_of(manager: SessionManager) -> Optional[list[str]]:
    """The messages of the log; None where it is said not to be whole."""
    try:
        return [line.message for line in LogReader(manager).all("webui", "s-0000")]
    except AnswerError:
        return None


@pytest.mark.parametrize("name", DRIVEN)
def test_it_is_read_whole(name: str) -> None:
    for length in LENGTHS:
        with served(name, length) as service:
            manager = service.manager()
            listing = manager.list()
            assert (listing.problems, sorted(one.id for one in listing.records)) == (
                [],
                [s["id"] for s in service.sessions],
            )
            assert manager.warnings == []
            assert lines_of(manager) == [line["message"] for line in service.lines], length


@pytest.mark.parametrize("name", NOT_DRIVEN)
@pytest.mark.parametrize("length", [20, 51, 110])
def test_it_is_never_called_complete(name: str, length: int) -> None:
    with served(name, length) as service:
        listing = service.manager().list()
        assert not listing.complete
        assert lines_of(service.manager()) is None


@pytest.mark.parametrize("length", [51, 240, 250])
@pytest.mark.parametrize("name", [*DRIVEN, *NOT_DRIVEN])
def test_the_newest_line_is_never_an_older_one(name: str, length: int) -> None:
    """Or a session would be ended that wrote a moment ago."""
    with served(name, length) as service:
        last = service.lines[-1]["timestamp"]
        newest = partial(NewestLines(service.manager()).newest, "webui", "s-0000", 0.0)
        if name in DRIVEN:
            found = newest()
            assert found is not None
            assert found.iso() == last
            tail = read(LogReader(service.manager()), "webui", "s-0000", LineFilter(), tail=5)
            assert [line.message for line in tail.lines] == [line["message"] for line in service.lines[-5:]]
        else:
            with pytest.raises(AnswerError):
                newest()


@pytest.mark.parametrize("prefix", ["/v1", "/session-manager/v1", ""])
def test_a_proxy_that_strips_a_prefix(prefix: str) -> None:
    with served("ABP", 110, prefix) as service:
        listing = service.manager().list()
        assert (len(listing.records), listing.complete) == (110, True)


# page_size


@pytest.mark.parametrize("name", [name for name, (parameters, _answer) in DRIVEN.items() if len(parameters) > 1])
@pytest.mark.parametrize("size", [7, 10])
def test_the_size_of_pages_is_the_users(name: str, size: int) -> None:
    with served(name, 51) as service:
        listing = service.manager(page_size=size).list()
        assert (len(listing.records), listing.complete) == (51, True)
        asked = [value for query in service.asked for key, value in query.items() if key in SIZES]
        assert asked[0] == str(size)
        assert set(asked) == {str(size)} or (name, size) == ("enum", 7)


SIZES = "limit size page_size per_page itemsPerPage MaxResultCount".split()


def test_a_size_of_pages_that_the_server_cannot_be_told_is_said_to_have_no_effect() -> None:
    with served("Django REST", 51) as service:
        manager = service.manager(page_size=7)
        assert (len(manager.list().records), len(manager.warnings)) == (51, 1)
        assert "page_size has no effect" in manager.warnings[0]


def test_a_server_that_fails_at_large_pages_is_read_with_a_smaller_size() -> None:
    """500 is no matter of sizes by itself; the option is the way out."""

    def fails(rows: Rows, query: Query) -> Reply:
        return refused(500) if int(query.get("limit", 100)) > 30 else by_offset(rows, query)

    with served("ABP", 110) as service:
        service.document, service.answers = document([OFFSET, LIMIT]), fails
        with pytest.raises(HttpError, match="answered 500"):
            service.manager().list()
        listing = service.manager(page_size=30).list()
        assert (len(listing.records), listing.complete) == (110, True)

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Spring Boot, written down by knowledge: with springdoc pages from 0 (``Pageable``), and as HATEOAS with links.

The document is what springdoc emits for a controller that takes ``@ParameterObject``-less ``Pageable`` and returns
``Page<Session>`` or ``PagedModel<EntityModel<Session>>``.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from functools import partial
from typing import Any

from account import ROOT, Accounts, Refused
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

DEFAULT, LARGEST = 20, 60  # spring.data.web.pageable.default-page-size and .max-page-size; no document has the latter
_TEXT = {"type": "string"}
_NUMBER = {"type": "integer", "format": "int32"}
_LONG = {"type": "integer", "format": "int64"}
_YES = {"type": "boolean"}
_TIME = {"type": "string", "format": "date-time"}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _array(name: str) -> dict[str, Any]:
    return {"type": "array", "items": _reference(name)}


_LINKS = {"type": "object", "additionalProperties": _reference("Link")}
_RECORDS = {
    "Session": _object(
        **dict.fromkeys("id kind state appName appVersion owner message".split(), _TEXT),
        **dict.fromkeys("createdAt startedAt endedAt".split(), _TIME),
    ),
    "LogLine": _object(timestamp=_TIME, message=_TEXT),
    "Pageable": _object(
        page={**_NUMBER, "minimum": 0}, size={**_NUMBER, "minimum": 1}, sort={"type": "array", "items": _TEXT}
    ),
}


def page_schemas(name: str, record: str) -> dict[str, Any]:
    """The schemas of a page of springdoc."""
    sort = _object(empty=_YES, sorted=_YES, unsorted=_YES)
    about = _object(
        offset=_LONG, sort=_reference("SortObject"), pageNumber=_NUMBER, pageSize=_NUMBER, paged=_YES, unpaged=_YES
    )
    page = _object(
        totalPages=_NUMBER, totalElements=_LONG, first=_YES, last=_YES, size=_NUMBER, content=_array(record),
        number=_NUMBER, sort=_reference("SortObject"), numberOfElements=_NUMBER,
        pageable=_reference("PageableObject"), empty=_YES,
    )  # fmt: skip
    return {name: page, "SortObject": sort, "PageableObject": about}


def _models(name: str, record: str) -> dict[str, Any]:
    """The schemas of a page of HATEOAS."""
    entity = {**_RECORDS[record], "properties": {**_RECORDS[record]["properties"], "_links": _reference("Links")}}
    lists = _object(**{_embedded(record): _array(f"EntityModel{record}")})
    return {
        name: _object(_embedded=lists, _links=_reference("Links"), page=_reference("PageMetadata")),
        f"EntityModel{record}": entity,
        "Links": _LINKS,
        "Link": _object(href=_TEXT, hreflang=_TEXT, title=_TEXT, templated=_YES),
        "PageMetadata": _object(size=_LONG, totalElements=_LONG, totalPages=_LONG, number=_LONG),
    }


def _embedded(record: str) -> str:
    return f"{record[0].lower()}{record[1:]}List"


def _document(schemas: Callable[[str, str], dict[str, Any]], media: str, url: str) -> dict[str, Any]:
    """The document."""
    placed = [{"name": name, "in": "path", "required": True, "schema": _TEXT} for name in ("kind", "id")]
    pageable = {"name": "pageable", "in": "query", "required": True, "schema": _reference("Pageable")}

    def operation(name: str, parameters: list[Any], schema: Any, kind: str = media, status: str = "200") -> Any:
        content = {"content": {kind: {"schema": schema}}} if schema else {}
        answers = {status: {"description": "OK", **content}}
        return {"tags": ["session-controller"], "operationId": name, "parameters": parameters, "responses": answers}

    one = f"{ROOT}/sessions/{{kind}}/{{id}}"
    return {
        "openapi": "3.1.0",
        "info": {"title": "OpenAPI definition", "version": "v0"},
        "servers": [{"url": url, "description": "Generated server url"}],
        "paths": {
            f"{one}/terminate": {"patch": operation("terminate", placed, _reference("Session"))},
            f"{ROOT}/sessions/{{kind}}": {"get": operation("list", [placed[0], pageable], _reference("PageSession"))},
            one: {
                "get": operation("get", placed, _reference("Session")),
                "delete": operation("delete", placed, None, status="204"),
            },
            f"{one}/logs": {"get": operation("logs", [*placed, pageable], _reference("PageLogLine"))},
            f"{one}/logs/download": {"get": operation("download", placed, _TEXT, "text/plain")},
        },
        "components": {
            "schemas": {**_RECORDS, **schemas("PageSession", "Session"), **schemas("PageLogLine", "LogLine")}
        },
    }


def named(one: Any) -> dict[str, Any]:
    """A record as Jackson writes it."""
    made = {}
    for name, value in vars(one).items():
        first, *others = name.split("_")
        made[first + "".join(map(str.capitalize, others))] = value.isoformat() if hasattr(value, "isoformat") else value
    return made


def _asked(request: Request) -> tuple[int, int]:
    """Page and size. Spring takes what it cannot read for the default, and cuts what is too large."""

    def number(name: str, default: int) -> int:
        text = request.query_params.get(name, "")
        return int(text) if text.isdecimal() else default

    return number("page", 0), min(number("size", DEFAULT) or DEFAULT, LARGEST)


def _page(request: Request, found: list[Any], _record: str) -> dict[str, Any]:
    """What springdoc calls a page."""
    number, size = _asked(request)
    shown = found[number * size : (number + 1) * size]
    pages, sort = -(-len(found) // size), {"empty": True, "sorted": False, "unsorted": True}
    about = {"offset": number * size, "pageNumber": number, "pageSize": size, "paged": True, "unpaged": False}
    return {
        "content": [named(one) for one in shown],
        "pageable": {**about, "sort": sort},
        "last": number + 1 >= pages, "totalElements": len(found), "totalPages": pages, "first": number == 0,
        "size": size, "number": number, "sort": sort, "numberOfElements": len(shown), "empty": not shown,
    }  # fmt: skip


def _model(request: Request, found: list[Any], record: str) -> dict[str, Any]:
    """What HATEOAS calls one. Without records there is nothing that is embedded."""
    number, size = _asked(request)
    shown, pages = found[number * size : (number + 1) * size], -(-len(found) // size)
    here = str(request.url.replace(query=""))
    places = {"first": 0, "prev": number - 1, "self": number, "next": number + 1, "last": max(0, pages - 1)}
    wanted = {name: at for name, at in places.items() if name == "self" or (pages > 1 and 0 <= at < pages)}
    links = {name: {"href": f"{here}?page={at}&size={size}"} for name, at in wanted.items()}
    entities = [{**named(one), "_links": {"self": {"href": f"{here}/{number}"}}} for one in shown]
    about = {"size": size, "totalElements": len(found), "totalPages": pages, "number": number}
    return {**({"_embedded": {_embedded(record): entities}} if shown else {}), "_links": links, "page": about}


def app(schemas: Any, media: str, cut: Any, accounts: Accounts) -> Starlette:
    def placed(request: Request) -> tuple[Any, ...]:
        view = accounts.view(request.headers.get("apiKey"))
        return (view, *request.path_params.values())

    def listed(request: Request) -> Response:
        view, kind = placed(request)
        return JSONResponse(cut(request, view.all(kind), "Session"), media_type=media)

    def one(request: Request) -> Response:
        view, *which = placed(request)
        if request.method == "DELETE":
            view.delete(*which)
            return Response(status_code=204)
        return JSONResponse(named(view.one(*which)), media_type=media)

    def terminate(request: Request) -> Response:
        view, *which = placed(request)
        return JSONResponse(named(view.terminate(*which)), media_type=media)

    def logs(request: Request) -> Response:
        view, *which = placed(request)
        return JSONResponse(cut(request, view.one(*which).lines, "LogLine"), media_type=media)

    def download(request: Request) -> Response:
        view, *which = placed(request)
        return PlainTextResponse(view.one(*which).log)

    def document(request: Request) -> Response:
        return JSONResponse(_document(schemas, media, str(request.base_url).rstrip("/")))

    def refuse(request: Request, refused: Any) -> Response:
        words = {401: "Unauthorized", 404: "Not Found", 409: "Conflict"}[refused.status]
        now = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
        about = {"timestamp": now, "status": refused.status, "error": words}
        return JSONResponse({**about, "path": request.url.path}, refused.status)

    base = f"{ROOT}/sessions/{{kind}}"
    return Starlette(
        routes=[
            Route(f"{ROOT}/openapi.yaml", document),
            Route(base, listed),
            Route(f"{base}/{{id}}", one, methods=["GET", "DELETE"]),
            Route(f"{base}/{{id}}/terminate", terminate, methods=["PATCH"]),
            Route(f"{base}/{{id}}/logs", logs),
            Route(f"{base}/{{id}}/logs/download", download),
        ],
        exception_handlers={Refused: refuse},
    )


APPS = {
    "springdoc": (LARGEST, partial(app, page_schemas, "application/json", _page)),
    "spring-hateoas": (LARGEST, partial(app, _models, "application/hal+json", _model)),
}

"""Hostile answers that are too large, have no valid body, or point to another host."""

from __future__ import annotations

import json
from functools import lru_cache

from .kinds import (
    ASKING,
    LISTS,
    MIB,
    Kind,
    always,
    as_json,
    body,
    plain,
    pour,
    spoiled,
    zipped,
)
from .server import ROUTES, Make, answer, good, record

_OK = "HTTP/1.1 200 OK"
_CHUNKED = plain(f"{_OK}\ntransfer-encoding: chunked")
_BARE = plain(_OK)
_HARMLESS = ("document", "download", "change")
"""Where a body that is no JSON does no harm: without a document others are tried, and a log is any text."""


@lru_cache(maxsize=1)
def _bomb() -> bytes:
    """256 MiB of spaces."""
    return zipped(b" " * MIB for _number in range(256))


@lru_cache(maxsize=1)
def _nested() -> bytes:
    """A gzip bomb within another one that is itself over the size limit."""
    return zipped(iter([_bomb() * 100]))


LARGE = {
    "a body of 200 MiB": Kind(
        always(pour(plain(f"{_OK}\ncontent-length: {200 * MIB}"), b" ", 200)), believed=("download",), sure=True
    ),
    "a body without end": Kind(always(pour(_BARE, b" ")), sure=True),
    "a body of one line without end": Kind(always(pour(_BARE, b"x")), ("download",), sure=True),
    "a token without end": Kind(
        always(pour(_BARE + b"2026-11-24 11:00:00.000 --logonToken ", b"x")), ("download",), sure=True
    ),
    "a quote without end": Kind(always(pour(_BARE + b'password="', b"x y ")), ("download",)),
    "chunks without end": Kind(always(pour(_CHUNKED, b"10\r\n" + b" " * 16 + b"\r\n"))),
    "chunks of two bytes without end": Kind(always(pour(_CHUNKED, b"2\r\n  \r\n")), sure=True),
    "a chunk of 200 MiB": Kind(
        always(pour(_CHUNKED + b"C800000\r\n", b" ", 200, b"\r\n0\r\n\r\n")), believed=("download",)
    ),
    "an error without end": Kind(always(pour(plain("HTTP/1.1 500 No"), b" "))),
    "a gzip bomb": Kind(
        lambda _route: lambda _query: answer(200, _bomb(), content_encoding="gzip"), believed=("download",), sure=True
    ),
    "a gzip bomb in a bomb": Kind(
        lambda _route: lambda _query: answer(200, _nested(), content_encoding="gzip"), believed=("download",), sure=True
    ),
    "a gzip bomb for an error": Kind(lambda _route: lambda _query: answer(403, _bomb(), content_encoding="gzip")),
    "a gzip bomb for a redirect": Kind(
        lambda _route: lambda _query: answer(302, _bomb(), content_encoding="gzip", location="/"),
        acts=False,
        tells=False,
    ),
}
"""Over the cap, which log downloads do not have."""


def _no_json(data: bytes) -> Kind:
    return Kind(body(data), tuple(route for route in ROUTES if route != "download"), _HARMLESS)


BODIES = {
    "HTML": Kind(
        body(b"<!DOCTYPE html><html>Please log in</html>", content_type="text/html"), believed=("document", "change")
    ),
    "HTML said to be JSON": _no_json(b"  <html></html>"),
    "204": Kind(
        always(plain("HTTP/1.1 204 No Content")), ("document", "list", "get", "log", "tasks", "change"), _HARMLESS
    ),
    "empty": _no_json(b""),
    "white space": _no_json(b" \n "),
    "text": _no_json(b"maintenance"),
    "NUL bytes": _no_json(b"\0" * 1000),
    "NaN": _no_json(b'{"total": NaN, "items": [NaN], "current_batch": [NaN]}'),
    "Infinity": _no_json(b'{"total": -Infinity, "items": []}'),
    "a number of 5,000 digits": _no_json(b'{"items": [], "total": ' + b"7" * 5000 + b"}"),
    "10,000 deep": _no_json(b"[" * 10_000 + b"]" * 10_000),
    "100,000 deep": _no_json(b'{"items":' * 100_000 + b"[]" + b"}" * 100_000),
    "5,000,000 deep": _no_json(b"[" * 5_000_000),
    "BOM": Kind(spoiled(lambda data: answer(200, b"\xef\xbb\xbf" + data)), ASKING, ("document",)),
    "UTF-16": Kind(spoiled(lambda data: answer(200, data.decode().encode("utf-16"))), ASKING, ("document",)),
    "UTF-32": Kind(spoiled(lambda data: answer(200, data.decode().encode("utf-32"))), ASKING, ("document",)),
    "not UTF-8": _no_json(b'{"items": [], "a": "\xff"}'),
    "UTF-8 of half a character": _no_json(b'{"items": [], "a": "\xed\xa0\x80"}'),
    "two documents": Kind(spoiled(lambda data: answer(200, data + data)), ASKING, ("document",)),
    "cut JSON": Kind(spoiled(lambda data: answer(200, data[:-3])), ASKING, ("document",)),
    "single quotes": _no_json(b"{'items': []}"),
    "null": _no_json(b"null"),
    "a number": _no_json(b"5"),
    "a text for a list": _no_json(b'{"items": "none", "total": 0}'),
    "an object for a list": _no_json(b'{"items": {}, "total": 0}'),
    "numbers for records": _no_json(b'{"items": [1, 2]}'),
    "lists for records": _no_json(b"[[], []]"),
    "nulls for records": _no_json(b'{"items": [null, null], "total": 2}'),
    "records without an id": Kind(body(b'{"items": [{}, {"state": "running"}], "total": 2}'), ("list", "get", "tasks")),
    "an error with status 200": _no_json(b'{"errorId": "E1", "errorCode": 500, "message": "database is down"}'),
    "an empty object": _no_json(b"{}"),
    "another record": Kind(body(as_json(record(7))), ("get",)),
    "records of ids that are none": Kind(
        body(as_json([{"id": None}, {"id": {}}, {"id": [1]}, {"id": True}])), ("list", "get", "tasks")
    ),
}
"""Whole answers of HTTP that say nothing usable."""


def _next_page(address: str) -> Kind:
    """An answer with a URL of its next page, in the body and in a header."""

    def make(route: str) -> Make:
        page = json.loads(good(route, {}, "running"))
        whole = page | {"next": address, "links": {"next": {"href": address}}, "total": 5, "total_tasks": 5}
        link = f'<{address}>; rel="next"'
        return lambda _query: answer(200, json.dumps(whole).encode(), link=link)

    return Kind(make, LISTS)


def elsewhere(url: str) -> dict[str, Kind]:
    """Answers that point to another host, which must never get a request."""
    return {
        "a redirect to another host": Kind(body(b"", 302, location=f"{url}/?k={{key}}"), acts=False, tells=False),
        "a redirect without scheme": Kind(body(b"", 307, location=url.removeprefix("http:")), acts=False, tells=False),
        "a redirect to nowhere": Kind(body(b"", 301, location="http://[::bad"), acts=False, tells=False),
        "a redirect of 60 KiB": Kind(body(b"", 308, location=f"http://{'h' * 60_000}/"), acts=False, tells=False),
        "a redirect that writes to the screen": Kind(
            body(b"", 302, location="http://\x1b[2J\x9b/"), acts=False, tells=False
        ),
        "refresh and alternatives": Kind(
            spoiled(lambda data: answer(200, data, refresh=f"0; url={url}", alt_svc=f'h2="{url[7:]}"')), believed=ROUTES
        ),
        "a next page on another host": _next_page(f"{url}/pro/session-manager/v1/sessions/webui?offset=1"),
        "a next page that is the same": _next_page("/pro/session-manager/v1/sessions/webui?offset=0&limit=100"),
        "a next page that is no address": _next_page("http://[::bad?x=1"),
        "a server on another host": Kind(
            lambda _route: (
                lambda query: answer(
                    200,
                    good("document", query, "").replace(b'"/pro/session', url.encode().join([b'"', b"/pro/session"])),
                )
            ),
            ("document",),
            ("document",),
        ),
    }

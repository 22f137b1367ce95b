"""Hostile answers in JSON: too many items, too deep, too long, or too many pages."""

from __future__ import annotations

import itertools
import json
from typing import Callable

from .kinds import LISTS, MIB, Kind, as_json, body
from .server import ID, TASK, Make, answer, good, record

_ONE = ("list", "get", "tasks")


def _listed(route: str, entries: bytes, total: int = 1) -> bytes:
    """The entries in the envelope of the route, with a total."""
    names = (b"total_tasks", b"current_batch") if route == "tasks" else (b"total", b"items")
    return b'{"%s": %d, "%s": [%s]}' % (names[0], total, names[1], entries)


def _entries(make: Callable[[str], bytes], total: int = 1) -> Callable[[str], Make]:
    """A list of entries made by ``make``; a route without a list gets the first one."""

    def by_route(route: str) -> Make:
        whole = make(route) if route == "get" else _listed(route, make(route), total)
        made = answer(200, whole)
        return lambda _query: made

    return by_route


def _with(extra: bytes) -> Callable[[str], bytes]:
    """The true entry with additional fields."""
    return lambda route: _entry(route)[:-1] + b", " + extra + b"}"


def _entry(route: str) -> bytes:
    if route == "tasks":
        return as_json(TASK)
    return as_json({"timestamp": "2026-11-24T11:00:00Z", "message": "m"} if route == "log" else record())


def _many(count: int) -> Callable[[str], bytes]:
    def make(route: str) -> bytes:
        form = b'{"message":"%d"}' if route == "log" else b'{"id":"%d"}'
        return b",".join([form % number for number in range(count)])

    return make


def _deep(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


def _endless(route: str) -> Make:
    """Endless pages: always full, with new entries."""
    numbers = itertools.count(1)
    entry = as_json(
        {"message": "line %d"} if route == "log" else (TASK if route == "tasks" else record()) | {"id": "x%d"}
    )

    def make(query: dict[str, str]) -> bytes:
        page = [entry % number for number in itertools.islice(numbers, min(20, int(query.get("limit", "20"))))]
        return answer(200, b'{"items": [' + b",".join(page) + b"]}")

    return make


def _totals(total: int) -> Callable[[str], Make]:
    def by_route(route: str) -> Make:
        page = json.loads(good(route, {}, "running"))
        page["total_tasks" if route == "tasks" else "total"] = total
        return lambda query: answer(200, as_json(page) if query.get("offset", "0") == "0" else b'{"items": []}')

    return by_route


def _with_header(name: str, value: str) -> Kind:
    """The true answer with an additional header."""

    def by_route(route: str) -> Make:
        return lambda query: answer(200, good(route, query, "running"), **{name: value})

    return Kind(by_route, LISTS, LISTS)


def _links(route: str) -> Make:
    """Many headers with many unfinished links."""
    lines = b"".join(b"link: " + b"<" * 60_000 + b"\r\n" for _number in range(60))
    return lambda query: answer(200, good(route, query, "running")).replace(b"\r\n", b"\r\n" + lines, 1)


CONTENTS = {
    "a total of 10**30": Kind(_totals(10**30), LISTS),
    "a total below zero": Kind(_totals(-5), LISTS, LISTS),
    "a total of true": Kind(_totals(True), LISTS, LISTS),
    "pages without end": Kind(_endless, LISTS, many=True),
    "links without end": Kind(_links, ("list", "log", "tasks"), LISTS, sure=True),
    "a total of 5,000 digits beside": _with_header("x_total_count", "9" * 5000),
    "a total of no digits beside": _with_header("x_total_count", "\xb2"),
    "a range of slashes": _with_header("content_range", "/9" * 30_000),
    "a date of 60 KiB": _with_header("date", "Tue, 24 " * 7_500),
    "a date of the year 99999": _with_header("date", "Tue, 24 Nov 99999 12:00:00 GMT"),
    "duplicate names": Kind(_entries(_with(b'"id": "b", "id": "%s", "state": "running"' % ID.encode())), _ONE, _ONE),
    "an endless number": Kind(_entries(_with(b'"x": 1e400, "appVersion": -1e999')), _ONE, _ONE),
    "a number of 4,000 digits": Kind(_entries(_with(b'"createdAt": %s, "x": %s' % ((b"7" * 4000,) * 2))), _ONE, _ONE),
    "halves of characters": Kind(_entries(_with(b'"appName": "\\ud800", "\\udc00": ["\\ud800\\ud800"]')), _ONE, _ONE),
    "NUL and screen codes": Kind(_entries(_with(b'"appName": "\\u0000\\u001b[2J", "message": "\\u0007"')), _ONE, _ONE),
    "a state of screen codes": Kind(_entries(_with(b'"state": "\\u001b[2J\\nok: [host]"')), _ONE, _ONE),
    "a state of 1 MiB": Kind(_entries(_with(b'"state": "%s"' % (b"s" * MIB))), _ONE, _ONE),
    "a name of 1 MiB": Kind(_entries(_with(b'"%s": 1' % (b"ab_" * (MIB // 3)))), _ONE, _ONE),
    **{
        f"a record {levels} deep": Kind(_entries(_with(b'"x": ' + _deep(levels))), _ONE, _ONE, sure=True)
        for levels in (300, 950, 1200, 1490)
    },
    "a message 1,200 deep": Kind(
        _entries(lambda _route: b'{"message": ' + _deep(1200) + b"}"), ("log",), ("log",), sure=True
    ),
    "times without end": Kind(_entries(_with(b'"createdAt": "%s", "x": 1' % (b"2026-" * 100_000))), _ONE, _ONE),
}
"""JSON that is odd, but small."""

FITTING = {
    "a million records": Kind(_entries(_many(1_000_000), 1_000_000), LISTS, LISTS, fits=True, sure=True),
    "five million empty records": Kind(_entries(lambda _route: b",".join([b"{}"] * 5_500_000)), LISTS, fits=True),
    "five million empty lists": Kind(
        _entries(_with(b'"x": [%s]' % b",".join([b"[]"] * 5_000_000))), _ONE, _ONE, fits=True
    ),
    "a text of 15 MiB": Kind(_entries(_with(b'"x": "%s"' % (b"x" * 15 * MIB))), _ONE, _ONE, fits=True),
    "a text of 15 MiB and one wide character": Kind(
        _entries(_with(b'"x": "\xf0\x9f\x98\x80%s"' % (b"x" * 15 * MIB))), _ONE, _ONE, fits=True
    ),
    "a name of 15 MiB": Kind(_entries(_with(b'"%s": 1' % (b"ab_" * 5 * MIB))), _ONE, _ONE, fits=True, sure=True),
    "100,000 names": Kind(
        _entries(_with(b", ".join(b'"%d_x%d": {"a": 1}' % (n, n) for n in range(100_000)))), _ONE, _ONE, fits=True
    ),
    "a text of sixteen million line ends": Kind(
        body(b"\n" * (16 * MIB - 1), content_type="text/plain"), ("log",), ("log",), fits=True, sure=True
    ),
    "a log in one field of line ends": Kind(
        body(b'{"log": "%s"}' % (b"\\n" * 8_000_000)), ("log",), ("log",), fits=True
    ),
    "five million empty lines": Kind(
        _entries(lambda _route: b",".join([b'""'] * 5_000_000)), ("log",), ("log",), fits=True
    ),
}
"""JSON and text of less than the cap, which has to be read whole before anything is known."""

"""Hostile OpenAPI documents: bombs, cycles, too many of everything, and texts that make regular expressions slow."""

from __future__ import annotations

import json
from typing import Any

from .kinds import MIB, Kind, body
from .server import BASE, DOCUMENT, PATHS

_ROUTE = ("document",)
_METHODS = ("get", "put", "post", "patch", "delete")


def _yaml(text: str | bytes, *, fits: bool = False, sure: bool = False) -> Kind:
    whole = text.encode() if isinstance(text, str) else text
    return Kind(body(whole, content_type="application/yaml"), _ROUTE, _ROUTE, fits=fits, sure=sure)


def _json(paths: dict[str, Any], *, fits: bool = False, **more: Any) -> Kind:
    tree = DOCUMENT | {"paths": PATHS | paths} | more
    return Kind(body(json.dumps(tree).encode()), _ROUTE, _ROUTE, fits=fits)


def _listing(*parameters: Any) -> dict[str, Any]:
    """The route of the list with additional parameters."""
    return {"/sessions/{kind}": {"get": {"parameters": [*PATHS["/sessions/{kind}"]["get"]["parameters"], *parameters]}}}


def _with_description(description: str, **schema: Any) -> dict[str, Any]:
    return _listing({"name": "foo", "in": "query", "description": description, "schema": schema or {"type": "integer"}})


def _laughs(first: str, line: str, levels: int) -> str:
    """YAML levels, each with ten aliases of the level before."""
    lines = [f"a0: &a0 {first}"]
    lines += [line.format(level, ", ".join([f"*a{level - 1}"] * 10)) for level in range(1, levels + 1)]
    return "\n".join([*lines, "paths: {/sessions/webui: {get: {parameters: *a" + str(levels) + "}}}", ""])


_PARAMETER = {"name": "a", "in": "query", "schema": {"type": "string"}}
_RICH = {method: {"parameters": [_PARAMETER | {"name": f"a{n}"} for n in range(1000)]} for method in _METHODS}
_CYCLE = {"$ref": "#/components/a"}

DOCUMENTS = {
    "YAML: billion laughs": _yaml(_laughs("[x, x]", "a{0}: &a{0} [{1}]", 12), sure=True),
    "YAML: billion laughs of keys": _yaml(_laughs("{x: 1, y: 2}", "a{0}: &a{0} {{<<: [{1}]}}", 8), sure=True),
    "YAML: 10,000 deep": _yaml("[" * 10_000 + "]" * 10_000),
    "YAML: 100,000 deep": _yaml(b"- " * 100_000 + b"x", sure=True),
    "YAML: objects 100,000 deep": _yaml(b"{a: " * 100_000),
    "YAML: a million open": _yaml(b"[" * MIB, sure=True),
    "YAML: itself": _yaml("a: &a {b: *a, paths: *a}\npaths: &p {/sessions/webui: *p, get: *p}\n"),
    "YAML: names Python": _yaml("paths: !!python/object/apply:os.system ['touch /hostile']\n"),
    "YAML: keys of any kind": _yaml("paths: {1: {get: {}}, null: x, 2026-11-24: {}, [a]: b, {a: 1}: c}\n"),
    "YAML: impossible values": _yaml(f"paths: {{/a: 2026-99-99, /b: {'7' * 5000}, /c: !!int x}}\n"),
    "YAML: two documents": _yaml("paths: {}\n---\npaths: {}\n"),
    "YAML: a broken one": _yaml("paths:\n\t- [}\n\0"),
    "YAML: a directive of 1 MiB": _yaml("%TAG ! " + "x" * MIB + "\n---\npaths: {}\n"),
    "YAML: 100,000 paths": _yaml(
        "paths:\n" + "".join(f"  /p{n}: {{get: {{summary: x}}}}\n" for n in range(100_000)), fits=True
    ),
    "100,000 paths": _json({f"/p{n}": {"get": {}} for n in range(100_000)}, fits=True),
    "100,000 times the richest path": _json(
        {f"/sessions/x/y/z{n}": {"$ref": "#/rich"} for n in range(100_000)}, fits=True, rich=_RICH
    ),
    "100,000 ways to list": _json(
        {f"/v{n}/sessions/webui": {"$ref": "#/rich"} for n in range(100_000)}, rich=_RICH, fits=True
    ),
    "100,000 parameters": _json(_listing(*[_PARAMETER | {"name": f"limit{n}"} for n in range(100_000)]), fits=True),
    "a reference of 200 KB, 50,000 times": _json(
        _listing(*[{"$ref": "#/l"}] * 50_000), l={"$ref": "#/" + "a/" * 100_000}, fits=True
    ),
    "references in a circle": _json(
        {**_listing(_CYCLE, {"name": "x", "schema": _CYCLE}), "/a": _CYCLE, "/b": {"get": _CYCLE}},
        components={"a": {"$ref": "#/components/b"}, "b": _CYCLE},
    ),
    "a reference to itself": _json({"/a": {"$ref": "#/paths/~1a"}, "/b": {"$ref": "#"}, "/c": {"$ref": "http://[x"}}),
    "a description of 200 KB": _json(_with_description("most " * 40_000)),
    "a description of a million digits": _json(_with_description("1" * MIB, type="string", format="x" * 1000)),
    "a description of dashes": _json(_with_description("20" * 50_000 + "-", type="string")),
    "limits that are none": _json(
        _listing(
            *[
                {"name": name, "in": "query", "schema": {"maximum": size, "minimum": -size, "default": size}}
                for name, size in (("limit", 10**30), ("page", -1), ("offset", 1e300))
            ]
        )
    ),
    "wrong types everywhere": _json(
        {
            f"/sessions/{{kind}}/{n}": {"get": value, "parameters": value}
            for n, value in enumerate((1, "x", None, [1], True))
        },
        servers=[None, 5],
    ),
    "a server that is no address": _json({}, servers=[{"url": "http://[::bad/\x00"}]),
    "paths that leave": _json(
        {"/../../../sessions/{kind}": {"get": {}}, f"{BASE}/../x": {"get": {}}, "//evil/sessions/{kind}": {"get": {}}}
    ),
}
"""Documents on the route of the document alone."""

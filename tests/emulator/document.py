"""The OpenAPI document of a dialect, and the routes and parameters the server takes from it.

The document is derived from the file of its generation by renaming, and the server routes and validates by the
derived document: what the document says and what the server does cannot differ.
"""

from __future__ import annotations

import json
import re
from copy import deepcopy
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import yaml

from .dialect import Dialect
from .wire import place

_FOLDER = Path(__file__).parent / "documents"
_TIME_SCHEMAS: dict[str, dict[str, Any]] = {
    "epoch": {"type": "integer", "format": "int64", "description": "Seconds since 1970."},
    "epoch_ms": {"type": "integer", "format": "int64", "description": "Milliseconds since 1970."},
    "naive": {"type": "string", "description": "YYYY-MM-DDTHH:MM:SS"},
}
_TIME_PARAMETERS = ("created_after", "created_before", "begin", "end")


@dataclass(frozen=True)
class Parameter:
    """One query parameter: `name` on the wire, `canonical` in the code."""

    canonical: str
    name: str
    schema: dict[str, Any]


@dataclass(frozen=True)
class Operation:
    """One operation of the document."""

    id: str
    parameters: dict[str, Parameter]
    path_schemas: dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Route:
    """One path of the document with its operations by method."""

    pattern: re.Pattern[str]
    methods: dict[str, Operation]


class Contract:
    """A document and what it says."""

    def __init__(self, document: dict[str, Any], canonical: dict[str, str]) -> None:
        self.document = document
        self._canonical = canonical
        self.routes = [self._route(path, item) for path, item in document["paths"].items()]

    def _route(self, path: str, item: dict[str, Any]) -> Route:
        pattern = re.compile(re.sub(r"\\?\{(\w+)\\?\}", r"(?P<\1>[^/]+)", re.escape(path)) + r"\Z")
        return Route(pattern, {method.upper(): self._operation(found) for method, found in item.items()})

    def _operation(self, found: dict[str, Any]) -> Operation:
        query, path = {}, {}
        for entry in found.get("parameters", []):
            parameter = self._resolve(entry)
            if parameter["in"] == "query":
                name = parameter["name"]
                query[name] = Parameter(self._canonical.get(name, name), name, parameter["schema"])
            else:
                path[parameter["name"]] = parameter["schema"]
        return Operation(found["operationId"], query, path)

    def _resolve(self, entry: dict[str, Any]) -> dict[str, Any]:
        if "$ref" not in entry:
            return entry
        resolved: dict[str, Any] = self.document["components"]["parameters"][entry["$ref"].rsplit("/", 1)[1]]
        return resolved

    def find(self, path: str) -> tuple[Route, dict[str, str]] | None:
        """The route of a raw path (without the base path) and its path parameters."""
        for route in self.routes:
            match = route.pattern.match(path)
            if match is not None:
                return route, {name: unquote(value) for name, value in match.groupdict().items()}
        return None


@cache
def base(name: str) -> dict[str, Any]:
    """The document in a file beside; do not change what is returned."""
    loaded: dict[str, Any] = yaml.safe_load((_FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return loaded


@lru_cache(maxsize=64)
def contract_for(dialect: Dialect, cap: int) -> Contract:
    """The contract of a dialect with pages of at most `cap` records."""
    document = deepcopy(base(dialect.generation))
    parameters = document["components"]["parameters"]
    for name in [name for name in parameters if not dialect.has(name)]:
        del parameters[name]
    _adjust_parameters(parameters, dialect, cap)
    for item in document["paths"].values():
        for operation in item.values():
            _adjust_operation(operation, parameters, dialect)
    _adjust_schemas(document["components"]["schemas"], dialect)
    names = base(dialect.generation)["components"]["parameters"]
    return Contract(document, {dialect.wire(name): name for name in names if dialect.has(name)})


@lru_cache(maxsize=1)
def tasks_contract() -> Contract:
    """The contract of the Task API."""
    return Contract(base("tasks"), {})


@lru_cache(maxsize=64)
def render(contract: Contract, form: str) -> tuple[bytes, str]:
    """The document as text and its content type; `form` is yaml, json or broken."""
    if form == "json":
        return json.dumps(contract.document, indent=1).encode(), "application/json"
    text = yaml.safe_dump(contract.document, sort_keys=False)
    if form == "broken":
        text = text[: len(text) // 2] + "\n  - {unclosed: [\n\tbad"
    return text.encode(), "application/yaml"


def _adjust_parameters(parameters: dict[str, Any], dialect: Dialect, cap: int) -> None:
    for name, parameter in parameters.items():
        parameter["name"] = dialect.wire(name)
        if name in _TIME_PARAMETERS and dialect.time in ("epoch", "epoch_ms"):
            parameter["schema"] = dict(_TIME_SCHEMAS[dialect.time])
    if "limit" in parameters:
        schema = parameters["limit"]["schema"]
        schema["maximum"] = cap
        schema["default"] = min(dialect.page_size, cap)
        if dialect.over_cap == "clamp":
            del schema["maximum"]
            parameters["limit"]["description"] += f" At most {cap} are."
    if "page" in parameters:
        parameters["page"]["schema"].update(minimum=dialect.first_page, default=dialect.first_page)


def _adjust_operation(operation: dict[str, Any], parameters: dict[str, Any], dialect: Dialect) -> None:
    kept = []
    for entry in operation["parameters"]:
        name = entry["$ref"].rsplit("/", 1)[1]
        if name in parameters:
            kept.append(deepcopy(parameters[name]) if dialect.inline else entry)
    operation["parameters"] = kept
    if operation["operationId"] == "terminateSession":
        unused = {"200", "202", "204"} - {str(dialect.terminate_status), str(dialect.ended_status)}
        for status in unused | ({"409"} - {str(dialect.ended_status)}):
            operation["responses"].pop(status, None)
        if dialect.terminate_status != 200 and dialect.ended_status == 204:
            operation["responses"].pop("200", None)


def _adjust_schemas(schemas: dict[str, Any], dialect: Dialect) -> None:
    time_schema = _TIME_SCHEMAS.get(dialect.time, {"type": "string", "format": "date-time"})
    session = schemas["Session"]["properties"]
    for name in ("created_at", "started_at", "ended_at"):
        session[name] = {**time_schema, "nullable": True}
    schemas["Session"] = _object({path: session[name] for name, path in dialect.fields.items()})
    line = schemas["LogLine"]["properties"]
    line["timestamp"] = dict(time_schema)
    schemas["LogLine"] = _object({path: line[name] for name, path in dialect.log_fields.items()})
    if dialect.log_strings:
        schemas["LogLine"] = {"type": "string"}
    error = schemas["Error"]["properties"]
    schemas["Error"] = _object({path: error[name] for name, path in dialect.error.items()})
    schemas["SessionList"] = _list_schema("Session", dialect)
    schemas["LogList"] = _list_schema("LogLine", dialect)


def _list_schema(item: str, dialect: Dialect) -> dict[str, Any]:
    array = {"type": "array", "items": {"$ref": f"#/components/schemas/{item}"}}
    if dialect.items == "":
        return array
    leaves: dict[str, Any] = {dialect.items: array}
    if dialect.total is not None:
        leaves[dialect.total] = {"type": "integer"}
    if dialect.next_via == "body":
        leaves[dialect.next_path] = {"type": "string", "nullable": True}
    return _object(leaves)


def _object(leaves: dict[str, Any]) -> dict[str, Any]:
    """An object schema from schemas at dotted paths; everything is required."""
    tree: dict[str, Any] = {}
    for path, schema in leaves.items():
        place(tree, path, _Leaf(schema))
    return _schema_of(tree)


@dataclass(frozen=True)
class _Leaf:
    schema: dict[str, Any]


def _schema_of(tree: dict[str, Any]) -> dict[str, Any]:
    properties = {name: node.schema if isinstance(node, _Leaf) else _schema_of(node) for name, node in tree.items()}
    return {"type": "object", "required": list(properties), "properties": properties}

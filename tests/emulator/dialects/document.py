"""The OpenAPI document of a dialect, and the routes and parameters that the server reads from it.

The document is made from the file of the generation by renaming. The server routes and validates by the result, so the
document and the behaviour of the server cannot differ. "Canonical" names are those in the file and in this code.
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

from ..account.session import KINDS
from .dialect import FILTERED, OPERATORS, Dialect
from .encoding import set_path

_FOLDER = Path(__file__).parent / "documents"
_TIME_SCHEMAS: dict[str, dict[str, Any]] = {
    "epoch": {"type": "integer", "format": "int64", "description": "Seconds since 1970."},
    "epoch_ms": {"type": "integer", "format": "int64", "description": "Milliseconds since 1970."},
    "naive": {"type": "string", "description": "YYYY-MM-DDTHH:MM:SS"},
    "naive_us": {"type": "string", "description": "YYYY-MM-DD HH:MM:SS.ffffff"},
}
_OPERATOR_WORDS = {
    "equal_cs": "equal to this", "equal_ci": "equal to this, in any case", "contain_cs": "that contain this",
    "contain_ci": "that contain this, in any case", "in": "that are one of these, separated by commas",
    "not_in": "that are none of these, separated by commas",
}  # fmt: skip
_SORTED_BY = "created_at|app_name"
_TIME_PARAMETERS = ("created_after", "created_before", "begin", "end")


@dataclass(frozen=True)
class Parameter:
    """One query parameter: `name` in requests, `canonical` name in the code."""

    canonical: str
    name: str
    schema: dict[str, Any]


@dataclass(frozen=True)
class Operation:
    """One operation: canonical id, query parameters by their names in requests, path parameters by canonical name."""

    id: str
    parameters: dict[str, Parameter]
    path_schemas: dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Route:
    """One path of the document: its operations by method, and its path parameters by canonical name."""

    pattern: re.Pattern[str]
    placeholders: tuple[str, ...]
    fixed_values: dict[str, str]  # path parameters that are literal in the path
    methods: dict[str, Operation]


class Contract:
    """An OpenAPI document with its routes.

    `canonical` maps names of parameters and operations in the document to canonical ones; `kinds` are the kinds of
    sessions; `kind_of` maps paths without a placeholder for the kind to their kind.
    """

    def __init__(
        self,
        document: dict[str, Any],
        canonical: dict[str, str],
        kinds: tuple[str, ...] = (),
        kind_of: dict[str, str] | None = None,
    ) -> None:
        self.document, self.kinds = document, kinds
        self._canonical, self._kind_of = canonical, kind_of or {}
        self.routes = [self._route(path, item) for path, item in document["paths"].items()]

    def _route(self, path: str, item: dict[str, Any]) -> Route:
        pieces = re.split(r"\{([^{}]+)\}", path)
        pattern = re.compile("([^/]+)".join(map(re.escape, pieces[::2])) + r"\Z")
        placeholders = tuple(self._canonical.get(name, name) for name in pieces[1::2])
        fixed = {"kind": self._kind_of[path]} if path in self._kind_of else {}
        return Route(
            pattern, placeholders, fixed, {name.upper(): self._operation(found) for name, found in item.items()}
        )

    def _operation(self, found: dict[str, Any]) -> Operation:
        query, path = {}, {}
        for entry in found.get("parameters", []):
            parameter = self._resolve(entry)
            name = parameter["name"]
            canonical = self._canonical.get(name, name)
            if parameter["in"] == "query":
                query[name] = Parameter(canonical, name, parameter["schema"])
            else:
                path[canonical] = parameter["schema"]
        return Operation(self._canonical.get(found["operationId"], found["operationId"]), query, path)

    def _resolve(self, entry: dict[str, Any]) -> dict[str, Any]:
        if "$ref" not in entry:
            return entry
        resolved: dict[str, Any] = self.document["components"]["parameters"][entry["$ref"].rsplit("/", 1)[1]]
        return resolved

    def find(self, path: str) -> tuple[Route, dict[str, str]] | None:
        """The route of a raw path (without the base path), and its path parameters by canonical name."""
        for route in self.routes:
            match = route.pattern.match(path)
            if match is not None:
                return route, {**route.fixed_values, **dict(zip(route.placeholders, map(unquote, match.groups())))}
        return None


@cache
def base(name: str) -> dict[str, Any]:
    """The document in a file of `documents/`. Do not change the result: it is cached."""
    loaded: dict[str, Any] = yaml.safe_load((_FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return loaded


@lru_cache(maxsize=64)
def contract_for(dialect: Dialect, cap: int, log_order: str) -> Contract:
    """The contract of a dialect.

    :param cap: largest page. :param log_order: which log line comes first, oldest or newest.
    """
    document = deepcopy(base(dialect.generation))
    _adjust_routes(document["paths"], dialect)
    parameters = document["components"]["parameters"]
    kinds = tuple(parameters["kind"]["schema"]["enum"])
    canonical = {dialect.parameter_name(name): name for name in parameters if dialect.has(name)}
    for name in [name for name in parameters if not dialect.has(name)]:
        del parameters[name]
    _adjust_parameters(parameters, dialect, cap)
    if dialect.operators:
        canonical.update(_add_operators(document, dialect))
    kind_of = _rename_path_parameters(document, dialect, kinds)
    for item in document["paths"].values():
        for operation in item.values():
            canonical.update(_adjust_operation(operation, parameters, dialect, log_order))
    document["components"]["parameters"] = {dialect.parameter_name(name): entry for name, entry in parameters.items()}
    _adjust_schemas(document["components"]["schemas"], dialect)
    return Contract(document, canonical, kinds, kind_of)


@cache
def fixed_contract(name: str) -> Contract:
    """The contract of a service without dialects: `tasks` or `users`."""
    return Contract(base(name), {})


@lru_cache(maxsize=64)
def render(contract: Contract, form: str) -> tuple[bytes, str]:
    """The document as text and its content type; `form` is yaml, json or broken."""
    if form == "json":
        return json.dumps(contract.document, indent=1).encode(), "application/json"
    text = yaml.safe_dump(contract.document, sort_keys=False)
    if form == "broken":
        text = text[: len(text) // 2] + "\n  - {unclosed: [\n\tbad"
    return text.encode(), "application/yaml"


def _adjust_routes(paths: dict[str, Any], dialect: Dialect) -> None:
    """Routes of a service that is of neither generation, or of both."""
    if dialect.end_route:
        method, last = dialect.end_route.split()
        (found,) = paths.pop("/sessions/{kind}/{id}/terminate").values()
        found["summary"] = f"{last.capitalize()} a session."
        paths[f"/sessions/{{kind}}/{{id}}/{last}"] = {method: found}
    if dialect.old_logs:
        old = deepcopy(paths["/sessions/{kind}/{id}/logs"])
        old["get"].update(operationId="listLogs-old", deprecated=True)
        paths["/sessions/logs/{kind}/{id}"] = old


def _adjust_parameters(parameters: dict[str, Any], dialect: Dialect, cap: int) -> None:
    for name, parameter in parameters.items():
        parameter["name"] = dialect.parameter_name(name)
        parameter["description"] = dialect.descriptions.get(name, parameter["description"])
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


def _add_operators(document: dict[str, Any], dialect: Dialect) -> dict[str, str]:
    """Add the filters that a dialect with operators has besides. Returns their names, which are canonical."""
    parameters = document["components"]["parameters"]
    listed = document["paths"]["/sessions/{kind}"]["get"]["parameters"]
    taken = {dialect.parameter_name(name) for name in parameters}
    parameters["sort"]["schema"] = {
        "type": "string", "pattern": f"^-?({_SORTED_BY})(,-?({_SORTED_BY}))*$", "default": "-created_at",
    }  # fmt: skip
    parameters["sort"]["description"] = "The fields to sort by, separated by commas; a minus sign for descending."
    added = {f"{field}_{operator}": operator for field in FILTERED for operator in OPERATORS}
    for name, operator in added.items():
        if name not in taken:
            text = f"Only sessions with values {_OPERATOR_WORDS[operator]}."
            schema = {"type": "string", "minLength": 1}
            parameters[name] = {"name": name, "in": "query", "description": text, "schema": schema}
            listed.append({"$ref": f"#/components/parameters/{name}"})
    return {name: name for name in added if name not in taken}


def _rename_path_parameters(document: dict[str, Any], dialect: Dialect, kinds: tuple[str, ...]) -> dict[str, str]:
    """Rename the placeholders of all paths. Returns the kind of each path that has a literal kind."""
    paths: dict[str, Any] = {}
    kind_of: dict[str, str] = {}
    for path, item in document["paths"].items():
        if not dialect.literal_kinds or "{kind}" not in path:
            paths[_renamed(path, dialect)] = item
            continue
        for kind in kinds:
            literal = _renamed(path.replace("{kind}", kind), dialect)
            paths[literal], kind_of[literal] = deepcopy(item), kind
            for operation in paths[literal].values():
                operation["operationId"] += f"-{kind}"
                operation["summary"] = operation["summary"].replace("of one kind", f"of kind {kind}")
    document["paths"] = paths
    return kind_of


def _renamed(path: str, dialect: Dialect) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: f"{{{dialect.parameter_name(found[1])}}}", path)


def _adjust_operation(
    operation: dict[str, Any], parameters: dict[str, Any], dialect: Dialect, log_order: str
) -> dict[str, str]:
    """Adjust an operation to the dialect. Returns its id in the document and its canonical id."""
    kept = []
    for entry in operation["parameters"]:
        name = entry["$ref"].rsplit("/", 1)[1]
        if name in parameters:
            reference = {"$ref": f"#/components/parameters/{dialect.parameter_name(name)}"}
            kept.append(deepcopy(parameters[name]) if dialect.inline else reference)
    operation["parameters"] = kept
    canonical: str = operation["operationId"].partition("-")[0]
    if canonical == "listLogs":
        operation["summary"] = operation["summary"].replace("oldest first", f"{log_order} first")
    if canonical == "terminateSession":
        unused = {"200", "202", "204"} - {str(dialect.terminate_status), str(dialect.ended_status)}
        for status in unused | ({"409"} - {str(dialect.ended_status)}):
            operation["responses"].pop(status, None)
        if dialect.terminate_status != 200 and dialect.ended_status == 204:
            operation["responses"].pop("200", None)
    return {operation["operationId"]: canonical}


def _adjust_schemas(schemas: dict[str, Any], dialect: Dialect) -> None:
    time_schema = _TIME_SCHEMAS.get(dialect.time, {"type": "string", "format": "date-time"})
    session = schemas["Session"]["properties"]
    for name in ("created_at", "started_at", "ended_at"):
        session[name] = {**time_schema, "nullable": True}
    if dialect.unified:
        session["kind"] = {"type": "string", "enum": [*KINDS]}
    for name in ("queue_time", "launch_time", "run_time") if dialect.seconds_as_text else ():
        session[name] = {"type": "string", "nullable": True}
    schemas["Session"] = _object_schema({path: session[name] for name, path in dialect.fields.items()})
    line = schemas["LogLine"]["properties"]
    line["timestamp"] = dict(time_schema)
    schemas["LogLine"] = _object_schema({path: line[name] for name, path in dialect.log_fields.items()})
    if dialect.log_strings:
        schemas["LogLine"] = {"type": "string"}
    error = schemas["Error"]["properties"]
    schemas["Error"] = _object_schema({path: error[name] for name, path in dialect.error.items()})
    schemas["SessionList"] = _list_schema("Session", dialect)
    schemas["LogList"] = _list_schema("LogLine", dialect)


def _list_schema(item: str, dialect: Dialect) -> dict[str, Any]:
    array = {"type": "array", "items": {"$ref": f"#/components/schemas/{item}"}}
    if dialect.items == "":
        return array
    schemas_by_path: dict[str, Any] = {dialect.items: array}
    if dialect.total is not None:
        schemas_by_path[dialect.total] = {"type": "integer"}
    if dialect.next_via == "body":
        schemas_by_path[dialect.next_path] = {"type": "string", "nullable": True}
    return _object_schema(schemas_by_path)


def _object_schema(schemas_by_path: dict[str, Any]) -> dict[str, Any]:
    """An object schema from schemas at dotted paths. All properties are required."""
    tree: dict[str, Any] = {}
    for path, schema in schemas_by_path.items():
        set_path(tree, path, _SchemaNode(schema))
    return _nested_schema(tree)


@dataclass(frozen=True)
class _SchemaNode:
    """A schema at the end of a path; a plain dict there is an object on the way."""

    schema: dict[str, Any]


def _nested_schema(tree: dict[str, Any]) -> dict[str, Any]:
    properties = {
        name: node.schema if isinstance(node, _SchemaNode) else _nested_schema(node) for name, node in tree.items()
    }
    return {"type": "object", "required": list(properties), "properties": properties}

"""Check the query parameters of a request against the OpenAPI document."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

from ..account.clock import parse_date, parse_time
from ..http.reply import Refused
from .document import Operation, Parameter

_INTEGER = re.compile(r"[+-]?\d{1,400}\Z", re.ASCII)
_LARGEST = 1 << 62  # larger integers are clamped: the code computes with them
_PARSERS = {"date": parse_date, "date-time": parse_time}


def invalid_request(message: str) -> Refused:
    """The error for a 400 answer."""
    return Refused(400, "InvalidRequest", message)


def query_values(operation: Operation, query_string: bytes, *, strict: bool) -> dict[str, Any]:
    """The query parameters by canonical name, with defaults. Raises Refused (400).

    With `strict` an unknown parameter is an error, else it is ignored.
    """
    values: dict[str, Any] = {}
    for parameter in operation.parameters.values():
        if "default" in parameter.schema:
            values[parameter.canonical] = parameter.schema["default"]
    seen: set[str] = set()
    text = query_string.decode("ascii", "replace")
    for name, raw in parse_qsl(text, keep_blank_values=True, errors="replace"):
        known = operation.parameters.get(name)
        if known is None:
            if strict:
                raise invalid_request(f"unknown query parameter: {name}")
            continue
        if name in seen:
            raise invalid_request(f"query parameter given twice: {name}")
        seen.add(name)
        values[known.canonical] = _value(known, raw)
    return values


def _value(parameter: Parameter, raw: str) -> Any:
    schema = parameter.schema
    if schema["type"] == "integer":
        return _integer(parameter.name, raw, schema)
    if len(raw) < schema.get("minLength", 0):
        raise invalid_request(f"{parameter.name} must not be empty")
    if "enum" in schema and raw not in schema["enum"]:
        raise invalid_request(f"{parameter.name} must be one of: {', '.join(schema['enum'])}")
    if "pattern" in schema and not re.match(schema["pattern"], raw):
        raise invalid_request(f"{parameter.name} must match {schema['pattern']}")
    form = schema.get("format")
    if form in _PARSERS:
        try:
            return _PARSERS[form](raw)
        except ValueError:
            raise invalid_request(f"{parameter.name} must be a {form}") from None
    return raw


def _integer(name: str, raw: str, schema: dict[str, Any]) -> int:
    if not _INTEGER.match(raw):
        raise invalid_request(f"{name} must be an integer")
    value = int(raw)
    if schema.get("format") == "int64" and not -(1 << 63) <= value < 1 << 63:
        raise invalid_request(f"{name} must be a 64-bit integer")
    value = max(-_LARGEST, min(value, _LARGEST))
    if value < schema.get("minimum", value):
        raise invalid_request(f"{name} must be at least {schema['minimum']}")
    if value > schema.get("maximum", value):
        raise invalid_request(f"{name} must be at most {schema['maximum']}")
    return value

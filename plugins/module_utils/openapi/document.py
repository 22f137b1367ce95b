# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the paths, operations and parameters of an OpenAPI document (2.0 or 3.x, JSON or YAML). Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, Optional
from urllib.parse import urlsplit

from ansible_collections.aimms.cloud.plugins.module_utils.decoding.strict_json import TooMuch, is_page, json_in

_METHODS = ("get", "put", "post", "patch", "delete")
_DEEPEST_REFERENCE = 10
_LONGEST_REFERENCE = 500
_LONGEST_DESCRIPTION = 1000
_MOST_PARAMETERS = 200
_NO_DOCUMENT, _PAGE = "it is not an OpenAPI document", "it is an HTML page"
_MOST_PATHS = 5000
_YAML_DOCUMENT = re.compile(rb"^[\"']?(?:openapi|swagger)[\"']?\s*:", re.MULTILINE)


class Parameter(NamedTuple):
    """One parameter of an operation, or one property of a parameter that is an object, under the name it is sent by.

    A limit is None where the document gives none. ``inside``: the parameter whose JSON has this one as a property.
    """

    name: str
    place: str
    type: str = ""
    format: str = ""
    minimum: Optional[int] = None
    maximum: Optional[int] = None
    default: Optional[int] = None
    enum: tuple[str, ...] = ()
    required: bool = False
    inside: str = ""


Field = tuple[str, str, tuple[str, ...]]
"""Name and type of a field of an answer; of a list, also the names in what it lists."""


class UnreadableDocument(ValueError):
    """The text is not an OpenAPI document that can be read; the message gives the reason."""

    reader_missing = False  # whether it is a document in YAML, and only PyYAML is missing to read it

    @property
    def something_else(self) -> bool:
        """Whether the text is no document, nor a part of one."""
        return str(self) in (_NO_DOCUMENT, _PAGE)


@dataclass(frozen=True)
class Document:
    """A parsed document."""

    tree: Mapping[str, Any]

    @classmethod
    def parse(cls, body: bytes) -> Document:
        """:raises UnreadableDocument: when it is neither JSON nor YAML, has no paths, or PyYAML is missing."""
        tree = _load(body)
        if not isinstance(tree, Mapping) or not isinstance(tree.get("paths"), Mapping):
            raise UnreadableDocument(_NO_DOCUMENT)
        if len(tree["paths"]) > _MOST_PATHS:
            raise UnreadableDocument(f"it has more than {_MOST_PATHS:,} paths")
        return cls(tree)

    def server_path(self) -> str:
        """The path of the (first) server address, without a trailing slash."""
        server = next(iter(_as_list(self.tree.get("servers"))), None)
        url = server.get("url") if isinstance(server, Mapping) else None
        address = url if isinstance(url, str) else self.tree.get("basePath", "")
        try:
            return urlsplit(address).path.rstrip("/") if isinstance(address, str) else ""
        except ValueError:
            return ""

    def paths(self) -> tuple[str, ...]:
        """All paths, also those whose content cannot be read."""
        return tuple(str(path) for path in self.tree["paths"])

    def operations(self) -> Iterator[Operation]:
        """All operations, in the order of the document, also those whose content cannot be read."""
        for path, item in self.tree["paths"].items():
            entry = {str(name).lower(): value for name, value in self.resolved(item).items()}
            for method in _METHODS if isinstance(path, str) else ():
                if method in entry:
                    yield Operation(self, method.upper(), path, entry)

    def parameters(self, entries: Any) -> list[Parameter]:
        """The parameters in a list that have a name. Of a longer list, the first 200 entries are read."""
        resolved = map(self.resolved, _as_list(entries)[:_MOST_PARAMETERS])
        named = [entry for entry in resolved if isinstance(entry.get("name"), str)]
        return [parameter for entry in named for parameter in self._parameters(entry)][:_MOST_PARAMETERS]

    def _parameters(self, entry: Mapping[str, Any]) -> Iterator[Parameter]:
        """The parameter, or those that an object is sent as (its ``style`` tells how)."""
        name, place, in_json = entry["name"], str(entry.get("in", "")), self._json(entry)
        schema, required = self._merged(entry.get("schema") or in_json or entry), entry.get("required") is True
        properties, deep = self._properties(schema), entry.get("style") == "deepObject"
        if not (in_json or deep or (place == "query" and entry.get("explode") is not False)):
            properties = {}
        for inner, part in properties.items():
            must = required and inner in _as_list(schema.get("required"))
            yield _parameter(f"{name}[{inner}]" if deep else inner, place, part, must, name if in_json else "")
        if not properties:
            yield _parameter(name, place, schema, required)

    def fields(self, response: Any) -> list[Field]:
        """The fields of the objects in a response, three within one another, outside of lists."""
        found: list[Field] = []
        reply = self.resolved(response)
        entries = [*self._properties(self._json(reply) or self._merged(reply.get("schema"))).items()]
        for _depth in range(3):
            part = entries[:_MOST_PARAMETERS]
            lists = {name: self._properties(self._merged(schema.get("items"))) for name, schema in part}
            found += [(name, _type(schema), tuple(lists[name])) for name, schema in part]
            entries = [inner for _name, schema in part for inner in self._properties(schema).items()]
        return found

    def _properties(self, schema: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
        entries = [*self.resolved(schema.get("properties")).items()][:_MOST_PARAMETERS]
        return {str(name): self._merged(part) for name, part in entries}

    def _json(self, holder: Mapping[str, Any]) -> Mapping[str, Any]:
        """The schema of the JSON in a parameter or a response (3.x); empty without one."""
        kinds = (kind for name, kind in self.resolved(holder.get("content")).items() if "json" in str(name))
        return self._merged(self.resolved(next(kinds, None)).get("schema"))

    def _merged(self, node: Any) -> Mapping[str, Any]:
        """A schema with one level of ``allOf``, ``anyOf`` and ``oneOf`` merged into it."""
        schema = self.resolved(node)
        parts = [self.resolved(part) for key in ("allOf", "anyOf", "oneOf") for part in _as_list(schema.get(key))]
        merged: dict[str, Any] = {}
        for part in [*parts, schema]:
            merged.update(part if part.get("type") != "null" else {})
        return merged

    def resolved(self, node: Any) -> Mapping[str, Any]:
        """The node that a local ``$ref`` names, or the node itself; an empty mapping if it is not a mapping."""
        for _step in range(_DEEPEST_REFERENCE):
            if not isinstance(node, Mapping):
                return {}
            reference = node.get("$ref")
            if not isinstance(reference, str):
                return node
            node = self._at(reference) if len(reference) <= _LONGEST_REFERENCE else None
        return {}

    def _at(self, reference: str) -> Any:
        node: Any = self.tree if reference.startswith("#/") else None
        for step in reference[2:].split("/"):
            name = step.replace("~1", "/").replace("~0", "~")
            node = node.get(name) if isinstance(node, Mapping) else None
        return node


@dataclass(frozen=True)
class Operation:
    """One method on one path; ``path`` is relative to ``Document.server_path``, ``item`` is the entry of the path."""

    document: Document
    method: str
    path: str
    item: Mapping[str, Any]

    @cached_property
    def _entry(self) -> Mapping[str, Any]:
        return self.document.resolved(self.item.get(self.method.lower()))

    @cached_property  # read on demand: most operations of a document are not used here
    def parameters(self) -> tuple[Parameter, ...]:
        """Those of the path that the operation does not redefine, and its own."""
        own = self.document.parameters(self._entry.get("parameters"))
        redefined = {(parameter.name, parameter.place) for parameter in own}
        shared = self.document.parameters(self.item.get("parameters"))
        return (*(parameter for parameter in shared if (parameter.name, parameter.place) not in redefined), *own)

    @property
    def words(self) -> str:
        """Summary and description of the operation itself."""
        told = [str(self._entry.get(name) or "")[:_LONGEST_DESCRIPTION] for name in ("summary", "description")]
        return " ".join(told).strip()

    @property
    def id(self) -> str:
        """The id of the operation."""
        return str(self._entry.get("operationId") or "")[:_LONGEST_DESCRIPTION]

    @property
    def needs_body(self) -> bool:
        """Whether a request must have a body."""
        return bool(self.document.resolved(self._entry.get("requestBody")).get("required"))

    def query(self) -> tuple[Parameter, ...]:
        """The query parameters."""
        return tuple(parameter for parameter in self.parameters if parameter.place == "query")

    def answer(self) -> list[Field]:
        """The fields of what it answers; none where the document does not tell."""
        told = {str(status): it for status, it in self.document.resolved(self._entry.get("responses")).items()}
        return self.document.fields(told.get("200") or told.get("2XX") or told.get("default"))


def _load(body: bytes) -> Any:
    try:
        return json_in(body)
    except TooMuch as error:
        raise UnreadableDocument(f"it has {error}") from None
    except ValueError:
        return _from_yaml(body)


def _from_yaml(body: bytes) -> Any:
    from ansible_collections.aimms.cloud.plugins.module_utils.decoding import strict_yaml

    if is_page(body):
        raise UnreadableDocument(_PAGE)
    try:
        return strict_yaml.yaml_in(body)
    except TooMuch as error:
        raise UnreadableDocument(f"it has {error}") from None
    except ValueError as error:
        unreadable = UnreadableDocument(f"it is not JSON, and {error}")
        unreadable.reader_missing = not strict_yaml.is_installed() and bool(_YAML_DOCUMENT.search(body))
        raise unreadable from None


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _type(schema: Mapping[str, Any]) -> str:
    kind = schema.get("type", "")
    kinds = [kind] if isinstance(kind, str) else [name for name in _as_list(kind) if name != "null"]
    return str(kinds[0]) if kinds else ""


def _parameter(name: str, place: str, schema: Mapping[str, Any], required: bool, inside: str = "") -> Parameter:
    default, values = _number(schema.get("default")), _as_list(schema.get("enum"))
    enum = tuple(str(value) for value in values if isinstance(value, str) or _number(value) is not None)
    whole = None if default is None else int(default)
    least, most = _limit(schema, "minimum", -1), _limit(schema, "maximum", 1)
    return Parameter(
        name, place, _type(schema), str(schema.get("format", "")), least, most, whole, enum, required, inside
    )


def _limit(schema: Mapping[str, Any], name: str, sign: int) -> Optional[int]:
    """The largest (``sign`` 1) or smallest (-1) whole number that is allowed; None without a limit.

    ``exclusiveMaximum`` is a limit of its own (3.1), or says that ``maximum`` itself is not allowed (3.0).
    """
    told = schema.get(f"exclusive{name.capitalize()}")
    limit, exclusive = _number(schema.get(name)), _number(told)
    limits = [] if exclusive is None else [math.ceil(sign * exclusive) - 1]
    if limit is not None:
        limits.append(math.ceil(sign * limit) - 1 if told is True else math.floor(sign * limit))
    return sign * min(limits) if limits else None


def _number(value: Any) -> Optional[float]:
    numeric = isinstance(value, (int, float)) and not isinstance(value, bool)
    return value if numeric and math.isfinite(value) else None

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the paths, operations and parameters of an OpenAPI document (2.0 or 3.x, JSON or YAML). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Optional
from urllib.parse import urlsplit

from ansible_collections.aimms.cloud.plugins.module_utils.decoding.strict_json import TooMuch, is_page, json_in

_METHODS = ("get", "put", "post", "patch", "delete")
_DEEPEST_REFERENCE = 10
_LONGEST_REFERENCE = 500
_LONGEST_DESCRIPTION = 1000
_MOST_PARAMETERS = 200
_MOST_PATHS = 5000
_YAML_DOCUMENT = re.compile(rb"^[\"']?(?:openapi|swagger)[\"']?\s*:", re.MULTILINE)


@dataclass(frozen=True)
class Parameter:
    """One parameter of an operation. A limit is None where the document gives none."""

    name: str
    place: str
    type: str = ""
    format: str = ""
    description: str = ""
    minimum: Optional[int] = None
    maximum: Optional[int] = None
    default: Optional[int] = None
    enum: tuple[str, ...] = ()


class UnreadableDocument(ValueError):
    """The text is not an OpenAPI document that can be read; the message gives the reason.

    ``reader_missing``: it is a document in YAML, and only PyYAML is missing to read it.
    """

    reader_missing = False


@dataclass(frozen=True)
class Document:
    """A parsed document."""

    tree: Mapping[str, Any]

    @classmethod
    def parse(cls, body: bytes) -> Document:
        """:raises UnreadableDocument: when it is neither JSON nor YAML, has no paths, or PyYAML is missing."""
        tree = _load(body)
        if not isinstance(tree, Mapping) or not isinstance(tree.get("paths"), Mapping):
            raise UnreadableDocument("it is not an OpenAPI document")
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
        resolved = [self.resolved(entry) for entry in _as_list(entries)[:_MOST_PARAMETERS]]
        return [self._parameter(entry) for entry in resolved if isinstance(entry.get("name"), str)]

    def _parameter(self, entry: Mapping[str, Any]) -> Parameter:
        schema = self._schema(entry)
        descriptions = [str(part.get("description", ""))[:_LONGEST_DESCRIPTION] for part in (entry, schema)]
        return Parameter(
            name=entry["name"],
            place=str(entry.get("in", "")),
            type=_type(schema),
            format=str(schema.get("format", "")),
            description=" ".join(descriptions).strip(),
            minimum=_integer(schema.get("minimum")),
            maximum=_integer(schema.get("maximum")),
            default=_integer(schema.get("default")),
            enum=tuple(value for value in _as_list(schema.get("enum")) if isinstance(value, str)),
        )

    def _schema(self, entry: Mapping[str, Any]) -> Mapping[str, Any]:
        """The schema of a parameter: its ``schema`` (3.x) or the parameter itself (2.0).

        One level of ``allOf``, ``anyOf`` and ``oneOf`` is merged into it.
        """
        schema = self.resolved(entry.get("schema")) or entry
        parts = [self.resolved(part) for key in ("allOf", "anyOf", "oneOf") for part in _as_list(schema.get(key))]
        merged: dict[str, Any] = {}
        for part in [*parts, schema]:
            if part.get("type") != "null":
                merged.update(part)
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


def _load(body: bytes) -> Any:
    try:
        try:
            return json_in(body)
        except TooMuch:
            raise
        except ValueError:
            return _from_yaml(body)
    except TooMuch as error:
        raise UnreadableDocument(f"it has {error}") from None
    except UnreadableDocument:
        raise
    except ValueError as error:
        raise UnreadableDocument(f"it is not JSON, and {error}") from None


def _from_yaml(body: bytes) -> Any:
    from ansible_collections.aimms.cloud.plugins.module_utils.decoding import strict_yaml

    if is_page(body):
        raise UnreadableDocument("it is an HTML page")
    try:
        return strict_yaml.yaml_in(body)
    except ValueError as error:
        if strict_yaml.is_installed() or not _YAML_DOCUMENT.search(body):
            raise
        unreadable = UnreadableDocument(f"it is not JSON, and {error}")
        unreadable.reader_missing = True
        raise unreadable from None


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _type(schema: Mapping[str, Any]) -> str:
    kind = schema.get("type", "")
    kinds = [kind] if isinstance(kind, str) else [name for name in _as_list(kind) if name != "null"]
    return str(kinds[0]) if kinds else ""


def _integer(value: Any) -> Optional[int]:
    return value if isinstance(value, int) and not isinstance(value, bool) else None

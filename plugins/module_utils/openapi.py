# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An OpenAPI document (2.0 or 3.x, JSON or YAML), read only as far as needed. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Optional
from urllib.parse import urlsplit

try:
    import yaml
except ImportError:
    yaml = None  # type: ignore[assignment]  # its absence is a supported state

_METHODS = ("get", "put", "post", "patch", "delete")
_DEEPEST_REFERENCE = 10


@dataclass(frozen=True)
class Parameter:
    """One parameter of an operation; limits are None where the document names none."""

    name: str
    place: str
    type: str = ""
    format: str = ""
    description: str = ""
    minimum: Optional[int] = None
    maximum: Optional[int] = None
    default: Optional[int] = None
    enum: tuple[str, ...] = ()


@dataclass(frozen=True)
class Operation:
    """One method on one path; ``path`` begins where the document's server address ends."""

    method: str
    path: str
    parameters: tuple[Parameter, ...]
    needs_body: bool = False

    def query(self) -> tuple[Parameter, ...]:
        """The query parameters."""
        return tuple(parameter for parameter in self.parameters if parameter.place == "query")


class UnreadableDocument(ValueError):
    """The text is no OpenAPI document that can be read here; the text of the error says why."""


class Document:
    """A parsed document."""

    def __init__(self, tree: Mapping[str, Any]) -> None:
        self._tree = tree

    @classmethod
    def parse(cls, body: bytes) -> Document:
        """:raises UnreadableDocument: when it is neither JSON nor YAML, has no paths, or PyYAML is missing."""
        tree = _load(body)
        if not isinstance(tree, Mapping) or not isinstance(tree.get("paths"), Mapping):
            raise UnreadableDocument("it is not an OpenAPI document")
        return cls(tree)

    def server_path(self) -> str:
        """The path of the (first) server address, without a trailing slash."""
        servers = self._tree.get("servers")
        first = servers[0] if isinstance(servers, list) and servers else {}
        url = first.get("url") if isinstance(first, Mapping) else None
        address = url if isinstance(url, str) else self._tree.get("basePath", "")
        try:
            return urlsplit(address).path.rstrip("/") if isinstance(address, str) else ""
        except ValueError:
            return ""

    def paths(self) -> tuple[str, ...]:
        """All paths, whether or not what they hold can be read."""
        return tuple(str(path) for path in self._tree["paths"])

    def operations(self) -> Iterator[Operation]:
        """All operations, in the document's order."""
        for path, item in self._tree["paths"].items():
            entry = self._resolved(item)
            if not isinstance(path, str) or not entry:
                continue
            shared = self._parameters(entry.get("parameters"))
            for method in _METHODS:
                if not isinstance(entry.get(method), Mapping):
                    continue
                operation = self._resolved(entry[method])
                own = self._parameters(operation.get("parameters"))
                taken = {(parameter.name, parameter.place) for parameter in own}
                inherited = [parameter for parameter in shared if (parameter.name, parameter.place) not in taken]
                body = self._resolved(operation.get("requestBody"))
                yield Operation(method.upper(), path, tuple(inherited + own), bool(body.get("required")))

    def _parameters(self, entries: Any) -> list[Parameter]:
        found = []
        for entry in entries if isinstance(entries, list) else []:
            parameter = self._resolved(entry)
            if isinstance(parameter.get("name"), str):
                found.append(self._parameter(parameter))
        return found

    def _parameter(self, entry: Mapping[str, Any]) -> Parameter:
        schema = self._schema(entry)
        enum = schema.get("enum")
        return Parameter(
            name=entry["name"],
            place=str(entry.get("in", "")),
            type=_type(schema),
            format=str(schema.get("format", "")),
            description=f"{entry.get('description', '')} {schema.get('description', '')}".strip(),
            minimum=_whole(schema.get("minimum")),
            maximum=_whole(schema.get("maximum")),
            default=_whole(schema.get("default")),
            enum=tuple(value for value in enum if isinstance(value, str)) if isinstance(enum, list) else (),
        )

    def _schema(self, entry: Mapping[str, Any]) -> Mapping[str, Any]:
        """The schema of a parameter: below ``schema`` in 3.x, beside the name in 2.0; one level of ``allOf``."""
        schema = self._resolved(entry.get("schema")) or entry
        parts = [self._resolved(part) for key in ("allOf", "anyOf", "oneOf") for part in _listed(schema.get(key))]
        merged: dict[str, Any] = {}
        for part in [*parts, schema]:
            if part.get("type") != "null":
                merged.update(part)
        return merged

    def _resolved(self, node: Any) -> Mapping[str, Any]:
        """The node with its local ``$ref`` followed; an empty mapping for what is not a mapping."""
        for _step in range(_DEEPEST_REFERENCE):
            if not isinstance(node, Mapping):
                return {}
            reference = node.get("$ref")
            if not isinstance(reference, str):
                return node
            node = self._at(reference)
        return {}

    def _at(self, reference: str) -> Any:
        node: Any = self._tree
        if not reference.startswith("#/"):
            return None
        for step in reference[2:].split("/"):
            name = step.replace("~1", "/").replace("~0", "~")
            node = node.get(name) if isinstance(node, Mapping) else None
        return node


def _load(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        pass
    if yaml is None:
        raise UnreadableDocument("it is not JSON, and PyYAML is not installed to read YAML")
    try:
        return yaml.load(body, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except Exception as error:  # a foreign text can make the parser fail in any way
        raise UnreadableDocument("it is neither JSON nor YAML") from error


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _type(schema: Mapping[str, Any]) -> str:
    kind = schema.get("type", "")
    kinds = [kind] if isinstance(kind, str) else [name for name in _listed(kind) if name != "null"]
    return str(kinds[0]) if kinds else ""


def _whole(value: Any) -> Optional[int]:
    return value if isinstance(value, int) and not isinstance(value, bool) else None

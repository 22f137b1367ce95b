# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An OpenAPI document (2.0 or 3.x, JSON or YAML), read only as far as needed. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Optional
from urllib.parse import urlsplit

from ansible_collections.aimms.cloud.plugins.module_utils.decoding.strict_json import TooMuch, json_in

_METHODS = ("get", "put", "post", "patch", "delete")
_DEEPEST_REFERENCE = 10
_LONGEST_REFERENCE = 500
_LONGEST_DESCRIPTION = 1000
_MOST_PARAMETERS = 200
_MOST_PATHS = 5000


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
        if len(tree["paths"]) > _MOST_PATHS:
            raise UnreadableDocument(f"it has more than {_MOST_PATHS:,} paths")
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
            entry = self.resolved(item)
            for method in _METHODS if isinstance(path, str) else ():
                if isinstance(entry.get(method), Mapping):
                    yield Operation(self, method.upper(), path, entry)

    def parameters(self, entries: Any) -> list[Parameter]:
        """What a list of parameters says, as far as it is one; a list that nobody would write is cut."""
        found = []
        for entry in _listed(entries)[:_MOST_PARAMETERS]:
            parameter = self.resolved(entry)
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
            description=f"{_text(entry)} {_text(schema)}".strip(),
            minimum=_whole(schema.get("minimum")),
            maximum=_whole(schema.get("maximum")),
            default=_whole(schema.get("default")),
            enum=tuple(value for value in enum if isinstance(value, str)) if isinstance(enum, list) else (),
        )

    def _schema(self, entry: Mapping[str, Any]) -> Mapping[str, Any]:
        """The schema of a parameter: below ``schema`` in 3.x, beside the name in 2.0; one level of ``allOf``."""
        schema = self.resolved(entry.get("schema")) or entry
        parts = [self.resolved(part) for key in ("allOf", "anyOf", "oneOf") for part in _listed(schema.get(key))]
        merged: dict[str, Any] = {}
        for part in [*parts, schema]:
            if part.get("type") != "null":
                merged.update(part)
        return merged

    def resolved(self, node: Any) -> Mapping[str, Any]:
        """The node with its local ``$ref`` followed; an empty mapping for what is not a mapping."""
        for _step in range(_DEEPEST_REFERENCE):
            if not isinstance(node, Mapping):
                return {}
            reference = node.get("$ref")
            if not isinstance(reference, str):
                return node
            node = self._at(reference) if len(reference) <= _LONGEST_REFERENCE else None
        return {}

    def _at(self, reference: str) -> Any:
        node: Any = self._tree
        if not reference.startswith("#/"):
            return None
        for step in reference[2:].split("/"):
            name = step.replace("~1", "/").replace("~0", "~")
            node = node.get(name) if isinstance(node, Mapping) else None
        return node


class Operation:
    """One method on one path, which begins where the document's server address ends.

    Parameters are read when they are asked for: most operations of a document concern nobody here.
    """

    def __init__(self, document: Document, method: str, path: str, entry: Mapping[str, Any]) -> None:
        """:param entry: what the document has for the path."""
        self.method = method
        self.path = path
        self._document = document
        self._item = entry

    @cached_property
    def _entry(self) -> Mapping[str, Any]:
        return self._document.resolved(self._item.get(self.method.lower()))

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """Those of the path that the operation does not redefine, and its own."""
        own = self._document.parameters(self._entry.get("parameters"))
        taken = {(parameter.name, parameter.place) for parameter in own}
        shared = self._document.parameters(self._item.get("parameters"))
        return (*(parameter for parameter in shared if (parameter.name, parameter.place) not in taken), *own)

    @property
    def needs_body(self) -> bool:
        """Whether a request must have a body."""
        return bool(self._document.resolved(self._entry.get("requestBody")).get("required"))

    def query(self) -> tuple[Parameter, ...]:
        """The query parameters."""
        return tuple(parameter for parameter in self.parameters if parameter.place == "query")


def _load(body: bytes) -> Any:
    try:
        return json_in(body)
    except TooMuch as error:
        raise UnreadableDocument(f"it has {error}") from None
    except ValueError:
        pass
    from ansible_collections.aimms.cloud.plugins.module_utils.decoding.strict_yaml import yaml_in

    try:
        return yaml_in(body)
    except TooMuch as error:
        raise UnreadableDocument(f"it has {error}") from None
    except ValueError as error:
        raise UnreadableDocument(f"it is not JSON, and {error}") from None


def _text(entry: Mapping[str, Any]) -> str:
    """The description, as much of it as counts."""
    return str(entry.get("description", ""))[:_LONGEST_DESCRIPTION]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _type(schema: Mapping[str, Any]) -> str:
    kind = schema.get("type", "")
    kinds = [kind] if isinstance(kind, str) else [name for name in _listed(kind) if name != "null"]
    return str(kinds[0]) if kinds else ""


def _whole(value: Any) -> Optional[int]:
    return value if isinstance(value, int) and not isinstance(value, bool) else None

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""OpenAPI documents of every version, and broken ones. Proves rule 10: one clean failure, never a traceback."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import given

from ansible_collections.aimms.cloud.plugins.module_utils.decoding import strict_json, strict_yaml
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.document import (
    Document,
    Parameter,
    UnreadableDocument,
)
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils import record_checks as checks
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils import record_strategies as sent
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.record_strategies import tried

LIST = "/sessions/{kind}"
KIND = {"name": "kind", "in": "path", "required": True}
THREE = {
    "openapi": "3.0.3",
    "servers": [{"url": "https://acme.example/pro/session-manager/v1/"}],
    "paths": {
        LIST: {
            "parameters": [
                {**KIND, "schema": {"type": "string", "enum": ["webui", "task"]}},
                {"name": "limit", "in": "query", "schema": {"type": "string"}},
            ],
            "get": {
                "parameters": [
                    {"$ref": "#/components/parameters/limit"},
                    {"name": "state", "in": "query", "description": "The state", "schema": {"type": "string"}},
                ]
            },
        },
        "/sessions/{kind}/{id}/terminate": {"patch": {"requestBody": {"$ref": "#/components/requestBodies/why"}}},
    },
    "components": {
        "requestBodies": {"why": {"required": True, "content": {}}},
        "schemas": {"size~/x": {"type": "integer", "minimum": 1, "maximum": 250, "default": 50}},
        "parameters": {"limit": {"name": "limit", "in": "query", "schema": {"$ref": "#/components/schemas/size~0~1x"}}},
    },
}
TWO = {
    "swagger": "2.0",
    "basePath": "/pro/session-manager/v1",
    "paths": {
        LIST: {
            "parameters": [{**KIND, "type": "string", "enum": ["webui", "task"]}],
            "get": {
                "parameters": [
                    {"$ref": "#/parameters/limit"},
                    {"name": "state", "in": "query", "description": "The state", "type": "string"},
                ]
            },
        },
    },
    "parameters": {
        "limit": {"name": "limit", "in": "query", "type": "integer", "minimum": 1, "maximum": 250, "default": 50}
    },
}


def read(tree):
    return Document.parse(json.dumps(tree).encode())


def operations(tree):
    return {(operation.method, operation.path): operation for operation in read(tree).operations()}


@pytest.mark.parametrize("tree", [TWO, THREE], ids=["2.0", "3.0"])
@pytest.mark.parametrize("write", [json.dumps, yaml.safe_dump], ids=["JSON", "YAML"])
def test_versions_and_formats_give_the_same(tree, write):
    document = Document.parse(write(tree).encode())
    listing = next(document.operations())
    assert document.server_path() == "/pro/session-manager/v1"
    assert (listing.method, listing.path) == ("GET", LIST)
    assert [parameter.enum for parameter in listing.parameters if parameter.place == "path"] == [("webui", "task")]
    limit, state = listing.query()
    assert limit == Parameter("limit", "query", "integer", minimum=1, maximum=250, default=50)
    assert (state.name, state.type) == ("state", "string")


def test_a_byte_order_mark_is_no_matter():
    assert list(Document.parse(b"\xef\xbb\xbf" + json.dumps(THREE).encode()).operations())


def test_an_operations_own_parameter_beats_the_one_of_its_path():
    limits = [p for p in operations(THREE)["GET", LIST].parameters if p.name == "limit"]
    assert [limit.type for limit in limits] == ["integer"]


def test_whether_a_body_is_needed():
    found = operations(THREE)
    assert found["PATCH", "/sessions/{kind}/{id}/terminate"].needs_body
    assert not found["GET", LIST].needs_body


@pytest.mark.parametrize(
    "schema",
    [
        {"type": ["integer", "null"], "maximum": 9},
        {"anyOf": [{"type": "integer", "maximum": 9}, {"type": "null"}]},
        {"allOf": [{"type": "integer"}, {"maximum": 9}]},
        {"oneOf": [{"type": "null"}, {"type": "integer", "maximum": 9}]},
        {"$ref": "#/x/a"},
    ],
)
def test_schemas_of_3_1_and_composed_ones(schema):
    tree = {
        "paths": {LIST: {"get": {"parameters": [{"name": "limit", "in": "query", "schema": schema}]}}},
        "x": {"a": {"$ref": "#/x/b"}, "b": {"type": "integer", "maximum": 9}},
    }
    [limit] = operations(tree)["GET", LIST].query()
    assert (limit.type, limit.maximum) == ("integer", 9)


def query_of(*entries):
    return operations({"paths": {LIST: {"get": {"parameters": list(entries)}}}})["GET", LIST].query()


@pytest.mark.parametrize(
    ("schema", "minimum", "maximum", "default", "enum"),
    [
        ({"minimum": 1.0, "maximum": 50.0, "default": 20.0}, 1, 50, 20, ()),
        ({"exclusiveMinimum": 0, "exclusiveMaximum": 51}, 1, 50, None, ()),
        ({"minimum": 0, "exclusiveMinimum": True, "maximum": 51, "exclusiveMaximum": True}, 1, 50, None, ()),
        ({"minimum": 1, "exclusiveMinimum": False, "maximum": 50, "exclusiveMaximum": False}, 1, 50, None, ()),
        ({"minimum": 0.5, "maximum": 50.5}, 1, 50, None, ()),
        ({"exclusiveMaximum": 50.5, "maximum": 60}, None, 50, None, ()),
        ({"enum": [10, 25, 50]}, None, None, None, ("10", "25", "50")),
        ({"enum": ["10", "25"]}, None, None, None, ("10", "25")),
        ({"maximum": True, "default": False, "minimum": "1"}, None, None, None, ()),
    ],
)
def test_limits_of_every_version(schema, minimum, maximum, default, enum):
    [limit] = query_of({"name": "limit", "in": "query", "schema": {"type": "integer", **schema}})
    assert (limit.minimum, limit.maximum, limit.default, limit.enum) == (minimum, maximum, default, enum)


PAGEABLE = {
    "type": "object",
    "required": ["page"],
    "properties": {"page": {"type": "integer", "minimum": 0}, "size": {"$ref": "#/components/schemas/size~0~1x"}},
}


@pytest.mark.parametrize(
    ("entry", "names", "inside"),
    [
        ({"schema": {"$ref": "#/components/schemas/Pageable"}}, ["page", "size"], ""),
        ({"schema": PAGEABLE, "style": "deepObject", "explode": True}, ["given[page]", "given[size]"], ""),
        ({"schema": PAGEABLE, "explode": False}, ["given"], ""),
        ({"content": {"application/json": {"schema": PAGEABLE}}}, ["page", "size"], "given"),
        ({"schema": {"type": "object"}}, ["given"], ""),
        ({"content": {"text/plain": {"schema": PAGEABLE}}}, ["given"], ""),
    ],
)
@pytest.mark.parametrize("required", [True, False])
def test_a_parameter_that_is_an_object_is_read_as_it_is_sent(entry, names, inside, required):
    schemas = {**THREE["components"]["schemas"], "Pageable": PAGEABLE}
    given = {"name": "given", "in": "query", "required": required, **entry}
    tree = {"paths": {LIST: {"get": {"parameters": [given]}}}, "components": {"schemas": schemas}}
    found = operations(tree)["GET", LIST].query()
    assert [parameter.name for parameter in found] == names
    assert {parameter.inside for parameter in found} == {inside}
    assert [parameter.required for parameter in found] == [required, False][: len(names)]
    if len(names) > 1:
        assert (found[0].minimum, found[1].maximum) == (0, 250)


ROW = {"type": "object", "properties": {"id": {"type": "string"}, "app": {"type": "string"}}}
ANSWER = {
    "type": "object",
    "properties": {
        "rows": {"type": "array", "items": {"$ref": "#/components/schemas/Row"}},
        "meta": {"type": "object", "properties": {"rowCount": {"type": "integer"}, "tags": {"type": "array"}}},
    },
}


@pytest.mark.parametrize(
    ("responses", "told"),
    [
        ({"200": {"content": {"application/json": {"schema": ANSWER}}}}, True),
        ({200: {"content": {"application/hal+json": {"schema": ANSWER}}}}, True),
        ({"404": {}, "default": {"schema": ANSWER}}, True),
        ({"2XX": {"$ref": "#/components/responses/Rows"}}, True),
        ({"200": {"content": {"text/csv": {"schema": ANSWER}}}}, False),
        ({"200": {"content": {"application/json": {"schema": {"type": "array"}}}}}, False),
        ({"404": {"content": {"application/json": {"schema": ANSWER}}}}, False),
        ("text", False),
    ],
)
def test_the_fields_of_an_answer(responses, told):
    components = {"schemas": {"Row": ROW}, "responses": {"Rows": {"content": {"a/json": {"schema": ANSWER}}}}}
    tree = {"paths": {LIST: {"get": {"responses": responses}}}, "components": components}
    found = Document(tree).operations()
    fields = {name: (kind, inner) for name, kind, inner in next(found).answer()}
    rows = {
        "rows": ("array", ("id", "app")),
        "meta": ("object", ()),
        "rowCount": ("integer", ()),
        "tags": ("array", ()),
    }
    assert fields == (rows if told else {})


@pytest.mark.parametrize(
    ("tree", "path"),
    [
        ({}, ""),
        ({"servers": []}, ""),
        ({"servers": [{"url": "/"}]}, ""),
        ({"servers": [{"url": "/pro/session-manager/v1"}, {"url": "/other"}]}, "/pro/session-manager/v1"),
        ({"servers": [{"url": "https://{account}.aimms.cloud/pro/session-manager/v1"}]}, "/pro/session-manager/v1"),
        ({"basePath": "/api/"}, "/api"),
        ({"servers": "nonsense"}, ""),
        ({"servers": ["nonsense"]}, ""),
        ({"servers": [{"url": 7}]}, ""),
        ({"servers": [{"url": "http://[broken"}]}, ""),
        ({"basePath": None}, ""),
    ],
)
def test_where_the_servers_address_ends(tree, path):
    assert read({**tree, "paths": {}}).server_path() == path


@pytest.mark.parametrize(
    "reference",
    ["#/loop", "#/nowhere", "#/paths/nowhere/x", "https://evil.example/x.yaml", "other.yaml#/a", "#", "#/openapi/x", 7],
)
def test_a_reference_that_leads_nowhere_is_left_out(reference):
    tree = {
        "openapi": "3.0.0",
        "loop": {"$ref": "#/loop"},
        "paths": {
            LIST: {"get": {"parameters": [{"$ref": reference}, {"name": "a", "in": "query"}]}},
            "/else": {"$ref": reference},
        },
    }
    assert [parameter.name for parameter in operations(tree)["GET", LIST].parameters] == ["a"]


@pytest.mark.parametrize(
    "item",
    [
        None,
        "text",
        ["list"],
        {},
        {"get": None},
        {"get": "text"},
        {"get": {"parameters": "text"}},
        {"get": {"parameters": {"name": "a"}}},
        {"get": {"parameters": [None, 7, "a", {}, {"name": 5}, {"name": None}]}},
        {"get": {"parameters": [{"name": "a", "schema": "text"}]}},
        {"get": {"parameters": [{"name": "a", "schema": {"type": 7, "enum": 7, "maximum": "x", "allOf": [7]}}]}},
        {"get": {"parameters": [{"name": "a", "schema": {"type": [], "enum": [None, True, []], "default": True}}]}},
        {"get": {"parameters": [{"name": "a", "in": "query", "schema": {"properties": [7], "maximum": [1]}}]}},
        {"get": {"parameters": [{"name": "a", "in": "query", "schema": {"properties": {"b": 7}, "required": 7}}]}},
        {"get": {"requestBody": "text"}},
        {"parameters": 7, "get": {}},
    ],
)
def test_odd_parts_do_no_harm_to_the_rest(item):
    found = operations({"paths": {"/odd": item, LIST: {"get": {"responses": {}}}}})
    assert ("GET", LIST) in found
    for operation in found.values():
        assert all(parameter.maximum is None and not parameter.enum for parameter in operation.parameters)


def test_a_path_that_is_no_text_is_left_out():
    assert [o.path for o in Document.parse(b"paths: {404: {get: {a: 1}}, /a: {get: {a: 1}}}").operations()] == ["/a"]


def test_an_operation_without_content_is_one():
    assert list(operations({"paths": {"/a": {"patch": {}}}})) == [("PATCH", "/a")]


BROKEN = {
    "nothing": b"",
    "white space": b" \n",
    "HTML": b"<!doctype html><html><body><h1>Sign in</h1></body></html>",
    "text": b"Not found",
    "null": b"null",
    "a list": b"[]",
    "an object without paths": b"{}",
    "paths that are a list": b'{"paths": []}',
    "paths that are null": b'{"paths": null}',
    "half a document": json.dumps(THREE).encode()[:200],
    "half of YAML": b"paths:\n  /a: {get: [",
    "tabs in YAML": b"paths:\n\t/a:\n",
    "no UTF-8": b"\xff\xfe\xfa\x80paths",
    "zeros": b"\x00" * 100,
    "an unknown tag": b"paths: !!python/object/apply:os.getcwd []",
    "a key that is a map": b"paths: {? {a: b} : c}",
    "an unknown anchor": b"paths: *nowhere",
    "5,000 digits": b"paths: " + b"9" * 5000,
    "10,000 deep in JSON": b'{"paths": ' + b"[" * 10_000,
    "100,000 deep in YAML blocks": b"- " * 100_000 + b"x",
    "too many paths": b'{"paths": {' + b",".join(b'"/p%d":{}' % n for n in range(400_000)) + b"}}",
    "10,000 deep in YAML": b"paths: " + b"[" * 10_000 + b"]" * 10_000,
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_document_is_said_to_be_unreadable(body):
    with pytest.raises(UnreadableDocument):
        Document.parse(body)


def test_the_document_runs_no_code(tmp_path):
    trace = tmp_path / "trace"
    with pytest.raises(UnreadableDocument):
        Document.parse(f"paths: !!python/object/apply:os.mkdir ['{trace}']".encode())
    assert not trace.exists()


def test_without_pyyaml_json_is_read_and_yaml_is_said_to_need_it(monkeypatch):
    monkeypatch.setattr(strict_yaml, "yaml", None)
    assert list(read(THREE).operations())
    with pytest.raises(UnreadableDocument, match="PyYAML is not installed"):
        Document.parse(yaml.safe_dump(THREE).encode())


def test_a_document_with_too_much_in_it_is_not_read(monkeypatch):
    monkeypatch.setattr(strict_json, "MOST_VALUES", 20)
    assert Document.parse(b"paths: {}").paths() == ()
    for text in (b"paths:\n" + b"  /a:\n    get:\n" * 20, b'{"paths": {' + b",".join([b'"/a": {}'] * 20) + b"}}"):
        with pytest.raises(UnreadableDocument, match="it has more than 20 values, which are too many to read at once"):
            Document.parse(text)


@tried(100)
@given(sent.DOCUMENTS)
def test_any_document_is_described_or_found_unreadable(tree: dict[str, Any]) -> None:
    assert checks.document_fault({"paths": {}, **tree}) is None

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON, YAML and lines of any server: strict, bounded, and never slow. Proves rules 9 and 10."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils import bounded
from ansible_collections.aimms.cloud.plugins.module_utils.bounded import TooMuch, json_in, lines_in, yaml_in
from ansible_collections.aimms.cloud.plugins.module_utils.envelope import open_list
from ansible_collections.aimms.cloud.plugins.module_utils.openapi import Document, UnreadableDocument
from ansible_collections.aimms.cloud.plugins.module_utils.service import describe
from ansible_collections.aimms.cloud.plugins.module_utils.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.task import Task

yaml = pytest.importorskip("yaml")
DOCUMENTS = sorted((Path(__file__).absolute().parents[3] / "emulator/documents").glob("*.yaml"))
MOST = bounded.MOST_VALUES


@pytest.fixture(autouse=True)
def quick():
    """Each of these must be over at once; what they guard against takes minutes or never ends."""
    start = time.monotonic()
    yield
    assert time.monotonic() - start < 30


# YAML


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_a_document_reads_as_a_loader_would_read_it(path):
    assert yaml_in(path.read_bytes()) == yaml.safe_load(path.read_bytes())


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", 7), ("-12", -12), ("007", "007"), ("0", 0), ("1.5", "1.5"), ("1e3", "1e3"), ("9" * 30, "9" * 30),
        ("true", True), ("False", False), ("yes", "yes"), ("'true'", "true"), ('"7"', "7"), ("!!str 7", "7"),
        ("~", None), ("null", None), ("a:", {"a": None}), ("''", ""), ("2025-13-45", "2025-13-45"),
        ("[1, a, {b: c}]", [1, "a", {"b": "c"}]), ("|\n  a\n  b\n", "a\nb\n"), ("{a: 1, a: 2}", {"a": 2}),
        ("'200': {a: b}", {"200": {"a": "b"}}), ("200: {a: b}", {200: {"a": "b"}}), ("a: 1\n---\nb: 2", {"a": 1}),
    ],
)  # fmt: skip
def test_only_what_is_surely_a_number_or_a_constant_is_one(text, value):
    assert yaml_in(text.encode()) == value


def test_the_python_parser_reads_the_same(monkeypatch):
    monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    assert yaml_in(b"a: [1, 'x', ~, &b {c: true}, *b]") == {"a": [1, "x", None, {"c": True}, {"c": True}]}


def test_an_alias_is_the_same_object():
    read = yaml_in(b"a: &x {b: [1]}\nc: *x")
    assert read["c"] is read["a"]


def test_merged_keys_fill_what_is_not_there():
    read = yaml_in(
        b"a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc: {y: 3, <<: [*a, *b], w: 4}\nd: {<<: *a, x: 5}\ne: {<<: 7}"
    )
    assert read["c"] == {"x": 1, "y": 3, "z": 2, "w": 4}
    assert read["d"] == {"x": 5, "y": 1}
    assert read["e"] == {}


def laughs(link: str) -> bytes:
    """Each of twelve levels names the one before ten times."""
    levels = [f"a{level}: &a{level} {link % ', '.join([f'*a{level - 1}'] * 10)}" for level in range(1, 12)]
    return "\n".join(["a0: &a0 {x: 1, y: 2}", *levels]).encode()


@pytest.mark.parametrize("link", ["[%s]", "{<<: [%s]}", "{p: [%s]}"])
def test_aliases_of_aliases_do_not_multiply(link):
    assert "a11" in yaml_in(laughs(link))


def test_merging_a_large_mapping_again_and_again_is_too_much():
    large = "{" + ", ".join(f"k{number}: 1" for number in range(1000)) + "}"
    with pytest.raises(TooMuch):
        yaml_in(f"a: &a {large}\nb:\n".encode() + b"- {<<: *a}\n" * 500)
    with pytest.raises(TooMuch):
        yaml_in(f"a: &a {large}\nb: {{<<: [{'*a, ' * 500}]}}".encode())


@pytest.mark.parametrize("body", [b"- " * 100_000 + b"x", b"{a: " * 100_000, b"[" * 1_000_000, b"[" * 101 + b"]" * 101])
def test_deep_yaml_is_refused(body):
    with pytest.raises(ValueError, match=r"nested too deeply|too many"):
        yaml_in(body)


def test_yaml_a_hundred_deep_is_read():
    assert yaml_in(b"[" * 100 + b"]" * 100)


@pytest.mark.parametrize("body", [b"- a\n" * MOST, b"\n".join(b"k%d: v" % number for number in range(MOST // 2))])
def test_yaml_with_too_many_values_is_refused(body):
    with pytest.raises(TooMuch):
        yaml_in(body)


@pytest.mark.parametrize(
    "body",
    [b"&a [*a]", b"*nowhere", b"{? [a] : b}", b"{? {a: b} : c}", b"a: [", b"a:\n\t- b", b"\x00", b"\xff\xfe\xfa", b"%"],
)
def test_what_is_no_plain_yaml_is_refused(body):
    with pytest.raises(ValueError):  # noqa: PT011  its words are the parser's
        yaml_in(body)


def test_without_pyyaml_the_message_says_so(monkeypatch):
    monkeypatch.setattr(bounded, "yaml", None)
    with pytest.raises(ValueError, match="PyYAML is not installed"):
        yaml_in(b"a: b")


# JSON and lines


@pytest.mark.parametrize("item", [b"{}", b"[]", b"1", b'{"a":1}'])
def test_json_with_too_many_values_is_refused_before_it_is_read(item):
    with pytest.raises(TooMuch, match="more than 400,000 values"):
        json_in(b"[" + b",".join([item] * (MOST + 1)) + b"]")


def test_json_of_the_largest_account_that_fits_is_read():
    record = b'{"id":"a","b":1,"c":2,"d":3,"e":4,"f":5,"g":6,"h":7,"i":8,"j":9,"k":10,"l":11,"m":12,"n":13,"o":14}'
    assert len(json_in(b"[" + b",".join([record] * 24_000) + b"]")) == 24_000


@pytest.mark.parametrize(
    "body", [b"NaN", b"[Infinity]", b"9" * 5000, b"[" * 100_000, b"\xff", b"{", b"", b"\xef\xbb\xbf{}"]
)
def test_what_is_no_plain_json_is_refused(body):
    with pytest.raises(ValueError):  # noqa: PT011  its words are the parser's
        json_in(body)


@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}"), (b'[{"a":', b"}]")])
def test_json_is_read_a_hundred_deep_and_no_deeper(opening, closing):
    fits = 100 // len(closing)
    assert json_in(opening * fits + b"1" + closing * fits)
    with pytest.raises(ValueError, match="nested too deeply"):
        json_in(opening * (fits + 1) + b"1" + closing * (fits + 1))


def test_half_a_character_becomes_a_question_mark_everywhere():
    assert json_in(b'{"\\ud800a": ["b\\udfff", {"c": "\\ud83d\\ude00"}]}') == {"?a": ["b?", {"c": "\U0001f600"}]}


@pytest.mark.parametrize("end", ["\n", "\r", "\u2028", "\x85"])
def test_too_many_lines_are_refused(end):
    assert lines_in(f"a{end}b") == ["a", "b"]
    with pytest.raises(TooMuch):
        lines_in(end * (MOST + 1))
    with pytest.raises(TooMuch):
        open_list({"text": end * (MOST + 1)}, {}, lines=True)


# What reads them


def test_a_document_of_five_thousand_large_operations_is_read_where_it_counts():
    parameters = [{"name": f"p{number}", "in": "query", "schema": {"type": "string"}} for number in range(300)]
    tree = {"paths": {f"/p{number}": {"$ref": "#/large"} for number in range(5000)}}
    tree["large"] = {method: {"parameters": parameters} for method in ("get", "put", "post", "patch", "delete")}
    tree["paths"]["/sessions/webui"] = {"get": {"parameters": parameters}}
    service = describe(Document(tree))
    assert service is not None
    assert len(service.route("list", "webui").filters) == 200


def test_a_document_of_too_many_paths_is_not_read():
    def body(count: int) -> bytes:
        return json.dumps({"paths": {f"/sessions/a/b/z{number}": {} for number in range(count)}}).encode()

    assert len(Document.parse(body(5000)).paths()) == 5000
    with pytest.raises(UnreadableDocument, match="more than 5,000 paths"):
        Document.parse(body(5001))


def test_long_references_and_descriptions_cost_nothing():
    reference = {"$ref": "#/" + "a/" * 100_000}
    limit = {"name": "many", "in": "query", "description": "most " * 40_000, "schema": {"type": "integer"}}
    tree = {"paths": {"/sessions/webui": {"get": {"parameters": [limit, *[reference] * 100_000]}}}}
    service = describe(Document(tree))
    assert service is not None
    assert [parameter.name for parameter in service.route("list", "webui").filters] == ["many"]


def test_a_description_counts_up_to_a_thousand_characters():
    def size_name(description: str) -> str:
        size = {"name": "many", "in": "query", "description": description, "schema": {"type": "integer"}}
        service = describe(Document({"paths": {"/sessions/webui": {"get": {"parameters": [size]}}}}))
        assert service is not None
        return service.route("list", "webui").paging.size_name

    assert size_name("x" * 980 + " page size") == "many"
    assert size_name("x" * 1000 + " page size") == ""


@pytest.mark.parametrize(
    "link", ["<" * 65_000, ", ".join(["<" * 65_000] * 10), "<a>;" + "x" * 65_000, "<a>; " * 20_000]
)
def test_a_hostile_link_header_costs_nothing(link):
    assert open_list([{"id": "a"}], {"Link": link}).next is None


def test_the_next_link_is_found_among_others():
    link = '<https://a/p?page=1>; rel="prev", <https://a/p?page=3>; title="x"; rel="next"'
    assert open_list([{"id": "a"}], {"Link": link}).next == {"page": "3"}


@pytest.mark.parametrize("told", ["\u00b2", "9" * 5000, "-1", "1.5", "", "x330", "0-9/*"])
def test_a_total_that_is_none_is_not_believed(told):
    for name in ("X-Total-Count", "X-Total", "Content-Range"):
        assert open_list([{"id": "a"}], {name: told}).total is None


@pytest.mark.parametrize(
    ("name", "told"), [("X-Total-Count", "330"), ("X-Total", "330"), ("Content-Range", "items 0-9/330")]
)
def test_a_total_is_read_from_each_header(name, told):
    assert open_list([{"id": "a"}], {name: told}).total == 330


@pytest.mark.parametrize("read", [lambda record: Session.from_record(record, "webui"), Task.from_record])
def test_names_as_long_as_a_body_cost_nothing(read):
    long = "ab_" * 3_000_000
    assert read({"id": "a", long: 1, "n": {long: {f"k{number}": number for number in range(10_000)}}}).id == "a"
    assert read({"id": "a", long: {f"k{number}": number for number in range(10_000)}}).id == "a"

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON and lines of any server: strict, strict_json, and never slow. Proves rules 9 and 10."""

from __future__ import annotations

import json

import pytest
from hypothesis import given

from ansible_collections.aimms.cloud.plugins.module_utils.decoding import strict_json
from ansible_collections.aimms.cloud.plugins.module_utils.decoding.strict_json import TooMuch, json_in, lines_in
from ansible_collections.aimms.cloud.plugins.module_utils.models.envelope import open_list
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.models.task import Task
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.document import Document, UnreadableDocument
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.routes import routes_from
from ansible_collections.aimms.cloud.tests.timing import cheap, cost
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils import record_checks as checks
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils import record_strategies as sent
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.record_strategies import tried

MOST = strict_json.MOST_VALUES


@pytest.fixture(autouse=True)
def quick(reference):
    """Each of these must be over at once; what they guard against takes minutes or never ends."""
    with cheap(100, reference):
        yield


@pytest.fixture(scope="module")
def reference():
    """What it costs to read as many values as there may be."""
    body = b"[" + b",".join([b'{"a":1}'] * (MOST // 2)) + b"]"
    return cost(lambda: json_in(body))


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
    service = routes_from(Document(tree))
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
    service = routes_from(Document(tree))
    assert service is not None
    assert [parameter.name for parameter in service.route("list", "webui").filters] == ["many"]


def test_a_description_counts_up_to_a_thousand_characters():
    def words(description: str) -> str:
        listed = {"get": {"description": description}}
        service = routes_from(Document({"paths": {"/sessions/webui": listed}}))
        assert service is not None
        return service.route("list", "webui").words

    assert words("x" * 999 + "yz").strip() == "x" * 999 + "y"


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


@tried(150)
@given(sent.BYTES)
def test_any_bytes_are_values_or_refused(body: bytes) -> None:
    assert checks.bytes_fault(body) is None


def test_a_name_that_stands_twice_is_refused_where_it_matters():
    twice = b'{"a": {"owner": "x", "owner": "y"}}'
    assert json_in(twice) == {"a": {"owner": "y"}}
    with pytest.raises(ValueError, match="a name stands twice"):
        json_in(twice, unique=True)
    assert json_in(b'[{"a": 1}, {"a": 2}]', unique=True) == [{"a": 1}, {"a": 2}]

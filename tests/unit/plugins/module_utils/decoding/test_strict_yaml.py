# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The YAML of any server: plain values, bounded, and never slow. Proves rules 9 and 10."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.decoding import strict_yaml
from ansible_collections.aimms.cloud.plugins.module_utils.decoding.strict_json import MOST_VALUES as MOST
from ansible_collections.aimms.cloud.plugins.module_utils.decoding.strict_json import TooMuch
from ansible_collections.aimms.cloud.plugins.module_utils.decoding.strict_yaml import yaml_in
from ansible_collections.aimms.cloud.tests.timing import cheap, cost, costs_at_most

yaml = pytest.importorskip("yaml")
DOCUMENTS = sorted((Path(__file__).absolute().parents[4] / "emulator/dialects/documents").glob("*.yaml"))


def plain(objects):
    """The YAML of a document as servers have it, with so many objects of eight fields."""
    field = "      f%d: {type: string, description: 'Says something of it, in a sentence as they are written.'}\n"
    entry = "    O%d:\n      type: object\n" + "".join(field % number for number in range(8))
    return ("components:\n  schemas:\n" + "".join(entry % number for number in range(objects))).encode()


@pytest.fixture(autouse=True)
def quick(reference):
    """Each of these must be over at once; what they guard against takes minutes or never ends."""
    with cheap(100, reference):
        yield


@pytest.fixture(scope="module")
def reference():
    """What it costs to read 2 MB."""
    body = plain(2_800)
    return cost(lambda: yaml_in(body))


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_a_document_reads_as_a_loader_would_read_it(path):
    assert yaml_in(path.read_bytes()) == yaml.safe_load(path.read_bytes())


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", 7), ("-12", -12), ("007", "007"), ("0", 0), ("1e3", "1e3"), ("1.5", 1.5), ("50.0", 50), ("-0.5", -0.5),
        ("1.0e+3", 1000), ("3.0.3", "3.0.3"), (".5", ".5"), ("00.5", "00.5"), ("1." + "9" * 30, "1." + "9" * 30),
        ("9" * 30, "9" * 30),
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
    monkeypatch.setattr(strict_yaml, "yaml", None)
    with pytest.raises(ValueError, match="PyYAML is not installed"):
        yaml_in(b"a: b")


@pytest.mark.skipif(not yaml.__with_libyaml__, reason="PyYAML's own parser takes some seconds for as much")
def test_two_megabytes_of_yaml_cost_at_most_four_times_what_libyaml_needs_to_parse_them():
    """Twice as much were measured; five times with the loader of PyYAML that uses libyaml, 23 times without libyaml."""
    body = plain(2_800)
    assert len(body) > 2_000_000
    assert len(yaml_in(body)["components"]["schemas"]) == 2_800
    costs_at_most(4, lambda: yaml_in(body), lambda: list(map(id, yaml.parse(body, Loader=yaml.CSafeLoader))))


def test_four_times_the_yaml_costs_about_four_times_as_much():
    small, large = plain(500), plain(2_000)
    costs_at_most(8, lambda: yaml_in(large), lambda: yaml_in(small))

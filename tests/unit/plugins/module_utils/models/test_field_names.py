# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is remembered of records of one shape is what each record alone would tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.aimms.cloud.plugins.module_utils.models.field_names import (
    LONGEST_NAME,
    FieldResolver,
    letters_only,
    names_as_words,
    values_at,
    words,
)
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils import record_strategies as sent

WANTED = {"id": [("id",), ("name",)], "owner": [("owner",), ("name", "user"), ("user",)], "end": [("ended",)]}
_NAMES = st.sampled_from(
    [
        *("id", "session_id", "Id", "name", "user", "user_name", "userName", "owner", "ended", "endedAt", "end"),
        *("times", "x", "y" * LONGEST_NAME, "z" * (LONGEST_NAME + 1)),
    ]
)
_VALUES = st.one_of(st.none(), st.integers(0, 3), st.sampled_from(["a", ""]), st.lists(st.integers(), max_size=1))
_OBJECTS = st.recursive(_VALUES, lambda inner: st.dictionaries(_NAMES, inner, max_size=3), max_leaves=8)
RECORDS = st.dictionaries(_NAMES, _OBJECTS, max_size=6)
quickly = settings(
    max_examples=150, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


def leaves(record: Mapping[str, Any], depth: int = 2, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Names and plain values, those of objects after the plain ones."""
    for name, value in record.items():
        if not isinstance(value, Mapping):
            yield f"{prefix}{name}", value
    for name, value in record.items():
        if isinstance(value, Mapping) and len(f"{prefix}{name}") <= LONGEST_NAME and depth:
            yield from leaves(value, depth - 1, f"{prefix}{name} ")


def expected(record: Mapping[str, Any]) -> dict[str, list[Any]]:
    """The values of each wanted field: of names that mean the same the first that is not null."""
    by_words: dict[tuple[str, ...], Any] = {}
    for name, value in leaves(record):
        if by_words.get(words(name)) is None:
            by_words[words(name)] = value
    return {
        field: [by_words[spelling] for spelling in spellings if by_words.get(spelling) is not None]
        for field, spellings in WANTED.items()
    }


def found(resolver: FieldResolver, record: Mapping[str, Any]) -> dict[str, list[Any]]:
    told = {}
    for field, places in resolver.resolve(record).items():
        values = (
            record[place] if isinstance(place, str) else next(iter(values_at((place,), record)), None)
            for place in places
        )
        told[field] = [value for value in values if value is not None]
    return told


@quickly
@given(st.lists(RECORDS, max_size=12))
def test_each_record_is_read_as_by_itself_whatever_was_read_before(records: list[dict[str, Any]]) -> None:
    resolver = FieldResolver(WANTED)
    for record in [*records, *records]:
        assert found(resolver, record) == expected(record)


@quickly
@given(sent.RECORDS, sent.RECORDS)
def test_a_session_is_the_same_whatever_was_read_before(one: dict[str, Any], other: dict[str, Any]) -> None:
    alone = repr(Session.from_record({"id": "a", **one}, "webui"))
    for record in (other, {"id": "a", **other}, {**other, "id": "a"}):
        Session.from_record(record, "webui")
    assert repr(Session.from_record({"id": "a", **one}, "webui")) == alone


def test_the_same_names_around_an_object_and_a_plain_value_are_two_shapes() -> None:
    resolver = FieldResolver(WANTED)
    assert found(resolver, {"user": "a", "id": 1})["owner"] == ["a"]
    assert found(resolver, {"user": {"name": "b"}, "id": 1})["owner"] == ["b"]
    assert found(resolver, {"user": {"id": 2}, "id": 1})["owner"] == []
    assert found(resolver, {"user": "c", "id": 1})["owner"] == ["c"]
    assert len(resolver._known) == 3  # the last one has the shape of the first


def test_an_object_beside_values_of_every_other_type_has_a_shape_of_its_own() -> None:
    resolver = FieldResolver(WANTED)
    plain = {"id": "a", "x": 1, "y": 0.5, "z": True, "end": None, "tags": []}
    assert found(resolver, {**plain, "user": {"name": "b"}})["owner"] == ["b"]
    assert found(resolver, {**plain, "user": {"id": 2}})["owner"] == []


def test_what_json_ld_says_of_a_record_is_none_of_its_fields() -> None:
    resolver = FieldResolver(WANTED)
    record = {"@id": "/sessions/webui/a", "@type": "Session", "id": "a", "user": {"@id": "/users/7", "name": "b"}}
    assert (found(resolver, record)["id"], found(resolver, record)["owner"]) == (["a"], ["b"])
    assert found(resolver, {"@id": "/sessions/webui/a"})["id"] == []


def test_objects_that_no_json_holds_are_read_without_being_remembered() -> None:
    resolver = FieldResolver(WANTED)
    record = {"user": MappingProxyType({"name": "a"})}
    assert found(resolver, record)["owner"] == found(resolver, MappingProxyType(record))["owner"] == ["a"]
    assert resolver._known == {}


def test_only_so_much_is_remembered() -> None:
    resolver = FieldResolver(WANTED)
    for number in range(3 * 64):
        assert found(resolver, {"id": number, "x" * number: 1})["id"] == [number]
    assert len(resolver._known) == 64
    for length, remembered in ((10_000, 1), (10_001, 0), (10**6, 0)):
        resolver = FieldResolver(WANTED)
        assert found(resolver, {"id": 1, "x" * (length - len("id")): 1})["id"] == [1]
        assert len(resolver._known) == remembered


def test_only_letters_of_a_name_count_where_names_are_compared_by_letters():
    assert letters_only("Next_Page-2 Tokén") == "nextpagetokn"
    assert letters_only("a" * LONGEST_NAME + "b") == "a" * LONGEST_NAME
    assert letters_only("_" * LONGEST_NAME + "id") == ""
    assert letters_only(None) == "none"


def test_fields_whose_names_contain_something_are_all_found_wherever_they_stand():
    resolver = FieldResolver(WANTED, {"any_app": ("app", "version id"), "any_user": ("user|owner", "group")})
    record = {
        "app": 1,
        "appVersion": 2,
        "my_app": 3,
        "owner": {"appTitle": 4, "group": 5},
        "user_id": 6,
        "x": {"app": {"y": 7}},
    }
    found_in = resolver.resolve(record)
    values = {name: list(values_at(found_in[name], record)) for name in found_in}
    assert values["any_app"] == [1, 3, 4, 7]
    assert values["any_user"] == [6, 4]
    assert resolver.resolve({"appVersion": 1})["any_app"] == ()


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("appname", ("app", "name")),
        ("CREATEDAT", ("created",)),
        ("createdtimestamp", ("created",)),
        ("sessionid", ("id",)),
        ("userenvironment", ("environment", "user")),
        ("createdby", ("by", "created")),
        ("datetime", ("datetime",)),
        ("state", ("state",)),
        ("appnames", ("appnames",)),
        ("atom", ("atom",)),
        ("x" * (LONGEST_NAME + 1), ()),
    ],
)
def test_words_that_are_written_as_one_are_found(name, known):
    assert words(name) == known


def test_a_resolver_has_its_own_noise_and_knows_the_words_of_its_names():
    resolver = FieldResolver(names_as_words({"index": "group index", "id": "id"}), noise=frozenset({"task"}))
    record = {"GROUPINDEX": 3, "taskId": 7, "session_id": 8}
    assert found(resolver, record) == {"index": [3], "id": [7]}
    assert found(FieldResolver(WANTED), {"session_id": 8, "taskId": 7})["id"] == [8]


def test_a_field_in_an_object_may_have_its_own_name_and_counts_less_than_an_outer_one():
    names = names_as_words({"text": "message, text"})
    record = {"inner": {"message": "a"}, "text": "b"}
    assert found(FieldResolver(names, noise=frozenset({"x"})), record) == {"text": ["b"]}
    assert found(FieldResolver(names, noise=frozenset({"x"}), by_own_name=True), record) == {"text": ["b", "a"]}
    assert list(
        values_at(FieldResolver(WANTED).resolve({"id": None, "name": "n"})["id"], {"id": None, "name": "n"})
    ) == ["n"]

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The records in an answer, whatever they are wrapped in. Proves rules 10 (never read as empty) and 20 (next page)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.aimms.cloud.plugins.module_utils.models.envelope import open_list
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils import record_checks as checks
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils import record_strategies as sent
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.record_strategies import tried

RECORDS = [{"id": "a", "tags": [{"id": "x"}]}, {"id": "b", "app": {"name": "Planner"}}]


def opened(answer, headers=None, **names):
    envelope = open_list(answer, headers or {}, [names.get(one, "") for one in ("records", "count", "next")])
    return list(envelope.records), envelope.total, envelope.next, envelope.more


ENVELOPES = {
    "bare": (RECORDS, None, None, None),
    "tasks of the vendor": ({"total_tasks": 7, "current_batch": RECORDS}, 7, None, None),
    "sessions": ({"sessions": RECORDS}, None, None, None),
    "an unknown name": ({"whatever": RECORDS}, None, None, None),
    "beside other lists": ({"errors": [], "kinds": ["webui"], "items": RECORDS, "total": 2}, 2, None, None),
    "beside a filled list": ({"labels": [{"a": 1}], "sessions": RECORDS}, None, None, None),
    "Spring": ({"content": RECORDS, "page": {"size": 2, "totalElements": 9, "number": 0}}, 9, None, None),
    "HAL": ({"_embedded": {"sessions": RECORDS}, "_links": {"next": {"href": "/s?page=2"}}}, None, {"page": "2"}, None),
    "JSON:API": (
        {"data": RECORDS, "links": {"self": "/s", "next": "https://h/s?page%5Bnumber%5D=2&q=1"}, "meta": {"total": 4}},
        4,
        {"page[number]": "2", "q": "1"},
        None,
    ),
    "OData": ({"value": RECORDS, "@odata.nextLink": "https://h/s?$skiptoken=7"}, None, {"$skiptoken": "7"}, None),
    "page token": ({"items": RECORDS, "nextPageToken": "abc"}, None, "abc", None),
    "cursor of this page and of the next": (
        {"items": RECORDS, "cursor": "one", "next_cursor": "two"},
        None,
        "two",
        None,
    ),
    "cursor of the last page": ({"items": RECORDS, "cursor": "one", "next_cursor": None}, None, None, False),
    "no cursor": ({"items": RECORDS, "cursor": None}, None, None, None),
    "paging object": ({"data": {"items": RECORDS, "paging": {"hasMore": True, "next": "c"}}}, None, "c", True),
    "nothing more": ({"items": RECORDS, "has_more": False, "next": "stale"}, None, None, False),
    "empty cursor": ({"items": RECORDS, "next": ""}, None, None, False),
    "Django": ({"count": 2, "next": None, "previous": None, "results": RECORDS}, None, None, False),
    "API Platform": (
        {
            "@context": "/contexts/Session",
            "hydra:member": RECORDS,
            "hydra:totalItems": 9,
            "hydra:view": {"@id": "/s?page=1", "hydra:next": "/s?page=2"},
            "hydra:search": {"hydra:mapping": [{"id": "x"}]},
        },
        9,
        {"page": "2"},
        None,
    ),
    "count of all": ({"count": 330, "results": RECORDS, "next": "?offset=2"}, 330, {"offset": "2"}, None),
    "count of the page": ({"count": 2, "results": RECORDS}, None, None, None),
    "number as cursor": ({"items": RECORDS, "next": 17}, None, "17", None),
}


@pytest.mark.parametrize(("answer", "total", "following", "more"), ENVELOPES.values(), ids=ENVELOPES.keys())
def test_a_list_in_an_envelope(answer, total, following, more):
    assert opened(answer) == (RECORDS, total, following, more)


@pytest.mark.parametrize(
    "answer",
    [
        [],
        {"sessions": []},
        {"items": [], "total": 0},
        {"data": {"sessions": []}},
        {"sessions": None, "total": 0},
        {"data": None, "total": 0},
        {"whatever": None, "count": 0},
        {"_links": {"self": {"href": "/s"}}, "page": {"size": 20, "totalElements": 0}},
        {"_links": {"sessions": {"href": "/s"}}, "page": {"totalElements": 0}},
        {"total": 0},
    ],
)
def test_an_empty_list(answer):
    assert opened(answer)[0] == []


@pytest.mark.parametrize("answer", [None, {}, {"data": None}])
def test_what_has_no_list_is_empty_only_with_a_total_that_shows_what_is_missing(answer):
    for total in (0, 7):
        assert opened(answer, {"X-Total-Count": str(total)}) == ([], total, None, None)
    for headers in ({}, {"X-Total-Count": "none"}):
        with pytest.raises(ValueError, match=r"list|object"):
            opened(answer, headers)


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"message": "not allowed"},
        {"error": {"code": 7}},
        {"errors": []},
        {"errors": [{"id": "e1"}]},
        {"count": 1},
        {"a": [{"id": "1"}], "b": [{"id": "2"}]},
        {"data": None},
        {"sessions": None},
        {"sessions": None, "count": 2},
        None,
        True,
        0,
        "sessions",
        ["a", "b"],
        [None],
        [[{"id": "a"}]],
        {"sessions": [{"id": "a"}, None]},
        {"sessions": ["a"]},
        {"sessions": {"a": {"id": "a"}}},
        {"items": "none", "total": 0},
        {"items": {}, "total": 0},
        {"data": {"sessions": ""}, "meta": {"total": 0}},
    ],
)
def test_what_holds_no_list_of_records_is_never_read_as_empty(answer):
    with pytest.raises(ValueError, match=r"list|object"):
        opened(answer)


@pytest.mark.parametrize(
    ("headers", "total", "following"),
    [
        ({"X-Total-Count": "330"}, 330, None),
        ({"X-Total": "330"}, 330, None),
        ({"X-Total-Count": "many"}, None, None),
        ({"Content-Range": "sessions 0-1/330"}, 330, None),
        ({"Content-Range": "sessions 0-1/*"}, None, None),
        ({"X-Pagination": '{"total": 330, "total_pages": 4, "page": 1, "next_page": 2}'}, 330, "2"),
        ({"X-Pagination": '{"TotalCount": 330, "PageSize": 10, "CurrentPage": 1, "TotalPages": 33}'}, 330, None),
        ({"X-Pagination": '{"count": 330}'}, 330, None),
        ({"X-Pagination": "[330]"}, None, None),
        ({"X-Pagination": "330 in all"}, None, None),
        ({"X-Next-Cursor": "c2"}, None, "c2"),
        ({"Link": '<https://other.example/s?page=1>; rel="prev", </s?page=3&size=2>; rel="next"'}, None, "page 3"),
        ({"Link": "</s?page=3&size=2>; rel=next"}, None, "page 3"),
        ({"Link": '</s?page=9>; rel="last"'}, None, None),
        ({"Link": "nonsense"}, None, None),
    ],
)
def test_what_headers_tell(headers, total, following):
    expected = {"page": "3", "size": "2"} if following == "page 3" else following
    assert opened(RECORDS, headers) == (RECORDS, total, expected, None)


def test_of_an_address_only_the_query_is_taken():
    """Its host and path are never followed: the key would go there."""
    assert opened({"items": RECORDS, "next": "https://evil.example/steal?cursor=c"})[2] == {"cursor": "c"}


def test_the_answer_may_use_the_parameters_own_name_for_the_cursor():
    assert opened({"items": RECORDS, "pos": "c2"})[2] is None
    assert opened({"items": RECORDS, "pos": "c2"}, next="pos")[2] == "c2"


@pytest.mark.parametrize("total", [10**30, 1e300, str(10**30), " 7 ", 7.0])
def test_a_total_of_any_size_is_told(total):
    assert opened({"items": RECORDS, "total": total})[1] == int(total)
    assert opened(RECORDS, {"X-Total-Count": str(10**30)})[1] == 10**30


@pytest.mark.parametrize("total", [-1, True, "330 or more", "-3", 3.5, None])
def test_a_total_that_is_no_number_is_not_told(total):
    assert opened({"items": RECORDS, "total": total})[1] is None


def test_names_within_records_are_not_those_of_the_envelope():
    records = [{"id": "a", "total": 5, "next": "x", "has_more": True}]
    assert opened({"items": records}) == (records, None, None, None)


@pytest.mark.parametrize(
    "answer",
    [
        ["a", "b"],
        {"log": "a\nb"},
        {"data": {"content": "a\r\nb"}, "id": "s1"},
        {"lines": ["a", "b"], "total": 2},
        {"payload": {"messages": ["a", "b"]}},
        {"entries": ["a", "b"], "text": "not this"},
    ],
)
def test_the_lines_of_a_log_may_be_records_or_text(answer):
    assert list(open_list(answer, {}, lines=True).records) == ["a", "b"]


@pytest.mark.parametrize(
    "answer", [7, "a\nb", {"count": 3}, {"log": "a", "content": "b"}, {"message": "no such session"}]
)
def test_what_holds_no_lines_is_no_log(answer):
    with pytest.raises(ValueError, match="list"):
        open_list(answer, {}, lines=True)


def test_plain_text_is_no_list_of_sessions():
    for answer in ("a\nb", {"text": "a"}, ["a"]):
        with pytest.raises(ValueError, match="list"):
            open_list(answer, {})


def test_of_several_lists_that_could_be_meant_the_usual_name_decides():
    told = {"values": [], "sessions": [], "errors": [{"id": "e"}]}
    assert open_list(told, {}).records == ()
    lines = {"hits": ["a"], "lines": ["b"]}
    assert open_list(lines, {}, lines=True).records == ("b",)
    with pytest.raises(ValueError, match="no list of records that can be told"):
        open_list({"first": [], "second": []}, {})


def test_what_the_document_calls_the_list_and_its_count_is_taken():
    told = {"rooms": [{"id": "r"}], "theirs": [{"id": "a"}], "how_many": 7}
    assert opened(told, records="theirs") == ([{"id": "a"}], None, None, None)
    assert opened(told, records="theirs", count="howmany")[1] == 7
    assert opened({**told, "how_many": 1}, records="theirs", count="howmany")[1] is None
    assert opened({"rooms": [], "theirs": []}, records="theirs")[0] == []


def test_a_total_that_is_nested_too_deeply_is_none():
    records = [{"id": "a"}]
    assert open_list({"sessions": records, "a": {"b": {"c": {"total": 5}}}}, {}).total == 5
    assert open_list({"sessions": records, "a": {"b": {"c": {"d": {"total": 5}}}}}, {}).total is None


@tried(150)
@given(sent.ANSWERS, sent.HEADERS, st.booleans())
def test_any_answer_holds_a_list_or_is_refused(answer: Any, headers: dict[str, str], lines: bool) -> None:
    assert checks.answer_fault(answer, headers, lines) is None

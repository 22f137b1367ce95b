# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a server pages, told from its document's parameters. Proves rule 20: what is not recognised is not read whole."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.openapi.document import Parameter
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.pagination import (
    UNDOCUMENTED,
    Pagination,
    pagination_from,
)


def whole(name, **limits):
    return Parameter(name, "query", "integer", **limits)


def text(name, form=""):
    return Parameter(name, "query", "string", form)


def told(*parameters):
    pagination = pagination_from(parameters)
    return pagination.style, pagination.position, pagination.size_name


@pytest.mark.parametrize("offset", "offset skip $skip startIndex start_at start from rowOffset page[offset]".split())
def test_names_of_offset_and_size(offset):
    for size in "limit size pageSize per_page max_results $top count page[limit]".split():
        assert told(text("state"), whole(size), whole(offset)) == ("offset", offset, size)


@pytest.mark.parametrize("page", "page pageNumber page_no page[number] pageIndex p currentPage".split())
def test_names_of_page_and_size(page):
    for size in "limit size pageSize per_page page[size] itemsPerPage n".split():
        assert told(text("state"), whole(size), whole(page)) == ("page", page, size)


@pytest.mark.parametrize(
    "cursor",
    "cursor pageToken page_token nextToken continuationToken marker starting_after page[cursor] page[after] $skiptoken "
    "bookmark scroll_id after next".split(),
)
def test_names_of_a_cursor(cursor):
    assert told(text("state"), whole("limit"), text(cursor)) == ("cursor", cursor, "limit")


@pytest.mark.parametrize("kind", ["string", "number", ""])
def test_names_that_leave_no_doubt_count_whatever_the_type(kind):
    assert told(Parameter("offset", "query", kind), Parameter("limit", "query", kind)) == ("offset", "offset", "limit")
    assert told(Parameter("page", "query", kind), Parameter("pageSize", "query", kind)) == ("page", "page", "pageSize")


@pytest.mark.parametrize("name", ["start", "from", "first", "begin", "position", "p"])
def test_a_doubtful_name_needs_the_type_of_a_number(name):
    assert told(text(name), whole("limit"))[1] != name


@pytest.mark.parametrize(
    "others", [[text("after", "date-time")], [text("after", "date")], [text("after"), text("before")]]
)
def test_after_as_a_time_filter_is_no_cursor(others):
    assert told(*others, whole("limit"))[0] == "none"
    assert told(*others, whole("limit"), whole("offset")) == ("offset", "offset", "limit")
    assert told(*others, whole("limit"), text("pageToken")) == ("cursor", "pageToken", "limit")


def test_the_parameters_of_the_vendors_task_service():
    names = [text("appName"), text("appVersion"), text("before"), text("after"), whole("offset"), whole("limit")]
    assert told(*names) == ("offset", "offset", "limit")


@pytest.mark.parametrize(("begin", "end"), [("from", "to"), ("begin", "end"), ("start", "end"), ("first", "last")])
def test_the_begin_of_a_range_is_not_an_offset(begin, end):
    assert told(whole(begin), whole(end), whole("limit"))[:2] == ("none", "")
    assert told(whole(begin), whole(end), whole("page"))[:2] == ("page", "page")
    assert told(whole(begin), whole("limit"))[:2] == ("offset", begin)


@pytest.mark.parametrize("filter_", [whole("max_age"), whole("priority"), whole("returnCode"), text("page_title")])
def test_a_filter_is_not_taken_for_the_page_size(filter_):
    assert told(filter_, whole("offset")) == ("offset", "offset", "")


@pytest.mark.parametrize("size", "MaxResultCount rowsPerPage takeRows".split())
@pytest.mark.parametrize("offset", "SkipCount skipRows".split())
def test_names_of_abp_and_others(offset, size):
    assert told(whole(offset), whole(size)) == ("offset", offset, size)


@pytest.mark.parametrize(
    ("parameter", "unread"),
    [
        (whole("lo", minimum=0), True),
        (whole("anzahl", default=20), True),
        (whole("anzahl", required=True), True),
        (whole("where"), False),
        (whole("priority", enum=("1", "2"), minimum=1), False),
        (Parameter("criteria", "query", "object"), True),
        (Parameter("where", "query", "object", inside="filter"), True),
        (text("state"), False),
    ],
)
def test_what_may_page_in_a_way_that_is_not_known(parameter, unread):
    """A list that cannot be driven must never be called complete."""
    assert pagination_from([parameter]).unread is unread
    assert not pagination_from([parameter, whole("offset")]).unread


def test_parameters_inside_of_another_one_are_sent_as_its_json():
    inner = [Parameter(name, "query", "integer", inside="filter") for name in ("limit", "offset")]
    pagination = pagination_from([*inner, Parameter("where", "query", "object", inside="filter")])
    assert (pagination.style, pagination.position, pagination.size_name) == ("offset", "offset", "limit")
    assert pagination.query(100) == {"filter": '{"limit": 100}'}
    assert pagination.query(100, "200") == {"filter": '{"limit": 100, "offset": 200}'}
    assert pagination.inside == "filter"
    mixed = pagination_from([whole("offset"), inner[0]])
    assert (mixed.size_name, mixed.inside) == ("", "")


@pytest.mark.parametrize(
    ("fields", "records", "count"),
    [
        ([("items", "array", "id"), ("n", "integer")], "items", ""),
        ([("a", "array", "id"), ("b", "array", "title"), ("rowsTotal", "integer")], "a", "rowstotal"),
        ([("a", "array", "id"), ("b", "array", "uuid")], "", ""),
        ([("a", "array", "x"), ("b", "array", "y")], "", ""),
        ([("a", "array", "x"), ("totalPages", "integer"), ("hits_count", "integer")], "a", "hitscount"),
        ([("a", "array", "x"), ("count", "integer"), ("total", "integer")], "a", ""),
        ([], "", ""),
    ],
)
def test_what_the_document_calls_the_list_and_its_count(fields, records, count):
    answer = [(name, kind, tuple(inner)) for name, kind, *inner in fields]
    names = pagination_from([text("pageToken")], answer).names
    assert names == (records, count, "pagetoken")


def test_offset_wins_over_page_and_page_over_cursor():
    assert told(text("cursor"), whole("page"), whole("offset"), whole("limit"))[0] == "offset"
    assert told(text("cursor"), whole("page"), whole("limit"))[0] == "page"


def test_nothing_that_pages():
    assert pagination_from([]).style == "none"
    assert told(text("state"), text("owner"), whole("returnCode"))[0] == "none"


@pytest.mark.parametrize(
    ("limits", "size"),
    [
        ({"maximum": 250}, 250),
        ({"maximum": 20}, 20),
        ({"maximum": 100_000}, 1000),
        ({"maximum": 0}, 100),
        ({"default": 500}, 500),
        ({"default": 20}, 100),
        ({"default": 50, "maximum": 200}, 200),
        ({"minimum": 200}, 200),
        ({"enum": ("10", "25", "50")}, 50),
        ({"enum": ("10", "5000")}, 10),
        ({"enum": ("all",)}, 100),
        ({}, 100),
    ],
)
def test_the_size_asked_for_is_what_the_document_allows(limits, size):
    pagination = pagination_from([whole("offset"), whole("limit", **limits)])
    assert (pagination.size, pagination.query(pagination.size)) == (size, {"limit": str(size)})


def test_of_listed_sizes_only_these_are_asked_for():
    pagination = pagination_from([whole("offset"), whole("limit", enum=("10", "25", "50"))])
    asked = {size: pagination.query(size)["limit"] for size in (5, 10, 11, 44, 50, 99)}
    assert asked == {5: "10", 10: "10", 11: "25", 44: "50", 50: "50", 99: "50"}
    assert [pagination.size_below(size) for size in (9, 10, 49, 99)] == [0, 10, 25, 50]


@pytest.mark.parametrize(
    ("page", "base"),
    [
        (whole("page", default=0), 0),
        (whole("page", default=1), 1),
        (whole("page", minimum=0), 0),
        (whole("page", minimum=1), 1),
        (whole("page"), None),
        (whole("page", default=7), None),
    ],
)
def test_the_number_of_the_first_page(page, base):
    assert pagination_from([page, whole("size")]).base == base


@pytest.mark.parametrize("position", ["offset", "page"])
@pytest.mark.parametrize("required", [True, False])
def test_a_position_that_is_required(position, required):
    assert pagination_from([whole(position, required=required)]).required is required
    assert not pagination_from([Parameter("cursor", "query", "string", required=True)]).required


def test_without_a_size_parameter_none_is_sent():
    assert Pagination("offset", "offset", "limit").query(0, "7") == {"offset": "7"}
    assert Pagination("offset", "offset").query(100) == {}


def test_what_is_tried_without_a_document():
    assert [(guess.style, guess.position, guess.size_name) for guess in UNDOCUMENTED] == [
        ("offset", "offset", ""),
        ("page", "page", ""),
    ]

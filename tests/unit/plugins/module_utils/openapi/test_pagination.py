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


def whole(name, description="", **limits):
    return Parameter(name, "query", "integer", description=description, **limits)


def text(name, description="", form=""):
    return Parameter(name, "query", "string", form, description)


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
    ("position", "style"),
    [
        (whole("lo", "How many sessions to skip"), "offset"),
        (whole("x", "Offset of the first session"), "offset"),
        (whole("blatt", "The page number, from 1"), "page"),
        (whole("blatt", "Which page to return"), "page"),
        (text("c", "An opaque cursor from the previous answer"), "cursor"),
        (text("c", "Continuation of an earlier request"), "cursor"),
    ],
)
def test_by_description(position, style):
    assert told(position, whole("anzahl", "Page size")) == (style, position.name, "anzahl")


@pytest.mark.parametrize("said", ["Page size", "Maximum number of sessions to return", "Sessions per page"])
def test_a_size_by_description(said):
    assert told(whole("offset"), whole("anzahl", said)) == ("offset", "offset", "anzahl")


@pytest.mark.parametrize(
    "after",
    [
        text("after", form="date-time"),
        text("after", form="date"),
        text("after", "Only sessions created after this time"),
        text("after", "Timestamp; sessions started before it are left out"),
        text("since", "Only sessions since this date"),
        whole("after", "Epoch seconds"),
    ],
)
def test_after_as_a_time_filter_is_no_cursor(after):
    assert told(after, whole("limit"))[0] == "none"
    assert told(after, whole("limit"), whole("offset")) == ("offset", "offset", "limit")
    assert told(after, whole("limit"), text("pageToken")) == ("cursor", "pageToken", "limit")


def test_after_that_is_said_to_be_a_cursor_is_one():
    assert told(text("after", "Cursor: the last id of the previous page"), whole("limit"))[:2] == ("cursor", "after")


def test_the_parameters_of_the_vendors_task_service():
    names = [text("appName"), text("appVersion"), text("before"), text("after"), whole("offset"), whole("limit")]
    assert told(*names) == ("offset", "offset", "limit")


@pytest.mark.parametrize("name", ["from", "begin", "start"])
@pytest.mark.parametrize("position", [text("cursor"), whole("page"), whole("offset")])
def test_a_time_in_numbers_is_not_an_offset(name, position):
    assert told(whole(name, "Begin of the time range, epoch milliseconds"), position)[1] == position.name


@pytest.mark.parametrize(
    "filter_",
    [
        whole("max_age", "Only sessions at most so many seconds old"),
        whole("priority", "Only tasks with this number of sessions before them"),
        whole("returnCode", "The code the task ended with"),
        text("page_title", "Title of the page that is open"),
    ],
)
def test_a_filter_is_not_taken_for_the_page_size(filter_):
    assert told(filter_, whole("offset")) == ("offset", "offset", "")


def test_offset_wins_over_page_and_page_over_cursor():
    assert told(text("cursor"), whole("page"), whole("offset"), whole("limit"))[0] == "offset"
    assert told(text("cursor"), whole("page"), whole("limit"))[0] == "page"


def test_nothing_that_pages():
    assert pagination_from([]).style == "none"
    assert told(text("state"), text("owner"), whole("returnCode"))[0] == "none"


@pytest.mark.parametrize(
    ("limits", "size", "sure"),
    [
        ({"maximum": 250}, 250, True),
        ({"maximum": 20}, 20, True),
        ({"maximum": 100_000}, 1000, True),
        ({"maximum": 0}, 100, False),
        ({"default": 500}, 500, True),
        ({"default": 20}, 100, False),
        ({"default": 50, "maximum": 200}, 200, True),
        ({}, 100, False),
    ],
)
def test_the_size_asked_for_is_what_the_document_allows(limits, size, sure):
    pagination = pagination_from([whole("offset"), whole("limit", **limits)])
    assert (pagination.size, pagination.sure_size, pagination.sized(pagination.size)) == (
        size,
        sure,
        {"limit": str(size)},
    )


@pytest.mark.parametrize(
    ("page", "base"),
    [
        (whole("page", default=0), 0),
        (whole("page", default=1), 1),
        (whole("page", minimum=0), 0),
        (whole("page", minimum=1), 1),
        (whole("page", "The page number, zero-based"), 0),
        (whole("page", "The page number, starting at 1"), 1),
        (whole("page", "The page number"), None),
        (whole("page", default=7), None),
    ],
)
def test_the_number_of_the_first_page(page, base):
    assert pagination_from([page, whole("size")]).base == base


def test_without_a_size_parameter_none_is_sent():
    assert Pagination("offset", "offset").sized(100) == {}


def test_what_is_tried_without_a_document():
    assert [(guess.style, guess.position, guess.size_name) for guess in UNDOCUMENTED] == [
        ("offset", "offset", ""),
        ("page", "page", ""),
    ]


def test_a_sure_name_of_a_cursor_counts_whatever_words_describe_it():
    cursor = Parameter("cursor", "query", "string", description="Where to go on, as the page before said, at any time.")
    assert told(whole("max"), cursor) == ("cursor", "cursor", "max")

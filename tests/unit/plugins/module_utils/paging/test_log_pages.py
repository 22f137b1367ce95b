# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A log is read whole, page by page, in every style of paging; what is not whole is said. Proves rule 29."""

from __future__ import annotations

from itertools import chain

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import HttpError
from ansible_collections.aimms.cloud.plugins.module_utils.models.log_line import LogLine
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.pagination import Pagination
from ansible_collections.aimms.cloud.plugins.module_utils.paging.log_pages import LogPage, LogPages, understood
from ansible_collections.aimms.cloud.plugins.module_utils.paging.pages import NO_PROGRESS
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Instant


def log(count):
    return [LogLine(Instant(1_700_000_000.0 + number), f"line {number}") for number in range(count)]


class Server:
    """Answers pages of a log; ``asked`` has the queries."""

    def __init__(self, lines, style="offset", *, cap=10, base=1, total=True, more=None, grow=0):
        self.lines, self.style, self.cap, self.base = list(lines), style, cap, base
        self.total, self.more, self.grow, self.asked = total, more, grow, []

    def __call__(self, query):
        self.asked.append(dict(query))
        size = min(int(query.get("limit", self.cap)), self.cap)
        start = {
            "offset": lambda: int(query.get("offset", 0)),
            "page": lambda: (int(query.get("page", self.base)) - self.base) * size,
            "cursor": lambda: int(query.get("cursor", 0)),
        }.get(self.style, lambda: 0)()
        part = self.lines[start : start + size]
        rest = start + size < len(self.lines)
        after = {"cursor": str(start + size), "url": {"offset": str(start + size)}}.get(self.style)
        found = LogPage(
            tuple(part),
            len(self.lines) if self.total else None,
            after if rest else None,
            rest if self.more else None,
        )
        self.lines += log(len(self.lines) + self.grow)[len(self.lines) :]
        return found


def whole(pages):
    return list(chain.from_iterable(page.lines for page in pages.forward()))


STYLES = {
    "offset": Pagination("offset", "offset", "limit", 10),
    "offset, size unsure": Pagination("offset", "offset", "limit", 100),
    "offset, no size": Pagination("offset", "offset", "", 100),
    "page from 1": Pagination("page", "page", "limit", 10, 1),
    "page from 0": Pagination("page", "page", "limit", 10, 0),
    "page, base unknown": Pagination("page", "page", "limit", 10),
    "cursor": Pagination("cursor", "cursor", "limit", 10),
    "address": Pagination("none", "", "limit", 10),
}


def server_for(name, lines, **options):
    style = name.split()[0].strip(",")
    base = 0 if name == "page from 0" else 1
    return Server(lines, "url" if style == "address" else style, base=base, **options)


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 20, 25])
@pytest.mark.parametrize("total", [True, False], ids=["total", "no total"])
@pytest.mark.parametrize("name", [name for name in STYLES if name != "address"])
def test_every_line_is_read_once_in_order(name, total, count):
    server = server_for(name, log(count), total=total)
    pages = LogPages(server, STYLES[name])
    assert whole(pages) == log(count)
    assert pages.problem is None
    assert len(server.asked) <= count // 10 + 3


def test_an_address_of_the_next_page_is_followed():
    def fetch(query):
        server.style = "offset"
        page = server(query)
        start = int(query.get("offset", 0)) + 10
        return LogPage(page.lines, page.total, {"offset": str(start)} if start < 25 else None)

    server = Server(log(25))
    assert whole(LogPages(fetch, STYLES["address"])) == log(25)


@pytest.mark.parametrize("base", [0, 1])
def test_the_number_of_the_first_page_is_found_out(base):
    server = Server(log(35), "page", base=base)
    pages = LogPages(server, STYLES["page, base unknown"])
    assert whole(pages) == log(35)
    assert pages.base == base


@pytest.mark.parametrize("name", ["offset", "page from 1", "cursor"])
def test_lines_that_are_added_meanwhile_do_no_harm(name):
    server = server_for(name, log(25), grow=2)
    pages = LogPages(server, STYLES[name])
    found = whole(pages)
    assert found[:25] == log(25)
    assert len(found) == len(set(found))
    assert pages.problem is None


def test_a_server_that_ignores_the_position_is_noticed():
    first = tuple(log(10))
    pages = LogPages(lambda _query: LogPage(first, 30), STYLES["offset"])
    assert whole(pages) == log(10)
    assert pages.problem == NO_PROGRESS


def test_an_endless_log_ends_after_a_thousand_pages():
    numbers = iter(range(10**6))
    asked = []

    def fetch(query):
        asked.append(query)
        return LogPage((LogLine(None, str(next(numbers))),), None, "on")

    pages = LogPages(fetch, STYLES["cursor"])
    whole(pages)
    assert len(asked) == 1000
    assert "more after 1000 pages" in pages.problem


@pytest.mark.parametrize(
    ("page", "problem"),
    [
        (LogPage(tuple(log(10)), more=True), "names no way to it"),
        (LogPage(tuple(log(10)), total=11), "names no way to it"),
        (LogPage(tuple(log(10)), next="token"), "no parameter for it"),
    ],
)
def test_more_without_a_way_to_it_is_said(page, problem):
    pages = LogPages(lambda _query: page, Pagination("none"))
    assert whole(pages) == log(10)
    assert problem in pages.problem


def test_reading_can_begin_anywhere():
    server = Server(log(35))
    assert (
        list(chain.from_iterable(page.lines for page in LogPages(server, STYLES["offset"]).forward(33))) == log(35)[33:]
    )
    server = Server(log(35), "page", base=0)
    assert (
        list(chain.from_iterable(p.lines for p in LogPages(server, STYLES["page from 0"]).forward(3))) == log(35)[30:]
    )


@pytest.mark.parametrize(
    ("lines", "expected"), [(log(3), False), (log(3)[::-1], True), (log(1), None), ([LogLine(None, "x")] * 2, None)]
)
def test_which_way_the_lines_go(lines, expected):
    assert LogPage(tuple(lines)).newest_first is expected


@pytest.mark.parametrize("style", ["offset", "page"])
@pytest.mark.parametrize("total", [True, False])
def test_without_a_document_the_usual_parameters_are_tried(style, total):
    server = Server(log(35), style, total=total)

    def fetch(query):
        if set(query) - {style}:
            raise HttpError("GET /x", 400)
        return server(query)

    pages = understood(fetch, Pagination("unknown"))
    assert whole(pages) == log(35)
    assert pages.problem is None


def test_without_a_document_a_server_that_knows_no_paging_is_noticed():
    pages = understood(lambda _query: LogPage(tuple(log(10))), Pagination("unknown"))
    whole(pages)
    assert pages.problem == NO_PROGRESS


def test_another_failure_is_none_of_understanding():
    def fetch(query):
        if query:
            raise HttpError("GET /x", 503)
        return LogPage(tuple(log(10)))

    with pytest.raises(HttpError):
        understood(fetch, Pagination("unknown"))


@pytest.mark.parametrize("told", [6, 10, 20])
def test_a_total_that_is_too_small_is_no_end(told):
    server = Server(log(25))
    pages = LogPages(lambda query: LogPage(server(query).lines, told), STYLES["offset"])
    assert (whole(pages), pages.problem) == (log(25), None)


@pytest.mark.parametrize("base", [0, 1])
@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("more", [0, 1, 3, 9, 10, 25])
@pytest.mark.parametrize("style", ["offset", "page"])
def test_a_log_with_the_newest_line_first_that_grows_is_read_whole_or_said_not_to_be(style, more, told, base):
    class Growing(Server):
        def __call__(self, query):
            found = super().__call__(query)
            number = len(self.lines)
            if len(self.asked) == 1:
                self.lines = log(number + more)[::-1]
            return found

    server = Growing(log(43)[::-1], style, base=base, total=told)
    pages = LogPages(server, Pagination(style, style, "limit", 10))
    read = whole(pages)
    if not pages.problem:
        assert read == log(43)[::-1]
    # Where the first page's number is not known, the second page may look like the first one with new lines.
    assert not pages.problem or (style == "page" and more and (more > 9 or not told)) or (more > 9 and not told)

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a list ends, and what is done where a service refuses or misleads. Proves rules 20, 29, 33 and 35.

Sessions and logs are read in the same way: most tests are for both.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import HttpError
from ansible_collections.aimms.cloud.plugins.module_utils.paging.pages import NO_PROGRESS, NO_WAY
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.any_service import (
    STYLES,
    Service,
    Style,
    read_log,
    read_sessions,
)

SERVICES = 1000
ways = pytest.mark.parametrize("read", [read_sessions, read_log])
PLAIN = Service(
    STYLES["FastAPI"], "bare", 250, 100, "maximum", "cut", "empty", 1000, False, False, False, False, False
)  # fmt: skip
DJANGO, SPRING = STYLES["Django REST"], STYLES["Spring"]


def like(**changes):
    return replace(PLAIN, **changes)


def outcome(read, service):
    result = read(service)
    return result.found, result.complete


@ways
def test_no_list_is_called_complete_that_is_not_whatever_the_service(read):
    """Rule 35, over documents x answers x limits x ends. The full number is in the campaign `whole_lists`."""
    wrong, refused, readable, most = [], [], 0, 0
    for seed in range(SERVICES):
        service = Service.draw(Random(seed))
        result = read(service)
        if result.complete and service.wrong(result):
            wrong.append((seed, service, result))
        readable += service.readable
        if service.readable and not result.complete:
            refused.append((seed, result.said))
        most = max(most, result.requests - 4 * (service.length // min(service.cap, 20)))
    assert wrong == []
    assert readable > SERVICES // 2
    assert len(refused) <= readable // 25, refused
    assert most <= 16


# Rule 35: a page shorter than asked for


@ways
@pytest.mark.parametrize(
    "name", ["FastAPI", "ABP", "Django REST", "Spring", "springdoc", "LoopBack", "JSON:API by page"]
)
@pytest.mark.parametrize("cap", [5, 33, 100])
@pytest.mark.parametrize("limit", ["maximum", "3.0", "3.1", "float", "nothing"])
def test_a_server_that_gives_fewer_than_its_document_allows_is_read_on(read, name, cap, limit):
    for length in (cap - 1, cap, cap + 1, 250):
        assert outcome(read, like(style=STYLES[name], cap=cap, limit=limit, length=length)) == (length, True)


@pytest.mark.parametrize(
    ("changes", "requests"),
    [
        ({"envelope": "vendor", "length": 4}, 1),
        ({"envelope": "vendor", "length": 0}, 1),
        ({"length": 4}, 2),
        ({"length": 0}, 1),
        ({"length": 4, "envelope": "items", "style": STYLES["cursor in the body"]}, 1),
        ({"length": 7, "style": STYLES["Link"]}, 2),
        ({"length": 150, "style": STYLES["Link"]}, 4),
        ({"length": 3, "style": STYLES["Link"]}, 1),
        ({"length": 4, "envelope": "vendor", "style": DJANGO}, 1),
        ({"length": 7, "style": STYLES["nothing that pages"]}, 1),
    ],
)
def test_one_more_request_only_where_the_answer_does_not_tell_the_end(changes, requests):
    service = like(**changes)
    assert outcome(read_sessions, service) == (service.length, True)
    assert service.requests == requests


@pytest.mark.parametrize("name", ["FastAPI", "Django REST", "Spring", "page numbers, of which nothing is said"])
@pytest.mark.parametrize("past", ["empty", "404"])
@pytest.mark.parametrize(("envelope", "most"), [("vendor", 9), ("bare", 18)])
def test_330_in_pages_of_50(name, past, envelope, most):
    """Pages by number, without a total, are read twice, as only then it is proven that none was missed."""
    service = like(style=STYLES[name], length=330, cap=50, documented=50, past=past, envelope=envelope)
    assert outcome(read_sessions, service) == (330, True)
    assert service.requests <= (8 if name == "FastAPI" else most)


def test_330_in_pages_of_50_by_cursor_are_read_twice_also_with_a_total():
    """A pointer may be a position: what vanishes before it hides a record, which one that appears makes up for.

    The total stays the same then, and so many records were seen, in one pass. See `test_listing_moving.py`.
    """
    service = like(style=STYLES["cursor in the body"], length=330, cap=50, documented=50, envelope="vendor")
    assert outcome(read_sessions, service) == (330, True)
    assert service.requests <= 15


@ways
@pytest.mark.parametrize("length", [5, 20, 110])
def test_what_cannot_be_driven_is_never_complete_unless_it_counts(read, length):
    for name in ("names of nobody", "an object that is not described"):
        assert not read(like(style=STYLES[name], length=length, cap=20)).complete
        counted = like(style=STYLES[name], length=length, cap=20, envelope="vendor")
        assert outcome(read, counted) == (min(length, 20), length <= 20)


@ways
def test_a_size_without_a_position_shows_no_end(read):
    assert read(like(style=STYLES["only a size"], length=100)).said == NO_WAY
    assert outcome(read, like(style=STYLES["only a size"], length=4)) == (4, True)


# The base of page numbers is what the answers show


@ways
@pytest.mark.parametrize("said", [None, 0, 1])
@pytest.mark.parametrize("base", [0, 1])
@pytest.mark.parametrize("envelope", ["bare", "vendor"])
@pytest.mark.parametrize("required", [True, False])
def test_the_first_page_is_found_whatever_the_document_says(read, said, base, envelope, required):
    for length in (1, 19, 20, 21, 110):
        style = Style("page", "size", base=base, said=said)
        service = like(style=style, envelope=envelope, cap=20, length=length, past="404", required=required)
        assert outcome(read, service) == (length, True)


# A 404


def interrupted(service, number, status, form="detail Invalid page."):
    """The service, whose answer to one request is this status."""
    answer = service.answer

    def answered(query):
        if service.requests == number - 1:
            service.requests += 1
            raise HttpError("GET /sessions/webui", status, form=form)
        return answer(query)

    service.answer = answered
    return service


@ways
@pytest.mark.parametrize("style", [DJANGO, SPRING, STYLES["offset without a size"]])
def test_a_404_past_the_last_page_is_an_end(read, style):
    for length in (1, 19, 20, 21, 110):
        assert outcome(read, like(style=style, cap=20, length=length, past="404")) == (length, True)


@ways
@pytest.mark.parametrize("style", [PLAIN.style, DJANGO])
@pytest.mark.parametrize("number", [2, 3, 4])
def test_a_404_that_comes_once_is_no_end(read, style, number):
    assert outcome(read, interrupted(like(style=style), number, 404)) == (250, True)


@ways
@pytest.mark.parametrize("style", [PLAIN.style, DJANGO])
def test_a_404_of_a_page_or_of_the_first_request_is_an_error(read, style):
    assert "answered 404" in read(interrupted(like(style=style), 3, 404, form="")).said
    assert "answered 404" in read(interrupted(like(style=style), 1, 404)).said


@ways
@pytest.mark.parametrize("style", [PLAIN.style, DJANGO])
def test_a_404_before_as_many_as_are_counted_makes_it_incomplete(read, style):
    service = like(style=style, envelope="vendor", past="404")
    answer = service.answer

    def answered(query):
        if int(query.get(style.position, 0)) > 1 + style.base:
            raise HttpError("GET /sessions/webui", 404, form="detail Invalid page.")
        return answer(query)

    service.answer = answered
    assert "the server counts 250" in read(service).said


# A refusal of the first page


@ways
@pytest.mark.parametrize("status", ["400", "422"])
@pytest.mark.parametrize("name", ["FastAPI", "Django REST", "Link", "LoopBack"])
@pytest.mark.parametrize("required", [True, False])
def test_a_size_that_is_refused_is_left_out(read, status, name, required):
    required = required and name != "Link"
    service = like(style=STYLES[name], over=status, cap=50, length=110, limit="nothing", required=required)
    assert outcome(read, service) == (110, True)


def test_a_size_that_is_required_and_refused_is_made_smaller():
    service = like(over="422", cap=20, length=110, limit="nothing")
    asked, answer = [], service.answer

    def answered(query):
        asked.append(query.get("limit"))
        if "limit" not in query:
            raise HttpError("GET /sessions/webui", 422)
        return answer(query)

    service.answer = answered
    assert outcome(read_sessions, service) == (110, True)
    assert asked[:5] == ["100", None, "50", "20", "20"]


@ways
def test_a_service_that_refuses_everything_is_asked_a_few_times_and_its_first_answer_told(read):
    service = like()

    def answered(_query):
        service.requests += 1
        raise HttpError("GET /sessions/webui", 400, f"No. {service.requests}")

    service.answer = answered
    assert "No. 1" in read(service).said
    assert service.requests == 5


@pytest.mark.parametrize(("status", "requests"), [(403, 1), (404, 1), (500, 1), (401, 1)])
def test_another_refusal_is_no_matter_of_sizes(status, requests):
    service = interrupted(like(), 1, status)
    assert not read_sessions(service).complete
    assert service.requests == requests


def test_sizes_that_the_document_lists_are_not_made_smaller():
    service = like(limit="enum", documented=100, over="422", cap=50)
    assert not read_sessions(service).complete
    assert service.requests == 1


# What misleads


@ways
@pytest.mark.parametrize("name", ["FastAPI", "Django REST"])
@pytest.mark.parametrize("envelope", ["bare", "vendor", "count of the page"])
def test_a_server_that_ignores_the_position_is_never_complete(read, name, envelope):
    service = like(style=STYLES[name], deaf=True, envelope=envelope)
    assert read(service).said in (NO_PROGRESS, "the server counts 250 lines and gave 100")
    assert service.requests < 6


@ways
@pytest.mark.parametrize("length", [100, 101, 250])
def test_a_server_that_counts_its_pages_by_the_size_it_was_asked_for(read, length):
    """It gives 100 of the 1000 on the first page, and begins the second one at 1000."""
    assert outcome(read, like(style=SPRING, by_size_asked=True, length=length)) == (length, True)

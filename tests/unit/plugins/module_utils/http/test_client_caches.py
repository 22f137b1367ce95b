# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Caches and cookies on the way: whose clock counts, what is no present answer, what is never sent back."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import AnswerError
from ansible_collections.aimms.cloud.plugins.module_utils.http.client import HttpClient
from ansible_collections.aimms.cloud.plugins.module_utils.http.response import age_of
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.loopback import Server, answer, connection

DATE, SECONDS = "Sat, 31 Jan 2026 08:00:00 GMT", 1769846400.0
AGES = [
    ({}, 0),
    ({"Age": "0"}, 0),
    ({"Age": "300"}, 300),
    ({"Age": " 7 "}, 7),
    ({"Age": "x"}, None),
    ({"Age": "-1"}, None),
    ({"Age": "9" * 12}, None),
    ({"X-Cache": "HIT"}, None),
    ({"X-Cache": "Hit from cloudfront", "Age": "5"}, 5),
    ({"X-Cache": "MISS"}, 0),
    ({"X-Cache": "RefreshHit from cloudfront"}, 0),
    ({"CF-Cache-Status": "REVALIDATED"}, 0),
    ({"CF-Cache-Status": "HIT"}, None),
    ({"Cache-Status": "Edge; hit; ttl=30"}, None),
    ({"Warning": '110 proxy "Response is Stale"'}, None),
    ({"Warning": '199 a "x", 111 proxy "Revalidation Failed"'}, None),
    ({"Warning": '112 - "Disconnected Operation"'}, None),
    ({"Warning": '110 - "Response is Stale"', "Age": "7"}, 7),
    ({"Warning": '199 - "110 sessions"'}, 0),
]


@pytest.mark.parametrize(("headers", "age"), AGES)
def test_the_age_of_an_answer(headers, age):
    assert age_of(headers) == age


def test_every_request_asks_caches_for_the_service_itself():
    with Server() as service:
        client = HttpClient(connection(service.url))
        client.get("/a")
        client.send("PATCH", "/a")
        client.stream("/a", (), list)
    assert [one.headers["cache-control"] for one in service.requests] == ["no-cache"] * 3
    assert {one.headers["pragma"] for one in service.requests} == {"no-cache"}


def test_no_cookie_is_kept_or_sent_back():
    with Server(
        answer(200, b"{}", set_cookie="guest=1; Path=/"), answer(404, b"{}", set_cookie="b=2"), answer()
    ) as service:
        client = HttpClient(connection(service.url))
        client.get("/a")
        with pytest.raises(Exception, match="404"):
            client.get("/b")
        client.send("PATCH", "/a")
    assert [one.headers.get("cookie") for one in service.requests] == [None] * 3


@pytest.mark.parametrize(("headers", "server"), [({}, SECONDS), ({"age": "300"}, SECONDS + 300), ({"age": "x"}, None)])
def test_the_clock_of_the_service_is_the_date_and_the_age_of_an_answer(headers, server):
    with Server(answer(200, b"{}", date=DATE, **headers)) as service:
        client = HttpClient(connection(service.url))
        client.get("/a")
        told = client.clock().server
    assert told is None if server is None else 0 <= told - server < 60


def test_the_date_of_a_file_is_not_the_clock_of_the_service():
    with Server(answer(200, b"{}", date=DATE)) as service:
        client = HttpClient(connection(service.url))
        assert client.get("/openapi.yaml", static=True).dated == SECONDS
        assert client.clock().server is None


@pytest.mark.parametrize("headers", [{"age": "1"}, {"x_cache": "HIT"}, {"warning": "110 - x"}])
def test_an_answer_of_a_cache_is_not_a_present_one(headers):
    with Server(answer(200, b"{}", **headers)) as service:
        client = HttpClient(connection(service.url))
        assert client.get("/a").cached
        with pytest.raises(AnswerError, match="was answered from a cache"):
            client.get("/a", live=True)
        with pytest.raises(AnswerError, match="was answered from a cache"):
            client.stream("/a", (), list)


@pytest.mark.parametrize("status", [201, 202, 203, 205, 206, 207, 226])
def test_a_read_is_answered_by_200_only(status):
    with Server(answer(status, b"[]")) as service:
        client = HttpClient(connection(service.url))
        for read in (lambda: client.get("/a"), lambda: client.stream("/a", (), list)):
            with pytest.raises(AnswerError, match=f"GET /a answered {status}, which is not the whole answer"):
                read()
        assert client.send("PATCH", "/a").status == status


def test_a_range_of_bytes_is_no_whole_answer_and_a_range_of_records_only_of_a_list():
    part = answer(200, b"[]", content_range="bytes 0-1/900")
    with Server(part) as service, pytest.raises(AnswerError, match="not the whole answer"):
        HttpClient(connection(service.url)).get("/a")
    with Server(answer(200, b"[]", content_range="items 0-1/900")) as service:
        client = HttpClient(connection(service.url))
        assert client.get("/a").json() == []
        with pytest.raises(AnswerError, match="not the whole answer"):
            client.stream("/a", (), list)

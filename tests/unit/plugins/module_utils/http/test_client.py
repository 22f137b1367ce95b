# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is tried again, how often and after how long. Proves rule 6, and rule 7 as far as one request goes."""

from __future__ import annotations

import random
import socket
import threading
from dataclasses import replace
from email.utils import formatdate
from typing import Any

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import AnswerError, HttpError, TransportError
from ansible_collections.aimms.cloud.plugins.module_utils.http import client
from ansible_collections.aimms.cloud.plugins.module_utils.http.client import HttpClient
from ansible_collections.aimms.cloud.tests.timing import PATIENCE, until, within
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.loopback import (
    PausedClock,
    Reply,
    Server,
    answer,
    connection,
    cut,
    hang_up,
    reset,
    silence,
)

WHOLE = answer(200, b'{"a": 1}')
BROKEN: dict[str, Reply] = {
    "reset": reset,
    "closed": hang_up,
    "timeout": silence,
    "cut in the headers": cut(WHOLE, 20),
    "cut in the body": cut(WHOLE, len(WHOLE) - 3),
    "cut in a chunk": cut(answer(200, b"8\r\n{", transfer_encoding="chunked"), 1000),
    "chunks without an end": cut(answer(200, b'8\r\n{"a": 1}\r\n', transfer_encoding="chunked"), 1000),
    "not HTTP": cut(b"220 mail.example ESMTP\r\n\r\n", 1000),
}
SHORT = {kind: 1 if kind == "timeout" else 30 for kind in BROKEN}
"""Seconds that a try may last."""
RETRIED = [429, 500, 502, 503, 504]
FINAL = [400, 401, 403, 404, 405, 409, 410, 422, 501]


NOW = 1_780_000_000.0


@pytest.fixture(name="clock", autouse=True)
def without_pauses(monkeypatch: pytest.MonkeyPatch) -> PausedClock:
    """The client's clock: what it waits between two tries is over at once, and what a try takes does not count."""
    random.seed(3)  # the first pauses that follow are 0.12 and 0.54 s long
    clock = PausedClock(NOW)
    monkeypatch.setattr(client, "time", clock)
    return clock


def waits(transport: HttpClient, seconds: int) -> None:
    """From now on each try may last so long: silence is to be over soon, but a busy machine needs its time."""
    transport.connection = replace(transport.connection, timeout=seconds)


# How often


@pytest.mark.parametrize("kind", BROKEN)
def test_read_that_broke_is_tried_again(kind: str, clock: PausedClock) -> None:
    with Server(BROKEN[kind], WHOLE) as service:
        transport = HttpClient(connection(service.url, retries=1, timeout=SHORT[kind]))
        clock.then = lambda: waits(transport, 30)
        assert transport.get("/a").json() == {"a": 1}
        until(lambda: service.methods() == ["GET", "GET"])


@pytest.mark.parametrize("kind", BROKEN)
def test_read_gives_up_after_its_retries(kind: str) -> None:
    with Server(BROKEN[kind]) as service:
        with pytest.raises(TransportError, match="GET /a"):
            HttpClient(connection(service.url, retries=1, timeout=SHORT[kind])).get("/a")
        until(lambda: len(service.requests) >= 2)
        assert len(service.requests) == 2


@pytest.mark.parametrize("status", RETRIED)
def test_retried_status_is_tried_again_until_it_is_well(status: int) -> None:
    bad = answer(status, retry_after="0")
    with Server(bad, bad, bad, WHOLE) as service:
        assert HttpClient(connection(service.url, retries=4)).get("/a").status == 200
        assert len(service.requests) == 4


@pytest.mark.parametrize("status", RETRIED)
@pytest.mark.parametrize("retries", [0, 2])
def test_retried_status_is_reported_after_the_retries(status: int, retries: int) -> None:
    with Server(answer(status, b'{"message": "busy"}', retry_after="0")) as service:
        with pytest.raises(HttpError, match=f"{status}: busy") as caught:
            HttpClient(connection(service.url, retries=retries)).get("/a")
        assert len(service.requests) == 1 + retries
    assert caught.value.status == status


@pytest.mark.parametrize("status", FINAL)
def test_other_status_is_not_tried_again(status: int) -> None:
    with Server(answer(status)) as service:
        with pytest.raises(HttpError, match=str(status)):
            HttpClient(connection(service.url, retries=4)).get("/a")
        assert len(service.requests) == 1


def test_refused_connection_is_tried_again(clock: PausedClock) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    listener.close()
    with pytest.raises(TransportError, match="refused the connection") as caught:
        HttpClient(connection(f"http://127.0.0.1:{port}", retries=2)).get("/a")
    assert not caught.value.sent
    assert len(clock.pauses) == 2


def test_attempts_lower_the_number_of_tries_but_never_raise_it() -> None:
    with Server(answer(503, retry_after="0")) as service:
        for retries, attempts, tries in ((4, 2, 2), (1, 4, 2), (4, 1, 1)):
            service.requests.clear()
            with pytest.raises(HttpError):
                HttpClient(connection(service.url, retries=retries)).get("/a", attempts=attempts)
            assert len(service.requests) == tries


# After how long


def test_pauses_are_of_random_length_and_bounded(clock: PausedClock) -> None:
    with Server(answer(503)) as service, pytest.raises(HttpError):
        HttpClient(connection(service.url, retries=2)).get("/a")
    first, second = clock.pauses
    assert 0.0 <= first <= 0.5
    assert 0.0 <= second <= 1.0
    assert abs(first - second) > 0.05


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("value", ["7", formatdate(NOW + 7, usegmt=True)], ids=["seconds", "date"])
def test_retry_after_is_honoured(status: int, value: str, clock: PausedClock) -> None:
    with Server(answer(status, retry_after=value), WHOLE) as service:
        HttpClient(connection(service.url, retries=1)).get("/a")
    assert clock.pauses == [7.0]


def test_retry_after_is_really_waited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    with Server(answer(429, retry_after="1"), WHOLE) as service, within(1 + 2, at_least=1.0):
        HttpClient(connection(service.url, retries=1)).get("/a")


def test_retry_after_in_the_past_does_not_wait(clock: PausedClock) -> None:
    with Server(answer(429, retry_after="Sun, 06 Nov 1994 08:49:37 GMT"), WHOLE) as service:
        HttpClient(connection(service.url, retries=1)).get("/a")
    assert clock.pauses == [0.0]


@pytest.mark.parametrize("value", ["soon", "-5", "1e9", "\u00b2", "99999 bottles", "Sun, 99 Nov 2999", "0x10", ""])
def test_malformed_retry_after_is_ignored(value: str, clock: PausedClock) -> None:
    with Server(answer(503, retry_after=value), WHOLE) as service:
        HttpClient(connection(service.url, retries=1)).get("/a")
        assert len(service.requests) == 2
    assert clock.pauses == [pytest.approx(0.12, abs=0.01)]


@pytest.mark.parametrize(
    "value", ["86400", "9" * 400, formatdate(NOW + 86400, usegmt=True)], ids=["seconds", "endless", "date"]
)
def test_retry_after_beyond_max_time_fails_within_a_second(value: str, clock: PausedClock) -> None:
    with Server(answer(429, retry_after=value)) as service:
        with within(1), pytest.raises(TransportError, match=r"wait.*max_time \(10 s\)"):
            HttpClient(connection(service.url, retries=4, max_time=10)).get("/a")
        assert len(service.requests) == 1
    assert clock.pauses == []


def test_many_retries_end_with_max_time(clock: PausedClock) -> None:
    with Server(answer(503, b'{"message": "down for maintenance"}', retry_after="1")) as service:
        with pytest.raises((TransportError, HttpError)) as caught:
            HttpClient(connection(service.url, retries=9, max_time=2)).get("/a")
        assert len(service.requests) == 2
    assert "down for maintenance" in str(caught.value)
    assert clock.pauses == [1.0]


def test_last_failure_is_named_when_no_time_is_left_for_another_try(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    told = pytest.raises(TransportError, match="no complete answer within 1 s")
    with Server(silence) as service, within(1 + 2), told:
        HttpClient(connection(service.url, retries=9, timeout=1, max_time=1)).get("/a")


# Connections


def test_reads_share_a_connection_until_one_fails() -> None:
    with Server(WHOLE, WHOLE, answer(503, retry_after="0"), WHOLE) as service:
        transport = HttpClient(connection(service.url, retries=1))
        for _number in range(3):
            transport.get("/a")
        assert [request.connection for request in service.requests] == [1, 1, 1, 2]


def test_a_read_that_was_begun_is_answered_later_and_leaves_its_connection() -> None:
    with Server(WHOLE, WHOLE, answer(404)) as service:
        transport = HttpClient(connection(service.url))
        wait = transport.begin("/a")
        until(lambda: service.requests)
        assert wait().status == 200
        transport.get("/b")
        assert [(request.path, request.connection) for request in service.requests] == [("/a", 1), ("/b", 1)]
        with pytest.raises(HttpError, match="404"):
            transport.begin("/c")()


def test_change_goes_out_on_the_connection_that_the_read_proved_alive() -> None:
    with Server(WHOLE) as service:
        transport = HttpClient(connection(service.url))
        transport.get("/a")
        transport.send("PATCH", "/a")
        assert [request.connection for request in service.requests] == [1, 1]


def test_fresh_read_leaves_the_old_connection() -> None:
    with Server(WHOLE) as service:
        transport = HttpClient(connection(service.url))
        transport.get("/a")
        transport.get("/a", fresh=True)
        transport.send("PATCH", "/a")
        assert [request.connection for request in service.requests] == [1, 2, 2]


def test_connection_that_the_server_closed_meanwhile_does_not_break_a_change() -> None:
    closed = threading.Event()

    def last_answer(sock: Any) -> None:
        sock.sendall(WHOLE)
        sock.close()
        closed.set()

    with Server(last_answer, WHOLE) as service:
        transport = HttpClient(connection(service.url))
        transport.get("/a")
        assert closed.wait(PATIENCE)
        transport.send("PATCH", "/a")
        assert service.methods() == ["GET", "PATCH"]


# A change is sent once


TOLD = [kind for kind in BROKEN if "cut" in kind or "chunk" in kind]
"""Where the status arrived."""


@pytest.mark.parametrize("method", ["PATCH", "PUT", "DELETE"])
@pytest.mark.parametrize("kind", TOLD)
def test_a_status_of_2xx_says_that_a_change_was_taken_whatever_becomes_of_the_body(method: str, kind: str) -> None:
    with Server(WHOLE, BROKEN[kind], WHOLE) as service:
        transport = HttpClient(connection(service.url, retries=4))
        transport.get("/a")
        assert transport.send(method, "/a").status == 200
        transport.get("/a")
        assert service.methods() == ["GET", method, "GET"]
        assert service.requests[-1].connection == 2


@pytest.mark.parametrize("body", [b"OK", b"true", b'"done"', b"0", b"", b"[]", b"null", b"{", b"\xff\xfe"])
@pytest.mark.parametrize("type_", ["application/json", "text/html", "text/plain"])
def test_whatever_the_body_of_2xx_says_a_change_was_taken(body: bytes, type_: str) -> None:
    with Server(answer(202, body, content_type=type_), answer(200, body, length=len(body) + 9)) as service:
        assert HttpClient(connection(service.url)).send("PATCH", "/a").status == 202


@pytest.mark.parametrize(
    "page",
    [b"<!DOCTYPE html><p>", b"\n <html>", b"\xef\xbb\xbf<HTML>", b"<!-- x --><html>", b"<?xml version='1.0'?><html/>"],
)
def test_a_page_says_nothing_of_a_change(page: bytes) -> None:
    with Server(answer(200, page)) as service, pytest.raises(AnswerError, match="answered 200 with a page") as caught:
        HttpClient(connection(service.url)).send("PATCH", "/a")
    assert caught.value.sent
    assert len(service.requests) == 1


@pytest.mark.parametrize("method", ["PATCH", "PUT", "DELETE"])
@pytest.mark.parametrize("kind", [kind for kind in BROKEN if kind not in TOLD])
def test_change_that_broke_is_not_repeated_and_may_have_been_carried_out(method: str, kind: str) -> None:
    with Server(WHOLE, BROKEN[kind]) as service:
        transport = HttpClient(connection(service.url, retries=4))
        transport.get("/a")
        waits(transport, SHORT[kind])
        with pytest.raises(TransportError, match=f"{method} /a") as caught:
            transport.send(method, "/a")
        until(lambda: service.methods() == ["GET", method])
        assert caught.value.sent
        service.replies = [WHOLE]
        waits(transport, 30)
        transport.get("/a")
        assert service.requests[-1].connection == 2


@pytest.mark.parametrize("status", [*RETRIED, *FINAL])
def test_change_that_was_refused_is_not_repeated(status: int) -> None:
    with Server(answer(status, retry_after="7")) as service:
        with pytest.raises(HttpError) as caught:
            HttpClient(connection(service.url, retries=4)).send("PATCH", "/a")
        assert len(service.requests) == 1
    assert (caught.value.status, caught.value.retry_after) == (status, 7.0)


def test_change_that_never_left_says_so() -> None:
    with Server() as gone:
        pass
    with pytest.raises(TransportError) as caught:
        HttpClient(connection(gone.url, retries=4)).send("PATCH", "/a")
    assert not caught.value.sent

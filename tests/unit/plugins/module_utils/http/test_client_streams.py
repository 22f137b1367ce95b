# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A body of any size, read piece by piece: whole or not at all, and in time. Proves rules 1, 6, 8 and 9."""

from __future__ import annotations

import gzip
import tracemalloc
from typing import Any

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import (
    AimmsError,
    AnswerError,
    HttpError,
    RedirectError,
    TransportError,
)
from ansible_collections.aimms.cloud.plugins.module_utils.http import client, deadline
from ansible_collections.aimms.cloud.plugins.module_utils.http.body import LARGEST_BODY
from ansible_collections.aimms.cloud.plugins.module_utils.http.client import HttpClient
from ansible_collections.aimms.cloud.tests.timing import within
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.loopback import (
    KEY,
    PausedClock,
    Server,
    answer,
    connection,
    cut,
    drip,
    hang_up,
    reset,
    silence,
)

LOG = b"2025-07-24 12:21:11.306 pod/x annotated\n" * 5000
WHOLE = answer(200, LOG, content_type="text/plain")
ZIPPED = answer(200, gzip.compress(LOG), content_type="text/plain", content_encoding="gzip")
IN_CHUNKS = answer(
    200, b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (LOG[:999], LOG[999:])) + b"0\r\n\r\n",
    transfer_encoding="chunked",
)  # fmt: skip


def stream(server: Server, **options: Any) -> bytes:
    return HttpClient(connection(server.url, **options)).stream("/log", (), b"".join)


@pytest.mark.parametrize("reply", [WHOLE, ZIPPED, IN_CHUNKS], ids=["plain", "gzip", "chunked"])
def test_a_body_comes_whole_and_decoded(reply):
    with Server(reply) as server:
        assert stream(server) == LOG


@pytest.mark.parametrize(
    "first",
    [reset, hang_up, cut(WHOLE, 5000), cut(ZIPPED, len(ZIPPED) - 9), cut(IN_CHUNKS, 20_000), answer(503), answer(429)],
    ids=["reset", "hang up", "cut", "cut gzip", "cut chunks", "503", "429"],
)
def test_what_breaks_off_begins_anew(first):
    begun = []

    def consume(pieces):
        begun.append(True)
        return b"".join(pieces)

    with Server(first, WHOLE) as server:
        assert HttpClient(connection(server.url, retries=1)).stream("/log", (), consume) == LOG
        assert len(server.requests) == 2
        assert 1 <= len(begun) <= 2


@pytest.mark.parametrize("broken", [cut(WHOLE, 5000), cut(ZIPPED, 300), cut(IN_CHUNKS, 20_000)])
def test_what_never_comes_whole_is_an_error(broken):
    with Server(broken) as server, pytest.raises(TransportError):
        stream(server, retries=1)


def test_a_garbled_gzip_is_an_error():
    with Server(answer(200, b"\x1f\x8b" + b"x" * 100, content_encoding="gzip")) as server, pytest.raises(AimmsError):
        stream(server)


@pytest.mark.parametrize(
    ("reply", "kind", "text"),
    [
        (answer(404, b'{"message": "no such session"}'), HttpError, "GET /log answered 404: no such session"),
        (answer(403), HttpError, "lacks the Session scope"),
        (answer(302, location="https://elsewhere.example/"), RedirectError, "elsewhere.example"),
        (answer(200, b"<html>sign in</html>", content_type="text/html"), AnswerError, "an HTML page"),
        (answer(200, b"x", content_encoding="br"), AnswerError, "encoding 'br'"),
        (answer(403, b'{"message": "' + KEY.encode() + b'"}'), HttpError, r"\*{8}"),
    ],
)
def test_another_answer_is_an_error_that_says_so(reply, kind, text):
    with Server(reply) as server:
        with pytest.raises(kind, match=text) as raised:
            stream(server)
        assert KEY not in str(raised.value)
        assert len(server.requests) == 1


def test_a_slow_body_is_bounded_by_each_pause_and_not_by_the_whole(monkeypatch):
    """Twenty times the timeout in all by the client's clock, which the server moves, but never silent for long."""
    clock, body = PausedClock(0.0), b"x" * 30
    monkeypatch.setattr(deadline, "time", clock)

    def slow(sock):
        sock.sendall(answer(200, length=len(body), body=b""))
        for byte in body:
            clock.now += 20
            sock.sendall(bytes([byte]))

    with Server(slow) as server:
        assert stream(server, timeout=30, max_time=1000) == body
    assert clock.now == 20 * len(body)


@pytest.mark.parametrize(
    ("reply", "options"),
    [
        (silence, {"timeout": 1, "max_time": 30}),
        (cut(b"", 0), {"timeout": 1, "max_time": 30}),
        (drip(WHOLE[:250], 100, 0.1), {"timeout": 20, "max_time": 1}),
        (drip(answer(200, b"x" * 99_999)[:700], 50, 0.02), {"timeout": 20, "max_time": 1}),
    ],
    ids=["silent", "nothing", "dripping head", "dripping body"],
)
def test_a_stream_ends_in_time(reply, options):
    with Server(reply) as server, within(1 + 2), pytest.raises(TransportError):
        stream(server, **options)


def test_a_stall_in_the_middle_ends_after_the_timeout():
    def stall(sock):
        sock.sendall(WHOLE[:50_000])
        silence(sock)

    with Server(stall) as server, within(1 + 2, at_least=0.9), pytest.raises(TransportError, match="1 s"):
        stream(server, timeout=1, max_time=30)


def test_what_a_few_bytes_unpack_to_ends_in_time_too(monkeypatch):
    """They have all arrived, so that no wait for data ends it: a gzip file in a gzip file may unpack to gigabytes."""
    clock, made = PausedClock(1.0), []
    for module in (client, deadline):
        monkeypatch.setattr(module, "time", clock)

    def unpack(pieces):
        for piece in pieces:
            while True:
                clock.sleep(1.0)
                yield piece

    with Server(WHOLE) as server, pytest.raises(AnswerError, match="not read to its end within max_time"):
        HttpClient(connection(server.url, max_time=60)).stream("/log", (), made.extend, unpack)
    assert len(made) == 60


@pytest.mark.parametrize("zipped", [False, True], ids=["plain", "gzip"])
def test_the_size_has_no_bound_and_memory_has(zipped):
    """Four times what any other answer may have; a gzip of zeros is a thousand times what arrives."""
    size = 4 * LARGEST_BODY
    body = gzip.compress(bytes(size), 1) if zipped else bytes(size)
    headers = {"content_encoding": "gzip"} if zipped else {}

    def measured(pieces):
        tracemalloc.start()
        total = sum(map(len, pieces))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return total, peak

    def serve(sock):
        sock.sendall(answer(200, b"", len(body), **headers))
        view = memoryview(body)
        for start in range(0, len(body), 2**20):
            sock.sendall(view[start : start + 2**20])

    with Server(serve) as server:
        total, peak = HttpClient(connection(server.url)).stream("/log", (), measured)
    assert total == size
    assert peak < 8 * 2**20


def test_an_error_of_who_reads_is_passed_on_and_not_tried_again():
    class FullError(AimmsError):
        pass

    def consume(pieces):
        next(iter(pieces))
        raise FullError("The disk is full.")

    with Server(WHOLE) as server:
        with pytest.raises(FullError):
            HttpClient(connection(server.url, retries=3)).stream("/log", (), consume)
        assert len(server.requests) == 1


def test_a_query_goes_with_a_change():
    with Server(answer(204)) as server:
        HttpClient(connection(server.url)).send("PUT", "/tasks/1", {"setstatus": "x"}, [("groupIndex", "2")])
        assert (server.requests[0].method, server.requests[0].path) == ("PUT", "/tasks/1?groupIndex=2")

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""However slowly a server speaks, a call ends at most two seconds past ``max_time``. Proves rules 8 and 40."""

from __future__ import annotations

import io
import select
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import trustme

from ansible_collections.aimms.cloud.plugins.module_utils.errors import TransportError
from ansible_collections.aimms.cloud.plugins.module_utils.http import client, deadline
from ansible_collections.aimms.cloud.plugins.module_utils.http.client import HttpClient
from ansible_collections.aimms.cloud.tests.timing import PATIENCE, until, within
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.loopback import (
    PausedClock,
    Proxy,
    Reply,
    Server,
    answer,
    connection,
    drip,
    hang_up,
    silence,
)

MAX_TIME = 1
SLOW = {"timeout": 1, "retries": 4, "max_time": MAX_TIME}
WHOLE = answer(200, b'{"a": "' + b"x" * 400 + b'"}')
HEAD = WHOLE.index(b"\r\n\r\n") + 4
CHUNKS = answer(200, b"1\r\n[\r\n" * 200, transfer_encoding="chunked")


def interim(sock: Any) -> None:
    """Promise an answer for ever."""
    for _number in range(1000):
        sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        time.sleep(0.05)


SLOW_REPLIES: dict[str, Reply] = {
    "says nothing": silence,
    "drips the status line and headers": drip(WHOLE),
    "drips a header that never ends": drip(b"HTTP/1.1 200 OK\r\nx: " + b"y" * 10_000, 19, 0.01),
    "drips the body": drip(WHOLE, HEAD),
    "drips chunk sizes and chunks": drip(CHUNKS, CHUNKS.index(b"\r\n\r\n") + 4, 0.05),
    "drips a body that ends with the connection": drip(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 10_000, 19, 0.01),
    "drips the body of an error": drip(answer(503, b"x" * 400), 40),
    "only ever promises": interim,
}


@pytest.fixture
def tls(tmp_path: Path) -> tuple[ssl.SSLContext, str]:
    """A server's TLS context and the file of its authority."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context, str(tmp_path / "ca.pem")


@pytest.fixture
def deaf() -> Iterator[int]:
    """The port of a listener whose queue is full, so that no further connection is accepted."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    waiting = []
    for _number in range(4):
        sock = socket.socket()
        sock.setblocking(False)
        with suppress(BlockingIOError):
            sock.connect(listener.getsockname())
        waiting.append(sock)
    assert select.select([], waiting, [], PATIENCE)[1]  # one has its place in the queue: there is no other
    yield listener.getsockname()[1]
    for sock in [listener, *waiting]:
        sock.close()


@pytest.mark.parametrize("kind", SLOW_REPLIES)
def test_read_ends_in_time(kind: str) -> None:
    with Server(SLOW_REPLIES[kind]) as service, within(MAX_TIME + 2), pytest.raises(TransportError):
        HttpClient(connection(service.url, **SLOW)).get("/a")


BODIES = [kind for kind in SLOW_REPLIES if ("body" in kind and "error" not in kind) or "chunks" in kind]


@pytest.mark.parametrize("kind", BODIES)
def test_change_whose_status_arrived_ends_in_time_and_was_taken(kind: str) -> None:
    with Server(SLOW_REPLIES[kind]) as service, within(MAX_TIME + 2):
        assert HttpClient(connection(service.url, **SLOW)).send("PATCH", "/a").status == 200


@pytest.mark.parametrize("kind", [kind for kind in SLOW_REPLIES if kind not in BODIES])
def test_change_ends_in_time_and_may_have_been_carried_out(kind: str) -> None:
    with Server(WHOLE, SLOW_REPLIES[kind]) as service:
        transport = HttpClient(connection(service.url))
        transport.get("/a")
        transport.connection = connection(service.url, **SLOW)
        with within(MAX_TIME + 2), pytest.raises(TransportError) as caught:
            transport.send("PATCH", "/a")
        until(lambda: service.methods() == ["GET", "PATCH"])
    assert (caught.value.sent, caught.value.late) == (True, True)


def test_timeout_bounds_each_try() -> None:
    with Server(drip(WHOLE, HEAD)) as service, within(1 + 2, at_least=0.9), pytest.raises(TransportError, match="1 s"):
        HttpClient(connection(service.url, timeout=1)).get("/a")


def test_a_try_has_what_is_left_of_max_time(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = PausedClock(0.0)
    monkeypatch.setattr(client, "time", clock)

    def late(sock: Any) -> None:
        clock.now += 58.0
        hang_up(sock)

    with Server(late, drip(WHOLE, HEAD)) as service, within(2 + 2), pytest.raises(TransportError):
        HttpClient(connection(service.url, timeout=30, retries=1, max_time=60)).get("/a")
    assert len(service.requests) == 2


def test_last_byte_before_the_end_buys_no_more_time() -> None:
    def late(sock: Any) -> None:
        time.sleep(2.8)
        sock.sendall(WHOLE[:20])
        silence(sock)

    with Server(late) as service, within(3 + 1), pytest.raises(TransportError):
        HttpClient(connection(service.url, timeout=3, retries=0, max_time=3)).get("/a")


def test_body_dripped_over_tls_ends_in_time(tls: tuple[ssl.SSLContext, str]) -> None:
    with Server(drip(WHOLE, HEAD), tls=tls[0]) as service, within(MAX_TIME + 2), pytest.raises(TransportError):
        HttpClient(connection(service.url, ca_path=tls[1], **SLOW)).get("/a")


def test_handshake_that_never_ends_does(tls: tuple[ssl.SSLContext, str]) -> None:
    with Server(silence) as service, within(MAX_TIME + 2), pytest.raises(TransportError):
        HttpClient(connection(service.url.replace("http:", "https:"), ca_path=tls[1], **SLOW)).get("/a")


def test_proxy_that_drips_its_answer_does_not_hold_the_call(
    tls: tuple[ssl.SSLContext, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    opening = drip(b"HTTP/1.1 200 Connection established\r\nx: " + b"y" * 40 + b"\r\n\r\n", 19)
    with Server(tls=tls[0]) as service, Proxy(opening) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        with within(MAX_TIME + 2), pytest.raises(TransportError):
            HttpClient(connection(service.url, ca_path=tls[1], **SLOW)).get("/a")


def test_connection_that_is_not_accepted_ends_in_time(deaf: int) -> None:
    with within(MAX_TIME + 2, at_least=0.9), pytest.raises(TransportError, match="did not accept") as caught:
        HttpClient(connection(f"http://127.0.0.1:{deaf}", **SLOW)).send("PATCH", "/a")
    assert not caught.value.sent


def test_host_with_several_addresses_has_no_more_time(deaf: int, monkeypatch: pytest.MonkeyPatch) -> None:
    address = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", deaf))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_options: [address] * 4)  # no name here has four
    with within(MAX_TIME + 2), pytest.raises(TransportError):
        HttpClient(connection("http://service.example", **SLOW)).get("/a")


def test_a_line_that_nobody_bounded_has_an_end() -> None:
    """Newer versions of urllib3 bound the line with the size of a chunk themselves, older ones do not."""
    assert len(deadline._BoundedLines(io.BytesIO(b"x" * 65_535 + b"\n")).readline()) == 65_536
    with pytest.raises(OSError, match="without an end"):
        deadline._BoundedLines(io.BytesIO(b"x" * 65_536 + b"\n")).readline()


def test_slow_but_steady_answer_within_the_time_is_read_whole() -> None:
    with Server(drip(WHOLE, HEAD, 0.001)) as service:
        assert len(HttpClient(connection(service.url)).get("/a").body) == len(WHOLE) - HEAD


def test_a_name_service_that_does_not_answer_counts_against_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_options: [over.wait(PATIENCE)])
    with (
        Server() as service,
        within(1 + 2),
        pytest.raises(TransportError, match="did not accept a connection") as caught,
    ):
        HttpClient(connection(service.url, timeout=1)).send("PATCH", "/a")
    over.set()
    assert not caught.value.sent
    assert service.requests == []

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bodies that are too large, or not what was promised: one clean failure, little memory, and never 'no sessions'.

Proves rules 9 and 10.
"""

from __future__ import annotations

import gzip
import socket
import ssl
import tracemalloc
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Callable

import pytest
import trustme

from ansible_collections.aimms.cloud.plugins.module_utils.errors import AnswerError, TransportError
from ansible_collections.aimms.cloud.plugins.module_utils.http.body import LARGEST_BODY
from ansible_collections.aimms.cloud.plugins.module_utils.http.client import HttpClient
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.loopback import Server, answer, connection, cut

MIB = 1024 * 1024


def zipped(data: bytes) -> bytes:
    """An answer with this body, compressed."""
    return answer(200, gzip.compress(data), content_encoding="gzip")


def endless(head: bytes, mib: int = 200) -> Callable[[Any], None]:
    """After ``head``, far more than fits."""

    def act(sock: Any) -> None:
        sock.sendall(head)
        for _number in range(mib * 16):
            sock.sendall(b" " * 65536)
        sock.close()

    return act


@contextmanager
def memory_grows_at_most(limit: int) -> Iterator[None]:
    """Fails when more than ``limit`` bytes more were held at any time."""
    tracemalloc.start()
    try:
        yield
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak <= limit, f"{peak / MIB:.0f} MiB"


@pytest.fixture(scope="module")
def bomb() -> bytes:
    """A quarter of a gibibyte of spaces, as gzip, in 256 KiB."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join([*(packer.compress(b" " * MIB) for _number in range(256)), packer.flush()])


# Too large


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\ncontent-length: 209715200\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nC800000\r\n",
        b"HTTP/1.1 500 Internal Server Error\r\n\r\n",
    ],
    ids=["with its length", "without length", "in one chunk", "of an error"],
)
def test_large_body_is_given_up_with_little_memory(head: bytes) -> None:
    with Server(endless(head)) as service, memory_grows_at_most(64 * MIB):
        with pytest.raises(AnswerError, match="more than 16 MiB"):
            HttpClient(connection(service.url, retries=3)).get("/a")
        assert len(service.requests) == 1


@pytest.mark.parametrize("status", [200, 302, 403])
def test_gzip_bomb_is_given_up_with_little_memory(bomb: bytes, status: int) -> None:
    whole = answer(status, bomb, content_encoding="gzip", location="https://elsewhere.example/")
    with Server(whole) as service, memory_grows_at_most(64 * MIB):
        with pytest.raises(TransportError):
            HttpClient(connection(service.url, retries=3)).get("/a")
        assert len(service.requests) == 1


@pytest.mark.parametrize("make", [answer, zipped], ids=["plain", "gzip"])
def test_limit_is_sixteen_mebibytes_of_the_decoded_body(make: Callable[..., bytes]) -> None:
    fits = b"[" + b" " * (LARGEST_BODY - 2) + b"]"
    assert len(fits) == 16 * MIB
    bodies = {"/fits": fits, "/over": fits + b" "}
    for path, body in bodies.items():
        with Server(make(200, body) if make is answer else make(body)) as service:
            transport = HttpClient(connection(service.url))
            if path == "/fits":
                assert transport.get(path).json() == []
            else:
                with pytest.raises(AnswerError, match="more than 16 MiB"):
                    transport.get(path)


# Encodings


def test_gzip_is_asked_for_and_read() -> None:
    with Server(zipped(b'{"a": "\xc3\xa9"}')) as service:
        assert HttpClient(connection(service.url)).get("/a").json() == {"a": "\u00e9"}
        assert service.requests[0].headers["accept-encoding"] == "gzip"


def test_gzip_of_several_members_is_read_whole() -> None:
    body = gzip.compress(b'{"items": [') + gzip.compress(b"1]}")
    with Server(answer(200, body, content_encoding="gzip")) as service:
        assert HttpClient(connection(service.url)).get("/a").json() == {"items": [1]}


@pytest.mark.parametrize("encoding", ["br", "deflate", "zstd", "gzip, gzip", "none-such"])
def test_encoding_that_was_not_asked_for_is_refused(encoding: str) -> None:
    body = zlib.compress(b"{}")
    with Server(answer(200, body, content_encoding=encoding)) as service, pytest.raises(TransportError) as caught:
        HttpClient(connection(service.url)).get("/a").json()
    assert "GET /a" in str(caught.value)


@pytest.mark.parametrize("spoil", [lambda data: b"\x00" + data, lambda data: data[:-6], lambda data: data[:12]])
def test_broken_gzip_is_a_broken_answer(spoil: Callable[[bytes], bytes]) -> None:
    whole = answer(200, spoil(gzip.compress(b"[1, 2]")), content_encoding="gzip")
    with Server(whole) as service, pytest.raises(TransportError):
        HttpClient(connection(service.url)).get("/a").json()


def test_garbage_on_an_open_tls_connection_leaves_open_what_a_change_did(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)

    def garbage(sock: Any) -> None:
        with socket.socket(fileno=sock.detach()) as bare:
            bare.sendall(b"\x17\x03\x03\x00\x20" + b"x" * 32)

    with Server(answer(), garbage, tls=context) as service:
        transport = HttpClient(connection(service.url, ca_path=str(tmp_path / "ca.pem")))
        transport.get("/a")
        with pytest.raises(TransportError) as caught:
            transport.send("PATCH", "/a")
        assert service.methods() == ["GET", "PATCH"]
    assert caught.value.sent


# Not what was promised


def test_truncated_answers_do_not_become_short_lists() -> None:
    whole = answer(200, b'{"items": []}          ')
    for count in range(1, len(whole)):
        with Server(cut(whole, count)) as service, pytest.raises(TransportError):
            HttpClient(connection(service.url)).get("/a").json()

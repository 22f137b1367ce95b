# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Odd servers and proxies on real sockets: read all the same, or refused with what is really wrong. One line each."""

from __future__ import annotations

import gzip
import importlib
import socket
import sys
from email.utils import formatdate
from types import SimpleNamespace
from typing import Any

import pytest
import requests

from ansible_collections.aimms.cloud.plugins.module_utils.errors import HttpError, TransportError
from ansible_collections.aimms.cloud.plugins.module_utils.http import client
from ansible_collections.aimms.cloud.plugins.module_utils.http.client import HttpClient
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.loopback import (
    PausedClock,
    Server,
    answer,
    connection,
)

WELL = answer(200, b"[1]")
PROCESSING, HINTS = b"HTTP/1.1 102 Processing\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n"
READ = {
    "103 before it": HINTS + WELL,
    "many before it": b"HTTP/1.1 100 Continue\r\n\r\n" + PROCESSING * 40 + HINTS + WELL,
    **{
        f"encoding {name}": answer(200, b"[1]", content_encoding=name)
        for name in ("UTF-8", "utf8", "identity", "IDENTITY", "none", "", "iso-8859-1", "identity, UTF-8")
    },
    **{
        f"encoding {name}": answer(200, gzip.compress(b"[1]"), content_encoding=name)
        for name in ("GZIP", "x-gzip", "utf-8, gzip", "gzip,identity")
    },
}


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> PausedClock:
    """Time that passes only in pauses."""
    made = PausedClock(1_800_000_000.0)
    monkeypatch.setattr(client, "time", made)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return made


@pytest.mark.parametrize("kind", READ)
def test_it_is_read(kind: str) -> None:
    with Server(READ[kind]) as server:
        reader = HttpClient(connection(server.url))
        assert [reader.get("/x").json() for _time in range(2)] == [[1], [1]]
        assert server.connections == 1


@pytest.mark.parametrize("status", [101, 199])
def test_another_status_of_this_kind_is_no_answer(status: int) -> None:
    with Server(f"HTTP/1.1 {status} X\r\n\r\n".encode()) as server, pytest.raises(TransportError):
        HttpClient(connection(server.url)).get("/x")


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, br", "utf-16"])
def test_an_encoding_that_was_not_asked_for_is_refused(encoding: str) -> None:
    with Server(answer(200, b"[1]", content_encoding=encoding)) as server, pytest.raises(TransportError) as caught:
        HttpClient(connection(server.url)).get("/x")
    assert f"in the encoding '{encoding}', which was not asked for" in str(caught.value)


ONCE = [408, 425, 520, 521, 522, 523, 524, 525, 526, 527, 530]


def refusal(status: int) -> bytes:
    """A whole answer, of a status that Python may have no name for."""
    return f"HTTP/1.1 {status} X\r\nContent-Length: 2\r\n\r\n{{}}".encode()


@pytest.mark.parametrize("status", ONCE)
def test_what_a_proxy_says_of_a_moment_is_asked_once_more(status: int) -> None:
    for replies, requests_made in (([WELL], 2), ([refusal(status), WELL], 2)):
        with Server(refusal(status), *replies) as server:
            reader = HttpClient(connection(server.url, retries=4))
            if replies == [WELL]:
                assert reader.get("/x").json() == [1]
            else:
                with pytest.raises(HttpError):
                    reader.get("/x")
            assert len(server.requests) == requests_made


@pytest.mark.parametrize("status", ONCE)
@pytest.mark.parametrize("method", ["PATCH", "PUT", "DELETE"])
def test_a_change_is_never_repeated(status: int, method: str) -> None:
    with Server(refusal(status), WELL) as server:
        with pytest.raises(HttpError):
            HttpClient(connection(server.url, retries=4)).send(method, "/x")
        assert len(server.requests) == 1


def test_a_status_that_may_pass_once_is_not_retried_where_no_retries_are_wanted() -> None:
    with Server(refusal(522), WELL) as server, pytest.raises(HttpError):
        HttpClient(connection(server.url, retries=0)).get("/x")
    assert len(server.requests) == 1


@pytest.mark.parametrize("off", [-86400, 0, 3600])
def test_a_date_to_wait_for_is_one_of_the_servers_clock(off: int, clock: PausedClock) -> None:
    now = clock.now + off
    busy = answer(503, date=formatdate(now, usegmt=True), retry_after=formatdate(now + 7, usegmt=True))
    with Server(busy, WELL) as server:
        HttpClient(connection(server.url, retries=1)).get("/x")
    assert clock.pauses == [7.0]


PROXIES = {
    "socks5://127.0.0.1:1": "is of a kind that needs the Python library PySocks. Install PySocks",
    "ftp://127.0.0.1:1": "the address of the proxy on the way to acme.example cannot be used. Check HTTPS_PROXY.",
    "http://": "the address of the proxy on the way to acme.example cannot be used. Check HTTPS_PROXY.",
    "http://127.0.0.1:1": "the proxy on the way to acme.example failed. Check HTTPS_PROXY and NO_PROXY.",
}


@pytest.mark.parametrize("address", PROXIES)
def test_what_is_wrong_with_a_proxy(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_arguments: Any, **_options: Any) -> None:
        raise requests.exceptions.InvalidSchema("Missing dependencies for SOCKS support.")

    monkeypatch.setattr(requests.adapters, "SOCKSProxyManager", missing)
    monkeypatch.setenv("HTTPS_PROXY", address)
    with pytest.raises(TransportError) as caught:
        HttpClient(connection("https://acme.example")).get("/x")
    assert PROXIES[address] in str(caught.value)
    assert not caught.value.sent


def test_a_socks_proxy_is_used_where_its_library_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """As by PySocks: the connection that urllib3 asks it for is the one that is used."""
    with Server(WELL) as server:
        asked: list[Any] = []

        def connect(target: tuple[str, int], **options: Any) -> socket.socket:
            asked.append((target, options["proxy_addr"], options["proxy_rdns"]))
            return socket.create_connection(("127.0.0.1", server.port))

        fake = SimpleNamespace(PROXY_TYPE_SOCKS4=1, PROXY_TYPE_SOCKS5=2, ProxyError=OSError, create_connection=connect)
        monkeypatch.setitem(sys.modules, "socks", fake)
        monkeypatch.delitem(sys.modules, "urllib3.contrib.socks", raising=False)
        manager = importlib.import_module("urllib3.contrib.socks").SOCKSProxyManager
        monkeypatch.setattr(requests.adapters, "SOCKSProxyManager", manager)
        monkeypatch.setattr(client, "_proxies", lambda _url: {"http": "socks5h://proxy.example:1080"})
        reader = HttpClient(connection("http://localhost:7"))
        assert [reader.get("/x").json() for _time in range(2)] == [[1], [1]]
        sys.modules.pop("urllib3.contrib.socks", None)
    assert asked == [(("localhost", 7), "proxy.example", True)]

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the key goes and where it never goes. Proves rules 1, 2, 3, 4, 5 and 13, and rule 11's 'before any socket'."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest
import trustme

from ansible_collections.aimms.cloud.plugins.module_utils.errors import (
    HttpError,
    OptionError,
    RedirectError,
    TlsError,
    TransportError,
)
from ansible_collections.aimms.cloud.plugins.module_utils.http.client import HttpClient
from ansible_collections.aimms.cloud.plugins.module_utils.http.connection import Connection
from ansible_collections.aimms.cloud.plugins.module_utils.options import CONNECTION
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.loopback import (
    KEY,
    Proxy,
    Server,
    answer,
    connection,
)

DEFAULTS: dict[str, Any] = {name: option.get("default") for name, option in CONNECTION.items()}


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


class Authority:
    """A certificate authority of its own, its file, and a server's TLS context."""

    def __init__(self, folder: Path, *names: str) -> None:
        folder.mkdir()
        authority = trustme.CA()
        self.path = str(folder / "ca.pem")
        authority.cert_pem.write_to_path(self.path)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(*(names or ("127.0.0.1",))).configure_cert(self.context)


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The authority of the service."""
    return Authority(tmp_path_factory.mktemp("tls") / "ours")


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Another authority."""
    return Authority(tmp_path_factory.mktemp("tls") / "other")


# A redirect is never followed


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
@pytest.mark.parametrize("body", [b"", b"<html><body>Found</body></html>"], ids=["bare", "page"])
def test_redirect_is_one_request_and_the_key_stays_here(status: int, method: str, body: bytes) -> None:
    with Server() as elsewhere, Server() as service:
        service.replies = [answer(status, body, location=f"{elsewhere.url}/here")]
        transport = HttpClient(connection(service.url, retries=3))
        with pytest.raises(RedirectError, match=f"127.0.0.1:{elsewhere.port}") as caught:
            transport.get("/a") if method == "GET" else transport.send(method, "/a")
        assert (len(service.requests), elsewhere.connections) == (1, 0)
        assert caught.value.sent == (method != "GET")


@pytest.mark.parametrize("status", [300, 304, 305])
def test_any_other_3xx_is_a_failure_too(status: int) -> None:
    with Server(answer(status, b"")) as service, pytest.raises(TransportError, match=str(status)):
        HttpClient(connection(service.url)).get("/a")


@pytest.mark.parametrize(
    "location",
    ["/login", "", "http://[broken", "//host.example", f"https://{KEY}.example/", f"https://x:{KEY}@h/{KEY}"],
)
def test_odd_location_is_named_without_its_path_or_the_key(location: str) -> None:
    with Server(answer(302, b"", location=location)) as service, pytest.raises(RedirectError) as caught:
        HttpClient(connection(service.url)).get("/a")
    assert KEY not in str(caught.value)
    assert "/login" not in str(caught.value)


# Addresses that would give the key away


@pytest.mark.parametrize(
    "address", ["http://0.0.0.0:{port}", "http://user:secret@127.0.0.1:{port}", "http://user@127.0.0.1:{port}"]
)
def test_address_is_refused_before_any_connection(address: str) -> None:
    with Server(host="0.0.0.0") as service:
        with pytest.raises(OptionError) as caught:
            HttpClient(
                Connection.from_params({**DEFAULTS, "api_key": KEY, "url": address.format(port=service.port)})
            ).get("/")
        assert service.connections == 0
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_plain_http_to_loopback_is_allowed(host: str) -> None:
    with Server() as service:
        options = {**DEFAULTS, "api_key": KEY, "url": f"http://{host}:{service.port}/"}
        assert HttpClient(Connection.from_params(options)).get("/a").status == 200
        assert service.requests[0].headers["apikey"] == KEY


@pytest.mark.parametrize("key", ["", " ", "with space", "line\nend", "tab\t", "\x00", "snow\u2603", "\udce9"])
def test_unusable_key_fails_before_any_socket_and_is_not_shown(key: str) -> None:
    with Server() as service:
        with pytest.raises(OptionError) as caught:
            HttpClient(Connection.from_params({**DEFAULTS, "api_key": key, "url": service.url})).get("/")
        assert service.connections == 0
    assert not key.strip() or key not in str(caught.value)


# What the environment may and may not change


def test_netrc_is_not_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password netrc-secret\ndefault login a password b\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(netrc))
    with Server() as service:
        HttpClient(connection(service.url)).get("/a")
        assert service.requests[0].headers["apikey"] == KEY
        assert "authorization" not in service.requests[0].headers


def test_untrusted_authority_is_refused_at_once_and_never_sees_the_key(ours: Authority) -> None:
    with Server(tls=ours.context) as service:
        with pytest.raises(TlsError, match=r"TLS to 127\.0\.0\.1.*ca_path") as caught:
            HttpClient(connection(service.url, retries=3)).get("/a")
        assert (service.connections, service.received) == (1, [])
    assert not caught.value.sent


def test_certificate_of_another_host_is_refused(tmp_path: Path) -> None:
    stranger = Authority(tmp_path / "ca", "another.example")
    with Server(tls=stranger.context) as service:
        with pytest.raises(TlsError, match=r"127\.0\.0\.1"):
            HttpClient(connection(service.url, ca_path=stranger.path)).get("/a")
        assert service.received == []


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_ca_path_wins_over_the_environment(
    variable: str, ours: Authority, other: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Server(tls=ours.context) as service:
        monkeypatch.setenv(variable, other.path)
        assert HttpClient(connection(service.url, ca_path=ours.path)).get("/a").status == 200
        monkeypatch.setenv(variable, ours.path)
        with pytest.raises(TlsError):
            HttpClient(connection(service.url, ca_path=other.path)).get("/a")
        with pytest.raises(TlsError):
            HttpClient(connection(service.url)).get("/a")
        assert len(service.requests) == 1


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_certificates_are_not_checked_only_when_told_so(ours: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere")
    with Server(tls=ours.context) as service:
        assert HttpClient(connection(service.url, validate_certs=False)).get("/a").status == 200


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_https_proxy_sees_connect_and_never_the_key(
    variable: str, ours: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Server(tls=ours.context) as service, Proxy() as proxy:
        monkeypatch.setenv(variable, proxy.url)
        transport = HttpClient(connection(service.url, ca_path=ours.path))
        assert transport.get("/a").status == 200
        assert transport.send("PATCH", "/b").status == 200
        assert proxy.methods() == ["CONNECT"]
        assert proxy.requests[0].path == f"127.0.0.1:{service.port}"
        assert [request.headers["apikey"] for request in service.requests] == [KEY, KEY]
        assert KEY.encode() not in proxy.seen
        assert b"apikey" not in proxy.seen.lower()


def test_no_proxy_is_obeyed(ours: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    with Server(tls=ours.context) as service, Proxy() as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        HttpClient(connection(service.url, ca_path=ours.path)).get("/a")
        assert (proxy.connections, len(service.requests)) == (0, 1)


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_plain_http_to_loopback_uses_no_proxy(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with Server() as service, Proxy() as proxy:
        monkeypatch.setenv(variable, proxy.url)
        HttpClient(connection(service.url)).get("/a")
        assert (proxy.connections, len(service.requests)) == (0, 1)


def test_proxy_that_refuses_is_named_as_the_culprit(ours: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    with Server(tls=ours.context) as service, Proxy(answer(407, b"")) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url.replace("//", "//someone:proxy-secret@"))
        with pytest.raises(TransportError, match="proxy") as caught:
            HttpClient(connection(service.url, ca_path=ours.path)).get("/a")
        assert service.received == []
    assert "proxy-secret" not in str(caught.value)


# A server that says the key back


@pytest.mark.parametrize("body", [f'{{"message": "bad key {KEY}", "errorId": "{KEY}"}}', f'{{"error": "{KEY}"}}'])
@pytest.mark.parametrize("status", [400, 401, 500])
def test_echo_of_the_key_is_masked(status: int, body: str) -> None:
    with Server(answer(status, body.encode(), x_echo=KEY)) as service, pytest.raises(HttpError) as caught:
        HttpClient(connection(service.url)).get("/a")
    assert KEY not in str(caught.value)
    assert "********" in str(caught.value)


def test_broken_answer_with_the_key_in_it_is_masked() -> None:
    with Server(f"{KEY} {KEY}\r\n\r\n".encode()) as service, pytest.raises(TransportError) as caught:
        HttpClient(connection(service.url)).get("/a")
    assert KEY not in str(caught.value)
    assert caught.value.__cause__ is None


def test_neither_connection_nor_transport_shows_the_key() -> None:
    options = connection("https://host.example")
    assert KEY not in repr(options)
    assert KEY not in repr(vars(HttpClient(options)).get("connection"))


def test_other_secrets_in_an_error_message_of_the_service_are_masked() -> None:
    with Server(answer(409, b'{"errorId": "e", "message": "cannot run aimms --logonToken abc123def now"}')) as server:
        client = HttpClient(connection(server.url, retries=0))
        with pytest.raises(HttpError, match=r"cannot run aimms --logonToken \*{8} now"):
            client.get("/x")

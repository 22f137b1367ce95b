# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What went wrong on the way is told in the user's terms, also where libraries are missing or errors are odd."""

from __future__ import annotations

import importlib.util
import socket
import sys

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.decoding import strict_json, strict_yaml
from ansible_collections.aimms.cloud.plugins.module_utils.errors import TransportError
from ansible_collections.aimms.cloud.plugins.module_utils.http import client, connections, deadline
from ansible_collections.aimms.cloud.plugins.module_utils.http.failures import describe_failure
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.loopback import connection

LIBRARIES = (
    "requests requests.adapters urllib3 urllib3.connection urllib3.connectionpool urllib3.exceptions yaml".split()
)


class SSLError(Exception):
    """As of the library."""


class ProxyError(Exception):
    """As of the library."""


class ConnectTimeout(Exception):
    """As of the library."""


def caused(error, cause):
    """``error`` as raised from ``cause``."""
    error.__cause__ = cause
    return error


def unverified(message):
    error = SSLError("x")
    error.verify_message = message
    return error


@pytest.mark.parametrize(
    ("error", "connected", "said", "sent"),
    [
        (SSLError("x"), False, "TLS to h failed: the handshake failed.", False),
        (caused(ValueError(), unverified("it has expired")), False, "TLS to h failed: it has expired.", False),
        (SSLError("x"), True, "the connection to h broke (SSLError).", True),
        (caused(OSError(), socket.gaierror()), False, "the host h is not known.", False),
        (ProxyError(OSError()), False, "the proxy on the way to h failed.", False),
        (ConnectTimeout(), False, "h did not accept a connection in 7 s.", False),
        (ValueError(ConnectionRefusedError()), False, "h refused the connection.", False),
        (TimeoutError(), True, "no complete answer within 7 s.", True),
        (UnicodeError(), False, "'h' is not a host name.", False),
        (ConnectionResetError(), True, "the connection to h broke (ConnectionResetError).", True),
    ],
)
def test_every_failure_says_what_happened_and_whether_the_service_may_have_acted(error, connected, said, sent):
    text, hint, may_have_acted = describe_failure(error, "h", 7, connected)
    assert (text, may_have_acted) == (said, sent)
    assert hint.endswith(".")


def test_errors_that_wrap_each_other_come_to_an_end():
    first, second, third = ValueError(), KeyError(), TypeError()
    first.__cause__, second.__cause__, third.__cause__ = second, third, first
    assert describe_failure(first, "h", 7, True)[0] == "the connection to h broke (TypeError)."


@pytest.fixture(name="bare")
def without_libraries(monkeypatch):
    """A function that loads a part anew as where no library is installed."""
    for name in LIBRARIES:
        monkeypatch.setitem(sys.modules, name, None)

    def load(part):
        spec = importlib.util.spec_from_file_location("part_without_libraries", part.__file__)
        loaded = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, spec.name, loaded)
        spec.loader.exec_module(loaded)
        return loaded

    return load


def test_without_requests_the_parts_load_and_say_what_is_missing(bare):
    assert "requests" in bare(client).REQUESTS_IMPORT_ERROR
    assert client.REQUESTS_IMPORT_ERROR is None
    assert bare(connections).ConnectionPool(connection("http://localhost"))
    bounded = bare(deadline).Deadline()
    bounded.begin(5, 3)
    assert 2 < bounded.left() <= 3


def test_without_pyyaml_json_is_read_and_yaml_is_said_to_need_it(bare):
    assert bare(strict_json).json_in(b'{"a": [1]}') == {"a": [1]}
    with pytest.raises(ValueError, match="PyYAML is not installed"):
        bare(strict_yaml).yaml_in(b"a: 1")


def test_a_host_that_is_not_known_is_said_and_nothing_was_sent(monkeypatch):
    def unknown(*_arguments, **_options):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(TransportError, match=r"GET /x: the host nowhere\.invalid is not known\.") as caught:
        client.HttpClient(connection("https://nowhere.invalid")).get("/x")
    assert caught.value.sent is False

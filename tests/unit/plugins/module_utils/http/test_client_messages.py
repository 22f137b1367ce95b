# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a server says never steers a terminal, floods a message, or halves a secret. Proves rules 10 and 13."""

from __future__ import annotations

import json

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import AimmsError
from ansible_collections.aimms.cloud.plugins.module_utils.http.client import HttpClient
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.loopback import (
    KEY,
    Server,
    answer,
    connection,
    silence,
)

SCREEN = "\x1b[2J\x07 \u009b31m \u202egnp.exe\r\nTASK [all is well]"


@pytest.fixture
def said():
    """The text of the error with which a server's only answer ends."""

    def ask(reply: object, **options: object) -> str:
        with Server(reply) as server, pytest.raises(AimmsError) as caught:
            HttpClient(connection(server.url, **options)).get("/a")
        return str(caught.value)

    return ask


def test_a_message_has_no_screen_codes(said):
    text = said(answer(404, json.dumps({"message": SCREEN}).encode()))
    assert text.isprintable()
    assert "[2J" in text
    assert "TASK [all is well]" in text


@pytest.mark.parametrize("length", range(260, 300, 3))
def test_a_long_message_does_not_halve_the_key(said, length):
    text = said(answer(500, json.dumps({"message": "x" * length + KEY}).encode()))
    assert KEY[:4] not in text
    assert len(text) < 500


def test_an_encoding_does_not_halve_the_key(said):
    assert KEY[:4] not in said(answer(200, b"{}", content_encoding="x" * 50 + KEY))


@pytest.mark.parametrize("host", ["h" * 60_000, "\x1b[2J.example"])
def test_the_host_of_a_redirect_cannot_flood_a_message(said, host):
    text = said(answer(302, b"", location=f"http://{host}/"))
    assert "redirected" in text
    assert text.isprintable()
    assert len(text) < 400


@pytest.mark.parametrize("size", [b"-1\r\n", b""], ids=["a chunk of minus one byte", "the size of a chunk"])
def test_what_has_no_end_is_not_read_to_its_end(said, size):
    def flood(sock):
        sock.sendall(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + size)
        for _number in range(160):
            sock.sendall(b"x" * 65536)
        silence(sock)  # who reads to the end of this waits for more, until the time is over

    text = said(flood, timeout=5)
    assert "GET /a" in text
    assert "within 5 s" not in text

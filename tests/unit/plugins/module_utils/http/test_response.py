# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a response says as JSON: one clean failure where it is neither. Proves rule 10."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import AnswerError
from ansible_collections.aimms.cloud.plugins.module_utils.http.client import HttpClient
from ansible_collections.aimms.cloud.plugins.module_utils.http.response import Response
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.loopback import Server, connection
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.odd_answers import ODDITIES


@pytest.mark.parametrize("kind", ODDITIES)
def test_odd_body_is_one_clean_failure(kind: str) -> None:
    with Server(ODDITIES[kind]) as service:
        with pytest.raises(AnswerError, match=r"GET /a answered 20\d (with|without) ") as caught:
            HttpClient(connection(service.url, retries=3)).get("/a").json()
        assert len(service.requests) == 1
    assert caught.value.__cause__ is None
    assert len(str(caught.value)) < 200


def response(body, status=200):
    return Response("GET /x", status, {}, body)


def test_the_body_is_read_as_json():
    assert response(b' {"a": [1, null]}\n').json() == {"a": [1, None]}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "without a body"),
        (b" \r\n", "without a body"),
        (b"  <!DOCTYPE html><p>", "with an HTML page"),
        (b"<HTML>", "with an HTML page"),
        (b"<xml/>", "with something that is not valid JSON"),
        (b"[" + b"1," * 500_000 + b"1]", "with more than 400,000 values"),
    ],
)
def test_what_it_is_instead_of_json_is_said_with_request_and_status(body, said):
    with pytest.raises(AnswerError, match=f"GET /x answered 203 {said}") as caught:
        response(body, 203).json()
    assert caught.value.__cause__ is None


def test_neither_body_nor_an_excerpt_of_it_is_shown():
    assert "secret" not in repr(response(b'"secret"'))
    with pytest.raises(AnswerError) as caught:
        response(b"secret").json()
    assert "secret" not in str(caught.value)

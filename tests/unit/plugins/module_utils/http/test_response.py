# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a response says, as JSON or as the text of an error: one clean failure where it is neither. Proves rule 10."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import AnswerError, HttpError
from ansible_collections.aimms.cloud.plugins.module_utils.http import client
from ansible_collections.aimms.cloud.plugins.module_utils.http.client import HttpClient
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.loopback import Server, answer, connection
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.odd_answers import ODDITIES


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"message": "no  such\\nkind", "errorId": "e-7"}', ": no such kind (errorId e-7)."),
        (b'{"error": {"detail": "inner"}, "message": "outer"}', ": inner."),
        (b'{"title": "Bad", "error_id": 7}', ": Bad (errorId 7)."),
        (b'{"error": "plain"}', ": plain."),
        (b'["a", "b"]', "."),
        (b"17", "."),
        (b'{"message": {"en": "x"}}', "."),
        (b"<!DOCTYPE html><p>", ": (an HTML page)."),
        (b"nonsense", "."),
        (b"[" * 100_000, "."),
        (b'{"message": "' + b"x" * 900 + b'"}', f": {'x' * 300}."),
    ],
)
def test_an_error_says_what_its_body_says_as_far_as_it_says_anything(body, said):
    with Server(answer(400, body)) as server, pytest.raises(HttpError) as caught:
        client.HttpClient(connection(server.url)).get("/x")
    assert str(caught.value) == f"GET /x answered 400{said} The service refused the request as malformed."


@pytest.mark.parametrize("kind", ODDITIES)
def test_odd_body_is_one_clean_failure(kind: str) -> None:
    with Server(ODDITIES[kind]) as service:
        with pytest.raises(AnswerError, match=r"GET /a answered 20\d (with|without) ") as caught:
            HttpClient(connection(service.url, retries=3)).get("/a").json()
        assert len(service.requests) == 1
    assert caught.value.__cause__ is None
    assert len(str(caught.value)) < 200

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an error says of itself, in the words of any framework; each new form is one line of a table."""

from __future__ import annotations

import json

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import HttpError
from ansible_collections.aimms.cloud.plugins.module_utils.http import client
from ansible_collections.aimms.cloud.plugins.module_utils.http.error_body import error_body
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.loopback import KEY, Server, answer, connection


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"message": "no  such\\nkind", "errorId": "e-7"}', ": no such kind (errorId e-7)."),
        (b'{"error": {"detail": "inner"}, "message": "outer"}', ": inner."),
        (b'{"title": "Bad", "error_id": 7}', ": Bad (errorId 7)."),
        (b'{"error": "plain"}', ": plain."),
        (b'["a", "b"]', "."),
        (b"17", "."),
        (b'{"message": {"en": "x"}}', ": en: x."),
        (b'{"error": true, "reason": "x"}', ": x."),
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


@pytest.mark.parametrize(
    ("framework", "body", "said"),
    [
        ("FastAPI", {"detail": [{"loc": ["query", "n"], "msg": "Too big", "input": "77"}]}, "n: Too big"),
        ("Nest", {"message": ["n is big.", "m is odd"], "error": "Bad Request"}, "Bad Request: n is big; m is odd"),
        ("JSON:API", {"errors": [{"title": "No", "detail": "Too big", "source": {"parameter": "n"}}]}, "n: Too big"),
        ("problem+json", {"title": "Bad", "errors": [{"detail": "Too big", "pointer": "#/n"}]}, "Bad: #/n: Too big"),
        ("ASP.NET", {"title": "One is wrong.", "errors": {"Limit": ["Too big."]}}, "One is wrong: Limit: Too big"),
        ("Django REST", {"limit": ["Too big.", "Odd."]}, "limit: Too big; limit: Odd"),
        ("Litestar", {"detail": "Wrong", "extra": [{"message": "Too big", "key": "n"}]}, "Wrong: n: Too big"),
        ("marshmallow", {"status": "No", "errors": {"query": {"page": ["Not valid."]}}}, "page: Not valid"),
        ("Spring", {"error": "Bad", "errors": [{"field": "n", "defaultMessage": "big"}]}, "Bad: n: big"),
        ("ABP", {"error": {"message": "No!", "validationErrors": [{"message": "x", "members": ["n"]}]}}, "No!: n: x"),
        ("Zod", {"error": {"name": "ZodError", "issues": [{"path": ["n"], "message": "big"}]}}, "n: big"),
        ("Hydra", {"hydra:description": "No", "violations": [{"propertyPath": "n", "message": "x"}]}, "No: n: x"),
        (
            "Google",
            {"error": {"message": "No", "details": [{"violations": [{"field": "n", "reason": "x"}]}]}},
            "No: n: x",
        ),
        ("Fastify", {"error": "Bad", "message": "querystring/n must be <= 50"}, "querystring/n must be <= 50"),
        ("Phoenix", {"errors": {"detail": "Not Found"}}, "Not Found"),
        ("the same twice", {"message": "No.", "errors": [{"message": "No"}, "No"]}, "No."),
        ("many", {"errors": [f"r{number}" for number in range(9)]}, "r0; r1; r2; r3; r4"),
        ("deep", {"errors": [[[[["too deep"]]]]]}, ""),
        ("nothing that is known", {"links": [{"href": "x"}], "input": {"n": "77"}, "ids": [7]}, ""),
    ],
)
def test_the_reasons_in_the_errors_of_frameworks(framework, body, said):
    assert error_body(json.dumps(body).encode()).text == said, framework


def test_reasons_are_cut_and_masked_as_any_text():
    secret = [{"loc": ["query", "a"], "msg": f"not {KEY}"}, {"msg": "--logonToken abc"}, {"msg": "x" * 400}]
    with Server(answer(422, json.dumps({"detail": secret}).encode())) as server, pytest.raises(HttpError) as caught:
        client.HttpClient(connection(server.url)).get("/x")
    assert str(caught.value).startswith("GET /x answered 422: a: not ********; --logonToken ********")
    assert len(caught.value.detail) == 300


def test_the_text_of_an_error_needs_no_server():
    assert error_body(b'{"error": {"Message": "a\\nb", "error_id": "e-1"}}').text == "a b (errorId e-1)"
    assert [error_body(body).text for body in (b"", b"{}", b'"x"', b'{"message": null}')] == [""] * 4

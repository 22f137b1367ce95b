# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who says 404: the service, or something before it. A new answer is one line of a table. Proves rules 33 and 36."""

from __future__ import annotations

import json

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.api.absence import Absence, own_words, unsure_kinds
from ansible_collections.aimms.cloud.plugins.module_utils.errors import AnswerError, HttpError, PartlyFailedError
from ansible_collections.aimms.cloud.plugins.module_utils.http.client import HttpClient
from ansible_collections.aimms.cloud.plugins.module_utils.sessions.terminate import terminate
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import Account, results
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.loopback import Server, answer, connection
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.scripted_change import FakeTime, use_clock

ID = "14d231b1-2b87-457c-bc83-305bb5daa4cc"
OWN = {
    "the vendor's": {"errorId": "e-1", "errorCode": 404, "message": "gone"},
    "in snake_case": {"error_code": 17},
    "nested": {"error": {"ErrorId": "x", "Message": "none"}},
    "with the id": {"message": f"There is no session {ID}."},
    "with the id in quotes": {"detail": f"session '{ID}' was not found"},
    "problem+json": {"type": "about:blank", "title": f"No session {ID}", "status": 404},
}
NOT_OWN = {
    "Kong": {"message": "no Route matched with those values"},
    "AWS": {"message": "Not Found"},
    "APIM": {"statusCode": 404, "message": "Resource not found"},
    "a code as of HTTP": {"code": 404, "message": "no such session"},
    "Spring": {"status": 404, "error": "Not Found", "path": f"/pro/session-manager/v1/sessions/webui/{ID}"},
    "a path in the text": {"message": f"Cannot GET /pro/session-manager/v1/sessions/webui/{ID}"},
    "an empty code": {"errorId": "", "errorCode": None},
    "an object": {},
    "a list": [{"errorId": "x"}],
    "a text": "errorId",
    "HTML": b"<html><h1>404 Not Found</h1></html>",
    "text": b"404 page not found",
    "nothing": b"",
}


def refusal(body, status=404):
    """The error of a server that answers this."""
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    with Server(answer(status, text)) as service, pytest.raises(HttpError) as caught:
        HttpClient(connection(service.url)).get(f"/pro/session-manager/v1/sessions/webui/{ID}")
    return caught.value


class Lists:
    """The lists that are asked for: the ids of each, or None."""

    def __init__(self, *found):
        self.found, self.asked = list(found), []

    def __call__(self, kind):
        self.asked.append(kind)
        return self.found.pop(0) if self.found else None


@pytest.mark.parametrize("body", OWN.values(), ids=OWN)
def test_in_its_own_words_the_service_is_believed(body):
    lists = Lists()
    assert own_words(refusal(body), ID)
    assert Absence(lists).check(refusal(body), "webui", ID) is None
    assert lists.asked == []


@pytest.mark.parametrize("body", NOT_OWN.values(), ids=NOT_OWN)
def test_anything_else_is_believed_only_where_a_whole_list_has_it_no_more(body):
    error = refusal(body)
    assert not own_words(error, ID)
    with pytest.raises(AnswerError, match=r"404.*not known whether the service said so.*no whole list"):
        Absence(Lists()).check(error, "webui", ID)
    with pytest.raises(AnswerError, match=r"not known whether the service said so.*a list of the service has it"):
        Absence(Lists({ID})).check(error, "webui", ID)
    lists = Lists({"another"})
    assert Absence(lists).check(error, "webui", ID) is None
    assert lists.asked == ["webui"]


def test_words_that_a_list_has_confirmed_once_are_known_from_then_on_but_no_page_is():
    lists = Lists(set(), set(), None)
    absence = Absence(lists)
    for _number in range(3):
        absence.check(refusal({"code": 404, "message": "no such session"}), "webui", ID)
    assert len(lists.asked) == 1
    absence.check(refusal(b"404 page not found"), "webui", ID)
    with pytest.raises(AnswerError):
        absence.check(refusal(b"404 page not found"), "webui", ID)
    with pytest.raises(AnswerError):
        absence.check(refusal({"code": 404, "message": "no Route matched with those values"}), "webui", ID)


def test_a_short_id_is_a_word_of_any_text():
    error = HttpError("GET /a", 404, "a page is missing", form="message a page is missing")
    assert not own_words(error, "page")


def refused(**errors):
    """The errors to the first request for each kind: a status and a text, in JSON or not."""
    return {
        kind: HttpError("GET /a", status, text, form=text if in_json else "")
        for kind, (status, text, in_json) in errors.items()
    }


@pytest.mark.parametrize(
    ("errors", "unsure"),
    [
        ({}, []),
        ({"solve": (404, "no such kind", True)}, []),
        ({"solve": (404, "Not found", True)}, ["solve"]),
        ({"solve": (400, "Unknown session type", True)}, []),
        ({"solve": (422, "'100' is not of type 'integer'", True)}, ["solve"]),
        ({"solve": (400, "limit: Failed to convert to the required type", True)}, ["solve"]),
        ({"external": (404, "There are no external sessions", True)}, []),
        ({"external": (404, "Not found", True)}, ["external"]),  # a proxy that has no route for it, or the service
        ({"external": (404, "Not found", True), "verify": (404, "Not found", True)}, []),
        ({"external": (404, "(an HTML page)", False), "verify": (404, "(an HTML page)", False)}, []),
        ({"external": (422, "'external' is none", True), "verify": (422, "'verify' is none", True)}, []),
        (
            {"external": (404, "(an HTML page)", False), "verify": (400, "(an HTML page)", False)},
            ["external", "verify"],
        ),
        ({"external": (404, "Not found", True), "verify": (404, "(an HTML page)", False)}, ["external", "verify"]),
        (dict.fromkeys(("solve", "external", "verify"), (404, "Not found", True)), ["solve"]),
    ],
)
def test_no_kind_is_left_out_on_the_word_of_a_proxy(errors, unsure):
    assert unsure_kinds(refused(**errors)) == unsure


EVIDENCE = {
    "others": ({"sessions": [{"id": "w9", "state": "running"}]}, "terminated"),
    "a count of 0": ({"sessions": [], "total": 0}, "terminated"),
    "null and a count of 0": ({"sessions": None, "total": 0}, "terminated"),
    "null": ({"sessions": None}, "unknown"),
    "null, bare": (None, "unknown"),
    "an empty list": ({"sessions": []}, "unknown"),
    "an empty list, bare": ([], "unknown"),
    "others, in part": ({"sessions": [{"id": "w9", "state": "running"}], "partial": True}, "unknown"),
    "others, of more": ({"sessions": [{"id": "w9", "state": "running"}], "total": 250}, "unknown"),
    "a count of 0 with errors": ({"sessions": [], "total": 0, "errors": ["x"]}, "unknown"),
}


@pytest.mark.parametrize(("listed", "became"), EVIDENCE.values(), ids=EVIDENCE)
def test_what_a_proxy_calls_gone_is_called_ended_only_where_a_list_is_evidence(listed, became, monkeypatch):
    use_clock(monkeypatch, FakeTime())

    def page():
        return 200, listed if account.requests[-1].query.get("offset", "0") == "0" else {"sessions": []}

    def take():
        account.on("GET", "/webui/w1", *[(404, b"<html>404</html>")] * 99)
        account.on("GET", "/sessions/webui", *[page] * 999)
        return 204, None

    with Account() as account:
        account.add("webui", "w1")
        account.on("PATCH", "/terminate", take)
        params = account.params(kinds=["webui"], session_ids=["w1"], wait_timeout="10s")
        try:
            result = terminate(params, False, [].append)
        except PartlyFailedError as error:
            result = error.result
        assert (results(result), account.state("webui", "w1")) == ({"w1": became}, "running")

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ending sessions on servers whose DELETE ends them, and on those that do not tell. Proves rules 16 and 22.

Also rules 33 and 34: what a document does not show is not guessed, and the first DELETE is a canary.
"""

from __future__ import annotations

import re

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import (
    PartlyFailedError,
)
from ansible_collections.aimms.cloud.plugins.module_utils.sessions.terminate import terminate
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import Account, document, results
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.scripted_change import FakeTime, use_clock

PATCH, DELETE = "PATCH webui/w1/terminate", "DELETE webui/w1"


@pytest.fixture(name="server")
def a_server(monkeypatch):
    """Makes an account with one session; waiting takes no time."""
    use_clock(monkeypatch, FakeTime())
    made = []

    def make(**how):
        account = Account(**how).__enter__()
        account.add("webui", "w1")
        made.append(account)
        return account

    yield make
    for account in made:
        account.__exit__()


def run(account, **options):
    """The result, whether or not all went well."""
    try:
        return terminate(account.params(**{"kinds": ["webui"], "session_ids": ["w1"], **options}), False, [].append)
    except PartlyFailedError as error:
        return error.result


def test_a_documented_legacy_server_is_sent_delete_and_nothing_else(server):
    account = server(legacy=True)
    result = run(account)
    assert (results(result), result["api_generation"]) == ({"w1": "terminated"}, "legacy")
    assert account.changes() == [DELETE]
    assert account.state("webui", "w1") == "terminated"


# The first DELETE of a run is a canary

ALL = ["w1", "w2", "w3", "w4"]


def several(server, **how):
    account = server(**{"legacy": True, **how})
    for name in ALL[1:]:
        account.add("webui", name)
    return account


def places(account, end):
    return [place for place, one in enumerate(account.requests) if one.path.endswith(end)]


def delete_of(account, name):
    return next(one for one in account.requests if one.method == "DELETE" and one.path.endswith(f"/{name}"))


def test_no_second_delete_goes_out_before_the_first_session_was_seen_to_have_ended(server):
    account = several(server)
    assert set(results(run(account, session_ids=ALL)).values()) == {"terminated"}
    first, second, *_more = [place for place, one in enumerate(account.requests) if one.method == "DELETE"]
    assert "w1" in account.requests[first].path
    between = [one.path.rpartition("/")[2] for one in account.requests[first:second] if one.method == "GET"]
    assert between[0] == "w1"
    assert len(places(account, "/openapi.yaml")) == 2
    assert places(account, "/openapi.yaml")[1] < first


def test_without_waiting_the_canary_is_waited_for(server):
    account = several(server)
    assert set(results(run(account, session_ids=ALL, wait=False)).values()) == {"requested"}
    assert len(account.changes()) == 4


def test_after_a_first_delete_that_destroyed_the_record_nothing_more_is_sent(server):
    account = several(server)
    account.on("DELETE", "/w1", lambda: account.sessions.pop(("webui", "w1")) and (204, None))
    result = run(account, session_ids=ALL)
    assert results(result) == {"w1": "unknown", "w2": "not_tried", "w3": "not_tried", "w4": "not_tried"}
    assert result["changed"]
    assert "After DELETE the server no longer has the record of w1" in result["sessions"][0]["msg"]
    assert "describes the legacy generation" in result["sessions"][0]["msg"]
    assert account.changes() == [DELETE]
    assert len(places(account, "/openapi.yaml")) == 3


def test_a_record_that_is_gone_after_any_later_delete_is_not_called_ended(server):
    account = several(server)
    account.on("DELETE", "/w3", lambda: account.sessions.pop(("webui", "w3")) and (204, None))
    result = run(account, session_ids=ALL)
    assert results(result)["w3"] == "unknown"


def test_one_that_does_not_end_is_no_evidence_and_the_next_one_is_the_canary(server):
    account = several(server)
    account.deaf.add("w1")
    result = run(account, session_ids=ALL)
    assert results(result) == {"w1": "unknown", "w2": "terminated", "w3": "terminated", "w4": "terminated"}
    assert "still running" in result["sessions"][0]["msg"]
    between = account.requests[account.requests.index(delete_of(account, "w2")) + 1 :]
    assert [between[0].method, between[0].path.rpartition("/")[2]] == ["GET", "w2"]


@pytest.mark.parametrize(("wait", "told"), [(True, "unknown"), (False, "requested")])
def test_where_none_ends_the_sixth_is_not_tried(wait, told, server):
    account = several(server)
    for number in range(5, 9):
        account.add("webui", f"w{number}")
    account.deaf.update(f"w{number}" for number in range(1, 9))
    result = run(account, session_ids=[f"w{number}" for number in range(1, 9)], wait=wait)
    assert list(results(result).values()) == [told] * 5 + ["not_tried"] * 3
    assert len(account.changes()) == 5


@pytest.mark.parametrize("destroyed", [True, False])
def test_a_canary_without_a_clear_answer_is_looked_at_before_the_next_one(destroyed, server):
    account = several(server)

    def act():
        if destroyed:
            account.sessions.pop(("webui", "w1"))
        return 504, None

    account.on("DELETE", "/w1", act)
    result = results(run(account, session_ids=ALL))
    assert result["w1"] == ("unknown" if destroyed else "terminated")
    assert {result[one] for one in ALL[1:]} == {"not_tried" if destroyed else "terminated"}
    assert (len(account.changes()) == 1) == destroyed


def test_what_had_ended_before_is_no_canary(server):
    account = several(server)
    account.sessions["webui", "w1"]["state"] = "terminated"
    assert results(run(account, session_ids=ALL))["w4"] == "terminated"
    assert account.changes()[0] == "DELETE webui/w2"


# A document that is not the present one

OLD, NEW = (200, document(True, 100)), (200, document(False, 100))


@pytest.mark.parametrize(
    ("documents", "why"),
    [
        ([OLD] * 9, "describes the legacy generation, but .*/w1/logs exists there"),
        ([OLD, NEW], "document has changed: it now describes the current generation"),
        ([OLD, 503], "document has changed: its OpenAPI document could not be used now"),
        ([OLD, 404], "document has changed: it now describes the unknown generation"),
    ],
)
def test_an_old_or_a_changing_document_destroys_nothing(documents, why, server):
    account = several(server, legacy=False)
    account.on("GET", "/openapi.yaml", *documents)
    result = run(account, session_ids=ALL)
    assert set(results(result).values()) == {"not_tried"}
    assert re.search(why, result["sessions"][0]["msg"])
    assert (account.changes(), len(account.sessions), result["changed"]) == ([], 4, False)


def test_a_session_without_a_log_does_not_make_a_current_server_a_legacy_one(server):
    account = several(server, legacy=False)
    account.on("GET", "/openapi.yaml", *[OLD] * 9)
    account.on("GET", "/logs", *[404] * 9)
    account.on("GET", "/terminate", *[405] * 9)
    assert set(results(run(account, session_ids=ALL)).values()) == {"not_tried"}
    assert account.changes() == []


def test_a_server_that_becomes_a_current_one_during_the_run_is_noticed_before_each_delete(server):
    account = several(server)
    account.on("DELETE", "/w1", lambda: account.sessions["webui", "w1"].update(state="terminated") or (200, {}))

    def upgraded():
        account.legacy = False

    account.on("GET", "/w2", lambda: None, upgraded)
    result = run(account, session_ids=ALL, concurrency=1)
    assert results(result) == {"w1": "terminated", "w2": "not_tried", "w3": "not_tried", "w4": "not_tried"}
    assert account.changes() == [DELETE]


def test_a_check_that_gets_no_answer_sends_nothing(server):
    account = server(legacy=True)
    account.on("GET", "/w1/logs", *[503] * 9)
    assert results(run(account)) == {"w1": "failed"}
    assert account.changes() == []


# Without a document


def test_without_a_document_a_legacy_server_is_not_sent_delete_on_a_refusal(server):
    account = server(legacy=True, documented=False)
    assert results(run(account)) == {"w1": "failed"}
    assert account.changes() == [PATCH]


def test_without_a_document_delete_needs_the_user_s_word_and_the_evidence_of_that_session(server):
    account = server(legacy=True, documented=False)
    assert results(run(account, api_generation="legacy")) == {"w1": "terminated"}
    assert account.changes() == [DELETE]
    first = next(place for place, one in enumerate(account.requests) if one.method == "DELETE")
    assert max(places(account, "/logs/webui/w1")) < first


@pytest.mark.parametrize(
    "acts",
    [
        {"/logs/webui/w1": [404] * 9},
        {"/logs/webui/w1": [(200, b"<html>")] * 9},
        {"/w1/logs": [(404, b"<html>not found</html>")] * 9},
        {"/w1/logs": [(404, "")] * 9},
        {"/w1/logs": [(200, [])] * 9},
        {"/w1/logs": [405] * 9},
        {"/w1/logs": [403] * 9},
    ],
)
def test_without_that_evidence_only_what_cannot_destroy_is_sent(acts, server):
    account = server(legacy=True, documented=False)
    for end, answers in acts.items():
        account.on("GET", end, *answers)
    run(account, api_generation="legacy")
    assert account.changes() == [PATCH]


def test_without_a_document_a_current_server_is_never_sent_delete(server):
    account = server(documented=False)
    assert results(run(account)) == {"w1": "terminated"}
    assert account.changes() == [PATCH]


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 501])
def test_any_other_refusal_is_no_sign_of_the_legacy_generation(status, server):
    account = server(documented=False)
    account.on("PATCH", "/terminate", *[status] * 9)
    assert results(run(account)) == {"w1": "unknown" if status == 501 else "failed"}
    assert DELETE not in account.changes()


def test_on_a_documented_server_a_missing_route_is_no_reason_for_delete(server):
    account = server()
    account.on("PATCH", "/terminate", 405)
    assert results(run(account)) == {"w1": "failed"}
    assert account.changes() == [PATCH]

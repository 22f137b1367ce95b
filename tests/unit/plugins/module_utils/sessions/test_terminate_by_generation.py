# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ending sessions on servers whose DELETE ends them, and on those that do not tell. Proves rules 16 and 22."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import (
    PartlyFailedError,
)
from ansible_collections.aimms.cloud.plugins.module_utils.sessions.terminate import terminate
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import Account, results
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
        return terminate(account.params(kinds=["webui"], session_ids=["w1"], **options), False, [].append)
    except PartlyFailedError as error:
        return error.result


def test_a_documented_legacy_server_is_sent_delete_and_nothing_else(server):
    account = server(legacy=True)
    result = run(account)
    assert (results(result), result["api_generation"]) == ({"w1": "terminated"}, "legacy")
    assert account.changes() == [DELETE]
    assert account.state("webui", "w1") == "terminated"


@pytest.mark.parametrize("said", ["auto", "legacy"])
def test_without_a_document_delete_follows_only_where_there_is_no_terminate_route(said, server):
    account = server(legacy=True, documented=False)
    assert results(run(account, api_generation=said)) == {"w1": "terminated"}
    assert account.changes() == [PATCH, DELETE]
    order = [request.method for request in account.requests if request.path.endswith(("/w1", "/terminate"))]
    assert order[:4] == ["GET", "GET", "PATCH", "GET"]
    assert order[4] == "DELETE"


def test_without_a_document_a_current_server_is_never_sent_delete(server):
    account = server(documented=False)
    assert results(run(account)) == {"w1": "terminated"}
    assert account.changes() == [PATCH]


@pytest.mark.parametrize("status", [400, 403, 409, 501])
def test_any_other_refusal_is_no_sign_of_the_legacy_generation(status, server):
    account = server(documented=False)
    account.on("PATCH", "/terminate", *[status] * 9)
    assert results(run(account)) == {"w1": "failed"}
    assert DELETE not in account.changes()


@pytest.mark.parametrize(("status", "result"), [(404, "already_ended"), (405, "failed")])
def test_a_session_that_is_gone_after_the_refusal_is_not_sent_delete(status, result, server):
    account = server(documented=False)
    account.on("PATCH", "/terminate", lambda: account.sessions.clear() or status)
    assert results(run(account)) == {"w1": result}
    assert account.changes() == [PATCH]


@pytest.mark.parametrize("change", [{"owner": "bob@ROOT"}, {"state": "terminated"}])
def test_a_session_that_is_another_after_the_refusal_is_not_sent_delete(change, server):
    account = server(legacy=True, documented=False)
    account.on("PATCH", "/terminate", lambda: account.sessions["webui", "w1"].update(change))
    run(account)
    assert account.changes() == [PATCH]


def test_on_a_documented_server_a_missing_route_is_no_reason_for_delete(server):
    account = server()
    account.on("PATCH", "/terminate", 405)
    assert results(run(account)) == {"w1": "failed"}
    assert account.changes() == [PATCH]

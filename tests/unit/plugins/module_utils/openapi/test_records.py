# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record that an answer is about, and its own id among several. Proves rules 15, 16 and 23."""

from __future__ import annotations

import json

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import PartlyFailedError, RefusedError
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.records import open_record, session_from
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import Account, document, results
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.ending import run
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.scripted_change import FakeTime, use_clock

ENDED, RUNS = ({"id": "a", "state": state, "app_name": "Crew"} for state in ("finished", "running"))
KUBERNETES = {"metadata": {"id": "a", "labels": {}}, "spec": {"owner": "ann"}, "status": {"phase": "running"}}


@pytest.fixture(name="account")
def an_account(monkeypatch):
    """Waiting for their end takes no time."""
    use_clock(monkeypatch, FakeTime())
    with Account() as account:
        yield account


@pytest.mark.parametrize(
    "answer",
    [
        {"id": "a", "state": "running"},
        {"session": {"id": "a", "state": "running"}},
        {"data": {"session": {"sessionId": "a"}}},
        {"data": [{"uuid": "a"}]},
        [{"id": "a"}],
    ],
)
def test_one_record(answer):
    assert "a" in open_record(answer, "a").values()


@pytest.mark.parametrize(
    "answer",
    [{}, {"id": "b"}, {"id": "A"}, [], None, "a", {"message": "a"}, {"ids": ["a"]}, [{"id": "a"}, {"id": "b"}]],
)
def test_an_answer_about_something_else_is_not_the_record(answer):
    with pytest.raises(ValueError, match="no record"):
        open_record(answer, "a")


@pytest.mark.parametrize(
    "answer",
    [
        {"previous": ENDED, "session": RUNS},
        {"session": RUNS, "previous": ENDED},
        {"previous": [ENDED], "session": RUNS},
        {**ENDED, "current": RUNS},
        {**ENDED, "current": {"session": RUNS}},
        {**RUNS, "current": {**RUNS, "state": "paused by none"}},
        {**RUNS, "current": ENDED},
        {"current": RUNS, "previous": {**RUNS, "state": "launching"}},
        {"session_id": "a", "now": RUNS, "previous": {**RUNS, "state": "launching"}},
        {"status": "completed", "id": "a", "session": {"id": "a", "status": "running"}},
        {"old": {"metadata": {"id": "a"}, "state": "finished"}, "new": KUBERNETES},
        {"old": {"sessionId": "a", "status": {"phase": "Finished"}}, "new": RUNS},
        [ENDED, RUNS],
        {"items": [ENDED, RUNS]},
    ],
)
def test_of_records_with_one_id_that_tell_different_states_none_is_believed(answer, account):
    with pytest.raises(ValueError, match=r"records? with that id"):
        open_record(answer, "a")
    account.add("webui", "a")
    account.alone = lambda _one: answer
    with pytest.raises(PartlyFailedError) as caught:
        run(account, kinds=["webui"], older_than="1h")
    assert results(caught.value.result) == {"a": "failed"}
    assert account.changes() == []


@pytest.mark.parametrize(
    "twice",
    [
        {"State": "terminated", "state": "running"},
        {"session": {"state": "terminated"}, "current": {"state": "running"}},
        {"state": "terminated", "status": "running"},
        {"state": "SESSION_STATE_TERMINATED", "phase": "RUNNING"},
        {"state": "terminated", "phase": "STATUS_RUNNING"},
        {"status": {"name": "finished", "phase": "running"}},
    ],
)
def test_an_end_is_not_believed_where_another_field_tells_that_it_runs(twice, account):
    record = {key: value for key, value in account.add("webui", "a").items() if key != "state"}
    account.alone = lambda one: {**twice, **record} if account.changes() else one
    account.deaf = {"a"}
    with pytest.raises(PartlyFailedError) as caught:
        run(account, kinds=["webui"], older_than="1h", wait_timeout="9s")
    assert results(caught.value.result) == {"a": "unknown"}
    assert open_record({"id": "a", "state": "running", "status": "error"}, "a")["state"] == "running"


def test_an_answer_with_nothing_but_the_id_and_an_error_is_not_the_end(account):
    account.add("webui", "a")
    account.alone = lambda one: {"id": "a", "status": "error", "message": "no node"} if account.changes() else one
    account.deaf = {"a"}
    with pytest.raises(PartlyFailedError) as caught:
        run(account, kinds=["webui"], older_than="1h", wait_timeout="9s")
    assert results(caught.value.result) == {"a": "unknown"}


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ({"request": {"session_id": "a"}, "session": RUNS}, "running"),
        ({"links": {"id": "a"}, "data": [RUNS]}, "running"),
        ({**RUNS, "session": {"id": "a", "state": "Running"}}, "running"),
        ({**RUNS, "session": {"id": "a", "state": "SESSION_STATE_RUNNING"}}, "running"),
        ([{**RUNS, "state": "status"}], "status"),
        ({**RUNS, "pod": {"name": "a", "phase": "Ready"}}, "running"),
        ({**RUNS, "lastEvent": {"session_id": "a", "state": "launching"}}, "running"),
        ({**ENDED, "pod": {"name": "a", "phase": "Terminated"}}, "finished"),
        ({**RUNS, "events": [{"session_id": "a", "state": "launching"}]}, "running"),
        ({**RUNS, "task": {"id": "t-1", "session_id": "a", "state": "completed"}}, "running"),
        ({"task": {"session_id": "a", "id": "t-1", "state": "completed"}, "session": RUNS}, "running"),
        ({"previous": {"id": "b", "state": "finished"}, "session": RUNS}, "running"),
        ({"state": "finished", "session": {"id": "a", "owner": "ann"}}, ""),
        ({"state": "finished", "data": {"id": "a", "owner": "ann"}}, ""),
    ],
)
def test_what_else_has_the_id_or_a_state_is_not_the_record(answer, state):
    assert session_from(open_record(answer, "a"), "webui", None, frozenset({"id"}), raw=False).state == state


@pytest.mark.parametrize("wrapped", [dict, lambda one: {"data": one}, lambda one: {"status": "ok", "session": one}])
@pytest.mark.parametrize(
    "record",
    [
        KUBERNETES,
        {"Meta": {"id": "a"}, "state": "running", "created_at": "2026-01-01T00:00:00Z"},
        {"metadata": {"session_id": "a", "state": "running"}, "status": {"phase": "ok"}},
        {"id": "a", "metadata": {"id": "b"}, "state": "running"},
        {"id": "a", "attributes": {"state": "running"}},
    ],
)
def test_a_record_whose_id_stands_in_an_object_is_read_alone_as_in_a_list(record, wrapped):
    def read(one):
        return session_from(one, "webui", None, frozenset({"id"}), raw=False)

    assert read(open_record(wrapped(record), "a")) == read(record)
    assert (read(record).id, read(record).state) == ("a", "running")


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize(
    ("names", "record", "own"),
    [
        ({"id"}, {"id": "a", "session_id": "b"}, "a"),
        ({"session_id"}, {"id": "a", "session_id": "b"}, "b"),
        ({"session_id"}, {"id": 17, "sessionId": " b "}, "b"),
        ({"session_id"}, {"ID": "a", "SESSION-ID": 17}, "17"),
        ({"name"}, {"id": "a", "name": "b"}, "b"),
        ({"session_id"}, {"id": "a", "name": "b"}, "a"),
        ({"session_id"}, {"id": "a", "session_id": None}, "a"),
        ({"session_id"}, {"id": "a", "session_id": {"id": "b"}}, "a"),
        ({"appid"}, {"id": "a", "app_id": "b"}, "a"),
        ({"id", "sessionId"}, {"id": "a", "session_id": "a"}, "a"),
        ({"id", "sessionId"}, {"id": "a", "session_id": "b"}, None),
        ({"-"}, {"id": "a", "-": "b"}, "a"),
        ({"id"}, {"_id": "b", "@id": "/s/a", "id": "a"}, "a"),
        ({"_id"}, {"_id": "b", "id": "a"}, "b"),
        ({"ID"}, {"@id": "/s/a", "id": "a"}, "a"),
    ],
)
def test_the_id_is_what_the_document_calls_so(names, record, own, order):
    ordered = dict([*record.items()][::order])
    session = session_from(ordered, "webui", None, frozenset(names), raw=False)
    assert (session and session.id) == own


def of_path(name):
    """The document of an account, with another name for the id."""
    return json.loads(json.dumps(document(False, 100)).replace("/{id}", f"/{{{name}}}"))


@pytest.mark.parametrize("name", ["session_id", "sessionId", "id"])
def test_requests_go_to_the_id_by_which_the_server_knows_a_session(name, account):
    """The number of one session is the other one's id."""
    account.on("GET", "/openapi.yaml", (200, of_path(name)))
    other = "id" if name != "id" else "session_id"
    for own, number, hours in (("1", "2", 30), ("2", "1", 1)):
        account.add("webui", own, hours=hours)["row"] = number
    account.alone = account.in_lists = lambda one: {**one, name: one["id"], other: one["row"]}
    result, _warnings = run(account, kinds=["webui"], older_than="24h")
    assert results(result) == {"1": "terminated"}
    assert (account.state("webui", "1"), account.state("webui", "2")) == ("terminated", "running")


def test_the_path_of_a_services_address_does_not_tell_how_the_id_of_a_session_is_called(account):
    """It has another form than the paths that read and change a session."""
    paths = of_path("session_id")
    paths["paths"]["/sessions/{id}/{service}/uri"] = paths["paths"].pop("/sessions/{session_id}/{service}/uri")
    account.on("GET", "/openapi.yaml", (200, paths))
    account.add("webui", "1", hours=30)
    account.alone = account.in_lists = lambda one: {**one, "session_id": one["id"], "id": "7"}
    assert results(run(account, kinds=["webui"], older_than="24h")[0]) == {"1": "terminated"}


def test_where_the_paths_call_the_id_in_two_ways_and_a_record_has_both_nothing_is_changed(account):
    """A read by one of them would show nothing of what a change by the other one reaches."""
    paths = of_path("id")
    terminate = paths["paths"].pop("/sessions/{kind}/{id}/terminate")
    paths["paths"]["/sessions/{kind}/{session_id}/terminate"] = terminate
    account.on("GET", "/openapi.yaml", (200, paths))
    account.add("webui", "1")
    account.alone = account.in_lists = lambda one: {**one, "session_id": "2"}
    with pytest.raises(RefusedError, match="records name no id"):
        run(account, kinds=["webui"], older_than="1h")
    assert account.changes() == []

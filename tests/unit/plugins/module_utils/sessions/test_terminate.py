# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ending sessions from the options to what the server is left with. Proves rules 16, 17, 18, 20, 21, 23, 26 and 27."""

from __future__ import annotations

from itertools import count
from types import SimpleNamespace

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.changes import executor
from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError, PartlyFailedError, RefusedError
from ansible_collections.aimms.cloud.plugins.module_utils.logs import quiet
from ansible_collections.aimms.cloud.plugins.module_utils.sessions.terminate import terminate
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import Account, ago, results
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.loopback import PausedClock
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.scripted_change import FakeTime

QUIET = {"quiet_for": "2h", "kinds": ["webui"], "owners": ["jdoe@*"]}


@pytest.fixture(name="account")
def an_account(monkeypatch):
    """Five sessions, four of them active; waiting for their end takes no time, and what was read stays fresh."""
    monkeypatch.setattr(executor, "time", FakeTime())
    monkeypatch.setattr(quiet, "time", PausedClock(0.0))
    with Account() as account:
        account.add("webui", "w1", hours=30)
        account.add("webui", "w2", hours=40, owner="ann@ROOT")
        account.add("webui", "w3", hours=1)
        account.add("webui", "w4", "terminated", hours=50)
        account.add("task", "t5", hours=60)
        yield account


def run(account, check_mode=False, **options):
    """The result and the warnings."""
    warnings = []
    return terminate(account.params(**options), check_mode, warnings.append), warnings


def kept(result):
    return {session["id"]: session["reason"] for session in result["kept"]}


def test_what_is_selected_is_ended_the_oldest_first_and_the_rest_is_kept_with_its_reason(account):
    result, warnings = run(account, older_than="24h", kinds=["webui"], protect_owners=["ann@*"], concurrency=1)
    assert result["changed"] is True
    assert results(result) == {"w1": "terminated"}
    assert kept(result) == {"w2": "protected", "w3": "too_young"}
    assert (result["summary"], result["complete"], result["api_generation"]) == ({"terminated": 1}, True, "current")
    assert account.changes() == ["PATCH webui/w1/terminate"]
    assert account.state("webui", "w1") == "terminated"
    assert result["sessions"][0]["state"] == "terminated"
    assert warnings == []


def test_check_mode_lists_what_a_run_then_acts_on_and_a_second_run_finds_nothing(account):
    planned, _warnings = run(account, True, older_than="24h", concurrency=1)
    assert account.changes() == []
    assert results(planned) == dict.fromkeys(["t5", "w2", "w1"], "would_terminate")
    assert planned["changed"] is True
    done, _warnings = run(account, older_than="24h", concurrency=1)
    assert list(results(done)) == list(results(planned))
    assert account.changes() == [f"PATCH {one}/terminate" for one in ("task/t5", "webui/w2", "webui/w1")]
    again, _warnings = run(account, older_than="24h")
    assert (again["changed"], again["sessions"], len(account.changes())) == (False, [], 3)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "Without a criterion this would end every session. Give sessions, session_ids with one of kinds, or"),
        ({"kinds": ["webui"]}, "Without a criterion"),
        ({"session_ids": ["w1"]}, "session_ids needs exactly one of kinds"),
        ({"session_ids": ["w1"], "kinds": ["webui", "task"]}, "session_ids needs exactly one of kinds"),
        ({"session_ids": ["w1"], "kinds": ["webui"], "max_active": 1}, "max_active goes with a selection"),
        ({"session_ids": ["w1"], "kinds": ["webui"], "server_filters": {"state": "x"}}, "server_filters go with"),
        ({"older_than": "1h", "concurrency": 0}, "concurrency: must be from 1 to 32, not 0"),
        ({"older_than": "1h", "concurrency": 33}, "concurrency: must be from 1 to 32, not 33"),
        ({"older_than": "1h", "wait_timeout": "5"}, "wait_timeout: '5' has no unit"),
        ({"older_than": "1h", "grace_period": "soon"}, "grace_period: 'soon' is not a duration"),
        ({"sessions": [{"id": "w1", "kind": "webui"}]}, "sessions: a record has no app_name. Each needs id, kind"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_asked(options, said, account):
    with pytest.raises(OptionError, match=said):
        run(account, **options)
    assert account.requests == []


def test_a_negative_breaker_is_refused_before_any_session_is_read(account):
    with pytest.raises(OptionError, match="max_sessions: must not be negative"):
        run(account, older_than="1h", max_sessions=-1)
    assert account.asked("/webui") == account.asked("/task") == account.changes() == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"max_sessions": 2}, "3 sessions are selected and max_sessions is 2"),
        ({"max_sessions": 0}, "3 sessions are selected and max_sessions is 0"),
        ({"max_percent": 60}, "3 of 4 active sessions are selected and max_percent is 60"),
        ({"max_per_owner": 1}, "2 sessions of jdoe@ROOT are selected and max_per_owner is 1"),
    ],
)
def test_a_breaker_ends_nothing_and_gives_the_figures(options, said, account):
    with pytest.raises(RefusedError, match=f"Nothing was ended: {said}.*Narrow the selection") as caught:
        run(account, older_than="24h", **options)
    assert account.changes() == []
    assert results(caught.value.result) == dict.fromkeys(["t5", "w2", "w1"], "not_tried")
    assert (caught.value.result["changed"], caught.value.result["summary"]) == (False, {"not_tried": 3})
    assert caught.value.result["sessions"][0]["msg"] == "A breaker tripped."


def test_by_id_ended_and_unknown_ones_are_no_change_and_no_failure(account):
    result, _warnings = run(account, kinds=["webui"], session_ids=["w3", "w4", "nobody", "w3"])
    assert results(result) == {"w4": "already_ended", "nobody": "not_found", "w3": "terminated"}
    assert account.changes() == ["PATCH webui/w3/terminate"]
    again, _warnings = run(account, kinds=["webui"], session_ids=["w3", "w4", "nobody"])
    assert (again["changed"], len(account.changes())) == (False, 1)


def test_named_sessions_are_measured_against_all_active_ones_of_their_kind(account):
    ids = {"kinds": ["webui"], "session_ids": ["w1", "w2"]}
    with pytest.raises(RefusedError, match="2 of 3 active sessions are selected and max_percent is 50"):
        run(account, max_percent=50, **ids)
    assert account.changes() == []
    assert results(run(account, max_percent=67, **ids)[0]) == {"w1": "terminated", "w2": "terminated"}


def test_a_record_of_a_plan_is_acted_on_only_while_it_is_the_same_session(account):
    planned = run(account, True, older_than="24h")[0]["sessions"]
    account.sessions["webui", "w1"]["owner"] = "bob@ROOT"
    account.sessions["webui", "w2"]["created_at"] = ago(2)
    result, _warnings = run(account, sessions=planned + planned)
    assert results(result) == {"w2": "changed_since", "w1": "changed_since", "t5": "terminated"}
    assert account.changes() == ["PATCH task/t5/terminate"]
    assert "Nothing was sent" in result["sessions"][0]["msg"]


@pytest.mark.parametrize(("field", "value"), [("kind", "model"), ("created_at", "lately"), ("created_at", "")])
def test_a_record_of_no_session_is_refused(field, value, account):
    record = {"id": "w1", "kind": "webui", "app_name": None, "owner": None, "created_at": None, field: value}
    with pytest.raises(OptionError, match="the record of w1 has a kind or created_at of no session"):
        run(account, sessions=[record])
    assert account.requests == []


def test_max_active_ends_only_the_oldest_and_only_as_many_as_needed(account):
    result, _warnings = run(account, kinds=["webui"], max_active=2)
    assert results(result) == {"w2": "terminated"}
    assert kept(result) == {"w1": "max_active", "w3": "max_active"}
    assert run(account, kinds=["webui"], max_active=2)[0]["changed"] is False
    assert account.changes() == ["PATCH webui/w2/terminate"]


def test_server_filters_narrow_but_the_percentage_counts_all(account):
    narrow = {"older_than": "24h", "kinds": ["webui"], "server_filters": {"owner": "ann@ROOT"}}
    with pytest.raises(RefusedError, match="1 of 3 active sessions are selected and max_percent is 30"):
        run(account, max_percent=30, **narrow)
    assert account.asked("/sessions/webui") == [{"limit": "100"}, {"owner": "ann@ROOT", "limit": "100"}]
    assert results(run(account, max_percent=40, **narrow)[0]) == {"w2": "terminated"}
    account.add("webui", "w6", hours=70, owner="ann@ROOT")
    account.add("webui", "w7", hours=70, owner="ann@ROOT")
    both = {**narrow, "session_ids": ["w7", "w1"], "max_percent": 60}
    assert results(run(account, **{**both, "kinds": ["webui", "task"]})[0]) == {"w7": "terminated"}


def test_nothing_is_changed_on_the_word_of_an_incomplete_list(account):
    account.on("GET", "/sessions/webui", *[(200, {"sessions": [account.sessions["webui", "w1"]], "total": 9})] * 100)
    with pytest.raises(RefusedError, match=r"The list of sessions is incomplete \(webui: .*\): nothing was changed"):
        run(account, older_than="1h", kinds=["webui"])
    assert account.changes() == []


def test_one_that_fails_does_not_stop_the_others_and_all_are_told(account):
    account.on("PATCH", "/w1/terminate", 403)
    with pytest.raises(PartlyFailedError, match=r"1 of 3 sessions could not be ended\. PATCH .*w1.* 403") as caught:
        run(account, older_than="24h", concurrency=1)
    result = caught.value.result
    assert results(result) == {"t5": "terminated", "w2": "terminated", "w1": "failed"}
    assert (result["changed"], result["summary"]) == (True, {"terminated": 2, "failed": 1})
    assert account.state("webui", "w1") == "running"


def test_a_session_that_lives_on_is_unknown_and_never_terminated(account):
    account.deaf.add("w3")
    with pytest.raises(PartlyFailedError) as caught:
        run(account, kinds=["webui"], session_ids=["w3"], wait_timeout="30s")
    entry = caught.value.result["sessions"][0]
    assert (entry["result"], entry["state"]) == ("unknown", "running")
    assert "accepted, but after 30 s it is still running" in entry["msg"]


def test_without_waiting_only_the_request_is_claimed(account):
    result, _warnings = run(account, kinds=["webui"], session_ids=["w3"], wait=False)
    assert (results(result), result["changed"]) == ({"w3": "requested"}, True)


def test_an_answer_that_is_no_service_s_is_read_back_and_sent_again(account):
    account.on("PATCH", "/w3/terminate", (200, b"<html>maintenance</html>"), (200, "done"))
    result, _warnings = run(account, kinds=["webui"], session_ids=["w3"])
    assert results(result) == {"w3": "terminated"}
    assert account.changes() == ["PATCH webui/w3/terminate"] * 3
    account.add("webui", "w8")
    account.on(
        "PATCH", "/w8/terminate", lambda: account.sessions["webui", "w8"].update(state="terminated") or (200, b"0")
    )
    assert results(run(account, kinds=["webui"], session_ids=["w8"])[0]) == {"w8": "terminated"}
    assert account.changes().count("PATCH webui/w8/terminate") == 1


def test_where_reads_fail_it_is_asked_whether_the_server_answers_at_all(account):
    account.on("PATCH", "/w3/terminate", lambda: account.on("GET", "/w3", *[503] * 4))
    result, _warnings = run(account, kinds=["webui"], session_ids=["w3"])
    assert results(result) == {"w3": "terminated"}
    assert len(account.asked("/openapi.yaml")) == 2


@pytest.mark.parametrize(("document", "result"), [(404, "terminated"), (503, "unknown")])
def test_a_server_that_is_silent_to_everybody_is_given_up(document, result, account):
    def fall_silent():
        account.on("GET", "/openapi.yaml", *[document] * 9)
        account.on("GET", "/w3", *[503] * 7)

    account.on("PATCH", "/w3/terminate", fall_silent)
    try:
        told = run(account, kinds=["webui"], session_ids=["w3"])[0]
    except PartlyFailedError as error:
        told = error.result
    assert results(told) == {"w3": result}


def test_a_log_that_is_not_silent_keeps_its_session_and_what_was_just_read_is_not_read_again(account):
    account.logs["webui", "w1"] = [(ago(20), "last words")]
    result, _warnings = run(account, True, **QUIET)
    assert (results(result), kept(result)) == ({"w1": "would_terminate"}, {"w2": "not_selected", "w3": "recent_log"})
    needed = len(account.asked("/w1/logs"))
    assert results(run(account, **QUIET)[0]) == {"w1": "terminated"}
    assert len(account.asked("/w1/logs")) == 2 * needed
    account.sessions["webui", "w1"]["state"] = "running"
    account.logs["webui", "w1"].append((ago(0.1), "not yet"))
    result, _warnings = run(account, **QUIET)
    assert (result["changed"], len(account.changes())) == (False, 1)
    told = {session["id"]: session["msg"] for session in result["kept"]}
    assert told["w1"].startswith("The last line of its log is from 20")


def test_a_line_that_is_written_after_the_plan_saves_the_session(account, monkeypatch):
    monkeypatch.setattr(quiet, "time", SimpleNamespace(monotonic=count(step=10).__next__))
    account.logs["webui", "w1"] = [(ago(20), "last words")]
    account.on("GET", "/webui/w1", lambda: account.logs["webui", "w1"].append((ago(0.1), "not yet")))
    result, _warnings = run(account, **QUIET)
    assert (results(result), result["changed"], account.changes()) == ({"w1": "changed_since"}, False, [])

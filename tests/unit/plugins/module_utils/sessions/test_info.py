# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a question about sessions answers, and what it asks of the server for it. Proves rules 18 and 20 for it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.api.session_manager import SessionManager
from ansible_collections.aimms.cloud.plugins.module_utils.errors import (
    AnswerError,
    HttpError,
    OptionError,
    TransportError,
    UnsupportedError,
)
from ansible_collections.aimms.cloud.plugins.module_utils.http.client import HttpClient
from ansible_collections.aimms.cloud.plugins.module_utils.sessions.info import session_info
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import Account, ago

PREFIX = "ansible_collections.aimms.cloud.plugins.module_utils"
WHOLE = (
    "id kind state active app_name app_version owner created_at started_at ended_at age_seconds message user_name "
    "environment description queue_seconds launch_seconds run_seconds gb_hours peak_memory_mib peak_cpu_millicores "
    "scheduled_for link"
).split()


@pytest.fixture(name="account")
def an_account():
    """Sessions of three kinds, the oldest is s4."""
    with Account() as account:
        account.add("webui", "w1", hours=1)
        account.add("webui", "w2", "terminated", hours=30)
        account.add("task", "t3", hours=20, app_name="Plan", owner="ann@ROOT")
        account.add("solve", "s4", "queued", hours=40, started_at=None)
        yield account


def asked(account, **options):
    """The answer and the warnings."""
    warnings = []
    return session_info(account.params(**options), warnings.append), warnings


def ids(account, **options):
    return [session["id"] for session in asked(account, **options)[0]["sessions"]]


@pytest.mark.parametrize(
    ("active", "found"), [(True, ["s4", "t3", "w1"]), (False, ["w2"]), (None, ["s4", "w2", "t3", "w1"])]
)
def test_active_ones_alone_or_the_others_and_all_are_counted(active, found, account):
    result, _warnings = asked(account, active=active)
    assert [session["id"] for session in result["sessions"]] == found
    assert result["counts"]["active"] == {"true": 3, "false": 1}
    assert ids(account, active=active, session_ids=["w2", "t3"]) == [one for one in found if one in ("w2", "t3")]
    assert ids(account, active=active, older_than="25h") == [one for one in found if one in ("w2", "s4")]


def test_all_sessions_of_all_kinds_come_the_oldest_first_with_every_field_of_the_contract(account):
    result, warnings = asked(account)
    assert [session["id"] for session in result["sessions"]] == ["s4", "w2", "t3", "w1"]
    assert list(result["sessions"][0]) == WHOLE
    assert (result["count"], result["complete"], result["cutoff"], result["api_generation"]) == (
        4,
        True,
        None,
        "current",
    )
    assert result["counts"]["kind"] == {"webui": 2, "task": 1, "solve": 1}
    assert result["counts"]["active"] == {"true": 3, "false": 1}
    assert result["server_time"].endswith("Z")
    assert warnings == []
    assert account.changes() == []


def test_a_task_session_is_not_stale_while_one_of_its_tasks_is_young(account):
    account.add_task("k1", "t3", createdAt=ago(20), runningAt=ago(1))
    assert ids(account, older_than="8h", kinds=["task", "solve"]) == ["s4"]
    assert ids(account, older_than="8h", kinds=["task"], task_activity="ignore") == ["t3"]
    assert ids(account, older_than="30m", kinds=["task"]) == ["t3"]
    assert ids(account, kinds=["task"]) == ["t3"]
    assert len(account.asked("/v2/tasks")) == 2


def test_where_tasks_cannot_be_read_a_warning_says_that_the_age_tells_little(account):
    account.on("GET", "/v2/tasks", 403)
    result, (warning,) = asked(account, older_than="8h", kinds=["task"])
    assert ([session["id"] for session in result["sessions"]], result["complete"]) == (["t3"], True)
    assert warning.startswith("Tasks cannot be read: GET /pro-api/v2/tasks answered 403")


def test_protections_that_match_no_session_are_told_where_all_were_listed(account):
    protections = {"protect_owners": ["ann", "nobody"], "protect_apps": ["PLAN"], "limit": 0}
    assert asked(account, **protections)[0]["unmatched_protections"] == ["nobody"]
    assert asked(account, kinds=["webui"], **protections)[0]["unmatched_protections"] == ["PLAN", "ann", "nobody"]
    assert asked(account)[0]["unmatched_protections"] == []
    assert asked(account, session_ids=["w1"], **protections)[0]["unmatched_protections"] is None
    assert asked(account, server_filters={"state": "running"}, **protections)[0]["unmatched_protections"] is None


def test_a_name_of_the_selection_that_matches_no_session_is_a_warning_where_all_were_listed(account):
    names = {"owners": ["ann@*", "nobody"]}
    assert asked(account, **names)[1] == ["owners: no session matches 'nobody'. An owner is user@ENVIRONMENT."]
    assert asked(account, owners=["ann@*"])[1] == []
    assert asked(account, server_filters={"state": "running"}, **names)[1] == []


def test_times_without_a_zone_are_counted_and_a_zone_given_for_them_ends_that(account):
    account.add("webui", "w5", hours=5, created_at=ago(5).rstrip("Z"))
    result, (warning,) = asked(account)
    assert result["naive_timestamps"] == 1
    assert warning.startswith("The times of 1 sessions name no zone")
    assert asked(account, naive_timezone="UTC")[0]["naive_timestamps"] == 0


@pytest.mark.parametrize(
    ("sort_by", "order"),
    [
        ("created_at", "s4 w2 t3 w1"),
        ("-created_at", "w1 t3 w2 s4"),
        ("age_seconds", "w1 t3 w2 s4"),
        ("-age_seconds", "s4 w2 t3 w1"),
        ("app_name", "s4 w1 w2 t3"),
        ("started_at", "w2 t3 w1 s4"),
        ("-started_at", "w1 t3 w2 s4"),
    ],
)
def test_they_are_sorted_by_any_field_those_without_a_value_last(sort_by, order, account):
    assert ids(account, sort_by=sort_by) == order.split()


@pytest.mark.parametrize("sort_by", ["age", "--id", "raw", "-"])
def test_what_is_no_field_sorts_nothing_and_asks_nothing(sort_by, account):
    with pytest.raises(OptionError, match=f"sort_by: '{sort_by}' is not a field of a session. Fields are id, kind"):
        asked(account, sort_by=sort_by)
    assert account.requests == []


def test_a_limit_takes_the_first_and_a_negative_one_is_refused(account):
    assert ids(account, limit=2) == ["s4", "w2"]
    result, _warnings = asked(account, limit=0)
    assert (result["sessions"], result["count"], result["counts"]["state"]["running"]) == ([], 0, 2)
    with pytest.raises(OptionError, match="limit: must not be negative"):
        asked(account, limit=-1)


def test_fields_narrow_the_record_but_not_the_raw_one(account):
    result, _warnings = asked(account, fields=["id", "owner"], include_raw=True, kinds=["task"])
    record = account.sessions["task", "t3"]
    assert result["sessions"] == [{"id": "t3", "owner": "ann@ROOT", "raw": record}]


def test_the_address_of_a_service_comes_when_asked_for_and_is_null_where_there_is_none(account):
    result, _warnings = asked(account, service_uri="webui", kinds=["webui"], fields=["id"])
    address = "https://acme.aimms.cloud/webui/w1"
    assert result["sessions"] == [{"id": "w2", "service_uri": None}, {"id": "w1", "service_uri": address}]


def test_an_address_that_cannot_be_asked_for_is_an_error(account):
    account.on("GET", "/uri", 403)
    with pytest.raises(HttpError, match=r"answered 403.*lacks the Session scope"):
        asked(account, service_uri="webui", session_ids=["w1"], kinds=["webui"])
    with Account(legacy=True) as old:
        old.add("webui", "w1")
        with pytest.raises(UnsupportedError, match="offers no 'uri' for webui sessions"):
            asked(old, service_uri="webui")


def test_few_ids_are_read_one_by_one_in_every_kind_and_unknown_ones_are_left_out(account):
    assert ids(account, session_ids=["t3", "w1", "nobody", "t3"]) == ["t3", "w1"]
    assert account.asked("/sessions/webui") == []
    assert len(account.asked("/t3")) == 3


def test_with_server_filters_or_many_ids_the_list_is_read(account):
    assert ids(account, session_ids=["w1", "t3"], kinds=["webui", "task"], server_filters={"app_name": "Plan"}) == [
        "t3"
    ]
    assert account.asked("/sessions/task") == [{"app_name": "Plan", "limit": "100"}]
    assert ids(account, session_ids=[f"x{number}" for number in range(24)] + ["w1"], kinds=["webui"]) == ["w1"]
    assert account.asked("/w1") == []


def test_a_kind_whose_ids_look_otherwise_may_refuse_one_but_only_where_several_are_tried(account):
    account.on("GET", "/sessions/task/w1", 400)
    account.on("GET", "/sessions/solve/w1", 422)
    assert ids(account, session_ids=["w1"]) == ["w1"]
    account.on("GET", "/sessions/task/t3", 400, 403)
    with pytest.raises(HttpError, match="answered 400: Refused with 400"):
        asked(account, session_ids=["t3"], kinds=["task"])
    with pytest.raises(HttpError, match="answered 403"):
        asked(account, session_ids=["t3"])


@pytest.mark.parametrize(
    ("answered", "said"),
    [
        ({"session": {"id": "w2", "kind": "webui", "state": "running"}}, "no record with that id"),
        ({"kind": "webui"}, "no record with that id"),
    ],
)
def test_an_answer_about_another_session_is_an_error(answered, said, account):
    account.on("GET", "/w1", (200, answered))
    with pytest.raises(AnswerError, match=f"GET .*/sessions/webui/w1 answered with {said}"):
        asked(account, session_ids=["w1"], kinds=["webui"])


def test_what_is_of_another_type_is_shown_as_what_it_is(account):
    account.on("GET", "/w1", *[(200, {"id": "w1", "type": "external", "state": "running"})] * 3)
    assert asked(account, session_ids=["w1"], kinds=["webui"])[0]["sessions"] == []
    (shown,) = asked(account, session_ids=["w1"])[0]["sessions"]
    assert (shown["id"], shown["kind"]) == ("w1", "external")


def test_a_filter_that_the_document_does_not_name_is_refused_with_those_it_names(account):
    with pytest.raises(OptionError, match=r"no filter 'colour'.*It names app_name, owner, state"):
        asked(account, server_filters={"colour": "red"})


def test_a_log_that_is_not_silent_takes_its_session_out(account):
    account.add("webui", "w5", hours=9)
    account.logs["webui", "w5"] = [(ago(8), "busy"), (ago(0.5), "busy again")]
    account.add("webui", "w6", hours=9)
    account.logs["webui", "w6"] = [(ago(8), "busy")]
    account.add("webui", "w7", hours=9)
    result, warnings = asked(account, quiet_for="2h", kinds=["webui"], states=["running"])
    assert [session["id"] for session in result["sessions"]] == ["w6"]
    assert warnings == ["The logs of 1 sessions have no line, so they are kept."]
    assert account.asked("/w1/logs") == []
    reads = len(account.asked("/logs"))
    assert ids(account, quiet_for="2h", limit=0) == []
    assert len(account.asked("/logs")) == reads > 0


def test_a_log_that_cannot_be_read_keeps_its_session_out_and_is_said(account):
    account.on("GET", "/t3/logs", 403, 403)
    result, warnings = asked(account, quiet_for="2h", kinds=["task"])
    assert result["sessions"] == []
    assert len(warnings) == 1
    assert "The logs of 1 sessions could not be read, so they are kept. Its log could not be read: GET" in warnings[0]
    assert "403" in warnings[0]


def test_a_list_that_is_incomplete_is_returned_and_said(account):
    account.on("GET", "/sessions/webui", *[(200, {"sessions": [account.sessions["webui", "w1"]], "total": 7})] * 100)
    result, warnings = asked(account, kinds=["webui"])
    assert ([session["id"] for session in result["sessions"]], result["complete"]) == (["w1"], False)
    assert warnings == ["The list of sessions is incomplete: webui: a page brought nothing that was not listed before."]


@pytest.mark.parametrize("body", [[1, 2], {"message": "hello"}])
def test_a_list_that_is_none_is_an_error_and_never_no_sessions(body, account):
    account.on("GET", "/sessions/webui", (200, body))
    with pytest.raises(AnswerError, match=r"GET .*/sessions/webui answered with"):
        asked(account, kinds=["webui"])


def test_records_without_an_id_make_the_list_incomplete(account):
    account.on(
        "GET", "/sessions/webui", *[(200, {"sessions": [account.sessions["webui", "w1"], {"kind": "webui"}]})] * 5
    )
    result, warnings = asked(account, kinds=["webui"])
    assert (result["count"], result["complete"]) == (1, False)
    assert "; webui: 1 records name no id" in warnings[0]


def test_a_server_without_a_document_is_asked_by_the_usual_routes_and_that_is_said():
    with Account(documented=False) as account:
        for number in range(50):
            account.add("webui", f"w{number:02}", hours=number + 1)
        account.add("solve", "s1")
        result, warnings = asked(account)
        assert (result["count"], result["complete"], result["api_generation"]) == (51, True, "unknown")
        assert "could not be used (the server answered 404)" in warnings[0]
        assert ids(account, session_ids=["nobody"]) == []


def test_a_server_that_knows_no_solves_is_not_held_to_them_unless_they_are_asked_for():
    with Account(legacy=True, documented=False) as account:
        account.add("webui", "w1")
        assert ids(account) == ["w1"]
        with pytest.raises(HttpError, match="/sessions/solve answered 404"):
            asked(account, kinds=["solve"])
        account.on("GET", "/sessions/solve", 403)
        with pytest.raises(HttpError, match="answered 403"):
            asked(account)


def test_a_refusal_on_the_second_page_is_no_sign_that_paging_was_not_understood():
    with Account(documented=False) as account:
        page = {"sessions": [account.add("webui", f"w{number}") for number in range(20)]}
        account.on("GET", "/sessions/webui", (200, page), 403)
        with pytest.raises(HttpError, match="answered 403"):
            asked(account, kinds=["webui"])


@pytest.mark.parametrize("wanted", [True, False])
def test_the_servers_records_are_held_only_where_they_are_to_be_returned(wanted, account, monkeypatch):
    held = []
    really = SessionManager.list

    def listed(self, *args, **options):
        held.append(options["raw"])
        return really(self, *args, **options)

    monkeypatch.setattr(SessionManager, "list", listed)
    session_info({**account.params(), "include_raw": wanted}, lambda _text: None)
    assert held == [wanted]


def test_costs_and_queue_are_of_all_that_is_listed_whatever_is_selected(account):
    account.add("solve", "q1", "queued", hours=3)
    account.add("solve", "e1", "finished", hours=900, gb_hour=2.5)
    result, _warnings = asked(account, owners=["nobody@ROOT"], include_costs=True)
    assert result["sessions"] == []
    assert result["counts"]["queue"]["sessions"] == 2
    assert 40 * 3600 <= result["counts"]["queue"]["longest_wait_seconds"] < 41 * 3600
    assert sum(result["counts"]["active_by_kind"].values()) == result["counts"]["active"]["true"]
    costs = result["costs"]
    assert (costs["gb_hours"], costs["sessions"], costs["of"]) == (2.5, 1, sum(result["counts"]["kind"].values()))
    assert "costs" not in asked(account)[0]


@pytest.mark.parametrize(
    "options", [{"owners": [""]}, {"sort_by": "colour"}, {"limit": -1}, {"retries": -1}, {"api_key": "a b"}], ids=str
)
def test_nothing_is_asked_where_an_option_cannot_be_used(options, account, monkeypatch):
    monkeypatch.setattr(HttpClient, "begin", pytest.fail)
    with pytest.raises(OptionError):
        session_info({**account.params(), **options}, lambda _text: None)
    assert account.requests == []


def test_the_document_is_on_its_way_while_what_reads_it_is_imported(account):
    """It is asked for once, and its connection serves the list too."""
    program = f"""
import sys
from {PREFIX}.http.client import HttpClient
from {PREFIX}.sessions.info import session_info
begin = HttpClient.begin
def seen(self, path):
    print([name for name in sys.modules if name.startswith(("{PREFIX}.api", "{PREFIX}.paging"))])
    return begin(self, path)
HttpClient.begin = seen
print(session_info({{**{account.params()!r}, "kinds": ["webui"]}}, print)["count"])
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    made = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert made.stdout.splitlines() == ["[]", "2"]
    assert [request.path.rpartition("/")[2] for request in account.requests] == ["openapi.yaml", "webui"]


def test_a_document_that_cannot_be_had_is_told_as_ever(account):
    account.on("GET", "/openapi.yaml", 302)
    with pytest.raises(TransportError, match=r"openapi\.yaml was redirected"):
        session_info(account.params(), lambda _text: None)

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ending sessions from the options to what the server is left with. Proves rules 16, 18, 21, 23 and 27."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError, PartlyFailedError
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import ago, results
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.ending import five_sessions, kept, run
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.scripted_change import FakeTime, use_clock


@pytest.fixture(name="account")
def an_account(monkeypatch):
    """Waiting for their end takes no time."""
    use_clock(monkeypatch, FakeTime())
    with five_sessions() as account:
        yield account


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


def test_protections_that_match_no_session_in_any_state_are_told(account):
    options = {"older_than": "24h", "protect_owners": ["ann@*", "anne"], "protect_session_ids": ["w4", "w9"]}
    result, _warnings = run(account, True, **options, protect_apps=["Typo"])
    assert result["unmatched_protections"] == ["w9", "Typo", "anne"]
    assert run(account, True, older_than="24h")[0]["unmatched_protections"] == []
    named, _warnings = run(account, True, kinds=["webui"], session_ids=["w1"], protect_owners=["anne"])
    assert named["unmatched_protections"] is None


def test_a_name_of_the_selection_that_matches_no_session_is_a_warning(account):
    result, warnings = run(account, True, owners=["ann@*", "bob"], apps=["Typo"])
    assert warnings == [
        "apps: no session matches 'Typo'.",
        "owners: no session matches 'bob'. An owner is user@ENVIRONMENT.",
    ]
    assert result["sessions"] == []
    assert run(account, True, owners=["ann@*"])[1] == []


@pytest.mark.parametrize(
    "everything", [{"older_than": "0s"}, {"apps": "*"}, {"quiet_for": "0s", "owners": ["*"]}], ids=str
)
def test_a_criterion_that_leaves_nothing_out_is_none(everything, account):
    with pytest.raises(OptionError, match=r"^Without a criterion this would end every session"):
        run(account, **everything)
    assert account.requests == []


def test_times_without_a_zone_are_counted(account):
    account.add("webui", "w6", hours=5, created_at=ago(5).rstrip("Z"))
    result, _warnings = run(account, True, older_than="24h", kinds=["webui"])
    assert result["naive_timestamps"] == 1


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


def test_a_grace_period_that_is_none_is_refused_before_anything_is_asked(account):
    with pytest.raises(OptionError, match="grace_period: 'soon' is not a duration"):
        run(account, older_than="1h", grace_period="soon")
    assert account.requests == []


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
    account.on("PATCH", "/w3/terminate", (200, b"<html>maintenance</html>"))
    result, _warnings = run(account, kinds=["webui"], session_ids=["w3"])
    assert results(result) == {"w3": "terminated"}
    assert account.changes() == ["PATCH webui/w3/terminate"] * 2
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
    assert len(account.asked("/openapi.yaml")) == 3


@pytest.mark.parametrize(
    ("document", "reads", "result"), [(404, 7, "terminated"), (503, 7, "terminated"), (503, 999, "unknown")]
)
def test_a_server_that_is_silent_to_everybody_is_given_up_at_the_end(document, reads, result, account):
    def fall_silent():
        account.on("GET", "/openapi.yaml", *[document] * (9 if reads == 7 else 999))
        account.on("GET", "/w3", *[503] * reads)

    account.on("PATCH", "/w3/terminate", fall_silent)
    try:
        told = run(account, kinds=["webui"], session_ids=["w3"])[0]
    except PartlyFailedError as error:
        told = error.result
    assert results(told) == {"w3": result}

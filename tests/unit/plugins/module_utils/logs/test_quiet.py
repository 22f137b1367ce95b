# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a log was silent long enough is asked, remembered for seconds and asked again. Proves rule 19 for logs."""

from __future__ import annotations

from itertools import count
from types import SimpleNamespace

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.api.session_manager import SessionManager
from ansible_collections.aimms.cloud.plugins.module_utils.logs import quiet
from ansible_collections.aimms.cloud.plugins.module_utils.logs.quiet import unread
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.options import criteria_from
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Instant
from ansible_collections.aimms.cloud.plugins.module_utils.workers import WorkerPool
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import ago, results
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.ending import five_sessions, kept, run
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.loopback import PausedClock
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.scripted_change import FakeTime, use_clock

QUIET = {"quiet_for": "2h", "kinds": ["webui"], "owners": ["jdoe@*"]}


@pytest.fixture(name="account")
def an_account(monkeypatch):
    """Waiting for their end takes no time, and what was read stays fresh."""
    monkeypatch.setattr(quiet, "time", PausedClock(0.0))
    use_clock(monkeypatch, FakeTime())
    with five_sessions() as account:
        yield account


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


@pytest.mark.parametrize(
    ("said", "headers"), [({}, {"Age": "9000"}), ({}, {"Warning": "110 - x"}), ({"partial": True}, {})]
)
@pytest.mark.parametrize("lines", [[], [{"timestamp": ago(20), "message": "last words"}]])
def test_an_old_copy_or_a_part_of_a_log_shows_no_silence(lines, said, headers, account):
    reply = (200, {"lines": lines, "total": len(lines), **said}, headers)
    account.logs["webui", "w1"] = [(ago(0.1), "still at work")]
    account.on("GET", "/w1/logs", *[reply] * 40)
    result, warnings = run(account, **QUIET)
    assert (results(result), kept(result)["w1"], account.changes()) == ({}, "recent_log", [])
    assert any("log" in text for text in warnings)


def test_a_line_that_is_written_after_the_plan_saves_the_session(account, monkeypatch):
    monkeypatch.setattr(quiet, "time", SimpleNamespace(monotonic=count(step=10).__next__))
    account.logs["webui", "w1"] = [(ago(20), "last words")]
    account.on("GET", "/webui/w1", lambda: account.logs["webui", "w1"].append((ago(0.1), "not yet")))
    result, _warnings = run(account, **QUIET)
    assert (results(result), result["changed"], account.changes()) == ({"w1": "changed_since"}, False, [])


# By itself


def check(account, **options):
    """The check of an account with these selection options."""
    manager = SessionManager.connect(account.params())
    return quiet.QuietCheck(manager, criteria_from(options))


def session(session_id, **values):
    return Session(session_id, "webui", "running", **values)


def test_a_log_whose_last_line_is_old_enough_gives_no_veto_and_one_with_a_younger_line_does(account):
    account.logs["webui", "w1"] = [(ago(20), "up"), (ago(3), "last words")]
    assert check(account, quiet_for="2h").veto(session("w1")) == ""
    assert check(account, quiet_for="4h").veto(session("w1")).startswith("The last line of its log is from 20")


def test_a_log_that_does_not_matter_is_not_asked_for(account):
    assert check(account, older_than="2h").veto(session("w1")) == ""
    ended = session("w4", ended_at=Instant(0.0))
    assert check(account, ended_before="2h").veto(ended) == ""
    assert account.asked("/logs") == []


def test_where_the_end_is_not_known_the_log_must_be_as_old_as_the_end_that_is_asked_for(account):
    account.logs["webui", "w4"] = [(ago(3), "last words")]
    assert check(account, ended_before="4h").veto(session("w4")) != ""
    assert check(account, ended_before="2h").veto(session("w4")) == ""


@pytest.mark.parametrize("failure", [403, 404, 500, (200, b"<html>")])
def test_a_log_that_cannot_be_read_is_a_veto(failure, account):
    account.on("GET", "/w1/logs", *[failure] * 9)
    why = check(account, quiet_for="2h").veto(session("w1"))
    assert why.startswith("Its log could not be read: ")
    assert unread([why, "", "The last line"]) == [f"The logs of 1 sessions could not be read, so they are kept. {why}"]


def test_what_was_found_holds_for_five_seconds(account, monkeypatch):
    now = [100.0]
    account.logs["webui", "w1"] = [(ago(20), "last words")]
    monkeypatch.setattr(quiet, "time", SimpleNamespace(monotonic=lambda: now[0]))
    asked = check(account, quiet_for="2h")
    answers = []
    for after in (0, 5, 5.1):
        now[0] = 100.0 + after
        answers.append(asked.veto(session("w1")) == "")
        account.logs["webui", "w1"] = [(ago(0.1), "not yet")]
    assert answers == [True, True, False]


def test_of_many_only_those_that_are_not_silent_are_named_by_kind_and_id(account):
    account.logs["webui", "w1"] = [(ago(0.1), "at work")]
    account.logs["webui", "w2"] = [(ago(9), "last words")]
    with WorkerPool(4) as workers:
        vetoes = check(account, quiet_for="2h").vetoes(map(session, ("w1", "w2", "w3")), workers)
    assert list(vetoes) == [("webui", "w1"), ("webui", "w3")]
    assert unread(vetoes.values()) == ["The logs of 1 sessions have no line, so they are kept."]


@pytest.mark.parametrize("options", [{"quiet_for": "2h"}, {"ended_before": "2h"}])
def test_a_log_without_a_line_is_no_silence(options, account):
    """Logs may be switched off. Where they are, nothing shows that a session was quiet, or when it ended."""
    account.logs["webui", "w1"] = [(ago(20), "last words")]
    asked = check(account, **options)
    for _again in range(2):
        assert asked.veto(session("w1")) == ""  # proves that the server's filter works
        assert asked.veto(session("w2")) == "Its log has no line, which does not show that it has been quiet."
    assert unread([asked.veto(session("w2"))] * 2) == ["The logs of 2 sessions have no line, so they are kept."]

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking again and again: what is told of, remembered, forgotten, and how long the pauses are."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.changes.plan import Plan
from ansible_collections.aimms.cloud.plugins.module_utils.errors import (
    AnswerError,
    HttpError,
    OptionError,
    RefusedError,
    TransportError,
    UnsupportedError,
)
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.sessions import watch
from ansible_collections.aimms.cloud.plugins.module_utils.sessions.watch import (
    NARROWING,
    WATCH,
    Watch,
    interval_from,
    key_is_refused,
    may_succeed_later,
)
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import KEY, Account

PARAMS = {
    **{name: entry.get("default") for name, entry in WATCH.items()},
    "account": "acme",
    "api_key": "key",
    "older_than": "8h",
}


def record(session_id, *, stale=True, created="2026-01-01T00:00:00Z", **more):
    one = {"id": session_id, "kind": "webui", "created_at": created, "app_name": "app", **more}
    return one if stale else {**one, "reason": "too_young" if stale is False else "at work"}


@pytest.fixture
def looking(monkeypatch):
    """A watch, and what to call with what the server has at the next look: the ids that it then tells of."""
    one, answer = Watch(PARAMS), {}

    def selection(_params, warn):
        for text in answer.get("warnings", ()):
            warn(text)
        return answer["stale"], answer["kept"], "2026-01-01T00:00:00Z"

    monkeypatch.setattr(watch, "_selection", selection)

    def look(*records, warnings=()):
        answer.update(warnings=warnings)
        answer["stale"] = [entry for entry in records if "reason" not in entry]
        answer["kept"] = [(entry, entry["reason"] == "at work") for entry in records if "reason" in entry]
        said = []
        events = one.look(said.append)
        return said if warnings else [event["session"]["id"] for event in events]

    look.memory = lambda: len(one._absences)
    look.event = lambda entry: (look(), answer.update(stale=[entry]), one.look(print))[-1][0]
    return look


def test_each_session_is_told_of_once(looking):
    assert looking(record("a"), record("b", stale=False)) == ["a"]
    assert looking(record("a"), record("b")) == ["b"]
    assert looking(record("a"), record("b")) == []


def test_a_session_that_was_not_stale_for_a_while_is_not_told_of_again(looking):
    looking(record("a"))
    assert [looking(record("a", stale=False)) for _look in range(5)] == [[]] * 5
    assert looking(record("a")) == []


def test_a_session_that_was_seen_at_work_is_told_of_again(looking):
    assert looking(record("a"), record("b")) == ["a", "b"]
    assert looking(record("a", stale=None), record("b")) == []
    assert looking(record("a"), record("b")) == ["a"]
    assert looking(record("a"), record("b")) == []


def test_a_session_that_stays_stale_is_told_of_again_after_a_day(looking, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(watch, "time", SimpleNamespace(monotonic=lambda: now[0]))
    looking(record("a"))
    now[0] += 86399
    assert looking(record("a"), record("b")) == ["b"]
    now[0] += 1
    assert looking(record("a"), record("b")) == ["a"]
    assert looking(record("a"), record("b")) == []
    now[0] += 86400
    assert looking(record("a"), record("b")) == ["a", "b"]


def test_without_a_time_to_repeat_it_is_told_of_once(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(watch, "time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr(watch, "_selection", lambda _params, _warn: ([record("a")], [], None))
    one = Watch({**PARAMS, "repeat_after": "0s"})
    assert len(one.look(print)) == 1
    now[0] += 1e9
    assert one.look(print) == []


@pytest.mark.parametrize(
    ("reason", "text", "at_work"),
    [
        ("busy", "Its task k1/0 of x began at 2026-01-01T00:00:00Z.", True),
        ("recent_log", "The last line of its log is from 2026-01-01T00:00:00Z.", True),
        ("recent_log", "Its log could not be read: GET /x answered 503.", False),
        ("recent_log", "Its log has no line, which does not show that it has been quiet.", False),
        ("recent_log", "", False),
        ("too_young", "", False),
        ("no_reliable_time", "", False),
        ("protected", "Its task is protected.", False),
    ],
)
def test_only_what_was_seen_at_work_counts_as_at_work(reason, text, at_work):
    session = Session("a", "task")
    plan = Plan(kept=((session, reason),), vetoes={("task", "a"): text} if text else {})
    assert watch._at_work(plan, session, reason) is at_work


def test_the_same_id_created_at_another_time_or_of_another_kind_is_another_session(looking):
    looking(record("a"))
    assert looking(record("a"), record("a", created="2026-01-02T00:00:00Z")) == ["a"]
    assert looking(record("a", kind="task")) == ["a"]


def test_what_is_missing_from_one_list_or_two_is_not_told_of_again(looking):
    looking(record("a"))
    assert [looking(), looking(), looking(record("a"))] == [[], [], []]
    assert [looking(), looking()] == [[], []]
    assert looking(record("a")) == []


def test_the_memory_holds_what_is_listed_and_no_more(looking):
    for number in range(50):
        looking(record("stays"), record(f"passing-{number}"))
    assert looking.memory() == 4
    looking(), looking(), looking()
    assert looking.memory() == 0


def test_a_warning_is_given_once_until_it_is_gone(looking):
    assert looking(warnings=["one", "two", "two"]) == ["one", "two"]
    assert looking(warnings=["two", "three"]) == ["three"]
    assert looking(warnings=["one"]) == ["one"]
    assert looking(warnings=["3 sessions", "one"]) == ["3 sessions"]
    assert looking(warnings=["12 sessions", "one"]) == []
    assert looking(warnings=["12 tasks"]) == ["12 tasks"]


def test_an_event_runs_nothing_in_a_template(looking):
    event = looking.event(record("a", app_name="{{ 1 }}{% if %}{# #}{{{", owner=None, age_seconds=1))
    assert event["session"]["app_name"] == "{ { 1 }}{ % if %}{ # #}{ { {"
    assert event["session"]["age_seconds"] == 1
    assert event["url"] == "https://acme.aimms.cloud"
    assert "result" not in event["session"]


def test_the_pauses_grow_with_the_failures_to_a_quarter_of_an_hour():
    one = Watch({**PARAMS, "interval": "100s"})
    assert [one.pause(number) for number in range(6)] == [100, 100, 200, 400, 800, 900]
    assert one.pause(10**6) == 900
    assert Watch({**PARAMS, "interval": "1h"}).pause(5) == 3600


@pytest.mark.parametrize(("value", "seconds"), [("5m", 300), (90, 90), ("90", 90), ("PT1H", 3600), (" 2s ", 2)])
def test_an_interval(value, seconds):
    assert interval_from(value) == seconds


@pytest.mark.parametrize("value", [0, "0s", "", None, -5, "1.5", "soon", True, "²", "9999999999"])
def test_no_interval(value):
    with pytest.raises(OptionError, match=r"^interval: "):
        interval_from(value)


@pytest.mark.parametrize("everything", [{"older_than": "0s"}, {"older_than": None, "owners": "*"}], ids=str)
def test_a_criterion_that_leaves_nothing_out_is_none(everything):
    with pytest.raises(OptionError, match="Without a criterion every session would be stale"):
        Watch({**PARAMS, **everything})


def test_without_a_criterion_there_is_nothing_to_watch_for():
    with pytest.raises(OptionError, match="every session would be stale"):
        Watch({**PARAMS, "older_than": None, "kinds": ["task"], "session_ids": ["a"], "max_sessions": 3})
    for name in NARROWING:
        value = {"older_than": "8h", "quiet_for": "8h", "keep_versions": 1}.get(name, ["running"])
        Watch({**PARAMS, "older_than": None, name: value})


@pytest.mark.parametrize(
    ("error", "may_pass"),
    [
        (HttpError("GET /", 503), True),
        (HttpError("GET /", 429), True),
        (HttpError("GET /", 401), False),
        (HttpError("GET /", 403), False),
        (TransportError("reset"), True),
        (AnswerError("HTML"), False),
        (RefusedError("incomplete"), True),
        (UnsupportedError("no"), False),
        (OptionError("no"), False),
    ],
)
def test_which_errors_may_pass(error, may_pass):
    assert may_succeed_later(error) is may_pass


def test_only_a_key_that_is_refused_must_not_be_tried_again():
    assert key_is_refused(HttpError("GET /", 401))
    assert not any(map(key_is_refused, (HttpError("GET /", 403), HttpError("GET /", 503), TransportError("reset"))))


def test_the_task_api_is_not_asked_again_once_it_refused_the_key():
    warned = []
    with Account() as account:
        account.add("task", "s1", hours=50)
        account.on("GET", "/tasks", *[401] * 9)
        one = Watch({**PARAMS, "account": None, "url": account.url, "api_key": KEY, "retries": 0})
        told = [len(one.look(warned.append)) for _look in range(3)]
        asked = [request for request in account.requests if request.path.endswith("/tasks")]
    assert (told, len(asked), len(warned)) == ([1, 0, 0], 1, 1)
    assert "401" in warned[0]

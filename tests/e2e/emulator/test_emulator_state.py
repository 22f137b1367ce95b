"""The state of the emulator: sessions, their life cycle, and the request log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from emulator.process import EmulatorError, EmulatorProcess
from plain_client import MANAGER, TASKS, ask, sessions


def _one(start: Any, **values: Any) -> tuple[Any, Any]:
    emulator = start(end_delay=values.pop("end_delay", 0))
    return emulator, emulator.add_session(**values)


def _terminate(emulator: Any, session: Any, **options: Any) -> Any:
    return ask(emulator, "PATCH", f"{MANAGER}/sessions/{session['kind']}/{session['id']}/terminate", **options)


def test_the_same_seed_and_time_give_the_same_account(start: Any) -> None:
    options = {"seed": 7, "now": "2025-07-24T12:00:00Z"}
    first, second = start(**options), start(**options)
    assert first.admin_key == second.admin_key
    seen = [
        {
            key: (value["created_at"], value["state"], value["owner"])
            for key, value in emulator.state()["sessions"].items()
        }
        for emulator in (first, second)
    ]
    assert seen[0] == seen[1]
    assert start(**{**options, "seed": 8}).admin_key != first.admin_key


def test_seeded_sessions_are_varied(start: Any) -> None:
    state = start(sessions=330).state()
    found = state["sessions"].values()
    assert state["count"] == 330
    assert {item["kind"] for item in found} == {"webui", "task", "solve"}
    assert len({item["owner"] for item in found}) > 5
    assert 50 < state["active"] < 300
    assert {len(item["id"]) for item in found} == {26, 32, 36}


def test_newest_first(start: Any) -> None:
    items = sessions(start(), "webui", query={"limit": 100}).json()["items"]
    created = [item["created_at"] for item in items]
    assert created == sorted(created, reverse=True)


def test_a_webui_session_shows_its_end_only_after_the_delay_and_never_when(start: Any) -> None:
    emulator, session = _one(start, kind="webui", end_delay=40)
    path = f"{MANAGER}/sessions/webui/{session['id']}"
    assert _terminate(emulator, session).status == 204
    assert ask(emulator, "GET", path).json()["state"] == "running"
    emulator.tick(41)
    record = ask(emulator, "GET", path).json()
    assert (record["state"], record["ended_at"], record["message"]) == ("terminated", None, "")
    truth = emulator.session(session["id"])
    assert (truth["ended_by"], truth["ended_how"], truth["terminate_requests"]) == ("admin", "terminate", 1)
    assert truth["ended_at"] is not None


@pytest.mark.parametrize("kind", ["task", "solve"])
def test_a_job_is_closing_until_its_end(start: Any, kind: str) -> None:
    emulator, session = _one(start, kind=kind, end_delay=30)
    path = f"{MANAGER}/sessions/{kind}/{session['id']}"
    _terminate(emulator, session)
    assert ask(emulator, "GET", path).json()["state"] == "closing"
    assert _terminate(emulator, session).status == 204
    emulator.tick(31)
    record = ask(emulator, "GET", path).json()
    assert record["state"] == "terminated"
    assert record["ended_at"]
    assert emulator.session(session["id"])["terminate_requests"] == 2


def test_sessions_move_on_with_the_clock(start: Any) -> None:
    emulator = start(sessions=300)
    before = emulator.state()
    assert any(item["state"] == "queued" for item in before["sessions"].values())
    emulator.tick(40 * 86400)
    after = emulator.state()["sessions"].values()
    assert {item["state"] for item in after if item["kind"] != "webui" and item["active"]} == set()
    assert any(item["ended_how"] == "natural" for item in after)


def test_a_user_sees_only_its_own(start: Any) -> None:
    emulator = start(sessions=200)
    items = sessions(emulator, "webui", key=emulator.user_key, query={"limit": 100}).json()
    assert items["total"] > 0
    assert {item["owner"] for item in items["items"]} == {"jdoe@ROOT"}
    other = emulator.add_session(owner="admin@ROOT")
    path = f"{MANAGER}/sessions/webui/{other['id']}"
    assert ask(emulator, "GET", path, key=emulator.user_key).status == 403
    assert _terminate(emulator, other, key=emulator.user_key).status == 403
    emulator.set(dialect="current-page0")
    assert ask(emulator, "GET", path, key=emulator.user_key).status == 404
    assert emulator.session(other["id"])["active"]


def test_keys_and_scopes(start: Any) -> None:
    emulator = start()
    assert len(emulator.admin_key) >= 32
    for key, manager, tasks in (
        (emulator.session_key, 200, 403),
        (emulator.tasks_key, 403, 200),
        (emulator.admin_key, 200, 200),
        ("wrong", 401, 401),
        ("", 401, 401),
    ):
        assert sessions(emulator, "task", key=key).status == manager
        assert ask(emulator, "GET", f"{TASKS}/tasks", key=key).status == tasks
        assert ask(emulator, "GET", f"{MANAGER}/openapi.yaml", key=key).status == manager


def test_the_log_of_requests_never_holds_a_key(start: Any) -> None:
    emulator = start()
    sessions(emulator, "webui", query={"limit": 5, "state_in": emulator.admin_key})
    ask(emulator, "DELETE", f"{MANAGER}/sessions/webui/nothing")
    ask(emulator, "GET", MANAGER, key="not-one-of-its-keys")
    text = str(emulator.requests())
    assert "not-one-of-its-keys" not in text
    assert emulator.admin_key not in text
    entry = emulator.requests()[0]
    assert (entry["method"], entry["status"], entry["role"], entry["query"]["limit"]) == ("GET", 200, "admin", "5")
    assert [change["method"] for change in emulator.changes()] == ["DELETE"]
    emulator.clear_requests()
    assert emulator.requests() == []


def test_filters_narrow(start: Any) -> None:
    emulator = start(sessions=200)
    truth = [item for item in emulator.state()["sessions"].values() if item["kind"] == "task"]
    for name, field, value in (
        ("state_in", "state", "RUNNING"),
        ("owner_equal_ci", "owner", "Chen@planning"),
        ("app_name_equal_ci", "app_name", "truckloading"),
    ):
        total = sessions(emulator, "task", query={name: value}).json()["total"]
        assert total == sum(item[field].lower() == value.lower() for item in truth), name
    emulator.set(ignore_filters=True)
    assert sessions(emulator, "task", query={"state_in": "solving"}).json()["total"] == len(truth)


def test_churn_tells_what_was_there_all_along(start: Any) -> None:
    emulator = start(sessions=200)
    before = set(emulator.state()["sessions"])
    emulator.set(churn_vanish=3, churn_appear=2)
    for _round in range(5):
        sessions(emulator, "webui")
    state = emulator.state()
    gone = {item["id"] for item in state["removed"]}
    new = {key for key, item in state["sessions"].items() if item["appeared"]}
    assert gone
    assert len(new) == 10
    assert set(state["sessions"]) == (before - gone) | new


@pytest.mark.parametrize("setting", ["replace_on_get", "reown_on_get"])
def test_another_session_takes_the_id(start: Any, setting: str) -> None:
    emulator, session = _one(start, kind="task")
    emulator.set(**{setting: 1})
    path = f"{MANAGER}/sessions/task/{session['id']}"
    first, second = (ask(emulator, "GET", path).json() for _time in range(2))
    assert first["owner"] == "admin@ROOT" != second["owner"]
    assert (first["created_at"] == second["created_at"]) is (setting == "reown_on_get")
    assert emulator.session(session["id"])["replaced"]


def test_the_date_header_can_be_wrong(start: Any) -> None:
    emulator = start(now="2025-07-24T12:00:00Z")
    emulator.set(date_offset=86400)
    assert sessions(emulator, "webui").headers["date"].startswith("Fri, 25 Jul 2025 12:00")
    emulator.set(date_header="drop")
    assert "date" not in sessions(emulator, "webui").headers


def test_records_can_be_odd(start: Any) -> None:
    emulator, session = _one(start, overrides={"created_at": "last week"}, omit=["owner"])
    record = ask(emulator, "GET", f"{MANAGER}/sessions/webui/{session['id']}").json()
    assert record["created_at"] == "last week"
    assert "owner" not in record
    emulator.update_session(session["id"], overrides=None, omit=[], age=7200, state="terminated")
    assert emulator.session(session["id"])["active"] is False


def test_control_refuses_what_it_does_not_know(start: Any) -> None:
    emulator = start()
    actions: list[Callable[[], Any]] = [
        lambda: emulator.set(latency=3),
        lambda: emulator.fault("explode"),
        lambda: emulator.fault("reset", colour="red"),
        lambda: emulator.add_session(colour="red"),
        lambda: emulator.remove_session("nothing"),
    ]
    for action in actions:
        with pytest.raises(EmulatorError, match=r"unknown|kind is one of|no such session"):
            action()


def test_a_refused_change_leaves_a_session_listed(start: Any) -> None:
    emulator, session = _one(start, kind="solve")
    with pytest.raises(EmulatorError, match="date-time"):
        emulator.update_session(session["id"], created_at="last week")
    assert session["id"] in {item["id"] for item in sessions(emulator, "solve", query={"limit": 100}).json()["items"]}
    emulator.remove_session(session["id"])


def test_sigterm_ends_it_cleanly() -> None:
    with EmulatorProcess(sessions=60) as emulator:
        sessions(emulator, "webui")
        assert emulator.stop() == 0

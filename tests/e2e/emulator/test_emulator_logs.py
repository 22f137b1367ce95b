# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logs: order, filters, and lines that are added while pages are read."""

from __future__ import annotations

from typing import Any

import pytest
from emulator.dialects.dialect import DIALECTS, Dialect
from emulator.process import EmulatorError
from plain_client import MANAGER, TASKS, Answer, ask

HOUR = [{"timestamp": f"2025-07-24T12:{minute:02}:00Z", "message": f"line {minute}"} for minute in range(60)]
FIELDS = {"current-rows": ("ts", "line"), "current-literal": ("time", "text"), "legacy-skip": ("logTime", "logMessage")}


def _path(dialect: Dialect, session: Any) -> str:
    place = "logs/webui/{}" if dialect.generation == "legacy" else "webui/{}/logs"
    return f"{MANAGER}/sessions/" + place.format(session["id"])


def _rows(dialect: Dialect, answer: Answer) -> list[Any]:
    rows: Any = answer.json()
    for part in dialect.items.split(".") if dialect.items else []:
        rows = rows[part]
    assert isinstance(rows, list)
    return rows


def _messages(dialect: Dialect, answer: Answer) -> list[str]:
    name = dialect.log_fields["message"]
    return [row if dialect.log_strings else row[name] for row in _rows(dialect, answer)]


@pytest.mark.parametrize("name", sorted(DIALECTS))
def test_the_first_line_is_the_oldest_or_the_newest(start: Any, name: str) -> None:
    emulator, dialect = start(dialect=name, sessions=0), DIALECTS[name]
    path = _path(dialect, emulator.add_session(kind="webui", logs=HOUR))
    orders = {}
    for setting in (None, "oldest", "newest"):
        emulator.set(log_order=setting)
        orders[setting] = [text.rpartition(" ")[2] for text in _messages(dialect, ask(emulator, "GET", path))[:3]]
        text = ask(emulator, "GET", f"{MANAGER}/openapi.yaml").body.decode()
        assert f"{setting or dialect.log_order} first" in text.partition("listLogs")[2].partition("parameters")[0]
    assert (orders["oldest"], orders["newest"]) == (["0", "1", "2"], ["59", "58", "57"])
    assert orders[None] == orders["newest" if name == "current-rows" else "oldest"]


@pytest.mark.parametrize("name", sorted(FIELDS))
def test_lines_are_found_by_names_of_their_own(start: Any, name: str) -> None:
    emulator, dialect = start(dialect=name, sessions=0), DIALECTS[name]
    path = _path(dialect, emulator.add_session(kind="webui", logs=HOUR))
    border = {"epoch_ms": "1753360200000"}.get(dialect.time, "2025-07-24T12:30:00Z")
    query = {
        dialect.parameter_name("begin"): border,
        dialect.parameter_name("end"): border,
        dialect.parameter_name("contains"): "LINE 3",
    }
    (row,) = _rows(dialect, ask(emulator, "GET", path, query=query))
    assert tuple(row) == FIELDS[name]
    assert row[FIELDS[name][1]] == "line 30"
    assert ask(emulator, "GET", path, query={"contains": "line 3"}).status == (400 if dialect.strict else 200)


def _walk(emulator: Any, dialect: Dialect, path: str, grow: Any) -> list[str]:
    """All messages page by page; `grow` is called after each page."""
    found: list[str] = []
    query = {dialect.parameter_name("limit"): "7"}
    while True:
        answer = ask(emulator, "GET", path, query=query)
        found += _messages(dialect, answer)
        grow()
        following = answer.headers.get("link") if dialect.next_via == "header" else len(_rows(dialect, answer)) == 7
        if not following:
            return found
        if dialect.paging == "offset":
            query[dialect.parameter_name("offset")] = str(len(found))
        else:
            query[dialect.parameter_name("cursor")] = str(following).partition("page_token=")[2].partition(">")[0]


@pytest.mark.parametrize(("name", "order", "seen"), [
    ("current", "oldest", "every"), ("current", "newest", "twice"), ("current-link", "newest", "once"),
])  # fmt: skip
def test_lines_come_while_pages_are_read(start: Any, name: str, order: str, seen: str) -> None:
    emulator, dialect = start(dialect=name, sessions=0), DIALECTS[name]
    emulator.set(log_order=order)
    session = emulator.add_session(kind="webui", logs=HOUR)
    new = iter([f"new {number}" for number in range(4)])

    def grow() -> None:
        emulator.update_session(session["id"], append_logs=[{"message": text} for text in [next(new, "")] if text])

    found = _walk(emulator, dialect, _path(dialect, session), grow)
    old = [row["message"] for row in HOUR]
    if seen == "every":
        assert found == [*old, *(f"new {number}" for number in range(4))]
    elif seen == "twice":
        assert sorted(set(found)) == sorted(old)
        assert len(found) == len(old) + 4
    else:
        assert found == old[::-1]


def test_appended_lines_leave_the_others_as_they_were(start: Any) -> None:
    emulator = start(sessions=0)
    session = emulator.add_session(kind="task", log_count=30, age=7200, quiet=60)
    path = f"{MANAGER}/sessions/task/{session['id']}/logs"
    before = ask(emulator, "GET", path, query={"limit": 100}).json()["items"]
    line = {"timestamp": "2099-01-01T00:00:00Z", "message": "the end"}
    emulator.update_session(session["id"], append_logs=[line])
    assert len(before) == 30
    assert ask(emulator, "GET", path, query={"limit": 100}).json()["items"] == [*before, line]
    assert emulator.session(session["id"])["last_log_at"] == "2099-01-01T00:00:00.000Z"
    emulator.update_session(session["id"], logs=None, quiet=60)
    assert ask(emulator, "GET", path).json()["total"] == 30


def test_filters_can_be_ignored(start: Any) -> None:
    emulator = start(sessions=0)
    path = _path(DIALECTS["current"], emulator.add_session(kind="webui", logs=HOUR))
    queries = [{"begin": "2099-01-01T00:00:00Z"}, {"end": "1999-01-01T00:00:00Z"}, {"contains": "nowhere"}]
    assert [ask(emulator, "GET", path, query=query).json()["total"] for query in queries] == [0, 0, 0]
    emulator.set(ignore_log_filters=True)
    assert [ask(emulator, "GET", path, query=query).json()["total"] for query in queries] == [60, 60, 60]
    assert ask(emulator, "GET", path, query={"begin": "noon"}).status == 400


@pytest.mark.parametrize("status", [403, 500])
def test_logs_can_be_refused_while_all_else_is_given(start: Any, status: int) -> None:
    emulator = start(sessions=0)
    session = emulator.add_session(kind="task")
    path = f"{MANAGER}/sessions/task/{session['id']}"
    logs = [f"{path}/logs", f"{path}/logs/download", f"{TASKS}/tasks/{session['task_id']}/logs"]
    emulator.set(logs_status=status)
    assert [ask(emulator, "GET", log).status for log in logs] == [status] * 3
    assert ask(emulator, "GET", logs[0]).json()["code"] == status
    assert ask(emulator, "GET", path).status == 200
    emulator.set(logs_status=0)
    assert [ask(emulator, "GET", log).status for log in logs] == [200] * 3


def test_control_refuses_what_it_does_not_know(start: Any) -> None:
    emulator = start(sessions=0)
    for wrong in ({"log_order": "random"}, {"logs_status": 200}, {"logs_status": 4}, {"tasks_status": 302}):
        with pytest.raises(EmulatorError, match=next(iter(wrong))):
            emulator.set(**wrong)


def test_a_cursor_of_another_list_is_refused(start: Any) -> None:
    emulator, dialect = start(dialect="current-literal", sessions=60), DIALECTS["current-literal"]
    page = ask(emulator, "GET", f"{MANAGER}/sessions/webui", query={"batchSize": 1}).json()
    query = {"continuationToken": page["result"]["continuationToken"]}
    path = _path(dialect, emulator.add_session(kind="webui"))
    assert ask(emulator, "GET", path, query=query).status == 400

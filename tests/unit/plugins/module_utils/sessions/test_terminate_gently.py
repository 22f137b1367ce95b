# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interrupting the tasks of sessions before force is used, with both services. Proves rules 16 and 23 for it."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import HttpError, PartlyFailedError
from ansible_collections.aimms.cloud.plugins.module_utils.sessions.terminate import terminate
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import Account, results
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.scripted_change import FakeTime, use_clock

INTERRUPT = "PUT k1"
FORCE = "PATCH task/t1/terminate"
TAKEN = (200, {})


@pytest.fixture(name="account")
def an_account(monkeypatch):
    """A task session with its running task; waiting takes no time."""
    use_clock(monkeypatch, FakeTime())
    with Account() as account:
        account.add("task", "t1")
        account.add_task("k1", "t1")
        yield account


def run(account, check_mode=False, **options):
    """The result, whether or not all went well, and the warnings."""
    warnings = []
    asked = {"kinds": ["task", "solve"], "older_than": "1h", "interrupt_tasks": "solve", "concurrency": 1, **options}
    try:
        return terminate(account.params(**asked), check_mode, warnings.append), warnings
    except PartlyFailedError as error:
        return error.result, warnings


def messages(result):
    return {session["id"]: session["msg"] for session in result["sessions"]}


@pytest.mark.parametrize(("mode", "state"), [("solve", "completed"), ("execution", "failed")])
def test_what_ends_by_its_interrupt_needs_no_force(mode, state, account):
    account.add("webui", "w2", hours=20)
    account.add("solve", "s3", hours=30)
    account.add_task("k3", "s3", "SOLVING")
    result, warnings = run(account, kinds=["webui", "task", "solve"], interrupt_tasks=mode)
    assert results(result) == {"s3": "interrupted", "w2": "terminated", "t1": "interrupted"}
    assert messages(result)["t1"] == f"Its task was interrupted ({mode}); it is {state}."
    assert account.changes() == ["PATCH webui/w2/terminate", "PUT k3", "PUT k1"]
    sent = [request.body for request in account.requests if request.method == "PUT"]
    assert sent == [{"setstatus": f"interrupt-{mode}"}] * 2
    assert (result["changed"], warnings) == (True, [])


def test_without_sessions_that_have_tasks_the_task_api_is_not_asked(account):
    account.add("webui", "w2")
    assert results(run(account, kinds=["webui"])[0]) == {"w2": "terminated"}
    assert account.asked("/tasks") == []


def test_what_lives_on_after_the_grace_period_is_ended_by_force_and_says_why(account):
    account.on("PUT", "/k1", TAKEN)
    result, _warnings = run(account, grace_period="30s", interrupt_fallback=False)
    assert results(result) == {"t1": "terminated"}
    assert messages(result)["t1"] == (
        "It was ended by force. The request was accepted, but after 30 s it is still running."
    )
    assert account.changes() == [INTERRUPT, FORCE]


def test_a_session_without_a_task_is_ended_by_force_and_only_of_a_task_session_that_is_told(account):
    account.tasks.clear()
    account.add("solve", "s3")
    result, _warnings = run(account)
    assert results(result) == {"s3": "terminated", "t1": "terminated"}
    assert messages(result) == {"s3": "", "t1": "It was ended by force. No task of it was found."}


def test_without_the_fallback_a_task_session_lives_on_and_a_solve_does_not(account):
    account.tasks.clear()
    account.add("solve", "s3")
    result, _warnings = run(account, interrupt_fallback=False)
    assert results(result) == {"s3": "terminated", "t1": "failed"}
    assert messages(result)["t1"] == (
        "It was not ended by force, as interrupt_fallback is false. No task of it was found."
    )
    assert account.state("task", "t1") == "running"


@pytest.mark.parametrize(
    ("tasks", "why"), [([], "No task of it was found."), (["COMPLETED"], "None of its tasks runs."), (["RUNNING"], "")]
)
def test_check_mode_tells_what_a_run_without_the_fallback_does(tasks, why, account):
    account.tasks.clear()
    account.add("solve", "s3")
    for number, state in enumerate(tasks):
        account.add_task(f"k{number}", "t1", state)
    planned, _warnings = run(account, True, interrupt_fallback=False)
    assert account.changes() == []
    done, _warnings = run(account, interrupt_fallback=False)
    assert (results(planned)["t1"] == "failed") == (results(done)["t1"] == "failed") == bool(why)
    assert results(planned)["s3"] == "would_terminate"
    assert messages(planned)["t1"] == (
        f"It would not be ended by force, as interrupt_fallback is false. {why}" if why else ""
    )
    assert account.state("task", "t1") == ("running" if why else "completed")


def test_check_mode_without_the_fallback_says_that_tasks_cannot_be_read(account):
    account.on("GET", "/tasks", 403)
    planned, (warning,) = run(account, True, interrupt_fallback=False)
    assert warning.startswith("Tasks cannot be interrupted: GET /pro-api/v2/tasks answered 403")
    assert (results(planned), planned["changed"]) == ({"t1": "failed"}, False)


@pytest.mark.parametrize(("fallback", "state"), [(True, "terminated"), (False, "running")])
def test_a_key_without_the_tasks_scope_is_said_and_force_is_used_only_where_it_may_be(fallback, state, account):
    account.on("GET", "/tasks", 403)
    result, warnings = run(account, interrupt_fallback=fallback)
    assert len(warnings) == 1
    assert warnings[0].startswith("Tasks cannot be interrupted: GET /pro-api/v2/tasks answered 403")
    assert "lacks the Tasks scope" in warnings[0]
    assert account.state("task", "t1") == state
    assert "answered 403" in messages(result)["t1"]


def test_an_interrupt_that_is_refused_is_followed_by_force(account):
    account.on("PUT", "/k1", 409)
    result, _warnings = run(account)
    assert results(result) == {"t1": "terminated"}
    assert messages(result)["t1"].startswith("It was ended by force. PUT /pro-api/v2/tasks/k1 answered 409")
    assert account.changes() == [INTERRUPT, FORCE]


def test_where_both_are_refused_it_is_force_that_is_told(account):
    account.on("PUT", "/k1", 409)
    account.on("PATCH", "/t1/terminate", 403)
    result, _warnings = run(account)
    assert (results(result), result["changed"]) == ({"t1": "failed"}, False)
    assert messages(result)["t1"].startswith("PATCH /pro/session-manager/v1/sessions/task/t1/terminate answered 403")


def test_an_interrupt_whose_session_ends_just_before_force_counts_as_interrupted(account):
    account.on("PUT", "/k1", TAKEN)
    account.on("PATCH", "/t1/terminate", lambda: account.sessions["task", "t1"].update(state="completed"))
    result, _warnings = run(account)
    assert results(result) == {"t1": "interrupted"}
    assert messages(result)["t1"] == "Its task was interrupted (solve); it is completed."


def test_an_interrupt_whose_session_is_gone_says_so(account):
    account.on("PUT", "/k1", account.sessions.clear)
    result, _warnings = run(account)
    assert results(result) == {"t1": "interrupted"}
    assert messages(result)["t1"] == "Its task was interrupted (solve); the server has it no more."


def test_a_session_that_no_longer_fits_after_the_grace_period_is_left_alone_and_is_a_change(account):
    account.on("PUT", "/k1", lambda: account.sessions["task", "t1"].update(state="closing") or TAKEN)
    result, _warnings = run(account, states=["running"])
    assert (results(result), result["changed"]) == ({"t1": "changed_since"}, True)
    assert messages(result)["t1"] == (
        "Its task was interrupted (solve), but it was not ended by force. "
        "It is no longer the same or no longer selected."
    )
    assert account.changes() == [INTERRUPT]


def test_force_that_is_refused_after_an_interrupt_is_a_failure_that_tells_of_the_interrupt(account):
    account.on("PUT", "/k1", TAKEN)
    account.on("PATCH", "/t1/terminate", 403)
    result, _warnings = run(account)
    assert (results(result), result["changed"]) == ({"t1": "failed"}, True)
    assert messages(result)["t1"].startswith(
        "Its task was interrupted (solve), but it was not ended by force. PATCH /pro/session-manager"
    )


def test_a_session_that_cannot_be_read_gets_neither_interrupt_nor_force(account):
    account.on("GET", "/task/t1", *[503] * 20)
    result, _warnings = run(account)
    assert results(result) == {"t1": "failed"}
    assert "503" in messages(result)["t1"]
    assert account.changes() == []


@pytest.mark.parametrize(("status", "said"), [(403, "answered 403"), (503, "Its task could not be read: GET")])
def test_a_task_that_cannot_be_read_is_not_interrupted(status, said, account):
    account.on("GET", "/tasks/k1", *[status] * 9)
    result, _warnings = run(account)
    assert results(result) == {"t1": "terminated"}
    assert said in messages(result)["t1"]
    assert account.changes() == [FORCE]


def test_of_several_tasks_one_that_is_taken_is_enough(account):
    account.add_task("k2", "t1")
    account.on("PUT", "/k2", 409)
    result, _warnings = run(account)
    assert results(result) == {"t1": "interrupted"}
    assert sorted(account.changes()) == ["PUT k1", "PUT k2"]


@pytest.mark.parametrize(("fallback", "last", "changes"), [(True, "terminated", 11), (False, "not_tried", 5)])
def test_after_five_refusals_alike_no_more_interrupts_are_sent(fallback, last, changes, account):
    for number in range(2, 7):
        account.add("task", f"t{number}", hours=10 - number / 10)
        account.add_task(f"k{number}", f"t{number}")
    account.on("PUT", "", *[403] * 9)
    result, _warnings = run(account, interrupt_fallback=fallback)
    assert results(result)["t6"] == last
    assert sum(change.startswith("PUT") for change in account.changes()) == 5
    assert len(account.changes()) == changes


def test_what_is_found_in_an_incomplete_list_of_tasks_is_interrupted_and_the_rest_is_told(account):
    account.add("task", "t2", hours=9)
    account.on("GET", "/tasks", *[(200, {"total_tasks": 7, "current_batch": account.tasks})] * 9)
    result, warnings = run(account)
    assert results(result) == {"t1": "interrupted", "t2": "terminated"}
    assert messages(result)["t2"].startswith("It was ended by force. The list of tasks is incomplete: ")
    assert warnings[0].startswith("Tasks cannot be interrupted: The list of tasks is incomplete: ")
    assert account.changes() == [INTERRUPT, "PATCH task/t2/terminate"]


@pytest.mark.parametrize("error", [KeyError("x"), HttpError("GET /tasks", 403)])
def test_a_defect_while_tasks_are_interrupted_does_not_lose_what_was_done_before(error, account, monkeypatch):
    account.add("webui", "w2", hours=20)

    def fail(*_arguments):
        raise error

    monkeypatch.setattr(f"{terminate.__module__}._gently", fail)
    result, _warnings = run(account, kinds=["webui", "task"])
    assert results(result) == {"w2": "terminated", "t1": "unknown"}
    assert result["changed"]
    assert messages(result)["t1"] == (str(error) if isinstance(error, HttpError) else "Unexpected KeyError.")

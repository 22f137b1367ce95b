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


UNSEEN = "No task of it is seen, so it is not known whether one runs."


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize("fallback", [False, True])
def test_a_task_session_of_which_no_task_is_seen_lives_on_with_a_warning_and_a_solve_does_not(
    fallback, check_mode, account
):
    account.tasks.clear()
    account.add("solve", "s3")
    result, warnings = run(account, check_mode, interrupt_fallback=fallback)
    assert results(result) == {"s3": "would_terminate" if check_mode else "terminated"}
    assert [(one["id"], one["reason"], one["msg"]) for one in result["kept"]] == [("t1", "busy", UNSEEN)]
    (warning,) = warnings
    assert warning.startswith("1 task sessions are kept, as no task of them is seen. ")
    assert warning.endswith("The user of the key sees the tasks of an app only with Read access to it.")
    assert account.state("task", "t1") == "running"


@pytest.mark.parametrize(("state", "why"), [("COMPLETED", "None of its tasks runs."), ("RUNNING", "")])
def test_check_mode_tells_what_a_run_without_the_fallback_does(state, why, account):
    account.tasks[0]["state"] = state
    planned, _warnings = run(account, True, interrupt_fallback=False)
    assert account.changes() == []
    done, _warnings = run(account, interrupt_fallback=False)
    assert (results(planned)["t1"] == "failed") == (results(done)["t1"] == "failed") == bool(why)
    assert messages(planned)["t1"] == (
        f"It would not be ended by force, as interrupt_fallback is false. {why}" if why else ""
    )
    assert account.state("task", "t1") == ("running" if why else "completed")


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize(
    "protection", [{"protect_owners": ["boss"]}, {"protect_owners": ["boss@ROOT"]}, {"protect_apps": ["Ledger*"]}]
)
def test_a_task_of_a_protected_owner_or_app_is_left_alone_and_so_is_its_session(protection, check_mode, account):
    account.add_task("k2", "t1", userName="boss", appName="Ledger 2")
    account.add("task", "t2")
    account.add_task("k3", "t2")
    result, warnings = run(account, check_mode, **protection)
    assert results(result) == {"t2": "would_terminate" if check_mode else "interrupted"}
    assert [(one["id"], one["reason"]) for one in result["kept"]] == [("t1", "protected")]
    assert result["kept"][0]["msg"] == "Its task k2/0 of boss@ROOT is protected."
    assert (account.changes(), warnings) == ([] if check_mode else ["PUT k3"], [])


def test_what_waits_by_a_schedule_is_not_interrupted_along(account):
    later = {"groupIndex": 1, "scheduleFor": "2099-01-01T00:00:00Z"}
    account.add_task("k2", "t1", "QUEUED", **later)
    assert results(run(account)[0]) == {"t1": "interrupted"}
    assert account.changes() == [INTERRUPT]
    account.add("task", "t2")
    account.add_task("k3", "t2", "QUEUED", **later)
    result, _warnings = run(account)
    assert [(one["id"], one["reason"]) for one in result["kept"]] == [("t2", "scheduled")]
    assert account.changes() == [INTERRUPT]


COMES = [  # what comes into the session while its task is interrupted
    {"name": "n", "state": "QUEUED"},
    {"name": "n", "state": "PREPARING"},
    {"name": "k1", "state": "QUEUED", "groupIndex": 1},
    {"name": "k1", "state": "QUEUED", "groupIndex": 1, "scheduleFor": "tomorrow"},
    {"name": "k1", "state": "RUNNING", "groupIndex": 1},
]


@pytest.mark.parametrize("kind", ["task", "solve"])
@pytest.mark.parametrize("comes", COMES)
def test_whatever_comes_into_a_session_during_the_grace_period_is_not_ended_with_it(comes, kind, account):
    def another():
        account.tasks[-1]["state"] = "COMPLETED"
        account.add_task(comes["name"], "s9", **{key: value for key, value in comes.items() if key != "name"})
        return TAKEN

    account.add(kind, "s9")
    account.add_task("k1", "s9", groupIndex=0)
    account.on("PUT", "/k1", another)
    result, _warnings = run(account, grace_period="5s", session_ids=["s9"], kinds=[kind])
    assert results(result) == {"s9": "changed_since"}
    assert (account.changes(), account.state(kind, "s9")) == ([INTERRUPT], "running")


@pytest.mark.parametrize("interrupted", [True, False])
def test_a_task_that_began_during_the_grace_period_is_left_alone_and_so_is_its_session(interrupted, account):
    def another():
        account.tasks[0]["state"] = "COMPLETED"
        account.add_task("k2", "t1")
        return TAKEN if interrupted else 409

    account.on("PUT", "/k1", another)
    result, _warnings = run(account, grace_period="5s")
    assert (results(result), result["changed"]) == ({"t1": "changed_since"}, interrupted)
    assert messages(result)["t1"].endswith("Meanwhile task k2/0 of jdoe@ROOT was queued or began in it.")
    assert messages(result)["t1"].startswith(
        "Its task was interrupted (solve), but it was not ended by force."
        if interrupted
        else "It was not ended by force."
    )
    assert (account.changes(), account.state("task", "t1")) == ([INTERRUPT], "running")


def test_where_the_tasks_cannot_be_listed_again_no_force_is_used(account):
    account.on("GET", "/v2/tasks", None, 503)
    account.on("PUT", "/k1", TAKEN)
    result, _warnings = run(account, grace_period="5s")
    assert (results(result), result["changed"]) == ({"t1": "failed"}, True)
    assert "Its tasks could not be listed again: GET /pro-api/v2/tasks answered 503" in messages(result)["t1"]
    assert account.changes() == [INTERRUPT]


@pytest.mark.parametrize("fallback", [True, False])
def test_what_another_run_has_interrupted_meanwhile_has_ended(fallback, account):
    def another():
        account.tasks[0]["state"] = "COMPLETED"
        account.sessions["task", "t1"]["state"] = "completed"

    account.on("GET", "/v2/tasks/k1", another)
    result, _warnings = run(account, interrupt_fallback=fallback)
    assert (results(result), result["changed"]) == ({"t1": "already_ended"}, False)
    assert account.changes() == []


@pytest.mark.parametrize(
    ("page", "became"),
    [
        ((403, b"RBAC: access denied"), ("interrupted", True)),
        ((409, {"errorId": "TaskNotActive", "errorCode": 409, "message": "it has ended"}), ("already_ended", False)),
    ],
)
def test_what_was_interrupted_behind_a_page_of_a_proxy_is_no_work_of_others(page, became, account):
    def carried_out():
        account.tasks[0]["state"] = "COMPLETED"
        account.sessions["task", "t1"]["state"] = "completed"
        return page

    account.on("PUT", "/k1", carried_out)
    result, _warnings = run(account, grace_period="5s")
    assert (results(result)["t1"], result["changed"]) == became
    assert account.changes() == [INTERRUPT]


@pytest.mark.parametrize(
    ("options", "became"),
    [({"protect_owners": ["boss"]}, []), ({"kinds": ["solve"], "protect_owners": ["boss"]}, [("solve", "terminated")])],
)
def test_a_task_of_a_task_session_is_not_interrupted_through_a_solve_session_of_the_same_id(options, became, account):
    account.sessions["task", "t1"].update(owner="boss@ROOT")
    account.tasks[0].update(userName=None, userEnvironment=None)
    account.add("solve", "t1")
    result, _warnings = run(account, **options)
    assert [(one["kind"], one["result"]) for one in result["sessions"]] == became
    assert account.changes() == ["PATCH solve/t1/terminate"] * len(became)
    assert (account.state("task", "t1"), account.tasks[0]["state"]) == ("running", "RUNNING")


@pytest.mark.parametrize("status", [400, 405, 409, 422])
def test_an_interrupt_that_is_refused_as_the_task_has_just_ended_is_no_refusal(status, account):
    account.on("PUT", "/k1", lambda: account.tasks[0].update(state="COMPLETED") or status)
    result, _warnings = run(account)
    assert (results(result), messages(result)["t1"]) == (
        {"t1": "terminated"},
        "It was ended by force. None of its tasks runs.",
    )


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


@pytest.mark.parametrize(
    ("status", "said", "became"),
    [(403, "answered 403", "terminated"), (503, "Its task could not be read: GET", "failed")],
)
def test_a_task_that_cannot_be_read_is_not_interrupted(status, said, became, account):
    account.on("GET", "/tasks/k1", *[status] * 9)
    result, _warnings = run(account)
    assert results(result) == {"t1": became}
    assert said in messages(result)["t1"]
    assert account.changes() == ([FORCE] if became == "terminated" else [])


HICCUPS = {
    "500": 500,
    "503": 503,
    "429": 429,
    "408": 408,
    "a login page": (200, b"<html>Log in</html>"),
    "a proxy's page": (404, b"<html>404 Not Found</html>"),
    "a proxy's refusal": (403, b"<html>403 Forbidden</html>"),
    "a gateway's JSON": (404, {"message": "no Route matched with those values"}),
    "a gateway's refusal": (403, {"message": "Forbidden"}),
    "a redirect": (302, "", {"Location": "https://login.example/"}),
}
REFUSALS = {"no scope": 403, "wrong key": 401, "no Task API": 404, "not understood": 422, "another state": 405}


@pytest.mark.parametrize("kind", ["task", "solve"])
@pytest.mark.parametrize("reply", HICCUPS.values(), ids=HICCUPS)
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_no_force_follows_what_may_pass_or_is_the_word_of_a_proxy(method, reply, kind, account):
    if kind == "solve":
        account.sessions.clear()
        account.add("solve", "t1")
    account.on(method, "/v2/tasks" if method == "GET" else "/k1", *[reply] * 99)
    result, _warnings = run(account, grace_period="5s", max_time=2)
    assert results(result) == {"t1": "failed"}
    assert messages(result)["t1"].startswith(
        "It is not known whether it can be interrupted, so it was not ended by force. "
    )
    assert ("PATCH" in str(account.changes()), account.state(kind, "t1")) == (False, "running")
    if method == "GET":
        assert results(run(account, True)[0]) == {"t1": "failed"}


@pytest.mark.parametrize("reply", REFUSALS.values(), ids=REFUSALS)
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_force_follows_what_the_service_itself_refuses_for_good(method, reply, account):
    account.on(method, "/v2/tasks" if method == "GET" else "/k1", *[reply] * 9)
    planned, _warnings = run(account, True)
    assert results(planned) == {"t1": "would_terminate"}
    result, _warnings = run(account)
    assert (results(result), account.state("task", "t1")) == ({"t1": "terminated"}, "terminated")


def test_what_was_not_tried_after_failures_that_may_pass_is_not_ended_by_force(account):
    for number in range(2, 8):
        account.add("task", f"t{number}", hours=10 - number / 10)
        account.add_task(f"k{number}", f"t{number}")
    account.on("PUT", "", *[500] * 99)
    result, _warnings = run(account, grace_period="5s")
    assert set(results(result).values()) == {"failed", "not_tried"}
    assert "PATCH" not in str(account.changes())


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
    assert results(result) == {"t1": "interrupted", "t2": "failed"}
    assert "so it was not ended by force. The list of tasks is incomplete: " in messages(result)["t2"]
    assert warnings[0].startswith("Tasks cannot be interrupted: The list of tasks is incomplete: ")
    assert account.changes() == [INTERRUPT]


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


@pytest.mark.parametrize("state", ["completed", "terminated"])
def test_what_ended_by_itself_while_its_task_could_not_be_read_did_not_fail(state, account):
    def end():
        account.sessions["task", "t1"].update(state=state)
        return 503

    account.on("GET", "/tasks/k1", *[end] * 9)
    result, _warnings = run(account, grace_period="5s")
    assert (results(result), result["changed"], account.changes()) == ({"t1": "already_ended"}, False, [])

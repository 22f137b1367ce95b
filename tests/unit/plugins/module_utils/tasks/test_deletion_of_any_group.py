# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Any tasks on any server, whatever happens meanwhile: what is deleted is what was meant, and is told.

Proves rules 7, 16, 22, 23 and 25 for tasks.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.aimms.cloud.plugins.module_utils.changes.executor import BulkExecutor
from ansible_collections.aimms.cloud.plugins.module_utils.errors import (
    AimmsError,
    HttpError,
    RefusedError,
    StoppedError,
    TransportError,
)
from ansible_collections.aimms.cloud.plugins.module_utils.models.task import Task
from ansible_collections.aimms.cloud.plugins.module_utils.tasks.deletion import TaskDeletion
from ansible_collections.aimms.cloud.plugins.module_utils.tasks.groups import Groups
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Instant
from ansible_collections.aimms.cloud.plugins.module_utils.workers import WorkerPool
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.scripted_change import FakeTime, use_clock
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.tasks.runs_of_tasks import (
    ALONE,
    FIRST,
    LATER,
    FakeApi,
    change_of,
    group,
)

STATES = ["completed", "completed", "completed", "failed", "queued", "running", "odd"]
FAULTS = [None, None, None, "before", "after", "503", "405", "late"]
quickly = settings(
    deadline=None, database=None, derandomize=True, max_examples=150, suppress_health_check=list(HealthCheck)
)


@st.composite
def accounts(draw):
    """The runs of up to three tasks. A single run may be one that no schedule repeats, and have no index."""
    runs = []
    for task_id in draw(st.sampled_from(["a", "ab", "abc"])):
        states = draw(st.lists(st.sampled_from(STATES), min_size=1, max_size=4))
        repeated = len(states) > 1 or draw(st.booleans())
        numbered = repeated or draw(st.booleans())
        runs += [
            Task(
                task_id,
                index,
                "Crew",
                state=state,
                owner="jdoe@ROOT",
                created_at=Instant(1000.0 * index + 5),
                schedule_interval="1 day" if repeated else None,
                planned=repeated,
                in_group=numbered,
                raw={"id": task_id},
            )
            for index, state in enumerate(states)
        ]
    return runs


def make(api, chosen, *, stop_schedule=False, named=False, fits=lambda _task: True):
    """Delete the chosen runs. Returns the results by id and index, in the order of ``chosen``."""
    change = TaskDeletion(api, fits, stop_schedule=stop_schedule, named=named, by_id=named)
    change.expect(chosen, Groups(api.runs).has_several)
    with WorkerPool(2) as workers:
        outcomes = BulkExecutor(change, 20, workers).make(chosen)
    return {(one.target.id, one.target.group_index): one for one in outcomes}


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    use_clock(monkeypatch, FakeTime())


@quickly
@given(accounts(), st.lists(st.sampled_from(FAULTS), max_size=12), st.booleans(), st.booleans())
def test_only_what_was_meant_and_may_be_deleted_is_and_all_of_it_is_told(runs, faults, stops, named):
    patch = pytest.MonkeyPatch()
    use_clock(patch, FakeTime())
    api = FakeApi(runs, faults)
    last = {one.id: max(run.group_index for run in runs if run.id == one.id) for one in runs}
    outcomes = make(api, runs, stop_schedule=stops, named=named)
    patch.undo()
    assert len(outcomes) == len(runs)
    for run in api.deleted:
        waits = run.state == "queued"
        assert run.state == "completed" or (waits and stops and named and run.planned)
        assert stops or not run.planned or run.group_index < last[run.id]
    for (task_id, index), outcome in outcomes.items():
        gone = (task_id, index) in {(one.id, one.group_index) for one in api.deleted}
        assert outcome.result != "deleted" or gone
        assert outcome.result not in ("failed", "not_tried", "changed_since") or not gone
        assert not gone or outcome.changed
    assert all(index is not None for _id, index in api.sent) or stops
    if not faults:
        meant = {(one.id, one.group_index) for one in runs if one.state == "completed"}
        meant = {one for one in meant if stops or one[1] < last[one[0]] or not _of(runs, *one).planned}
        done = {key for key, outcome in outcomes.items() if outcome.result == "deleted"}
        assert meant <= done


def _of(runs, task_id, index):
    return next(one for one in runs if (one.id, one.group_index) == (task_id, index))


def test_a_server_that_heeds_no_index_deletes_one_run_too_much_and_no_other():
    runs = group(*["completed"] * 6, "queued")
    api = FakeApi(runs, deaf=True)
    outcomes = make(api, runs[:6])
    assert [one.group_index for one in api.deleted] == [6]
    assert {one.result for one in outcomes.values()} == {"unknown", "not_tried"}
    assert "Run 6 of task g is gone" in outcomes["g", 0].msg


def test_until_one_deletion_of_a_run_has_shown_what_it_does_the_others_wait():
    runs = group("completed", "completed", "completed")
    change = TaskDeletion(FakeApi(runs), lambda _task: True, stop_schedule=False, named=False, by_id=False)
    assert not change.one_at_a_time
    change.expect(runs, lambda _task: True)
    assert change.one_at_a_time
    change.send(runs[0], lambda: runs[0])
    assert not change.one_at_a_time
    change.expect([ALONE], lambda _task: False)
    assert not change.one_at_a_time


@pytest.mark.parametrize(
    ("live", "result", "said"),
    [
        ({"state": "running"}, "failed", "It is still running: only tasks that have ended are deleted."),
        ({"state": "queued"}, "failed", "Run 1 waits by its schedule: deleting it would stop the schedule"),
        ({"state": "completed"}, "failed", "It is the last run of its schedule"),
    ],
)
def test_why_one_that_is_named_is_not_deleted(live, result, said):
    runs = [*group("completed"), replace(group("x", "x")[1], **live)]
    change = TaskDeletion(FakeApi(runs), lambda _task: True, stop_schedule=False, named=True, by_id=True)
    found, text = change.precondition_failure(runs[1])
    assert (found, text.startswith(said), text.endswith("Nothing was sent.")) == (result, True, True)


def test_what_no_longer_fits_is_changed_since_and_an_unread_last_run_fails():
    (run, *_others) = runs = group("completed", "completed")
    change = TaskDeletion(FakeApi(runs), lambda _task: False, stop_schedule=False, named=False, by_id=False)
    assert change.precondition_failure(run)[0] == "changed_since"
    change = TaskDeletion(FakeApi(runs, ["503"] * 9), lambda _task: True, stop_schedule=False, named=False, by_id=False)
    result, text = change.precondition_failure(run)
    assert (result, "Which run is the last of its group could not be read" in text) == ("failed", True)


@pytest.mark.parametrize("stops", [True, False])
@pytest.mark.parametrize("last", [{"group_index": 0, "in_group": False}, {"group_index": 0}])
def test_an_odd_last_run_names_none(last, stops):
    run = group("completed", "completed")[1]
    change = change_of(FakeApi([replace(run, **last)]), stops=stops)
    result, text = change.precondition_failure(run)
    assert (result, "does not number the runs" in text) == ("failed", True)


def test_where_no_run_is_left_there_is_nothing_to_do():
    run = group("completed", "completed")[1]
    told = ("not_found", "The server has no run of it any more. Nothing was sent.")
    assert [change_of(FakeApi([]), stops=stops).precondition_failure(run) for stops in (True, False)] == [told] * 2


@pytest.mark.parametrize("tells", [None, False, True])
@pytest.mark.parametrize("deaf", [False, True])
def test_the_first_run_of_a_schedule_that_its_record_does_not_tell_is_one_run_of_several(tells, deaf):
    """A plan has no list: the server is asked for the last run. A list that has only the first one decides it."""
    api = FakeApi([FIRST, LATER], deaf=deaf)
    change = change_of(api)
    change.expect([FIRST], lambda _task: tells)
    assert change.precondition_failure(FIRST) is None
    change.expect([FIRST], lambda _task: None)
    assert change.one_at_a_time == (tells is not False)
    assert api.reads == {None: 2, True: 1, False: 0}[tells]
    if tells is not False and deaf:
        with pytest.raises(StoppedError, match="Run 1 of task g is gone"):
            change.send(FIRST, lambda: FIRST)
    else:
        change.send(FIRST, lambda: FIRST)
    assert api.deleted == [LATER if deaf else FIRST]


def test_the_whole_sentence_says_what_was_not_done_and_how_it_could_be():
    runs = group("completed", "queued", "completed")
    api = FakeApi(runs)
    waits, last = (change_of(api).precondition_failure(runs[index])[1] for index in (1, 2))
    assert waits == (
        "Run 1 waits by its schedule: deleting it would stop the schedule (see stop_schedule). Nothing was sent."
    )
    assert last.endswith("so deleting it would stop the schedule (see stop_schedule). Nothing was sent.")
    unread = change_of(FakeApi(runs, ["503"] * 9)).precondition_failure(runs[0])[1]
    assert unread.startswith("Which run is the last of its group could not be read: GET answered 503.")
    assert unread.endswith(" Nothing was sent.")
    assert change_of(FakeApi(runs, ["after"] * 9)).precondition_failure(runs[0])[0] == "failed"


REPEATED = replace(ALONE, planned=True)


@pytest.mark.parametrize(
    ("task", "how", "there", "index"),
    [
        (ALONE, {}, ALONE, 0),
        (ALONE, {}, replace(ALONE, in_group=True), 0),
        (ALONE, {}, None, "refused"),
        (ALONE, {}, replace(ALONE, group_index=1), "refused"),
        (ALONE, {}, replace(ALONE, owner="eve@ROOT"), "refused"),
        (ALONE, {"stops": True}, None, None),
        (REPEATED, {}, REPEATED, "refused"),
        (REPEATED, {"stops": True}, REPEATED, None),
        (REPEATED, {"stops": True, "by_id": False}, REPEATED, "refused"),
        (ALONE, {"stops": True, "by_id": False}, ALONE, 0),
        (ALONE, {"stops": True, "by_id": False}, None, "refused"),
        (replace(REPEATED, several=True), {"stops": True}, REPEATED, "refused"),
        (replace(ALONE, state="queued", planned=True), {"stops": True}, None, None),
        (replace(ALONE, in_group=True), {}, None, 0),
    ],
)
def test_how_a_task_without_an_index_is_named(task, how, there, index):
    api = FakeApi([task] if task.in_group else [])
    api.first_run = lambda _task: there
    change = change_of(api, **how)
    refusal = change.precondition_failure(task)
    assert (refusal is not None) is (index == "refused")
    if refusal is None:
        api.faults = ["405"]
        with pytest.raises(HttpError):
            change.send(task, lambda: task)
        assert api.sent == [("o", index)]
    else:
        assert refusal[0] == "failed"
        assert refusal[1].endswith("Nothing was sent.")


NOT_THE_SAME = [None, replace(ALONE, owner="eve@ROOT"), replace(ALONE, state="running"), replace(ALONE, several=True)]


@pytest.mark.parametrize("live", [ALONE, replace(ALONE, in_group=True)])
def test_what_is_saved_is_deleted_only_if_it_is_still_the_same(live):
    api, saved = FakeApi([live]), []
    change = change_of(api)
    change.saves(saved.append)
    for now in NOT_THE_SAME[: 3 if live.index is not None else 4]:
        with pytest.raises(RefusedError, match=r"\AIt changed while it was saved\. Nothing was sent\.\Z"):
            change.send(live, lambda now=now: now and replace(now, in_group=live.in_group, planned=now.several))
    for error in (HttpError("GET /o", 503), TransportError("no answer")):

        def reread(error=error):
            raise error

        said = rf"\AIt could not be read after it was saved: {error} Nothing was sent\.\Z"
        with pytest.raises(AimmsError, match=said):
            change.send(live, reread)
    assert (len(saved), api.sent) == (len(NOT_THE_SAME[: 3 if live.index is not None else 4]) + 2, [])
    change.send(live, lambda: live)
    assert (saved[-1], api.sent) == (live, [("o", 0)])


def test_what_waits_has_nothing_to_be_saved():
    waits = replace(ALONE, state="queued", planned=True, in_group=True)
    api, saved = FakeApi([waits]), []
    change = change_of(api, stops=True)
    change.saves(saved.append)
    change.send(waits, lambda: waits)
    assert (saved, api.deleted) == ([], [waits])


def test_what_a_list_has_shown_counts_where_a_record_does_not_tell_its_schedule():
    (run, last) = (replace(one, planned=False) for one in group("completed", "completed"))
    api = FakeApi([replace(run, group_index=0), last])
    change = change_of(api)
    change.expect([run], lambda _task: True)
    assert change.one_at_a_time
    assert change.precondition_failure(run) is None
    api.runs.remove(last)
    with pytest.raises(StoppedError, match="Run 1 of task g is gone, which nobody asked for here"):
        change.precondition_failure(run)


def test_the_last_run_that_vanishes_after_a_deletion_stops_what_comes_and_a_later_one_is_no_harm():
    runs = group("completed", "completed", "completed")
    api = FakeApi(runs)
    change = change_of(api)
    change.expect(runs, lambda _task: True)
    assert change.precondition_failure(runs[0]) is None
    api.runs.append(replace(runs[2], group_index=3))
    assert change.precondition_failure(runs[1]) is None
    api.runs = api.runs[:1]
    with pytest.raises(StoppedError) as stopped:
        change.send(replace(runs[0], group_index=0), lambda: runs[0])
    assert stopped.value.sent
    assert str(stopped.value).endswith("Either somebody else deleted it, or this server deletes the last run.")
    assert change.one_at_a_time


@pytest.mark.parametrize("fault", ["503", "after"])
def test_a_last_run_that_cannot_be_read_after_a_deletion_proves_nothing(fault):
    runs = group("completed", "completed", "completed")
    api = FakeApi(runs, [fault] * 9 + [None])
    change = change_of(api)
    change.expect(runs, lambda _task: True)
    change.send(runs[0], lambda: runs[0])
    assert (change.one_at_a_time, api.deleted) == (True, [runs[0]])


def test_where_schedules_may_be_stopped_the_last_run_may_go():
    runs = group("completed", "completed")
    api = FakeApi(runs)
    change = change_of(api, stops=True)
    change.expect(runs, lambda _task: True)
    assert not change.one_at_a_time
    for run in reversed(runs):
        assert change.precondition_failure(run) is None
        change.send(run, lambda: None)
    assert api.deleted == runs[::-1]


def test_one_that_is_gone_is_done_and_so_is_one_that_says_so():
    change = change_of(FakeApi([]))
    assert change.is_done(replace(ALONE, state="deleted"))
    assert not change.is_done(ALONE)
    assert (change.done, change.already_done, change.verb, change.thing) == ("deleted", "not_found", "delete", "task")
    assert not change.awaits


def test_one_run_among_others_is_enough_to_wait_for_what_its_deletion_shows():
    runs = [replace(ALONE, in_group=True), *group("completed", "completed")]
    change = change_of(FakeApi(runs))
    change.expect(runs, lambda _task: False)
    assert change.one_at_a_time


def test_what_is_no_longer_selected_and_what_no_index_names_is_said_whole():
    change = change_of(FakeApi([ALONE]), fits=lambda _task: False)
    assert change.precondition_failure(ALONE) == (
        "changed_since",
        "It no longer fits the selection. Nothing was sent.",
    )
    api = FakeApi([])
    assert change_of(api).precondition_failure(ALONE)[1] == (
        "The server does not show that an index names this task, and a request without one means the last run: "
        "it is sent only with stop_schedule. Nothing was sent."
    )

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plan, batches and results of a role: nothing is lost, nothing counted twice, nothing said that is not known."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import RefusedError
from ansible_collections.aimms.cloud.plugins.plugin_utils.role_outcomes import (
    after_batch,
    figures,
    gathered,
    merged,
    parts_of,
    plan_of,
    with_saved_log,
)
from ansible_collections.aimms.cloud.tests.unit.plugins.plugin_utils.role_samples import (
    CLEANUP,
    HOUR,
    RETENTION,
    record,
    refused,
    selection,
    settings,
    stale,
)

DONE = {CLEANUP: "terminated", RETENTION: "deleted"}


def outcome(found):
    """The number of sessions in each list of the result."""
    return {name: len(value) for name, value in found["result"].items() if isinstance(value, list) and value}


def run(sessions, results, kept=(), **values):
    """A run in one batch whose sessions get these results."""
    made, picked = settings(**values), selection(sessions, kept)
    plan = plan_of(made, picked)
    planned = [one for batch in plan["batches"] for one in batch]
    batch = {"sessions": [{**one, "result": result, "msg": "why"} for one, result in zip(planned, results)]}
    done = after_batch(None, made, planned, batch) if planned else None
    return gathered(made, picked, plan, done)


@pytest.mark.parametrize(
    ("count", "size", "sizes"),
    [
        (0, None, []),
        (9, None, [9]),
        (30, None, [25, 5]),
        (100, None, [25] * 4),
        (150, None, [25] * 6),
        (200, None, [34] * 5 + [30]),
        (2500, None, [417] * 5 + [415]),
        (441, None, [74] * 5 + [71]),
        (5, 2, [2, 2, 1]),
    ],
)
def test_a_plan_is_six_batches_or_batches_of_the_size_given(count, size, sizes):
    plan = plan_of(settings(batch_size=size), selection(stale(count)))
    assert [len(batch) for batch in plan["batches"]] == sizes
    assert [one["id"] for batch in plan["batches"] for one in batch] == [f"s{number}" for number in range(count)]


def test_the_steps_of_a_run_do_not_grow_with_the_sessions():
    for count in [*range(1, 300, 7), 441, 2500, 10_001]:
        batches = plan_of(settings(), selection(stale(count)))["batches"]
        assert len(batches) <= 8
        assert sum(map(len, batches)) == count
    roles = Path(__file__).absolute().parents[4] / "roles"
    loops = {loop for path in roles.glob("*/tasks/*.yml") for loop in re.findall(r"loop: (.*)", path.read_text())}
    assert {re.sub("_[a-z_]+_plan", "PLAN", loop) for loop in loops} == {'"{{ PLAN.parts }}"'}


@pytest.mark.parametrize(("archive_logs", "file"), [(False, "batch.yml"), (True, "archive.yml")])
def test_one_file_does_all_of_a_batch_so_that_hosts_keep_its_order(archive_logs, file):
    made = settings(archive_logs=archive_logs)
    parts = parts_of(made, plan_of(made, selection(stale(30))))
    assert [(one["file"], one["number"]) for one in parts] == [("show.yml", None), (file, 0), (file, 1)]
    assert len({one["label"] for one in parts}) == 3


def test_without_apply_and_over_a_limit_there_are_no_batches():
    for made, picked in ((settings(apply=False), selection(stale(3))), (settings(), refused(stale(3)))):
        plan = plan_of(made, picked)
        assert (plan["batches"], plan["changes"]) == ([], False)


@pytest.mark.parametrize("limit", ["max_sessions", "max_percent", "max_per_owner"])
def test_a_limit_is_named_with_the_variable_of_the_role(limit):
    assert plan_of(settings(), refused(stale(3), limit))["refused"] == (
        f"Nothing was ended: 3 sessions are selected and {CLEANUP}_{limit} is 1. "
        f"Narrow the selection or, if this is meant, set {CLEANUP}_{limit}=3 to allow it."
    )


@pytest.mark.parametrize("result", [{}, {"msg": "no"}, {"skipped": True}, {"sessions": None}])
def test_a_selection_without_sessions_is_no_plan(result):
    with pytest.raises(RefusedError):
        plan_of(settings(), result)


def test_a_plan_over_a_limit_succeeds_and_an_apply_fails():
    for apply in (False, True):
        made, picked = settings(apply=apply), refused(stale(3))
        found = gathered(made, picked, plan_of(made, picked), None)
        assert (len(found["result"]["planned"]), bool(found["refused"])) == (3, True)
        assert bool(found["failure"]) is apply
        assert (len(found["running"]), found["stale"]) == (3, 3)


@pytest.mark.parametrize("role", [CLEANUP, RETENTION])
def test_only_what_has_a_saved_log_is_acted_on(role):
    records = stale(5)
    logs = {
        "files": [
            {"kind": "webui", "session_id": "s0", "verified": True},
            {"kind": "webui", "session_id": "s2", "verified": True},
            {"kind": "webui", "session_id": "s3", "verified": False, "msg": "who knows"},
            {"kind": "task", "session_id": "s4", "verified": True},
        ],
        "without_log": [{"kind": "webui", "session_id": "s1"}],
        "not_saved": [{"kind": "webui", "session_id": "s2", "msg": "full"}],
        "msg": "1 log was not saved",
    }
    found = with_saved_log(settings(role), records, logs)
    assert [one["id"] for one in found["sessions"]] == ["s0", "s1"]
    reasons = [one["msg"].split("saved: ")[1] for one in found["unsaved"]]
    assert reasons == ["full", "who knows", "1 log was not saved"]
    assert [one["session_id"] for one in found["files"]] == ["s0", "s2", "s4"]
    assert {one["result"] for one in found["unsaved"]} == {"not_tried"}
    assert with_saved_log(settings(role), records, {"failed": True})["sessions"] == []


@pytest.mark.parametrize("lost", ["changed_since", "not_found"])
def test_what_is_lost_when_its_log_is_to_be_saved_is_left_alone_and_is_no_failure(lost):
    missing = {"kind": "webui", "session_id": "s0", "msg": "It is another one.", "result": lost}
    found = with_saved_log(settings(), stale(1), {"not_saved": [missing], "failed": True})
    assert found["sessions"] == []
    (told,) = found["unsaved"]
    assert (told["result"], told["msg"]) == (lost, "It is another one. Nothing was sent.")
    assert after_batch(None, settings(), [], {"skipped": True}, found)["trouble"] == ""


def test_a_batch_without_results_is_unknown_and_stops():
    found = after_batch(None, settings(), stale(2), {"failed": True, "msg": "killed"})
    assert [one["result"] for one in found["outcomes"]] == ["unknown"] * 2
    assert "killed" in found["outcomes"][0]["msg"]
    assert (found["stopped"], found["trouble"][:13]) == (True, "2 of 2 failed")


def _batch(*results):
    entries = [record(number, result=result, msg="x") for number, result in enumerate(results)]
    return selection(entries)


@pytest.mark.parametrize(
    ("batches", "stopped"),
    [
        ([["failed"] * 4], False),
        ([["failed"] * 5], True),
        ([["failed"] * 3, ["failed"] * 2], True),
        ([["failed"] * 4, ["terminated"], ["failed"]], False),
        ([["terminated", "not_tried"]], True),
        ([["terminated"] * 6], False),
    ],
)
def test_five_failures_in_a_row_stop_it(batches, stopped):
    found = None
    for results in batches:
        found = after_batch(found, settings(), stale(len(results)), _batch(*results))
    assert found["stopped"] is stopped


def test_logs_that_cannot_be_saved_five_times_in_a_row_stop_it_and_one_does_not():
    unsaved = stale(5, "not_tried")
    skipped = {"skipped": True}
    assert after_batch(None, settings(), [], skipped, {"unsaved": unsaved, "files": []})["stopped"]
    assert not after_batch(None, settings(), [], skipped, {"unsaved": unsaved[:4], "files": []})["stopped"]
    mixed = after_batch(None, settings(), stale(1), _batch("terminated"), {"unsaved": unsaved, "files": []})
    assert not mixed["stopped"]


def test_after_the_stop_nothing_is_added_and_what_was_not_tried_is_told():
    made, picked = settings(batch_size=5), selection(stale(12))
    plan = plan_of(made, picked)
    done = after_batch(None, made, plan["batches"][0], _batch(*["failed"] * 5))
    assert after_batch(done, made, plan["batches"][1], {"skipped": True}) == {**done, "trouble": ""}
    found = gathered(made, picked, plan, done)
    assert outcome(found) == {"planned": 12, "failed": 12}
    assert [one["result"] for one in found["result"]["failed"]] == ["failed"] * 5 + ["not_tried"] * 7
    assert found["failure"].startswith("12 of 12 planned sessions could not be ended: s0, s1, s2, s3, s4 and more. x")


def test_a_batch_that_never_ran_is_told_as_not_tried():
    """As with tags, or a condition that changed on the way."""
    made, picked = settings(), selection(stale(3))
    found = gathered(made, picked, plan_of(made, picked), None)
    assert outcome(found) == {"planned": 3, "failed": 3}
    assert "3 of 3 planned sessions could not be ended" in found["failure"]


def test_results_of_an_earlier_turn_of_the_role_do_not_count():
    made, picked = settings(), selection(stale(2))
    plan = plan_of(made, picked)
    old = after_batch(None, {**made, "began": "0"}, plan["batches"][0], _batch("terminated", "terminated"))
    assert outcome(gathered(made, picked, plan, old)) == {"planned": 2, "failed": 2}


def test_every_session_is_in_one_list():
    results = ["terminated", "interrupted", "already_ended", "not_found", "changed_since", "failed", "unknown"]
    found = run(stale(7), results, kept=[record(9, 60, reason="too_young")])
    assert outcome(found) == {"planned": 7, "terminated": 2, "skipped": 3, "failed": 2, "kept": 1}
    assert {one["id"] for one in found["running"]} == {"s9", "s4", "s5", "s6"}


@pytest.mark.parametrize("results", [["changed_since"] * 2, ["not_found"] * 2, ["changed_since", "not_found"]])
def test_a_run_where_nothing_was_there_as_planned_fails(results):
    assert run(stale(2), results)["failure"].startswith("None of the 2 planned sessions is there as planned")
    made, picked = settings(follows=True), selection([record(n, result=r, msg="m") for n, r in enumerate(results)])
    found = gathered(made, picked, plan_of(made, picked), None)
    assert found["failure"].startswith("None of the 2 planned sessions is there as planned")


@pytest.mark.parametrize("results", [["changed_since", "already_ended"], ["not_found", "terminated"]])
def test_a_run_where_some_were_there_does_not(results):
    assert run(stale(2), results)["failure"] == ""


def test_records_that_have_gone_are_what_retention_is_for_and_changed_ones_are_not():
    for result, fails in (("not_found", False), ("changed_since", True)):
        found = run(stale(2, "would_delete"), [result] * 2, role=RETENTION)
        assert (found["failure"] != "") is fails


@pytest.mark.parametrize(
    ("values", "more", "held"),
    [
        ({"quiet_for": "2h"}, {}, {"quiet_for": "2h"}),
        ({"quiet_for": "2h", "notice": "24h"}, {}, {"quiet_for": "2h", "notice": "24h"}),
        ({"notice": "24h"}, {"policy": "webui"}, {}),
        ({}, {}, {}),
    ],
)
def test_a_planned_session_has_what_an_apply_obeys_too(values, more, held):
    made, picked = settings(apply=False, **values), selection([{**one, **more} for one in stale(2)])
    plan = {**plan_of(made, picked), "notices": None}
    for one in gathered(made, picked, plan, None)["result"]["planned"]:
        assert {name: one[name] for name in ("quiet_for", "notice") if name in one} == held


def test_a_run_that_follows_a_plan_knows_nothing_of_other_sessions():
    made, picked = settings(follows=True), selection(stale(2))
    found = gathered(made, picked, plan_of(made, picked), None)
    assert (found["running"], found["stale"]) == (None, None)


def test_stale_is_what_is_older_than_the_limit_whatever_became_of_it():
    kept = [record(7, 99 * HOUR, reason="protected"), record(8, 60, reason="too_young")]
    found = run(stale(3), ["terminated"] * 3, kept=kept)
    assert found["stale"] == 4
    assert figures(settings(), selection(stale(3), kept), found["running"])["stale"] == 1


@pytest.mark.parametrize(("kept", "said"), [([], "2 sessions are stale."), ([99 * HOUR], "2 of 3 stale sessions")])
def test_pipelines_fail_on_a_plan_that_is_not_empty(kept, said):
    kept = [record(7 + number, age, reason="protected") for number, age in enumerate(kept)]
    made, picked = settings(apply=False, fail_on_stale=True), selection(stale(2), kept)
    assert gathered(made, picked, plan_of(made, picked), None)["failure"].startswith(said)


def test_what_a_batch_kept_is_kept_and_no_failure():
    """As when enough log off by themselves, or its log is no longer silent."""
    made, picked = settings(), selection(stale(3))
    plan = plan_of(made, picked)
    kept = [record(1, reason="max_active", msg=""), record(2, reason="recent_log", msg="The last line")]
    batch = {**_batch("terminated"), "kept": kept}
    found = gathered(made, picked, plan, after_batch(None, made, plan["batches"][0], batch))
    assert outcome(found) == {"planned": 3, "terminated": 1, "kept": 2}
    assert (found["failure"], found["spared"]) == ("", kept)
    assert {one["id"] for one in found["running"]} == {"s1", "s2"}


@pytest.mark.parametrize(
    ("each", "together"),
    [
        ([["a", "b"], ["b", "c"]], ["b"]),
        ([["a"], []], []),
        ([["a"], None], None),
        ([["z", "a"], ["a", "z"]], ["z", "a"]),
    ],
)
def test_a_protection_is_odd_where_no_account_has_a_match(each, together):
    results = []
    for host, names in zip("ab", each):
        made, picked = settings(), selection(stale(1), unmatched_protections=names)
        results.append({"host": host, "result": gathered(made, picked, plan_of(made, picked), None)["result"]})
        assert results[-1]["result"]["unmatched_protections"] == names
    assert merged(results, 2)["unmatched_protections"] == together


def with_seats(*groups, first=0, most=2):
    """A selection of the people whose sessions have these numbers."""
    people = [
        {"owner": f"p{n}@ROOT", "sessions": [f"s{one}" for one in own], "active_at": "2026-03-01T00:00:00Z"}
        for n, own in enumerate(groups)
    ]
    number = len(groups)
    told = {"active": most + number, "max": most, "to_free": number, "freed": 0, "people": people}
    return selection(stale(sum(map(len, groups)), first=first), seats=told)


@pytest.mark.parametrize(
    ("groups", "size", "sizes"),
    [
        ([[0], [1, 2, 3], [4]], 1, [1, 3, 1]),
        ([[0], [1, 2, 3], [4]], 2, [4, 1]),
        ([[0, 1], [2, 3], [4, 5]], 3, [4, 2]),
        ([[0, 1, 2, 3, 4, 5]], 2, [6]),
        ([[n] for n in range(5)], 2, [2, 2, 1]),
        ([], 2, []),
    ],
)
def test_no_person_is_parted_by_batches(groups, size, sizes):
    plan = plan_of(settings(batch_size=size), with_seats(*groups))
    assert [len(batch) for batch in plan["batches"]] == sizes
    assert [one["id"] for batch in plan["batches"] for one in batch] == [f"s{one}" for own in groups for one in own]
    for own in groups:
        assert (
            len([batch for batch in plan["batches"] if {f"s{one}" for one in own} & {one["id"] for one in batch}]) == 1
        )


def test_the_seats_tell_what_became_of_each_person_over_all_batches():
    made, picked = settings(batch_size=1), with_seats([0], [1, 2], [3], [4])
    plan, done = plan_of(made, picked), None
    planned = gathered(made, picked, plan, None)["result"]["seats"]
    assert [one["result"] for one in planned["people"]] == ["not_tried"] * 4  # nothing has been tried yet
    for batch, result in zip(plan["batches"], ["terminated", "terminated", None, "already_ended"]):
        told = {"sessions": [{**one, "result": result, "msg": ""} for one in batch if result]}
        told["kept"] = [] if result else [{**one, "reason": "max_seats", "msg": "enough"} for one in batch]
        done = after_batch(done, made, batch, told)
    seats = gathered(made, picked, plan, done)["result"]["seats"]
    assert [(one["result"], one["msg"]) for one in seats["people"]] == [
        ("freed", ""), ("freed", ""), ("kept", "enough"), ("left", "")]  # fmt: skip
    assert (seats["freed"], seats["to_free"]) == (2, 4)


def test_a_run_without_seats_has_none_and_the_retention_no_such_field():
    assert run(stale(1), ["terminated"])["result"]["seats"] is None
    made, picked = settings(RETENTION), selection(stale(1, "would_delete"))
    assert "seats" not in gathered(made, picked, plan_of(made, picked), None)["result"]


def test_the_seats_of_several_hosts_are_added_and_each_keeps_its_own():
    results = []
    for host, picked in {
        "a": with_seats([0], most=2),
        "b": with_seats([0, 1], [2], most=5),
        "c": selection([]),
    }.items():
        made = settings(apply=False)
        results.append({"host": host, "result": gathered(made, picked, plan_of(made, picked), None)["result"]})
    found = merged(results, 3)["seats"]
    assert [found[name] for name in ("active", "max", "to_free", "freed")] == [10, 7, 3, 0]
    assert [(one["host"], one["owner"], one["result"]) for one in found["people"]] == [
        ("a", "p0@ROOT", "would_free"), ("b", "p0@ROOT", "would_free"), ("b", "p1@ROOT", "would_free")]  # fmt: skip
    assert [(one["host"], one["max"]) for one in found["accounts"]] == [("a", 2), ("b", 5)]
    assert merged(results[2:], 2)["seats"] is None


def test_one_host_is_published_as_it_is_and_several_with_their_names_each_once():
    one = {"host": "a", "result": run(stale(1), ["terminated"])["result"]}
    two = {"host": "b", "result": {**run(stale(2), ["terminated"] * 2)["result"], "cutoff": "2026-01-01T00:00:00Z"}}
    assert merged([one], 1) == one["result"]
    found = merged([one, two, two], 3)
    assert [(entry["host"], entry["id"]) for entry in found["terminated"]] == [("a", "s0"), ("b", "s0"), ("b", "s1")]
    assert (found["cutoff"], found["report"]) == ("2026-01-01T00:00:00Z", [])


def test_reports_of_several_hosts_are_summed_each_once():
    figure = {"running": 3, "stale": 1, "complete": True, "report": None}
    results = [{"host": host, "result": figure} for host in ("a", "b", "b")]
    found = merged(results, 3)
    assert (found["running"], found["stale"], found["complete"]) == (6, 2, True)
    assert [one["host"] for one in found["accounts"]] == ["a", "b"]

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``max_seats``, from the options to what the server is left with: whole people, no more than needed."""

from __future__ import annotations

from random import Random

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import (
    AimmsError,
    OptionError,
    PartlyFailedError,
    RefusedError,
)
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import ago, results
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.ending import kept, run
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.sessions.people import (
    SEATS,
    active,
    figures,
    log_off,
    log_on,
    people,
)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"kinds": None}, "max_seats needs kinds: [webui]"),
        ({"kinds": ["webui", "task"]}, "max_seats needs kinds: [webui]"),
        ({"kinds": ["solve"]}, "max_seats needs kinds: [webui]"),
        ({"max_active": 1}, "max_seats and max_active do not go together"),
        ({"max_seats": -1}, "max_seats: must not be negative"),
        ({"session_ids": ["a1"]}, "max_seats goes with a selection, not with named sessions"),
    ],
)
def test_options_that_do_not_go_with_it_are_refused_before_the_first_request(options, said, account):
    with pytest.raises(OptionError) as caught:
        run(account, **{**SEATS, "max_seats": 2, **options})
    assert said in str(caught.value)
    assert account.requests == []


@pytest.mark.parametrize(
    ("max_seats", "owners"),
    [(4, []), (9, []), (3, ["bob@ROOT"]), (1, ["bob@ROOT", "cy@ROOT", "dee@ROOT"]), (0, "bob cy dee ann".split())],
)
def test_as_many_people_as_needed_are_ended_wholly_and_check_mode_says_who(max_seats, owners, account):
    owners = [one if "@" in one else f"{one}@ROOT" for one in owners]
    planned, _warnings = run(account, True, **SEATS, max_seats=max_seats)
    assert [person["owner"].lower() for person in planned["seats"]["people"]] == [one.lower() for one in owners]
    assert set(people(planned).values()) <= {"would_free"}
    assert account.changes() == []
    result, _warnings = run(account, **SEATS, max_seats=max_seats)
    assert list(results(result)) == list(results(planned))
    assert set(people(result).values()) <= {"freed"}
    assert figures(planned) == [4, max_seats, max(0, 4 - max_seats), 0]
    assert figures(result) == [4, max_seats, len(owners), len(owners)]
    assert len(active(account) - {"a2"}) == (4 - len(owners))
    assert account.state("task", "t1") == "running"
    assert run(account, **SEATS, max_seats=max_seats)[0]["changed"] is False


@pytest.mark.parametrize("when", ["planned", "counted again"])
@pytest.mark.parametrize(
    "values",
    [
        {"state": "hibernating"},
        {"state": ""},
        {"state": None},
        {"type": "browser-2"},
        {"owner": "BOB", "environment": "root", "state": "suspended"},
    ],
)
def test_a_session_that_may_be_active_keeps_its_person(values, when, account):
    def join():
        log_on(account, "b2", "bob@ROOT")()
        account.sessions["webui", "b2"].update(values)

    if when == "planned":
        join()
    else:
        account.on("GET", "/webui/b1", join)
    result, _warnings = run(account, **SEATS, owners=["bob@*", "cy@*"], max_seats=2)
    assert "b1" in active(account), values
    assert {name for name, what in results(result).items() if what == "terminated"} == {"c1"}
    assert result["seats"]["active"] == 4


@pytest.mark.parametrize("when", ["planned", "counted again"])
def test_who_may_be_active_is_not_counted(when, account):
    join = log_on(account, "z1", "zoe@ROOT", state="hibernating")
    if when == "planned":
        join()
    else:
        account.on("GET", "/webui/b1", join)
    account.on("PATCH", "/b1/terminate", log_off(account, "d1"))
    result, _warnings = run(account, **SEATS, max_seats=2)
    assert (results(result), result["seats"]["active"]) == ({"b1": "terminated"}, 4)


def test_nobody_is_chosen_of_whom_one_session_must_live(account):
    options = {**SEATS, "max_seats": 1, "older_than": "4h", "protect_session_ids": ["c1"]}
    result, _warnings = run(account, **options)
    assert results(result) == {"b1": "terminated", "d1": "terminated"}
    assert kept(result) == {"a1": "max_seats", "a2": "too_young", "c1": "protected"}
    told = {one["id"]: one["msg"] for one in result["kept"]}
    assert told["a1"] == "All sessions of a person are ended, or none: a2 may not be ended."
    assert figures(result) == [4, 1, 3, 2]


def test_those_who_need_not_go_are_kept_without_a_message(account):
    result, _warnings = run(account, **SEATS, max_seats=3)
    assert kept(result) == dict.fromkeys(["a1", "a2", "c1", "d1"], "max_seats")
    assert {one["msg"] for one in result["kept"]} == {""}


def test_a_selection_narrows_who_may_be_chosen_but_all_are_counted(account):
    result, _warnings = run(account, **SEATS, owners=["dee@*", "ann@*"], max_seats=2)
    assert results(result) == {"d1": "terminated", "a1": "terminated", "a2": "terminated"}
    assert figures(result) == [4, 2, 2, 2]


def test_limits_hold_before_the_first_change_and_the_refusal_says_who(account):
    for limit in ({"max_sessions": 1}, {"max_percent": 20}, {"max_per_owner": 0}):
        with pytest.raises(RefusedError) as caught:
            run(account, **SEATS, max_seats=2, **limit)
        assert people(caught.value.result) == {"bob@ROOT": "not_tried", "cy@ROOT": "not_tried"}
    assert account.changes() == []


# Meanwhile


def test_who_leaves_meanwhile_counts(account):
    account.on("PATCH", "/b1/terminate", log_off(account, "d1"))
    result, _warnings = run(account, **SEATS, max_seats=2)
    assert results(result) == {"b1": "terminated"}
    assert people(result) == {"bob@ROOT": "freed", "cy@ROOT": "kept"}
    assert kept(result)["c1"] == "max_seats"
    assert figures(result) == [4, 2, 2, 1]


def test_one_who_is_to_go_and_leaves_is_no_failure(account):
    account.on("PATCH", "/b1/terminate", log_off(account, "c1"))
    result, _warnings = run(account, **SEATS, max_seats=1)
    assert results(result) == {"b1": "terminated", "c1": "already_ended", "d1": "terminated"}
    assert people(result) == {"bob@ROOT": "freed", "cy@ROOT": "left", "dee@ROOT": "freed"}


def test_a_session_that_has_ended_does_not_keep_the_others_of_its_person(account):
    account.on("GET", "/webui/a1", log_off(account, "a1"))
    result, _warnings = run(account, max_seats=0, **SEATS)
    assert {name: results(result)[name] for name in ("a1", "a2")} == {"a1": "already_ended", "a2": "terminated"}
    assert active(account) == set()


def test_who_comes_meanwhile_counts_too_but_no_more_people_are_ended_than_planned(account):
    account.on("PATCH", "/b1/terminate", log_on(account, "f1", "fay@ROOT"), log_off(account, "d1"))
    result, _warnings = run(account, **SEATS, max_seats=2)
    assert set(results(result)) == {"b1", "c1"}
    assert active(account) == {"a1", "a2", "d1", "f1"}


@pytest.mark.parametrize("owner", ["cy@ROOT", "CY@root", "cy", "\uff43y@ROOT"])
def test_a_person_who_has_opened_another_session_is_left_alone(owner, account):
    account.on("PATCH", "/b1/terminate", log_on(account, "c2", owner))
    result, _warnings = run(account, **SEATS, max_seats=1)
    assert results(result) == {"b1": "terminated", "d1": "terminated"}
    assert people(result)["cy@ROOT"] == "kept"
    told = {one["id"]: one["msg"] for one in result["kept"]}
    assert "c2 is active too, and not planned" in told["c1"]


def test_a_new_session_whose_owner_only_its_own_record_tells_is_seen(account):
    def in_lists(record):
        return {name: value for name, value in record.items() if name != "owner"}

    account.in_lists = in_lists
    account.on("PATCH", "/b1/terminate", log_on(account, "c2", "cy@ROOT"))
    result, _warnings = run(account, **SEATS, max_seats=1)
    assert results(result) == {"b1": "terminated", "d1": "terminated"}
    assert figures(result)[0] == 4
    asked = [one.path.rpartition("/")[2] for one in account.requests if one.method == "GET"]
    assert asked.count("a1") == 1  # who has been told is not asked again


def test_no_session_of_a_person_is_ended_when_one_of_them_must_live_by_then(account):
    def begin_to_work():
        account.sessions["webui", "a2"]["app_name"] = "Other"

    account.on("PATCH", "/d1/terminate", begin_to_work)
    result, _warnings = run(account, **SEATS, max_seats=0)
    assert {"a1", "a2"} & active(account) == {"a1", "a2"}
    assert results(result)["a2"] == "changed_since"
    assert kept(result)["a1"] == "max_seats"
    assert people(result)["ann@ROOT" if "ann@ROOT" in people(result) else "ANN@root"] == "kept"


def test_a_list_that_fails_before_a_person_ends_no_more(account):
    def fail():
        account.on("GET", "/sessions/webui", *[500] * 50)

    account.on("PATCH", "/b1/terminate", fail)
    with pytest.raises(PartlyFailedError, match="could not be counted again") as caught:
        run(account, **SEATS, max_seats=1)
    result = caught.value.result
    assert results(result) == {"b1": "terminated", "c1": "not_tried", "d1": "not_tried"}
    assert people(result) == {"bob@ROOT": "freed", "cy@ROOT": "not_tried", "dee@ROOT": "not_tried"}
    assert account.changes() == ["PATCH webui/b1/terminate"]


def test_one_who_cannot_be_ended_counts_as_ended_and_the_others_go_on(account):
    account.on("PATCH", "/b1/terminate", 403)
    with pytest.raises(PartlyFailedError) as caught:
        run(account, **SEATS, max_seats=2)
    assert people(caught.value.result) == {"bob@ROOT": "failed", "cy@ROOT": "freed"}
    assert figures(caught.value.result) == [4, 2, 2, 1]


def test_a_server_that_refuses_all_is_left_alone_after_five(account):
    for number in range(12):
        account.add("webui", f"x{number}", hours=50 - number, owner=f"x{number}@ROOT")
        account.on("PATCH", f"/x{number}/terminate", 403)
    with pytest.raises(PartlyFailedError) as caught:
        run(account, **SEATS, max_seats=1)
    assert len(account.changes()) == 5
    assert list(people(caught.value.result).values()) == ["failed"] * 5 + ["not_tried"] * 10
    assert account.asked("/webui/x5") != []  # its turn came before it was known
    assert account.asked("/webui/x6") == account.asked("/webui/x11") == []


def test_a_server_that_shows_no_session_is_left_alone_after_five(account):
    for number in range(12):
        account.add("webui", f"x{number}", hours=50 - number, owner=f"x{number}@ROOT")
        account.on("GET", f"/webui/x{number}", *[500] * 9)
    with pytest.raises(PartlyFailedError) as caught:
        run(account, **SEATS, max_seats=1)
    assert account.changes() == []
    assert list(people(caught.value.result).values()) == ["failed"] * 5 + ["not_tried"] * 10


def test_a_server_that_takes_requests_and_ends_nobody_is_left_alone_after_five(account):
    for number in range(12):
        account.add("webui", f"x{number}", hours=50 - number, owner=f"x{number}@ROOT")
        account.deaf.add(f"x{number}")
    with pytest.raises(PartlyFailedError) as caught:
        run(account, **SEATS, max_seats=1)
    assert len(account.changes()) == 5
    assert list(people(caught.value.result).values()) == ["failed"] * 5 + ["not_tried"] * 10


def test_without_waiting_nobody_counts_as_freed_and_no_more_are_ended_than_needed(account):
    account.deaf |= {"b1", "c1"}
    result, _warnings = run(account, **SEATS, max_seats=2, wait=False)
    assert people(result) == {"bob@ROOT": "requested", "cy@ROOT": "requested"}
    assert figures(result) == [4, 2, 2, 0]


@pytest.mark.parametrize("seed", range(6))
def test_whatever_fails_nobody_is_ended_without_need_and_what_is_said_of_a_person_is_true(seed, account):
    chance = Random(f"seats-{seed}")
    for number in range(6):
        account.add("webui", f"x{number}", hours=50 - number, owner=f"x{number // 2}@ROOT")
    ids = [key for kind, key in account.sessions if kind == "webui"]
    statuses = [None, None, None, 400, 403, 404, 409, 429, 500, 502, 503, (200, b"<html>"), (200, {})]
    unread = [one for one in statuses if one != 404]  # in the service's own words it would be gone
    for session_id in ids:
        account.on("PATCH", f"/{session_id}/terminate", *chance.choices(statuses, k=6))
        account.on("GET", f"/webui/{session_id}", *chance.choices([*[None] * 30, *unread], k=12))
    account.on(
        "GET", "/sessions/webui", *[None] * chance.randint(2, 6), *chance.choices([*[None] * 20, *statuses], k=9)
    )
    options = {**SEATS, "protect_owners": ["x1@*"], "max_seats": 3}
    try:
        result, _warnings = run(account, **options)
    except AimmsError as error:
        result = getattr(error, "result", None) or {"seats": None}
    groups = {}
    for (kind, key), one in account.sessions.items():
        if kind == "webui" and key != "e1":
            groups.setdefault(one["owner"].lower(), []).append(key in active(account))
    assert sum(not any(each) for each in groups.values()) <= 4  # of seven
    assert all(groups["x1@root"])
    for person in (result["seats"] or {"people": []})["people"]:
        lives = groups[person["owner"].lower()]
        assert (person["result"] == "freed") <= (not any(lives))
        assert (person["result"] in ("kept", "not_tried")) <= all(lives)


# Whose session it is


def test_sessions_of_nobody_are_not_counted_not_ended_and_told(account):
    account.add("webui", "n1", hours=90, owner=None)
    account.add("webui", "n2", hours=80, owner="  ")
    result, warnings = run(account, **SEATS, max_seats=3)
    assert results(result) == {"b1": "terminated"}
    assert figures(result) == [4, 3, 1, 1]
    assert kept(result)["n1"] == kept(result)["n2"] == "max_seats"
    assert "2 active sessions tell no owner: max_seats neither counts nor ends them." in warnings


def test_a_young_session_whose_owner_only_its_own_record_tells_keeps_its_person(account):
    def in_lists(record):
        return {name: value for name, value in record.items() if record["id"] != "a2" or name != "owner"}

    account.in_lists = in_lists
    result, _warnings = run(account, **SEATS, max_seats=0, older_than="4h", owners=["ann@*"])
    assert results(result) == {}
    assert kept(result)["a1"] == "max_seats"


def test_a_session_that_the_list_shows_as_another_keeps_its_person_already_in_the_plan(account):
    def in_lists(record):
        return {name: value for name, value in record.items() if record["id"] != "a2" or name != "owner"}

    account.in_lists = in_lists
    account.alone = lambda record: {**record, "app_name": "Other"} if record["id"] == "a2" else dict(record)
    planned, _warnings = run(account, True, **SEATS, max_seats=0)
    assert results(planned) == {
        "b1": "would_terminate",
        "c1": "would_terminate",
        "d1": "would_terminate",
        "a2": "changed_since",
    }
    assert kept(planned)["a1"] == "max_seats"


# By the last line of the log


def test_with_quiet_for_those_come_first_whose_last_line_is_the_oldest(account):
    for session_id, hours in {"a1": 9, "a2": 8, "b1": 3, "c1": 7, "d1": 6, "t1": 9}.items():
        account.logs["webui", session_id] = [*[(ago(100), "first")] * 150, (ago(hours), "last")]
    result, _warnings = run(account, **SEATS, quiet_for="90m", max_seats=1)
    assert [person["owner"].lower() for person in result["seats"]["people"]] == ["ann@root", "cy@root", "dee@root"]
    assert result["seats"]["people"][1]["active_at"] == account.logs["webui", "c1"][-1][0]
    assert active(account) == {"b1"}


def test_a_line_before_the_turn_of_a_person_keeps_all_of_their_sessions(account, monkeypatch):
    for session_id in ("a1", "a2", "b1", "c1", "d1"):
        account.logs["webui", session_id] = [(ago(9 if session_id in ("b1", "a2") else 8), "last")]
    account.logs["webui", "a2"] = [(ago(2), "last")]

    def work():
        account.logs["webui", "a2"] = [*account.logs["webui", "a2"], (ago(0), "at work")]

    from ansible_collections.aimms.cloud.plugins.module_utils.logs import quiet

    monkeypatch.setattr(quiet, "_VALID_FOR", -1.0)
    account.on("PATCH", "/d1/terminate", work)
    result, _warnings = run(account, **SEATS, quiet_for="1h", max_seats=0)
    assert active(account) == {"a1", "a2"}
    assert (results(result)["a2"], kept(result)["a1"]) == ("changed_since", "max_seats")
    assert {one["id"]: one["msg"] for one in result["kept"]}["a1"] == (
        "All sessions of a person are ended, or none: a2 may not be ended."
    )
    assert people(result) == {"bob@ROOT": "freed", "cy@ROOT": "freed", "dee@ROOT": "freed", "ann@ROOT": "kept"}


# Records of a plan


def plan_of(account, **options):
    return run(account, True, **SEATS, **options)[0]["sessions"]


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_plan_is_followed_while_too_many_people_are_active(check_mode, account):
    planned = plan_of(account, max_seats=0)
    log_off(account, "d1")()
    result, _warnings = run(account, check_mode, **SEATS, sessions=planned, max_seats=2)
    acted = "would_terminate" if check_mode else "terminated"
    assert results(result) == {"d1": "already_ended", "b1": acted}
    assert people(result) == {
        "bob@ROOT": "would_free" if check_mode else "freed", "cy@ROOT": "kept", "ann@ROOT": "kept"}  # fmt: skip
    assert figures(result) == [3, 2, 1, 0 if check_mode else 1]


def test_once_few_enough_are_active_nobody_else_is_ended_even_if_others_come(account):
    planned = plan_of(account, max_seats=0)
    account.on("PATCH", "/b1/terminate", log_off(account, "a1", "a2"))

    def come():
        for number in range(3):
            log_on(account, f"f{number}", f"fay{number}@ROOT")()

    account.on("GET", "/webui/d1", come)  # the plan is read by list
    result, _warnings = run(account, **SEATS, sessions=planned, max_seats=2)
    assert {"c1", "d1", "f0", "f1", "f2"} == active(account)
    assert kept(result) == {"c1": "max_seats", "d1": "max_seats"}


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_plan_with_a_part_of_a_person_does_not_end_that_part(check_mode, account):
    planned = [one for one in plan_of(account, max_seats=0) if one["id"] != "a2"]
    result, _warnings = run(account, check_mode, **SEATS, sessions=planned, max_seats=0)
    assert set(results(result)) == {"b1", "c1", "d1"}
    assert {"a1", "a2"} <= active(account)
    assert kept(result) == {"a1": "max_seats"}


def test_a_plan_that_has_come_true_needs_no_count(account):
    planned = plan_of(account, max_seats=2)
    log_off(account, "b1", "c1")()
    before = len(account.asked("/sessions/webui"))
    result, _warnings = run(account, **SEATS, sessions=planned, max_seats=2)
    assert result["seats"] is None
    assert results(result) == {"b1": "already_ended", "c1": "already_ended"}
    assert len(account.asked("/sessions/webui")) == before


def test_records_of_nobody_are_not_ended(account):
    planned = [{**one, "owner": None} for one in plan_of(account, max_seats=2)]
    account.alone = lambda record: {**record, "owner": None}
    result, warnings = run(account, **SEATS, sessions=planned, max_seats=2)
    assert kept(result) == {"b1": "max_seats", "c1": "max_seats"}
    assert any(text.startswith("2 active sessions tell no owner") for text in warnings)

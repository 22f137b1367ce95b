# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``max_seats``: each of its guards, where nothing else would hold."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError, PartlyFailedError
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import results
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.ending import kept, run
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.sessions.people import (
    SEATS,
    active,
    figures,
    log_off,
    log_on,
)


def counts(account):
    """How often the list was asked for."""
    return len(account.asked("/sessions/webui"))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"kinds": None}, "max_seats needs kinds: [webui]. A seat is that of a person with a WebUI session."),
        ({"max_active": 1}, "max_seats and max_active do not go together. Count people or sessions, not both."),
    ],
)
def test_a_refusal_says_what_to_do(options, said, account):
    with pytest.raises(OptionError) as caught:
        run(account, **{**SEATS, "max_seats": 2, **options})
    assert str(caught.value) == said


def test_a_session_of_another_kind_in_the_list_takes_no_seat(account):
    account.add("webui", "x1", hours=50, owner="zoe@ROOT")["kind"] = "solve"
    result, _warnings = run(account, **SEATS, max_seats=3)
    assert (results(result), figures(result)) == ({"b1": "terminated"}, [4, 3, 1, 1])


def test_a_plan_that_tells_no_time_of_a_person_is_followed(account):
    planned = run(account, True, **SEATS, max_seats=3)[0]["sessions"]
    timeless = [{**one, "created_at": None, "started_at": None} for one in planned]
    account.in_lists = account.alone = lambda record: {**record, "created_at": None, "started_at": None}
    result, _warnings = run(account, **SEATS, sessions=timeless, max_seats=3)
    assert results(result) == {"b1": "terminated"}
    assert [person["active_at"] for person in result["seats"]["people"]] == [None]


def test_check_mode_of_a_selection_counts_once(account):
    run(account, True, **SEATS, max_seats=2)
    before = counts(account)
    assert before <= 2  # a list that shows no end is believed after a second page
    run(account, True, **SEATS, max_seats=9)
    assert counts(account) == 2 * before


def test_for_a_person_who_has_left_nobody_is_counted_again(account):
    account.on("GET", "/webui/b1", log_off(account, "b1"))
    run(account, **SEATS, owners=["bob@*"], max_seats=2)
    gone = counts(account)
    account.sessions["webui", "b1"]["state"] = "running"
    run(account, True, **SEATS, owners=["bob@*"], max_seats=2)
    assert counts(account) == 2 * gone


def test_sessions_that_have_ended_are_no_failures_of_the_server(account):
    for number in range(7):
        account.add("webui", f"x{number}", hours=60 - number, owner=f"x{number}@ROOT")
        account.on("GET", f"/webui/x{number}", log_off(account, f"x{number}"))
    result, _warnings = run(account, **SEATS, max_seats=2)
    assert set(results(result).values()) == {"already_ended", "terminated"}
    assert [name for name, what in results(result).items() if what == "terminated"] == ["b1", "c1"]


def test_a_session_that_has_passed_to_another_person_keeps_the_others_of_its_person(account):
    def pass_on():
        account.sessions["webui", "a2"]["owner"] = "eve@ROOT"

    account.on("GET", "/webui/a2", pass_on)
    result, _warnings = run(account, **SEATS, owners=["ann@*"], max_seats=0)
    assert results(result) == {"a2": "changed_since"}
    assert active(account) >= {"a1", "a2"}
    assert {one["id"]: one["msg"] for one in result["kept"]}["a1"] == (
        "All sessions of a person are ended, or none: a2 may not be ended."
    )


def test_all_who_were_asked_to_go_count_as_gone_and_not_the_last_one_only(account):
    account.deaf |= {"b1", "c1"}
    account.on("PATCH", "/c1/terminate", log_off(account, "a1", "a2"))
    result, _warnings = run(account, **SEATS, max_seats=1, wait=False)
    assert results(result) == {"b1": "requested", "c1": "requested"}
    assert kept(result)["d1"] == "max_seats"


def untold(record):
    """As a list without owners shows it."""
    return {name: value for name, value in record.items() if name != "owner"}


def test_a_new_session_counts_as_the_list_shows_it_even_if_it_has_ended_when_it_is_read(account):
    account.in_lists = untold
    account.on("PATCH", "/b1/terminate", log_on(account, "c2", "cy@ROOT"))
    account.on("GET", "/webui/c2", log_off(account, "c2"))
    result, _warnings = run(account, **SEATS, max_seats=1)
    assert results(result) == {"b1": "terminated", "d1": "terminated"}


def test_a_new_session_that_could_not_be_read_is_read_again_at_the_next_count(account):
    account.in_lists = untold
    account.on("PATCH", "/b1/terminate", log_on(account, "d2", "dee@ROOT"))
    account.on("GET", "/webui/d2", *[500] * 4)
    result, _warnings = run(account, **SEATS, max_seats=1)
    assert results(result) == {"b1": "terminated", "c1": "terminated"}
    assert active(account) == {"a1", "a2", "d1", "d2"}


def test_why_nobody_could_be_counted_is_told(account):
    account.on("PATCH", "/b1/terminate", lambda: account.on("GET", "/sessions/webui", *[500] * 50))
    with pytest.raises(PartlyFailedError, match=r"could not be counted again\..* answered 500"):
        run(account, **SEATS, max_seats=1)


def test_a_plan_is_followed_person_by_person_whatever_its_order(account):
    planned = run(account, True, **SEATS, max_seats=0)[0]["sessions"]
    mixed = sorted(planned, key=lambda one: ["a1", "d1", "a2", "c1", "b1"].index(one["id"]))
    result, _warnings = run(account, **SEATS, sessions=mixed, max_seats=0)
    assert list(results(result)) == ["a1", "a2", "d1", "c1", "b1"]
    ann = result["seats"]["people"][0]
    assert ann["active_at"] == account.sessions["webui", "a2"]["created_at"]

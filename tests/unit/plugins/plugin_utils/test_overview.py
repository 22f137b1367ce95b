# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures of sessions: counts by kind, app, owner and age, what is stale, and what a cleanup did about each."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.plugin_utils.overview import AGES, NO_AGE, overview
from ansible_collections.aimms.cloud.tests.unit.plugins.plugin_utils import page_samples as samples

DAY = 86_400


def rows(figures, field):
    return {one["name"]: (one["running"], one["stale"]) for one in figures[field]}


def test_sessions_are_counted_by_kind_app_owner_and_age():
    figures = overview(
        [
            samples.session(0, 60, kind="webui", app_name="A", owner="x@ROOT"),
            samples.session(1, 2 * DAY, kind="webui", app_name="A", owner="y@ROOT"),
            samples.session(2, 30 * DAY, kind="task", app_name=None, owner="y@ROOT"),
        ]
    )
    assert (figures["running"], figures["stale"], figures["stale_after"]) == (3, 2, "24h")
    assert rows(figures, "by_kind") == {"webui": (2, 1), "task": (1, 1)}
    assert rows(figures, "by_app") == {"A": (2, 1), None: (1, 1)}
    assert rows(figures, "by_owner") == {"x@ROOT": (1, 0), "y@ROOT": (2, 2)}
    assert [one["running"] for one in figures["by_age"]] == [1, 0, 0, 0, 1, 1]


def test_the_gb_hours_that_are_told_are_summed_by_kind_app_owner_and_environment():
    told = [
        samples.session(0, 60, kind="webui", app_name="A", owner="x@R", environment="R", gb_hours=0.1),
        samples.session(1, 60, kind="webui", app_name="A", owner="x@R", environment="R", gb_hours=0.2),
        samples.session(2, 60, kind="task", app_name="A", owner="y@S", environment="S", gb_hours=None),
    ]
    figures = overview(told)
    used = {by: {one["name"]: one["gb_hours"] for one in figures[f"by_{by}"]} for by in ("kind", "app", "owner")}
    assert used == {"kind": {"webui": 0.3, "task": None}, "app": {"A": 0.3}, "owner": {"x@R": 0.3, "y@S": None}}
    assert {one["name"]: (one["running"], one["gb_hours"]) for one in figures["by_environment"]} == {
        "R": (2, 0.3),
        "S": (1, None),
    }


@pytest.mark.parametrize(
    ("state", "due", "stale"), [("queued", 1, False), ("created", 1, False), ("queued", -1, True), ("running", 1, True)]
)
def test_what_is_scheduled_for_later_is_not_stale(state, due, stale):
    one = samples.session(0, 9 * DAY, state=state)
    later = datetime.fromisoformat(one["created_at"][:19]) + timedelta(seconds=one["age_seconds"] + due)
    figures = overview([{**one, "scheduled_for": f"{later.isoformat()}Z"}])
    assert figures["sessions"][0]["stale"] is stale


def test_the_most_come_first_and_every_sum_is_the_whole():
    figures = overview(samples.sessions(500))
    for field in ("by_kind", "by_app", "by_owner", "by_age"):
        assert sum(one["running"] for one in figures[field]) == figures["running"] == 500
        assert sum(one["stale"] for one in figures[field]) == figures["stale"]
    for field in ("by_kind", "by_app", "by_owner"):
        numbers = [one["running"] for one in figures[field]]
        assert numbers == sorted(numbers, reverse=True)
    assert 0 < figures["stale"] < 500


@pytest.mark.parametrize(("name", "begin"), AGES)
def test_an_age_begins_where_it_says(name, begin):
    figures = overview([samples.session(0, begin)])
    assert [one["name"] for one in figures["by_age"] if one["running"]] == [name]


@pytest.mark.parametrize(
    ("stale_after", "assumed", "age", "stale"),
    [
        ("24h", False, DAY, False),
        ("24h", False, DAY + 1, True),
        ("24h", True, DAY + 43_200, False),
        ("24h", True, DAY + 43_201, True),
        ("90m", False, 5401, True),
        ("PT8H", False, 28_800, False),
    ],
)
def test_stale_is_what_is_older_with_twelve_hours_to_spare_where_no_zone_is_known(stale_after, assumed, age, stale):
    assert overview([samples.session(0, age)], stale_after, assumed)["sessions"][0]["stale"] is stale


@pytest.mark.parametrize("age", [None, -1, "9"])
def test_what_has_no_age_is_never_stale_and_comes_last(age):
    figures = overview([samples.session(0, 0, age_seconds=age), samples.session(1, 9 * DAY)])
    assert [one["stale"] for one in figures["sessions"]] == [True, False]
    assert [one["id"] for one in figures["oldest"]] == [figures["sessions"][0]["id"]]
    assert rows(figures, "by_age")[NO_AGE] == (1, 0)


def test_the_oldest_come_first_and_ten_are_the_oldest():
    figures = overview(samples.sessions(50))
    ages = [one["age_seconds"] for one in figures["sessions"]]
    assert ages == sorted(ages, reverse=True)
    assert [one["age_seconds"] for one in figures["oldest"]] == ages[:10]
    assert figures["oldest_age_seconds"] == ages[0]


def test_a_session_that_comes_twice_is_counted_once():
    one = samples.session(0, 60)
    assert overview([one, dict(one), samples.session(1, 60, id=one["id"], kind="task")])["running"] == 2


def test_no_sessions_are_an_overview_too():
    figures = overview([])
    assert (figures["running"], figures["oldest_age_seconds"], figures["oldest"], figures["cleanup"]) == (
        0,
        None,
        [],
        None,
    )


def test_each_session_has_what_the_last_clean_up_said_of_it():
    running = samples.sessions(20)
    report = samples.cleanup(running)
    report["failed"].append({**running[1], "result": "failed", "msg": "503"})
    report["planned"] = [*report["planned"], running[1], running[3]]
    figures = overview(running, cleanup=report)
    found = {one["id"]: one["cleanup"] for one in figures["sessions"]}
    for one in report["kept"]:
        assert found[one["id"]] == {"list": "kept", "why": one["reason"], "msg": ""}
    assert found[running[1]["id"]] == {"list": "failed", "why": "failed", "msg": "503"}
    assert found[running[3]["id"]]["list"] == "planned"
    assert found[running[5]["id"]] is None


def test_what_a_clean_up_did_is_counted():
    report = samples.cleanup(samples.sessions(140))
    done = overview([], cleanup=report)["cleanup"]
    assert done["counts"] == {"planned": 7, "interrupted": 2, "forced": 2, "failed": 2, "skipped": 1, "kept": 70}
    assert {one["name"]: one["sessions"] for one in done["kept_by_reason"]}["too_young"] == 30
    assert sum(one["sessions"] for one in done["kept_by_reason"]) == 70
    assert (done["written_at"], done["applied"], done["terminated"]) == (
        report["written_at"],
        True,
        report["terminated"],
    )


@pytest.mark.parametrize("report", [[], "x", {"planned": []}, {**samples.cleanup([]), "kept": [{"id": "a"}]}])
def test_what_is_no_report_of_a_clean_up_is_refused(report):
    with pytest.raises(OptionError, match="no report of the role stale_session_cleanup"):
        overview([], cleanup=report)


@pytest.mark.parametrize("sessions", [["x"], [{}], [{"id": 5, "kind": "webui"}], [{"id": "x"}]])
def test_what_are_no_sessions_is_refused(sessions):
    with pytest.raises(OptionError, match="no records of sessions"):
        overview(sessions)


def test_a_duration_without_a_unit_is_refused():
    with pytest.raises(OptionError, match="has no unit"):
        overview([], "24")


@pytest.mark.parametrize(
    ("records", "waiting", "longest"),
    [
        ([], 0, None),
        ([{"state": "running", "age_seconds": 90}], 0, None),
        ([{"state": "queued", "age_seconds": 90}, {"state": "queued", "age_seconds": 60}], 2, 90),
        ([{"state": "queued", "age_seconds": None}], 1, None),
        ([{"state": "queued", "age_seconds": -5}], 1, None),
        ([{"state": "queued", "age_seconds": 3600, "created_at": "2026-01-31T08:00:00Z",
           "scheduled_for": "2026-01-31T08:50:00Z"}], 1, 600),
        ([{"state": "queued", "age_seconds": 3600, "created_at": "2026-01-31T08:00:00Z",
           "scheduled_for": "2026-01-31T09:50:00Z"}], 0, None),
    ],
)  # fmt: skip
def test_the_queue_has_what_waits_and_not_on_purpose(records, waiting, longest):
    sessions = [{"id": f"s{number}", "kind": "solve", **one} for number, one in enumerate(records)]
    assert overview(sessions)["queue"] == {"sessions": waiting, "longest_wait_seconds": longest}


def test_a_sum_of_gb_hours_says_of_how_many_sessions_it_is():
    used = (1.5, None, 0.25, "much")
    sessions = [{"id": f"s{number}", "kind": "solve", "gb_hours": one} for number, one in enumerate(used)]
    [group] = overview(sessions)["by_kind"]
    assert (group["running"], group["gb_hours"], group["gb_hours_of"]) == (4, 1.75, 2)
    [group] = overview(sessions[1:2])["by_kind"]
    assert (group["gb_hours"], group["gb_hours_of"]) == (None, 0)

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the roles say on the screen and in their reports."""

from __future__ import annotations

import re

import pytest

from ansible_collections.aimms.cloud.plugins.plugin_utils.role_outcomes import gathered, plan_of
from ansible_collections.aimms.cloud.plugins.plugin_utils.role_texts import (
    cleanup_page,
    cleanup_remarks,
    figure_lines,
    json_report,
    list_remarks,
    markdown_report,
    outcome_lines,
    plan_lines,
    session_line,
)
from ansible_collections.aimms.cloud.tests.unit.plugins.plugin_utils.role_samples import (
    HOUR,
    RETENTION,
    record,
    refused,
    selection,
    settings,
    stale,
)

WRITTEN = "2026-03-14T06:30:00Z"


def planned(picked, **values):
    made = settings(apply=False, **values)
    return made, gathered(made, picked, plan_of(made, picked), None)


def test_the_plan_says_what_is_stale_and_of_these_what_is_planned_and_kept():
    kept = [record(7, 99 * HOUR, reason="protected"), record(8, 60, reason="too_young")]
    picked = selection(stale(2), kept)
    lines = plan_lines(planned(picked)[0], picked, planned(picked)[1])
    assert lines[:2] == ["account acme", "3 of 4 active sessions are stale (cutoff 2026-03-02T00:00:00Z)"]
    assert lines[2] == "2 of the stale ones are planned to be ended"
    assert {"1 kept as protected", "1 kept as too young"} <= set(lines)


@pytest.mark.parametrize(
    ("key", "told"), [(None, True), ({"administrator": None}, True), ({"administrator": True}, False)]
)
def test_sessions_of_one_owner_only_may_be_all_that_a_users_key_sees(key, told):
    picked = selection([{**one, "owner": "jdoe@ROOT"} for one in stale(2)])
    made, found = planned(picked)
    lines = plan_lines({**made, "key": key}, picked, found)
    assert ("all are of jdoe@ROOT; a user's key sees no others" in lines) is told


def test_a_plan_over_a_limit_is_shown_and_that_an_apply_would_be_refused_is_told_after_it():
    picked = refused(stale(3))
    made, found = planned(picked)
    assert not any("selected" in line for line in plan_lines(made, picked, found))
    assert plan_lines({**made, "changes": True}, picked, found)[-1] == found["refused"]
    assert f"**{found['refused']}**" in markdown_report(made, found, WRITTEN)


def test_twenty_sessions_are_shown_and_no_line_is_long():
    picked = selection(stale(97, first=100))
    made, found = planned(picked)
    lines = plan_lines(made, picked, found)
    assert lines[-1] == "... and 77 more"
    assert max(map(len, lines)) <= 70


@pytest.mark.parametrize(("limit", "listed"), [(50, 50), (97, 97), (500, 97), (0, 20), (None, 20)])
def test_all_that_an_apply_may_end_is_shown(limit, listed):
    picked = selection(stale(97, first=100))
    made, found = planned(picked, max_sessions=limit)
    lines = plan_lines(made, picked, found)
    assert sum(line.startswith("webui") for line in lines) == listed
    assert (lines[-1] == f"... and {97 - listed} more") == (listed < 97)


def test_in_awx_a_line_has_all_that_tells_a_session_apart():
    """Who approves sees it in the browser, where lines may be long."""
    told = {"id": "3f2c" * 9, "owner": "maria.fernandez.lopez@PRODUCTION", "app_name": "Planner of the north [PROD]"}
    picked = selection([record(1, app_version="4.12", result="would_terminate", **told), *stale(1)])
    made, found = planned(picked, in_awx=True)
    (line, _other) = [line for line in plan_lines(made, picked, found) if line.startswith("webui")]
    assert all(text in line for text in (*told.values(), "4.12", "1d06h"))


def test_after_an_earlier_plan_nothing_is_said_of_other_sessions():
    picked = selection([*stale(1), record(5, result="not_found", msg="gone")])
    made, found = planned(picked, follows=True)
    assert plan_lines(made, picked, found)[1:3] == [
        "1 of 2 sessions of the earlier plan are to be ended",
        "1 not found",
    ]
    assert "how many run is not known" in cleanup_remarks(made)[0]
    assert "Stale is" not in markdown_report(made, found, WRITTEN)


def test_what_became_of_the_plan_is_counted():
    made = settings(archive_logs=True)
    result = {
        "planned": stale(4),
        "terminated": stale(1, "interrupted") + stale(1, "terminated"),
        "failed": stale(1, "failed"),
        "skipped": stale(1, "not_found"),
        "archived": [{}],
    }
    assert outcome_lines(made, {"result": result}) == [
        "2 of 4 ended, 1 by interrupt and 1 by force",
        "1 failed",
        "1 skipped, as they had ended, gone or changed",
        "1 logs saved",
    ]
    assert outcome_lines(settings(RETENTION), {"result": {**result, "deleted": []}})[0] == "0 of 4 records deleted"


def test_reports_carry_the_name_of_the_account():
    picked = selection(stale(1))
    made, found = planned(picked)
    report = json_report(made, found, WRITTEN)
    assert (report["host"], report["account"], report["applied"]) == ("h", "acme", False)
    assert report["planned"] == found["result"]["planned"]
    assert markdown_report(made, found, WRITTEN).startswith("# Stale sessions: acme\n")


def test_a_name_is_neither_markup_nor_a_column():
    picked = selection([record(1, result="would_terminate", owner="a|b <script>`x`\n\\", app_name="{{ 1 }}")])
    made, found = planned(picked)
    text = markdown_report(made, found, WRITTEN)
    assert "a\\|b &lt;script>\\`x\\`" in text
    assert "{{ 1 }}" in text
    assert text.count("\n| webui |") == 1


LIVE = "[a](http://x.example) ![b](javascript:c) <http://y.example> https://z.example WWW.q.example *d* ~e~ &lt;"


@pytest.mark.parametrize("field", ["id", "kind", "owner", "app_name", "app_version", "created_at"])
@pytest.mark.parametrize("role", ["stale_session_cleanup", RETENTION])
def test_no_name_is_a_link_an_image_or_markup(role, field):
    picked = selection([record(1, **{"result": "would_terminate", field: LIVE})])
    made = {**settings(role, apply=False), "changes": False}
    text = markdown_report(made, gathered(made, picked, plan_of(made, picked), None), WRITTEN)
    assert LIVE.partition(" ")[0] not in text
    assert re.findall(r"(?<!\\)\]\(|<http|https://|WWW\.q|(?<!\\)\*d|(?<!\\)~e|&lt; ", text) == []
    assert "\\[a\\](http\\://x.example) !\\[b\\](javascript:c) &lt;http\\://y.example>" in text
    assert text.count("WWW\\.q.example \\*d\\* \\~e\\~ &amp;lt; |") + text.count("\\~e\\~ &amp;lt; 1 |") == 1


def test_figures_of_nothing_are_shown_and_what_is_not_known_is_empty():
    picked = selection([record(1, result="would_terminate", app_name=None, app_version=None, created_at=None)])
    made, found = planned(picked)
    text = markdown_report(made, found, WRITTEN)
    assert "| 1 | 0 | 0 | 0 | 0 | 0 | 0 |" in text
    assert "| webui | s1 | user1@ROOT |  |  | 1d06h |" in text


def test_protections_that_match_nobody_are_in_plan_report_and_fact():
    picked = selection(stale(1), unmatched_protections=["svcx-*", "*[z]", *"abcde"])
    made, found = planned(picked)
    lines = plan_lines(made, picked, found)
    assert [line for line in lines if "protection" in line] == [
        "no session matches the protection svcx-*",
        "no session matches the protection *[z]",
        *[f"no session matches the protection {name}" for name in "abc"],
        "nor 2 other protections",
    ]
    assert "**No session matches these protections: svcx-\\*, \\*\\[z\\], a, b, c, d, e.**" in markdown_report(
        made, found, WRITTEN
    )
    assert json_report(made, found, WRITTEN)["unmatched_protections"] == ["svcx-*", "*[z]", *"abcde"]
    for nothing in ([], None):
        picked = selection(stale(1), unmatched_protections=nothing)
        made, found = planned(picked)
        assert "protection" not in " ".join(plan_lines(made, picked, found)) + markdown_report(made, found, WRITTEN)


def test_the_notes_on_an_earlier_plan_are_in_plan_report_and_page():
    picked = selection(stale(1))
    made, found = planned(picked, follows=True)
    made["plan_notes"] = ["It is for https://acme.aimms.cloud.", "It has been applied before."]
    assert plan_lines(made, picked, found)[2:4] == made["plan_notes"]
    assert "It is for https\\://acme.aimms.cloud. It has been applied before." in markdown_report(made, found, WRITTEN)
    assert cleanup_remarks(made)[1:] == made["plan_notes"]


SEATS = {
    "active": 42, "max": 40, "to_free": 2, "freed": 0,
    "people": [
        {"owner": "ann@ROOT" + "x" * 30, "sessions": ["s0", "s1"], "active_at": "2026-03-01T08:15:00Z"},
        {"owner": "<b>|@ROOT", "sessions": ["s2"], "active_at": None},
    ],
}  # fmt: skip


def test_plan_report_and_page_say_whose_seats_are_freed_and_how_many():
    picked = selection(stale(3), seats=SEATS)
    made, found = planned(picked)
    shown = plan_lines(made, picked, found)
    first = shown.index("42 people for 40 seats: 2 to free, 2 of them by this plan")
    assert shown[first + 1 : first + 3] == [
        "ann@ROOTxxxxxxxxxxxxxxx… 2 sessions, active until 2026-03-01 08:15 UTC",
        "<b>|@ROOT                1 session, active until not known",
    ]
    assert max(map(len, shown)) <= 70
    text = markdown_report(made, found, WRITTEN)
    assert "42 people for 40 seats: 2 to free, 2 of them by this plan. 0 were freed." in text
    assert "| &lt;b>\\|@ROOT | 1 | not known | to be ended |  |" in text
    report = json_report(made, found, WRITTEN)
    assert [one["result"] for one in report["seats"]["people"]] == ["would_free"] * 2
    made["files"] = {"json": "/r/h.json"}
    remarks = cleanup_page(made, found, picked, report)["remarks"]
    assert remarks[0].startswith("42 people for 40 seats")
    assert remarks[1].endswith("xxx: to be ended; <b>|@ROOT: to be ended")


def test_many_people_are_cut_and_the_others_counted():
    seats = {**SEATS, "people": [{**SEATS["people"][1], "sessions": [f"s{number}"]} for number in range(23)]}
    picked = selection(stale(23), seats=seats)
    made, found = planned(picked)
    assert "... and 3 more people" in plan_lines(made, picked, found)
    made["files"] = {"json": "/r/h.json"}
    assert cleanup_page(made, found, picked, json_report(made, found, WRITTEN))["remarks"][1].endswith("; 3 more")


def test_the_outcome_says_how_many_seats_were_freed():
    result = {"planned": stale(2), "terminated": stale(1), "failed": [], "skipped": [], "archived": []}
    found = {"result": {**result, "seats": {**SEATS, "freed": 1}}, "spared": []}
    found["result"]["terminated"][0]["result"] = "terminated"
    assert outcome_lines(settings(), found)[1] == "1 of 2 seats freed"


def test_what_was_planned_and_kept_after_all_is_told():
    result = {"planned": stale(2), "terminated": [], "failed": [], "skipped": [], "archived": []}
    found = {"result": result, "spared": [record(1, reason="max_active"), record(2, reason="recent_log")]}
    assert outcome_lines(settings(), found)[1:] == [
        "1 of them kept after all: max active",
        "1 of them kept after all: recent log",
    ]


def test_a_long_table_names_the_rest_by_number():
    picked = selection(stale(1003))
    made, found = planned(picked)
    assert "... and 3 more, see the JSON report." in markdown_report(made, found, WRITTEN)


def test_retention_speaks_of_records():
    picked = selection(stale(1, "would_delete"))
    made = {**settings(RETENTION, archive_logs=True), "changes": False}
    found = gathered(made, picked, plan_of(made, picked), None)
    assert plan_lines(made, picked, found)[1:3] == [
        "1 of 1 ended sessions have old records (cutoff 2026-03-02T00:00:00Z)",
        "1 logs to be saved first",
    ]
    assert markdown_report(made, found, WRITTEN).startswith("# Records of ended sessions: acme\n")


@pytest.mark.parametrize(("seconds", "told"), [(None, "?"), (59, "0m"), (3 * HOUR + 61, "3h01m"), (50 * HOUR, "2d02h")])
def test_an_age_is_short(seconds, told):
    assert session_line(record(1, seconds)).split()[1] == told


def test_figures_and_remarks_of_a_report():
    figures = {"running": 3, "stale": 1, "stale_after": "24h", "by_kind": [], "oldest": [record(1)]}
    figures["queue"] = {"sessions": 2, "longest_wait_seconds": 90}
    assert figure_lines({**figures, "account": "acme"})[:3] == [
        "account acme",
        "3 sessions run or wait, 1 of them are older than 24h",
        "2 wait in the queue, the longest for 90 s",
    ]
    made = {"given": {"kinds": ["webui"], "owners": None, "apps": None}, "cleanup": {"place": "/y", "report": None}}
    assert list_remarks(made, {"complete": False, "naive_timestamps": 2}) == [
        "The list of sessions is not complete: the server did not give all of it.",
        "Only these kinds: webui.",
        "The times of 2 sessions name no zone: they are read as UTC, so a session counts as stale 12 hours later.",
        "There is no report of a cleanup yet at /y.",
    ]

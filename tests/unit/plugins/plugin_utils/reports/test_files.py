# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a run, as texts: which there are, and that the page and its history tell the same."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest

from ansible_collections.aimms.cloud.plugins.plugin_utils.reports.files import (
    as_json,
    files_of_list,
    files_of_problem,
    files_of_run,
)
from ansible_collections.aimms.cloud.plugins.plugin_utils.role_outcomes import gathered, plan_of
from ansible_collections.aimms.cloud.plugins.plugin_utils.role_texts import list_page
from ansible_collections.aimms.cloud.plugins.plugin_utils.role_variables import CLEANUP, RETENTION
from ansible_collections.aimms.cloud.tests.unit.plugins.plugin_utils.role_samples import (
    HOUR,
    record,
    selection,
    settings,
    stale,
)

AT = "2026-03-14T06:30:00Z"
CLEANUP_FILES = {"json": "/r/h.json", "markdown": "/r/h.md", "html": "/r/h.html", "junit": "/r/h.xml"}
LISTED = {"sessions": [record(1), record(2, age=HOUR)], "complete": True, "naive_timestamps": 0}


def run_of(role=CLEANUP, kept=(), **values):
    files = values.pop("files", CLEANUP_FILES)
    run = {**settings(role, apply=False, key_warning="never", **values), "files": files, "changes": False}
    chosen = selection(stale(2), kept)
    return run, gathered(run, chosen, plan_of(run, chosen), None), chosen


def made(run, found, chosen, read=lambda _path: ""):
    return files_of_run(run, found, chosen, AT, read, 5.0)


def test_a_clean_up_leaves_a_file_for_programs_for_people_and_for_ci():
    asked = []
    files = made(*run_of(), lambda path: asked.append(path) or "")
    assert list(files.texts) == ["/r/h.json", "/r/h.md", "/r/h.html", "/r/h.xml"]
    assert asked == ["/r/.h+history.json"]
    assert files.history[0] == "/r/.h+history.json"
    assert (
        json.loads(files.history[1])["runs"]
        == files.runs
        == [{"at": AT, "running": 2, "stale": 2, "ended": 0, "freed": None}]
    )
    assert (files.page["page"], files.page["stale"], files.page["finished"]) == ("/r/h.html", 2, 5.0)


def test_runs_before_this_one_are_on_the_page():
    first = made(*run_of())
    earlier = first.history[1].replace(AT, "2026-03-13T06:30:00Z")
    found = made(*run_of(), lambda _path: earlier)
    assert "The last 2 runs" in found.texts["/r/h.html"]
    assert "lines-running" not in first.texts["/r/h.html"]


def test_kept_sessions_are_test_cases_only_where_they_are_stale():
    kept = [{**record(7), "reason": "protected", "msg": ""}, {**record(8, age=HOUR), "reason": "too_young", "msg": ""}]
    files = made(*run_of(kept=kept))
    names = [one.get("name") for one in ElementTree.fromstring(files.texts["/r/h.xml"]).iter("testcase")]
    assert names == ["webui s0", "webui s1", "webui s7"]


def test_without_a_folder_nothing_is_read_or_written():
    files = made(*run_of(files=None), lambda _path: pytest.fail("nothing is to be read"))
    assert (files.texts, files.history, files.page) == ({}, None, None)


def test_why_there_is_no_plan_is_told_to_ci_only():
    run, *_others = run_of()
    (told,) = files_of_problem(run, "GET /x answered 401.", AT).items()
    assert (told[0], "GET /x answered 401." in told[1]) == ("/r/h.xml", True)
    assert files_of_problem({**run, "files": None}, "x", AT) == {}
    assert files_of_problem({**run, "files": {"json": "/r/h.json"}}, "x", AT) == {}


def test_a_retention_has_no_page():
    run = {**settings(RETENTION, apply=False), "files": {"json": "/r/h.json", "markdown": "/r/h.md"}, "changes": False}
    chosen = selection([])
    files = made(run, gathered(run, chosen, plan_of(run, chosen), None), chosen)
    assert (list(files.texts), files.history, files.page) == (["/r/h.json", "/r/h.md"], None, None)


@pytest.mark.parametrize("formats", [["html"], ["json", "csv"], []])
def test_a_report_of_what_runs_has_the_files_that_are_asked_for(formats):
    places = {name: f"/p/h.{name}" for name in formats}
    given = {"stale_after": "24h", "kinds": None, "owners": None, "apps": None}
    run = {"host": "h", "account": "acme", "given": given, "files": places, "cleanup": {"place": None, "report": None}}
    files = files_of_list(run, list_page(run, LISTED, AT), lambda _path: "", 5.0)
    assert set(files.texts) == set(places.values())
    assert (files.history is None) == (files.page is None) == ("html" not in formats)


REPORTS = [
    {"b": 1, "a": None},
    {"list": [], "mapping": {}, "nothing": ""},
    {"text": "two\nlines \u00e9 \u2028 \ud800", "mapping": {"deep": {"list": [1, {"x": "a\nb"}]}}},
    {"sessions": [{"id": "1", "app": "A\nB", "tags": ["x"]}, {"id": "2", "of": {"b": 2, "a": 1}}], "texts": ["a", "b"]},
]


@pytest.mark.parametrize("report", REPORTS)
def test_the_json_report_is_what_it_is_made_of_with_a_line_for_each_record(report):
    text = as_json(report)
    assert json.loads(text) == report
    assert json.loads(text, object_pairs_hook=lambda pairs: [name for name, _value in pairs]) == sorted(report)
    lines = [line.strip(" ,") for line in text.split("\n")]
    assert all(json.dumps(one, sort_keys=True) in lines for one in report.get("sessions", ()))

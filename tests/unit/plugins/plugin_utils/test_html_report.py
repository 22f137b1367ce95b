# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page, its words and the CSV file: everything is said, and nothing that a server says does anything."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
from html.parser import HTMLParser

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.plugin_utils import labels
from ansible_collections.aimms.cloud.plugins.plugin_utils.csv_report import COLUMNS, as_csv
from ansible_collections.aimms.cloud.plugins.plugin_utils.html_report import page
from ansible_collections.aimms.cloud.plugins.plugin_utils.overview import overview
from ansible_collections.aimms.cloud.tests.unit.plugins.plugin_utils import page_samples as samples

ACTIVE = {"script", "iframe", "object", "embed", "link", "base", "img", "form", "style", "meta"}


class Parsed(HTMLParser):
    """Every element with its attributes, and all text."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.said = [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.said += data


def rendered(sessions, cleanup=None, **more):
    return page(
        {**overview(sessions, cleanup=cleanup), "host": "acme", "written_at": samples.written(samples.NOW), **more}
    )


def rows_of(html):
    return json.loads(re.search(r'id="rows">(.*?)</script>', html, re.DOTALL)[1])


def harmful(sessions):
    return samples.cleanup([{**one, "msg": one["owner"]} for one in sessions])


def test_names_that_mean_harm_become_text():
    bad = samples.hostile()
    for one in bad:
        one["kind"] = one["owner"]
    report = harmful(bad)
    report["refused"] = samples.HOSTILE[0]
    plain = Parsed(rendered(samples.sessions(8), harmful(samples.sessions(8)), remarks=["x"]))
    found = Parsed(rendered(bad, report, remarks=list(samples.HOSTILE), host=samples.HOSTILE[1]))
    allowed = [element for element in plain.elements if element[0] in ACTIVE]
    assert [tag for tag, _attributes in found.elements if tag in ACTIVE] == [tag for tag, _attributes in allowed]
    assert not [name for _tag, attributes in found.elements for name in attributes if name.startswith(("on", "style"))]
    assert samples.HOSTILE[1] in found.said
    html = rendered(bad, report)
    assert [html.lower().count(text) for text in ("<script", "</script", "<!--")] == [2, 2, 0]
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", html)


def test_nothing_is_loaded_from_elsewhere():
    elements = Parsed(rendered(samples.sessions(300), files={"json": "acme.json", "csv": "acme.csv"})).elements
    assert {value for _tag, given in elements for name, value in given.items() if name in ("src", "href")} == {
        "acme.json",
        "acme.csv",
    }
    assert "url(" not in rendered([])


def test_only_the_page_s_own_style_and_script_may_run():
    html = rendered(samples.sessions(3))
    policy = next(given["content"] for tag, given in Parsed(html).elements if "http-equiv" in given)
    assert policy.startswith("default-src 'none';")
    for element in ("style", "script"):
        own = re.search(rf"<{element}>(.*?)</{element}>", html, re.DOTALL)[1]
        assert base64.b64encode(hashlib.sha256(own.encode()).digest()).decode() in policy


def test_every_session_is_in_the_rows_and_the_oldest_hundred_stand_in_the_page():
    sessions = samples.sessions(300)
    html = rendered(sessions)
    assert {row[5] for row in rows_of(html)} == {one["id"] for one in sessions}
    body = html.split('id="sessions"')[1].split("</table>")[0]
    assert re.findall(r"<code>(.*?)</code>", body) == [row[5] for row in rows_of(html)[:100]]


def test_what_is_not_there_is_said():
    assert "No report of a clean-up was given." in rendered([])
    assert "None is running." in rendered([])
    html = rendered([samples.session(0, 0, age_seconds=None, app_name=None, owner=None, created_at=None)])
    assert "No age is known." in html
    assert rows_of(html) == []  # one row needs no script


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"applied": False}, "nothing was changed"),
        ({"refused": "11 of 12 are selected."}, "a limit stopped it"),
        ({"failed": []}, "All that was planned has ended."),
        ({"failed": [], "planned": []}, "There was nothing to end."),
        ({"followed_a_plan": True}, "It followed an earlier plan."),
        ({}, "Planned was what began before 2026-03-13 03:30 UTC."),
    ],
)
def test_what_the_last_clean_up_did_is_said_in_words(changes, said):
    assert said in Parsed(rendered([], {**samples.cleanup([]), **changes})).said


def test_a_long_list_is_cut_with_a_word_about_the_rest():
    many = [{**samples.session(number, 9), "result": "failed", "msg": ""} for number in range(203)]
    html = rendered(
        [samples.session(n, 9, owner=f"u{n}@ROOT") for n in range(205)], {**samples.cleanup([]), "failed": many}
    )
    assert "3 more are in the JSON report." in html
    assert "5 more are in the JSON report." in html
    assert "198 others" in html


@pytest.mark.parametrize("report", [None, {}, "x", {**overview([]), "host": "acme"}])
def test_what_is_no_report_is_refused(report):
    with pytest.raises(OptionError, match="no report of sessions"):
        page(report)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 seconds"),
        (1, "1 second"),
        (1.9, "1 second"),
        (60, "1 minute"),
        (3661, "1 hour 1 minute"),
        (90_000, "1 day 1 hour"),
        (86_400 + 59, "1 day"),
        (None, "not known"),
        (-5, "not known"),
    ],
)
def test_ages_are_said_in_words(seconds, said):
    assert labels.age(seconds) == said


@pytest.mark.parametrize("value", [None, "", "2026-01-31", 5])
def test_an_odd_time_is_shown_as_it_is(value):
    assert labels.utc_time(value) == labels.clean(value)
    assert labels.utc_time("2026-01-31T08:15:59Z") == "2026-01-31 08:15 UTC"


def test_reasons_and_results_are_said_in_words_also_new_ones():
    assert labels.reason("recent_log").startswith("still at work")
    assert labels.reason("a_new_one") == "a new one"
    assert labels.result({"result": "failed", "msg": "503\n"}) == "could not be ended. 503"
    assert labels.result({"result": "as_never_before"}) == "as never before"
    assert labels.cleanup_note(None) == "not seen by it"
    assert labels.cleanup_note({"list": "planned", "why": "would_terminate", "msg": ""}) == "planned to be ended"
    assert labels.cleanup_note({"list": "failed", "why": "unknown", "msg": "x"}) == "nobody knows whether it ended. x"


def table(text):
    return list(csv.reader(io.StringIO(text, newline="")))


def test_the_csv_has_a_line_for_each_session_with_what_it_is():
    running = samples.sessions(9)
    figures = overview(running, cleanup=samples.cleanup(running))
    head, *lines = table(as_csv(figures["sessions"]))
    assert head == list(COLUMNS)
    found = [dict(zip(head, line)) for line in lines]
    assert [one["id"] for one in found] == [one["id"] for one in figures["sessions"]]
    assert {(one["cleanup"], one["cleanup_why"] != "") for one in found} == {("kept", True), ("", False)}
    assert {one["stale"] for one in found} <= {"true", "false"}
    assert [int(one["age_seconds"]) for one in found] == [one["age_seconds"] for one in figures["sessions"]]


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t=", "\r=", "\n=", " =", "\uff1d", "\u202e="])
def test_no_cell_begins_like_a_formula(begin):
    text = as_csv([samples.session(0, 9, owner=f'{begin}1+1;"x",y\r\n=2', app_name=f"{begin}cmd|' /C calc'!A0")])
    (_head, line) = table(text)
    for name in ("owner", "app_name"):
        value = line[COLUMNS.index(name)]
        assert value.startswith("'")
        assert value.isprintable()
    assert text.count("\r\n") == 2
    assert dict(zip(COLUMNS, line))["owner"].endswith('1+1;"x",y  =2')


def test_text_that_is_no_formula_and_numbers_stay_as_they_are():
    text = as_csv([samples.session(0, 9, owner="a-b=c@ROOT", age_seconds=-5, message=None)])
    found = dict(zip(COLUMNS, table(text)[1]))
    assert (found["owner"], found["age_seconds"], found["message"]) == ("a-b=c@ROOT", "-5", "")

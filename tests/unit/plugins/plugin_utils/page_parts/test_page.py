# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The template, style and script of the page: everything is said, and nothing that a server says does anything."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ansible_collections.aimms.cloud.plugins.plugin_utils import html_report
from ansible_collections.aimms.cloud.tests.unit.plugins.plugin_utils import page_samples as samples
from ansible_collections.aimms.cloud.tests.unit.plugins.plugin_utils.rendered_page import Parsed, rendered, rows_of

FOLDER = Path(html_report.__file__).parent / "page_parts"
ACTIVE = {"script", "iframe", "object", "embed", "link", "base", "img", "form", "style", "meta"}


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
    assert [html.lower().count(text) for text in ("<script", "</script", "<!--")] == [3, 3, 0]
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", html)


def test_nothing_is_loaded_from_elsewhere():
    elements = Parsed(rendered(samples.sessions(300), files={"json": "acme.json", "csv": "acme.csv"})).elements
    assert {value for _tag, given in elements for name, value in given.items() if name in ("src", "href")} == {
        "acme.json",
        "acme.csv",
    }
    assert "url(" not in rendered([])


def test_what_is_not_there_is_said():
    assert "No report of a cleanup was given." in rendered([])
    assert "None is running." in rendered([])
    html = rendered([samples.session(0, 0, age_seconds=None, app_name=None, owner=None, created_at=None)])
    assert "No age is known." in html
    assert rows_of(html) == []  # one row needs no script


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"applied": False}, "nothing was changed"),
        ({"refused": "11 of 12 are selected."}, "a limit stopped it"),
        (
            {"failed": [], "planned": [samples.session(1, 9)], "terminated": [samples.session(1, 9)]},
            "All that was planned",
        ),
        ({"failed": [], "planned": [samples.session(1, 9)], "terminated": []}, "0 of 1 planned sessions were ended;"),
        ({"failed": [], "planned": [], "skipped": []}, "There was nothing to end."),
        ({"applied": False, "refused": "11 of 12"}, "nothing was changed. An apply would be refused."),
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


# The script and the style fit the template


def text_of(name):
    return (FOLDER / name).read_text(encoding="utf-8")


@pytest.fixture(name="elements", scope="module")
def a_page_with_everything():
    """The elements of a page on which nothing is left out."""
    running = samples.sessions(300)
    report = samples.cleanup(running)
    files = {"json": "a.json", "csv": "a.csv"}
    return Parsed(rendered(running, report, remarks=["x"], files=files, history=samples.history(9))).elements


def test_each_element_that_the_script_looks_for_is_in_the_page(elements):
    asked = {
        "".join(names) for names in re.findall(r'(?:part|read)\("([\w-]+)"\)|\bid: "([\w-]+)"', text_of("page.js"))
    }
    assert {"rows", "groups", "sessions", "words", "order", "only-stale", "by-app"} <= asked
    assert asked <= {given["id"] for _tag, given in elements if "id" in given}


def test_no_two_elements_have_the_same_name(elements):
    names = [given["id"] for _tag, given in elements if "id" in given]
    assert len(names) == len(set(names)) > 10


def test_each_class_that_is_styled_is_in_the_page(elements):
    styled = set(re.findall(r"\.([a-z][a-z-]*)(?=[ .,:{>+])", text_of("page.css")))
    assert {"quiet", "figures", "oldest"} <= styled
    of_script = set(re.findall(r'node\("button", \w+, "(\w+)"\)', text_of("page.js")))
    assert styled <= of_script | {name for _tag, given in elements for name in given.get("class", "").split()}


def test_the_columns_of_the_script_are_those_of_the_table_and_of_the_rows():
    columns = dict(re.findall(r'"?([\w -]+?)"?: (\d+)', re.search(r"columns = \{(.*?)\}", text_of("page.js"))[1]))
    row = html_report.row(samples.session(7, 90_000, stale=True, cleanup={"list": "planned", "why": "", "msg": ""}))
    heads = re.findall(r'data-label="([A-Z][\w ]+)"', text_of("page.html.j2"))
    assert {name.strip() for name in columns} == {*heads, "Last cleanup"}
    shown = {name.strip(): row[int(place)] for name, place in columns.items()}
    assert (shown["Age"], shown["Last cleanup"], shown["Session"]) == ("1 day 1 hour", "planned to be ended", row[5])
    ages, stale, group = re.search(r"AGE = (\d+), STALE = (\d+), GROUP = (\d+)", text_of("page.js")).groups()
    assert (row[int(ages)], row[int(stale)], row[int(group)], len(row)) == (90_000, True, "1 to 2 days", 14)


def test_the_table_is_ordered_by_columns_that_rows_have():
    orders = re.findall(r'<option value="(\d+) -?1">', text_of("page.html.j2"))
    width = len(html_report.row(samples.session(0, 0)))
    assert len(orders) > 3
    assert all(abs(int(order)) < width for order in orders)


def test_the_script_writes_text_only():
    """Text of a server that became markup would run in the reader's browser."""
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacent|document\.write|eval|Function|fetch|XMLHttp|import\b", text_of("page.js")
    )

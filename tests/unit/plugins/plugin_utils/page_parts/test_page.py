# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The template, style and script of the page: everything is said, and nothing that a server says does anything."""

from __future__ import annotations

import re

import pytest

from ansible_collections.aimms.cloud.tests.unit.plugins.plugin_utils import page_samples as samples
from ansible_collections.aimms.cloud.tests.unit.plugins.plugin_utils.rendered_page import Parsed, rendered, rows_of

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
    assert [html.lower().count(text) for text in ("<script", "</script", "<!--")] == [2, 2, 0]
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", html)


def test_nothing_is_loaded_from_elsewhere():
    elements = Parsed(rendered(samples.sessions(300), files={"json": "acme.json", "csv": "acme.csv"})).elements
    assert {value for _tag, given in elements for name, value in given.items() if name in ("src", "href")} == {
        "acme.json",
        "acme.csv",
    }
    assert "url(" not in rendered([])


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

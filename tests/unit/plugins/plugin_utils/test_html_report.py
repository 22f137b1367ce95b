# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page as a whole: which sessions it shows, what may run in it, and what is refused."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.plugin_utils.html_report import page
from ansible_collections.aimms.cloud.plugins.plugin_utils.overview import overview
from ansible_collections.aimms.cloud.tests.unit.plugins.plugin_utils import page_samples as samples
from ansible_collections.aimms.cloud.tests.unit.plugins.plugin_utils.rendered_page import Parsed, rendered, rows_of

AT = samples.written(samples.NOW)


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


@pytest.mark.parametrize("used", [float("nan"), float("inf"), 1e300, "x", None])
def test_the_script_can_read_the_rows_whatever_was_used(used):
    html = rendered([samples.session(number, 9, gb_hours=used) for number in range(2)])
    assert [row[12] for row in rows_of(html)] == [None, None]


@pytest.mark.parametrize("report", [None, {}, "x", {**overview([]), "host": "acme"}])
def test_what_is_no_report_is_refused(report):
    with pytest.raises(OptionError, match="no report of sessions"):
        page(report)


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("acme.json", "acme.json"),
        ("javascript:alert(1)", "javascript%3Aalert%281%29"),
        ("//other.example/x.json", "other.example/x.json"),
        ("data:text/html,x", "data%3Atext/html%2Cx"),
        ("a b#c?d.csv", "a%20b%23c%3Fd.csv"),
    ],
)
def test_a_link_is_a_file_beside_the_page_whatever_its_name(name, address):
    html = rendered(samples.sessions(3), files={"json": name, "csv": None})
    assert [given["href"] for tag, given in Parsed(html).elements if "href" in given] == [address]


@pytest.mark.parametrize(
    ("link", "is_shown"),
    [
        ("https://acme.aimms.cloud/portal/#sessions/s-1", True),
        ("https://acme.aimms.cloud/", False),
        ("http://acme.aimms.cloud/x", False),
        ("https://acme.aimms.cloud.evil.example/x", False),
        ("https://evil.example/acme.aimms.cloud/x", False),
        ("https://acme.aimms.cloud@evil.example/x", False),
        ("https://acme.aimms.cloud/x?token=abc", False),
        ('https://acme.aimms.cloud/x"onclick=', False),
        ("https://acme.aimms.cloud/x y", False),
        ("https://acme.aimms.cloud/x\n", False),
        ("javascript:alert(1)//https://acme.aimms.cloud/x", False),
        (None, False),
        (7, False),
    ],
)
def test_a_session_is_linked_only_on_the_host_of_its_account(link, is_shown):
    sessions = [samples.session(number, 9, link=link) for number in range(2)]
    done = samples.cleanup([])
    done["terminated"] = [{**one, "link": link} for one in done["terminated"]]
    html = rendered(sessions, done, portal="acme.aimms.cloud")
    found = [given["href"] for tag, given in Parsed(html).elements if tag == "a"]
    assert found == ([link] * (2 + 4) if is_shown else [])
    assert [row[13] for row in rows_of(html)] == [link if is_shown else None] * 2
    assert [row[13] for row in rows_of(rendered(sessions))] == [None] * 2


@pytest.mark.parametrize(
    "history", [None, "x", 7, {}, [None], [{"at": 5}], [{"at": AT}] * 2, [{"at": AT, "running": 10**400}, {"at": "x"}]]
)
def test_what_is_no_history_draws_no_line(history):
    assert "The last" not in rendered([], history=history).split("The last cleanup")[0]


def test_protections_that_match_no_session_are_told_on_the_page():
    running = samples.sessions(3)
    done = {**samples.cleanup(running), "unmatched_protections": ["svcx-*", "<b>"]}
    said = Parsed(rendered(running, done)).said
    assert "No session matches these protections: svcx-*, <b>." in said
    assert "protections" not in Parsed(rendered(running, samples.cleanup(running))).said

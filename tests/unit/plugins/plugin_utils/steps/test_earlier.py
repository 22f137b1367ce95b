# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is a plan to follow and what is none, and the report of the last cleanup."""

from __future__ import annotations

import json

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.plugin_utils.role_variables import CLEANUP
from ansible_collections.aimms.cloud.plugins.plugin_utils.steps.earlier import OMITTED, earlier_plan, last_cleanup

PLAN = {"planned": [{"id": "a", "host": "h"}, {"id": "b", "host": "g"}]}
SETTINGS = {"host": "h", "stem": "h", "base": "/plays", "folder": "/r", "files": {"json": "/r/h.json"}}


def plan(value, *, apply=True, in_awx=False, files=None, hosts=("h",)):
    def read(path):
        inside = any(name.startswith(f"{path}/") for name in files or ())
        return (files or {}).get(path), "Source is a directory" if inside else "there is none"

    settings = {**SETTINGS, "given": {"apply": apply}, "in_awx": in_awx}
    return earlier_plan(CLEANUP, settings, value, hosts, read, 0.0)


@pytest.mark.parametrize("value", [PLAN, json.dumps(PLAN), "p.json"])
def test_a_plan_is_a_report_a_text_or_a_file(value):
    records, notes, held = plan(value, files={"/plays/p.json": json.dumps(PLAN)})
    assert [one["id"] for one in records] == ["a"]
    assert notes == ["It does not say for which account it was made."]
    assert held == {"max_seats": None}


def test_the_seats_of_a_plan_come_with_it():
    assert plan({**PLAN, "seats": {"max": 7, "people": []}})[2] == {"max_seats": 7}


@pytest.mark.parametrize(
    ("own", "held"),
    [
        ([{"quiet_for": "2h"}, {"quiet_for": "90m"}], {"quiet_for": "2h"}),
        ([{"notice": "24h", "quiet_for": None}, {}], {"notice": "24h"}),
        (
            [{"notice": "1h", "quiet_for": "1d", "host": "h"}, {"notice": "9d", "host": "g"}],
            {"notice": "1h", "quiet_for": "1d"},
        ),
    ],
)
def test_what_holds_at_the_moment_of_an_end_comes_with_the_sessions_of_a_plan(own, held):
    records = [{"id": str(number), **one} for number, one in enumerate(own)]
    for value in ({"planned": records}, records, json.dumps(records)):
        assert plan(value)[2] == {"max_seats": None, **held}


@pytest.mark.parametrize("value", ["soon", 24, "24", {"a": 1}])
def test_what_is_no_duration_in_a_plan_is_refused(value):
    with pytest.raises(OptionError, match="stale_session_cleanup_plan: notice"):
        plan({"planned": [{"id": "a", "notice": value}]})


@pytest.mark.parametrize(
    ("value", "more"),
    [(OMITTED, {}), ("", {"apply": False}), (" ", {"in_awx": True}), (None, {"in_awx": True})],
)
def test_there_is_no_plan(value, more):
    assert plan(value, **more) is None


def test_a_plan_may_be_the_folder_of_its_report():
    files = {"/plays/plan/h.json": '{"planned": [{"id": "a"}]}', "/plays/plan/other.json": "{}"}
    assert plan("plan", files=files)[0] == [{"id": "a"}]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("", "it is empty, so the plan never came"),
        (None, "is no plan"),
        ("gone.json", "/plays/gone.json cannot be read: there is none"),
        ("bad.json", "/plays/bad.json is no plan, as it is no JSON: .*: line 2 "),
        ("deep.json", "/plays/deep.json is no plan"),
        (".", r"_plan: /plays/h\.json cannot be read: there is none"),  # a folder of other accounts
        ("list.json", "/plays/list.json is no plan"),
    ],
)
def test_what_is_no_plan_is_an_error(value, said):
    files = {"bad": '{"planned":\n [{"id": "a",}]}', "deep": "[" * 100000, "list": "[3]"}
    with pytest.raises(OptionError, match=said):
        plan(value, files={f"/plays/{name}.json": text for name, text in files.items()})


@pytest.mark.parametrize(
    ("records", "hosts", "own"),
    [
        ([{"id": "a", "host": "g"}], ["h", "g"], []),  # the other host has it
        ([{"id": "a", "host": "g"}, {"id": "b"}], ["h"], ["b"]),  # what names no host is for each
        ([], ["h"], []),
    ],
)
def test_a_plan_may_have_nothing_for_this_host(records, hosts, own):
    for value in ({"planned": records}, records):
        assert [one["id"] for one in plan(value, hosts=hosts)[0]] == own


@pytest.mark.parametrize("hosts", [("h",), ("h", "x"), ()])
def test_a_plan_for_no_host_of_the_run_is_refused(hosts):
    """As when the host was disabled in AWX after the plan, or the limit is another one."""
    with pytest.raises(OptionError, match="it is for f, g, and none of them is a host of this run"):
        plan({"planned": [{"id": "a", "host": "g"}, {"id": "b", "host": "f"}]}, hosts=hosts)


def cleanup(given, files):
    return last_cleanup(SETTINGS, given, lambda path: (files.get(path), ""))


def test_the_last_clean_up_is_found_in_its_folder_or_by_its_file():
    for given in ("/c", "/c/h.json"):
        assert cleanup(given, {"/c/h.json": "{}"}) == {"place": "/c/h.json", "report": {}}
    assert cleanup("/c", {}) == {"place": "/c", "report": None}
    assert cleanup(None, {}) == {"place": None, "report": None}


@pytest.mark.parametrize(("given", "text", "said"), [("/r", "{}", "Give another folder"), ("/c", "{", "is no JSON")])
def test_a_report_of_a_clean_up_that_cannot_be_used_is_an_error(given, text, said):
    with pytest.raises(OptionError, match=said):
        cleanup(given, {f"{given}/h.json": text})

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The JUnit report: a test case for each stale session, and no more than CI systems can read."""

from __future__ import annotations

from collections import Counter
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.aimms.cloud.plugins.plugin_utils.reports.junit import junit_error, junit_report
from ansible_collections.aimms.cloud.plugins.plugin_utils.role_outcomes import gathered, plan_of
from ansible_collections.aimms.cloud.tests.unit.plugins.plugin_utils.role_samples import (
    record,
    selection,
    settings,
    stale,
)

AT = "2026-03-14T06:30:00Z"
LISTS = ("planned", "terminated", "kept", "failed", "skipped")


def parsed(text):
    """The suite, and of each case its class, name, part and message."""
    (suite,) = ElementTree.fromstring(text)
    cases = []
    for one in suite:
        part = next(iter(one), None)
        told = (part.tag, part.get("message")) if part is not None else ("passed", "")
        cases.append((one.get("classname"), one.get("name"), *told))
    return suite, cases


def result_of(**lists):
    return {**{name: [] for name in LISTS}, **lists}


def report(found=None, *, stale_kept=(), refused="", run=None, **lists):
    found = found or {"result": result_of(**lists), "refused": refused}
    return parsed(junit_report(run or settings(), found, stale_kept, AT))


def test_a_planned_session_is_a_failure_by_app_and_owner():
    run, chosen = settings(apply=False), selection(stale(2))
    found = gathered(run, chosen, plan_of({**run, "changes": False}, chosen), None)
    suite, cases = report(found, run={**run, "changes": False})
    assert [one[:3] for one in cases] == [
        ("A.user0@ROOT", "webui s0", "failure"),
        ("A.user1@ROOT", "webui s1", "failure"),
    ]
    assert cases[0][3] == (
        "Stale: A 1 of user0@ROOT. It was created 2026-03-01 00:00 UTC, 1 day 6 hours ago. It is planned to be ended."
    )
    assert {name: suite.get(name) for name in ("name", "tests", "failures", "errors", "skipped")} == {
        "name": "Stale sessions of acme",
        "tests": "2",
        "failures": "2",
        "errors": "0",
        "skipped": "0",
    }


def test_what_became_of_each_session_is_told_once():
    planned = [{**record(number), "result": "would_terminate", "msg": ""} for number in range(4)]
    _suite, cases = report(
        planned=planned,
        terminated=[{**record(0), "result": "terminated", "msg": ""}],
        failed=[{**record(1), "result": "failed", "msg": "503 <b>"}],
        skipped=[{**record(2), "result": "already_ended", "msg": ""}],
        stale_kept=[{**record(9), "reason": "protected"}],
    )
    told = {name: (part, message) for _class, name, part, message in cases}
    assert len(told) == len(cases) == 5
    assert {name: part for name, (part, _message) in told.items()} == {
        "webui s0": "passed",
        "webui s1": "failure",
        "webui s2": "skipped",
        "webui s3": "failure",
        "webui s9": "skipped",
    }
    assert told["webui s1"][1].endswith("could not be ended. 503 <b>")
    assert told["webui s9"][1].startswith("protected: ")


def test_a_limit_that_refused_an_apply_is_a_failure_and_one_that_would_is_none():
    assert report(refused="11 of 12 are selected.")[1] == [("acme", "limits", "failure", "11 of 12 are selected.")]
    run = {**settings(), "changes": False}
    assert report(refused="11 of 12", run=run)[1] == [("acme", "stale sessions", "passed", "")]


def test_without_stale_sessions_there_is_one_case_that_passed():
    """Some CI systems take a report without a test for a mistake."""
    suite, cases = report()
    assert (cases, suite.get("tests")) == ([("acme", "stale sessions", "passed", "")], "1")


def test_only_what_kept_a_run_from_finding_them_is_an_error():
    suite, cases = parsed(junit_error(settings(), "GET /x answered 401.", AT))
    assert cases == [("acme", "stale sessions", "error", "GET /x answered 401.")]
    assert (suite.get("errors"), suite.get("failures")) == ("1", "0")


def test_a_dot_only_parts_the_app_from_the_owner():
    one = record(1, app_name="Planner 2.0", owner="a.b@corp.example")
    assert report(planned=[one])[1][0][0] == "Planner 2_0.a_b@corp_example"
    assert report(planned=[record(1, app_name=None, owner=None)])[1][0][0] == "not known.not known"


def test_no_path_of_this_machine_is_in_it():
    run = {**settings(), "archive": "/home/me/logs/h/", "folder": "/home/me/r", "base": "/home/me"}
    text = "Its log could not be saved: /home/me/logs/h/webui-1.gz is full. /home/me/x. PATCH /pro/session: 503."
    message = report(failed=[{**record(1), "result": "failed", "msg": text}], run=run)[1][0][3]
    assert "/home" not in message
    assert message.endswith("Its log could not be saved: webui-1.gz is full. x. PATCH /pro/session: 503.")


TEXTS = st.text(st.characters(), max_size=40) | st.sampled_from(["\x00]]>", "\ud800", "\ufffe", "<!--", "&#0;"])


@given(app=TEXTS, owner=TEXTS, name=TEXTS, message=TEXTS)
def test_whatever_a_server_says_is_text_in_it(app, owner, name, message):
    one = record(1, app_name=app, owner=owner, id=name, app_version=app, kind=owner)
    failed = {**record(2), "result": "failed", "msg": message}
    suite, cases = report(planned=[one], failed=[failed], refused=message)
    assert Counter(part for *_names, part, _message in cases) == {"failure": len(cases)}
    assert {element.tag for element in suite.iter()} == {"testsuite", "testcase", "failure"}


@pytest.mark.parametrize("number", [0, 3])
def test_it_is_the_same_each_time(number):
    run = settings()
    found = {"result": result_of(planned=stale(number)), "refused": ""}
    assert len({junit_report(run, found, (), AT) for _time in range(2)}) == 1

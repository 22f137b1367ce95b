# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""aimms_session_log_info from its arguments to the JSON it prints. It never changes anything."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("check_mode", [False, True])
def test_the_lines_come_without_secrets_in_check_mode_too(check_mode, run, account, warnings):
    result, failed = run(check_mode=check_mode, kind="webui", session_id="w1")
    assert (failed, result["changed"], result["complete"]) == (False, False, True)
    assert [(line["timestamp"], line["message"]) for line in result["lines"]] == [
        ("2026-01-31T08:15:00.000Z", "Started with --logonToken ********"),
        ("2026-01-31T08:20:00.000Z", "Solved"),
    ]
    assert (account.changes(), warnings) == ([], [])


def test_lines_are_filtered_and_secrets_shown_only_where_that_is_asked_for(run):
    result, _failed = run(kind="webui", session_id="w1", contains="Started", redact=False)
    assert [line["message"] for line in result["lines"]] == ["Started with --logonToken abc123def"]
    result, _failed = run(kind="webui", session_id="w1", tail=1)
    assert [line["message"] for line in result["lines"]] == ["Solved"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"kind": "webui"}, "missing required arguments: session_id"),
        (
            {"kind": "web", "session_id": "w1"},
            "value of kind must be one of: webui, task, solve, external, verify, got: web",
        ),
        ({"kind": "webui", "session_id": "../w1"}, "'../w1' cannot be a session id"),
        ({"kind": "webui", "session_id": "w1", "begin": None}, "begin: null is refused"),
        ({"kind": "webui", "session_id": "w1", "begin": "2"}, "begin: '2' is neither"),
        ({"kind": "webui", "session_id": "w1", "tail": -1}, "tail: must not be negative"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_asked(options, said, run, account):
    result, failed = run(**options)
    assert failed
    assert said in result["msg"]
    assert account.requests == []


def test_a_session_that_is_not_there_is_a_failure_and_no_empty_log(run):
    result, failed = run(kind="webui", session_id="nobody")
    assert failed
    assert "/nobody/logs answered 404" in result["msg"]
    assert "lines" not in result

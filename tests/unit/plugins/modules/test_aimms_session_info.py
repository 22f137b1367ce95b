# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""aimms_session_info from its arguments to the JSON it prints. It never changes anything."""

from __future__ import annotations

from importlib import import_module

import pytest
import yaml

from ansible_collections.aimms.cloud.tests.unit.plugins.doc_fragments.documentation import PLUGINS, documented


@pytest.mark.parametrize("check_mode", [False, True])
def test_what_is_asked_for_is_listed_in_check_mode_too(check_mode, run, account, warnings):
    before = str(account.sessions)
    result, failed = run(check_mode=check_mode, states=["running"], sort_by="-created_at", fields=["id"])
    assert (failed, result["changed"]) == (False, False)
    assert result["sessions"] == [{"id": "w2"}, {"id": "w1"}, {"id": "t4"}]
    assert (result["count"], result["complete"], warnings) == (3, True, [])
    assert (account.changes(), str(account.sessions)) == ([], before)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"owners": None}, "owners: null is refused"),
        ({"owners": [""]}, "owners: an empty filter is refused"),
        ({"states": ["asleep"]}, "states: 'asleep' is not a state."),
        ({"limit": -1}, "limit: must not be negative"),
        ({"fields": ["colour"]}, "value of fields must be one or more of: id, kind, state"),
        ({"kind": "webui"}, "Unsupported parameters"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_asked(options, said, run, account):
    result, failed = run(**options)
    assert failed
    assert said in result["msg"]
    assert account.requests == []


def test_a_warning_comes_with_the_result(run, account, warnings):
    account.add("webui", "w5", "asleep")
    result, failed = run(kinds=["webui"])
    assert (failed, result["count"]) == (False, 3)
    assert warnings == ["1 sessions are in the unknown state 'asleep': they count as not active."]


def test_a_list_that_cannot_be_read_is_a_failure_and_never_no_sessions(run, account):
    account.on("GET", "/sessions/webui", 403)
    result, failed = run(kinds=["webui"])
    assert failed
    assert "/sessions/webui answered 403" in result["msg"]
    assert "sessions" not in result


def test_the_fields_of_a_session_are_documented_in_the_info_module():
    code = import_module(f"{PLUGINS}.modules.aimms_session_info")
    fields = documented("modules", "aimms_session_info")["fields"]["choices"]
    returned = yaml.safe_load(code.RETURN)["sessions"]["contains"]
    assert list(returned) == [*fields, "service_uri", "raw"]

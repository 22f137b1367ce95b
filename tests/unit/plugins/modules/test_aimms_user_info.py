# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""aimms_user_info from its arguments to the JSON it prints. It changes nothing and fails only for its options."""

from __future__ import annotations

from importlib import import_module

import pytest
import yaml


@pytest.mark.parametrize("check_mode", [False, True])
def test_who_the_owners_are_is_told_in_check_mode_too(check_mode, run, account, warnings):
    account.add_user("jdoe@ROOT")
    result, failed = run(check_mode=check_mode, owners=["jdoe@ROOT"])
    assert (failed, result["changed"], result["count"], result["complete"]) == (False, False, 1, True)
    assert result["users"] == [
        {"owner": "jdoe@ROOT", "email": "jdoe@example.com", "full_name": "Jdoe", "groups": ["Users"]}
    ]
    assert (account.changes(), warnings) == ([], [])


def test_a_service_that_does_not_tell_is_a_warning_and_no_failure(run, account, warnings):
    account.on("GET", "/info", 403)
    result, failed = run(owners="jdoe@ROOT, ann@EMEA")
    assert not failed
    assert [user["email"] for user in result["users"]] == [None, None]
    assert [text for text in warnings if "2 of 2 owners" in text] != []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "missing required arguments: owners"),
        ({"owners": [""]}, "owners: an empty filter is refused"),
        ({"owners": ["{{ a }}"]}, "owners: "),
        ({"owners": ["a@b"], "names": ["a"]}, "Unsupported parameters"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_asked(options, said, run, account):
    result, failed = run(**options)
    assert failed
    assert said in result["msg"]
    assert account.requests == []


def test_what_is_returned_is_documented(run, account):
    account.add_user("jdoe@ROOT")
    result, _failed = run(owners=["jdoe@ROOT"])
    code = import_module("ansible_collections.aimms.cloud.plugins.modules.aimms_user_info")
    documented = yaml.safe_load(code.RETURN)
    assert set(documented) == set(result) - {"changed", "invocation"}
    assert set(documented["users"]["contains"]) == set(result["users"][0])

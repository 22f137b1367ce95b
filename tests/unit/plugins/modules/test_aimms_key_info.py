# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""aimms_key_info from its arguments to the JSON it prints. It changes nothing and fails only for its options."""

from __future__ import annotations

from importlib import import_module

import pytest
import yaml


@pytest.mark.parametrize("check_mode", [False, True])
def test_whose_the_key_is_is_told_in_check_mode_too(check_mode, run, account, warnings):
    account.add_user("jdoe@ROOT")
    account.administrator = False
    account.keys = [{"name": "nightly", "expiration_date": "2099-01-01T00:00:00Z", "scopes": ["Session"]}]
    result, failed = run(check_mode=check_mode)
    assert (failed, result["changed"], result["user"], result["administrator"]) == (False, False, "jdoe", False)
    assert (result["key_name"], result["scopes"], result["expires_at"]) == (
        "nightly", ["Session"], "2099-01-01T00:00:00Z",
    )  # fmt: skip
    assert (account.changes(), warnings) == ([], [])


def test_a_service_that_tells_nothing_is_no_failure(run, account):
    account.on("GET", "/api-key", 401)
    result, failed = run()
    assert not failed
    assert result["administrator"] is None
    assert "wrong or has expired" in result["not_told"][0]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"max_requests": 0}, "max_requests: must be at least 1"),
        ({"naive_timezone": "Mars"}, "naive_timezone: 'Mars' is not a time zone"),
        ({"key": "x"}, "Unsupported parameters"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_asked(options, said, run, account):
    result, failed = run(**options)
    assert failed
    assert said in result["msg"]
    assert account.requests == []


def test_what_is_returned_is_documented(run, account):
    result, _failed = run()
    code = import_module("ansible_collections.aimms.cloud.plugins.modules.aimms_key_info")
    assert set(yaml.safe_load(code.RETURN)) == set(result) - {"changed", "invocation"}

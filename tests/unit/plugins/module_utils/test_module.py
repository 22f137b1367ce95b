# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module in process, from its arguments to the JSON it prints: what it returns, and never the key."""

from __future__ import annotations

import base64
import json

import pytest
from ansible.module_utils import basic

from ansible_collections.aimms.cloud.plugins.module_utils import module as code
from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError, PartlyFailedError
from ansible_collections.aimms.cloud.plugins.module_utils.options import BULK, SELECTION
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.in_process import KEY, run_in_process

URL = "http://127.0.0.1:1"


@pytest.fixture(name="module")
def a_module(monkeypatch, capsys):
    """Runs a module with a function and arguments; the JSON it printed and whether it failed."""
    for name in ("AIMMS_API_KEY", "AIMMS_ACCOUNT", "AIMMS_TIMEOUT"):
        monkeypatch.delenv(name, raising=False)

    def run(function, arguments, **constraints):
        return run_in_process(
            lambda: code.run_module({**SELECTION}, function, **constraints), arguments, monkeypatch, capsys
        )

    return run


def refuse(_params, _check_mode, _warn):
    raise AssertionError("the function ran")


def test_the_result_is_printed_without_the_key(module, monkeypatch):
    said = []
    monkeypatch.setattr(basic.AnsibleModule, "warn", lambda _module, text: said.append(text))

    def function(params, check_mode, warn):
        warn(f"beware of {params['api_key']}")
        encoded = base64.b64encode(params["api_key"].encode()).decode()
        return {"changed": True, "check": check_mode, "sessions": [{"owner": f"jdoe-{params['api_key']}"}, encoded]}

    told, failed = module(function, {"url": URL, "api_key": KEY, "_ansible_check_mode": True})
    assert (told["changed"], told["check"], failed) == (True, True, False)
    assert told["sessions"][0] == {"owner": "jdoe-********"}
    assert told["sessions"][1].startswith("********")
    assert said == ["beware of ********"]


@pytest.mark.parametrize("fails", [False, True])
def test_the_warnings_of_a_module_in_a_role_are_for_the_role_to_tell(module, monkeypatch, fails):
    monkeypatch.setattr(basic.AnsibleModule, "warn", lambda _module, text: refuse(text, None, None))

    def function(_params, _check_mode, warn):
        warn(f"Set naive_timezone.\x1b {KEY}")
        if fails:
            raise PartlyFailedError("1 of 2 failed.", result={"summary": {}})
        return {}

    told, failed = module(function, {"url": URL, "api_key": KEY, "_remarks": True})
    assert (told["remarks"], failed) == (["Set naive_timezone.  ********"], fails)
    assert module(lambda _params, _check, _warn: {}, {"url": URL, "api_key": KEY, "_remarks": True})[0]["remarks"] == []
    assert "remarks" not in module(lambda _params, _check, _warn: {}, {"url": URL, "api_key": KEY})[0]


def test_an_error_is_a_failure_with_its_result(module):
    def function(_params, _check_mode, _warn):
        raise PartlyFailedError(f"1 of 2 failed with {KEY}.", "Try again.", result={"summary": {KEY: 1}})

    told, failed = module(function, {"url": URL, "api_key": KEY})
    assert failed
    assert told["msg"] == "1 of 2 failed with ********. Try again."
    assert told["summary"] == {"********": 1}


def test_an_option_that_cannot_be_used_is_a_failure(module):
    def function(_params, _check_mode, _warn):
        raise OptionError("limit: no.")

    told, failed = module(function, {"url": URL, "api_key": KEY})
    assert (told["msg"], failed) == ("limit: no.", True)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"id": None}, "session_ids: null is refused"),
        ({"id": "a", "session_id": "b"}, "id and session_id are the same option. Give it once."),
        ({"session_id": "a, 'b'"}, "session_ids: "),
    ],
)
def test_an_option_by_another_name_is_checked_as_by_its_own(given, said, module):
    told, failed = module(refuse, {"url": URL, "api_key": KEY, **given})
    assert failed
    assert told["msg"].startswith(said)


def test_an_option_may_have_another_name(module):
    told, _failed = module(
        lambda params, *_more: {"ids": params["session_ids"]}, {"url": URL, "api_key": KEY, "id": "a,b"}
    )
    assert told["ids"] == ["a", "b"]


def test_an_error_that_nobody_foresaw_says_nothing_but_its_kind(module):
    def function(_params, _check_mode, _warn):
        raise ZeroDivisionError(KEY)

    told, failed = module(function, {"url": URL, "api_key": KEY})
    assert failed
    assert told["msg"] == "Unexpected ZeroDivisionError in the collection: please report it with what you called."
    assert "Traceback" not in json.dumps(told)


def test_empty_connection_options_count_as_not_set(module):
    def function(params, _check_mode, _warn):
        return {"account": params["account"], "timeout": params["timeout"]}

    told, failed = module(function, {"url": URL, "api_key": KEY, "account": "", "timeout": ""})
    assert (told["account"], told["timeout"], failed) == (None, 30, False)


@pytest.mark.parametrize("arguments", [{"url": URL}, {"url": URL, "api_key": ""}])
def test_a_missing_key_is_explained(arguments, module):
    told, failed = module(refuse, arguments)
    assert failed
    assert "missing required arguments: api_key. No API key: set the option api_key or" in told["msg"]


def test_an_option_that_narrows_is_refused_as_null_and_others_are_not(module):
    told, failed = module(refuse, {"url": URL, "api_key": KEY, "owners": None, "older_than": None, "ca_path": None})
    assert failed
    assert told["msg"].startswith("older_than, owners: null is refused, as it would select more than was meant.")
    assert not module(lambda *_given: {}, {"url": URL, "api_key": KEY, "ca_path": None})[1]


def test_a_list_of_names_is_read_before_ansible_cuts_it(module):
    def function(params, _check_mode, _warn):
        return {"owners": params["owners"], "apps": params["apps"]}

    given = {"url": URL, "api_key": KEY, "owners": [["svc-*"], "a@*\r"], "apps": "['Planner [PROD]']"}
    assert module(function, given)[0]["owners"] == ["svc-*", "a@*"]
    assert module(function, given)[0]["apps"] == ["Planner [PROD]"]


@pytest.mark.parametrize("option", ["protect_owners", "kinds"])
def test_what_cannot_be_a_name_is_refused_without_the_key(module, option):
    told, failed = module(refuse, {"url": URL, "api_key": KEY, option: f"'{KEY}'"}, required_one_of=[["kinds", option]])
    assert failed
    assert told["msg"].startswith(f"{option}: ''********'' cannot be a name: it is in quotes.")


def test_an_address_in_the_environment_never_stands_in_for_what_is_given(module, monkeypatch):
    def function(params, _check_mode, _warn):
        return {"address": [params["account"], params["url"]]}

    monkeypatch.setenv("AIMMS_URL", "https://elsewhere.example")
    monkeypatch.setenv("AIMMS_ACCOUNT", "elsewhere")
    monkeypatch.setenv("AIMMS_API_KEY", KEY)
    for given, address in (
        ({"account": "acme"}, ["acme", None]),
        ({"account": "acme", "url": ""}, ["acme", None]),
        ({"url": URL}, [None, URL]),
        ({}, ["elsewhere", "https://elsewhere.example"]),
        ({"account": "", "url": ""}, ["elsewhere", "https://elsewhere.example"]),
    ):
        assert module(function, given)[0]["address"] == address


def test_constraints_hold(module):
    both = {"url": URL, "api_key": KEY, "apps": ["a"], "owners": ["b"]}
    told, failed = module(refuse, both, mutually_exclusive=[("apps", "owners")])
    assert failed
    assert told["msg"] == "parameters are mutually exclusive: apps|owners"


def test_without_requests_it_says_what_is_missing(module, monkeypatch):
    monkeypatch.setattr(code, "REQUESTS_IMPORT_ERROR", "Traceback: no requests")
    told, failed = module(refuse, {"url": URL, "api_key": KEY})
    assert failed
    assert "Failed to import the required Python library (requests)" in told["msg"]


@pytest.mark.parametrize("written", ['[{"id": "a", "owner": "x, y"}]', '{"planned": [{"id": "a", "owner": "x, y"}]}'])
def test_records_may_be_text(monkeypatch, capsys, written):
    told, failed = with_records(monkeypatch, capsys, written)
    assert (told["seen"], failed) == ([{"id": "a", "owner": "x, y"}], False)


def test_text_that_is_no_list_of_records_is_refused(monkeypatch, capsys):
    told, failed = with_records(monkeypatch, capsys, '[{"id": "a"')
    assert failed
    assert told["msg"] == ("""sessions: '[{"id": "a"' is no list of records. Give a list, or one as JSON text.""")


def with_records(monkeypatch, capsys, sessions):
    """What a module with the option ``sessions`` prints, and whether it failed."""

    def function(params, _check_mode, _warn):
        return {"seen": params["sessions"]}

    arguments = {"url": URL, "api_key": KEY, "sessions": sessions}
    return run_in_process(lambda: code.run_module({**BULK}, function), arguments, monkeypatch, capsys)


def test_a_key_that_is_a_word_of_results_leaves_the_message_where_it_is(module):
    told, failed = module(refuse, {"url": "https://acme.example.com", "api_key": "msg", "older_than": 5})
    assert failed
    assert "msg" in told

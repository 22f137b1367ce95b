# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One account has one host, its key goes to no other, and a credential that exists keeps what somebody gave it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.plugin_utils.awx.accounts import (
    ENCRYPTED,
    address,
    check_reach,
    credential,
    hosts,
    unlisted,
)
from ansible_collections.aimms.cloud.plugins.plugin_utils.awx.variables import read

GIVEN = {"aimms_awx_project_url": "https://git.example.com/a.git", "aimms_awx_prefix": "P "}
KEY = {"AIMMS_API_KEY": "secret-key"}
ACME = {**KEY, "AIMMS_ACCOUNT": "acme"}
KINDS = {1: "account", 2: "accounts"}


def values(**more):
    return read({**GIVEN, **{f"aimms_awx_{name}": value for name, value in more.items()}})


def there(*credentials, named=()):
    known = [{"organization": 7, "inputs": {}, "credential_type": 1, **one} for one in credentials]
    return {"credentials": known, "named": list(named) or known, "kinds": KINDS, "organization": 7}


def host(name, **variables):
    return {"name": name, "variables": "".join(f"{key}: {value}\n" for key, value in variables.items())}


@pytest.mark.parametrize(
    ("variables", "where"),
    [
        ({"aimms_account": "Acme "}, "acme.aimms.cloud"),
        ({"aimms_account": "acme", "aimms_url": "https://x@proxy.example.com:8443/y"}, "proxy.example.com:8443"),
        ({"aimms_url": "https://Acme.aimms.cloud:443/"}, "acme.aimms.cloud"),
        ({"aimms_account": ""}, ""),
        ({}, ""),
    ],
)
def test_the_address_that_answers(variables, where):
    assert address(variables) == where


def test_the_account_of_the_environment_becomes_a_host_that_says_so():
    assert hosts(values(), ACME, []) == {"acme": {"aimms_account": "acme"}}
    url = {"AIMMS_URL": "https://own.example.com"}
    assert hosts(values(), url, []) == {"own.example.com": {"aimms_url": "https://own.example.com"}}
    assert hosts(values(), {}, []) == {}
    assert hosts(values(inventory_source="hosts"), ACME, []) == {}


def test_a_host_is_its_own_account_unless_it_says_another_and_keeps_what_it_has():
    found = hosts(values(accounts={"acme": {}, "b": {"aimms_account": "brew"}}), {}, [host("acme", note="x")])
    assert found == {"acme": {"note": "x", "aimms_account": "acme"}, "b": {"aimms_account": "brew"}}


@pytest.mark.parametrize(
    ("accounts", "known", "told"),
    [
        ({"a": {"aimms_account": "acme"}, "b": {"aimms_account": "ACME"}}, [], "The hosts a and b are one account"),
        ({"a": {"aimms_account": "acme"}, "b": {"aimms_url": "https://acme.aimms.cloud/"}}, [], "are one account"),
        ({"a": {"aimms_account": "acme", "aimms_url": "https://p"}, "acme": {}}, [], "are one account"),
        ({"acme": {}}, [host("old", aimms_account="acme")], "The hosts acme and old are one account"),
        ({"acme": {}}, [host("old")], "The host old of the inventory does not say which account it is"),
        ({"a": {"aimms_account": "brew"}}, [host("a", aimms_account="acme")], "is acme.aimms.cloud in AWX, and would"),
        ({"a": {"aimms_api_key": "k"}}, [], "A key belongs into a credential"),
        ({"a": "acme"}, [], "must be a mapping"),
    ],
)
def test_two_hosts_of_one_account_and_a_host_of_none_are_refused(accounts, known, told):
    with pytest.raises(OptionError, match=told):
        hosts(values(accounts=accounts), {}, known)


@given(st.lists(st.sampled_from(["acme", "ACME", "brew", "cola"]), max_size=5))
def test_hosts_that_are_taken_have_an_account_each_and_none_twice(names):
    try:
        found = hosts(values(accounts={f"h{n}": {"aimms_account": name} for n, name in enumerate(names)}), {}, [])
    except OptionError:
        assert len({name.lower() for name in names}) < len(names)
    else:
        assert len({address(one) for one in found.values()}) == len(names)


def test_a_credential_that_is_named_is_only_looked_up_even_with_a_key_in_the_shell():
    own = {"id": 5, "name": "theirs", "inputs": {"account": "acme", "api_key": ENCRYPTED}}
    for environment in ({}, ACME, {**KEY, "AIMMS_ACCOUNT": "brew"}):
        found = credential(values(credential="theirs"), environment, there(own))
        assert (found["id"], found["inputs"], found["write"]) == (5, None, False)
    assert credential(values(), {}, there(own)) is None


@pytest.mark.parametrize(
    ("known", "named", "told"),
    [
        ([], [], "'theirs' is not there"),
        ([], [{"name": "theirs"}], "'theirs' is of another type"),
        ([{"id": 1, "name": "theirs"}, {"id": 2, "name": "theirs"}], [], "'theirs' is there twice"),
        ([{"id": 1, "name": "Theirs"}], [], "there are: Theirs"),
    ],
)
def test_a_credential_that_is_not_there_is_refused(known, named, told):
    state = {**there(*known), "named": named}
    with pytest.raises(OptionError, match=told):
        credential(values(credential="theirs"), ACME, state)


def test_a_key_of_the_shell_makes_a_credential_of_its_account_and_never_stands_in_the_plan():
    found = credential(values(), ACME, there())
    assert (found["id"], found["name"], found["kind"]) == (None, "P key acme", "account")
    assert (found["inputs"], found["secret"], found["write"]) == ({"account": "acme"}, "api_key", True)
    assert "secret-key" not in repr(found)


def test_a_second_run_changes_nothing_and_keeps_what_was_added():
    own = {"id": 5, "name": "P key acme", "inputs": {"account": "acme", "api_key": ENCRYPTED, "ca_certificate": "PEM"}}
    assert credential(values(), ACME, there(own))["inputs"] is None
    found = credential(values(update_secrets=True), ACME, there(own))
    assert (found["inputs"], found["write"]) == ({"account": "acme", "ca_certificate": "PEM"}, True)
    found = credential(values(credential="P key acme", update_secrets=True), ACME, there(own))
    assert (found["id"], found["write"]) == (5, True)


def test_a_secret_that_awx_gets_from_elsewhere_is_not_written():
    own = {"id": 5, "name": "P key acme", "inputs": {}}
    found = credential(values(), ACME, there(own))
    assert (found["inputs"], found["write"], found["has"]) == ({"account": "acme"}, False, False)
    shown = {**own, "inputs": {"api_key": ENCRYPTED}}
    assert credential(values(), ACME, there(shown))["has"] is True


def test_the_credential_of_an_earlier_version_is_used_for_its_account_only():
    old = {"id": 5, "name": "P key", "inputs": {"account": "acme", "api_key": ENCRYPTED}}
    assert credential(values(), ACME, there(old))["id"] == 5
    assert credential(values(), {**KEY, "AIMMS_ACCOUNT": "brew"}, there(old))["name"] == "P key brew"


@pytest.mark.parametrize(
    ("environment", "more", "told"),
    [
        (KEY, {}, "whose key is it"),
        ({**ACME, "AIMMS_ACCOUNTS_FILE": "/x"}, {}, "Both AIMMS_API_KEY and AIMMS_ACCOUNTS_FILE"),
        ({**KEY, "AIMMS_ACCOUNT": "brew"}, {"credential": "theirs", "update_secrets": True}, "is for acme.aimms.cloud"),
        ({"AIMMS_ACCOUNTS_FILE": "/x"}, {"credential": "theirs", "update_secrets": True}, "its key is not changed"),
    ],
)
def test_a_key_of_another_account_is_refused(environment, more, told):
    own = {"id": 5, "name": "theirs", "inputs": {"account": "acme", "api_key": ENCRYPTED}}
    with pytest.raises(OptionError, match=told):
        credential(values(**more), environment, there(own))


def test_a_key_to_one_account_reaches_no_job_of_another():
    own = {"kind": "account", "name": "key acme", "address": "acme.aimms.cloud"}
    check_reach(own, {"acme": {"aimms_account": "acme"}})
    check_reach(None, {"brew": {"aimms_account": "brew"}})
    check_reach({**own, "kind": "accounts"}, {"brew": {"aimms_account": "brew"}})
    check_reach({**own, "address": ""}, {"brew": {"aimms_account": "brew"}})
    with pytest.raises(OptionError, match="does not say which account it is for, and there are 2 hosts"):
        check_reach({**own, "address": ""}, {"acme": {"aimms_account": "acme"}, "brew": {"aimms_account": "brew"}})
    with pytest.raises(OptionError, match="the inventory has other accounts: brew"):
        check_reach(own, {"acme": {"aimms_account": "acme"}, "brew": {"aimms_account": "brew"}})


def test_a_host_without_a_line_in_the_file_of_keys_is_found():
    assert unlisted("a: k\n b : k\nc:\n", {"a": {}, "b": {}, "c": {}, "d": {}}) == ["c", "d"]

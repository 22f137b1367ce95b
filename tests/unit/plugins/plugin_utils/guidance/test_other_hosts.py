# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts that run_once leaves out, and hosts without one of their own, are told. Proves rule 24."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.plugin_utils.guidance.other_hosts import other_hosts
from ansible_collections.aimms.cloud.plugins.plugin_utils.role_variables import CLEANUP, account_address

A, B = {"aimms_account": "a"}, {"aimms_url": "https://b.example/"}
USED = "https://a.aimms.cloud"
SETTINGS = {"role": CLEANUP, "host": "a", "account": "a", "address": USED}
TEMPLATE = {"aimms_account": "{{ inventory_hostname }}"}


def told(inventory, own, *, once=True, parent=None, strategy="linear", address=USED):
    """The warnings for the host ``a``. ``inventory``: variables by host. ``own``: those of ``a`` in the play."""
    play = SimpleNamespace(_play=SimpleNamespace(strategy=strategy), _parent=None, run_once=parent)
    task = SimpleNamespace(run_once=once, _parent=SimpleNamespace(_parent=play))

    def address_of(host):
        return account_address({name[len("aimms_") :]: value for name, value in inventory[host].items()}, {})

    every = {**own, "ansible_play_batch": list(inventory)}
    return other_hosts(task, every, {**SETTINGS, "connection": {"url": "of the host"}, "address": address}, address_of)


LEFT = {
    # the inventory, the variables of the play, and the hosts that are left out
    "others": ({"a": A, "b": B, "c": {"aimms_account": "c"}}, A, "(2): b, c."),
    "one of them": ({"a": A, "b": B, "c": A, "d": {"aimms_url": f"{USED}:443/"}}, A, "(1): b."),
    "from the environment": ({"a": {}, "b": {}, "c": B}, {}, "(1): c."),
    "by a template of the play": ({"a": {}, "b": {}}, TEMPLATE, "(1): b."),
    "without an account": ({"a": A, "b": {}}, A, "(1): b."),
    "many": ({"a": A, **{f"h{n}": B for n in range(12)}}, A, "(12): h0, h1, h2, h3, h4, h5, h6, h7, h8, h9, …."),
}
SAME = {
    "one host": ({"a": A}, A),
    "the environment is of all": ({"a": {}, "b": {}}, {}),
    "the play has it for all": ({"a": {}, "b": {}, "c": B}, A),
    "no account of its own is another one": ({"a": A, "b": A}, A),
}


@pytest.mark.parametrize(("inventory", "own", "said"), LEFT.values(), ids=LEFT)
def test_accounts_that_are_left_out_are_named(inventory, own, said):
    (warning,) = told(inventory, own)
    start = f"run_once: the role {CLEANUP} looks at the account of a only, not at those of the other hosts "
    assert warning.startswith(f"{start}{said} Leave run_once out")


@pytest.mark.parametrize(("inventory", "own"), SAME.values(), ids=SAME)
def test_hosts_of_the_same_account_are_not(inventory, own):
    assert told(inventory, own) == []


def test_the_keyword_may_be_that_of_what_includes_the_role_and_counts_only_where_the_strategy_knows_it():
    hosts = {"a": A, "b": B}
    assert len(told(hosts, A, once=False, parent=True)) == 1
    assert told(hosts, A, once=False, parent="{{ later }}") == told(hosts, A, once=False) == []
    for strategy in ("free", "ansible.builtin.free", "host_pinned"):
        assert told(hosts, A, strategy=strategy) == []


def test_a_task_on_its_own_is_not_run_once():
    assert other_hosts(SimpleNamespace(), {}, {**SETTINGS, "connection": {}}, str) == []


def of_environment(others, connection=None, used=USED):
    """The warnings for the host ``a`` in a play with others, by host the address of each."""
    hosts = {"ansible_play_hosts_all": ["a", *others]}
    settings = {**SETTINGS, "connection": connection or {}, "address": used}
    return other_hosts(SimpleNamespace(), hosts, settings, lambda host: others.get(host, ""))


def test_the_account_of_another_host_is_not_worked_with_by_chance():
    with pytest.raises(OptionError, match=r"^a: it has no account of its own, and the environment has that of c\."):
        of_environment({"b": "https://b.example", "c": USED})


def test_a_host_without_an_account_of_its_own_is_told_where_others_have_one():
    (warning,) = of_environment({"b": "https://b.example", "c": ""})
    assert warning == (
        "a: it has no account of its own, as other hosts of the play have (1), "
        f"so the role {CLEANUP} works with that of the environment, a."
    )
    assert of_environment({}) == of_environment({"b": "", "c": ""}) == []  # the environment has it for all of them
    assert of_environment({"b": "https://b.example"}, used="") == []  # there is none: the module says so
    for own in ({"account": "a"}, {"url": USED}):
        assert of_environment({"b": USED}, own) == []

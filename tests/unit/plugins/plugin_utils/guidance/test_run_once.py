# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts that run_once leaves out are told; hosts that are the same account are not."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from ansible_collections.aimms.cloud.plugins.plugin_utils.guidance.run_once import left_out
from ansible_collections.aimms.cloud.plugins.plugin_utils.role_variables import CLEANUP, account_address

A, B = {"aimms_account": "a"}, {"aimms_url": "https://b.example/"}
USED = "https://a.aimms.cloud"
TEMPLATE = {"aimms_account": "{{ inventory_hostname }}"}


def told(inventory, own, *, once=True, parent=None, strategy="linear", address=USED):
    """The warnings for the host ``a``. ``inventory``: variables by host. ``own``: those of ``a`` in the play."""
    play = SimpleNamespace(_play=SimpleNamespace(strategy=strategy), _parent=None, run_once=parent)
    task = SimpleNamespace(run_once=once, _parent=SimpleNamespace(_parent=play))

    def address_of(host):
        return account_address({name[len("aimms_") :]: value for name, value in inventory[host].items()}, {})

    every = {**own, "ansible_play_batch": list(inventory)}
    return left_out(task, every, {"role": CLEANUP, "host": "a", "address": address}, address_of)


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
    assert left_out(SimpleNamespace(), {}, {"role": CLEANUP, "host": "a", "address": USED}, str) == []

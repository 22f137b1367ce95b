# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts of other hosts of the play: those that ``run_once`` leaves out, and one that two hosts have. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Callable

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError

Vars = Mapping[str, Any]

_ADDRESS = ("aimms_account", "aimms_url")
_WITHOUT = ("free", "host_pinned")  # strategies that know no ``run_once``
_MOST_NAMES = 10


def other_hosts(task: Any, task_vars: Vars, settings: Vars, address_of: Callable[[str], str]) -> list[str]:
    """Warnings about the accounts of other hosts of the play.

    :param settings: ``role``, ``host``, its ``connection``, and ``account`` and ``address`` that the role works with.
    :param address_of: the address that the inventory has for a host, without variables of the play; empty if none.
    :raises OptionError: if the environment has the account for this host, and another host has it too.
    """
    return _left_out(task, task_vars, settings, address_of) + _of_environment(task_vars, settings, address_of)


def _of_environment(task_vars: Vars, settings: Vars, address_of: Callable[[str], str]) -> list[str]:
    """Whether the host has no account of its own though others have: it may have been forgotten."""
    connection, host, used = settings["connection"], settings["host"], settings["address"]
    if connection.get("account") or connection.get("url") or not used:
        return []
    every = [str(name) for name in task_vars.get("ansible_play_hosts_all") or ()]
    others = {name: address for name in every if name != host and (address := address_of(name))}
    for name in [name for name, address in others.items() if address == used]:
        raise OptionError(
            f"{host}: it has no account of its own, and the environment has that of {name}.",
            "Set aimms_account or aimms_url for each host, as one host is one account.",
        )
    text = (
        f"{host}: it has no account of its own, as other hosts of the play have ({len(others)}), "
        f"so the role {settings['role']} works with that of the environment, {settings['account']}."
    )
    return [text] if others else []


def _left_out(task: Any, task_vars: Vars, place: Vars, address_of: Callable[[str], str]) -> list[str]:
    """A warning if ``run_once`` leaves out accounts of other hosts."""
    hosts = [str(host) for host in task_vars.get("ansible_play_batch") or ()]
    if len(hosts) < 2 or not _is_once(task):
        return []
    own = [str(task_vars.get(name) or "") for name in _ADDRESS]
    is_of_play = place["address"] != address_of(place["host"])  # and beats what the inventory has
    if any(own) and is_of_play and not any("{{" in text for text in own):
        return []
    same = (place["address"],) if any(own) else (place["address"], "")  # without one of its own: the environment's
    others = [host for host in hosts if host != place["host"] and address_of(host) not in same]
    if not others:
        return []
    names = ", ".join([*others[:_MOST_NAMES], *(["…"] if len(others) > _MOST_NAMES else [])])
    text = (
        f"run_once: the role {place['role']} looks at the account of {place['host']} only, not at those of the other "
        f"hosts ({len(others)}): {names}. Leave run_once out to have it look at all of them."
    )
    return [text]


def _is_once(task: Any) -> bool:
    """Whether the task, or what includes it, has the keyword, and the strategy of the play knows it."""
    every = list(_chain(task))
    strategy = next((str(one._play.strategy) for one in every if getattr(one, "_play", None)), "")
    return any(getattr(one, "run_once", False) is True for one in every) and not strategy.endswith(_WITHOUT)


def _chain(task: Any) -> Iterator[Any]:
    """The task, its blocks, and the tasks that include them."""
    while task is not None:
        yield task
        task = getattr(task, "_parent", None)

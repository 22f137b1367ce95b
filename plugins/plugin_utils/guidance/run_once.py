# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""With ``run_once`` a role works for one host of the play: the accounts of the others are not looked at. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Callable

Vars = Mapping[str, Any]

_ADDRESS = ("aimms_account", "aimms_url")
_WITHOUT = ("free", "host_pinned")  # strategies that know no ``run_once``
_MOST_NAMES = 10


def left_out(task: Any, task_vars: Vars, place: Vars, address_of: Callable[[str], str]) -> list[str]:
    """A warning if ``run_once`` leaves out accounts of other hosts.

    :param place: ``role``, ``host`` and ``address``, that of the account which the role works with.
    :param address_of: the address that the inventory has for a host, without variables of the play; empty if none.
    """
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

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An account with four people, and what becomes of them."""

from __future__ import annotations

from contextlib import contextmanager

from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import Account

SEATS = {"kinds": ["webui"]}


@contextmanager
def four_people():
    """Ann has two sessions, the others one each; by their youngest session, Ann comes last."""
    with Account() as account:
        account.add("webui", "a1", hours=30, owner="ann@ROOT")
        account.add("webui", "a2", hours=2, owner="ANN@root")
        account.add("webui", "b1", hours=20, owner="bob@ROOT")
        account.add("webui", "c1", hours=10, owner="cy@ROOT")
        account.add("webui", "d1", hours=5, owner="dee@ROOT")
        account.add("webui", "e1", "terminated", hours=99, owner="eve@ROOT")
        account.add("task", "t1", hours=99, owner="tom@ROOT")
        yield account


def active(account):
    return {key for (_kind, key), session in account.sessions.items() if session["state"] == "running"} - {"t1"}


def people(result):
    return {person["owner"]: person["result"] for person in result["seats"]["people"]}


def figures(result):
    return [result["seats"][name] for name in ("active", "max", "to_free", "freed")]


def log_off(account, *ids):
    def act():
        for session_id in ids:
            account.sessions["webui", session_id]["state"] = "terminated"

    return act


def log_on(account, session_id, owner, **values):
    return lambda: account.add("webui", session_id, hours=0.1, owner=owner, **values) and None

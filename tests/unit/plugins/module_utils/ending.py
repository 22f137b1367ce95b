# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An account whose sessions are ended: for tests of what all bulk changes share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ansible_collections.aimms.cloud.plugins.module_utils.sessions.terminate import terminate
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import Account


@contextmanager
def five_sessions() -> Iterator[Account]:
    """Five sessions, four of them active."""
    with Account() as account:
        account.add("webui", "w1", hours=30)
        account.add("webui", "w2", hours=40, owner="ann@ROOT")
        account.add("webui", "w3", hours=1)
        account.add("webui", "w4", "terminated", hours=50)
        account.add("task", "t5", hours=60)
        yield account


def run(account: Account, check_mode: bool = False, **options: Any) -> tuple[dict[str, Any], list[str]]:
    """The result and the warnings of ending sessions."""
    warnings: list[str] = []
    return terminate(account.params(**options), check_mode, warnings.append), warnings


def kept(result: Mapping[str, Any]) -> dict[str, str]:
    """Why each session was kept, by id."""
    return {session["id"]: session["reason"] for session in result["kept"]}

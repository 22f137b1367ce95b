# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is sent and counted is of the kinds only, whatever types their lists have. Proves rules 16 and 17."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.api.session_manager import SessionManager
from ansible_collections.aimms.cloud.plugins.module_utils.changes.plan import Planner
from ansible_collections.aimms.cloud.plugins.module_utils.errors import RefusedError
from ansible_collections.aimms.cloud.plugins.module_utils.logs.quiet import QuietCheck
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.selection import Breakers, Criteria
from ansible_collections.aimms.cloud.plugins.module_utils.sessions.active_limit import active_sessions
from ansible_collections.aimms.cloud.plugins.module_utils.workers import WorkerPool
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import Account
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.ending import run


@pytest.fixture(name="account")
def an_account():
    with Account() as account:
        account.add("webui", "w1", hours=30)
        for kind in ("external", "verify", "batch"):
            account.add("webui", f"{kind}-1", hours=40, type=kind)
        yield account


def test_of_named_records_the_share_is_of_the_active_ones_of_their_kinds(account):
    planned = run(account, True, older_than="24h")[0]["sessions"]
    with pytest.raises(RefusedError, match="1 of 1 active sessions are selected and max_percent is 50"):
        run(account, sessions=planned, max_percent=50)


@pytest.mark.parametrize(("kinds", "ids"), [(None, {"w1"}), (("external",), {"external-1"})])
def test_before_each_request_and_when_counted_again_only_the_kinds_matter(kinds, ids, account):
    manager, criteria = SessionManager.connect(account.params()), Criteria(kinds=kinds)
    with WorkerPool(1) as workers:
        planner = Planner(manager, criteria, Breakers(), QuietCheck(manager, criteria), workers)
        assert {one.id for one in active_sessions(planner)} == ids
        assert planner.fits(Session("external-1", "external", "running")) is ("external-1" in ids)

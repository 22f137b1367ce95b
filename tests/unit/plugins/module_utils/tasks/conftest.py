# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The account of most tests here."""

from __future__ import annotations

import pytest


@pytest.fixture(name="account")
def an_account(monkeypatch):
    """Tasks; waiting takes no time. Imported only here, so that tests of decisions run without the emulator."""
    from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import Account
    from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.scripted_change import FakeTime, use_clock
    from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.tasks.deleting_tasks import fill

    use_clock(monkeypatch, FakeTime())
    with Account() as account:
        fill(account)
        yield account

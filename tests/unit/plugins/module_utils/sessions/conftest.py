# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The account of the tests of ``max_seats``; files with another account have a fixture of their own."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.scripted_change import FakeTime, use_clock
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.sessions.people import four_people


@pytest.fixture(name="account")
def an_account(monkeypatch):
    use_clock(monkeypatch, FakeTime())
    with four_people() as account:
        yield account

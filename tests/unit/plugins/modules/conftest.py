# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An account on loopback, and a function that runs a module of the collection against it."""

from __future__ import annotations

import os
from importlib import import_module

import pytest
from ansible.module_utils import basic

from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import KEY, Account
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.in_process import run_in_process
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.scripted_change import FakeTime, use_clock


@pytest.fixture(name="account")
def an_account(monkeypatch):
    """Sessions in several states and a task; waiting for a change takes no time."""
    use_clock(monkeypatch, FakeTime())
    with Account() as account:
        account.add("webui", "w1", hours=30)
        account.add("webui", "w2", hours=1)
        account.add("task", "t3", "completed", hours=50)
        account.add("task", "t4", hours=40)
        account.add_task("k4", "t4")
        account.logs["webui", "w1"] = [
            ("2026-01-31T08:15:00Z", "Started with --logonToken abc123def"),
            ("2026-01-31T08:20:00Z", "Solved"),
        ]
        yield account


@pytest.fixture
def warnings(monkeypatch):
    """The warnings of all modules that are run."""
    texts = []
    monkeypatch.setattr(basic.AnsibleModule, "warn", lambda _module, text: texts.append(text))
    return texts


@pytest.fixture
def run(request, account, monkeypatch, capsys):
    """Runs the module that the test file is named for, with the account's address and key and these options."""
    for name in [name for name in os.environ if name.startswith("AIMMS_")]:
        monkeypatch.delenv(name)
    code = import_module(f"ansible_collections.aimms.cloud.plugins.modules.{request.path.stem.removeprefix('test_')}")

    def run_with(*, check_mode=False, **options):
        arguments = {"url": account.url, "api_key": KEY, "_ansible_check_mode": check_mode, **options}
        return run_in_process(code.main, arguments, monkeypatch, capsys)

    return run_with

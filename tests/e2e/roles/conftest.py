# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures: accounts (emulators) with sessions, and runs of the roles against them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from cleanup_runs import CLEANUP, HOUR, REPORT, RETENTION, TASKS, Run, play


@pytest.fixture(scope="module")
def start_account(shared_serve: Callable[..., Any]) -> Callable[..., Any]:
    """Start an account with eight young sessions."""

    def begin(**options: Any) -> Any:
        account = shared_serve(**options)
        account.add_session(count=8, age=HOUR)
        return account

    return begin


@pytest.fixture(scope="module")
def run_cleanup(collections: str, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Run]:
    """Run the playbook against accounts, with variables of the role (see ``cleanup_runs.play``)."""

    def run(hosts: Any, **given: Any) -> Run:
        return play(tmp_path_factory.mktemp("runner"), collections, hosts, CLEANUP, **given)

    return run


@pytest.fixture(scope="module")
def run_retention(collections: str, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Run]:
    """Run the playbook purge_session_records in the same way."""

    def run(hosts: Any, **given: Any) -> Run:
        return play(tmp_path_factory.mktemp("runner"), collections, hosts, RETENTION, **given)

    return run


@pytest.fixture(scope="module")
def run_task_retention(collections: str, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Run]:
    """Run the playbook purge_tasks in the same way."""

    def run(hosts: Any, **given: Any) -> Run:
        return play(tmp_path_factory.mktemp("runner"), collections, hosts, TASKS, **given)

    return run


@pytest.fixture(scope="module")
def run_report(collections: str, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Run]:
    """Run the playbook report_sessions in the same way."""

    def run(hosts: Any, **given: Any) -> Run:
        return play(tmp_path_factory.mktemp("runner"), collections, hosts, REPORT, **given)

    return run

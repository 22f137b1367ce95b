# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures of all e2e tests: emulators, and ansible-playbook of the current environment."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

_HERE = Path(__file__).resolve().parent
# Tests import helpers of their folder, plays.py and the emulator as top-level modules.
sys.path[:0] = [str(folder) for folder in (_HERE, _HERE.parent, *sorted(_HERE.iterdir())) if folder.is_dir()]

from emulator.fork_server import ForkServer
from emulator.process import EmulatorProcess
from plays import Ansible, collections_path

Serve = Callable[..., EmulatorProcess]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where two ansible-cores share the cases, leave out those of the other one.

    ``CASES`` is ``even`` or ``odd``: of a test with several cases every second one runs, so that each test runs on both
    ansible-cores and each case on one. What is marked ``once`` is not shared.
    """
    rest = {"even": 0, "odd": 1}.get(os.environ.get("CASES", ""))
    if rest is None:
        return
    cases: dict[str, list[pytest.Item]] = {}
    for item in items:
        if hasattr(item, "callspec") and not item.get_closest_marker("once"):
            cases.setdefault(item.nodeid.partition("[")[0], []).append(item)
    others = {id(one) for alike in cases.values() if len(alike) > 1 for one in alike[1 - rest :: 2]}
    config.hook.pytest_deselected(items=[item for item in items if id(item) in others])
    items[:] = [item for item in items if id(item) not in others]


@pytest.fixture(scope="session")
def collections(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A path on which Ansible finds this collection."""
    return collections_path(tmp_path_factory.mktemp("collections"))


@pytest.fixture
def ansible(tmp_path: Path, collections: str) -> Ansible:
    """Runs plays."""
    return Ansible(tmp_path, collections)


@pytest.fixture(scope="module")
def shared_ansible(tmp_path_factory: pytest.TempPathFactory, collections: str) -> Ansible:
    """Runs plays whose results several tests check."""
    return Ansible(tmp_path_factory.mktemp("plays"), collections)


@pytest.fixture(scope="session")
def fork_server() -> Iterator[ForkServer]:
    """Starts emulators fast."""
    made = ForkServer(os.environ.get("AIMMS_EMULATOR_PYTHON") or sys.executable)
    yield made
    made.close()


def _serving(fork_server: ForkServer) -> Iterator[Serve]:
    """Starts emulators with the given options, by default without sessions. Stops them at the end."""
    running: list[EmulatorProcess] = []

    def begin(**options: Any) -> EmulatorProcess:
        running.append(EmulatorProcess(fork_server=fork_server, **{"sessions": 0, **options}).start())
        return running[-1]

    yield begin
    for process in running:
        process.stop()


serve = pytest.fixture(_serving, name="serve")
shared_serve = pytest.fixture(_serving, name="shared_serve", scope="module")

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the collection importable by its full name where plain pytest runs; ansible-test does that by itself."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path

from hypothesis import HealthCheck, settings

ROOT = Path(__file__).absolute().parents[2]


def _collections() -> Path:
    """The folder that has ``ansible_collections``: above this tree, or in a plain checkout one with a link to it."""
    if ROOT.parts[-3:] == ("ansible_collections", "aimms", "cloud"):
        return ROOT.parents[2]
    folder = ROOT / ".build/collections"
    link = folder / "ansible_collections/aimms/cloud"
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink():
        link.symlink_to(ROOT, target_is_directory=True)
    return folder


if str(_collections()) not in sys.path:
    sys.path.insert(0, str(_collections()))


# The same examples in every run, however busy the machine is.
settings.register_profile(
    "steady", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("steady")


def pytest_configure(config):
    """Without a process for each test, which ansible-test begins and which cost more than the tests themselves.

    Tests here leave nothing behind for one another, as plain pytest shows. It also lets fixtures be shared.
    """
    forking = config.pluginmanager.get_plugin("ansible_forked")
    if forking is not None:
        config.pluginmanager.unregister(forking)


def pytest_sessionfinish():
    """Write what coverage measured: ansible-test has it written at the end of each test's process only."""
    if os.environ.get("COVERAGE_CONF"):
        measuring = import_module("coverage").Coverage.current()
        if measuring is not None:
            measuring.stop()
            measuring.save()

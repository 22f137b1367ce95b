# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the collection importable where plain pytest runs from its tree; ansible-test does that by itself."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path

for _parent in Path(__file__).absolute().parents:
    if _parent.name == "ansible_collections" and str(_parent.parent) not in sys.path:
        sys.path.insert(0, str(_parent.parent))


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

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The event source finds its collection in a process without Ansible's collection loader."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from timing import PATIENCE
from watching import ROOT, SOURCE

pytestmark = pytest.mark.once

SCRIPT = """
import asyncio, runpy, sys
for name in sys.argv[4:]:
    __import__(name)
try:
    main = runpy.run_path(sys.argv[1])["main"]
    asyncio.run(asyncio.wait_for(main(asyncio.Queue(), {"older_than": sys.argv[2]}), float(sys.argv[3])))
except Exception as error:
    print(type(error).__name__, error)
"""
FOUND = "SourceError older_than: '8' has no unit."


def failure(source: Path, *imported: str, older_than: str = "8", seconds: float = PATIENCE, **variables: str) -> str:
    """The error that ends the source within so long, in a process that has imported other packages before."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "AIMMS_", "PYTHON"))}
    environment = {**kept, "AIMMS_ACCOUNT": "acme", "AIMMS_API_KEY": "key", **variables}
    command = [sys.executable, "-B", "-c", SCRIPT, str(source), older_than, str(seconds), *imported]
    done = subprocess.run(
        command, env=environment, cwd="/", capture_output=True, text=True, timeout=seconds + PATIENCE, check=False
    )
    return done.stdout + done.stderr


@pytest.fixture
def installed(tmp_path):
    """An installed copy of the collection. Returns the path of its event source."""
    home = tmp_path / "collections/ansible_collections/aimms/cloud"
    for part in ("plugins", "extensions"):
        shutil.copytree(ROOT / part, home / part, ignore=shutil.ignore_patterns("__pycache__"))
    return home / SOURCE.relative_to(ROOT)


def test_from_where_it_is_installed(installed):
    assert failure(installed).startswith(FOUND)


def test_beside_another_package_of_collections(installed, tmp_path):
    other = tmp_path / "site/ansible_collections/aimms"
    other.mkdir(parents=True)
    for folder in (other, other.parent):
        (folder / "__init__.py").touch()
    packages = {"PYTHONPATH": str(tmp_path / "site")}
    assert failure(installed, "ansible_collections.aimms", **packages).startswith(FOUND)


def test_the_process_ends_while_the_server_does_not_answer(installed, serve):
    emulator = serve()
    emulator.fault("timeout")
    variables = {"AIMMS_URL": emulator.url, "AIMMS_API_KEY": emulator.admin_key}
    variables.update(AIMMS_TIMEOUT="3000", AIMMS_MAX_TIME="3000")  # longer than it is waited for
    assert failure(installed, older_than="8h", seconds=2, **variables).startswith("TimeoutError")


def test_copied_out_of_the_collection_it_is_found_where_ansible_looks(installed, tmp_path):
    alone = tmp_path / "stale_sessions.py"
    shutil.copy(installed, alone)
    text = failure(alone, HOME=str(tmp_path))
    assert "SourceError The Python that runs ansible-rulebook" in text
    assert "cannot import ansible_collections" in text
    assert failure(alone, ANSIBLE_COLLECTIONS_PATH=str(tmp_path / "collections")).startswith(FOUND)
    (tmp_path / "collections").rename(tmp_path / "moved")
    (tmp_path / ".ansible").mkdir()
    (tmp_path / "moved").rename(tmp_path / ".ansible/collections")
    assert failure(alone, HOME=str(tmp_path)).startswith(FOUND)

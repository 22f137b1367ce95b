# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks of an installed package, run by their full names, as a new user does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests"))

from emulator.process import EmulatorProcess

INSTALLED = Path(os.environ["ANSIBLE_COLLECTIONS_PATH"]) / "ansible_collections/aimms/cloud"
PLAYBOOKS = sorted(path.stem for path in (INSTALLED / "playbooks").glob("*.yml"))
HOUR = 3600


def run(folder, playbook, *words, **variables):
    """Run a playbook by its full name, from an empty folder."""
    command = [str(Path(sys.executable).parent / "ansible-playbook"), "-i", "localhost,", f"aimms.cloud.{playbook}"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AIMMS_")}
    done = subprocess.run(
        [*command, *words],
        cwd=folder,
        env={**kept, **variables},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def emulator():
    with EmulatorProcess(sessions=0) as running:
        yield running


@pytest.fixture
def play(emulator, tmp_path):
    """Runs a playbook on the account; it must succeed."""

    def begin(playbook, **variables):
        extra = ["-e", json.dumps(variables)]
        code, output = run(tmp_path, playbook, *extra, AIMMS_URL=emulator.url, AIMMS_API_KEY=emulator.admin_key)
        assert code == 0, output[-4000:]
        assert emulator.admin_key not in output
        return output

    return begin


def test_what_was_installed_is_what_is_tested():
    manifest = json.loads((INSTALLED / "MANIFEST.json").read_text(encoding="utf-8"))["collection_info"]
    assert f"\nversion: {manifest['version']}\n" in (ROOT / "galaxy.yml").read_text(encoding="utf-8")
    assert {"cleanup_stale_sessions", "purge_session_records"} <= set(PLAYBOOKS)
    assert (INSTALLED / "extensions/eda/plugins/event_source/stale_sessions.py").is_file()


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_each_playbook_is_found_by_its_full_name(tmp_path, playbook):
    code, output = run(tmp_path, playbook, "--list-tasks")
    assert code == 0 or "'awx.awx." in output, output  # the playbook that sets up AWX needs another collection


def test_the_plan_and_then_the_cleanup(emulator, play):
    old, young = (emulator.add_session(age=hours * HOUR)["id"] for hours in (40, 1))
    play("cleanup_stale_sessions")
    assert emulator.changes() == []
    play("cleanup_stale_sessions", stale_session_cleanup_apply=True)
    assert emulator.session(old)["ended_how"] == "terminate"
    assert emulator.session(young)["state"] == "running"
    assert len(emulator.changes()) == 1


def test_the_purge(emulator, play, tmp_path):
    ended = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 98 * 24 * HOUR))
    old = emulator.add_session(kind="task", state="completed", age=99 * 24 * HOUR, ended_at=ended)
    emulator.add_session(kind="task", age=99 * 24 * HOUR)
    archive = {"session_retention_archive_logs": True, "session_retention_archive_dir": str(tmp_path / "logs")}
    play("purge_session_records", session_retention_apply=True, session_retention_max_percent=100, **archive)
    assert [row["path"].rpartition("/")[2] for row in emulator.changes()] == [old["id"]]
    assert len(list((tmp_path / "logs").rglob("*.gz"))) == 1

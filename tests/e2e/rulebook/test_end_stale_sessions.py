# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The example rulebook and wrong versions of it, run by ansible-rulebook with the emulator. Proves rules 12 and 24."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests"))

from emulator.process import EmulatorProcess
from timing import PATIENCE, until

RULEBOOK = ROOT / "extensions/eda/rulebooks/end_stale_sessions.yml"
HOUR = 3600
LONG = 5 * PATIENCE


@pytest.fixture
def emulator() -> Iterator[EmulatorProcess]:
    with EmulatorProcess(sessions=0) as running:
        for _number in range(6):
            running.add_session(age=60)
        yield running


@contextlib.contextmanager
def rulebook(folder: Path, emulator: EmulatorProcess, text: str, **variables: str) -> Iterator[subprocess.Popen[str]]:
    """Runs ansible-rulebook with this rulebook. Its output goes to ``output.txt``."""
    (folder / "rulebook.yml").write_text(text, encoding="utf-8")
    host = f"localhost ansible_connection=local ansible_python_interpreter={sys.executable}\n"
    (folder / "hosts").write_text(host, encoding="utf-8")
    tool = Path(sys.executable).parent / "ansible-rulebook"
    command = [str(tool), "--rulebook", "rulebook.yml", "--inventory", "hosts", "-vv", "--print-events"]
    environment = {**os.environ, "AIMMS_URL": emulator.url, "AIMMS_API_KEY": emulator.admin_key, **variables}
    with (folder / "output.txt").open("w") as output:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(LONG)


def output(folder: Path) -> str:
    return (folder / "output.txt").read_text(encoding="utf-8")


def test_the_example_ends_what_is_stale_and_nothing_else(emulator, tmp_path):
    old = emulator.add_session(owner="jdoe@ROOT", age=37 * HOUR)
    # This id would change if read as a number, and this app would be evaluated as a template.
    odd = emulator.add_session(id="1e3", app_name="{{ lookup('pipe', 'touch ran') }}", owner="jdoe@ROOT", age=37 * HOUR)
    service = emulator.add_session(owner="svc-nightly@ROOT", age=99 * HOUR)

    def shown() -> str:
        return output(tmp_path)[-4000:]

    with rulebook(tmp_path, emulator, RULEBOOK.read_text(encoding="utf-8").replace("10m", "2s")):
        until(lambda: output(tmp_path).count("Ansible runner rc: ") == 2, shown, LONG)
        later = emulator.add_session(id="2e3", age=38 * HOUR)
        until(lambda: emulator.session(later["id"])["state"] == "terminated", shown, LONG)
        until(lambda: output(tmp_path).count("Ansible runner rc: ") == 3, shown, LONG)
    text = output(tmp_path)
    assert emulator.session(old["id"])["ended_how"] == "terminate"
    assert {emulator.session(one["id"])["state"] for one in (odd, service)} == {"running"}
    assert len(emulator.changes()) == 2
    assert text.count("Calling rule End the session") == 3, "an event came twice"
    assert emulator.admin_key not in text
    assert not list(tmp_path.rglob("ran"))


def test_a_wrong_key_ends_it_with_one_sentence(emulator, tmp_path):
    with rulebook(tmp_path, emulator, RULEBOOK.read_text(encoding="utf-8"), AIMMS_API_KEY="another-key") as process:
        assert process.wait(LONG)
    text = output(tmp_path)
    assert "SourceError: Source plugin failed with error message" in text
    assert "The API key is wrong or has expired" in text
    assert "another-key" not in text

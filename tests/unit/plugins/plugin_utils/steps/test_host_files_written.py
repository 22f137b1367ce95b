# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Folders and files of the host: whole or not at all, with their mode, whatever their names and whatever is there."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.plugin_utils.steps.host_files import HostFiles

NAMES = ["a.json", "with blank", "quote'\"$HOME`id`", "-rf", "ünï", "new\nline", ";exit 3"]


class Action(HostFiles):
    """Runs its commands here, each time in a shell of its own."""

    def __init__(self, folder: Path) -> None:
        shell = SimpleNamespace(tmpdir=str(folder), join_path=lambda *parts: "/".join(parts))
        self._connection, self._task = SimpleNamespace(_shell=shell), SimpleNamespace(check_mode=False)
        self.commands: list[str] = []

    def run(self, tmp=None, task_vars=None):
        raise NotImplementedError

    def _transfer_data(self, remote_path, data):
        Path(remote_path).write_bytes(data.encode())
        return remote_path

    def _fixup_perms2(self, _paths, _user=None, *, execute=True):
        assert not execute

    def _low_level_execute_command(self, cmd):
        self.commands.append(cmd)
        made = subprocess.run(["/bin/sh", "-c", cmd], capture_output=True, text=True, check=False)
        return {
            "rc": made.returncode,
            "stdout": made.stdout,
            "stderr": made.stderr,
            "stdout_lines": made.stdout.splitlines(),
        }


@pytest.fixture
def action(tmp_path):
    (tmp_path / "sent").mkdir()
    return Action(tmp_path / "sent")


@pytest.fixture
def there(tmp_path):
    (tmp_path / "there").mkdir()
    return tmp_path / "there"


def test_all_files_are_written_by_one_command(action, there):
    texts = {str(there / name): f"text of {name}" for name in NAMES}
    action._write(texts, "0640")
    assert {str(path): path.read_text() for path in there.iterdir()} == texts
    assert {path.stat().st_mode & 0o7777 for path in there.iterdir()} == {0o640}
    assert len(action.commands) == 1


def test_a_file_is_replaced_and_a_link_is_not_followed(action, there):
    (there / "old").write_text("old")
    (there / "link").symlink_to(there / "old")
    action._write({f"{there}/link": "new"}, "0644")
    assert ((there / "old").read_text(), (there / "link").read_text()) == ("old", "new")
    assert not (there / "link").is_symlink()


@pytest.mark.parametrize("number", [0, 1])
def test_what_cannot_be_written_is_told_and_leaves_nothing_behind(number, action, there):
    (there / "in the way").mkdir()
    paths = [f"{there}/in the way", f"{there}/none/x"]
    with pytest.raises(OptionError, match=rf"^{paths[number]} cannot be written: .*(a folder|[Nn]o such|nonexistent)"):
        action._write({f"{there}/first": "1", paths[number]: "2", f"{there}/last": "3"}, "0640")
    assert sorted(path.name for path in there.iterdir()) == ["first", "in the way"]


def test_a_file_that_cannot_be_replaced_is_as_before(action, there, monkeypatch):
    (there / "old").write_text("old")
    tools = there.parent / "tools"
    tools.mkdir()
    (tools / "mv").write_text("#!/bin/sh\necho no space >&2\nexit 1\n")
    (tools / "mv").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    with pytest.raises(OptionError, match="old cannot be written: no space"):
        action._write({f"{there}/old": "new"}, "0640")
    assert [path.read_text() for path in there.iterdir()] == ["old"]


@pytest.mark.parametrize("name", NAMES)
def test_a_folder_is_made_with_those_above_it_and_one_that_exists_keeps_its_mode(name, action, there):
    action._make_folder(f"{there}/{name}/in it")
    (there / name / "in it").chmod(0o700)
    action._make_folder(f"{there}/{name}/in it")
    assert (there / name / "in it").stat().st_mode & 0o7777 == 0o700


def test_a_folder_that_cannot_be_made_is_told(action, there):
    (there / "file").write_text("")
    with pytest.raises(OptionError, match=f"^{there}/file cannot be made: .*"):
        action._make_folder(f"{there}/file")


def test_in_check_mode_nothing_is_done(action, there):
    action._task.check_mode = True
    action._make_folder(f"{there}/folder")
    action._write({f"{there}/file": "text"}, "0640")
    assert ([*there.iterdir()], action.commands) == ([], [])


def test_what_is_no_file_is_neither_replaced_nor_read(action, there):
    pipe = there / "pipe"
    os.mkfifo(pipe)
    (there / "link").symlink_to(pipe)
    for name in ("pipe", "link"):
        with pytest.raises(OptionError, match=f"{name} cannot be written: .*{name} is no regular file"):
            action._write({f"{there}/{name}": "new"}, "0644")
        assert action._slurped(f"{there}/{name}", {}) == (None, "it is no regular file")
    assert pipe.is_fifo()
    assert sorted(path.name for path in there.iterdir()) == ["link", "pipe"]

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `make demo` and `make test` say on a machine that lacks what they need: one sentence, with what to install."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).absolute().parents[2]
READY = ROOT / "tests/gates/ready.sh"
SHELL = shutil.which("sh")
OLD = '[ "$1" = --version ] && echo "Python 3.8.10"'
ABLE = '[ "$2" != -m ] || true'
UNABLE = '[ "$2" != -m ] || printf " python3-venv"'


def said(folder, *, git="true", python=None):
    """The exit code and the output where a machine has these programs, as shell commands; None: not even that."""
    for name, script in (("git", git), ("python3", python), ("dirname", f'{shutil.which("dirname")} "$@"')):
        if script is not None:
            (folder / name).write_text(f"#!{SHELL}\n{script}\n", encoding="utf-8")
            (folder / name).chmod(0o755)
    done = subprocess.run(
        [SHELL, READY, "python3"], env={"PATH": str(folder)}, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("machine", "packages"),
    [
        ({"git": None, "python": ABLE}, "git"),
        ({"git": "exit 1", "python": ABLE}, "git"),
        ({}, "python3 python3-venv"),
        ({"git": None}, "git python3 python3-venv"),
        ({"python": UNABLE}, "python3-venv"),
        ({"git": None, "python": UNABLE}, "git python3-venv"),
    ],
)
def test_what_is_missing_is_told_in_one_sentence(machine, packages, tmp_path):
    code, text = said(tmp_path, **machine)
    assert code == 2
    assert text == f"This needs more than the machine has. On Debian or Ubuntu: sudo apt install {packages}\n"


def test_a_python_that_is_too_old_is_told_with_a_way_to_name_another(tmp_path):
    code, text = said(tmp_path, python=OLD)
    assert (code, text.count("\n")) == (2, 1)
    assert re.match(r"python3 is Python 3\.8\.10, which is too old: .* make test PYTHON=python3\.12$", text)


def test_a_machine_that_has_all_hears_nothing(tmp_path):
    assert said(tmp_path, python=ABLE) == (0, "")


def test_the_readme_lists_what_a_bare_machine_lacks():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "sudo apt install make git python3-venv" in text


@pytest.mark.parametrize("target", ["demo", "test", "dev"])
def test_the_commands_look_first(target):
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8").partition(f"\n{target}: ")[2].split("\n", 2)[1]
    assert recipe.startswith(("\t@$(READY)", "\t@$(GATES)"))

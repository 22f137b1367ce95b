# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the files of extensions/schedule as systemd and cron do, and put them where their guide says, below a folder."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import textwrap
from pathlib import Path

from plays import ROOT

FOLDER = ROOT / "extensions/schedule"
GUIDE = ROOT / "docs/docsite/rst/guide_schedule.rst"
INSTALLED = "/opt/aimms/collections/ansible_collections/aimms/cloud/extensions/schedule"
DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_BLOCK = re.compile(r"^\.\. code-block:: (?:bash|shell)\n\n((?:   .*\n|\n)+)", re.MULTILINE)


class Machine:
    """A folder that stands for the root of a machine on which Ansible and the collection are installed."""

    def __init__(self, root: Path, collections: str) -> None:
        self.root = root
        self._places = {
            INSTALLED: str(FOLDER),
            "/opt/aimms/venv/bin": str(Path(sys.executable).parent),
            "/opt/aimms/collections": collections,
            **{name: f"{root}{name}" for name in ("/etc/", "/var/lib")},
        }
        for name in ("etc/systemd/system", "etc/cron.d", "var/lib/aimms-cleanup"):
            (root / name).mkdir(parents=True)

    def placed(self, text: str) -> str:
        """``text`` with the paths of this machine."""
        for name, place in self._places.items():
            text = text.replace(name, place)
        return text

    def install(self) -> None:
        """Do what the guide says, but for what needs the network, root, systemd or an editor."""
        text = "\n".join(textwrap.dedent(block) for block in _BLOCK.findall(GUIDE.read_text(encoding="utf-8")))
        lines = [line.removeprefix("sudo ") for line in text.splitlines()]
        kept = [line.replace("-o aimms ", "") for line in lines if line.split(" ")[0] in ("cd", "install")]
        assert len(kept) >= 8
        script = self.placed("\n".join(kept))
        subprocess.run(["sh", "-e", "-u", "-c", script], check=True, timeout=60, cwd=self.root)

    def write(self, account: str, key: str, **variables: str) -> None:
        """Edit what was installed: the account, its key, and other lines of ``vars.yml``."""
        path = self.root / "etc/aimms-cleanup/environment"
        text = path.read_text(encoding="utf-8").replace("AIMMS_ACCOUNT=acme", f"AIMMS_URL={account}")
        path.write_text(text.replace("'the-key'", f"'{key}'"), encoding="utf-8")
        path = self.root / "etc/aimms-cleanup/vars.yml"
        lines = path.read_text(encoding="utf-8").splitlines()
        kept = [line for line in lines if not line.startswith(tuple(f"{name}:" for name in variables))]
        path.write_text("\n".join([*kept, *(f"{name}: {value}" for name, value in variables.items()), ""]))


def settings(text: str) -> list[tuple[str, str, str]]:
    """Section, name and value of each line of a unit."""
    found, section = [], ""
    for line in text.splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith(("#", ";")):
            name, _equals, value = line.partition("=")
            found.append((section, name.strip(), value.strip()))
    return found


class Service:
    """What systemd makes of the installed service."""

    def __init__(self, machine: Machine) -> None:
        self.path = machine.root / "etc/systemd/system/aimms-cleanup.service"
        text = machine.placed(self.path.read_text(encoding="utf-8")).replace("%S", f"{machine.root}/var/lib")
        assert "%" not in text
        self.settings = [(name, value) for section, name, value in settings(text) if section == "Service"]
        (self.command,) = (shlex.split(value) for name, value in self.settings if name == "ExecStart")
        self.folder = self.one("WorkingDirectory")
        words = [word for name, value in self.settings if name == "Environment" for word in shlex.split(value)]
        self.environment = dict(word.split("=", 1) for word in words)
        for line in Path(self.one("EnvironmentFile")).read_text(encoding="utf-8").splitlines():
            if line and not line.startswith(("#", ";")):
                name, value = line.split("=", 1)
                self.environment[name] = shlex.split(value)[0]
        self.environment["PATH"] = DEFAULT_PATH

    def one(self, name: str) -> str:
        """The value of a setting that stands there once."""
        (value,) = (value for other, value in self.settings if other == name)
        return value


def cron_job(machine: Machine) -> tuple[dict[str, str], str, str, str]:
    """The variables, the time, the user and the command of the installed cron file."""
    text = machine.placed((machine.root / "etc/cron.d/aimms-cleanup").read_text(encoding="utf-8"))
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    variables = dict(line.split("=", 1) for line in lines[:-1])
    *when, user, command = lines[-1].split(" ", 6)
    assert "%" not in command  # cron would end the line there
    return variables, " ".join(when), user, command

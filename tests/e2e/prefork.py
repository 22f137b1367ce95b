# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs ansible-playbook in forks of a process that has imported Ansible: half of a short run's time is that import.

Each run is a process of its own, begins at the program's entry point, and reads the environment anew. What Ansible
reads only while it is imported (the paths of plugins, colours) is that of the first run; see ``Prefork.fits``.
"""

from __future__ import annotations

import atexit
import importlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

_IMPORTED = ("ansible.cli.playbook", "ansible.executor.playbook_executor", "ansible.plugins.strategy.linear")
_LONGEST = 900  # seconds: only a run that hangs takes as long
_READ_ON_IMPORT = ("ANSIBLE_", "PYTHON", "LC_", "LANG", "HOME")


class Prefork:
    """Processes that have imported Ansible, as many as there are runs side by side. They end with this process."""

    def __init__(self) -> None:
        self._idle: dict[tuple[str, ...], list[Any]] = {}
        self._lock = threading.Lock()

    @staticmethod
    def fits(added: Mapping[str, str]) -> bool:
        """Whether a run may be a fork, by the variables that it has besides those of all runs."""
        return not any(name.startswith(_READ_ON_IMPORT) for name in added)

    def run(self, arguments: Sequence[str], folder: Path, environment: dict[str, str], output: Path) -> tuple[int, str]:
        """The exit code and the output of a run, standard output first; it is kept in ``output`` meanwhile."""
        key = (str(os.getpid()), environment["ANSIBLE_COLLECTIONS_PATH"], environment["ANSIBLE_CALLBACK_PLUGINS"])
        with self._lock:
            idle = self._idle.setdefault(key, [])
            process = idle.pop() if idle else self._start(environment)
        order = {"arguments": arguments, "folder": str(folder), "environment": environment, "output": str(output)}
        process.stdin.write(json.dumps(order) + "\n")
        process.stdin.flush()
        code = int(process.stdout.readline())
        with self._lock:
            idle.append(process)
        return code, "".join(Path(path).read_text(encoding="utf-8") for path in _outputs(str(output)))

    @staticmethod
    def _start(environment: dict[str, str]) -> Any:
        pipe = subprocess.PIPE
        process = subprocess.Popen([sys.executable, __file__], env=environment, stdin=pipe, stdout=pipe, text=True)
        atexit.register(process.communicate)
        return process


def _outputs(stem: str) -> tuple[str, str]:
    return f"{stem}.out", f"{stem}.err"


def _become(order: dict[str, Any]) -> None:
    """Run ansible-playbook in this process, and end it."""
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    for number, path in enumerate((os.devnull, *_outputs(order["output"]))):
        opened = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    sys.argv = ["ansible-playbook", *order["arguments"]]
    importlib.reload(importlib.import_module("ansible.constants"))
    code: Any = 1
    try:
        importlib.import_module("ansible.cli.playbook").PlaybookCLI.cli_executor(sys.argv)
    except SystemExit as ended:
        code = ended.code
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else bool(code))


def main() -> None:
    """Answer each order on the standard input with the exit code of its run."""
    for name in _IMPORTED:
        importlib.import_module(name)
    for line in sys.stdin:
        child = os.fork()
        if not child:
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            _become(json.loads(line))
        signal.signal(signal.SIGALRM, lambda _number, _frame, child=child: os.kill(child, signal.SIGKILL))
        signal.alarm(_LONGEST)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        signal.alarm(0)
        print(code, flush=True)


if __name__ == "__main__":
    main()

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs ansible-playbook in forks of a process that has imported Ansible: half of a short run's time is that import.

Each run is a process of its own, begins at the program's entry point, and reads the environment anew. What Ansible
reads only while it is imported (the paths of plugins, colours) is that of the first run; see ``Prefork.fits``. The YAML
files of Ansible itself are parsed once, and a module is packed once for all runs with the same files of collections.
"""

from __future__ import annotations

import atexit
import gc
import hashlib
import importlib
import json
import os
import pickle
import signal
import subprocess
import sys
import tempfile
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


def _parse_once(owner: Any, name: str) -> None:
    """Let a function that parses a text, or the file of a path, parse each only once in this process and its forks."""
    parse = getattr(owner, name)
    parsed: dict[Any, bytes] = {}

    def parse_once(*arguments: Any) -> Any:
        key = next(argument for argument in arguments if isinstance(argument, (str, bytes)))
        if key not in parsed:
            parsed[key] = pickle.dumps(parse(*arguments))
        return pickle.loads(parsed[key])

    setattr(owner, name, parse_once)


def _parse_ansibles_own() -> None:
    finder: Any = importlib.import_module("ansible.utils.collection_loader._collection_finder")
    manager: Any = importlib.import_module("ansible.config.manager")
    _parse_once(finder, "_meta_yml_to_dict")
    _parse_once(manager.ConfigManager, "_read_config_yaml_file")
    finder._meta_yml_to_dict(Path(manager.__file__).with_name("ansible_builtin_runtime.yml").read_bytes(), ("", ""))
    importlib.reload(importlib.import_module("ansible.constants"))


def _share_packed(folder: Path, collections: str) -> None:
    """Let this run use the modules that earlier runs packed from the same files, and leave its own."""
    paths = [
        Path(entry).glob("ansible_collections/*/*/plugins/module*/**/*.py") for entry in collections.split(os.pathsep)
    ]
    files = sorted((str(path), path.stat().st_mtime_ns, path.stat().st_size) for found in paths for path in found)
    packed = folder / hashlib.sha256(repr(files).encode()).hexdigest()
    packed.mkdir(exist_ok=True)
    local = importlib.import_module("ansible.constants").DEFAULT_LOCAL_TMP
    Path(local, "ansiballz_cache").symlink_to(packed)


def _become(order: dict[str, Any], packed: Path) -> None:
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
    _share_packed(packed, order["environment"]["ANSIBLE_COLLECTIONS_PATH"])
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
    _parse_ansibles_own()
    gc.collect()
    gc.freeze()  # no run has to look for garbage in what it shares
    with tempfile.TemporaryDirectory(prefix="packed-") as packed:  # one run at a time uses it
        for line in sys.stdin:
            child = os.fork()
            if not child:
                signal.signal(signal.SIGALRM, signal.SIG_DFL)
                _become(json.loads(line), Path(packed))
            signal.signal(signal.SIGALRM, lambda _number, _frame, child=child: os.kill(child, signal.SIGKILL))
            signal.alarm(_LONGEST)
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            signal.alarm(0)
            print(code, flush=True)


if __name__ == "__main__":
    main()

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module that runs as a fork is a process as Python's own: streams, environment, exit codes and signals."""

from __future__ import annotations

import base64
import io
import os
import signal
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from module_forks import ModuleForks
from timing import PATIENCE, until

pytestmark = pytest.mark.once

ENDS = {
    "words": "print('out'); print('err', file=sys.stderr)",
    "without a line's end": "print('out', end='')",
    "code": "sys.exit(3)",
    "large code": "sys.exit(259)",
    "no code": "sys.exit()",
    "text as code": "sys.exit('no')",
    "error": "raise ValueError('no')",
    "interrupted": "raise KeyboardInterrupt",
    "at once": "os._exit(7)",
    "killed": "os.kill(os.getpid(), signal.SIGKILL)",
    "terminated": "os.kill(os.getpid(), signal.SIGTERM)",
    "place": "print(os.getcwd(), oct(os.umask(0)), os.environ['TOLD'], 'HIDDEN' in os.environ)",
    "names": "print(sys.argv, __name__, sys.modules['__main__'].__dict__ is globals(), sys.stdin.read())",
    "a thread that goes on": "threading.Timer(0.2, print, ['late']).start()",
    "what is done last": "atexit.register(print, 'last')",
    "a child": "print(subprocess.run(['cat'], capture_output=True, text=True).stdout, end='')",
}
IMPORTS = "import atexit, os, signal, subprocess, sys, threading\n"


def script(code: str, library: str = "HELD = 1") -> str:
    """As Ansible's: with a zip file of its libraries, here of one that the script does not make importable itself."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("held_library.py", f"{library}\n# {'long' * 500}\n")
    return f"ZIP = '{base64.b64encode(held.getvalue()).decode()}'\n{IMPORTS}{code}\n"


@pytest.fixture(scope="module")
def environment() -> dict[str, str]:
    """Variables of processes that may be forks."""
    plain = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    return plain | ModuleForks().variables({**plain, "HIDDEN": "yes"})


def start(code: str, environment: dict[str, str], *arguments: str, **options: Any) -> subprocess.Popen[str]:
    """The interpreter of plays, with ``code`` on its standard input."""
    program = options.pop("program", environment["ANSIBLE_PYTHON_INTERPRETER"])
    pipe = subprocess.PIPE
    command = [program, *arguments]
    process = subprocess.Popen(
        command, env=environment, stdin=pipe, stdout=pipe, stderr=pipe, text=True, start_new_session=True, **options
    )
    assert process.stdin is not None
    process.stdin.write(code)
    process.stdin.close()
    process.stdin = None
    return process


def end(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Exit code, output, and the last line of what it said on standard error."""
    out, err = process.communicate(timeout=PATIENCE)
    return process.returncode, out, (err.splitlines() or [""])[-1]


@pytest.mark.parametrize("code", ENDS.values(), ids=ENDS)
def test_a_fork_ends_as_python_does(code, environment, tmp_path):
    told = {**environment, "TOLD": "yes"}
    options: dict[str, Any] = {"cwd": tmp_path, "umask": 0o027}
    forked = end(start(script(f"import held_library\n{code}"), told, **options))
    assert forked == end(start(script(code), told, program=sys.executable, **options))


def test_what_a_module_imports_is_that_of_its_own_zip_file(environment):
    shown = "import held_library\nprint(held_library.HELD, held_library.PID != os.getpid())"
    libraries = [f"import os\nHELD, PID = {number}, os.getpid()" for number in (1, 2, 1)]
    assert [end(start(script(shown, one), environment))[1] for one in libraries] == ["1 True\n", "2 True\n", "1 True\n"]


def test_a_module_leaves_nothing_to_the_next_one(environment):
    code = "import held_library\nprint(held_library.HELD, os.environ.get('LEFT'))"
    left = "\nheld_library.HELD = 2\nos.environ['LEFT'] = 'yes'"
    assert [end(start(script(code + left), environment))[1] for _run in range(2)] == ["1 None\n"] * 2


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_reaches_the_module(number, environment):
    code = f"signal.signal({int(number)}, lambda *_: sys.exit(5))\nprint('ready', flush=True)\nsignal.pause()"
    process = start(script(f"import held_library\n{code}"), environment)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(number)
    assert process.wait(PATIENCE) == 5
    end(process)


def test_a_module_ends_with_whom_it_runs_for(environment):
    process = start(script("import held_library, time\nprint(os.getpid(), flush=True)\ntime.sleep(60)"), environment)
    assert process.stdout is not None
    module = Path("/proc") / process.stdout.readline().strip()
    assert module.exists()
    process.kill()
    end(process)
    until(lambda: not module.exists())


@pytest.mark.parametrize("changed", [{"PYTHONHASHSEED": "7"}, {"LC_ALL": "C"}, {"MODULE_FORKS": "/nowhere"}])
def test_where_python_would_start_otherwise_it_does(changed, environment):
    code = f"print([os.environ[name] for name in {list(changed)}], 'held_library' in sys.modules)"
    assert end(start(script(code), environment | changed))[1] == f"{[*changed.values()]} False\n"
    assert end(start(script(code), environment))[1].endswith(" True\n") or "MODULE_FORKS" not in changed


def test_scripts_without_a_zip_file_and_arguments_are_for_python_itself(environment):
    plain = "import sys\nprint('held_library' in sys.modules, sys.argv)"
    assert end(start(plain, environment))[:2] == (0, "False ['']\n")
    assert end(start("", environment, "-c", plain, "one"))[:2] == (0, "False ['-c', 'one']\n")

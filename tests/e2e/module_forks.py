# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the modules of plays in forks of processes that have imported what the modules do: nine tenths of their time.

Each module is a process of its own, which runs the whole script that Ansible sent, in its folder and environment, on
its three streams; fork_client.py waits for it, passes signals on, and ends as it ends. What a fork finds imported comes
from an earlier zip file of Ansible's with equal files. A new Python runs other scripts, and those with another
environment for Python. For integration targets and the demonstration, Python itself starts each module.
"""

from __future__ import annotations

import atexit
import base64
import contextlib
import gc
import hashlib
import importlib
import io
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
import types
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fork_client import NUMBER

_ZIP = re.compile(base64.b64encode(b"PK\x03") + rb"[A-Za-z0-9+/=]{1000,}")
_RUN_AS_SCRIPT = ("ansible/modules/", "/plugins/modules/")
_READ_ON_START = ("PYTHON", "LC_", "LANG", "HOME", "TZ", "OPENSSL_")
_DESCRIPTORS = 1024
_Place = tuple[int, dict[bytes, bytes]]


class ModuleForks:
    """The server, from its first use until this process ends."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._variables: dict[str, str] = {}

    def variables(self, environment: Mapping[str, str]) -> dict[str, str]:
        """Variables with which Ansible runs modules as forks; with the real Python where the system cannot do it.

        :param environment: what plays have, of which modules may read anything.
        """
        with self._lock:
            if not self._variables:
                self._variables = {"ANSIBLE_PYTHON_INTERPRETER": sys.executable}
                if hasattr(os, "pidfd_open"):
                    self._variables = self._start(dict(environment))
        return self._variables

    @staticmethod
    def _start(environment: dict[str, str]) -> dict[str, str]:
        folder = Path(tempfile.mkdtemp(prefix="forks-"))
        client = folder / "python"
        program = Path(__file__).with_name("fork_client.py")
        client.write_text(f"#!/bin/sh\nexec '{sys.executable}' -I -S '{program}' \"$@\"\n", encoding="utf-8")
        client.chmod(0o700)
        command = [sys.executable, __file__, str(folder)]
        pipe = subprocess.PIPE
        process = subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe)
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        atexit.register(process.communicate)
        if process.stdout is None or not process.stdout.readline():
            raise RuntimeError("the server of forks does not start: see its error above")
        return {"ANSIBLE_PYTHON_INTERPRETER": str(client), "MODULE_FORKS": str(folder / "line")}


def _sent(script: bytes) -> bytes:
    """The zip file in a script of Ansible's; empty if there is none."""
    found = _ZIP.search(script)
    return base64.b64decode(found[0]) if found else b""


def _contents(archive: bytes) -> str:
    """The same for zip files that differ only in the time when they were made."""
    if not archive:
        return ""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        parts = sorted((name, hashlib.sha256(opened.read(name)).hexdigest()) for name in opened.namelist())
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _import_all(archive: Path) -> None:
    """Import the libraries in a zip file, not the module that is to run. One that cannot be imported is left out."""
    sys.path.insert(0, str(archive))
    with zipfile.ZipFile(archive) as opened:
        names = [name for name in opened.namelist() if name.endswith(".py")]
    for name in names:
        if not any(folder in name for folder in _RUN_AS_SCRIPT):
            with contextlib.suppress(Exception):
                importlib.import_module(name[:-3].replace("/", ".").removesuffix(".__init__"))
    sys.path.remove(str(archive))


def _place(line: socket.socket) -> _Place:
    """Mask and environment of the client."""
    size = int.from_bytes(line.recv(NUMBER, socket.MSG_WAITALL), sys.byteorder)
    mask, *variables = line.recv(size, socket.MSG_WAITALL).split(b"\0")
    pairs = (entry.partition(b"=") for entry in variables)
    return int(mask), {name: value for name, _sign, value in pairs}


def _started_alike(environment: Mapping[bytes, bytes]) -> bool:
    theirs = {os.fsdecode(name): os.fsdecode(value) for name, value in environment.items()}
    both = {*theirs, *os.environ}
    return all(theirs.get(name) == os.environ.get(name) for name in both if name.startswith(_READ_ON_START))


def _become(place: _Place, streams: list[int], *, forked: bool) -> None:
    """Be the module's process, to its end. The first stream is the script; the folder comes after the streams."""
    mask, environment = place
    *streams, folder = streams
    os.fchdir(folder)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    os.closerange(3, _DESCRIPTORS)
    os.umask(mask)
    if not (forked and _started_alike(environment)):
        os.execve(sys.executable, [sys.executable], environment)
    os.environ.clear()
    os.environb.update(environment)
    with open(0, "rb", closefd=False) as stream:
        script = stream.read()
    sys.argv = [""]
    main = types.ModuleType("__main__")
    sys.modules["__main__"] = main
    _end(_run(script, main.__dict__))


def _run(script: bytes, names: dict[str, Any]) -> int:
    """The exit code of a script, as Python gives it."""
    try:
        exec(compile(script, "<stdin>", "exec", dont_inherit=True), names)
    except SystemExit as ended:
        if ended.code is None or isinstance(ended.code, int):
            return (ended.code or 0) & 255
        print(ended.code, file=sys.stderr)
        return 1
    except BaseException as error:
        traceback.print_exc()
        if isinstance(error, KeyboardInterrupt):
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.kill(os.getpid(), signal.SIGINT)
        return 1
    return 0


def _end(code: int) -> None:
    """End as Python does, but for freeing memory."""
    ending: Any = threading
    ending._shutdown()
    functions: Any = atexit
    functions._run_exitfuncs()
    with contextlib.suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


class Maker:
    """A process that has imported a zip file, and forks a process for each module that has an equal one."""

    def __init__(self, archive: bytes, folder: Path) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._pid = os.fork()
        if self._pid:
            theirs.close()
            return
        os.closerange(3, theirs.fileno())  # else nobody sees the end of what this process holds too
        os.closerange(theirs.fileno() + 1, _DESCRIPTORS)
        if archive:
            path = folder / f"{os.getpid()}.zip"
            path.write_bytes(archive)
            _import_all(path)
        gc.freeze()
        _Children(theirs, forked=bool(archive)).keep()
        os._exit(0)

    def make(self, line: socket.socket, script: bytes, streams: list[int]) -> None:
        """Run a script for the client at the other end of ``line``."""
        with tempfile.TemporaryFile() as file:
            file.write(script)
            file.seek(0)
            socket.send_fds(self._control, [b"."], [line.fileno(), file.fileno(), *streams[1:]])

    def close(self) -> None:
        """End it, and what it still runs."""
        self._control.close()
        os.waitpid(self._pid, 0)


class _Children:
    def __init__(self, control: socket.socket, *, forked: bool) -> None:
        self._control, self._forked = control, forked
        self._running: dict[int, tuple[int, socket.socket]] = {}

    def keep(self) -> None:
        """Fork when told so, tell clients how their process ended, and end what has lost its client."""
        while True:
            lines = {line: process for process, (_pid, line) in self._running.items()}
            ready, _writable, _failed = select.select([self._control, *self._running, *lines], [], [])
            if self._control in ready and not self._begin():
                break
            for process in [one for one in ready if one in self._running]:
                self._ended(process)
            for line in [one for one in ready if lines.get(one) in self._running]:
                os.kill(self._running[lines[line]][0], signal.SIGKILL)
        for pid, _line in self._running.values():
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)

    def _begin(self) -> bool:
        message, descriptors, _flags, _address = socket.recv_fds(self._control, 1, 5)
        if not message:
            return False
        line = socket.socket(fileno=descriptors[0])
        place = _place(line)  # from here on only the end of the client can be read on it
        pid = os.fork()
        if not pid:
            try:
                _become(place, descriptors[1:], forked=self._forked)
            finally:
                os._exit(1)
        for descriptor in descriptors[1:]:
            os.close(descriptor)
        self._running[os.pidfd_open(pid)] = pid, line
        self._tell(line, pid)
        return True

    def _ended(self, process: int) -> None:
        pid, line = self._running.pop(process)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        os.close(process)
        self._tell(line, code)
        line.close()

    @staticmethod
    def _tell(line: socket.socket, number: int) -> None:
        with contextlib.suppress(BrokenPipeError):
            line.sendall(number.to_bytes(NUMBER, sys.byteorder, signed=True))


def _read(stream: int) -> bytes:
    with open(stream, "rb") as opened:
        return opened.read()


def main() -> None:
    """Serve clients on ``line`` in the folder that is the argument, until standard input ends."""
    folder = Path(sys.argv[1])
    sys.path.pop(0)
    makers: dict[str, Maker] = {}
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "line"))
        listener.listen(64)
        print("ready", flush=True)
        while sys.stdin not in (ready := select.select([listener, sys.stdin], [], [])[0]) or listener in ready:
            line, _address = listener.accept()
            with line:
                _byte, streams, _flags, _address = socket.recv_fds(line, 1, 4)
                script = _read(os.dup(streams[0]))
                archive = _sent(script)
                key = _contents(archive)
                if key not in makers:
                    makers[key] = Maker(archive, folder)
                makers[key].make(line, script, streams)
            for stream in streams:
                os.close(stream)
    for maker in makers.values():
        maker.close()


if __name__ == "__main__":
    main()

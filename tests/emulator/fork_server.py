"""Emulators that start at once: a process that has everything imported forks one for each that is asked for.

Each is a process of its own, as `python -m emulator` is; only the start is shared. Without the emulator's requirements
this file is the asking side, `python -m emulator.fork_server` the other.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any


class ForkServer:
    """Starts emulators, for several threads too; ends with the process that made it."""

    def __init__(self, python: str) -> None:
        self._lock = threading.Lock()
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [python, "-m", "emulator.fork_server", str(theirs.fileno())]
        self._process = subprocess.Popen(
            command, cwd=Path(__file__).resolve().parent.parent, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL
        )
        theirs.close()

    def start(self, arguments: list[str]) -> ForkedEmulator:
        """An emulator with these arguments."""
        ours, theirs = socket.socketpair()
        with theirs, self._lock:  # or threads would take each other's answers
            socket.send_fds(self._socket, [json.dumps(arguments).encode()], [theirs.fileno()])
            return ForkedEmulator(int(self._socket.recv(64) or b"0"), ours)

    def close(self) -> None:
        """Start no more."""
        self._socket.close()
        self._process.wait(10)


class ForkedEmulator:
    """One emulator, as much of a ``Popen`` as a test needs: what it prints can be read until it ends."""

    def __init__(self, pid: int, link: socket.socket) -> None:
        self.pid = pid
        self._link = link
        self.stdin: Any = None
        self.stdout: Any = link.makefile("r", encoding="utf-8")

    def terminate(self) -> None:
        """Ask it to end."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self._signal(signal.SIGKILL)

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended. Its exit code is not known: 0."""
        end = None if timeout is None else time.monotonic() + timeout
        while not self._ended(None if end is None else max(0.0, end - time.monotonic())):
            if end is not None and time.monotonic() >= end:
                raise subprocess.TimeoutExpired("emulator", timeout or 0)
        self._link.close()
        return 0

    def _signal(self, number: int) -> None:
        if self._link.fileno() != -1 and not self._ended(0):
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def _ended(self, timeout: float | None) -> bool:
        """Whether its end of the link is closed."""
        ready, _writable, _failed = select.select([self._link], [], [], timeout)
        try:
            return bool(ready) and not self._link.recv(4096)
        except ConnectionError:
            return True


def main() -> int:
    """Fork an emulator for each message, with the socket that comes along as its standard input and output."""
    from .__main__ import main as serve

    control = socket.socket(fileno=int(sys.argv[1]))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        message, links, _flags, _address = socket.recv_fds(control, 65536, 1)
        if not message:
            return 0
        pid = os.fork()
        if pid:
            os.close(links[0])
            control.send(str(pid).encode())
            continue
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        control.close()
        for number in (0, 1):
            os.dup2(links[0], number)
        os.close(links[0])
        sys.argv = ["emulator", *json.loads(message)]
        code = 1
        try:
            code = serve()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)


if __name__ == "__main__":
    sys.exit(main())

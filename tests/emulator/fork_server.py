"""Start emulators fast: a server process that has imported everything forks one emulator for each request.

Each emulator is a separate process, as with `python -m emulator`; only the imports are shared. The classes are the
client and need only the standard library; `python -m emulator.fork_server FD` is the server.
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
    """Client of the fork server. Thread-safe. The server ends with the process that started it."""

    def __init__(self, python: str) -> None:
        self._lock = threading.Lock()
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [python, "-m", "emulator.fork_server", str(theirs.fileno())]
        self._process = subprocess.Popen(
            command, cwd=Path(__file__).resolve().parent.parent, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL
        )
        theirs.close()

    def start(self, arguments: list[str]) -> ForkedEmulator:
        """Fork an emulator with these command-line arguments."""
        ours, theirs = socket.socketpair()
        with theirs, self._lock:  # the answers carry no id: one request at a time
            socket.send_fds(self._socket, [json.dumps(arguments).encode()], [theirs.fileno()])
            return ForkedEmulator(int(self._socket.recv(64) or b"0"), ours)

    def close(self) -> None:
        """End the fork server. Emulators that run are not affected."""
        self._socket.close()
        self._process.wait(10)


class ForkedEmulator:
    """One emulator, with the part of ``subprocess.Popen`` that EmulatorProcess uses."""

    def __init__(self, pid: int, connection: socket.socket) -> None:
        self.pid = pid
        self._connection = connection
        self.stdin: Any = None
        self.stdout: Any = connection.makefile("r", encoding="utf-8")

    def terminate(self) -> None:
        """Send SIGTERM."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """Send SIGKILL."""
        self._signal(signal.SIGKILL)

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended. Returns 0: it is not our child, so its exit code is not known.

        Raises subprocess.TimeoutExpired after `timeout` seconds.
        """
        end = None if timeout is None else time.monotonic() + timeout
        while not self._ended(None if end is None else max(0.0, end - time.monotonic())):
            if end is not None and time.monotonic() >= end:
                raise subprocess.TimeoutExpired("emulator", timeout or 0)
        self._connection.close()
        return 0

    def _signal(self, number: int) -> None:
        if self._connection.fileno() != -1 and not self._ended(0):
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def _ended(self, timeout: float | None) -> bool:
        """Whether it has closed its end of the connection. Waits `timeout` seconds at most; None: without limit."""
        ready, _writable, _failed = select.select([self._connection], [], [], timeout)
        try:
            return bool(ready) and not self._connection.recv(4096)
        except ConnectionError:
            return True


def main() -> int:
    """Fork an emulator for each message. The socket passed with it becomes its standard input and output."""
    from .__main__ import main as serve

    control = socket.socket(fileno=int(sys.argv[1]))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        message, descriptors, _flags, _address = socket.recv_fds(control, 65536, 1)
        if not message:
            return 0
        pid = os.fork()
        if pid:
            os.close(descriptors[0])
            control.send(str(pid).encode())
            continue
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        control.close()
        for number in (0, 1):
            os.dup2(descriptors[0], number)
        os.close(descriptors[0])
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

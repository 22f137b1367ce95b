"""Run modules and other work in forks of one process that has imported everything: the client, and the service itself.

Each connection carries one task as JSON, and its outcome as JSON. The service never grows, so all tasks begin alike.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TextIO, TypeVar

ROOT = Path(__file__).resolve().parents[2]
MODULES = "ansible_collections.aimms.cloud.plugins.modules"
_Self = TypeVar("_Self", bound="ForkService")


class ForkService:
    """The process whose forks run the tasks, and a folder of its own, which is its home too."""

    def __init__(self, program: str, environment: Mapping[str, str], *arguments: str) -> None:
        """:param program: the name of a module that calls ``serve``, with ``arguments`` from its third one on."""
        self.folder = Path(tempfile.mkdtemp(prefix="forks-"))
        self._socket = str(self.folder / "tasks")
        self._process = subprocess.Popen(
            [sys.executable, "-B", "-m", program, self._socket, *arguments],
            cwd=ROOT,
            env={**environment, "HOME": str(self.folder)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def __enter__(self: _Self) -> _Self:
        """Wait until it is ready. Raises RuntimeError if it cannot import what it needs."""
        if self._process.stdout is None or not self._process.stdout.readline():
            raise RuntimeError("the service of forks does not start: see its error above")
        return self

    def __exit__(self, *_error: object) -> None:
        """End it."""
        self._process.communicate()
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, task: Any) -> dict[str, Any] | None:
        """The outcome of a task; None: its process ended without a word."""
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(self._socket)
            with line.makefile("rw", encoding="utf-8") as stream:
                stream.write(json.dumps(task) + "\n")
                stream.flush()
                told = stream.readline()
        return dict(json.loads(told)) if told else None


def serve(work: Callable[[Any], dict[str, Any]]) -> None:
    """Run ``work`` in a fork for each task, on the socket of the first argument, until standard input ends.

    What a task writes to standard error is in ``sys.stderr``, a ``StringIO``.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(sys.argv[1])
        listener.listen(64)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while listener in select.select([listener, sys.stdin], [], [])[0]:
            line, _address = listener.accept()
            if os.fork() == 0:
                try:
                    with line.makefile("rw", encoding="utf-8") as stream:
                        sys.stderr = io.StringIO()
                        stream.write(json.dumps(work(json.loads(stream.readline()))) + "\n")
                finally:
                    os._exit(0)
            line.close()


def call_module(name: str, options: Mapping[str, Any], output: TextIO) -> str:
    """Run a module in this process as Ansible does. Returns how it broke down; empty if it ended as modules do.

    :param output: where its result goes.
    """
    basic: Any = importlib.import_module("ansible.module_utils.basic")
    basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": dict(options)}).encode()
    basic._ANSIBLE_PROFILE = "legacy"
    try:
        with contextlib.redirect_stdout(output):
            importlib.import_module(f"{MODULES}.{name}").main()
    except SystemExit as error:
        return "" if error.code in (0, 1) else f"exit code {error.code}"
    except BaseException:
        return traceback.format_exc().strip().splitlines()[-1][:300]
    return "returned without a result"

"""Run the emulator as a subprocess in tests. Needs only the standard library. Proxy settings are ignored."""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any

from .fork_server import ForkedEmulator, ForkServer

_CHANGING = ("PATCH", "PUT", "DELETE", "POST")


class EmulatorError(Exception):
    """The emulator did not start, or refused a control request."""


class EmulatorProcess:
    """A running emulator: `with EmulatorProcess(generation="legacy", sessions=50) as emulator: ...`.

    Keywords are the options of `python -m tests.emulator` with underscores. `python` (or the environment variable
    AIMMS_EMULATOR_PYTHON) names the interpreter that has the emulator's requirements. A `fork_server` starts it faster.
    """

    def __init__(self, *, python: str | None = None, fork_server: ForkServer | None = None, **options: Any) -> None:
        self._fork_server = fork_server
        self._python = python or os.environ.get("AIMMS_EMULATOR_PYTHON") or sys.executable
        self._options = options
        self._process: subprocess.Popen[str] | ForkedEmulator | None = None
        handlers: list[Any] = [urllib.request.ProxyHandler({})]
        if options.get("tls_cert"):
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            handlers.append(urllib.request.HTTPSHandler(context=context))
        self._opener = urllib.request.build_opener(*handlers)
        self.url = self.admin_key = self.user_key = self.tasks_key = self.session_key = self.second_key = ""

    def __enter__(self) -> EmulatorProcess:
        """Start, and wait until it is ready."""
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()

    def start(self) -> EmulatorProcess:
        """Start, and wait until it is ready. Raises EmulatorError if it exits before that."""
        arguments = ["--stop-with-stdin", *_command_line(self._options)]
        self._process = self._fork_server.start(arguments) if self._fork_server else self._spawn(arguments)
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            raise EmulatorError(f"the emulator did not start; exit code {self._process.wait()}")
        for name, value in json.loads(line).items():
            setattr(self, name, value)
        return self

    def _spawn(self, arguments: list[str]) -> subprocess.Popen[str]:
        """Start an interpreter of its own."""
        command = [self._python, "-m", "emulator", *arguments]
        folder = Path(__file__).resolve().parent.parent
        return subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def stop(self) -> int:
        """Stop it, by SIGKILL after 10 seconds, and return the exit code. Returns 0 if it does not run."""
        if self._process is None:
            return 0
        self._process.terminate()
        try:
            code = self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait(10)
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        self._process = None
        return code

    @property
    def pid(self) -> int:
        """The process id; 0 while it does not run."""
        return self._process.pid if self._process else 0

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Send a request to the control API and return its JSON. Raises EmulatorError with the message of an error."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + "/_emulator" + path, data=data, method=method)
        try:
            with self._opener.open(request, timeout=60) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                raise EmulatorError(f"{method} {path}: {error.code} {error.read().decode()}") from None

    def begin(self, **account: Any) -> Any:
        """Another account in place of this one, of `settings`, `sessions`, `faults` and `actors`. Returns its sessions.

        It saves a new process: nothing stays but the clock and the keys.
        """
        return self.control("POST", "/begin", account)

    def state(self, *, summary: bool = False) -> Any:
        """The account: `sessions` by id, `tasks` (indexes by id), `removed`, `record_destroyed`, `stopped_schedules`,
        `settings`, `now`, `count`, `active`.

        A `summary` has no `sessions`, `tasks` and `removed`.
        """
        return self.control("GET", "/state?summary=1" if summary else "/state")

    def session(self, session_id: str) -> Any:
        """One session as the state has it."""
        return self.control("GET", f"/sessions/{session_id}")

    def requests(self) -> Any:
        """The request log."""
        return self.control("GET", "/requests")

    def changes(self) -> Any:
        """The PATCH, PUT, DELETE and POST requests of the log."""
        return [entry for entry in self.requests() if entry["method"] in _CHANGING]

    def clear_requests(self) -> None:
        """Empty the request log."""
        self.control("DELETE", "/requests")

    def fault(self, kind: str, **values: Any) -> None:
        """Add a fault."""
        self.control("POST", "/faults", {"kind": kind, **values})

    def faults(self) -> Any:
        """The active faults, each with the number of requests it affected (`hits`)."""
        return self.control("GET", "/faults")

    def clear_faults(self) -> None:
        """Remove every fault."""
        self.control("DELETE", "/faults")

    def actor(self, kind: str, **values: Any) -> None:
        """Add another actor: somebody who also changes sessions."""
        self.control("POST", "/actors", {"kind": kind, **values})

    def actors(self) -> Any:
        """The other actors, each with what it did (`hits`, `did`)."""
        return self.control("GET", "/actors")

    def clear_actors(self) -> None:
        """Remove the other actors."""
        self.control("DELETE", "/actors")

    def add_session(self, **values: Any) -> Any:
        """Add a session (or `count` of them) and return it as the state has it."""
        return self.control("POST", "/sessions", values)

    def update_session(self, session_id: str, **values: Any) -> Any:
        """Change a session and return it."""
        return self.control("PATCH", f"/sessions/{session_id}", values)

    def remove_session(self, session_id: str) -> None:
        """Remove a session from the account."""
        self.control("DELETE", f"/sessions/{session_id}")

    def set(self, **values: Any) -> Any:
        """Change settings and return all of them."""
        return self.control("POST", "/settings", values)

    def tick(self, seconds: float = 0.0, **values: Any) -> None:
        """Move the clock forward. `freeze=True` stops it, `freeze=False` lets it run again."""
        self.control("POST", "/tick", {"seconds": seconds, **values})


def _command_line(options: dict[str, Any]) -> list[str]:
    """Command-line options from keywords; None and False are left out."""
    made = []
    for name, value in options.items():
        flag = "--" + name.replace("_", "-")
        if value is True:
            made.append(flag)
        elif value is not None and value is not False:
            made.extend([flag, str(value)])
    return made

"""Run modules against hostile servers, each in a process of its own. `runs.py` starts this file as a program.

Each connection sends one cell as JSON and gets its outcome. Each cell is a fork of this process, which has imported all
modules and never grows, so its memory at the start is always the same.
"""

from __future__ import annotations

import importlib
import io
import json
import os
import resource
import select
import signal
import socket
import sys
import time
import traceback
from pathlib import Path
from typing import Any

MODULES = {
    "document": "aimms_session_info",
    "list": "aimms_session_info",
    "get": "aimms_session_info",
    "change": "aimms_session_terminate",
    "log": "aimms_session_log_info",
    "download": "aimms_session_log_download",
    "tasks": "aimms_task_info",
}
_NAMESPACE = "ansible_collections.aimms.cloud.plugins.modules"
_MOST_MEMORY = 2 << 30
_LONGEST_TEXT = 1000


def _status(name: str) -> float:
    """A memory figure of this process in MiB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1]) / 1024


def kept_waiting() -> float:
    """Seconds for which this process waited for a processor; 0 if the system does not tell."""
    try:
        return int(Path("/proc/self/schedstat").read_text().split()[1]) / 1e9
    except (OSError, IndexError):
        return 0.0


def _call(module: str, options: dict[str, Any], output: Path) -> dict[str, Any]:
    """Run the module in this process as Ansible does, with its output in a file. Returns how it ended."""
    basic: Any = importlib.import_module("ansible.module_utils.basic")
    basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": options}).encode()
    basic._ANSIBLE_PROFILE = "legacy"
    main = importlib.import_module(f"{_NAMESPACE}.{module}").main
    ended = "returned without a result"
    with output.open("w", encoding="utf-8") as sys.stdout:
        try:
            main()
        except SystemExit as error:
            ended = "" if error.code in (0, 1) else f"exit code {error.code}"
        except BaseException:
            ended = traceback.format_exc().strip().splitlines()[-1]
    return {"crash": ended[:300]}


def _read(output: Path) -> dict[str, Any]:
    """Parse the module's output."""
    try:
        return facts_of(json.loads(output.read_text(encoding="utf-8")))
    except ValueError:
        return {"readable": False}


def facts_of(result: dict[str, Any]) -> dict[str, Any]:
    """The parts of a result that are checked, shortened."""
    known = {name: result[name] for name in ("failed", "complete", "count", "changed") if name in result}
    sessions = result.get("sessions")
    return known | {
        "readable": True,
        "msg": str(result.get("msg", ""))[: _LONGEST_TEXT + 1],
        "results": [entry.get("result") for entry in (sessions or [])[:5] if isinstance(entry, dict)],
        "warnings": [_text(warning)[: _LONGEST_TEXT + 1] for warning in result.get("warnings", [])[:100]],
        "files": len(result.get("files") or ()),
    }


def _text(warning: Any) -> str:
    """The text of a warning: since ansible-core 2.19 it is an object."""
    event = warning.get("event", {}) if isinstance(warning, dict) else {}
    return str(event.get("msg", warning))


def _child(cell: dict[str, Any]) -> dict[str, Any]:
    """Run a cell in its fork. It is killed after ``patience`` seconds."""
    signal.alarm(cell["patience"])
    _soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    before, begun = _status("VmHWM"), time.monotonic() - kept_waiting()
    output = Path(cell["folder"]) / "output.json"
    facts = _call(MODULES[cell["route"]], cell["options"], output)
    facts.update(seconds=time.monotonic() - kept_waiting() - begun, grown=_status("VmHWM") - before)
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
    return facts | _read(output)


def _serve(line: socket.socket) -> None:
    """Read a cell from the connection, run it, and write its outcome."""
    with line.makefile("rw", encoding="utf-8") as stream:
        cell = json.loads(stream.readline())
        try:
            facts = _child(cell)
        except BaseException as error:
            facts = {"crash": repr(error)[:300], "readable": False}
        stream.write(json.dumps(facts) + "\n")


def main() -> None:
    """Serve cells on the socket of the first argument until standard input ends."""
    for module in set(MODULES.values()):
        importlib.import_module(f"{_NAMESPACE}.{module}")
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
                    sys.stderr = io.StringIO()
                    _serve(line)
                finally:
                    os._exit(0)
            line.close()


if __name__ == "__main__":
    main()

"""Run modules against hostile servers, each in a fork of this program, which `runs.py` starts.

The program has imported all modules and never grows, so the memory of a cell at its start is always the same.
"""

from __future__ import annotations

import importlib
import json
import resource
import signal
import time
from pathlib import Path
from typing import Any

from ..fork_service import MODULES as NAMESPACE
from ..fork_service import call_module, serve

MODULES = {
    "document": "aimms_session_info",
    "list": "aimms_session_info",
    "get": "aimms_session_info",
    "change": "aimms_session_terminate",
    "log": "aimms_session_log_info",
    "download": "aimms_session_log_download",
    "tasks": "aimms_task_info",
}
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
    with output.open("w", encoding="utf-8") as file:
        facts: dict[str, Any] = {"crash": call_module(MODULES[cell["route"]], cell["options"], file)}
    facts.update(seconds=time.monotonic() - kept_waiting() - begun, grown=_status("VmHWM") - before)
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
    return facts | _read(output)


def _outcome(cell: dict[str, Any]) -> dict[str, Any]:
    try:
        return _child(cell)
    except BaseException as error:
        return {"crash": repr(error)[:300], "readable": False}


def main() -> None:
    """Serve cells until standard input ends."""
    for module in set(MODULES.values()):
        importlib.import_module(f"{NAMESPACE}.{module}")
    serve(_outcome)


if __name__ == "__main__":
    main()

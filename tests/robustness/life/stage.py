"""Run modules, the lookup and the event source, each in a fork of this program, which `runs.py` starts.

The outcome of a task is its result, and all that was printed. With a name of `unguarded.py` as the second argument,
that guard is taken out.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import io
import json
import os
import re
import signal
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from ..fork_service import MODULES, call_module, serve
from .cleanup import run as clean_up
from .cleanup import specification
from .unguarded import take_out

_MODULES = {
    **dict.fromkeys(("terminate", "by id", "plan", "gentle", "policies"), "aimms_session_terminate"),
    "interrupt": "aimms_task_interrupt",
    **dict.fromkeys(("delete tasks", "plan of tasks"), "aimms_task_delete"),
    "archive": "aimms_session_log_download",
    "delete": "aimms_session_delete",
    "info": "aimms_session_info",
    "info by id": "aimms_session_info",
}
_PLUGINS = "ansible_collections.aimms.cloud.plugins"
_PATIENCE = 240
_SPECIFICATION: dict[str, Any] = {}
_WARNING = re.compile(r"\[WARNING\]: (.*)")


def _module(name: str, options: dict[str, Any]) -> dict[str, Any]:
    """Run a module as Ansible does. Returns its result, or how it broke down.

    Here, beside the code of Ansible's own process, a module prints its warnings.
    """
    output = io.StringIO()
    broken = call_module(name, options, output)
    try:
        result = json.loads(output.getvalue())
    except ValueError:
        return {"result": None, "broken": broken or "no JSON", "output": output.getvalue()}
    warnings = _WARNING.findall(_printed())
    return {"result": {**result, **({"warnings": warnings} if warnings else {})}, "broken": broken,
            "output": output.getvalue()}  # fmt: skip


def _printed() -> str:
    """What this task has written to standard error."""
    return sys.stderr.getvalue() if isinstance(sys.stderr, io.StringIO) else ""


def _lookup(options: dict[str, Any]) -> dict[str, Any]:
    """Run the lookup as a template does. Its result has the sessions, or the message."""
    display: Any = importlib.import_module("ansible.utils.display").Display()
    warnings: list[str] = []
    with contextlib.suppress(AttributeError):
        display.__class__.warning = lambda _self, text, *_more, **_others: warnings.append(str(text))
    loader: Any = importlib.import_module("ansible.plugins.loader").lookup_loader
    try:
        terms = options.pop("kinds", [])
        found = loader.get("aimms.cloud.aimms_session").run(terms, variables={}, **options)
        result = {"sessions": found, "warnings": warnings, "failed": False}
        return {"result": result, "broken": "", "output": json.dumps(result)}
    except Exception as error:
        text = f"{error}"
        result = {"failed": True, "msg": text, "warnings": warnings}
        unexpected = not type(error).__module__.startswith("ansible")
        return {"result": result, "broken": repr(error) if unexpected else "", "output": f"{text} {warnings}"}


def _ready(options: dict[str, Any]) -> dict[str, Any]:
    """What the retention role deletes after it has saved logs: its own step decides."""
    step: Any = importlib.import_module(f"{_PLUGINS}.plugin_utils.role_outcomes").with_saved_log
    result = step({"role": "session_retention"}, options["records"], options["logs"])
    return {"result": result, "broken": "", "output": json.dumps(result)}


def _notice(task: dict[str, Any]) -> dict[str, Any]:
    """Run the cleanup role."""
    seen: list[dict[str, Any]] = []

    def module(options: dict[str, Any]) -> dict[str, Any]:
        seen.append(_module(_MODULES["policies"], options))
        return seen[-1]["result"] or {"failed": True, "msg": seen[-1]["broken"]}

    told = clean_up(task, _SPECIFICATION, module)
    broken = next((one["broken"] for one in seen if one["broken"]), "")
    return {**told, "broken": broken, "output": told["output"] + "".join(one["output"] for one in seen)}


class _Paused(Exception):
    """There is nothing more to happen."""


class _Looks:
    """The looks of an event source. Between two of them, what the case wants happens in the account."""

    def __init__(self, control: str, steps: list[list[list[Any]]], log: io.StringIO) -> None:
        """:param steps: before each further look, requests of the emulator's control API; `WAIT` takes seconds."""
        self.made: list[dict[str, Any]] = []
        self._control, self._steps, self._log = control, steps, log
        self._begin()

    def _begin(self) -> None:
        self._log.seek(0)
        self._log.truncate()
        self.made.append({"told": [], "state": self._request("GET", "/state", None)})

    def end(self, failure: str = "") -> None:
        """Note what a look said. :param failure: it was the last one, as the source has ended."""
        text = self._log.getvalue()
        failed = bool(failure) or " ERROR" in text or "ERROR:" in text
        self.made[-1] |= {"log": text.splitlines(), "failed": failed, "ended": bool(failure)}

    async def put(self, event: Any) -> None:
        """As a queue of ansible-rulebook."""
        self.made[-1]["told"].append(event["session"])

    async def pause(self, _seconds: float) -> None:
        """Instead of ``asyncio.sleep``."""
        self.end()
        if not self._steps:
            raise _Paused
        for method, path, body in self._steps.pop(0):
            if method == "WAIT":
                time.sleep(body)
            else:
                with contextlib.suppress(urllib.error.HTTPError):  # somebody else may have removed the session
                    self._request(method, path, body)
        self._begin()

    def _request(self, method: str, path: str, body: Any) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._control + path, data=data, method=method)
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as answer:
            return json.loads(answer.read())


def _source(options: dict[str, Any], path: str, control: str, steps: list[list[list[Any]]]) -> dict[str, Any]:
    """Run the event source for some looks. Its result has the sessions of the events of the last one, and all looks."""
    log = io.StringIO()
    logging: Any = importlib.import_module("logging")
    logging.basicConfig(stream=log, level=logging.INFO)
    code: dict[str, Any] = {"__name__": "stale_sessions", "__file__": path}
    exec(compile(Path(path).read_text(encoding="utf-8"), path, "exec"), code)
    looks, failure = _Looks(control, steps, log), ""

    async def all_looks() -> None:
        code["asyncio"] = _Asyncio(looks.pause)
        await code["main"](looks, {"interval": 1, **options})

    try:
        asyncio.run(all_looks())
    except _Paused:
        pass
    except Exception as error:
        failure = str(error) or repr(error)
        looks.end(failure)
    last = looks.made[-1]
    text = "\n".join(last["log"])
    result = {"failed": last["failed"], "msg": failure or text[-2000:], "warnings": last["log"], "looks": looks.made}
    if not last["failed"]:
        result["sessions"] = last["told"]
    broken = failure if failure.startswith(("Traceback", "KeyError", "TypeError", "AttributeError")) else ""
    said = [[look["log"], look["told"]] for look in looks.made]
    return {"result": result, "broken": broken, "output": f"{failure} {json.dumps(said)}"}


class _Asyncio:
    """The module asyncio with another sleep."""

    def __init__(self, sleep: Any) -> None:
        self.sleep = sleep

    def __getattr__(self, name: str) -> Any:
        return getattr(asyncio, name)


def _run(task: dict[str, Any]) -> dict[str, Any]:
    """Run a task in its fork."""
    signal.alarm(_PATIENCE)
    os.environ.update(task["environment"])
    entry, options = task["entry"], task["options"]
    if entry == "lookup":
        return _lookup(options)
    if entry == "notice":
        return _notice(task)
    if entry in ("source", "events"):
        return _source(options, task["source"], task["control"], task["steps"])
    return _ready(options) if entry == "ready" else _module(_MODULES[entry], options)


def _outcome(task: dict[str, Any]) -> dict[str, Any]:
    try:
        told = _run(task)
    except BaseException as error:
        told = {"result": None, "broken": repr(error)[:300], "output": ""}
    told["output"] += _printed()
    return told


def _prepare(collections: str, without: str) -> None:
    """Import everything once; take one guard out."""
    plugins: Any = importlib.import_module("ansible.plugins.loader")
    with contextlib.suppress(AttributeError):
        plugins.init_plugin_loader([collections])
    for name in sorted(set(_MODULES.values())):
        importlib.import_module(f"{MODULES}.{name}")
    plugins.lookup_loader.get("aimms.cloud.aimms_session")
    names = ("sessions.watch", "sessions.terminate", "sessions.delete", "sessions.info", "logs.quiet", "logs.newest")
    for name in (
        *(f"module_utils.{name}" for name in names),
        "plugin_utils.role_outcomes",
        "plugin_utils.notices.run",
        "plugin_utils.role_texts",
    ):
        with contextlib.suppress(ImportError):
            importlib.import_module(f"{_PLUGINS}.{name}")
    _SPECIFICATION.update(specification())
    if without:
        take_out(without)


def main() -> None:
    """Serve tasks until standard input ends."""
    _prepare(os.environ["PYTHONPATH"].split(os.pathsep)[0], (sys.argv[2:] or [""])[0])
    serve(_outcome)


if __name__ == "__main__":
    main()

"""Run modules, the lookup and the event source, each in a fork of this process, which `runs.py` starts.

Each connection sends one task as JSON and gets its outcome: the result, and all that was printed. With a name of
`unguarded.py` as the second argument, that guard is taken out.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import io
import json
import os
import runpy
import select
import signal
import socket
import sys
import traceback
from pathlib import Path
from typing import Any

_MODULES = {
    "terminate": "aimms_session_terminate",
    "by id": "aimms_session_terminate",
    "plan": "aimms_session_terminate",
    "delete": "aimms_session_delete",
    "info": "aimms_session_info",
    "info by id": "aimms_session_info",
}
_PLUGINS = "ansible_collections.aimms.cloud.plugins"
_PATIENCE = 240


def _module(name: str, options: dict[str, Any]) -> dict[str, Any]:
    """Run a module as Ansible does. Returns its result, or how it broke down."""
    basic: Any = importlib.import_module("ansible.module_utils.basic")
    basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": options}).encode()
    basic._ANSIBLE_PROFILE = "legacy"
    broken, output = "returned without a result", io.StringIO()
    with contextlib.redirect_stdout(output):
        try:
            importlib.import_module(f"{_PLUGINS}.modules.{name}").main()
        except SystemExit as error:
            broken = "" if error.code in (0, 1) else f"exit code {error.code}"
        except BaseException:
            broken = traceback.format_exc().strip().splitlines()[-1]
    try:
        return {"result": json.loads(output.getvalue()), "broken": broken, "output": output.getvalue()}
    except ValueError:
        return {"result": None, "broken": broken or "no JSON", "output": output.getvalue()}


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


def _source(options: dict[str, Any], path: str) -> dict[str, Any]:
    """Run the event source for one look. Its result has the sessions of its events."""
    log = io.StringIO()
    logging: Any = importlib.import_module("logging")
    logging.basicConfig(stream=log, level=logging.INFO)
    code: dict[str, Any] = {"__name__": "stale_sessions", "__file__": path}
    exec(compile(Path(path).read_text(encoding="utf-8"), path, "exec"), code)
    told: list[Any] = []

    class Paused(Exception):
        pass

    async def one_look() -> None:
        class Queue:
            async def put(self, event: Any) -> None:
                told.append(event["session"])

        async def pause(_seconds: float) -> None:
            raise Paused

        code["asyncio"] = _Asyncio(pause)
        await code["main"](Queue(), {"interval": 1, **options})

    failure = ""
    try:
        asyncio.run(one_look())
    except Paused:
        pass
    except Exception as error:
        failure = str(error) or repr(error)
    text = log.getvalue()
    failed = bool(failure) or " ERROR" in text or "ERROR:" in text
    result = {"failed": failed, "msg": failure or text[-2000:], "warnings": text.splitlines()}
    if not failed:
        result["sessions"] = told
    broken = failure if failure.startswith(("Traceback", "KeyError", "TypeError", "AttributeError")) else ""
    return {"result": result, "broken": broken, "output": f"{failure} {text} {json.dumps(told)}"}


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
    if entry == "source":
        return _source(options, task["source"])
    return _module(_MODULES[entry], options)


def _serve(line: socket.socket) -> None:
    with line.makefile("rw", encoding="utf-8") as stream:
        task = json.loads(stream.readline())
        errors = io.StringIO()
        sys.stderr = errors
        try:
            told = _run(task)
        except BaseException as error:
            told = {"result": None, "broken": repr(error)[:300], "output": ""}
        told["output"] += errors.getvalue()
        stream.write(json.dumps(told) + "\n")


def _prepare(collections: str, without: str) -> None:
    """Import everything once; take one guard out."""
    plugins: Any = importlib.import_module("ansible.plugins.loader")
    with contextlib.suppress(AttributeError):
        plugins.init_plugin_loader([collections])
    for name in sorted(set(_MODULES.values())):
        importlib.import_module(f"{_PLUGINS}.modules.{name}")
    plugins.lookup_loader.get("aimms.cloud.aimms_session")
    for name in ("sessions.watch", "sessions.terminate", "sessions.delete", "sessions.info", "logs.quiet"):
        with contextlib.suppress(ImportError):
            importlib.import_module(f"{_PLUGINS}.module_utils.{name}")
    if without:
        code = runpy.run_path(str(Path(__file__).with_name("unguarded.py")))
        code["take_out"](without)


def main() -> None:
    """Serve tasks on the socket of the first argument until standard input ends."""
    _prepare(os.environ["PYTHONPATH"].split(os.pathsep)[0], (sys.argv[2:] or [""])[0])
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
                    _serve(line)
                finally:
                    os._exit(0)
            line.close()


if __name__ == "__main__":
    main()

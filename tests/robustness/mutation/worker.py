"""Test mutants one by one: reads each as a line of JSON, and writes its verdict as a line.

Each runs in a fork of this process, which has already imported pytest and everything that is not under test. An import
hook provides the mutated text; no file is changed. Runs as a program in a copy of the tree.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import random
import resource
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from types import CodeType, ModuleType
from typing import Any

import pytest

PACKAGE = "ansible_collections.aimms.cloud.plugins.module_utils"
KILLED, SURVIVED, TIMED_OUT, BROKEN = "killed", "survived", "timed out", "broken"
_CPU_SECONDS, _WALL_SECONDS = 6, 60
_MEMORY = 4 * 2**30
_OPTIONS = ("-p", "no:cacheprovider", "--assert=plain", "--import-mode=importlib")
_TESTS_FAILED_TO_RUN = (pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.NO_TESTS_COLLECTED)


class _Mutated(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Import hook that provides the mutated text of one module."""

    def __init__(self, name: str, text: str) -> None:
        self._name, self._text = name, text

    def find_spec(self, name: str, path: object, target: object = None) -> importlib.machinery.ModuleSpec | None:
        return importlib.util.spec_from_loader(name, self) if name == self._name else None

    def exec_module(self, module: ModuleType) -> None:
        code: CodeType = compile(self._text, f"<mutated {self._name}>", "exec")
        exec(code, module.__dict__)


def _test(task: dict[str, Any]) -> int:
    """Run the tests of a task against its text, in this process."""
    random.seed(1)
    sys.meta_path.insert(0, _Mutated(f"{PACKAGE}.{task['module'].replace('/', '.')}", task["text"]))
    return int(pytest.main(["-x", "-q", *_OPTIONS, *task["tests"]]))


def _try(task: dict[str, Any]) -> str:
    """Run the tests in a fork with limited time and memory. Returns the verdict."""
    child = os.fork()
    if not child:
        status = 3
        with suppress(BaseException):
            os.setsid()
            resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS + 1))
            resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
            nowhere = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1, 2):
                os.dup2(nowhere, stream)
            status = _test(task)
        os._exit(status)
    end = time.monotonic() + _WALL_SECONDS
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return _verdict(status)
        time.sleep(0.004)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return TIMED_OUT


def _verdict(status: int) -> str:
    if os.WIFSIGNALED(status):
        return TIMED_OUT if os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGKILL) else KILLED
    code = os.WEXITSTATUS(status)
    return SURVIVED if code == pytest.ExitCode.OK else BROKEN if code in _TESTS_FAILED_TO_RUN else KILLED


def _prepare(tests: Sequence[str]) -> None:
    """Import all modules that the tests need except the collection's. A fork collects the tests to find them."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        sys.stdout = sys.stderr
        pytest.main(["-q", *_OPTIONS, "--collect-only", "-qq", *tests])
        with os.fdopen(writing, "w") as out:
            json.dump(list(sys.modules), out)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        names = json.load(answer)
    os.waitpid(child, 0)
    for name in names:
        if not name.startswith(("ansible_collections", "tests.", "test_", "conftest", "__")):
            with suppress(Exception):
                importlib.import_module(name)


def main() -> None:
    """The first line of input has the paths of all tests, each further one `module`, `text` and `tests` of a mutant."""
    _prepare(json.loads(sys.stdin.readline()))
    for line in sys.stdin:
        print(json.dumps(_try(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()

"""The event source in ansible-rulebook, which needs Java and an environment of its own."""

from __future__ import annotations

import re
import shutil
import subprocess

from .checks import Bench
from .pythons import Python
from .schedule import Gate, Log, Skipped
from .workspace import Space, Venv, requirement_lines

JAVA = 17
_MINORS = (12, 13, 11)


def rulebooks(pythons: dict[int, Python], core: str) -> list[Gate]:
    """The gates of the event source; one that says why when Java or a fitting Python is missing.

    :param core: the requirement that gives ansible-core.
    """
    python = next((pythons[minor] for minor in _MINORS if minor in pythons), None)
    if python is None:
        return [Gate("rulebooks", "rulebook", "rulebook", _no_python)]
    lines = [core, *requirement_lines("tests/requirements/rulebook.txt", "tests/requirements/emulator.txt")]
    bench = Bench(Space("rulebook"), Venv("rulebook", python, lines), (python,))
    first = Gate(
        "environment of ansible-rulebook", "rulebook", "rulebook", lambda log: _prepare(bench, log), prepares=True
    )
    return [first, Gate("rulebooks", "rulebook", "rulebook", lambda log: _run(bench, log))]


def java_version() -> int | None:
    """The major version of the Java on the path; None without one."""
    tool = shutil.which("java")
    done = subprocess.run([tool, "-version"], capture_output=True, text=True, check=False) if tool else None
    found = re.search(r'version "(\d+)', done.stderr + done.stdout) if done else None
    return int(found.group(1)) if found else None


def _no_python(_log: Log) -> None:
    raise Skipped("ansible-rulebook needs Python 3.11 to 3.13, and none is here")


def _java() -> None:
    version = java_version()
    if version is None or version < JAVA:
        raise Skipped(f"ansible-rulebook needs Java {JAVA}; here is {version or 'none'}")


def _prepare(bench: Bench, log: Log) -> None:
    _java()
    bench.prepare(log)


def _run(bench: Bench, log: Log) -> None:
    _java()
    bench.pytest(log, "tests/e2e/rulebook")

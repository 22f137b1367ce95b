"""Which Pythons this machine has, and which ansible-core each test run uses."""

from __future__ import annotations

import json
import os
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

MINORS = range(9, 15)
OLDEST_TARGET = 9
PREFERRED = 12
SYSTEM = Path("/usr/bin")  # distributions optimise with a profile: a fifth faster than what pyenv builds
# ansible-core, first and last Python 3.x that it runs on as a controller
CONTROLLERS = (
    ("2.16", 10, 12),
    ("2.17", 10, 12),
    ("2.18", 11, 13),
    ("2.19", 11, 13),
    ("2.20", 12, 14),
    ("2.21", 12, 14),
)

_PROBE = """
import importlib.util, json, sys
has = lambda name: importlib.util.find_spec(name) is not None
executable = getattr(sys, "_base_executable", sys.executable)
print(json.dumps([sys.version_info[1], executable, *map(has, ("venv", "pip", "ensurepip"))]))
"""


class NoPython(Exception):
    """No Python here can run ansible-core."""


@dataclass(frozen=True)
class Python:
    """An interpreter that was seen to run."""

    minor: int
    path: Path
    has_pip: bool
    has_ensurepip: bool

    @property
    def version(self) -> str:
        """As ansible-test writes it: 3.12."""
        return f"3.{self.minor}"


@dataclass(frozen=True)
class Pair:
    """An ansible-core and the Python it runs on."""

    core: str
    python: Python

    def __str__(self) -> str:
        return f"ansible-core {self.core} on Python {self.python.version}"


def _candidates(minor: int) -> list[Path]:
    """Where python3.<minor> may be: the system's, pyenv's own versions (its shims fail if none is chosen), others."""
    entries = [Path(entry) for entry in os.environ.get("PATH", "").split(os.pathsep) if entry]
    roots = [Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")]
    roots += [entry.parent for entry in entries if entry.name == "shims"]
    found: list[Path] = [SYSTEM]
    for root in roots:
        with suppress(OSError):  # another user's
            found += sorted(root.glob(f"versions/3.{minor}.*/bin"))
    found += [*entries, Path("/usr/local/bin")]
    return [path / f"python3.{minor}" for path in found if path.name != "shims"]


def _probe(path: Path) -> Python | None:
    """The interpreter behind ``path`` (of an environment: the one it was made from); None if it can make none."""
    try:
        done = subprocess.run([path, "-I", "-c", _PROBE], capture_output=True, timeout=60, check=True)
        minor, executable, has_venv, has_pip, has_ensurepip = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return Python(minor, Path(executable), has_pip, has_ensurepip) if has_venv else None


@cache
def find() -> dict[int, Python]:
    """The Pythons of this machine by minor version, lowest first."""
    found: dict[int, Python] = {}
    for minor in MINORS:
        for path in _candidates(minor):
            python = _probe(path) if path.exists() else None
            if python and python.path.name.startswith("python"):
                found[minor] = python
                break
    return found


def _host(pythons: dict[int, Python], first: int, last: int) -> Python | None:
    hosts = [minor for minor in pythons if first <= minor <= last]
    if not hosts:
        return None
    own = [minor for minor in hosts if pythons[minor].path.parent == SYSTEM]
    return pythons[max(own) if own else PREFERRED if PREFERRED in hosts else max(hosts)]


def choose(pythons: dict[int, Python], *, every: bool = False) -> list[Pair]:
    """The oldest and the newest ansible-core that the given Pythons can host; one pair if they are the same.

    :param every: all that they can host, the oldest first.
    """
    hosted = [(core, _host(pythons, first, last)) for core, first, last in CONTROLLERS]
    pairs = [Pair(core, python) for core, python in hosted if python]
    if not pairs:
        raise NoPython(
            "No Python 3.10 to 3.14 with the venv module was found. On Debian or Ubuntu: apt install python3-venv"
        )
    return pairs if every else list(dict.fromkeys((pairs[0], pairs[-1])))


def lacking() -> str:
    """The Debian package without which no environment can be made here, after a blank; empty if none is missing."""
    pythons = find()
    hosts = [_host(pythons, first, last) for _core, first, last in CONTROLLERS]
    able = any(python.has_pip or python.has_ensurepip for python in pythons.values())
    return "" if any(hosts) and able else " python3-venv"


def lowest_target(pythons: dict[int, Python], pair: Pair) -> Python:
    """The oldest Python here that modules must run on."""
    return min((python for minor, python in pythons.items() if minor <= pair.python.minor), key=lambda item: item.minor)


if __name__ == "__main__":
    print(lacking(), end="")

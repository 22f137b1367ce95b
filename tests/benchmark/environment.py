"""The environment of the benchmark, made in the same way as for `make test`, and facts about the machine."""

from __future__ import annotations

import fcntl
import importlib.util
import os
import platform
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

from ..gates.plan import newest_bench
from ..gates.schedule import Log
from ..gates.workspace import BUILD, LOGS

_MARK = "AIMMS_BENCHMARK"
_NAME = Path("ansible_collections/aimms/cloud/plugins")


def is_here() -> bool:
    """Whether this Python has the requirements, and Ansible finds the collection."""
    paths = os.environ.get("ANSIBLE_COLLECTIONS_PATH", "").split(os.pathsep)
    found = any((Path(entry) / _NAME).is_dir() for entry in paths if entry)
    return found and all(importlib.util.find_spec(name) for name in ("ansible", "requests", "uvicorn"))


def run_there(arguments: list[str]) -> int:
    """Make the environment of the newest ansible-core, and run the same command in it. Returns its exit status."""
    if os.environ.get(_MARK):
        raise SystemExit("the environment of the benchmark lacks ansible-core, requests or the emulator's needs")
    bench = newest_bench()
    BUILD.mkdir(exist_ok=True)
    with (BUILD / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise SystemExit("Another run is under way in this checkout.") from None
        print(f"Environment: {bench.venv.name}", flush=True)
        bench.prepare(Log(LOGS / "benchmark-environment.log"))
        variables = bench.space.environment(bench.venv, *bench.pythons)
        command = [str(bench.venv.bin / "python"), "-B", "-m", "tests.benchmark", *arguments]
        return subprocess.call(command, cwd=bench.space.collection, env={**variables, _MARK: "1"})


def machine() -> dict[str, Any]:
    """Facts about the machine, for the head of the tables."""
    memory = Path("/proc/meminfo")
    total = int(memory.read_text().split()[1]) / 1024 / 1024 if memory.exists() else 0.0
    return {
        "cores": cores(),
        "memory GiB": round(total, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "Python": platform.python_version(),
        **{name: metadata.version(name) for name in ("ansible-core", "requests", "urllib3")},
        "uvloop in the emulator": importlib.util.find_spec("uvloop") is not None,
        "load at the start": round(os.getloadavg()[0], 1),
    }


def cores() -> int:
    """The number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def python() -> str:
    """This interpreter."""
    return sys.executable

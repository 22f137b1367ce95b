"""What all cases use: a folder, sizes, plays and commands."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable, TypeVar

from ..emulator.process import EmulatorProcess
from .measure import ROUNDS, Contender, Measured, in_turn
from .servers import counted
from .stopwatch import Sample, timed

HERE = Path(__file__).resolve().parent
T = TypeVar("T")
Task = dict[str, Any]
_DROPPED = ("ANSIBLE_", "AIMMS_", "PYTEST_")
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


def environment(folder: Path, collections: str) -> dict[str, str]:
    """The environment of all commands: the caller's without variables that change Ansible."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(_DROPPED) and name.lower() not in _PROXIES
    }
    return kept | {
        "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
        "ANSIBLE_COLLECTIONS_PATH": collections,
        "ANSIBLE_LIBRARY": str(HERE / "library"),
        "ANSIBLE_LOCAL_TEMP": str(folder / "local"),
        "ANSIBLE_REMOTE_TEMP": str(folder / "remote"),
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_NOCOLOR": "1",
        "PYTHONPATH": str(HERE / "memory"),
        "LC_ALL": "C.UTF-8",
    }


@dataclass
class Bench:
    """Sizes and tools of one run. ``quick``: tiny sizes and one round, to check that everything works."""

    folder: Path
    quick: bool
    rounds: int = ROUNDS
    collections: str = field(default_factory=lambda: os.environ.get("ANSIBLE_COLLECTIONS_PATH", ""))
    tell: Callable[[str], None] = lambda _text: None
    variables: dict[str, str] = field(default_factory=dict)
    floor: Sample | None = None
    _plays: int = 0

    def __post_init__(self) -> None:
        """Make the folder."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "ansible.cfg").touch()
        self.variables = environment(self.folder, self.collections)

    def pick(self, quick: T, full: T) -> T:
        """The value for this size of run."""
        return quick if self.quick else full

    @property
    def curl(self) -> bool:
        """Whether this machine has curl."""
        return shutil.which("curl") is not None

    def emulator(self, stack: ExitStack, **options: Any) -> EmulatorProcess:
        """A running emulator that stops with the stack."""
        return stack.enter_context(EmulatorProcess(**{"sessions": 0, "seed": 1, **options}))

    def measure(self, measured: Measured, contenders: Sequence[Contender | None]) -> Measured:
        """Run the available contenders in turn, and note the missing ones."""
        if not self.curl:
            measured.notes.append("curl is not installed here: its contenders were skipped")
        return in_turn(measured, [one for one in contenders if one], rounds=self.rounds, tell=self.tell)

    # commands

    def play(self, *tasks: Task, hosts: Mapping[str, Any] | None = None, forks: int = 5) -> Callable[[], Sample]:
        """A run of ansible-playbook with these tasks, as a user would start it."""
        self._plays += 1
        stem = self.folder / f"play-{self._plays}"
        play = {"name": "Benchmark", "hosts": "all", "gather_facts": False, "tasks": list(tasks)}
        stem.with_suffix(".yml").write_text(json.dumps([play]), encoding="utf-8")
        inventory = {"all": {"hosts": dict(hosts or {"localhost": {}}), "vars": {"ansible_connection": "local"}}}
        stem.with_suffix(".hosts.json").write_text(json.dumps(inventory), encoding="utf-8")
        command = [str(Path(sys.executable).parent / "ansible-playbook"), "-i", f"{stem}.hosts.json"]
        command += ["--forks", str(forks), f"{stem}.yml"]
        return lambda: timed(command, folder=self.folder, environment=self.variables)

    def command(self, words: Sequence[str], lines: Sequence[str], key: str = "") -> Callable[[], Sample]:
        """A run of a command with these lines as its input."""
        self._plays += 1
        given = self.folder / f"lines-{self._plays}"
        given.write_text("\n".join(lines) + "\n", encoding="utf-8")
        variables = {**self.variables, "BENCHMARK_KEY": key}
        return lambda: timed(words, folder=self.folder, environment=variables, stdin=given)


def noop(bench: Bench) -> Contender:
    """The floor: a play with a module that does nothing. A quick run measures it once for all cases."""
    play = bench.play({"name": "Nothing", "noop": {}})

    def run() -> Sample:
        if bench.floor is None or not bench.quick:
            bench.floor = play()
        return bench.floor

    return Contender("noop", "noop module (the floor)", run)


def on(emulator: EmulatorProcess, key: str, title: str, run: Callable[[], Sample]) -> Contender:
    """The contender, with its requests to one account counted."""
    return Contender(key, title, lambda: counted(emulator, run))


def host(emulator: EmulatorProcess) -> dict[str, Any]:
    """The variables of an account in an inventory."""
    return {"url": emulator.url, "acme_api_key": emulator.admin_key}


def connected(**options: Any) -> dict[str, Any]:
    """Options of a module with the connection options."""
    return {"url": "{{ url }}", "api_key": "{{ acme_api_key }}", **options}

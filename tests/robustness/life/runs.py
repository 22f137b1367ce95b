"""Run cases: an account, something in between, one module, lookup or event source, and what the server is left with."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from emulator.account.clock import parse_time
from emulator.account.session import ENDING
from emulator.fork_server import ForkServer
from emulator.process import EmulatorProcess

from .case import Case, Row

_SETTLED = 6.0
_NO_BULK = ("wait", "wait_timeout", "concurrency")
_PROTECTION = ("protect_owners", "protect_apps", "protect_session_ids")


@dataclass
class Told:
    """What came back: the result of the module (None: none), how it broke down, and all that was printed."""

    result: dict[str, Any] | None
    broken: str
    output: str


@dataclass
class Ran:
    """A case that has run. ``before``: the sessions at its start by id; ``after``: all of them, removed ones too."""

    case: Case
    told: Told
    before: dict[str, Row]
    after: list[Row]
    requests: list[dict[str, Any]]
    now: float
    key: str
    elsewhere: int = 0
    touched: set[str] = field(default_factory=set)  # by other actors, or after a copy was made

    @property
    def changes(self) -> list[dict[str, Any]]:
        """The requests that change something, in order."""
        return [entry for entry in self.requests if entry["method"] != "GET"]


class Decoy:
    """An address that nobody should ask: it counts connections and closes them."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.count = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _address = self._socket.accept()
                self.count += 1
                connection.close()

    def close(self) -> None:
        """Stop."""
        self._socket.close()


class Stage:
    """The process whose forks run modules of one version of the collection."""

    def __init__(self, collections: str, without: str = "") -> None:
        """:param collections: the path on which it is found. :param without: the guard that is taken out."""
        self._folder = Path(tempfile.mkdtemp(prefix="life-"))
        self._socket = str(self._folder / "tasks")
        self._source = self._find_source(collections)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AIMMS_")}
        self._process = subprocess.Popen(
            [sys.executable, "-B", str(Path(__file__).with_name("stage.py")), self._socket, without],
            env=kept | {"PYTHONPATH": collections, "ANSIBLE_COLLECTIONS_PATH": collections, "HOME": str(self._folder)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def __enter__(self) -> Stage:
        """Wait until it is ready."""
        if self._process.stdout is None or not self._process.stdout.readline():
            raise RuntimeError("the collection cannot be imported, or the guard is not there")
        return self

    def __exit__(self, *_error: object) -> None:
        """End it."""
        self._process.communicate()
        shutil.rmtree(self._folder, ignore_errors=True)

    def run(self, entry: str, options: dict[str, Any], environment: dict[str, str]) -> Told:
        """Run one module, lookup or source."""
        task = {"entry": entry, "options": options, "environment": environment, "source": self._source}
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(self._socket)
            with line.makefile("rw", encoding="utf-8") as stream:
                stream.write(json.dumps(task) + "\n")
                stream.flush()
                told = stream.readline()
        return Told(**json.loads(told)) if told else Told(None, "the process ended without a word", "")

    @staticmethod
    def _find_source(collections: str) -> str:
        inside = "extensions/eda/plugins/event_source/stale_sessions.py"
        roots = [Path(entry) / "ansible_collections/aimms/cloud" for entry in collections.split(os.pathsep)]
        return str(next(root / inside for root in (*roots, Path(__file__).parents[3]) if (root / inside).exists()))


class Lane:
    """An emulator and a decoy, for one case after the other."""

    def __init__(self, emulator: EmulatorProcess, decoy: Decoy) -> None:
        self.emulator, self.decoy = emulator, decoy

    def run(self, case: Case, stage: Stage) -> Ran:
        """Run a case."""
        before, touched = self.prepare(case)
        asked = self.decoy.count
        told = self._start(case, stage)
        return self.finish(case, told, before, touched, self.decoy.count - asked)

    def prepare(self, case: Case) -> tuple[dict[str, Row], set[str]]:
        """Make the account. Returns its sessions by id, and the ids of those that moved after a copy was made."""
        emulator, trouble = self.emulator, case.trouble
        settings = {"dialect": case.dialect, "log_subjects": True, **trouble.settings}
        emulator.begin(settings=settings, sessions=case.sessions, faults=trouble.faults, actors=trouble.actors)
        if trouble.later:
            emulator.set(**trouble.later)
        for one, values in case.moves:
            emulator.update_session(one, **values)
        return emulator.state()["sessions"], {one for one, _values in case.moves}

    def options(self, case: Case) -> dict[str, Any]:
        """The options of the case, with the connection."""
        own = dict(case.options)
        url = {} if "account" in own else {"url": self.emulator.url}
        return {**url, "api_key": self.emulator.admin_key, **own}

    def environment(self, case: Case) -> dict[str, str]:
        """The environment of the case."""
        return {name: self.decoy.url if value == "DECOY" else value for name, value in case.environment.items()}

    def _start(self, case: Case, stage: Stage) -> Told:
        options, environment = self.options(case), self.environment(case)
        if case.entry != "plan":
            return stage.run(case.entry, options, environment)
        asked = {name: value for name, value in options.items() if name not in _NO_BULK}
        plan = stage.run("info", asked, environment)
        if plan.result is None or plan.result.get("failed") or not plan.result.get("sessions"):
            return plan
        kept = {
            name: value
            for name, value in options.items()
            if name not in case.options or name in (*_NO_BULK, *_PROTECTION)
        }
        kept |= {
            name: options[name]
            for name in ("retries", "timeout", "max_time", "api_generation", "account")
            if name in options
        }
        return stage.run("plan", {**kept, "sessions": plan.result["sessions"]}, environment)

    def finish(self, case: Case, told: Told, before: dict[str, Row], touched: set[str], elsewhere: int) -> Ran:
        """Wait until all that is under way has happened, and read the truth."""
        emulator, end = self.emulator, time.monotonic() + _SETTLED
        while True:
            state = emulator.state()
            rows = list(state["sessions"].values())
            coming = [row for row in rows if (row["terminate_at"] and row["active"]) or row["state"] in ENDING]
            ignored = case.trouble.settings.get("terminate_ignored")
            if time.monotonic() > end or not (state["pending"] or (coming and not ignored)):
                break
            time.sleep(0.1)
        touched = touched | {one for actor in emulator.actors() for one in actor["did"]}
        after = [*rows, *state["removed"]]
        now = parse_time(state["now"])
        return Ran(case, told, before, after, emulator.requests(), now, emulator.admin_key, elsewhere, touched)


class Lanes:
    """Several lanes at once."""

    def __init__(self, count: int, seed: int) -> None:
        self._stack, self._free = ExitStack(), SimpleQueue[Lane]()
        fork_server = ForkServer(os.environ.get("AIMMS_EMULATOR_PYTHON") or sys.executable)
        self._stack.callback(fork_server.close)
        self.count = count
        for _number in range(count):
            emulator = self._stack.enter_context(EmulatorProcess(sessions=0, seed=seed, fork_server=fork_server))
            decoy = Decoy()
            self._stack.callback(decoy.close)
            self._free.put(Lane(emulator, decoy))

    def __enter__(self) -> Lanes:
        """They run already."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Stop them."""
        self._stack.close()

    def take(self, count: int) -> list[Lane]:
        """Some of them, for as long as they are needed."""
        return [self._free.get() for _number in range(count)]

    def give_back(self, lanes: Iterable[Lane]) -> None:
        """They are free again."""
        for lane in lanes:
            self._free.put(lane)

    def run(self, cases: Iterable[Case], stage: Stage) -> Iterator[Ran]:
        """Run cases, as many at a time as there are lanes."""

        def one(case: Case) -> Ran:
            (lane,) = self.take(1)
            try:
                return lane.run(case, stage)
            finally:
                self.give_back([lane])

        with ThreadPoolExecutor(self.count) as pool:
            yield from pool.map(one, cases)

"""Run cases: an account, something in between, one module, lookup or event source, and what the server is left with."""

from __future__ import annotations

import os
import shutil
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from emulator.account.clock import parse_time
from emulator.account.session import ENDING
from emulator.fork_server import ForkServer
from emulator.process import EmulatorProcess

from ..fork_service import ForkService
from . import deletions, notices, rules
from .archive import Lines, State
from .case import Case, Row
from .shelf import Files, Save, files_of

_SETTLED = 6.0
_NO_BULK = ("wait", "wait_timeout", "concurrency")
_CONNECTION = ("url", "account", "api_key", "retries", "timeout", "max_time", "api_generation")
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
    also: Told | None = None  # of a second run at the same time
    saves: list[Save] = field(default_factory=list)
    files: Files = field(default_factory=dict)  # in the folder of the logs at the end
    logs: dict[str, Lines] = field(default_factory=dict)
    parts: list[Ran] = field(default_factory=list)  # runs one after the other
    part: notices.Part = field(default_factory=notices.Part)
    left: dict[str, list[int]] = field(default_factory=dict)  # the indexes of the tasks at the end, by id

    def each(self) -> list[Ran]:
        """Each of several runs, as if what another one did was somebody else's; else the only one."""
        if self.parts:
            return [one for part in self.parts for one in part.each()]
        if self.also is None:
            return [self]
        return [self._of("admin", self.told), self._of("second", self.also)]

    def _of(self, role: str, told: Told) -> Ran:
        names = ("ended_by", "removed_by")
        after = [{**row, **{name: row[name] and (role if row[name] == role else "another") for name in names}}
                 for row in self.after]  # fmt: skip
        theirs = {row["id"] for row in after if "another" in (row["ended_by"], row["removed_by"])}
        requests = [entry for entry in self.requests if entry["role"] == role]
        return replace(self, told=told, after=after, requests=requests, touched=self.touched | theirs, also=None)

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


class Stage(ForkService):
    """The process whose forks run modules of one version of the collection."""

    def __init__(self, collections: str, without: str = "") -> None:
        """:param collections: the path on which it is found. :param without: the guard that is taken out."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AIMMS_")}
        paths = {"PYTHONPATH": collections, "ANSIBLE_COLLECTIONS_PATH": collections}
        super().__init__(f"{__package__}.stage", kept | paths, without)
        self._source = self._find_source(collections)

    def tell(self, entry: str, options: dict[str, Any], environment: dict[str, str], **more: Any) -> Told:
        """Run one module, lookup or source."""
        task = {"entry": entry, "options": options, "environment": environment, "source": self._source}
        told = self.run({**task, **more})
        return Told(**told) if told else Told(None, "the process ended without a word", "")

    @staticmethod
    def _find_source(collections: str) -> str:
        inside = "extensions/eda/plugins/event_source/stale_sessions.py"
        roots = [Path(entry) / "ansible_collections/aimms/cloud" for entry in collections.split(os.pathsep)]
        return str(next(root / inside for root in (*roots, Path(__file__).parents[3]) if (root / inside).exists()))


class Lane:
    """An emulator, a decoy and a folder, for one case after the other."""

    def __init__(self, emulator: EmulatorProcess, decoy: Decoy, folder: Path) -> None:
        self.emulator, self.decoy = emulator, decoy
        self.folder = folder / "archive"
        self.state: State | None = None

    def run(self, case: Case, stage: Stage) -> Ran:
        """Run a case."""
        if case.notices:
            return notices.run(self, case, case.notices, stage)
        before, touched = self.prepare(case)
        asked, saves = self.decoy.count, list[Save]()
        also: Told | None = None
        if case.twice:
            told, also = self._twice(case, stage)
        else:
            told = self._start(case, stage, saves)
        ran = self.finish(case, told, before, touched, self.decoy.count - asked)
        return replace(ran, also=also, saves=saves)

    def prepare(self, case: Case) -> tuple[dict[str, Row], set[str]]:
        """Make the account. Returns its sessions by id, and the ids of those that moved after a copy was made."""
        emulator, trouble, sessions = self.emulator, case.trouble, case.sessions
        settings = {"dialect": case.dialect, "log_subjects": True, **trouble.settings}
        self.state = None
        for path in self.folder.parent.iterdir():
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink()
        if case.archive:
            self.state = State(case.archive, self.folder, time.time())
            sessions = self.state.sessions(sessions)
            self.state.fill(case.sessions)
        emulator.begin(settings=settings, sessions=sessions, faults=trouble.faults, actors=trouble.actors)
        if trouble.later:
            emulator.set(**trouble.later)
        for one, values in case.moves:
            emulator.update_session(one, **values)
        if trouble.longer and self.state:
            self.state.grow(emulator, case.sessions)
        return emulator.state()["sessions"], {one for one, _values in case.moves}

    def options(self, case: Case) -> dict[str, Any]:
        """The options of the case, with the connection."""
        own = dict(case.options)
        url = {} if "account" in own else {"url": self.emulator.url}
        return {**url, "api_key": self.emulator.admin_key, **own}

    def environment(self, case: Case) -> dict[str, str]:
        """The environment of the case."""
        return {name: self.decoy.url if value == "DECOY" else value for name, value in case.environment.items()}

    def _start(self, case: Case, stage: Stage, saves: list[Save]) -> Told:
        options, environment = self.options(case), self.environment(case)
        if case.entry in ("archive", "retention"):
            return self._with_logs(case, stage, saves)
        if case.entry == "plan of tasks":
            return deletions.by_plan(self, stage, case)
        if case.entry == "plan of policies":
            return rules.by_plan(self, stage, case)
        if case.entry == "plan":
            plan = self._plan(case, stage)
            return stage.tell("plan", self._by_plan(case, plan), environment) if _sessions(plan) else plan
        return stage.tell(case.entry, options, environment, control=f"{self.emulator.url}/_emulator", steps=case.steps)

    def _plan(self, case: Case, stage: Stage) -> Told:
        """What info lists, for a change that follows it."""
        asked = {name: value for name, value in self.options(case).items() if name not in _NO_BULK}
        return stage.tell("info", asked, self.environment(case))

    def _by_plan(self, case: Case, plan: Told) -> dict[str, Any]:
        options = self.options(case)
        names = (*_CONNECTION, *_NO_BULK, *_PROTECTION)
        return {name: options[name] for name in names if name in options} | {"sessions": _sessions(plan)}

    def _twice(self, case: Case, stage: Stage) -> tuple[Told, Told]:
        """The same change at once, with two keys of administrators. Both follow one plan if there is one."""
        options, environment = self.options(case), self.environment(case)
        if case.entry == "plan":
            plan = self._plan(case, stage)
            if not _sessions(plan):
                return plan, plan
            options = self._by_plan(case, plan)
        with ThreadPoolExecutor(2) as pool:
            keys = (self.emulator.admin_key, self.emulator.second_key)
            one, other = (pool.submit(stage.tell, case.entry, {**options, "api_key": key}, environment) for key in keys)
            return one.result(), other.result()

    def _with_logs(self, case: Case, stage: Stage, saves: list[Save]) -> Told:
        """Save the logs of what is listed, once more after something happened; or delete what the role would then."""
        options, environment = self.options(case), self.environment(case)
        if case.entry == "archive":
            plan = self._plan(case, stage)
            if _sessions(plan):
                self._save(case, stage, _sessions(plan), saves, set())
                others = self.state.happen(self.emulator, case.sessions) if self.state else set()
                self._save(case, stage, _sessions(plan), saves, others)
            return plan
        plan = stage.tell("delete", {**options, "_ansible_check_mode": True}, environment)
        records = [row for row in _sessions(plan) if row.get("result") == "would_delete"]
        if not records:
            return plan
        logs = self._save(case, stage, records, saves, set())
        ready = stage.tell("ready", {"records": records, "logs": logs.result or {}}, environment)
        records = _sessions(ready)
        if not records:
            return replace(plan, result={**(plan.result or {}), "changed": False})
        return stage.tell("delete", {**options, "sessions": records}, environment)

    def _save(self, case: Case, stage: Stage, rows: list[Row], saves: list[Save], others: set[str]) -> Told:
        """Save the logs of these records."""
        if case.archive is None or self.state is None:
            raise ValueError("the case has no logs")
        options = {name: value for name, value in self.options(case).items() if name in _CONNECTION}
        options |= {"sessions": rows, "dest": f"{self.folder}/", "compress": case.archive.packed}
        before, logs = files_of(self.folder), dict(self.state.logs)
        told = stage.tell("archive", {**options, "redact": case.archive.redact}, self.environment(case))
        saves.append(Save(told, rows, before, files_of(self.folder), logs, others))
        return told

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
        ran = Ran(case, told, before, after, emulator.requests(), now, emulator.admin_key, elsewhere, touched)
        ran.left = state["tasks"]
        if self.state:
            ran.files, ran.logs = files_of(self.folder), self.state.logs
        return ran


def _sessions(told: Told) -> list[Row]:
    """The sessions of a result; nothing if it has none, or failed."""
    result = told.result or {}
    return [] if result.get("failed") else list(result.get("sessions") or ())


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
            folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="life-")))
            self._free.put(Lane(emulator, decoy, folder))

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

"""Runs gates, two at a time and one of e2e tests beside them, with a log file each; those of one lane in order."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Callable

from .workspace import LOGS, ROOT

WORKERS: tuple[tuple[str, ...], ...] = ((), (), ("e2e",))
"""For each gate that may run at once, the groups it is of; none: any. E2e tests wait for half of their time."""
LONGEST = 2400  # seconds that one command may take
_TAIL = 80
_PYTEST = re.compile(r"^=+ (?=.*\b(passed|failed|errors?|skipped|no tests ran)\b).* in [0-9.]+s.*=+$")
_NOISE = re.compile(
    r"Collecting |Looking in |Using cached |Installing (collected|requirements)|Successfully installed"
    r"|WARNING: Location|\s+(Downloading|Using cached|Preparing|Installing build|Getting requirements|━)|\s*$"
)
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class Failed(Exception):
    """A gate found something."""


class Skipped(Exception):
    """A gate has nothing to do here; the text says why."""


class Log:
    """What one gate's commands print."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
        self.shown: list[str] = []
        self.processor = 0.0
        """Seconds of processor time that the commands took."""

    def run(self, command: Sequence[str | Path], **options: Any) -> None:
        """Run a command with its output in the log; raise Failed unless it exits 0."""
        words = [str(word) for word in command]
        with self.path.open("a") as stream:
            stream.write(f"$ {' '.join(words)}\n")
            stream.flush()
            code, seconds = _call(words, stream, options)
        self.processor += seconds
        if code:
            raise Failed(f"{Path(words[0]).name} ended with {code}")

    def show(self, *lines: str) -> None:
        """Lines to be shown below the gate's own when it passes."""
        self.shown += lines

    def lines(self) -> list[str]:
        """The log so far, without colours."""
        return _COLOUR.sub("", self.path.read_text(errors="replace")).splitlines()


def _call(words: list[str], stream: IO[str], options: dict[str, Any]) -> tuple[int | str, float]:
    """Exit status of a command, and its processor time in seconds.

    It and its children are ended when it takes too long or the run is stopped.
    """
    options = {"cwd": ROOT, **options}
    process = subprocess.Popen(
        words, stdin=subprocess.DEVNULL, stdout=stream, stderr=subprocess.STDOUT, start_new_session=True, **options
    )
    _running.add(process)
    late = threading.Timer(LONGEST, _stop, (process,))
    late.start()
    start = time.monotonic()
    try:
        _pid, status, usage = os.wait4(process.pid, 0)
    finally:
        _running.discard(process)
        late.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    late_by = time.monotonic() - start - LONGEST
    return f"a time-out after {LONGEST} s" if late_by >= 0 else process.returncode, usage.ru_utime + usage.ru_stime


_running: set[subprocess.Popen[Any]] = set()


def _stop(process: subprocess.Popen[Any]) -> None:
    try:
        os.killpg(process.pid, signal.SIGTERM)
        for _tenth in range(100):
            time.sleep(0.1)
            os.killpg(process.pid, 0)
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass  # all of its group have ended


@dataclass
class Gate:
    """One check. When one that `prepares` fails, those behind it in its lane and those that need the lane cannot run.

    ``needs``: the lane whose preparation it waits for.
    """

    name: str
    group: str
    lane: str
    check: Callable[[Log], None]
    prepares: bool = False
    needs: str = ""
    outcome: str = ""
    seconds: float = 0.0
    reason: str = ""

    @property
    def log(self) -> Path:
        """Where the output goes."""
        return LOGS / f"{re.sub(r'[^a-z0-9.]+', '-', self.name.lower())}.log"


class Schedule:
    """Takes gates in order, skipping lanes that are busy."""

    def __init__(self, gates: list[Gate]) -> None:
        self.gates = gates
        self._waiting = list(gates)
        self._busy: set[str] = set()
        self._broken: set[str] = set()
        self._change = threading.Condition()
        self._print = threading.Lock()

    def run(self) -> None:
        """Run every gate to its end. The outcome is in each gate."""
        workers = [threading.Thread(target=self._work, args=(groups,), daemon=True) for groups in WORKERS]
        try:
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()
        except KeyboardInterrupt:
            self._waiting.clear()
            for process in list(_running):
                _stop(process)
            raise

    def _work(self, groups: tuple[str, ...]) -> None:
        while True:
            with self._change:
                gate = self._next(groups)
                while gate is None and self._waiting:
                    self._change.wait()
                    gate = self._next(groups)
                if gate is None:
                    return
            self._one(gate)
            with self._change:
                self._busy.discard(gate.lane)
                self._change.notify_all()

    def _next(self, groups: tuple[str, ...]) -> Gate | None:
        for gate in self._waiting:
            if groups and gate.group not in groups:
                continue
            if gate.lane not in self._busy and not self._unready(gate.needs):
                self._waiting.remove(gate)
                self._busy.add(gate.lane)
                return gate
        return None

    def _unready(self, lane: str) -> bool:
        return any(gate.lane == lane and gate.prepares and not gate.outcome for gate in self.gates)

    def _one(self, gate: Gate) -> None:
        start = time.monotonic()
        log = Log(gate.log)
        if {gate.lane, gate.needs} & self._broken:
            gate.outcome, gate.reason = "failed", "not run, for what it needs has failed"
        else:
            gate.outcome, gate.reason = _judge(gate, log)
        gate.seconds = time.monotonic() - start
        if gate.prepares and gate.outcome == "failed":
            self._broken.add(gate.lane)
        with self._print:
            _report(gate, log)


def _judge(gate: Gate, log: Log) -> tuple[str, str]:
    try:
        gate.check(log)
    except Skipped as reason:
        return "skipped", str(reason)
    except Exception as problem:  # a gate that breaks is a gate that fails; the others go on
        return "failed", str(problem) if isinstance(problem, Failed) else repr(problem)
    return "passed", ""


def _report(gate: Gate, log: Log) -> None:
    """One line; when it failed the end of its output, else what pytest counted and the figures."""
    reason = f": {gate.reason}" if gate.reason else ""
    print(f"{gate.outcome:<7} {gate.seconds:6.1f} s {log.processor:6.1f} s of processor  {gate.name}{reason}")
    if gate.outcome != "failed":
        counted = [line for line in log.lines() if _PYTEST.match(line)]
        print("".join(f"{line}\n" for line in [*counted, *log.shown]), end="", flush=True)
        return
    lines = [line for line in log.lines() if not _NOISE.match(line)]
    if len(lines) > _TAIL:
        print(f"    ... all of it is in {gate.log.relative_to(ROOT)}")
    print("".join(f"    {line}\n" for line in lines[-_TAIL:]), end="", flush=True)

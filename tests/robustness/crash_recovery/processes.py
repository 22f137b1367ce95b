"""Start a command and kill its processes. Linux only: reads /proc."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_KEEPER = Path(__file__).with_name("keeper.py")
_GLANCE = 0.02


@dataclass(frozen=True)
class Process:
    """One process of a run, and its command line."""

    pid: int
    words: tuple[str, ...]

    def runs(self, script: str) -> bool:
        """Whether it is a Python with a script whose name begins so; a shell that starts it does not count."""
        named = any(Path(word).name.startswith(script) for word in self.words[1:])
        return named and "python" in Path(self.words[0]).name


class Running:
    """A started command with all its processes: children, and orphans in any process group."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], folder: Path, name: str) -> None:
        """Start it in ``folder``. Its output goes to the file ``name``.out there."""
        self.output, self._code = folder / f"{name}.out", folder / f"{name}.code"
        keeper = [sys.executable, "-I", "-S", str(_KEEPER), str(self.output), str(self._code), *command]
        self._keeper = subprocess.Popen(keeper, env=dict(environment), cwd=folder, stdout=subprocess.PIPE, text=True)
        self._begun = time.monotonic()
        self.seconds = 0.0
        if self._keeper.stdout is None:
            raise OSError("the keeper has no output")
        with self._keeper.stdout as told:
            self.pid = int(told.readline())

    @property
    def code(self) -> int | None:
        """The exit status of the command (negative: the signal that ended it); None while it runs."""
        return int(self._code.read_text()) if self._code.exists() else None

    def processes(self) -> list[Process]:
        """All living processes of the run, the command itself first."""
        parents: dict[int, list[int]] = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with suppress(OSError):
                    state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
                    if state not in "ZX":
                        parents.setdefault(int(parent), []).append(int(entry.name))
        found, waiting = [], [self._keeper.pid]
        while waiting:
            children = parents.get(waiting.pop(0), [])
            waiting += children
            found += [Process(pid, words) for pid in children if (words := _words(pid))]
        return sorted(found, key=lambda process: process.pid != self.pid)

    def printed(self) -> str:
        """The output so far."""
        return self.output.read_text(encoding="utf-8", errors="replace")

    def ends_within(self, seconds: float, *, with_orphans: bool = False) -> bool:
        """Wait for the end of the command, or of all processes. Returns whether they ended within the time."""
        end = time.monotonic() + seconds
        while self._keeper.poll() is None if with_orphans else self.code is None:
            if time.monotonic() >= end:
                return False
            time.sleep(_GLANCE)
        self.seconds = self.seconds or time.monotonic() - self._begun
        return True

    def strike(self, pid: int, number: int, scope: str) -> bool:
        """Send a signal to a process, to its process ``group``, or to ``all``. Returns whether it existed."""
        if scope == "all":
            struck = pid in {process.pid for process in self.processes()}
            self.end_all(number)
            return struck
        if pid not in {process.pid for process in self.processes()}:
            return False
        try:
            if scope == "group":
                os.killpg(os.getpgid(pid), number)
            else:
                os.kill(pid, number)
        except ProcessLookupError:
            return False
        return True

    def end_all(self, number: int = signal.SIGKILL) -> None:
        """Send a signal to all processes; SIGKILL is repeated until none is left."""
        while processes := self.processes():
            for process in processes:
                with suppress(ProcessLookupError):
                    os.kill(process.pid, number)
            if number != signal.SIGKILL:
                return
            time.sleep(_GLANCE)


def _words(pid: int) -> tuple[str, ...]:
    try:
        return tuple(Path(f"/proc/{pid}/cmdline").read_text(errors="replace").rstrip("\0").split("\0"))
    except OSError:
        return ()

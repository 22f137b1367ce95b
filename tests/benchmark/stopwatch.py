"""Run a command and measure its time, processor time and the memory of its Python processes."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

LONGEST = 1800.0
_CONTROLLER = "ansible-playbook"
_OWN_LINES = 30


class Broken(Exception):
    """A contender failed or did not complete its work."""


@dataclass
class Sample:
    """One run. Times are in seconds, memory in MiB. ``cpu``: of the command and of all processes that it waited for."""

    seconds: float
    cpu: float = 0.0
    module_peak: float = 0.0
    controller_peak: float = 0.0
    requests: dict[str, int] = field(default_factory=dict)
    output: str = field(default="", repr=False)


def timed(command: Sequence[str], *, folder: Path, environment: Mapping[str, str], stdin: Path | None = None) -> Sample:
    """Run a command. Raises Broken if it does not exit with 0."""
    memory, said = folder / "memory", folder / "output"
    memory.unlink(missing_ok=True)
    with said.open("wb") as output, (stdin or Path(os.devnull)).open("rb") as given:
        begun = time.perf_counter()
        process = subprocess.Popen(
            list(command), cwd=folder, env={**environment, "BENCHMARK_MEMORY": str(memory)}, stdin=given,
            stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        patience = threading.Timer(LONGEST, _end, (process.pid,))
        patience.daemon = True
        patience.start()
        try:
            _pid, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            _end(process.pid)
            raise
        finally:
            patience.cancel()
        seconds = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    text = said.read_text(encoding="utf-8", errors="replace")
    if process.returncode:
        last = "\n".join(text.splitlines()[-_OWN_LINES:])
        raise Broken(f"{Path(command[0]).name} ended with {process.returncode}:\n{last[-3000:]}")
    module, controller = _peaks(memory)
    return Sample(seconds, usage.ru_utime + usage.ru_stime, module, controller, {}, text)


def _end(process: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process, signal.SIGKILL)


def _peaks(memory: Path) -> tuple[float, float]:
    """The highest peak memory of a module's process, and that of ansible-playbook, in MiB."""
    if not memory.exists():
        return 0.0, 0.0
    rows = [line.split(" ", 2) for line in memory.read_text().splitlines()]
    found = {True: 0.0, False: 0.0}
    for peak, _pid, name in rows:
        of_controller = name == _CONTROLLER
        found[of_controller] = max(found[of_controller], int(peak) / 1024)
    return found[False], found[True]

"""What a user would write without the collection."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Callable

from ..emulator.process import EmulatorProcess
from .bench import Bench, Task, host
from .stopwatch import Sample

_SCRIPT = str(Path(__file__).resolve().parent / "scripts/by_requests.py")
_LOOP = (
    'while read -r address; do curl -fsS -o /dev/null -X "$0" -H "apiKey: $BENCHMARK_KEY" "$address" || exit 1; done'
)
_AT_ONCE = 'exec xargs -P"$1" -n1 curl -fsS -o /dev/null -X "$0" -H "apiKey: $BENCHMARK_KEY"'
Run = Callable[[], Sample]


def uri(bench: Bench, emulator: EmulatorProcess, addresses: Sequence[str], method: str = "GET") -> Run:
    """``ansible.builtin.uri`` in a loop over the URLs; the results are registered."""
    options: dict[str, Any] = {
        "url": "{{ item }}" if len(addresses) > 1 else addresses[0],
        "method": method, "headers": {"apiKey": "{{ acme_api_key }}"}, "status_code": [200, 202, 204],
    }  # fmt: skip
    task: Task = {"name": "By uri", "ansible.builtin.uri": options, "register": "answers"}
    if len(addresses) > 1:
        task.update(loop=list(addresses))
    return bench.play(task, hosts={"localhost": host(emulator)})


def curl_loop(bench: Bench, emulator: EmulatorProcess, addresses: Sequence[str], method: str = "GET") -> Run:
    """A shell loop of curl."""
    return bench.command(["sh", "-c", _LOOP, method], addresses, emulator.admin_key)


def curl_at_once(
    bench: Bench, emulator: EmulatorProcess, addresses: Sequence[str], method: str = "GET", workers: int = 16
) -> Run:
    """``xargs -P16 curl``."""
    return bench.command(["sh", "-c", _AT_ONCE, method, str(workers)], addresses, emulator.admin_key)


def script(
    bench: Bench, emulator: EmulatorProcess, addresses: Sequence[str], method: str = "GET", workers: int = 1
) -> Run:
    """A script with ``requests``, sequential or with a thread pool."""
    return bench.command([sys.executable, _SCRIPT, method, str(workers)], addresses, emulator.admin_key)

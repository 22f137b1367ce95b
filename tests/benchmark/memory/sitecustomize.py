"""Writes the peak memory (VmHWM, KiB) of every Python that ends to the file that BENCHMARK_MEMORY names.

Not ru_maxrss: that can carry the parent's over into a new program.
"""

from __future__ import annotations

import atexit
import os
import sys


def _note() -> None:
    with open("/proc/self/status", encoding="ascii") as status:  # noqa: PTH123  pathlib would be memory of its own
        peak = next((line.split()[1] for line in status if line.startswith("VmHWM:")), "0")
    name = sys.argv[0].rpartition("/")[2] if sys.argv else ""
    line = f"{peak} {os.getpid()} {name}\n".encode()
    target = os.open(os.environ["BENCHMARK_MEMORY"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(target, line)
    os.close(target)


if "BENCHMARK_MEMORY" in os.environ and sys.platform == "linux":
    atexit.register(_note)

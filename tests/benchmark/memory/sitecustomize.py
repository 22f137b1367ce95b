"""Write the peak memory (VmHWM, KiB) of each Python process at its end to the file in BENCHMARK_MEMORY.

Not ru_maxrss: a new program may inherit its parent's value.
"""

from __future__ import annotations

import atexit
import os
import sys


def _note() -> None:
    with open("/proc/self/status", encoding="ascii") as status:  # noqa: PTH123  importing pathlib would add memory
        peak = next((line.split()[1] for line in status if line.startswith("VmHWM:")), "0")
    name = sys.argv[0].rpartition("/")[2] if sys.argv else ""
    line = f"{peak} {os.getpid()} {name}\n".encode()
    target = os.open(os.environ["BENCHMARK_MEMORY"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(target, line)
    os.close(target)


if "BENCHMARK_MEMORY" in os.environ and sys.platform == "linux":
    atexit.register(_note)

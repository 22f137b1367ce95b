"""Adopts all that a command starts: `python keeper.py OUTPUT CODE COMMAND ...`.

What the command leaves behind when it is killed becomes a child of this process and not of init, whatever session or
process group it is in; so everything of the run is below one process, and this one ends when all of it has.
It prints the command's process id, and writes its exit status to CODE as soon as there is one. Linux only.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36


def main() -> int:
    """Run the command, and wait for it and for its orphans."""
    output, code, *command = sys.argv[1:]
    if ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise SystemExit("the kernel does not let a process adopt orphans")
    with Path(output).open("wb") as stream:
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=stream, stderr=subprocess.STDOUT, start_new_session=True
        )
    print(child.pid, flush=True)
    while True:
        try:
            pid, status = os.wait()
        except ChildProcessError:
            return 0
        if pid == child.pid:
            partial = Path(code + ".new")
            partial.write_text(str(os.waitstatus_to_exitcode(status)))
            partial.replace(code)


if __name__ == "__main__":
    sys.exit(main())

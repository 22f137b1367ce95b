"""Adopt all processes that a command starts: `python keeper.py OUTPUT CODE COMMAND ...`.

Orphans of the command, in any session or process group, become children of this process instead of init. So all
processes of the run are below this one, which ends when all of them have ended. It prints the command's process id, and
writes its exit status to CODE as soon as there is one. Linux only.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36


def main() -> int:
    """Run the command, and wait for it and its orphans."""
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

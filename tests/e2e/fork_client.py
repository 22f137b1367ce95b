# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands for Python where Ansible starts a module: hands it to the server in module_forks.py, and ends as it ends.

`python -I -S fork_client.py` starts in a quarter of Python's usual time, without what ``socket`` imports. Python itself
runs what has arguments, and everything where there is no server.
"""

import _signal
import _socket
import os
import sys

NUMBER = 4  # bytes of a number
_PASSED_ON = (_signal.SIGTERM, _signal.SIGINT, _signal.SIGHUP)


def _connected():
    """A connection to the server; None if there is none."""
    line = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    try:
        line.connect(os.environ["MODULE_FORKS"])
    except (KeyError, OSError):
        return None
    return line


def _number(line):
    told = line.recv(NUMBER, _socket.MSG_WAITALL)
    if len(told) < NUMBER:
        sys.exit("the server of forks has ended")
    return int.from_bytes(told, sys.byteorder, signed=True)


def main():
    """Exit code or signal: that of the module."""
    line = None if sys.argv[1:] else _connected()
    if line is None:
        os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
    early, pass_on = [], []
    for signal in _PASSED_ON:
        _signal.signal(signal, lambda number, _frame: pass_on[0](number) if pass_on else early.append(number))
    handed = (0, 1, 2, os.open(".", os.O_RDONLY))
    numbers = b"".join(number.to_bytes(NUMBER, sys.byteorder) for number in handed)
    line.sendmsg([b"."], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, numbers)])
    place = (b"%d" % os.umask(0), *(name + b"=" + value for name, value in os.environb.items()))
    message = b"\0".join(place)
    line.sendall(len(message).to_bytes(NUMBER, sys.byteorder) + message)
    child = _number(line)
    pass_on.append(lambda number: os.kill(child, number))
    for number in early:
        os.kill(child, number)
    code = _number(line)
    if code < 0:
        if -code != _signal.SIGKILL:
            _signal.signal(-code, _signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)


if __name__ == "__main__":
    main()

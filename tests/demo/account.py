# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Show the sessions and requests of the emulated account: ``python -m tests.demo.account URL overview|requests``."""

from __future__ import annotations

import json
import sys
import urllib.request
from collections import Counter
from typing import Any


def _control(url: str, path: str, method: str = "GET") -> Any:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(urllib.request.Request(f"{url}/_emulator{path}", method=method), timeout=30) as answer:
        return json.loads(answer.read())


def overview(url: str) -> str:
    """The numbers of sessions and of active ones, as text."""
    state = _control(url, "/state")
    active = [session for session in state["sessions"].values() if session["active"]]
    kinds = ", ".join(f"{number} {kind}" for kind, number in sorted(Counter(one["kind"] for one in active).items()))
    owners = len({session["owner"] for session in active})
    return f"{state['count']} sessions, {len(active)} of them active: {kinds}; of {owners} owners."


def requests(url: str) -> str:
    """The numbers of requests since the last call, of changing ones, and of active sessions, as text."""
    log = _control(url, "/requests")
    _control(url, "/requests", "DELETE")
    changing = sum(entry["method"] != "GET" for entry in log)
    return f"{len(log)} {changing} {_control(url, '/state?summary=1')['active']}"


if __name__ == "__main__":
    print({"overview": overview, "requests": requests}[sys.argv[2]](sys.argv[1]))

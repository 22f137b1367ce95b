# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulator is fast enough not to limit a benchmark: its processor time beside that of the JSON it writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from emulator.process import EmulatorProcess
from plain_client import MANAGER, ask, cost_of_pages

PAGES = 400
LINES = 200_000
MOST = 10
"""What a page may cost, in times what it costs to read and write its JSON (0.3 ms): some 300 pages a second."""
MOST_OF_LINES = 40
"""The same of a page of a log, whose JSON is a fifth as long."""
pytestmark = pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="the emulator's processor time is read from /proc"
)


def test_pages_of_100_from_100_000_sessions(start: Any) -> None:
    emulator = start(sessions=100_000)
    targets = [f"{MANAGER}/sessions/webui?limit=100&offset={number * 37 % 40_000}" for number in range(PAGES)]
    assert len(ask(emulator, "GET", targets[-1]).body) > 10_000
    factor = cost_of_pages(emulator, targets)
    print(f"\na page costs {factor:.1f} times its JSON")
    assert factor <= MOST


@pytest.mark.parametrize("word", ["", "heartbeat"])
def test_pages_of_100_from_200_000_lines(start: Any, word: str) -> None:
    """The last pages cost as little as the first, and with a filter as little as without."""
    emulator = start(sessions=0)
    session = emulator.add_session(kind="webui", log_count=LINES, age=7200, quiet=1)
    path = f"{MANAGER}/sessions/webui/{session['id']}/logs?limit=100{word and '&contains='}{word}"
    found = _matches(emulator, path)
    for first in (0, found - 10_000):
        factor = cost_of_pages(emulator, [f"{path}&offset={first + place}" for place in range(0, 10_000, 100)])
        print(f"\n{word or 'all'} from line {first}: a page costs {factor:.1f} times its JSON")
        assert factor <= MOST_OF_LINES


def _matches(emulator: EmulatorProcess, path: str) -> int:
    """How many lines there are, looked for by halves; at least 20,000."""
    least, most = 20_000, LINES
    assert ask(emulator, "GET", f"{path}&offset={least}").json()["items"]
    while most - least > 100:
        middle = (least + most) // 2
        least, most = (
            (middle, most) if ask(emulator, "GET", f"{path}&offset={middle}").json()["items"] else (least, middle)
        )
    return least + 1

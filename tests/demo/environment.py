# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a command in a separate environment below .build: ``python3 -m tests.demo.environment COMMAND…``."""

from __future__ import annotations

import os
import sys

from ..gates.pythons import NoPython, choose, find
from ..gates.schedule import Failed, Log
from ..gates.workspace import LOGS, Space, Venv, core_requirement, requirement_lines


def prepare() -> dict[str, str]:
    """Make the environment and a copy of the collection. Returns the variables for a command. Raises Failed."""
    pair = choose(find())[-1]
    lines = [core_requirement(pair), *requirement_lines("meta/ee-requirements.txt", "tests/requirements/emulator.txt")]
    venv = Venv("demo", pair.python, lines)
    venv.ensure(Log(LOGS / "demo.log").run)
    space = Space("demo")
    space.refresh()
    return space.environment(venv, pair.python)


def main() -> None:
    """Replace this process by the command. Exit status 1 if the environment cannot be made."""
    try:
        variables = prepare()
    except (Failed, NoPython) as problem:
        sys.exit(f"{problem}. See {LOGS / 'demo.log'}")
    os.execvpe(sys.argv[1], sys.argv[1:], variables)


if __name__ == "__main__":
    main()

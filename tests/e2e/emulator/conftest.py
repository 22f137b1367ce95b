"""Fixtures of the emulator's tests."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from emulator.fork_server import ForkServer
from emulator.process import EmulatorProcess

Start = Callable[..., EmulatorProcess]


@pytest.fixture
def start(fork_server: ForkServer) -> Iterator[Start]:
    """Starts emulators with options, if none names another one in the dialect `current`. All stop after the test."""
    running: list[EmulatorProcess] = []

    def begin(**options: Any) -> EmulatorProcess:
        if "generation" not in options:
            options = {"dialect": "current", **options}
        running.append(EmulatorProcess(fork_server=fork_server, **{"sessions": 60, **options}).start())
        return running[-1]

    yield begin
    for process in running:
        process.stop()

# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times in tests that hold on a loaded machine: wait for the event, or compare with what was measured beside it.

``tests/unit/test_timing_rules.py`` refuses fixed times outside this file.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Callable, TypeVar

Made = TypeVar("Made")

PATIENCE = 120.0
"""Seconds to wait for what must come. Only a test that fails waits as long, so the number is generous."""

_GLANCE = 0.02
_TRIES = 5


def until(condition: Callable[[], Made], said: Callable[[], str] = str, seconds: float = PATIENCE) -> Made:
    """Ask ``condition`` every 20 ms until its value is true; returns the value.

    :param said: what the failure says when it never becomes true.
    """
    end = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < end, f"did not come true in {seconds:.0f} s {said()}"
        time.sleep(_GLANCE)


def kept_waiting() -> float:
    """Seconds that this thread was ready to run while the processors did something else; 0 where no system tells."""
    try:
        return int(Path("/proc/thread-self/schedstat").read_text(encoding="ascii").split()[1]) / 1e9
    except (OSError, IndexError):
        return 0.0


@contextmanager
def within(seconds: float, at_least: float = 0.0) -> Iterator[None]:
    """Fails when the block takes longer than ``seconds``, or shorter than ``at_least``.

    The time for which other processes kept this thread waiting does not count against the upper bound.
    """
    waited, start = kept_waiting(), time.monotonic()
    yield
    taken = time.monotonic() - start
    late = kept_waiting() - waited
    assert at_least <= taken, f"took only {taken:.2f} s"
    assert taken - late <= seconds, f"took {taken:.2f} s, kept waiting for {late:.2f} s of them"


def cost(work: Callable[[], object]) -> float:
    """Seconds of processor time that this thread needs for ``work``. Coverage does not count: it slows Python only."""
    tracing = sys.gettrace()
    sys.settrace(None)
    try:
        start = time.thread_time()
        work()
        return time.thread_time() - start
    finally:
        sys.settrace(tracing)


@contextmanager
def cheap(times: float, reference: float) -> Iterator[None]:
    """Fails when this thread needs more than ``times`` the processor time ``reference`` for the block."""
    start = time.thread_time()
    yield
    needed = time.thread_time() - start
    assert needed <= times * reference, f"cost {needed:.3f} s, {needed / reference:.0f} times the reference"


def costs_at_most(times: float, work: Callable[[], object], reference: Callable[[], object]) -> None:
    """Fails unless ``work`` needs at most ``times`` the processor time of ``reference``.

    The two are measured in turn, because what else the machine does slows both. The least of each counts.
    """
    least, beside = float("inf"), float("inf")
    for _try in range(_TRIES):
        least, beside = min(least, cost(work)), min(beside, cost(reference))
        if least <= times * beside:
            return
        if least > 5 * times * beside:
            break
    raise AssertionError(f"cost {least:.3f} s, {least / beside:.1f} times the reference ({beside:.3f} s)")
